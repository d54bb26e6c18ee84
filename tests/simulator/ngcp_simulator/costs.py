# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How much more or less time some resources take than the settings, which the delays are about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .call import Call


@dataclass(frozen=True)
class Cost:
    """Factors for the delays of a resource."""

    read: float = 1.0
    item: float = 1.0
    """For every item of a page."""
    writes: Mapping[str, float] = field(default_factory=dict)
    """By method."""
    expanded: float = 1.0
    """For a read with `expand`, on top."""


_SETS = Cost(1.1, 0.8, MappingProxyType({"POST": 0.4, "PUT": 0.5, "PATCH": 0.5, "DELETE": 0.4}))
COSTS: Mapping[str, Cost] = MappingProxyType(
    {
        "cfmappings": Cost(1.9, 3.5, MappingProxyType({"PUT": 2.1, "PATCH": 1.9}), 1.8),
        "callforwards": Cost(2.3, 2.3, MappingProxyType({"PUT": 3.9, "PATCH": 3.9, "DELETE": 3.9})),
        "cfdestinationsets": _SETS,
        "cftimesets": _SETS,
        "cfsourcesets": _SETS,
        "cfbnumbersets": _SETS,
    }
)
"""Relative to faxserversettings, as it was measured: its items, its pages, and its writes."""
_USUAL = Cost()


def cost_of(call: Call) -> Cost:
    """Return the factors for a call."""
    return COSTS.get(call.path.removeprefix("/api/").partition("/")[0], _USUAL)


def factor(call: Call) -> float:
    """Return the factor for the time of a read or a write."""
    cost = cost_of(call)
    if not call.reading:
        return cost.writes.get(call.method, 1.0)
    return cost.read * (cost.expanded if call.query.get("expand") else 1.0)
