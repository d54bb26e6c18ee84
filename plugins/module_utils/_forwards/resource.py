# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The call forward to the fax box as the engine of the settings knows it: a table of fields, and ways of its own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from .._settings.fields import Choice, Flag, Number, Text
from .._settings.list_fields import ABSENT, PRESENT
from .._settings.resources import Dependence, Resource
from .kinds import ALIASES, NONE, TYPES

if TYPE_CHECKING:
    from .._settings.ways import Ways

REPLACE_FOREIGN = "replace_foreign"
PROBLEM = "problem"
INCLUDE_COMPETING = "include_competing"


def _ways() -> Ways:
    # Imported here, because the table alone is needed for every fleet.
    from .forward_ways import FORWARD_WAYS

    return FORWARD_WAYS


# A subscriber has one forward of the collection's: declaring another type moves it. The fields that the server owns are
# what `recipe.shown` says beside that; they are shown where they change. Only the info module says what the problem is.
FORWARD = Resource(
    name="cfmappings",
    module="fax_forward",
    title="call forwards",
    prefix="fax_forward",
    fields=(
        Choice(
            "forward", default=NONE, choices=(*(one.word for one in TYPES), NONE), aliases=MappingProxyType(ALIASES)
        ),
        Flag("enabled", default=True),
        Number("ring_timeout", lowest=1),
        Text("fax_box", server_owned=True),
        Text("competing", server_owned=True),
        Text("surplus", server_owned=True),
        Text(PROBLEM, server_owned=True),
    ),
    depends_on=Dependence("fax_settings", "active", "calls reach the fax box, but the fax service takes no fax."),
    states=(PRESENT, ABSENT),
    leading="forward",
    implied=MappingProxyType({"enabled": True}),
    bare=("forward", "ring_timeout"),
    off=MappingProxyType({"forward": (NONE,), "enabled": (False,)}),
    lost=("competing",),
    problem=PROBLEM,
    has_whole_values=False,
    advises_fleets=True,
    info_options=MappingProxyType({INCLUDE_COMPETING: {"type": "bool", "default": False}}),
    options=MappingProxyType({REPLACE_FOREIGN: {"type": "bool", "default": False}}),
    load_ways=_ways,
)
