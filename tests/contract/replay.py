# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replay recorded exchanges against a server and compare its answers.

    python replay.py https://SERVER:PORT cases/ --subscribers 11-30 --untouched 31,32 --accounts accounts.json

The format of the exchanges is described in README.md. The last line tells how many passed, failed and were skipped.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from replay_compare import compare, pointer_value
from replay_http import Client, Reply
from replay_state import Situation, Skip

Scenario = dict[str, Any]
Exchange = dict[str, Any]


@dataclass
class Outcome:
    """What became of one exchange."""

    scenario: str
    exchange: str
    problems: list[str] = field(default_factory=list)
    skipped: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the answer was as recorded."""
        return not self.problems and self.skipped is None


def load(folder: Path) -> list[Scenario]:
    """Return all scenarios of a folder (or one file), by name."""
    files = [folder] if folder.is_file() else sorted(folder.glob("*.json"))
    return [json.loads(path.read_text(encoding="utf-8")) for path in files]


class Replayer:
    """Replays scenarios.

    :param newer: names of members that the recorded server may not have had yet.
    """

    def __init__(
        self,
        client: Client,
        subscribers: Iterable[int],
        untouched: Iterable[int] = (),
        have: Iterable[str] = (),
        pause: Callable[[float], None] | None = None,
        skip_stub: bool = False,
        newer: Collection[str] = (),
    ) -> None:
        self._situation = Situation(client, list(subscribers), list(untouched), pause)
        self._client = client
        self._have = set(have)
        self._skip_stub = skip_stub
        self._newer = newer

    def run(self, scenario: Scenario) -> list[Outcome]:
        """Replay one scenario; one outcome for every exchange."""
        name = scenario["scenario"]
        lacking = [word for word in scenario.get("requires", []) if word not in self._have]
        exchanges = scenario["exchanges"]
        if lacking:
            return [Outcome(name, one["name"], skipped=f"requires {', '.join(lacking)}") for one in exchanges]
        self._situation.begin(scenario)
        seen: dict[str, Any] = {}
        return [self._run_exchange(name, one, seen) for one in exchanges]

    def _run_exchange(self, scenario: str, exchange: Exchange, seen: dict[str, Any]) -> Outcome:
        outcome = Outcome(scenario, exchange["name"])
        if self._skip_stub and exchange.get("stub"):
            outcome.skipped = "depends on the fax layer"
            return outcome
        try:
            self._situation.prepare(exchange)
            reply = self._client.send(exchange["request"], self._situation)
        except Skip as reason:
            outcome.skipped = str(reason)
            return outcome
        self._capture(exchange, reply)  # first, because the response may hold what it captures
        expected = self._situation.filled(exchange["response"])
        outcome.problems = compare(expected, reply, self._newer)
        self._relations(expected, exchange["name"], reply, seen, outcome)
        return outcome

    def _relations(
        self, expected: dict[str, Any], name: str, reply: Reply, seen: dict[str, Any], outcome: Outcome
    ) -> None:
        document = reply.json_or_none()
        seen[name] = document
        for relation in expected.get("relations", []):
            pointer, earlier = relation["pointer"], seen.get(relation["exchange"])
            now, before = pointer_value(document, pointer), pointer_value(earlier, pointer)
            holds = now == before if relation["relation"] == "equal" else _is_later(now, before)
            if not holds:
                outcome.problems.append(f"{pointer}: {now!r} is not {relation['relation']} (before: {before!r})")

    def _capture(self, exchange: Exchange, reply: Reply) -> None:
        for name, pointer in exchange.get("capture", {}).items():
            self._situation.placeholders[name] = pointer_value(reply.json_or_none(), pointer)


def _is_later(now: Any, before: Any) -> bool:
    """Compare numbers as such, and times as text."""
    if isinstance(now, int) and isinstance(before, int):
        return now > before
    return str(now) > str(before)


def numbers(text: str) -> list[int]:
    """Read a list of ids such as `11-30,40`."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _dash, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="administrators' address, or the simulator.json of a simulator")
    parser.add_argument("folder", type=Path, help="folder of the exchanges, or one file")
    parser.add_argument("--subscribers", type=numbers, required=True, metavar="IDS", help="at least five; overwritten")
    parser.add_argument("--untouched", type=numbers, default=[], metavar="IDS", help="never written so far")
    parser.add_argument("--accounts", type=Path, metavar="FILE", help="log-ins (not for a simulator)")
    parser.add_argument("--subscriber-url", metavar="URL", help="subscribers' (self-care) address")
    parser.add_argument("--have", default="", metavar="WORDS", help="requirements that the server meets")
    parser.add_argument("--only", metavar="NAME", help="only scenarios with this text in their name")
    parser.add_argument("--ca", metavar="FILE", help="certificate authority of the server")
    parser.add_argument("--insecure", action="store_true", help="do not check the server's certificate")
    parser.add_argument("--skip-stub", action="store_true", help="leave out what depends on the fax layer")
    return parser.parse_args(arguments)


def connect(options: argparse.Namespace) -> Client:
    """Return a client for a server, or for the simulator that a state file describes."""
    if options.url.endswith(".json"):
        return Client.of_simulator(Path(options.url))
    accounts = json.loads(options.accounts.read_text(encoding="utf-8"))
    verify: bool | str = False if options.insecure else (options.ca or True)
    return Client(options.url, options.subscriber_url, accounts, verify)


def main(arguments: list[str] | None = None) -> int:
    """Replay everything and print what differs."""
    options = parse(arguments)
    client = connect(options)
    have = set(filter(None, options.have.split(",")))
    replayer = Replayer(client, options.subscribers, options.untouched, have, skip_stub=options.skip_stub)
    outcomes: list[Outcome] = []
    for scenario in load(options.folder):
        if not options.only or options.only in scenario["scenario"]:
            outcomes += replayer.run(scenario)
    failed = [one for one in outcomes if one.problems]
    for one in failed:
        print(f"{one.scenario}/{one.exchange}", *one.problems, sep="\n    ")
    skipped = sum(one.skipped is not None for one in outcomes)
    print(f"{len(outcomes) - len(failed) - skipped} passed, {len(failed)} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
