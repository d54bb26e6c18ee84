# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From declarations to settings on the server: resolve, read, plan, guard, apply, verify.

Everything is read and planned before the first write, so that wrong input and wrong playbooks write nothing.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._declarations import Declaration, reject_duplicates
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    InputError,
    InputErrors,
    LostAnswerError,
    ProtocolError,
    ServerError,
    TooManyChangesError,
    UnreachableError,
    UnverifiedError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._parallel import Pace, run_parallel
from ansible_collections.ngcp.fax.plugins.module_utils._plan import Plan, Policy, deviations, is_satisfied, make_plan
from ansible_collections.ngcp.fax.plugins.module_utils._reading import read_settings
from ansible_collections.ngcp.fax.plugins.module_utils._resources import Resource
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers import Subscriber, resolve
from ansible_collections.ngcp.fax.plugins.module_utils._transport import backoff
from ansible_collections.ngcp.fax.plugins.module_utils._values import canonical_settings

CHANGED = "changed"
UNCHANGED = "unchanged"
FAILED = "failed"
UNVERIFIED = "unverified"
NOT_ATTEMPTED = "not_attempted"
STATUSES = (CHANGED, UNCHANGED, FAILED, UNVERIFIED, NOT_ATTEMPTED)

STOP = "stop"

# Answers of a server or proxy that is down as a whole, and after how many of them in a row a run ends.
_OUTAGE = frozenset((502, 503, 504))
_OUTAGES_TO_HALT = 5


@dataclass(frozen=True)
class Options:
    """How to go about it.

    :param policy: how the declarations are meant.
    :param check: predict only; nothing is written.
    :param max_changes: most subscribers that may change: a number, or a percentage such as ``"10%"``; None for all.
    :param on_error: ``continue`` with the other subscribers after a failure, or ``stop``.
    """

    policy: Policy
    check: bool = False
    max_changes: str | None = None
    on_error: str = "continue"


@dataclass
class Outcome:
    """What became of one declaration.

    :param status: one of ``STATUSES``.
    :param plan: what was to be done, where it got that far.
    :param stored: canonical settings as the server has them after the run (check mode: as predicted), where known; of
        a subscriber that needs no change they are made only when they are asked for, from the ``document``.
    :param document: what the server sent, where a glance at it showed that nothing has to be done.
    :param error: why it failed, is unverified, or was not attempted.
    """

    declaration: Declaration
    subscriber: Subscriber | None = None
    status: str = NOT_ATTEMPTED
    plan: Plan | None = None
    stored: dict[str, Any] | None = None
    document: dict[str, Any] | None = None
    error: FaxError | None = None

    def settings(self, resource: Resource) -> dict[str, Any] | None:
        """Return the canonical settings that the server has after the run (check mode: as predicted), where known."""
        if self.stored is None and self.document is not None:
            self.stored = canonical_settings(resource, self.document)
        return self.stored

    def meant(self, resource: Resource) -> Mapping[str, Any] | None:
        """Return the canonical settings as the declaration wants them, where it got as far as a comparison."""
        return self.plan.after if self.plan is not None else self.settings(resource)

    def fail(self, error: FaxError, status: str = FAILED) -> None:
        """Note that it did not work."""
        self.status, self.error = status, error


@dataclass
class Report:
    """What became of all declarations, in the order of the input.

    :param error: why the run as a whole stopped or was refused, if it was.
    """

    outcomes: list[Outcome]
    error: FaxError | None = None
    warnings: list[str] = field(default_factory=list)


