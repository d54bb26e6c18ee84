# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleet files with settings of both kinds, and runs of the collection's own playbooks."""

from __future__ import annotations

import csv
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Run

COLUMNS = (
    "subscriber_id",
    "active",
    "name",
    "password",
    "t38",
    "destinations",
    "mail2fax_active",
    "secret_key",
    "secret_renew_notify",
    "acl",
)
RESOURCES = ("faxserversettings", "mailtofaxsettings")


def row(number: int, **changes: str) -> dict[str, str]:
    """Return a row that declares both kinds of settings."""
    return {
        "subscriber_id": str(number),
        "active": "yes",
        "name": f"Branch {number}",
        "password": f"CANARY-new-{number}",
        "destinations": f"fax{number}@example.org PDF outgoing=no",
        "mail2fax_active": "yes",
        "secret_key": f"CANARY-key-{number}",
        "acl": f"from_email=boss{number}@example.org",
        **changes,
    }


def write_csv(path: pathlib.Path, rows: Iterable[Mapping[str, str]], columns: Iterable[str] = COLUMNS) -> None:
    """Write a fleet file."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)


def provision(sim: Simulator, numbers: Iterable[int]) -> None:
    """Store what :func:`row` declares for subscribers."""
    fax, mail2fax = {}, {}
    for number in numbers:
        delivery = {"incoming": True, "outgoing": False, "status": True, "filetype": "PDF"}
        fax[number] = {
            "active": True,
            "name": f"Branch {number}",
            "password": f"CANARY-new-{number}",
            "destinations": [{"destination": f"fax{number}@example.org", **delivery}],
        }
        mail2fax[number] = {
            "active": True,
            "secret_key": f"CANARY-key-{number}",
            "acl": [{"from_email": f"boss{number}@example.org"}],
        }
    sim.put_many(RESOURCES[0], fax)
    sim.put_many(RESOURCES[1], mail2fax)


def stored(sim: Simulator, numbers: Iterable[int]) -> list[Any]:
    """Return the settings of subscribers without what the platform changes by itself, lists in one order."""
    settings = [sim.settings(resource, number) or {} for number in numbers for resource in RESOURCES]
    return [{name: _ordered(value) for name, value in one.items() if "modify" not in name} for one in settings]


def _ordered(value: Any) -> Any:
    return sorted(value, key=str) if isinstance(value, list) else value


def diffs(run: Run) -> list[Any]:
    """Return the diffs of all settings tasks that report a change, in order."""
    return [
        line["result"]["diff"] for line in run.results if line["status"] == "changed" and line["result"].get("diff")
    ]


def summary(run: Run) -> dict[str, Any]:
    """Return the summary that the role leaves behind."""
    (facts,) = [line["result"]["ansible_facts"] for line in run.results if line["task"].endswith("Note the summary")]
    return dict(facts["fleet_summary"])
