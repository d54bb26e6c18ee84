# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call forwards on the platform: states that subscribers can be in, and what the database says of them afterwards.

Nothing of this file uses the collection: it says by itself which forward is right and whose sets are whose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .world import World

Document = dict[str, Any]
SETS = "cfdestinationsets"
OURS = "ngcp.fax"
OWNER = 120
"""The subscriber whose set others use, and who has a forward of the collection's own."""
SHORT = {"unconditional": "cfu", "busy": "cfb", "timeout": "cft"}
WRONG_NUMBER = "4311111111"
WRONG_BOX = f"sip:fax={WRONG_NUMBER}@fax2mail.local"
_CONDITIONS = ("time_set_id", "source_set_id", "bnumber_set_id")
_TABLES = ("cf_mappings", "cf_preferences", "cf_time_sets", "cf_periods")


def _mapping(*destinations: str, name: str = OURS, **more: Any) -> Document:
    return {"destinationset": {"name": name, "destinations": [*destinations]}, **more}


STATES: dict[str, Document] = {
    "nothing": {},
    "right": {"cfu": [_mapping("fax2mail")]},
    "by hand": {"cfu": [_mapping("fax2mail", name="fax")]},
    "off": {"cfu": [_mapping("fax2mail", enabled=False)]},
    "wrong number": {"cfu": [_mapping(WRONG_BOX)]},
    "busy": {"cfb": [_mapping("fax2mail")]},
    "twice": {"cfu": [_mapping("fax2mail"), _mapping("fax2mail")]},
    "unused": {},
    "voicebox": {"cfu": [_mapping("voicebox", name="quickset_cfu")]},
    "beside": {"cfu": [_mapping("fax2mail"), _mapping("voicebox", name="quickset_cfu")]},
    "somebody's": {},
    "timeout": {"cft": [_mapping("fax2mail")], "cft_ringtimeout": 15},
    "timeout with another": {
        "cft": [_mapping("fax2mail"), _mapping("voicebox", name="quickset_cft")],
        "cft_ringtimeout": 15,
    },
}
"""Mappings by the name of a state. `unused` also has a set of ours that nothing uses, with a wrong destination, and
`somebody's` uses the set of another subscriber."""
BYSTANDERS: Document = {
    "cfna": [
        _mapping("sip:night@example.org", name="night", timeset={"name": "office", "times": [{"hour": "8-16"}]}),
        _mapping("voicebox", name="night 2", enabled=False),
    ]
}
"""What everybody has beside that, and what nobody may touch; with it a set that nothing uses."""


def put_states(world: World, states: Mapping[int, str]) -> None:
    """Put subscribers into states by their names; all others have no forwards, but for the owner of the foreign set."""
    sim = world.sim
    sim.clear_forwards()
    sim.put_forwards(OWNER, {"cfu": [_mapping("fax2mail")], "cfb": [_mapping("fax2mail", name="box")]})
    foreign = next(one["id"] for one in sim.sets(SETS, OWNER) if one["name"] == "box")
    sim.put_many_forwards({one: {**BYSTANDERS, **STATES[state]} for one, state in states.items()})
    for one, state in states.items():
        sim.add_set(SETS, one, {"name": "spare", "destinations": ["voicebox"]})
        if state == "unused":
            sim.add_set(SETS, one, {"name": OURS, "destinations": ["voicebox"]})
        if state == "somebody's":
            sim.add_forwards(one, {"cfu": [{"destinationset_id": foreign}]})


def put_profile(world: World, identifier: int | None) -> None:
    """Give one subscriber, or none, a profile that allows everything."""
    database = world.sim.platform.database
    for (one,) in database.rows("SELECT id FROM subscribers WHERE profile_id IS NOT NULL"):
        world.sim.change_subscriber(one, profile_id=None)
    if identifier is not None:
        profile = database.value("SELECT max(id) FROM subscriber_profiles")
        if profile is None:
            profile = world.sim.add_profile("everything", ("fax_server", "cfu", "cfb", "cft", "cfna"))
        world.sim.change_subscriber(identifier, profile_id=profile)


def primary_numbers(world: World) -> dict[int, str]:
    """Return the digits of everybody's number."""
    rows = world.sim.platform.database.rows("SELECT subscriber_id, cc || ac || sn FROM numbers WHERE is_primary")
    return dict(rows)


class Entry(NamedTuple):
    """One mapping, without the id of its row.

    :param conditions: ids of the sets that restrict it.
    """

    set_id: int
    enabled: bool
    conditions: tuple[int | None, ...]
    redirects: bool