def reconcile(
    client: Client,
    resource: Resource,
    declarations: Sequence[Declaration],
    options: Options,
    known: Sequence[Subscriber] | None = None,
) -> Report:
    """Bring the settings of all declared subscribers in line with the declarations, and report.

    :param known: the subscribers of the declarations, in the same order, where they are known already.
    :raises InputErrors: subscribers that are named twice or by contradictory keys; nothing was written.
    """
    outcomes = [Outcome(declaration) for declaration in declarations]
    report = Report(outcomes)
    try:
        _resolve(client, outcomes, known)
        _read_and_plan(client, resource, outcomes, options.policy)
        _guard(outcomes, options.max_changes)
    except InputErrors:
        raise
    except FaxError as error:
        report.error = error
    if report.error is None:
        report.error = _Writer(client, resource, options).write(outcomes)
    return report


def most_changes(limit: str | None, total: int) -> int:
    """Return how many of ``total`` subscribers may change.

    :raises InputError: the limit is neither a number nor a percentage.
    """
    if limit is None:
        return total
    text = str(limit).strip()
    number = text[:-1].strip() if text.endswith("%") else text
    if not (number.isascii() and number.isdigit()) or (text.endswith("%") and int(number) > 100):
        raise InputError(f"must be a number or a percentage such as 10%, not {limit!r}", field="max_changes")
    return total * int(number) // 100 if text.endswith("%") else int(number)


def _resolve(client: Client, outcomes: list[Outcome], known: Sequence[Subscriber] | None) -> None:
    answers: Sequence[Any] = known if known is not None else resolve(client, [o.declaration.keys for o in outcomes])
    contradictions = []
    for outcome, answer in zip(outcomes, answers):
        if isinstance(answer, Subscriber):
            outcome.subscriber = answer
        elif isinstance(answer, InputError):
            answer.entry, answer.index = outcome.declaration.label, outcome.declaration.index
            contradictions.append(answer)
        else:
            outcome.fail(answer)
    if contradictions:
        raise InputErrors(contradictions)
    reject_duplicates((o.declaration, o.subscriber.id) for o in outcomes if o.subscriber is not None)


def _read_and_plan(client: Client, resource: Resource, outcomes: list[Outcome], policy: Policy) -> None:
    found = [(outcome, outcome.subscriber.id) for outcome in outcomes if outcome.subscriber is not None]
    readings = read_settings(client, resource, [subscriber_id for _outcome, subscriber_id in found])
    for outcome, subscriber_id in found:
        reading = readings[subscriber_id]
        if isinstance(reading, FaxError):
            outcome.fail(reading)
            continue
        if is_satisfied(reading, outcome.declaration.fields, policy):
            outcome.status, outcome.document = UNCHANGED, reading
            continue
        before = canonical_settings(resource, reading)
        outcome.plan = make_plan(resource, before, outcome.declaration.fields, policy)
        outcome.stored = before
        if not outcome.plan.changes:
            outcome.status = UNCHANGED


def _guard(outcomes: list[Outcome], max_changes: str | None) -> None:
    guard_changes(sum(1 for outcome in outcomes if _is_due(outcome)), len(outcomes), max_changes)


def guard_changes(changing: int, total: int, max_changes: str | None) -> None:
    """Refuse to change more subscribers than is allowed.

    :param changing: how many of ``total`` would change.
    :raises TooManyChangesError: more than ``max_changes`` allows.
    :raises InputError: ``max_changes`` is neither a number nor a percentage.
    """
    limit = most_changes(max_changes, total)
    if changing > limit:
        raise TooManyChangesError(
            f"{changing} of {total} subscribers would change, but max_changes allows {limit} ({max_changes})",
            hint="Nothing was written. Check the declared settings, or raise max_changes.",
        )


def _is_due(outcome: Outcome) -> bool:
    return outcome.plan is not None and bool(outcome.plan.changes) and outcome.status == NOT_ATTEMPTED


