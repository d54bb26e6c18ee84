# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What readiness is: three abilities, a verdict about each, and the reasons for it. Pure: no I/O, nothing of Ansible.

``CODES`` is the one table of reasons: what each one is about, and how much it weighs. The documentation has a row for
each of them, which a test compares.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .fixes import Fix

# What a subscriber can do, in the order in which it is shown.
RECEIVES, SENDS, MAILS = "receives", "sends", "mails"
ABILITIES = (RECEIVES, SENDS, MAILS)

# Verdicts. Texts, because the third one is not a boolean, and a text is never taken for one.
TRUE, FALSE, UNKNOWN = "true", "false", "unknown"
VERDICTS = (TRUE, FALSE, UNKNOWN)
# What people read.
WORDS: Mapping[str, str] = {TRUE: "yes", FALSE: "no", UNKNOWN: "unknown"}

# How much a reason weighs: it makes the ability false, it keeps it from being known, or it only deserves attention.
BLOCKS, UNCERTAIN, NOTE = "blocks", "unknown", "note"
LEVELS = (BLOCKS, UNCERTAIN, NOTE)


class Code(NamedTuple):
    """A kind of reason.

    :param name: what results call it.
    :param levels: how much it can weigh; the first one where nothing else is said.
    :param affects: the abilities that it can be about.
    """

    name: str
    levels: tuple[str, ...]
    affects: tuple[str, ...]


def _codes(*codes: Code) -> dict[str, Code]:
    return {code.name: code for code in codes}


_RECEIVING = (RECEIVES,)
_MAILING = (MAILS,)

# In the order in which a fax meets them on its way.
CODES: Mapping[str, Code] = _codes(
    Code("licence_missing", (BLOCKS,), ABILITIES),
    Code("licence_unknown", (UNCERTAIN,), ABILITIES),
    Code("edition_without_fax", (BLOCKS,), ABILITIES),
    Code("edition_unknown", (UNCERTAIN,), ABILITIES),
    Code("feature_off", (BLOCKS,), ABILITIES),
    Code("feature_unknown", (UNCERTAIN,), ABILITIES),
    Code("subscriber_not_active", (UNCERTAIN,), ABILITIES),
    Code("calls_locked", (UNCERTAIN,), ABILITIES),
    Code("lock_unknown", (UNCERTAIN,), ABILITIES),
    Code("number_missing", (BLOCKS,), _RECEIVING),
    Code("caller_id_missing", (NOTE,), (SENDS, MAILS)),
    Code("profile_without_fax", (NOTE,), ABILITIES),
    Code("profile_unknown", (NOTE,), ABILITIES),
    Code("service_inactive", (BLOCKS,), ABILITIES),
    Code("service_unknown", (UNCERTAIN,), ABILITIES),
    Code("incoming_destination_missing", (BLOCKS,), _RECEIVING),
    Code("destination_refused", (NOTE,), ABILITIES),
    Code("forward_missing", (BLOCKS,), _RECEIVING),
    Code("forward_disabled", (BLOCKS,), _RECEIVING),
    Code("forward_elsewhere", (BLOCKS,), _RECEIVING),
    Code("forward_wrong_box", LEVELS, _RECEIVING),
    Code("forward_foreign_box", LEVELS, _RECEIVING),
    Code("forward_competing", (UNCERTAIN, NOTE), _RECEIVING),
    Code("forward_conditional", (UNCERTAIN, NOTE), _RECEIVING),
    Code("forward_other_type", (UNCERTAIN,), _RECEIVING),
    Code("forward_twice", (NOTE,), _RECEIVING),
    Code("forward_unknown", (UNCERTAIN,), _RECEIVING),
    Code("mail_inactive", (BLOCKS,), _MAILING),
    Code("mail_unprotected", (BLOCKS,), _MAILING),
    Code("mail_unknown", (UNCERTAIN,), _MAILING),
    Code("key_renewal_overdue", (NOTE,), _MAILING),
    Code("key_age_unknown", (NOTE,), _MAILING),
    Code("key_renewal_unnoticed", (NOTE,), _MAILING),
    Code("last_fax_failed", (NOTE,), ABILITIES),
    Code("journal_unknown", (NOTE,), ABILITIES),
)


@dataclass(frozen=True)
class Reason:
    """Why a verdict is what it is.

    :param code: one of ``CODES``.
    :param message: one sentence or two for people, printable and free of secrets.
    :param affects: the abilities that it is about.
    :param level: how much it weighs.
    :param fix: the task that would remove the reason; None where no task of the collection can.
    """

    code: str
    message: str
    affects: tuple[str, ...]
    level: str
    fix: Fix | None = None

    def as_dict(self, abilities: Iterable[str], subscriber_id: int | None = None) -> dict[str, Any]:
        """Return the reason in the shape that results carry.

        :param abilities: those that somebody asked for.
        :param subscriber_id: id of the subscriber that the fix is for.
        """
        return {
            "code": self.code,
            "level": self.level,
            "affects": [ability for ability in abilities if ability in self.affects],
            "message": self.message,
            "fix": None if self.fix is None or subscriber_id is None else self.fix.text([subscriber_id]),
        }


def reason(
    code: str, message: str, fix: Fix | None = None, *, affects: tuple[str, ...] = (), level: str | None = None
) -> Reason:
    """Return a reason.

    :param affects: the abilities that it is about; by default all that its code can be about.
    :param level: how much it weighs; by default as its code usually does.
    """
    kind = CODES[code]
    return Reason(code, message, affects or kind.affects, level or kind.levels[0], fix)


def verdict_on(ability: str, reasons: Iterable[Reason]) -> str:
    """Return whether a subscriber has an ability: what makes it impossible outweighs what is not known, and without a
    reason of either kind it has it."""
    levels = {reason.level for reason in reasons if ability in reason.affects}
    if BLOCKS in levels:
        return FALSE
    return UNKNOWN if UNCERTAIN in levels else TRUE


def ordered(reasons: Iterable[Reason], abilities: Iterable[str]) -> list[Reason]:
    """Return the reasons that are about one of the abilities: what blocks first, then in the order of ``CODES``."""
    places = {name: place for place, name in enumerate(CODES)}
    wanted = set(abilities)
    found = [one for one in reasons if wanted.intersection(one.affects)]
    return sorted(found, key=lambda one: (LEVELS.index(one.level), places[one.code]))
