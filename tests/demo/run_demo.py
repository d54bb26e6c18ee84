# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job in two minutes: a fleet of 300 subscribers on a simulated platform, its drift shown and removed."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time

from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import parse_declarations
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_entries
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import Policy, create_plan
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import canonical_settings

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "docs/examples/fleet"
SUBSCRIBERS = 300
DRIFTED = 30
QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}


def main() -> int:
    """Run the demonstration and return 0 if everything came as expected."""
    print(f"Starting a simulated platform with {SUBSCRIBERS} subscribers …")
    with Simulator(subscribers=SUBSCRIBERS) as simulator:
        print(f"It listens on {simulator.url}. {DRIFTED} of its subscribers do not have the settings of fleet.csv.")
        provision(simulator)
        steps = [
            step(simulator, "1. What would change? Nothing is written", True, "--check", "--diff"),
            step(simulator, "2. Now for real", True),
            step(simulator, "3. Once more: nothing is left to do", False),
        ]
    print("\nThe platform is stopped.")
    print("All three runs did what they should." if all(steps) else "Something did NOT go as it should: see above.")
    return 0 if all(steps) else 1


def provision(simulator: Simulator) -> None:
    """Give every subscriber the declared settings, and then every tenth one others."""
    entries = read_entries(FAX_SETTINGS, str(EXAMPLE / "files/fleet.csv"))
    for subscriber_id, declaration in enumerate(parse_declarations(FAX_SETTINGS, entries, {}), start=1):
        plan = create_plan(
            FAX_SETTINGS, canonical_settings(FAX_SETTINGS, {}), declaration.fields, Policy(state="replaced")
        )
        settings = dict(plan.after)
        if subscriber_id % (SUBSCRIBERS // DRIFTED) == 3:
            settings.update(drift(subscriber_id))
        simulator.put_settings(FAX_SETTINGS.name, subscriber_id, settings)


def drift(subscriber_id: int) -> dict[str, object]:
    """Return settings as people leave them who change something by hand."""
    by_hand = {"destination": "somebody@example.org", "filetype": "TIFF", "incoming": 1, "outgoing": 1, "status": 1}
    return ({"active": True}, {"name": "Changed by hand"}, {"destinations": [by_hand]})[subscriber_id // 10 % 3]


def step(simulator: Simulator, title: str, drift_expected: bool, *options: str) -> bool:
    """Run the playbook once, and compare what it wrote with what is expected."""
    print(f"\n=== {title}\n$ ansible-playbook fleet.yml {' '.join(options)}", flush=True)
    simulator.clear_audit()
    start = time.monotonic()
    status = subprocess.call(
        ["ansible-playbook", "fleet.yml", *options],
        cwd=EXAMPLE,
        env={**os.environ, **QUIET, **simulator.environment()},
        stdin=subprocess.DEVNULL,
    )
    patches = simulator.count("PATCH")
    expected = DRIFTED if drift_expected and "--check" not in options else 0
    print(
        f"{time.monotonic() - start:.1f} seconds; the platform counted {patches} PATCH requests, {expected} expected."
    )
    return status == 0 and patches == expected


if __name__ == "__main__":
    sys.exit(main())
