# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Which requests lead from what a subscriber has to the forward that is declared (contract: call forwards, section 10).

The rules: only ``cfmappings`` and our own destination sets are written; other mappings stay as they are; the forward is
there before what it replaces goes, and a mapping goes before its set. Pure: no I/O, nothing of Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, cast

from .._errors import FaxError
from .._wording import and_more, counted
from .judging import FOREIGN_BOX, NO_NUMBER, State, describe, judge
from .kinds import BY_WORD, NONE, TIMEOUT, TYPES, UNCONDITIONAL, ForwardType
from .situation import SET_NAME, DestinationSet, Entry, Situation, fax_box

MAPPINGS = "cfmappings"
SETS = "cfdestinationsets"

# The server turns the word into the address of the owner's fax box. All three members are always sent: others lead to
# errors of the server (contract: call forwards, 4.1 and 4.2).
_BOX = {"destination": "fax2mail", "priority": 1, "timeout": 300}


class Goal(NamedTuple):
    """What shall be.

    :param forward: the word of a type, or ``none``.
    :param enabled: whether the forward is on.
    :param ring_timeout: for the type ``timeout``, the seconds until it takes the call; None leaves them as they are.
    :param replace_foreign: whether forwards of the type that others have set are replaced.
    :param only: with ``none``, the word of the only type whose forward shall go; None for all types.
    """

    forward: str
    enabled: bool = True
    ring_timeout: int | None = None
    replace_foreign: bool = False
    only: str | None = None


class Step(NamedTuple):
    """One request that writes.

    :param method: ``PATCH`` or ``DELETE``.
    :param resource: ``cfmappings`` or ``cfdestinationsets``.
    :param item_id: the subscriber, or the set.
    :param patch: the JSON Patch document of a PATCH.
    """

    method: str
    resource: str
    item_id: int
    patch: tuple[Mapping[str, Any], ...] = ()

    def shown(self) -> list[dict[str, Any]]:
        """Return the operations with the whole path from ``/api`` on, as results show them."""
        path = f"/api/{self.resource}/{self.item_id}"
        if self.method == "DELETE":
            return [{"op": "remove", "path": path}]
        return [{**operation, "path": f"{path}{operation['path']}"} for operation in self.patch]


def steps_to(goal: Goal, situation: Situation) -> list[Step]:
    """Return the requests that lead to a goal, in their order; none where it is reached.

    :raises FaxError: it cannot be reached, or only by taking away what somebody else has set.
    """
    if goal.forward == NONE:
        return _absent(goal, situation)
    return _present(goal, BY_WORD[goal.forward], situation)


def is_reached(goal: Goal, situation: Situation) -> bool:
    """Return whether nothing has to be done, by a quick check; False if a closer look is needed."""
    if goal.forward == NONE:
        return not situation.our_sets
    entries = situation.entries(BY_WORD[goal.forward].short)
    if len(entries) != 1 or not situation.leads_to_own_box(entries[0].set_id):
        return False
    ours = situation.our_sets
    if len(ours) > 1 or (ours and (ours[0].id != entries[0].set_id or situation.uses(ours[0].id) > 1)):
        return False
    if goal.forward == TIMEOUT.word and goal.ring_timeout not in (None, situation.ring_timeout):
        return False
    return entries[0].enabled == goal.enabled and not entries[0].conditions


def _present(goal: Goal, kind: ForwardType, situation: Situation) -> list[Step]:
    state = judge(kind, situation)
    if state.code == NO_NUMBER or not (state.is_fixable or goal.replace_foreign):
        raise refusal(state)
    kept = _kept(kind, situation)
    set_id = kept.set_id if kept is not None else next((one.id for one in situation.our_sets), None)
    steps = []
    if set_id is not None and not situation.leads_to_own_box(set_id):
        steps.append(Step("PATCH", SETS, set_id, ({"op": "replace", "path": "/destinations", "value": [dict(_BOX)]},)))
    steps += _mapping_steps(goal, kind, situation, kept, set_id)
    for other in TYPES:
        if other is not kind:
            steps += _removals(situation, other)
    return steps + _deletions(situation, [one for one in situation.our_sets if one.id != set_id])


def refusal(state: State) -> FaxError:
    """Return the error for a state that is left unchanged."""
    hint = "Remove it on the platform, or set replace_foreign to replace it."
    if state.code == NO_NUMBER:
        hint = "Give the subscriber a primary number first."
    elif state.code == FOREIGN_BOX:
        hint = f"Faxes may be going to somebody else. Find out who set this up, and why. {hint}"
    return FaxError(f"The subscriber {state.text}", code=state.code, hint=hint)


