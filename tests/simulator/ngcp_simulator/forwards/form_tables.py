# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which check goes with which member of forwards and sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from types import MappingProxyType

from .checks import (
    Check,
    anything,
    choice,
    integer,
    number_range,
    optional_choice,
    positive,
    positive_twice,
    read_only,
    required,
    text,
)
from .kinds import DESTINATIONS, KINDS, MODE, TIMES, TYPES, SetKind

LIMITS = {"year": (1990, 3000), "month": (1, 12), "mday": (1, 31), "wday": (1, 7), "hour": (0, 23), "minute": (0, 59)}
NAME = partial(required, "Name", text)
OWNER = partial(required, "Subscriber id", positive_twice)
MODE_OF_A_SET = partial(required, MODE.label, choice)
NUMERIC = (integer, positive, positive_twice, OWNER)


def _frozen(checks: Mapping[str, Check]) -> Mapping[str, Check]:
    return MappingProxyType(dict(checks))


ELEMENTS: Mapping[str, Mapping[str, Check]] = {
    DESTINATIONS.resource: _frozen(
        {
            "destination": text,
            "simple_destination": read_only,
            "timeout": positive,
            "priority": positive,
            "announcement_id": positive,
        }
    ),
    TIMES.resource: _frozen({name: partial(number_range, limits, name != "year") for name, limits in LIMITS.items()}),
    **{kind.resource: _frozen({kind.columns[0].name: text}) for kind in KINDS if kind.has_mode},
}


def set_checks(kind: SetKind, with_owner: bool) -> Mapping[str, Check]:
    checks: dict[str, Check] = {"name": NAME, "own": positive_twice, "usage_count": positive_twice}
    if with_owner:
        checks["subscriber_id"] = OWNER
    if kind.has_mode:
        checks |= {"mode": MODE_OF_A_SET, "is_regex": anything}
    return {**checks, kind.elements: anything}


def _names(names: Iterable[str], check: Check) -> dict[str, Check]:
    return dict.fromkeys(names, check)


MAPPINGS = _frozen({**_names(TYPES, anything), "cft_ringtimeout": positive_twice})
MAPPING = _frozen(
    {
        **_names((kind.member for kind in KINDS), anything),
        **_names((f"{kind.member}_id" for kind in KINDS), positive_twice),
        "enabled": anything,
        "use_redirection": anything,
        "cfm_id": positive_twice,
    }
)
SIMPLE = _frozen(
    {
        **_names((kind.elements for kind in KINDS), anything),
        **_names((kind.simple for kind in KINDS), anything),
        "sources_mode": optional_choice,
        "sources_is_regex": anything,
        "bnumbers_mode": optional_choice,
        "bnumbers_is_regex": anything,
    }
)
SIMPLE_ELEMENTS: Mapping[str, Mapping[str, Check]] = {
    "destinations": _frozen(
        {
            "destination": text,
            "simple_destination": text,
            "timeout": positive_twice,
            "priority": integer,
            "announcement_id": positive_twice,
        }
    ),
    "times": _frozen(_names(LIMITS, text)),
    "sources": _frozen({"source": text}),
    "bnumbers": _frozen({"bnumber": text}),
}
