# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Something to see on a new platform: a fleet file, settings that differ from it, and faxes.

The fleet file declares the fax settings of all subscribers, and the call forward to the fax box of those who are
active. The platform has them, but for every tenth subscriber, whose settings look as if somebody had changed them by
hand, and for one in a hundred whose call forward is missing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .operations import Document
from .simulator import Simulator

FAX = "faxserversettings"
MAIL = "mailtofaxsettings"
COLUMNS = ("subscriber", "active", "name", "t38", "ecm", "destinations", "forward")
FILE_TYPES = ("TIFF", "PDF14", "PDF")
EVERY = 10
"""One subscriber in ten is not active, and has drifted."""

HUNDRED = 100
"""One subscriber in a hundred lacks the call forward."""

HOUR = 3600.0


def declared(simulator: Simulator) -> Iterator[tuple[int, str, Document]]:
    """Yield id, name with domain and settings of every subscriber, as the fleet file declares them."""
    rows = simulator.platform.database.rows(
        "SELECT subscribers.id, username || '@' || domains.domain FROM subscribers"
        " JOIN domains ON domains.id = subscribers.domain_id WHERE status = 'active' ORDER BY subscribers.id"
    )
    for identifier, name in rows:
        yield identifier, name, _settings(identifier)


def _settings(identifier: int) -> Document:
    destinations = [_destination(f"fax{identifier:04d}@example.org", FILE_TYPES[(identifier - 1) % len(FILE_TYPES)])]
    if identifier % 4 == 0:
        destinations.append(_destination("archive@example.org", "PDF14", outgoing=False, status=False))
    if identifier % 7 == 0:
        destinations.append(_destination(f"desk{identifier:04d}@example.org", "TIFF", incoming=False))
    return {
        "active": identifier % EVERY != 3,
        "name": f"Branch {identifier:04d}",
        "t38": True,
        "ecm": identifier % 25 != 0,
        "destinations": destinations,
    }


def _destination(address: str, filetype: str, **switched_off: bool) -> Document:
    return {
        "destination": address,
        "filetype": filetype,
        "incoming": True,
        "outgoing": True,
        "status": True,
        **switched_off,
    }


def write_fleet_file(simulator: Simulator, path: Path) -> None:
    """Write what is declared as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        for _identifier, name, settings in declared(simulator):
            row = {**settings, "forward": "unconditional" if settings["active"] else "none"}
            table.writerow([name, *(_cell(row[column]) for column in COLUMNS[1:])])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(_words(element) for element in value)
    return str(value)


def _words(destination: Document) -> str:
    off = [f" {name}=no" for name, value in destination.items() if value is False]
    return f"{destination['destination']} {destination['filetype']}{''.join(off)}"


def provision(simulator: Simulator) -> list[int]:
    """Store what is declared, and let some of it drift; return the ids of those subscribers."""
    drifted, receiving = [], []
    for identifier, _name, settings in declared(simulator):
        if identifier % HUNDRED == 7:
            drifted.append(identifier)
        elif settings["active"]:
            receiving.append(identifier)
        if identifier % EVERY == 3:
            settings.update(_by_hand(identifier))
            drifted.append(identifier)
        simulator.put_settings(FAX, identifier, settings)
    simulator.add_fax_forwards(receiving)
    return drifted


def _by_hand(identifier: int) -> Document:
    """Return settings as people leave them who change something by hand."""
    changes: tuple[Document, ...] = (
        {"active": True},
        {"name": "Changed by hand"},
        {"destinations": [_destination("somebody@example.org", "TIFF")]},
    )
    return changes[identifier // EVERY % len(changes)]


def add_mail_settings(simulator: Simulator) -> list[int]:
    """Let the first subscribers send faxes by mail; return their ids."""
    chosen = _first(simulator, 3)
    for identifier in chosen:
        address = f"fax{identifier:04d}@example.org"
        document = {
            "active": True,
            "secret_key": f"Sample-key-{identifier:04d}",
            "secret_key_renew": "monthly",
            "secret_renew_notify": [{"destination": address}],
            "acl": [{"from_email": address, "received_from": None, "use_regex": False}],
        }
        simulator.put_settings(MAIL, identifier, document)
    return chosen


def add_faxes(simulator: Simulator) -> tuple[int, int]:
    """Put faxes of the last days into the journal; return how many were received, and how many could not be sent."""
    now = simulator.platform.clock.now()
    received = [(identifier, number) for identifier in _first(simulator, 4) for number in range(3)]
    for identifier, number in received:
        time = now - (identifier * 7 + number * 20) * HOUR
        simulator.receive_fax(identifier, time=time, pages=number + 1, caller=f"4315550{identifier:02d}{number}")
    failed = _first(simulator, 3)
    for identifier in failed:
        own = _primary_number(simulator, identifier)
        busy: Document = {
            "status": "FAILED",
            "reason": "Remote busy",
            "duration": 0,
            "time": now - identifier * 5 * HOUR,
        }
        simulator.receive_fax(identifier, direction="out", caller=own, callee=f"999{identifier:04d}", **busy)
    return len(received), len(failed)


def _first(simulator: Simulator, count: int) -> list[int]:
    return [identifier for identifier, _name, _settings in declared(simulator)][:count]


def _primary_number(simulator: Simulator, identifier: int) -> str:
    sql = "SELECT number FROM numbers WHERE subscriber_id = ? AND is_primary"
    return str(simulator.platform.database.value(sql, (identifier,)))
