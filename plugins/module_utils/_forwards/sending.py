# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How a forward gets to the server: request after request, read back, and tried once more after a look.

The writes of all subscribers block one another on the platform, and those that bring a set along deadlock there
(contract: call forwards, section 8). So there is one writer, and what failed is repeated in a way that cannot deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Callable

from .._api.refusals import MAPPING_COLLISION
from .._api.transport import backoff
from .._errors import FaxError, LostResponseError, NotFoundError, ServerError, UnreachableError, UnverifiedError
from .._settings.outcomes import CHANGED, Outcome, identified, planned
from .._subscribers.subscriber import Subscriber
from .forward_ways import Work
from .reading import read_set, read_situation
from .recipe import SETS, Goal, Step, applied, shown, steps_to
from .requests import create_set, send_step
from .situation import SET_NAME, DestinationSet, Situation

if TYPE_CHECKING:
    from .._settings.ways import Course

# How often the requests for a subscriber are begun: once, and once more after a look at what became of the first ones.
_TRIES = 2


class _ForeignSetError(FaxError):
    """A set has changed hands since it was read; nothing of it was touched."""

    code = "set_changed"
    retryable = True


# How much may have been written: certainly nothing; nothing, if the platform has rolled back what it says that it has;
# something.
_NOTHING, _ROLLED_BACK, _SOMETHING = range(3)


class _Sent:
    """What may have been written for one subscriber so far. It is the context in which each write is sent.

    :param created: the ids of sets that were created, which are known to be there.
    """

    def __init__(self) -> None:
        self._is_under_way = False
        self._degree = _NOTHING
        self.created: list[int] = []
        self._known: set[int] | None = None

    def __enter__(self) -> _Sent:
        self._is_under_way = True
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            self._is_under_way, self._degree = False, _SOMETHING

    def create(self, work: Callable[[], int]) -> int:
        """Send a write that creates a set, and return the id of that."""
        self._is_under_way = True
        set_id = work()
        self._is_under_way = False
        self.created.append(set_id)
        return set_id

    def note_failure(self, error: FaxError) -> None:
        """Note why the requests were broken off: by the failure of the write under way, or of a look before one."""
        if self._is_under_way and not _is_settled(error):
            self._degree = max(self._degree, _ROLLED_BACK if _is_rolled_back(error) else _SOMETHING)
        self._is_under_way = False

    def note_look(self, found: Situation) -> None:
        """Note what there is after a failure. A set that nobody is known to have created may be another run's."""
        ours = {one.id for one in found.our_sets}
        if self._known is not None and ours.difference(self._known, self.created):
            self._degree = _SOMETHING
        self._known = ours

    @property
    def is_nothing(self) -> bool:
        """Whether certainly nothing was written."""
        return self._degree == _NOTHING and not self.created

    @property
    def is_rolled_back(self) -> bool:
        """Whether nothing but sets was written if what there is now is what there was before."""
        return self._degree <= _ROLLED_BACK


