# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The plan of a fleet: all subscribers looked up once, each list read once, all settings compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from .._api.client import Client
from .._settings.plan import Policy
from .._settings.reconcile import find_subscribers, note_subscribers, plan_outcomes
from .._settings.resources import Resource
from .._subscribers.subscriber import Subscriber
from .comparison import AS_DECLARED, Comparison
from .members import outcomes_of
from .roster import Roster

if TYPE_CHECKING:
    from .._subscribers.lookup import Resolution


def resolve(client: Client, roster: Roster) -> None:
    """Find all subscribers and note them, or why there are none; entries that name the same one are refused.

    :raises InputErrors: keys that contradict each other, or one subscriber in several entries.
    :raises FaxError: the server cannot be asked.
    """
    members = [member for member in roster.notable if member.outcomes]
    keys = [next(iter(member.outcomes.values())).declaration.keys for member in members]
    found = find_subscribers(client, [*keys, *chain.from_iterable(group.batch.keys for group in roster.groups)])
    noted = [*zip(members, found)]
    twice = _named_twice(found)
    start = len(keys)
    for group in roster.groups:
        resolutions = found[start : start + len(group)]
        start += len(group)
        odd = [row for row, one in enumerate(resolutions) if not isinstance(one, Subscriber) or one.id in twice]
        noted += zip(roster.single_out(group, odd), [resolutions[row] for row in odd])
        group.subscribers = [one for one in resolutions if isinstance(one, Subscriber) and one.id not in twice]
    noted.sort(key=lambda pair: pair[0].entry.position)
    note_subscribers([[*member.outcomes.values()] for member, _one in noted], [one for _member, one in noted])


def _named_twice(found: Sequence[Resolution]) -> set[int]:
    """Return the ids of subscribers that are there more than once."""
    ids = [one.id for one in found if isinstance(one, Subscriber)]
    if len(set(ids)) == len(ids):
        return set()
    return {identifier for identifier, count in Counter(ids).items() if count > 1}


def read_and_plan(client: Client, resource: Resource, roster: Roster, policy: Policy, keep_unchanged: bool) -> None:
    """Read the settings of all subscribers for which some are declared, and note what has to be done.

    :param keep_unchanged: whether the settings of members without a change are kept.
    :raises InputErrors: elements of lists that are wrong because the server does not have them.
    :raises FaxError: the server refuses the user, or no longer responds.
    """
    groups = [group for group in roster.groups if resource.module in group.batch.columns and len(group)]
    own = [one for one in outcomes_of(roster.notable, resource.module) if one.subscriber is not None]
    subscribers = [one.subscriber for one in own if one.subscriber is not None]
    subscribers += chain.from_iterable(group.subscribers for group in groups)
    # What only some fields are about is not compared by field, and so in no group.
    declared = None if groups else [one.declaration.fields for one in own]
    comparison = Comparison(groups, resource.module, partial(resource.ways.doubtful_rows, policy=policy))
    readings = resource.ways.read(client, resource, subscribers, declared, policy, comparison.keep)
    for group in groups:
        found = [readings[subscriber.id] for subscriber in group.subscribers]
        roster.single_out(group, [row for row, one in enumerate(found) if one is not AS_DECLARED])
        group.satisfied.add(resource.module)
    outcomes = outcomes_of(roster.notable, resource.module)
    plan_outcomes(resource, outcomes, policy, readings)
    if not keep_unchanged:
        for outcome in outcomes:
            outcome.document = None
