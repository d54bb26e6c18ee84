# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From declarations to settings on the server: resolve, read, plan, guard, apply, verify.

Everything is read and planned before the first write, so that wrong input and wrong playbooks write nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .._api.client import Client
from .._api.lists import Reading
from .._errors import (
    FaxError,
    InputError,
    InputErrors,
    as_fax_error,
)
from .._interruption import Interruption
from .._subscribers.keys import SubscriberKeys
from .._subscribers.subscriber import Subscriber
from .declarations import Declaration, reject_duplicates, unfounded
from .limits import guard_changes
from .outcomes import (
    CHANGED,
    FAILED,
    UNCHANGED,
    Outcome,
    Report,
    planned,
    stopped_by,
)
from .plan import Policy
from .resources import Resource

if TYPE_CHECKING:
    from .._subscribers.lookup import Resolution

STOP = "stop"


class Options(NamedTuple):
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


def reconcile(
    client: Client,
    resource: Resource,
    declarations: Sequence[Declaration],
    options: Options,
    known: Sequence[Subscriber] | None = None,
    readings: Mapping[int, Reading] | None = None,
) -> Report:
    """Make the settings of all declared subscribers match the declarations, and report.

    :param known: the subscribers of the declarations, in the same order, where they are known already.
    :param readings: their settings, where these are known already.
    :raises InputErrors: subscribers that are named twice or by contradictory keys; nothing was written.
    """
    outcomes = [Outcome(resource, declaration) for declaration in declarations]
    report = Report(outcomes)
    try:
        found = known if known is not None else find_subscribers(client, [one.keys for one in declarations])
        note_subscribers([[outcome] for outcome in outcomes], found)
        _read_and_plan(client, resource, outcomes, options.policy, readings)
        _guard(outcomes, options.max_changes)
    except InputErrors:
        raise
    except Exception as error:  # pylint: disable=broad-except
        report.error = as_fax_error(error)
    if report.error is None:
        report.error = _write(client, outcomes, options)
    return report


def find_subscribers(client: Client, all_keys: Sequence[SubscriberKeys]) -> Sequence[Resolution]:
    """Return the subscriber or the error for each entry's keys. Ids that stand alone are taken as they are, because
    reading the settings shows whether they exist.

    :raises AccessError: the server refuses the user.
    :raises UnreachableError: there is no connection.
    """
    if all(keys.only_id for keys in all_keys):
        return [Subscriber(keys.subscriber_id) for keys in all_keys if keys.subscriber_id is not None]
    # Imported here, because many tasks need none of it.
    from .._subscribers.lookup import resolve

    return resolve(client, all_keys)


def note_subscribers(groups: Sequence[Sequence[Outcome]], found: Sequence[Resolution]) -> None:
    """Note the subscribers of entries, or why there are none; entries that name the same one are refused.

    :param groups: for each entry the outcomes of what it declares, at least one.
    :param found: for each entry the subscriber, or the error.
    :raises InputErrors: keys that contradict each other, or one subscriber in several entries.
    """
    contradictions = []
    resolved = []
    for group, subscriber in zip(groups, found):
        declaration = group[0].declaration
        if isinstance(subscriber, Subscriber):
            resolved.append((declaration, subscriber.id))
            for outcome in group:
                outcome.subscriber = subscriber
        elif isinstance(subscriber, InputError):
            subscriber.entry, subscriber.index = declaration.label, declaration.index
            contradictions.append(subscriber)
        else:
            for outcome in group:
                outcome.fail(subscriber)
    if contradictions:
        raise InputErrors(contradictions)
    reject_duplicates(resolved)


def _read_and_plan(
    client: Client,
    resource: Resource,
    outcomes: Sequence[Outcome],
    policy: Policy,
    readings: Mapping[int, Reading] | None = None,
) -> None:
    """Read the settings of all subscribers that are known, and note in each outcome what has to be done; see
    :func:`plan_outcomes`.

    :param readings: the settings, where these are known already.
    :raises FaxError: the server refuses the user, or no longer responds.
    """
    if readings is None:
        found = [(outcome, outcome.subscriber) for outcome in outcomes if outcome.subscriber is not None]
        subscribers = [subscriber for _outcome, subscriber in found]
        declared = [outcome.declaration.fields for outcome, _subscriber in found]
        readings = resource.ways.read(client, resource, subscribers, declared, policy)
    plan_outcomes(resource, outcomes, policy, readings)


def plan_outcomes(
    resource: Resource, outcomes: Sequence[Outcome], policy: Policy, readings: Mapping[int, Reading]
) -> None:
    """Note in each outcome whose subscriber is known what has to be done.

    :param readings: the settings of these subscribers, or why there are none.
    :raises InputErrors: elements of lists that are wrong because the server does not have them.
    """
    ways = resource.ways
    found = [(outcome, outcome.subscriber) for outcome in outcomes if outcome.subscriber is not None]
    for outcome, subscriber in found:
        reading = readings[subscriber.id]
        if isinstance(reading, FaxError):
            outcome.fail(reading)
        elif ways.is_satisfied(reading, outcome.declaration.fields, policy):
            outcome.status, outcome.document = UNCHANGED, reading
        else:
            plan_outcome(outcome, reading, policy)
    wrong = [error for outcome, _subscriber in found for error in _unfounded(outcome)]
    if wrong:
        raise InputErrors(wrong)


def _unfounded(outcome: Outcome) -> list[InputError]:
    """Return what turned out to be wrong with a declaration once the subscriber's settings are known."""
    if outcome.stored is None:
        return []
    return unfounded(outcome.resource, outcome.declaration, outcome.stored)


def plan_outcome(outcome: Outcome, document: Mapping[str, Any], policy: Policy) -> None:
    """Plan one subscriber; what goes wrong with it is noted, because it must not lose the others.

    :param document: the settings as the server sent them.
    """
    resource = outcome.resource
    try:
        outcome.stored, outcome.plan, refusal = resource.ways.judge(resource, document, outcome.declaration, policy)
    except Exception as error:  # pylint: disable=broad-except
        outcome.fail(as_fax_error(error))
        return
    if refusal is not None:
        outcome.plan = None
        outcome.fail(refusal)
    elif outcome.plan is not None and not outcome.plan.changes:
        outcome.status = UNCHANGED


def _guard(outcomes: list[Outcome], max_changes: str | None) -> None:
    guard_changes(sum(1 for outcome in outcomes if outcome.is_due), len(outcomes), max_changes)


def _write(client: Client, outcomes: list[Outcome], options: Options) -> FaxError | None:
    """Write what is due (check mode: note what that would come to) and return why that had to stop early, if it had
    to."""
    due = [outcome for outcome in outcomes if outcome.is_due]
    failed = [outcome for outcome in outcomes if outcome.status == FAILED]
    if failed and options.on_error == STOP:
        return stopped_by(failed[0])
    if options.check or not due:
        predict_outcomes(due)
        return None
    # Imported here, because most runs find no drift.
    from .writer import Writer

    return Writer(client, options.on_error == STOP, interruption=Interruption()).write(due)


def predict_outcomes(due: Iterable[Outcome]) -> None:
    """Note what a real run would come to."""
    for outcome in due:
        outcome.status, outcome.stored = CHANGED, dict(planned(outcome).after)
