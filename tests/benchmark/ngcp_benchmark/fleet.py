# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The subscribers of the benchmark: what is declared, what the server has, and who of them drifted."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

Settings = dict[str, Any]

RESOURCE = "faxserversettings"


def declared(subscriber_id: int, secrets: bool = False) -> Settings:
    """Return the settings that a subscriber shall have: a name and two destinations, as an office has them.

    :param secrets: with a fax password of its own.
    """
    settings = {
        "active": True,
        "name": f"Office {subscriber_id:06}",
        "t38": subscriber_id % 4 != 0,
        "ecm": True,
        "destinations": [
            _destination(f"fax.{subscriber_id:06}@office.example.com", "PDF", outgoing=True),
            _destination(f"archive.{subscriber_id:06}@records.example.org", "TIFF", outgoing=False),
        ],
    }
    return (
        {**settings, "password": f"Pw-{subscriber_id * 7919 % 1_000_003:07}-{subscriber_id}"} if secrets else settings
    )


def drifted(subscriber_id: int, secrets: bool = False) -> Settings:
    """Return what is found instead where somebody changed the settings by hand, in one of several ways."""
    settings = declared(subscriber_id, secrets)
    by_hand = (
        {"active": False},
        {"name": "Changed by hand"},
        {"destinations": settings["destinations"][:1]},
        {"t38": not settings["t38"], "ecm": False},
    )
    return {**settings, **by_hand[subscriber_id % len(by_hand)]}


def drifted_ids(count: int, share: float) -> list[int]:
    """Return which of the subscribers 1 to ``count`` drifted: evenly spread, and at least one unless nobody did."""
    number = max(1, round(count * share)) if share > 0 else 0
    return [1 + position * count // number for position in range(number)]


def corrections(subscriber_id: int) -> list[dict[str, Any]]:
    """Return the JSON Patch that brings a drifted subscriber back."""
    wanted, found = declared(subscriber_id), drifted(subscriber_id)
    return [
        {"op": "replace", "path": f"/{name}", "value": value} for name, value in wanted.items() if found[name] != value
    ]


def entries(count: int, secrets: bool = False) -> Iterator[Settings]:
    """Return the entries of a fleet file."""
    for subscriber_id in range(1, count + 1):
        yield {"subscriber_id": subscriber_id, **declared(subscriber_id, secrets)}


def write_fleet(path: pathlib.Path, count: int, secrets: bool = False) -> None:
    """Write a fleet file, entry by entry: the benchmark's own memory must stay small, it is inherited and measured."""
    _write_list(path, entries(count, secrets))


def write_corrections(path: pathlib.Path, count: int, share: float) -> None:
    """Write what the bare script has to send: pairs of id and patch."""
    _write_list(path, ([subscriber_id, corrections(subscriber_id)] for subscriber_id in drifted_ids(count, share)))


def write_inventory(path: pathlib.Path, count: int) -> None:
    """Write an inventory with one host for each subscriber and the settings as its variables."""
    hosts = {f"subscriber{n}": {"subscriber_id": n, "fax": declared(n)} for n in range(1, count + 1)}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    path.write_text(json.dumps({"all": {"vars": local, "hosts": hosts}}), encoding="utf-8")


def _destination(address: str, filetype: str, *, outgoing: bool) -> Settings:
    return {"destination": address, "filetype": filetype, "incoming": True, "outgoing": outgoing, "status": True}


def _write_list(path: pathlib.Path, items: Iterator[Any]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write("[")
        separator = "\n"
        for item in items:
            stream.write(separator + json.dumps(item))
            separator = ",\n"
        stream.write("\n]\n")


def stored(count: int, share: float, secrets: bool) -> Callable[[int], Settings]:
    """Return the function that tells what the server has for each of ``count`` subscribers before a run."""
    changed = frozenset(drifted_ids(count, share))
    return lambda subscriber_id: (drifted if subscriber_id in changed else declared)(subscriber_id, secrets)