def _kept(kind: ForwardType, situation: Situation) -> Entry | None:
    """Return the entry that stays or becomes the forward: one that others have set rather than ours, so that theirs
    never goes; else the one that needs the least change."""
    usable = [entry for entry in situation.entries(kind.short) if not entry.conditions and _is_box(situation, entry)]

    def cost(entry: Entry) -> tuple[bool, bool, bool, int]:
        is_right = situation.leads_to_own_box(entry.set_id)
        return situation.is_ours(entry.set_id), not is_right, not entry.enabled, entry.set_id

    return min(usable, key=cost, default=None)


def _is_box(situation: Situation, entry: Entry) -> bool:
    """Return whether an entry is a forward to the fax box, or one of ours that should be."""
    return situation.is_ours(entry.set_id) or situation.leads_to_own_box(entry.set_id)


def _mapping_steps(
    goal: Goal, kind: ForwardType, situation: Situation, kept: Entry | None, set_id: int | None
) -> Iterator[Step]:
    """Yield what makes the mappings of a type exactly the one that is wanted."""
    entries = situation.entries(kind.short)
    timeout: tuple[dict[str, Any], ...] = ()
    if kind is TIMEOUT and goal.ring_timeout not in (None, situation.ring_timeout):
        timeout = ({"op": "add", "path": "/cft_ringtimeout", "value": goal.ring_timeout},)
    value = _mapping(goal, kept, set_id)
    if not entries:  # operations that only add leave all other rows untouched
        yield _patch(situation, {"op": "add", "path": f"/{kind.short}/-", "value": value}, *timeout)
        return
    if kept is None or entries != (kept._replace(enabled=goal.enabled),):
        yield _patch(situation, {"op": "replace", "path": f"/{kind.short}", "value": [value]})
    if timeout:
        yield _patch(situation, *timeout)


def _mapping(goal: Goal, kept: Entry | None, set_id: int | None) -> dict[str, Any]:
    """Return a mapping to the fax box, with its set where there is none yet: then both come in one transaction."""
    value: dict[str, Any] = {"destinationset_id": set_id}
    if set_id is None:
        value = {"destinationset": {"name": SET_NAME, "destinations": [dict(_BOX)]}}
    if not goal.enabled:
        value["enabled"] = False
    if kept is not None and kept.redirects:
        value["use_redirection"] = True
    return value


def _absent(goal: Goal, situation: Situation) -> list[Step]:
    going = [kind for kind in TYPES if goal.only in (None, kind.word)]
    steps = [step for kind in going for step in _removals(situation, kind)]
    staying = {entry.set_id for kind in TYPES if kind not in going for entry in situation.entries(kind.short)}
    return steps + _deletions(situation, [one for one in situation.our_sets if one.id not in staying])


def _removals(situation: Situation, kind: ForwardType) -> Iterator[Step]:
    """Yield what takes our mappings of a type away: one request for each set, because several such operations in one
    are unsafe. The seconds of a timeout go with the last one: without a mapping they mean nothing."""
    rest = situation.entries(kind.short)
    for set_id in sorted({entry.set_id for entry in rest if situation.is_ours(entry.set_id)}):
        rest = tuple(entry for entry in rest if entry.set_id != set_id)
        removal = {"op": "remove", "path": f"/{kind.short}", "value": {"destinationset_id": set_id}}
        if kind is TIMEOUT and not rest and situation.ring_timeout is not None:
            yield _patch(situation, {"op": "replace", "path": "/cft_ringtimeout", "value": None}, removal)
        else:
            yield _patch(situation, removal)


def _deletions(situation: Situation, sets: Iterable[DestinationSet]) -> list[Step]:
    """Return what deletes sets of ours whose mappings are gone by then; not those that somebody else's mapping uses,
    because it would go with them."""
    return [Step("DELETE", SETS, one.id) for one in sets if one.usage is None or one.usage <= situation.uses(one.id)]


def _patch(situation: Situation, *operations: Mapping[str, Any]) -> Step:
    return Step("PATCH", MAPPINGS, situation.subscriber_id, operations)


def applied(steps: Iterable[Step], situation: Situation) -> Situation:
    """Return what a subscriber has once requests have been made."""
    mappings = {short: list(entries) for short, entries in situation.mappings.items()}
    sets = dict(situation.sets)
    timeout = situation.ring_timeout
    for step in steps:
        if step.resource == SETS:
            _apply_to_set(step, situation, mappings, sets)
            continue
        for operation in step.patch:
            short = operation["path"].split("/")[1]
            if short == "cft_ringtimeout":
                timeout = operation["value"]
            else:
                _apply_to_mappings(operation, mappings.setdefault(short, []), situation, sets)
    kept = {short: tuple(entries) for short, entries in mappings.items() if entries}
    used = {entry.set_id for entries in kept.values() for entry in entries}
    seen = {
        number: one
        for number, one in sets.items()
        if number in used or (one is not None and one.owner == situation.subscriber_id)
    }
    return situation._replace(mappings=kept, sets=seen, ring_timeout=timeout)


