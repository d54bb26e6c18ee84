# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From declarations to settings on the server: resolve, read, plan, guard, apply, verify.

Everything is read and planned before the first write, so that wrong input and wrong playbooks write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .._api.client import Client
from .._api.lists import Reading
from .._errors import (
    FaxError,
    InputError,
    InputErrors,
    TooManyChangesError,
    as_fax_error,
)
from .._subscribers.keys import SubscriberKeys
from .._subscribers.subscriber import Subscriber
from .._wording import counted
from .declarations import Declaration, reject_duplicates, unfounded
from .outcomes import (
    CHANGED,
    FAILED,
    UNCHANGED,
    Outcome,
    Report,
    planned,
    stopped_by,
)
from .plan import Policy, create_plan, is_satisfied, obstacle
from .requests import read_settings
from .resources import Resource
from .values import canonical_settings

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
        _resolve(client, outcomes, known)
        read_and_plan(client, resource, outcomes, options.policy, readings)
        _guard(outcomes, options.max_changes)
    except InputErrors:
        raise
    except Exception as error:  # pylint: disable=broad-except
        report.error = as_fax_error(error)
    if report.error is None:
        report.error = _write(client, outcomes, options)
    return report


def max_changes_of(limit: str | None, total: int) -> int:
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
    found = known if known is not None else find_subscribers(client, [outcome.declaration.keys for outcome in outcomes])
    contradictions = []
    for outcome, subscriber in zip(outcomes, found):
        if isinstance(subscriber, Subscriber):
            outcome.subscriber = subscriber
        elif isinstance(subscriber, InputError):
            subscriber.entry, subscriber.index = outcome.declaration.label, outcome.declaration.index
            contradictions.append(subscriber)
        else:
            outcome.fail(subscriber)
    if contradictions:
        raise InputErrors(contradictions)
    reject_duplicates((o.declaration, o.subscriber.id) for o in outcomes if o.subscriber is not None)


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


def read_and_plan(
    client: Client,
    resource: Resource,
    outcomes: Sequence[Outcome],
    policy: Policy,
    readings: Mapping[int, Reading] | None = None,
) -> None:
    """Read the settings of all subscribers that are known, and note in each outcome what has to be done.

    :param readings: the settings, where these are known already.
    :raises InputErrors: elements of lists that are wrong because the server does not have them.
    :raises FaxError: the server refuses the user, or does not answer any more.
    """
    found = [(outcome, outcome.subscriber.id) for outcome in outcomes if outcome.subscriber is not None]
    if readings is None:
        readings = read_settings(client, resource, [subscriber_id for _outcome, subscriber_id in found])
    for outcome, subscriber_id in found:
        reading = readings[subscriber_id]
        if isinstance(reading, FaxError):
            outcome.fail(reading)
        elif is_satisfied(reading, outcome.declaration.fields, policy):
            outcome.status, outcome.document = UNCHANGED, reading
        else:
            plan_outcome(outcome, reading, policy)
    wrong = [error for outcome, _id in found for error in _unfounded(outcome)]
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
        outcome.stored = canonical_settings(resource, document)
        outcome.plan = create_plan(resource, outcome.stored, outcome.declaration.fields, policy)
    except Exception as error:  # pylint: disable=broad-except
        outcome.fail(as_fax_error(error))
        return
    if not outcome.plan.changes:
        outcome.status = UNCHANGED
        return
    refusal = obstacle(resource, outcome.plan)
    if refusal is not None:
        outcome.plan = None
        outcome.fail(refusal)


def _guard(outcomes: list[Outcome], max_changes: str | None) -> None:
    guard_changes(sum(1 for outcome in outcomes if outcome.is_due), len(outcomes), max_changes)


def guard_changes(changing: int, total: int, max_changes: str | None) -> None:
    """Refuse to change more subscribers than is allowed.

    :param changing: how many of ``total`` would change.
    :raises TooManyChangesError: more than ``max_changes`` allows.
    :raises InputError: ``max_changes`` is neither a number nor a percentage.
    """
    limit = max_changes_of(max_changes, total)
    if changing > limit:
        subscribers = counted(total, "subscriber")
        raise TooManyChangesError(
            f"{changing} of {subscribers} would change, but max_changes allows {limit} ({max_changes})",
            hint="Nothing was written. Check the declared settings, or raise max_changes.",
        )


def _write(client: Client, outcomes: list[Outcome], options: Options) -> FaxError | None:
    """Write what is due (check mode: note what that would come to) and return why that had to stop early, if it had
    to."""
    due = [outcome for outcome in outcomes if outcome.is_due]
    failed = [outcome for outcome in outcomes if outcome.status == FAILED]
    if failed and options.on_error == STOP:
        return stopped_by(failed[0])
    if options.check or not due:
        _predict(due)
        return None
    # Imported here, because most runs find no drift.
    from .writer import Writer

    return Writer(client, options.on_error == STOP).write(due)


def _predict(due: list[Outcome]) -> None:
    """Note what a real run would come to."""
    for outcome in due:
        outcome.status, outcome.stored = CHANGED, dict(planned(outcome).after)