class _Writer:
    """Sends the patches: one for each subscriber that is due, several at once, each verified by its answer."""

    def __init__(self, client: Client, resource: Resource, options: Options) -> None:
        self._client = client
        self._resource = resource
        self._options = options
        self._pace = Pace(client.concurrency)
        self._stop = threading.Event()
        self._reason: FaxError | None = None
        self._outages = 0

    def write(self, outcomes: list[Outcome]) -> FaxError | None:
        """Write what is due and return why the run had to stop early, if it had to."""
        due = [outcome for outcome in outcomes if _is_due(outcome)]
        failed = [outcome for outcome in outcomes if outcome.status == FAILED]
        if failed and self._options.on_error == STOP:
            return _stopped(failed[0])
        if self._options.check:
            _predict(due)
        else:
            self._write_all(self._in_writing_order(due))
        return self._reason

    def _write_all(self, due: list[Outcome]) -> None:
        """Write one subscriber alone and then the others at once: a user who may only read is refused before anything
        is written."""
        for outcome in due[:1]:
            self._write_unless_stopped(outcome)
        run_parallel(self._write_unless_stopped, due[1:], self._client.concurrency)

    def _in_writing_order(self, due: list[Outcome]) -> list[Outcome]:
        """Return the outcomes in an order that avoids deadlocks: neighbouring rows that are written by rising ids
        collide on the server, rows in mixed order seldom do."""
        if not self._resource.writes_deadlock:
            return due
        mixed = list(due)
        random.Random(len(due)).shuffle(mixed)
        return mixed

    def _write_unless_stopped(self, outcome: Outcome) -> None:
        if self._stop.is_set():
            return
        with self._pace:
            if not self._stop.is_set():
                self._write(outcome)
        if outcome.status in (FAILED, UNVERIFIED) and self._options.on_error == STOP:
            self._halt(_stopped(outcome))

    def _write(self, outcome: Outcome) -> None:
        try:
            self._apply(outcome)
            self._outages = 0
        except (AccessError, UnreachableError) as error:
            outcome.fail(error)
            self._halt(error)
        except UnverifiedError as error:
            outcome.fail(error, UNVERIFIED)
            if isinstance(error.__cause__, (AccessError, UnreachableError, LostAnswerError)):
                self._halt(error.__cause__)
            else:
                self._note_outage(error.__cause__)
        except FaxError as error:
            outcome.fail(error)
            self._note_outage(error)

    def _note_outage(self, error: BaseException | None) -> None:
        """Halt when several subscribers in a row met an outage: the server is down, not one subscriber broken."""
        if not isinstance(error, FaxError) or error.http_status not in _OUTAGE:
            return
        self._outages += 1
        if self._outages >= _OUTAGES_TO_HALT:
            self._halt(error)

    def _halt(self, reason: FaxError) -> None:
        if not self._stop.is_set():
            self._reason = reason
            self._stop.set()

    def _apply(self, outcome: Outcome) -> None:
        """Send the patch; after an answer that leaves open what happened, read before deciding to send it again.

        :raises FaxError: it was not applied.
        :raises UnverifiedError: it may have been applied.
        """
        lost: LostAnswerError | None = None
        for attempt in range(self._client.retries + 1):
            try:
                answer = self._send(outcome)
            except (ServerError, LostAnswerError) as error:
                lost = error if isinstance(error, LostAnswerError) else lost
                self._pace.choked()
                self._settle(outcome, error)
                if outcome.status == CHANGED:
                    return
                if attempt == self._client.retries:
                    raise _given_up(error, lost) from None
                self._client.counters.count_retry()
                time.sleep(backoff(attempt))
            except FaxError as error:
                if lost is None:
                    raise
                raise _still_open(lost, error.message) from error
            else:
                self._pace.succeeded()
                self._verify(outcome, answer if answer is not None else self._read_back(outcome, None))
                return

    def _send(self, outcome: Outcome) -> dict[str, Any] | None:
        """Send the patch and return what the server says it stored, or None where it accepted without saying."""
        plan = planned(outcome)
        secrets = _secrets_of(plan, self._resource)
        try:
            return self._client.patch_settings(self._resource, identified(outcome).id, plan.patch, secrets)
        except ProtocolError as error:
            if error.http_status != 200:
                raise
            return None

    def _settle(self, outcome: Outcome, error: FaxError) -> None:
        """After a write of unknown outcome: read, and note the write as done when the server has what was planned.

        :raises UnverifiedError: it cannot be read, or the server has neither the old nor the new settings.
        """
        plan = planned(outcome)
        stored = canonical_settings(self._resource, self._read_back(outcome, error))
        if not deviations(self._resource, plan, stored):
            outcome.status, outcome.stored = CHANGED, stored
        elif _differs(self._resource, plan, stored):
            outcome.stored = stored
            raise UnverifiedError(
                f"{error.message}; afterwards the settings are neither the old nor the declared ones",
                http_status=error.http_status,
                hint="Somebody else writes to the same subscriber. Run the task again.",
            )

    def _read_back(self, outcome: Outcome, error: FaxError | None) -> dict[str, Any]:
        try:
            return self._client.get_settings(self._resource, identified(outcome).id)
        except FaxError as failure:
            outcome.stored = None
            first = error.message if error is not None else "The server did not send what it stored"
            raise UnverifiedError(
                f"{first}; reading the settings failed as well: {failure.message}",
                http_status=error.http_status if error is not None else failure.http_status,
                hint="The write may have been applied or not. Run the task again: it compares first.",
            ) from failure

    def _verify(self, outcome: Outcome, document: dict[str, Any]) -> None:
        """Compare what the server stored with the plan.

        :raises UnverifiedError: something else is stored.
        """
        stored = canonical_settings(self._resource, document)
        outcome.stored = stored
        wrong = deviations(self._resource, planned(outcome), stored)
        if wrong:
            raise UnverifiedError(
                f"The server accepted the write, but stored something else in: {', '.join(wrong)}",
                code="stored_differently",
                retryable=False,
                hint="Somebody else may have written at the same time, or the platform does not support the value.",
            )
        outcome.status = CHANGED


