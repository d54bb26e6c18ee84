# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From the call forwards of a subscriber to reasons. Pure.

How a forward *is* says :func:`_forwards.judging.judge`, the same that the module ``fax_forward`` uses. Whether faxes
arrive in spite of it is decided here: a right forward beside one that is off is no obstacle, and which of two that are
on the platform takes was not measured (contract: call forwards, section 12).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .._errors import FaxError
from .._forwards import judging
from .._forwards.kinds import TYPES, UNCONDITIONAL
from .._forwards.situation import Entry, Situation, fax_box
from .._wording import joined
from . import fixes
from .facts import Known
from .verdicts import BLOCKS, NOTE, UNCERTAIN, Reason, reason

# What the judged states that are about entries of the type mean here.
_CODES: Mapping[str, str] = {
    judging.WRONG_NUMBER: "forward_wrong_box",
    judging.FOREIGN_BOX: "forward_foreign_box",
    judging.CONDITIONAL: "forward_conditional",
    judging.TWICE: "forward_twice",
    judging.CHANGED_SET: "forward_competing",
    judging.DRAFT: "forward_competing",
    judging.COMPETING: "forward_competing",
}

_SMS = "sms"


def judge_forward(situation: Known[Situation]) -> Iterator[Reason]:
    """Yield the reason that lies in the call forwards, if there is one.

    A subscriber without a primary number has no fax box: that is a reason of its own, see :mod:`judge_subscriber`.
    """
    if isinstance(situation, FaxError):
        yield reason("forward_unknown", f"The call forwards cannot be read: {situation.message}")
        return
    state = judging.judge(UNCONDITIONAL, situation)
    if state.code in (judging.OK, judging.NO_NUMBER):
        return
    code, level = _code_and_level(state.code, situation)
    fix = fixes.forward_to_fax_box(replace_foreign=not state.is_fixable)
    yield reason(code, f"The subscriber {_text(code, state, situation)}.", fix, level=level)


def _code_and_level(state: str, situation: Situation) -> tuple[str, str | None]:
    """Return the code of the reason, and its level if the code does not determine it."""
    if state in (judging.MISSING, judging.WRONG_TYPE):
        return ("forward_other_type" if _other_types(situation) else "forward_missing"), None
    level = _reach(situation)
    if state == judging.DISABLED or (level == BLOCKS and not _enabled(situation)):
        return "forward_disabled", None
    if level == BLOCKS and _CODES[state] == "forward_competing":
        return "forward_elsewhere", None
    return _CODES[state], level


def _text(code: str, state: judging.State, situation: Situation) -> str:
    if code != "forward_other_type":
        return state.text
    types = joined(_other_types(situation), "or")
    box = f"the fax box of its number {situation.number}"
    return f"forwards calls to {box} only with the type {types}, not unconditionally"


def _enabled(situation: Situation) -> list[Entry]:
    return [entry for entry in situation.entries(UNCONDITIONAL.short) if entry.enabled]


def _reach(situation: Situation) -> str:
    """Return how much stands in the way of calls to the fax box, as far as forwards decide it."""
    enabled = _enabled(situation)
    leading = [entry for entry in enabled if situation.leads_to_own_box(entry.set_id)]
    if len(leading) == len(enabled) and any(not entry.conditions for entry in leading):
        return NOTE
    return UNCERTAIN if any(_may_lead(situation, entry) for entry in enabled) else BLOCKS


def _may_lead(situation: Situation, entry: Entry) -> bool:
    """Return whether the own fax box is among the destinations of an entry, and nobody else's set decides about it."""
    one = situation.sets.get(entry.set_id)
    if one is None or one.owner != situation.subscriber_id or situation.number is None:
        return False
    return any(fax_box(destination) == situation.number for destination in one.destinations)


def _other_types(situation: Situation) -> list[str]:
    """Return the other types of calls that are forwarded to the subscriber's own fax box."""
    return [
        kind.word
        for kind in TYPES
        if kind is not UNCONDITIONAL
        and kind.word != _SMS
        and any(entry.enabled and situation.leads_to_own_box(entry.set_id) for entry in situation.entries(kind.short))
    ]
