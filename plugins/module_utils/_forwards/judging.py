# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether a subscriber's calls are forwarded to its own fax box: one judgement for each type of forwards.

Everything that reads forwards uses :func:`judge`, so that the module that sets them, drift reports and the check of
what a subscriber lacks say the same. Pure: no I/O, nothing of Ansible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._wording import and_more, quoted
from .kinds import TYPES, ForwardType
from .situation import DestinationSet, Entry, Situation, fax_box, is_blank

# The codes of states. Exactly one forward, on, at all times, to the box of the subscriber's own primary number:
OK = "ok"
# No forward of the type, and none of ours of another type:
MISSING = "missing"
# No forward of the type, but the collection's own one is of another type:
WRONG_TYPE = "wrong_type"
# The right one, but it is off:
DISABLED = "disabled"
# Several that all lead to the subscriber's own box:
TWICE = "twice"
# To the box of another number, although the set belongs to the subscriber:
WRONG_NUMBER = "wrong_number"
# Our own set, but somebody has changed its destinations to something else than one fax box:
CHANGED_SET = "changed_set"
# To a set of another subscriber: faxes in the wrong hands:
FOREIGN_BOX = "foreign_box"
# To the own box, but only at some times, for some callers or some dialled numbers:
CONDITIONAL = "conditional"
# A forward to nowhere, as the platform's self-care pages store while somebody is still editing:
DRAFT = "draft"
# To something else, alone or beside the fax box. Which of several the platform takes is not known:
COMPETING = "competing"
# The subscriber has no primary number, and therefore no fax box:
NO_NUMBER = "no_number"

CODES = (
    OK,
    MISSING,
    WRONG_TYPE,
    DISABLED,
    TWICE,
    WRONG_NUMBER,
    CHANGED_SET,
    FOREIGN_BOX,
    CONDITIONAL,
    DRAFT,
    COMPETING,
    NO_NUMBER,
)

_SHOWN = 5
_LONGEST_ADDRESS = 120
_CONDITION_NAMES = {"timeset": "times", "sourceset": "callers", "bnumberset": "dialled numbers"}


class State(NamedTuple):
    """How a subscriber's forward of one type is.

    :param code: one of ``CODES``.
    :param text: the same for people, as the predicate of a sentence about the subscriber.
    :param details: ``type``, ``number`` (the subscriber's primary number), ``forwards`` (a text for each entry of the
        type), ``enabled`` (whether any of them is on) and ``also`` (the types in which our own sets are used beside
        this one). Of the codes only ``ok`` means that faxes arrive; with ``twice`` they do where ``enabled`` is true.
    :param is_fixable: whether it can be put right without taking away what somebody else has set; True for ``ok``.
    """

    code: str
    text: str
    details: Mapping[str, Any]
    is_fixable: bool


def judge(kind: ForwardType, situation: Situation) -> State:
    """Return how a subscriber's forward of a type is.

    Of several faults the gravest is returned: first that there is no box, then faxes in the wrong hands, then what
    competes, and last what the collection can put right.

    :param kind: for example ``kinds.UNCONDITIONAL``, or ``kinds.BY_WORD["busy"]``.
    :param situation: what the subscriber has, see :func:`situation.situation_of`.
    """
    entries = situation.entries(kind.short)
    also = [one.word for one in TYPES if one is not kind and _has_ours(situation, one)]
    code, is_fixable = _verdict(situation, entries, also)
    shown = [describe(situation, entry) for entry in entries]
    is_enabled = any(entry.enabled for entry in entries)
    details = {
        "type": kind.word,
        "number": situation.number,
        "forwards": shown,
        "enabled": is_enabled,
        "also": also,
    }
    return State(code, _text(code, kind, situation, shown, also), details, is_fixable)


def _has_ours(situation: Situation, kind: ForwardType) -> bool:
    return any(situation.is_ours(entry.set_id) for entry in situation.entries(kind.short))


