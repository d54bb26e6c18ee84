# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job in a minute: a fleet of 300 subscribers on a simulated platform, its drift shown and removed."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
import time

from ngcp_simulator import Simulator, sample

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs/examples/fleet"
PAGE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / ".cache/demo", "drift.html").absolute()
SUBSCRIBERS = 300
SHOWN_DIFFS = 2
QUIET = {"ANSIBLE_LOCALHOST_WARNING": "false", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false", "ANSIBLE_NOCOLOR": "1"}
REPORT = {"ANSIBLE_CALLBACKS_ENABLED": "ngcp.fax.drift_report", "NGCP_FAX_DRIFT_REPORT_DIR": str(PAGE.parent)}


def main() -> int:
    """Run the demonstration and return 0 if everything came as expected."""
    with Simulator(subscribers=SUBSCRIBERS) as simulator:
        drifted = len(sample.provision(simulator))
        print(f"A simulated platform with {SUBSCRIBERS} subscribers runs at {simulator.url}.")
        print(f"{drifted} of them are not as fleet.csv declares them.")
        steps = [
            step(simulator, "1. What would change? Nothing is written", (drifted, 0), "--check", "--diff"),
            step(simulator, "2. Now for real", (drifted, drifted)),
            step(simulator, "3. Once more: nothing is left to do", (0, 0)),
        ]
    if not all(steps):
        print("\nSomething did NOT go as it should: see above.")
        return 1
    print(f"\nAll three runs did what they should. The drift that the first one found, as a page:\n{PAGE.as_uri()}")
    return 0


def step(simulator: Simulator, title: str, expected: tuple[int, int], *options: str) -> bool:
    """Run the playbook once; are the changes that it reports, and those that the platform saw, as expected?"""
    print(f"\n=== {title}\n$ ansible-playbook {' '.join(['fleet.yml', *options])}\n", flush=True)
    simulator.clear_audit()
    report = REPORT if "--check" in options else {}
    start = time.monotonic()
    done = subprocess.run(
        ["ansible-playbook", "fleet.yml", *options],
        cwd=EXAMPLE,
        env={**os.environ, **QUIET, **report, **simulator.environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - start
    print(shortened(done.stdout) + done.stderr)
    found = re.search(rf"{SUBSCRIBERS} subscribers: (\d+) (?:would change|changed)", done.stdout)
    counts = (int(found.group(1)) if found else -1, simulator.count("PATCH"))
    print(f"{seconds:.1f} seconds; reported changes: {counts[0]}; PATCH requests that the platform saw: {counts[1]}")
    return done.returncode == 0 and counts == expected


def shortened(output: str) -> str:
    """Return the output with the first diffs only, and without the lines that say the same in every run."""
    before, *diffs = re.split(r"^(?=--- before)", output, flags=re.MULTILINE)
    if len(diffs) > SHOWN_DIFFS:
        rest = re.split(r"^(?=changed: )", diffs[-1], maxsplit=1, flags=re.MULTILINE)[-1]
        diffs = [*diffs[:SHOWN_DIFFS], f"… and {len(diffs) - SHOWN_DIFFS} more, which the page shows\n\n", rest]
    kept = "".join([before, *diffs]).split("\nPLAY RECAP")
    recap = [line for line in kept[-1].splitlines() if line.startswith("localhost ")]
    return "\n".join([kept[0].strip(), *recap])


if __name__ == "__main__":
    sys.exit(main())
