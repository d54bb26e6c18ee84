# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replaying against simulators that are set up as each scenario requires."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ngcp_simulator import Simulator
from ngcp_simulator.columns import newer_columns
from replay import Outcome, Replayer, Scenario
from replay_http import Client

SUBSCRIBERS = 1400
CUSTOMERS = 5
FIRST = 1001
"""Recorded messages hold positions within texts with an id of four digits, and the id of the first customer."""

SET_UPS: dict[str, dict[str, Any]] = {
    "no-license": {"license": False},
    "feature-off": {"fax_feature": False},
    "password-rules": {"password_rules": True},
    "strict-sql": {"sql_mode": "strict"},
    "untouched": {},
    "spare-login-failures": {},
    "renewal-ban": {},
    "login-ban": {"login_ban": True},
    "dead-fax-hosts": {"fax_hosts": "down"},
    "no-number-rewrite-mode": {"number_rewrite_mode": "missing"},
    "community-edition": {"edition": "spce"},
    "database-down": {"database": "down"},
}
"""The switches that a scenario's `requires` stands for."""


class SimulatorReplay:
    """One simulator for all scenarios; switches and bans go back after each of them."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._client = Client.of_simulator(simulator.state_file)
        mine = [identifier for identifier in range(1, SUBSCRIBERS - CUSTOMERS) if (identifier - 1) % CUSTOMERS == 0]
        chosen = [identifier for identifier in mine if identifier >= FIRST]
        self._client.api("GET", "/api/platforminfo")  # logs in, which not every set-up allows
        self._replayer = Replayer(
            self._client,
            [identifier for identifier in chosen if identifier < FIRST + 250],
            [identifier for identifier in chosen if identifier >= FIRST + 250],
            SET_UPS,
            pause=simulator.advance,
            newer={column.name for _table, column in newer_columns()},
        )

    def run(self, scenario: Scenario) -> list[Outcome]:
        """Replay one scenario with the set-up that it requires."""
        before = self.simulator.switches.as_dict()
        switches = {}
        for word in scenario.get("requires", []):
            switches.update(SET_UPS[word])
        try:
            self.simulator.switch(**switches)
            return self._replayer.run(scenario)
        finally:
            self.simulator.switch(**before)
            self.simulator.clear_bans()


@contextmanager
def replay_simulator() -> Iterator[SimulatorReplay]:
    """Run a simulator that scenarios can be replayed against."""
    with Simulator(SUBSCRIBERS, customers=CUSTOMERS, fax_seconds=0.5) as simulator:
        simulator.receive_fax(2)  # the recording with the id 1 belongs to nobody that is replayed
        yield SimulatorReplay(simulator)
