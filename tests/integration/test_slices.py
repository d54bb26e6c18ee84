# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Job slices: one inventory split among several ``ansible-runner`` processes side by side, as a controller does it."""

from __future__ import annotations

import collections
import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import simulated

EXAMPLE = ROOT / "docs/examples/slices"
SUBSCRIBERS = 30
SLICES = 3
RESOURCES = ("faxserversettings", "mailtofaxsettings")
Hosts = dict[str, dict[str, Any]]
MakePlaybooks = Callable[..., Playbooks]


class Job:
    """One slice under way, and what it left behind."""

    def __init__(self, process: subprocess.Popen[bytes], artifacts: pathlib.Path) -> None:
        self.process = process
        self._artifacts = artifacts

    @property
    def status(self) -> str:
        """What became of it."""
        return (self._artifacts / "status").read_text()

    @property
    def output(self) -> str:
        """What the playbook printed."""
        return (self._artifacts / "stdout").read_text()

    @property
    def events(self) -> list[dict[str, Any]]:
        """What the runner recorded, in the order of time."""
        files = sorted((self._artifacts / "job_events").glob("*.json"), key=lambda file: int(file.name.split("-")[0]))
        return [json.loads(file.read_text()) for file in files]

    @property
    def recap(self) -> dict[str, Any]:
        """How many tasks of each host were ok, changed and so on."""
        (found,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return found


class Controller:
    """Runs a playbook over slices of an inventory."""

    def __init__(self, playbooks: Playbooks, folder: pathlib.Path) -> None:
        self._playbooks = playbooks
        self._folder = folder
        self._runs = 0

    def inventory(self) -> Hosts:
        """Return the variables of each host of the example's inventory."""
        file = shutil.copy(EXAMPLE / "ngcp_fax.yml", self._folder)
        done = self._playbooks.command("ansible-inventory", "-i", file, "--list")
        assert done.returncode == 0, done.stderr
        hosts: Hosts = json.loads(done.stdout, object_hook=_plain)["_meta"]["hostvars"]
        assert len(hosts) == SUBSCRIBERS
        return hosts

    def run(self, hosts: Hosts, slices: int = SLICES, **extra: Any) -> list[Job]:
        """Run the playbook over all slices side by side and return what became of each."""
        jobs = [self._start(_slice(hosts, number, slices), extra) for number in range(slices)]
        for job in jobs:
            job.process.wait(300)
        return jobs

    def _start(self, hosts: Hosts, extra: dict[str, Any]) -> Job:
        self._runs += 1
        private = self._folder / f"job-{self._runs}"
        (private / "project").mkdir(parents=True)
        (private / "inventory").mkdir()
        shutil.copy(EXAMPLE / "slice.yml", private / "project")
        (private / "inventory/hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
        command = ("ansible-runner", "run", "--quiet", "--ident", "job", "--playbook", "slice.yml")
        options = ("--cmdline", f"-e '{json.dumps(extra)}'") if extra else ()
        process = subprocess.Popen(
            [*command, *options, str(private)],
            env=self._playbooks.surroundings({"NGCP_FAX_RECORD": str(private / "record.jsonl")}),
            stdin=subprocess.DEVNULL,
        )
        return Job(process, private / "artifacts/job")


def _slice(hosts: Hosts, number: int, count: int) -> Hosts:
    """Return every so many-th host, in the order of names, which is how controllers slice."""
    return {name: hosts[name] for name in sorted(hosts)[number::count]}


def _plain(document: dict[str, Any]) -> Any:
    return document["__ansible_unsafe"] if set(document) == {"__ansible_unsafe"} else document


def check(jobs: list[Job], status: str = "successful") -> None:
    outputs = [job.output for job in jobs]
    assert [job.status for job in jobs] == [status] * len(jobs), "\n".join(outputs)


def state(sim: Simulator) -> list[Any]:
    everybody = [sim.all_settings(resource, range(1, SUBSCRIBERS + 1)) for resource in RESOURCES]
    for settings in everybody[1].values():
        settings.pop("last_secret_key_modify")  # when it was written
    return everybody


def written(sim: Simulator) -> collections.Counter[str]:
    """Return how often each item was written to, tries that the server rolled back left out."""
    return collections.Counter(entry.path for entry in sim.audit if entry.method == "PATCH" and entry.status < 300)


SLOW = pytest.mark.platform(subscribers=SUBSCRIBERS, write_delay=5, deadlock_probability=0.2)


def make_controller(sim: Simulator, make_playbooks: MakePlaybooks, folder: pathlib.Path) -> Controller:
    playbooks = make_playbooks(sim, folder)
    playbooks.environment["NGCP_API_RETRIES"] = "10"
    return Controller(playbooks, folder)


@SLOW
def test_slices_end_like_one_run(simulator: Simulator, make_playbooks: MakePlaybooks, tmp_path: pathlib.Path) -> None:
    controller = make_controller(simulator, make_playbooks, tmp_path)
    hosts = controller.inventory()
    # So that they are side by side on a busy machine too, where their processes start one after the other.
    simulator.fault("delay", path="^/login_jwt$", times=SLICES, seconds=2)
    # The limit counts within a slice: three times as many subscribers change in all.
    jobs = controller.run(hosts, fleet_max_changes=str(SUBSCRIBERS // SLICES))
    check(jobs)
    times = [[event["created"] for event in job.events] for job in jobs]
    assert max(min(created) for created in times) < min(max(created) for created in times), "not side by side"
    counts = written(simulator)
    assert len(counts) == len(RESOURCES) * SUBSCRIBERS
    assert set(counts.values()) == {1}, "a subscriber was written to twice"

    with simulated(subscribers=SUBSCRIBERS) as other:
        single = make_controller(other, make_playbooks, tmp_path / "alone")
        check(single.run(single.inventory(), slices=1))
        assert state(simulator) == state(other)

    simulator.clear_audit()
    jobs = controller.run(hosts)
    check(jobs)
    assert not written(simulator)
    assert [job.recap["changed"] for job in jobs] == [{}] * SLICES


@SLOW
def test_a_limit_stops_every_slice_that_exceeds_it(
    simulator: Simulator, make_playbooks: MakePlaybooks, tmp_path: pathlib.Path
) -> None:
    controller = make_controller(simulator, make_playbooks, tmp_path)
    hosts = controller.inventory()
    check(controller.run(hosts, fleet_max_changes=str(SUBSCRIBERS // SLICES - 1)), "failed")
    assert not written(simulator)
