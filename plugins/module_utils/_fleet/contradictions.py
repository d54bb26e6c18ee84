# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What entries declare that does not fit together, although each part of it is possible. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._resources import RESOURCES
from .._settings.resources import Dependence, Resource
from .._wording import and_more, joined
from .entries import FleetEntry

_EXAMPLES = 3


def contradictions(entries: Sequence[FleetEntry]) -> list[str]:
    """Return a warning for each service that entries declare while they switch off what it depends on."""
    return [
        f"{and_more(found[:_EXAMPLES], len(found), ', ')}: {dependence.warning}"
        for resource in RESOURCES
        for dependence in [resource.depends_on]
        if dependence is not None
        for found in [list(_at_odds(entries, resource, dependence))]
        if found
    ]


def _at_odds(entries: Sequence[FleetEntry], resource: Resource, dependence: Dependence) -> Iterator[str]:
    for entry in entries:
        if entry.left_out is not None:  # an undo gives back what was there, whether it fits together or not
            continue
        own, other = entry.declarations.get(resource.module), entry.declarations.get(dependence.module)
        if own is None or other is None or other.fields.get(dependence.flag) is not False:
            continue
        on = [
            f"{name} is {own.fields[name]}"
            for name, values in resource.off.items()
            if name == resource.leading and name in own.fields and own.fields[name] not in values
        ]
        if on:
            yield f"{own.label} ({joined([*on, f'{dependence.flag} is false'])})"