def _apply_to_set(
    step: Step,
    situation: Situation,
    mappings: Mapping[str, list[Entry]],
    sets: dict[int, DestinationSet | None],
) -> None:
    one = sets.get(step.item_id)
    if step.method == "DELETE" or one is None:
        sets.pop(step.item_id)
        for entries in mappings.values():
            entries[:] = [entry for entry in entries if entry.set_id != step.item_id]
    else:
        sets[step.item_id] = one._replace(destinations=(_own_box(situation),))


def _apply_to_mappings(
    operation: Mapping[str, Any],
    entries: list[Entry],
    situation: Situation,
    sets: dict[int, DestinationSet | None],
) -> None:
    value = operation["value"]
    if operation["op"] == "remove":
        entries[:] = [entry for entry in entries if entry.set_id != value["destinationset_id"]]
        return
    if operation["op"] == "replace":
        entries.clear()
        (value,) = value
    set_id = value.get("destinationset_id")
    if set_id is None:
        set_id = max(sets, default=0) + 2
        sets[set_id] = DestinationSet(set_id, situation.subscriber_id, SET_NAME, (_own_box(situation),))
    name = cast(DestinationSet, sets[set_id]).name
    entries.append(Entry(set_id, name, value.get("enabled", True), (), value.get("use_redirection", False)))


def _own_box(situation: Situation) -> str:
    return f"sip:fax={situation.number}@fax2mail.local"


# ---- what of it is shown


def shown(situation: Situation, goal: Goal | None = None) -> dict[str, Any]:
    """Return what a subscriber has as the fields of the resource, see :data:`resource.FORWARD`.

    :param goal: the type that it names is the one that matters; without it the first that leads to the fax box, or that
        of all calls.
    """
    kind = _shown_kind(situation, goal)
    watched = BY_WORD.get(goal.forward) if goal is not None else kind or UNCONDITIONAL
    fields: dict[str, Any] = {"forward": NONE if kind is None else kind.word}
    if kind is not None:
        boxes = [entry for entry in situation.entries(kind.short) if _is_box(situation, entry)]
        fields["enabled"] = any(entry.enabled for entry in boxes)
        if kind is TIMEOUT:
            fields["ring_timeout"] = situation.ring_timeout
        fields["fax_box"] = _leads_to(situation, boxes)
    fields["competing"] = _competing(situation, watched)
    fields["surplus"] = _surplus(situation, kind)
    return fields


def _shown_kind(situation: Situation, goal: Goal | None) -> ForwardType | None:
    first = BY_WORD.get(goal.forward) if goal is not None else None
    return next((kind for kind in (first, *TYPES) if kind is not None and _has_box(situation, kind)), None)


def _has_box(situation: Situation, kind: ForwardType) -> bool:
    return any(_is_box(situation, entry) for entry in situation.entries(kind.short))


def _leads_to(situation: Situation, entries: Iterable[Entry]) -> str:
    """Return the numbers of the fax boxes that entries lead to; of other addresses the whole of them."""
    sets = [situation.sets.get(entry.set_id) for entry in entries]
    addresses = [address for one in sets if one is not None for address in one.destinations]
    numbers = dict.fromkeys(fax_box(address) or address for address in addresses)
    return ", ".join(numbers)


def _competing(situation: Situation, kind: ForwardType | None) -> str | None:
    """Return what else a type has, for people."""
    if kind is None:
        return None
    others = [
        describe(situation, entry)
        for entry in situation.entries(kind.short)
        if entry.conditions or not _is_box(situation, entry)
    ]
    return and_more(others, len(others)) or None


def _surplus(situation: Situation, kind: ForwardType | None) -> str | None:
    """Return what is left of ours beside the one forward, for people."""
    entries = situation.entries(kind.short) if kind is not None else ()
    boxes = sum(_is_box(situation, one) and not one.conditions for one in entries)
    parts = [f"{counted(boxes - 1, 'more forward')} of the same type"] if boxes > 1 else []
    parts += [
        f"forward of type {other.word}"
        for other in TYPES
        if other is not kind and any(situation.is_ours(entry.set_id) for entry in situation.entries(other.short))
    ]
    unused = sum(situation.uses(one.id) == 0 and not one.usage for one in situation.our_sets)
    parts += [counted(unused, "unused destination set")] if unused else []
    return ", ".join(parts) or None
