# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is compared: the same job done in different ways."""

from __future__ import annotations

import json
import os
import pathlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace

import yaml

from . import fleet
from .measure import BrokenRunError, Run, measured
from .server_process import ServerProcess

PLAYBOOKS = pathlib.Path(__file__).resolve().parents[1] / "playbooks"
CONCURRENCY = 4
FORKS = 10
REPETITIONS = 10
PAGE_ROWS = 100

# How the collection is told to run as an ordinary module, or inside Ansible's own process.
FRONT_SWITCH = "NGCP_FAX_IN_PROCESS"
FRONTS = {"module": "0", "in process": "1"}


@dataclass(frozen=True)
class Kind:
    """What there is to do.

    :param share: of the subscribers have drifted.
    :param check: only find the drift (``--check --diff``); otherwise remove it.
    """

    name: str
    title: str
    share: float
    check: bool

    @property
    def options(self) -> list[str]:
        """Options of ``ansible-playbook``."""
        return ["--check", "--diff"] if self.check else []


CLEAN = Kind("clean", "check, no drift", 0, True)
DRIFT = Kind("drift", "check, 1 % drifted", 0.01, True)
DRIFT10 = Kind("drift10", "check, 10 % drifted", 0.1, True)
CONVERGE = Kind("converge", "converge, 10 % drifted", 0.1, False)
KINDS = (CLEAN, DRIFT, CONVERGE)


@dataclass(frozen=True)
class Scenario:
    """One way to do the job.

    :param name: short name for logs.
    :param title: what tables show.
    :param playbook: name of the playbook; None for the bare script.
    :param front: key of ``FRONTS``, or None where nothing of the collection runs.
    :param per_host: whether every subscriber is an inventory host.
    :param repeated: the playbook's tasks are there ``REPETITIONS`` times.
    :param secrets: the subscribers have passwords.
    :param complete: entries declare both kinds of settings and name their subscribers by ``user@domain``.
    :param works: whether it does the job at all, in contrast to the empty tasks.
    """

    name: str
    title: str
    playbook: str | None
    front: str | None = None
    per_host: bool = False
    repeated: bool = False
    secrets: bool = False
    complete: bool = False
    works: bool = True

    @property
    def resources(self) -> tuple[str, ...]:
        """What is declared, and written where it drifted."""
        return fleet.RESOURCES if self.complete else fleet.RESOURCES[:1]

    @property
    def lists(self) -> tuple[str, ...]:
        """The lists that have to be read."""
        return (fleet.SUBSCRIBERS, *self.resources) if self.complete else self.resources


EMPTY = Scenario("empty", "empty task", "empty", works=False)
PING = Scenario("ping", "`ansible.builtin.ping`", "ping", works=False)
PINGS = Scenario("pings", "`ansible.builtin.ping`", "ping", repeated=True, works=False)
FLOOR = Scenario("floor", "bare `requests` script", None)
TASK_FLOOR = Scenario("task-floor", "bare `requests` script as a task", "floor")
COMPLETE_FLOOR = Scenario("complete-floor", "bare `requests` script, both kinds by name", None, complete=True)
COMPLETE_TASK_FLOOR = Scenario(
    "complete-task-floor", "bare `requests` script as a task, both kinds by name", "floor", complete=True
)
URI = Scenario("uri", "`uri` in a loop, Basic", "uri_loop")
URI_TOKEN = Scenario("uri-token", "`uri` in a loop, token", "uri_token_loop")
URI_HOSTS = Scenario("uri-hosts", "`uri`, one host each", "uri_hosts", per_host=True)


def fronts(name: str, title: str, playbook: str, **more: bool) -> dict[str, Scenario]:
    """Return one scenario of the collection for each front."""
    return {
        front: Scenario(f"{name}-{front.replace(' ', '-')}", f"{title}, {front}", playbook, front, **more)
        for front in FRONTS
    }


FLEET = fronts("fleet", "fleet form", "fleet")
SECRETS = fronts("secrets", "fleet form with passwords", "fleet", secrets=True)
ROLE = fronts("role", "role `fleet`", "role")
COMPLETE = fronts("complete", "role `fleet`, both kinds by name", "role", complete=True)
LOOP = fronts("loop", "`fax_settings` in a loop", "loop")
HOSTS = fronts("hosts", "`fax_settings`, one host each", "hosts", per_host=True)
SINGLE = fronts("single", "`fax_settings`", "single", repeated=True)