class ForwardSender:
    """Writes the forwards of one subscriber after the other.

    What was written is always read back: somebody who changes forwards on the platform's pages at the same time writes
    back all of them as they were before.
    """

    def __init__(self, course: Course) -> None:
        self._course = course

    def apply(self, outcome: Outcome) -> None:
        """Write what is planned for one subscriber, and note in the outcome what the server has then.

        :raises FaxError: nothing was written.
        :raises UnverifiedError: something was or may have been written, and the forward is not as declared, or that
            is not known.
        """
        work: Work = planned(outcome).work
        subscriber = identified(outcome)._replace(primary_number=work.number)
        found = self._write(subscriber, work)
        found = self._delete_sets(subscriber, work.goal, found)
        outcome.stored, outcome.status = shown(found, work.goal), CHANGED

    # ---- mappings, and what is in our sets

    def _write(self, subscriber: Subscriber, work: Work) -> Situation:
        """Send everything but deletions, and return what there is afterwards."""
        steps: Sequence[Step] = work.steps
        sent = _Sent()
        for attempt in range(_TRIES):
            try:
                for step in _without_deletions(steps):
                    self._send(subscriber, step, sent, is_again=attempt > 0)
            except FaxError as error:
                sent.note_failure(error)
                if sent.is_nothing and not isinstance(error, _ForeignSetError):
                    raise
                found = self._look(subscriber, error, sent)
                sent.note_look(found)
                steps = _remaining(work.goal, found, error, sent)
                if not _without_deletions(steps):
                    return found
                if attempt + 1 == _TRIES or self._course.is_stopped() or not _may_pass(error):
                    self._take_back(subscriber, error, sent, found)
                    raise _unfinished(error, sent) from error
                self._course.client.counters.count_retry()
                self._course.interruption.pause(error.retry_after or backoff(attempt))
            else:
                self._course.pace.succeeded()
                return self._verified(subscriber, work.goal)
        raise ValueError("there is always a last try")

    def _send(self, subscriber: Subscriber, step: Step, sent: _Sent, is_again: bool) -> None:
        if step.resource == SETS:
            self._check_is_ours(subscriber, step.item_id)
        if is_again:
            step = self._with_its_set(subscriber, step, sent)
        with sent:
            send_step(self._course.client, step)

    def _check_is_ours(self, subscriber: Subscriber, set_id: int) -> DestinationSet:
        """Return a set as it is now: an id can come back for another subscriber's set.

        :raises _ForeignSetError: it is not ours any more.
        """
        one = read_set(self._course.client, subscriber, set_id)
        if one is None or one.owner != subscriber.id or one.name != SET_NAME:
            raise _ForeignSetError(f"Destination set {set_id} was changed by somebody else in the meantime")
        return one

    def _with_its_set(self, subscriber: Subscriber, step: Step, sent: _Sent) -> Step:
        """Return a step that names a set by its id, created before if it would have brought it along: then nothing can
        deadlock."""
        return step._replace(patch=tuple(self._by_id(subscriber, operation, sent) for operation in step.patch))

    def _by_id(self, subscriber: Subscriber, operation: Mapping[str, Any], sent: _Sent) -> Mapping[str, Any]:
        value = operation.get("value")
        if isinstance(value, list):
            return {**operation, "value": [self._mapping_by_id(subscriber, one, sent) for one in value]}
        return {**operation, "value": self._mapping_by_id(subscriber, value, sent)}

    def _mapping_by_id(self, subscriber: Subscriber, value: Any, sent: _Sent) -> Any:
        if not isinstance(value, Mapping) or "destinationset" not in value:
            return value
        rest = {name: one for name, one in value.items() if name != "destinationset"}
        set_id = sent.create(partial(create_set, self._course.client, subscriber.id, value["destinationset"]))
        # The platform would map the subscriber to anybody's set, and the faxes would be somebody else's.
        self._check_is_ours(subscriber, set_id)
        return {"destinationset_id": set_id, **rest}

    def _look(self, subscriber: Subscriber, error: FaxError, sent: _Sent) -> Situation:
        """Return what there is after a failure.

        :raises UnverifiedError: it cannot be read, and something may have been written.
        :raises FaxError: it cannot be read; nothing was written.
        """
        if isinstance(error, (ServerError, LostResponseError)):
            self._course.pace.choked()
        if error.halts:
            raise _unfinished(error, sent) from error
        if sent.is_nothing:
            return self._situation(subscriber)
        return self._read(subscriber, error.message, error.http_status)

    def _verified(self, subscriber: Subscriber, goal: Goal) -> Situation:
        """Return what there is after requests that all went well.

        :raises UnverifiedError: it is something else than was asked for.
        """
        found = self._read(subscriber, "The server accepted the write")
        try:
            rest = _without_deletions(steps_to(goal, found))
        except FaxError as conflict:
            raise _interfered(f"The server accepted the write, but afterwards: {conflict.message}") from conflict
        if rest:
            raise _interfered("The server accepted the write, but the call forward is not as declared afterwards")
        return found

    def _read(self, subscriber: Subscriber, before: str, http_status: int | None = None) -> Situation:
        try:
            return self._situation(subscriber)
        except FaxError as failure:
            raise UnverifiedError(
                f"{before}; reading the call forwards failed: {failure.message}",
                http_status=http_status if http_status is not None else failure.http_status,
                hint="The write may or may not have been applied. Run the task again; it compares first.",
            ) from failure

    def _situation(self, subscriber: Subscriber) -> Situation:
        return read_situation(self._course.client, subscriber, 1 if self._course.outage.suspected else None)

    # ---- sets that nothing uses any more

    def _delete_sets(self, subscriber: Subscriber, goal: Goal, found: Situation) -> Situation:
        """Delete our sets that nothing uses any more, by what was read just now, and return what there is then."""
        deletions = [step for step in steps_to(goal, found) if step.method == "DELETE"]
        for step in deletions:
            self._delete(subscriber, step, "The call forward is as declared")
        return applied(deletions, found)

    def _take_back(self, subscriber: Subscriber, error: FaxError, sent: _Sent, found: Situation) -> None:
        """Delete the sets that were created in vain; not where a write may still come to use them.

        :raises UnverifiedError: one may still be there.
        """
        if not sent.is_rolled_back:
            return
        for set_id in list(sent.created):
            one = found.sets.get(set_id)
            if one is not None and found.is_ours(set_id) and not (found.uses(set_id) or one.usage):
                self._delete(subscriber, Step("DELETE", SETS, set_id), error.message)
                sent.created.remove(set_id)

    def _delete(self, subscriber: Subscriber, step: Step, before: str) -> None:
        """Delete one set.

        :param before: what is known of the forward.
        :raises UnverifiedError: it may still be there.
        """
        for attempt in range(_TRIES):
            try:
                send_step(self._course.client, step)
                return
            except NotFoundError:
                return
            except FaxError as error:
                if error.halts or attempt + 1 == _TRIES:
                    raise _left_behind(step, error, before) from error
                if not self._is_still_there(subscriber, step, error, before):
                    return
                self._course.client.counters.count_retry()
                self._course.interruption.pause(error.retry_after or backoff(attempt))

    def _is_still_there(self, subscriber: Subscriber, step: Step, error: FaxError, before: str) -> bool:
        try:
            one = self._check_is_ours(subscriber, step.item_id)
        except _ForeignSetError:
            return False
        except FaxError as failure:
            raise _left_behind(step, error, before) from failure
        return not one.usage


