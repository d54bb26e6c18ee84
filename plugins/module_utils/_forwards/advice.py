# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What deserves a warning about call forwards although the task does what it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._settings.plan import RESET, Policy
from .._wording import and_more
from .kinds import NONE, TIMEOUT

if TYPE_CHECKING:
    from .._settings.outcomes import Outcome

_EXAMPLES = 3

_REMAINS = (
    "a call forward to the fax box remains that the collection did not create. It removes only its own; remove this "
    "one on the platform."
)
_NO_SECONDS = (
    "the call forward takes calls after a time, and none is set on the platform. Declare ring_timeout as well."
)
_FORBIDDEN = (
    "the subscriber profile does not allow this type of call forwards; subscribers do not see it on their own pages."
)


def advice(outcomes: Sequence[Outcome], policy: Policy) -> list[str]:
    """Return one warning for each condition that holds for some of the subscribers, with their number and examples."""
    found = {
        _REMAINS: [one for one in outcomes if _remains(one, policy)],
        _NO_SECONDS: [one for one in outcomes if _lacks_seconds(one)],
        _FORBIDDEN: [one for one in outcomes if one.plan is not None and one.plan.work and one.plan.work.is_forbidden],
    }
    return [f"{_who(concerned)}: {text}" for text, concerned in found.items() if concerned]


def _remains(outcome: Outcome, policy: Policy) -> bool:
    after = outcome.meant()
    if after is None or after["forward"] == NONE:
        return False
    declared = outcome.declaration.fields.get("forward")
    if policy.state == RESET:
        return declared in (None, NONE, after["forward"])
    return declared == NONE


def _lacks_seconds(outcome: Outcome) -> bool:
    after = outcome.meant()
    is_meant = after is not None and after["forward"] == TIMEOUT.word and after.get("ring_timeout") is None
    return is_meant and outcome.declaration.fields.get("forward") == TIMEOUT.word


def _who(outcomes: Sequence[Outcome]) -> str:
    names = [str(outcome.subscriber) for outcome in outcomes[:_EXAMPLES]]
    return f"Subscriber{'' if len(outcomes) == 1 else 's'} {and_more(names, len(outcomes), ', ')}"
