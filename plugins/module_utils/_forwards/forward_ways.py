# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The ways of the call forward to the fax box: how it is read, planned and written, see :mod:`_settings.ways`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .._api.client import Client
from .._api.lists import Reading
from .._api.pages import Keep, keep_all
from .._errors import FaxError
from .._settings.declarations import Declaration
from .._settings.plan import ANY_POLICY, RESET, Change, Judged, Plan, Policy
from .._settings.resources import Resource
from .._subscribers.subscriber import Subscriber
from .._wording import joined
from .kinds import BY_WORD, NONE, TYPES
from .permission import require_permission
from .profiles import read_forbidden
from .reading import SituationReading, always, read_situations, where_a_box_is
from .recipe import Goal, Step, applied, is_reached, shown, steps_to
from .resource import INCLUDE_COMPETING, PROBLEM, REPLACE_FOREIGN
from .situation import DestinationSet, Situation

if TYPE_CHECKING:
    from .._settings.outcomes import Outcome
    from .._settings.ways import Course, Document
    from .sending import ForwardSender

# The member of a document that holds what its fields were read off.
_FACTS = "_facts"


class Facts(NamedTuple):
    """What is known of a subscriber.

    :param forbidden: the types (short names) that its profile forbids.
    :param is_binding: whether the profile binds the user, who is a subscriber.
    """

    situation: Situation
    forbidden: frozenset[str] = frozenset()
    is_binding: bool = False


class Work(NamedTuple):
    """What a plan says beside what is shown of it.

    :param number: the subscriber's primary number.
    :param is_forbidden: whether the subscriber's profile forbids the type.
    """

    goal: Goal
    steps: tuple[Step, ...]
    number: str | None
    is_forbidden: bool = False


class ForwardWays:
    """The ways of the call forward; see :class:`_settings.ways.Ways`."""

    # The platform lets one write of call forwards after the other in any case, and parallel ones deadlock.
    writers = 1

    def read(
        self,
        client: Client,
        resource: Resource,
        subscribers: Sequence[Subscriber],
        declared: Sequence[Mapping[str, Any]] | None = None,
        policy: Policy = ANY_POLICY,
        keep: Keep = keep_all,
    ) -> dict[int, Reading]:
        """Return what each subscriber has, or the error. Mappings are read of those who shall have a forward, or may
        have one to their fax box, and of all only where the policy says so."""
        if declared is None:
            return self._read_all(client, subscribers, bool(policy.options.get(INCLUDE_COMPETING)))
        words = {one.id: _declared_word(fields, policy) for one, fields in zip(subscribers, declared)}

        def need(subscriber: Subscriber, sets: Sequence[DestinationSet]) -> bool:
            return words[subscriber.id] != NONE or where_a_box_is(subscriber, sets)

        kinds = TYPES if None in words.values() else [one for one in TYPES if one.word in words.values()]
        readings = read_situations(client, subscribers, need, kinds)
        goals = {
            one.id: goal_of(fields, policy, reading)
            for one, fields in zip(subscribers, declared)
            for reading in [readings[one.id]]
            if isinstance(reading, Situation)
        }
        return _documents(client, readings, goals)

    def _read_all(self, client: Client, subscribers: Sequence[Subscriber], with_competing: bool) -> dict[int, Reading]:
        """Return what each subscriber has, or the error.

        :param with_competing: whether to say of everybody what else there is: for that, all mappings have to be read.
        """
        readings = read_situations(client, subscribers, always if with_competing else where_a_box_is)
        documents = _documents(client, readings, {})
        for document in documents.values():
            if isinstance(document, dict):
                document[PROBLEM] = problem_of(document[_FACTS].situation)
                if not with_competing and document["forward"] == NONE:
                    del document["competing"]
        return documents

    def read_again(self, client: Client, resource: Resource, subscriber: Subscriber) -> Document:
        """Return what one subscriber has now."""
        # Without its name, so that its number is read again too.
        reading = self._read_all(client, [subscriber._replace(name=None)], with_competing=True)[subscriber.id]
        if isinstance(reading, FaxError):
            raise reading
        return reading

    def doubtful_rows(
        self, documents: Sequence[Any], columns: Mapping[str, Sequence[Any]], policy: Policy
    ) -> Collection[int]:
        """Return all of them: what a forward comes to is not a matter of single fields."""
        return range(len(documents))

    def is_satisfied(self, document: Document, wanted: Mapping[str, Any], policy: Policy) -> bool:
        """Return whether a document has what is declared, by a quick check."""
        situation = document[_FACTS].situation
        return is_reached(goal_of(wanted, policy, situation), situation)

    def judge(self, resource: Resource, document: Document, declaration: Declaration, policy: Policy) -> Judged:
        """Compare and return what has to be done."""
        facts: Facts = document[_FACTS]
        situation = facts.situation
        seen = shown(situation)
        wanted = declaration.wanted(seen)
        if not wanted and declaration.fields:  # nothing that an undo would give back
            return Judged(seen, Plan(seen, (), [], seen))
        goal = goal_of(wanted, policy, situation)
        before = shown(situation, goal)
        try:
            steps = steps_to(goal, situation)
        except FaxError as refusal:
            return Judged(before, None, refusal)
        if not steps:
            return Judged(before, Plan(before, (), [], before))
        after = shown(applied(steps, situation), goal)
        patch = [operation for step in steps for operation in step.shown()]
        is_forbidden = goal.forward != NONE and BY_WORD[goal.forward].short in facts.forbidden
        work = Work(goal, tuple(steps), situation.number, is_forbidden)
        plan = Plan(before, tuple(_changes(resource, before, after)), patch, after, work)
        return Judged(before, plan, _profile_error(goal) if is_forbidden and facts.is_binding else None)

    def settings(self, resource: Resource, document: Document) -> dict[str, Any]:
        """Return the fields of a document."""
        return {name: value for name, value in document.items() if name not in (_FACTS, PROBLEM)}

    def advice(self, resource: Resource, outcomes: Sequence[Outcome], policy: Policy) -> list[str]:
        """Return what deserves a warning although it works."""
        # Imported here, because it is about few subscribers.
        from .advice import advice

        return advice(outcomes, policy)

    def sender(self, course: Course) -> ForwardSender:
        """Return what sends the requests."""
        # Imported here, because most runs find no drift.
        from .sending import ForwardSender

        return ForwardSender(course)