def _without_deletions(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if step.method != "DELETE"]


def _remaining(goal: Goal, found: Situation, error: FaxError, sent: _Sent) -> list[Step]:
    """Return what is still to be done after a failure.

    :raises UnverifiedError: what is there now stands in the way, and something may have been written.
    :raises FaxError: what is there now stands in the way; nothing was written.
    """
    try:
        return steps_to(goal, found)
    except FaxError as conflict:
        if sent.is_nothing:
            raise
        raise _interfered(f"{error.message}; afterwards: {conflict.message}", error.http_status) from conflict


def _is_settled(error: FaxError) -> bool:
    """Return whether an error says that nothing was written: the API itself refused it, or it never left."""
    return isinstance(error, UnreachableError) or (error.from_api and not _may_pass(error))


def _is_rolled_back(error: FaxError) -> bool:
    """Return whether an error is the API's own about its database: the write was undone."""
    return error.from_api and (error.http_status == 500 or MAPPING_COLLISION in error.message)


def _may_pass(error: FaxError) -> bool:
    """Return whether the same write may succeed after a look."""
    if isinstance(error, (ServerError, LostResponseError, _ForeignSetError)):
        return True
    return error.http_status == 422 and MAPPING_COLLISION in error.message


def _unfinished(error: FaxError, sent: _Sent) -> FaxError:
    """Return the error for a forward that is still not as declared."""
    if sent.is_rolled_back and not sent.created:
        return error
    return UnverifiedError(
        f"{error.message}; afterwards the call forward was not as declared",
        http_status=error.http_status,
        hint="Part of it may have been written, or may still be written later. Run the task again; it compares first.",
    )


def _interfered(message: str, http_status: int | None = None) -> UnverifiedError:
    return UnverifiedError(
        message,
        code="stored_differently",
        http_status=http_status,
        hint="Somebody else is changing the same subscriber's call forwards. Run the task again; it compares first.",
    )


def _left_behind(step: Step, error: FaxError, before: str) -> UnverifiedError:
    return UnverifiedError(
        f"{before}, but destination set {step.item_id}, which is not used, may still be there: {error.message}",
        http_status=error.http_status,
        hint="Run the task again to delete the set.",
    )