def _verdict(situation: Situation, entries: tuple[Entry, ...], also: list[str]) -> tuple[str, bool]:
    """Return the code of entries, and whether they can be put right without asking."""
    if situation.number is None:
        return NO_NUMBER, False
    if not entries:
        return (WRONG_TYPE if also else MISSING), True
    kinds = [_kind_of(situation, entry) for entry in entries]
    for code in (FOREIGN_BOX, COMPETING, WRONG_NUMBER, DRAFT):
        if code in kinds:
            return code, False
    is_fixable = sum(not situation.is_ours(entry.set_id) for entry in entries) <= 1
    is_conditional = any(entry.conditions for entry in entries)
    for code in (_OUR_WRONG_NUMBER, CHANGED_SET):
        if code in kinds:
            shown = WRONG_NUMBER if code == _OUR_WRONG_NUMBER else code
            return shown, is_fixable and not is_conditional
    if is_conditional:
        return CONDITIONAL, False
    if len(entries) > 1:
        return TWICE, is_fixable
    return (OK if entries[0].enabled else DISABLED), True


# A wrong number in a set of ours, which may be changed without asking.
_OUR_WRONG_NUMBER = "our wrong number"


def _kind_of(situation: Situation, entry: Entry) -> str:
    """Return where a single entry leads, without regard to its conditions and to whether it is on."""
    one = situation.sets.get(entry.set_id)
    if one is None or one.owner != situation.subscriber_id:
        return FOREIGN_BOX if one is None or any(map(_is_box, one.destinations)) else COMPETING
    if situation.is_own_box(one.destinations):
        return OK
    is_single_box = len(one.destinations) == 1 and _is_box(one.destinations[0])
    if situation.is_ours(one.id):
        return _OUR_WRONG_NUMBER if is_single_box else CHANGED_SET
    if all(map(is_blank, one.destinations)):
        return DRAFT
    return WRONG_NUMBER if is_single_box else COMPETING


def _is_box(address: str) -> bool:
    return fax_box(address) is not None


def describe(situation: Situation, entry: Entry) -> str:
    """Return one entry as people need it: where it leads, when, and whether it is on."""
    parts = [_target(situation, entry)]
    parts += [f"only for some {_CONDITION_NAMES[kind]} (set {quoted(name)})" for kind, name in entry.conditions]
    if not entry.enabled:
        parts.append("disabled")
    return ", ".join(parts)


def _target(situation: Situation, entry: Entry) -> str:
    one = situation.sets.get(entry.set_id)
    if one is None:
        return f"destination set {quoted(entry.set_name)} of another subscriber, which this user cannot see"
    if not one.destinations:
        where = "nothing"
    else:
        addresses = [quoted(address, _LONGEST_ADDRESS) for address in one.destinations[:_SHOWN]]
        where = and_more(addresses, len(one.destinations), ", ")
    return f"{where} (destination set {quoted(one.name)}{_owned(situation, one)})"


def _owned(situation: Situation, one: DestinationSet) -> str:
    if one.owner == situation.subscriber_id:
        return ""
    return f" of subscriber {one.owner}" if one.owner is not None else " of another subscriber"


def _text(code: str, kind: ForwardType, situation: Situation, shown: list[str], also: Iterable[str]) -> str:
    forwards = and_more(shown[:_SHOWN], len(shown), " and ")
    box = f"the fax box of its number {situation.number}"
    return {
        OK: f"forwards calls of type {kind} to {box}",
        MISSING: f"has no call forward of type {kind}",
        WRONG_TYPE: f"has its call forward to the fax box for the type {', '.join(also)}, not for {kind}",
        DISABLED: f"has a call forward of type {kind} to {box}, but it is disabled",
        TWICE: f"has {len(shown)} call forwards of type {kind} to {box}",
        WRONG_NUMBER: f"forwards calls of type {kind} to the fax box of another number: {forwards}; "
        f"its own number is {situation.number}",
        CHANGED_SET: f"forwards calls of type {kind} elsewhere than to {box}: {forwards}",
        FOREIGN_BOX: f"forwards calls of type {kind} to somebody else: {forwards}",
        CONDITIONAL: f"forwards calls of type {kind} to {box} only sometimes: {forwards}",
        DRAFT: f"has a call forward of type {kind} that leads nowhere: {forwards}",
        COMPETING: f"has another call forward of type {kind}: {forwards}",
        NO_NUMBER: "has no primary number, and therefore no fax box",
    }[code]