def _predict(due: list[Outcome]) -> None:
    """Note what a real run would come to."""
    for outcome in due:
        outcome.status, outcome.stored = CHANGED, dict(planned(outcome).after)


def _given_up(error: FaxError, lost: LostAnswerError | None) -> FaxError:
    """Return the error for a write that was tried often enough, and after which the old settings were still read.

    A lost answer stays open even then: the server may act on the request later.
    """
    return _still_open(lost, "afterwards the old settings were still there") if lost is not None else error


def _still_open(lost: LostAnswerError, then: str) -> UnverifiedError:
    return UnverifiedError(
        f"{lost.message}; {then}",
        hint="The write may have been applied, or be applied later. Run the task again: it compares first.",
    )


def planned(outcome: Outcome) -> Plan:
    """Return the plan of an outcome that has one.

    :raises ValueError: it has none.
    """
    if outcome.plan is None:
        raise ValueError("there is no plan")
    return outcome.plan


def identified(outcome: Outcome) -> Subscriber:
    """Return the subscriber of an outcome that has one.

    :raises ValueError: it has none.
    """
    if outcome.subscriber is None:
        raise ValueError("there is no subscriber")
    return outcome.subscriber


def _differs(resource: Resource, plan: Plan, stored: dict[str, Any]) -> bool:
    """Return whether a field that the plan changes is no longer as it was before."""
    unchanged = Plan(plan.before, plan.changes, plan.patch, plan.before)
    return bool(deviations(resource, unchanged, stored))


def _secrets_of(plan: Plan, resource: Resource) -> list[Any]:
    """Return the secrets of both sides of a plan: the server echoes what it refuses."""
    return [side.get(name) for side in (plan.before, plan.after) for name in resource.secrets]


def _stopped(outcome: Outcome) -> FaxError:
    return FaxError(
        f"Stopped after the failure of {outcome.declaration.label}",
        code="stopped",
        hint="on_error is stop: the other subscribers were not attempted.",
    )