class Has(NamedTuple):
    """What one subscriber has.

    :param entries: by the types' short names.
    :param sets: those that belong to it, by id: name and destinations.
    :param foreign: sets of others that its entries use.
    """

    number: str
    entries: Mapping[str, tuple[Entry, ...]]
    sets: Mapping[int, tuple[str, tuple[Any, ...]]]
    foreign: frozenset[int]
    ring_timeout: int | None

    @property
    def ours(self) -> set[int]:
        """The sets that the collection has created."""
        return {number for number, (name, _destinations) in self.sets.items() if name == OURS}

    @property
    def unused(self) -> set[int]:
        """Those of them that nothing uses."""
        return self.ours - {entry.set_id for entries in self.entries.values() for entry in entries}

    def is_box(self, set_id: int) -> bool:
        """Return whether a set is the subscriber's own and leads to its own fax box, and nowhere else."""
        _name, destinations = self.sets.get(set_id, ("", ()))
        return [one[0] for one in destinations] == [f"sip:fax={self.number}@fax2mail.local"]

    def has_forward(self, word: str, is_enabled: bool = True, ring_timeout: int | None = None) -> bool:
        """Return whether this is exactly as declared: one forward to the own fax box, and nothing of ours beside."""
        if word == "none":
            return not self.ours
        entries = self.entries.get(SHORT[word], ())
        if len(entries) != 1 or not self.is_box(entries[0].set_id) or any(entries[0].conditions):
            return False
        beside = [entry for short, found in self.entries.items() if short != SHORT[word] for entry in found]
        is_alone = self.ours <= {entries[0].set_id} and not any(entry.set_id in self.ours for entry in beside)
        return is_alone and entries[0].enabled == is_enabled and ring_timeout in (None, self.ring_timeout)

    def others(self, word: str = "none") -> Any:
        """Return what the collection did not create.

        :param word: the type whose forwards may be replaced.
        """
        mine = self.ours
        entries = {
            short: sorted(entry for entry in found if entry.set_id not in mine)
            for short, found in self.entries.items()
            if short != SHORT.get(word)
        }
        kept = {short: found for short, found in entries.items() if found}
        return kept, {number: one for number, one in self.sets.items() if number not in mine}


class Snapshot(NamedTuple):
    """All forwards at one moment.

    :param has: by subscriber.
    :param owners: whose each set is.
    :param names: of the sets.
    :param rows: the tables as they are, to see whether anything was written at all.
    """

    has: Mapping[int, Has]
    owners: Mapping[int, int]
    names: Mapping[int, str]
    rows: Mapping[str, Any]


def snapshot(world: World, identifiers: Sequence[int]) -> Snapshot:
    """Return all forwards, of these subscribers in detail."""
    sim = world.sim
    sets, rows = sim.sets(SETS), sim.tables(*_TABLES)
    timeouts = {
        row["subscriber_id"]: row["value"] for row in rows["cf_preferences"] if row["attribute"] == "ringtimeout"
    }
    numbers = primary_numbers(world)
    owned: dict[int, dict[int, Any]] = {}
    for one in sets:
        content = one["name"], tuple((to["destination"], to["priority"]) for to in one["destinations"])
        owned.setdefault(one["subscriber_id"], {})[one["id"]] = content
    entries: dict[int, dict[str, list[Entry]]] = {}
    for row in rows["cf_mappings"]:
        conditions = tuple(row[name] for name in _CONDITIONS)
        entry = Entry(row["destination_set_id"], bool(row["enabled"]), conditions, bool(row["use_redirection"]))
        entries.setdefault(row["subscriber_id"], {}).setdefault(row["type"], []).append(entry)
    has = {}
    for one in identifiers:
        found = {short: tuple(some) for short, some in entries.get(one, {}).items()}
        used = {entry.set_id for some in found.values() for entry in some}
        mine = owned.get(one, {})
        has[one] = Has(numbers[one], found, mine, frozenset(used - mine.keys()), timeouts.get(one))
    owners = {one["id"]: one["subscriber_id"] for one in sets}
    return Snapshot(has, owners, {one["id"]: one["name"] for one in sets}, {**rows, SETS: sets})


def elsewhere(seen: Snapshot, identifiers: Sequence[int]) -> Any:
    """Return the rows of everybody but some."""
    return {
        table: [row for row in rows if row.get("subscriber_id", 0) not in identifiers]
        for table, rows in seen.rows.items()
    }


def stale_preferences(seen: Snapshot) -> Iterator[str]:
    """Yield the hidden preferences that name a mapping that is not there: they switch the proxy, and nothing shows."""
    rows = {row["id"]: (row["subscriber_id"], row["type"]) for row in seen.rows["cf_mappings"]}
    for row in seen.rows["cf_preferences"]:
        if row["attribute"] != "ringtimeout" and rows.get(row["value"]) != (row["subscriber_id"], row["attribute"]):
            yield f"the preference {row['attribute']} of subscriber {row['subscriber_id']} is stale"


def writes_sent(world: World, owners: Mapping[int, int]) -> dict[int, int]:
    """Return how many writes of forwards were sent for each subscriber, by the audit; 0 stands for sets of nobody.

    :param owners: whose sets there are and were.
    """
    found: dict[int, int] = {}
    for record in world.sim.audit:
        if record.method in ("GET", "HEAD", "OPTIONS"):
            continue
        match = re.fullmatch(r"/api/(cfmappings|cfdestinationsets)/(\d*)", record.path)
        if match is None:
            continue
        resource, number = match.groups()
        if not number:
            one = int((re.search(r'"subscriber_id": (\d+)', record.body) or ["", "0"])[1])
        else:
            one = int(number) if resource == "cfmappings" else owners.get(int(number), 0)
        found[one] = found.get(one, 0) + 1
    return found