FORWARD_WAYS = ForwardWays()


def goal_of(fields: Mapping[str, Any], policy: Policy, situation: Situation) -> Goal:
    """Return what declared fields mean for a subscriber. Fields that are not declared stay unchanged.

    :param fields: as :meth:`_settings.fields.Field.parse` returns them.
    """
    word = fields.get("forward")
    if policy.state == RESET:
        return Goal(NONE, only=word if word != NONE else None)
    is_enabled = fields.get("enabled")
    if word is None or is_enabled is None:
        seen = shown(situation)
        word = seen["forward"] if word is None else word
        is_enabled = seen.get("enabled", True) if is_enabled is None else is_enabled
    return Goal(word, is_enabled, fields.get("ring_timeout"), bool(policy.options.get(REPLACE_FOREIGN)))


def problem_of(situation: Situation) -> str | None:
    """Return why a declaration of exactly what a subscriber has would change something or fail; None where it would
    not."""
    seen = shown(situation)
    goal = Goal(seen["forward"], seen.get("enabled", True), seen.get("ring_timeout"))
    if is_reached(goal, situation):
        return None
    try:
        steps = steps_to(goal, situation)
    except FaxError as refusal:
        return refusal.message
    after = shown(applied(steps, situation), goal)
    differing = [name for name, value in shown(situation, goal).items() if after.get(name) != value]
    return f"{joined(differing)} would change" if differing else None


def _declared_word(fields: Mapping[str, Any], policy: Policy) -> str | None:
    return NONE if policy.state == RESET else fields.get("forward")


def _documents(
    client: Client, readings: Mapping[int, SituationReading], goals: Mapping[int, Goal]
) -> dict[int, Reading]:
    """Return documents, with what the profiles forbid to those who shall get a forward.

    :raises FaxError: the user may not write what would have to be written, or nothing more can be read.
    """
    found = {identifier: one for identifier, one in readings.items() if isinstance(one, Situation)}
    pending = [
        (goal, one)
        for identifier, one in found.items()
        for goal in [goals.get(identifier)]
        if goal is not None and not is_reached(goal, one)
    ]
    if pending:
        require_permission(client, pending[0][1].subscriber_id)
    forbidden = read_forbidden(client, [one for goal, one in pending if goal.forward != NONE])
    return {
        identifier: one
        if isinstance(one, FaxError)
        else {**shown(one), _FACTS: Facts(one, forbidden.get(identifier, frozenset()), client.is_subscriber)}
        for identifier, one in readings.items()
    }


def _changes(resource: Resource, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    """Yield what differs. Where the forward comes or goes, that it is on, and which fax box it leads to, are no changes
    of their own."""
    comes_or_goes = NONE in (before["forward"], after["forward"])
    for field in resource.fields:
        one, other = before.get(field.name), after.get(field.name)
        goes_along = field.name == "fax_box" or (field.name == "enabled" and False not in (one, other))
        if one != other and not (comes_or_goes and goes_along):
            yield Change(field.name, one, other)


def _profile_error(goal: Goal) -> FaxError:
    return FaxError(
        f"The subscriber's profile does not allow call forwards of type {BY_WORD[goal.forward]}",
        code="forbidden_by_profile",
        hint="Ask an administrator to change the profile, or to set the call forward.",
    )
