# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of forwards, and the four kinds of sets that a forward consists of."""

from __future__ import annotations

from dataclasses import dataclass

from ..columns import Column
from ..patch import OPERATIONS, REPLACING

TYPES = ("cfu", "cfb", "cft", "cfna", "cfs", "cfr", "cfo")
"""In the order in which the platform writes them."""

MODE = Column("mode", "choice", choices=("whitelist", "blacklist"), required=True, label="Mode")
IS_REGEX = Column("is_regex", "boolean")


@dataclass(frozen=True)
class SetKind:
    """One kind of sets: destinations of a forward, or a condition of it."""

    resource: str
    """The resource of these sets."""
    entity: str
    """The name of one set in messages."""
    controller: str
    """The name of the platform's class."""
    member: str
    """What a mapping calls the set's name; its id has `_id` behind it."""
    simple: str
    """What the simplified view calls the set; with `_id` it is a column of the mappings."""
    title: str
    """What messages call it."""
    table: str
    element_table: str
    elements: str
    """The list of a set."""
    columns: tuple[Column, ...]
    """The columns of an element."""
    has_mode: bool = False
    """Whether there is a mode, and a flag that the elements are regular expressions."""
    operations: tuple[str, ...] = tuple(OPERATIONS)
    """What a PATCH may do."""
    links_itself: bool = True
    """Whether an item has a link to its own kind."""
    has_journal: bool = True
    checks_accept: bool = True
    """Whether an item is refused to those who do not accept JSON."""

    @property
    def column(self) -> str:
        """The column of a mapping."""
        return f"{self.simple}_id"


DESTINATIONS = SetKind(
    resource="cfdestinationsets",
    entity="cfdestinationset",
    controller="CFDestinationSets",
    member="destinationset",
    simple="destination_set",
    title="destination set",
    table="cf_destination_sets",
    element_table="cf_destinations",
    elements="destinations",
    columns=(
        Column("destination", "text"),
        Column("priority", "number"),
        Column("timeout", "number"),
        Column("announcement_id", "number"),
    ),
    operations=REPLACING,
)
TIMES = SetKind(
    resource="cftimesets",
    entity="cftimeset",
    controller="CFTimeSets",
    member="timeset",
    simple="time_set",
    title="time set",
    table="cf_time_sets",
    element_table="cf_periods",
    elements="times",
    columns=tuple(Column(name, "text") for name in ("year", "month", "mday", "wday", "hour", "minute")),
)
SOURCES = SetKind(
    resource="cfsourcesets",
    entity="sourceset",
    controller="CFSourceSets",
    member="sourceset",
    simple="source_set",
    title="source set",
    table="cf_source_sets",
    element_table="cf_sources",
    elements="sources",
    columns=(Column("source", "text"),),
    has_mode=True,
    links_itself=False,
    checks_accept=False,
)
BNUMBERS = SetKind(
    resource="cfbnumbersets",
    entity="cfbnumberset",
    controller="CFBNumberSets",
    member="bnumberset",
    simple="bnumber_set",
    title="bnumber set",
    table="cf_bnumber_sets",
    element_table="cf_bnumbers",
    elements="bnumbers",
    columns=(Column("bnumber", "text"),),
    has_mode=True,
    has_journal=False,
)

KINDS = (DESTINATIONS, TIMES, SOURCES, BNUMBERS)
CONDITIONS = KINDS[1:]
BY_RESOURCE = {kind.resource: kind for kind in KINDS}