class Bench:
    """Runs scenarios against one server and makes sure that each did its job.

    :param folder: for fleet files, inventories, logs.
    """

    def __init__(self, server: ServerProcess, folder: pathlib.Path) -> None:
        self.subscribers = server.count
        self._server = server
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ansible.cfg").write_text("")

    def run(self, scenario: Scenario, kind: Kind, count: int) -> Run:
        """Set the server up, run a scenario on the first ``count`` subscribers, and return what it took.

        :raises BrokenRunError: it failed, or did something else than its job.
        """
        command = self._command(scenario, kind, count)
        self._server.reset(count, kind.share, scenario.secrets)
        log = self._folder / f"{scenario.name}-{kind.name}-{count}.log"
        busy = self._server.counters()["cpu"]
        run = measured(command, self._environment(scenario), self._folder, log)
        counters = self._server.counters()
        run = replace(
            run,
            requests=counters["requests"],
            connections=counters["connections"],
            server_cpu=counters["cpu"] - busy,
        )
        if scenario.works:
            self._check(scenario, kind, count, run)
        return run

    def _check(self, scenario: Scenario, kind: Kind, count: int, run: Run) -> None:
        """Compare what the server saw and has now with what the job was."""
        drifted = len(fleet.drifted_ids(count, kind.share))
        expected = drifted if kind.check else 0
        found = self._server.drifted(count, scenario.secrets)
        left = [found[resource] for resource in scenario.resources]
        writes, wanted = run.requests.get("patch", 0), (drifted - expected) * len(left)
        if set(left) != {expected} or writes != wanted:
            shown = " and ".join(map(str, left))
            raise BrokenRunError(
                f"{scenario.name}, {kind.title}: {writes} writes, {shown} of {count} subscribers differ afterwards; "
                f"expected {wanted} and {expected}"
            )

    def _command(self, scenario: Scenario, kind: Kind, count: int) -> list[str]:
        if scenario.playbook is None:
            return self._floor(scenario, kind, count)
        playbook = self._repeated(scenario.playbook) if scenario.repeated else PLAYBOOKS / f"{scenario.playbook}.yml"
        command = ["ansible-playbook", str(playbook), *kind.options]
        if scenario.per_host:
            return [*command, "--inventory", str(self._inventory(count)), "--forks", str(FORKS)]
        if scenario.playbook == "floor":
            return [*command, "--extra-vars", json.dumps({"floor_command": self._floor(scenario, kind, count)})]
        if scenario.playbook in ("fleet", "role"):
            return [*command, "--extra-vars", f"fleet_file={self._fleet(count, scenario)}"]
        return [*command, "--extra-vars", f"@{self._variables(count)}"] if scenario.works else command

    def _floor(self, scenario: Scenario, kind: Kind, count: int) -> list[str]:
        floor = pathlib.Path(__file__).with_name("floor.py")
        corrections = self._corrections(kind, count, scenario.complete)
        return [sys.executable, str(floor), str(count), str(corrections), str(CONCURRENCY), *scenario.lists]

    def _environment(self, scenario: Scenario) -> Mapping[str, str]:
        front = {FRONT_SWITCH: FRONTS[scenario.front]} if scenario.front is not None else {}
        return {
            **{name: value for name, value in os.environ.items() if name not in _UNWANTED},
            "ANSIBLE_CONFIG": str(self._folder / "ansible.cfg"),
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            **self._server.environment,
            **front,
        }

    # ---- files

    def _fleet(self, count: int, scenario: Scenario) -> pathlib.Path:
        form = "-complete" if scenario.complete else "-secrets" if scenario.secrets else ""
        path = self._folder / f"fleet-{count}{form}.json"
        if not path.exists():
            fleet.write_fleet(path, count, scenario.secrets, scenario.complete)
        return path

    def _variables(self, count: int) -> pathlib.Path:
        path = self._folder / f"variables-{count}.json"
        if not path.exists():
            path.write_text(json.dumps({"fleet": list(fleet.entries(count))}), encoding="utf-8")
        return path

    def _inventory(self, count: int) -> pathlib.Path:
        path = self._folder / f"inventory-{count}.json"
        if not path.exists():
            fleet.write_inventory(path, count)
        return path

    def _corrections(self, kind: Kind, count: int, complete: bool) -> pathlib.Path:
        if kind.check:
            return self._folder / "none"
        path = self._folder / f"corrections-{kind.name}-{count}{'-complete' if complete else ''}.json"
        if not path.exists():
            fleet.write_corrections(path, count, kind.share, complete)
        return path

    def _repeated(self, name: str) -> pathlib.Path:
        """Return a playbook that has the tasks of another one several times."""
        path = self._folder / f"{name}-repeated.yml"
        if not path.exists():
            (play,) = yaml.safe_load((PLAYBOOKS / f"{name}.yml").read_text(encoding="utf-8"))
            path.write_text(json.dumps([{**play, "tasks": play["tasks"] * REPETITIONS}]), encoding="utf-8")
        return path


# They would win over the certificate authority that the scripts are given, or make every start compile everything anew,
# which no user has.
_UNWANTED = frozenset(
    ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "PYTHONDONTWRITEBYTECODE")
)


def most_requests(count: int, drifted: int, lists: int = 1, resources: int = 1) -> int:
    """Return the most requests that a fleet run may need: the pages of all lists, one write for each of the resources
    of a drifted subscriber, one log-in."""
    return -(-count // PAGE_ROWS) * lists + drifted * resources + 1
