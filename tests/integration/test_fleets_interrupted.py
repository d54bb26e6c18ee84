# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of a fleet that are interrupted while they write: nothing more is sent, and what is reported is true.

There are few by default. ``NGCP_FAX_CAMPAIGN=full`` interrupts two hundred runs.
"""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import os
import pathlib
import pty
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.undo_format import SET, STATUS, WRITTEN
from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import provision, row, stored, write_csv

FULL = os.environ.get("NGCP_FAX_CAMPAIGN") == "full"
SUBSCRIBERS = 300
CONCURRENCY = 4
SLOW, FAST = 150, 0  # milliseconds of a write
MOST_WRITES = 40  # after which a run is interrupted
PATIENCE = 60  # seconds
FILES = ("changed", "unchanged", "failed", "not_attempted", "stale")
PREFIXES = {"faxserversettings": "fax", "mailtofaxsettings": "mail2fax"}
NUMBERS = range(1, SUBSCRIBERS + 1)


@pytest.fixture
def platform() -> Iterator[Simulator]:
    with Simulator(subscribers=SUBSCRIBERS) as sim:
        yield sim


class Started:
    """A run of a playbook that writes to the whole fleet, in a session of its own."""

    def __init__(self, playbooks: Any, subscribers: int = SUBSCRIBERS, **environment: str) -> None:
        self.folder: pathlib.Path = playbooks.folder
        options = {"src": "fleet.csv", "results_dir": "results", "undo_dir": "undo", "concurrency": CONCURRENCY}
        task = {"ngcp.fax.fleet": options}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        (self.folder / "site.yml").write_text(yaml.safe_dump([play]))
        write_csv(self.folder / "fleet.csv", [row(number) for number in range(1, subscribers + 1)])
        record = {"NGCP_FAX_RECORD": str(self.folder / "record")}
        extra = {**record, "NGCP_API_TIMEOUT": "5", "NGCP_API_RETRIES": "0", **environment}
        self.process = subprocess.Popen(
            ["ansible-playbook", "site.yml"],
            cwd=self.folder,
            env=playbooks.surroundings(extra),
            stdin=subprocess.DEVNULL,
            stdout=(self.folder / "output").open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def descendants(self) -> list[int]:
        """Return the processes that this one started, and what they started."""
        found: list[int] = []
        for parent in [self.process.pid, *found]:
            found += _children(parent)
        return found + [child for process in found for child in _children(process)]

    def end(self, processes: list[int]) -> None:
        """Wait until the run and its processes have ended."""
        self.process.wait(PATIENCE)
        wait_until(lambda: not any(map(_is_running, processes)), "processes of the run go on")

    def kill(self) -> None:
        """Leave nothing behind, whatever happened."""
        for process in [*self.descendants(), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait(PATIENCE)


def _children(process: int) -> list[int]:
    try:
        return [int(word) for word in pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _is_running(process: int) -> bool:
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(0.002)


def signals(number: int, to_all: bool = False) -> Callable[[Simulator, Started], None]:
    """Return what sends a signal to Ansible, or to all processes of its session as a terminal does."""

    def send(_sim: Simulator, run: Started) -> None:
        (os.killpg if to_all else os.kill)(run.process.pid, number)

    return send


def kill_worker(_sim: Simulator, run: Started) -> None:
    for process in run.descendants()[:1]:
        os.kill(process, signal.SIGKILL)


def cut_connection(sim: Simulator, _run: Started) -> None:
    sim.vanish()


ENDINGS: dict[str, Callable[[Simulator, Started], None]] = {
    "Ctrl-C": signals(signal.SIGINT, to_all=True),
    "SIGINT": signals(signal.SIGINT),
    "SIGTERM": signals(signal.SIGTERM),
    "SIGKILL": signals(signal.SIGKILL),
    "killed worker": kill_worker,
    "cut connection": cut_connection,
}


def patches(sim: Simulator) -> list[tuple[str, int]]:
    """Return what was written or is being written, as the kind of settings and the subscriber's id."""
    return [
        (entry.path.split("/")[2], int(entry.path.rsplit("/", 1)[1]))
        for entry in sim.audit.find("PATCH", "settings/")
        if (entry.status or 0) < 300  # 0 is for those whose answer nobody took
    ]


def rows_of(folder: pathlib.Path) -> dict[int, tuple[str, dict[str, str]]]:
    """Return for each subscriber the result file in which it is, and its row there."""
    found: dict[int, tuple[str, dict[str, str]]] = {}
    for name in FILES:
        for one in csv.DictReader(io.StringIO((folder / f"{name}.csv").read_text(), newline="")):
            number = int(one["subscriber_id"])
            assert number not in found, (number, name, found[number])
            found[number] = name, one
    return found


def check_results(folder: pathlib.Path, written: list[tuple[str, int]]) -> None:
    """See to it that the result files say what the server's audit says."""
    assert not any(b"CANARY" in path.read_bytes() for path in folder.iterdir())
    rows = rows_of(folder)
    assert sorted(rows) == list(NUMBERS)
    writes = Counter(number for _resource, number in written)
    for number, (name, one) in rows.items():
        said = f"{one['_code']} {one['_message']}"
        if name == "changed":
            assert writes[number] == 2, (number, one)
        elif writes[number]:
            # Nobody can say what became of a subscriber when the process that wrote was killed.
            honest = one["_status"] == "unverified" or "under_way" in said or "settings: changed" in said
            honest = honest or "settings: unverified" in said
            assert name in ("failed", "not_attempted") and honest, (number, one, written)
        else:
            assert name in ("failed", "not_attempted"), (number, one)


def newest(folder: pathlib.Path) -> pathlib.Path:
    return max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def without_secrets(sim: Simulator) -> list[Any]:
    """Return the settings of all subscribers without those that an undo file leaves out."""
    return [
        {name: value for name, value in one.items() if name not in ("password", "secret_key")}
        for one in stored(sim, NUMBERS)
    ]


def check_undo(folder: pathlib.Path, written: list[tuple[str, int]]) -> None:
    """See to it that every write can be undone: it is in the undo file, and not as something that was not sent."""
    entries = {entry["subscriber_id"]: entry for entry in json.loads(newest(folder).read_text())["subscribers"]}
    for resource, number in written:
        prefix = PREFIXES[resource]
        assert entries[number][SET][prefix] and entries[number][STATUS][prefix] in WRITTEN, entries[number]


def interrupt(sim: Simulator, playbooks: Any, ending: str, after: int, undoes: bool) -> int:
    """Interrupt a run after some writes, see to it that what it leaves is true, that it can be undone or that the next
    run finishes the job, and return how many writes followed the interruption."""
    sim.switch(write_delay=SLOW)
    original = without_secrets(sim)
    run = Started(playbooks)
    try:
        wait_until(lambda: len(patches(sim)) >= after or run.process.poll() is not None, "nothing is written")
        assert run.process.poll() is None, (run.folder / "output").read_text()
        processes = run.descendants()
        ENDINGS[ending](sim, run)
        before = len(patches(sim))
        run.end(processes)
    finally:
        run.kill()
    time.sleep(0.3)  # what is under way on the server
    written = patches(sim)
    check_results(run.folder / "results", written)
    check_undo(run.folder / "undo", written)
    if ending == "cut connection":
        sim.start()
    sim.switch(write_delay=FAST)
    if undoes:
        playbooks.playbook("ngcp.fax.undo", "-e", f"undo_file={newest(run.folder / 'undo')}").succeeded()
        assert without_secrets(sim) == original
        return len(written) - before
    playbooks.playbook("site.yml").succeeded()
    assert stored(sim, NUMBERS) == DECLARED
    rest = len(patches(sim)) - len(written)
    assert rest <= 2 * SUBSCRIBERS - len(set(written)) + CONCURRENCY, "the next run writes what is left"
    return len(written) - before


@pytest.fixture(scope="module", autouse=True)
def _declared() -> None:
    with Simulator(subscribers=SUBSCRIBERS) as sim:
        provision(sim, NUMBERS)
        DECLARED.extend(stored(sim, NUMBERS))


DECLARED: list[Any] = []
ROUNDS = {"in_process": 28, "module": 6} if FULL else {"in_process": 1, "module": 1}


@pytest.mark.both_fronts
@pytest.mark.parametrize("ending", ENDINGS)
def test_interruptions(make_playbooks: Any, platform: Simulator, front: str, ending: str, record_property: Any) -> None:
    if front == "module" and not FULL and ending not in ("Ctrl-C", "SIGKILL"):
        pytest.skip("a part of the whole campaign")
    chance = random.Random(f"{front} {ending}")
    followed = []
    for turn in range(ROUNDS[front]):
        sim = platform
        for resource in ("faxserversettings", "mailtofaxsettings"):
            sim.put_many(resource, {number: {} for number in NUMBERS})
        sim.clear_audit()
        undoes = (turn + list(ENDINGS).index(ending)) % 2 == 0
        followed.append(interrupt(sim, make_playbooks(sim), ending, chance.randrange(1, MOST_WRITES), undoes))
    print(f"writes after {ending} ({front}): {followed}")
    record_property("writes after the signal", followed)
    assert max(followed) <= CONCURRENCY
    assert platform.bugs == []


# Sends the signal at the moment at which Ansible has forked a worker and does not know it yet.
JUST_FORKED = """
import multiprocessing.popen_fork, os, pathlib, signal
launch, fork = multiprocessing.popen_fork.Popen._launch, os.fork

def interrupted():
    process = fork()
    if process:
        pathlib.Path("worker").write_text(str(process))
        os.kill(os.getpid(), signal.SIGINT)
    return process

def patched(self, process):
    os.fork = interrupted if type(process).__name__ == "WorkerProcess" else fork
    try:
        return launch(self, process)
    finally:
        os.fork = fork

multiprocessing.popen_fork.Popen._launch = patched
"""


def test_a_worker_that_was_just_being_forked(playbooks: Any, simulator: Simulator) -> None:
    """It gets no signal, and its parent is gone before it comes to its first write. It has to notice that, and to end
    although nobody takes its result."""
    simulator.switch(item_delay=40)  # milliseconds, so that reading takes longer than Ansible
    (playbooks.folder / "sitecustomize.py").write_text(JUST_FORKED)
    path = os.pathsep.join([str(playbooks.folder), os.environ.get("PYTHONPATH", "")])
    write = (playbooks.folder / "worker").exists
    run = Started(playbooks, 30, PYTHONPATH=path)
    worker = 0
    try:
        wait_until(lambda: write() and bool((playbooks.folder / "worker").read_text()), "no worker is forked")
        worker = int((playbooks.folder / "worker").read_text())
        run.end([])
        assert _is_running(worker), "it still reads when Ansible has ended"
        wait_until(lambda: not _is_running(worker), "the worker goes on")
    finally:
        run.kill()
        if worker:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
    assert patches(simulator) == []
    rows = csv.DictReader((run.folder / "results/not_attempted.csv").open())
    assert {one["_code"] for one in rows} == {"interrupted"}


def test_progress_on_a_terminal(playbooks: Any, simulator: Simulator) -> None:
    """Lines come while the run goes on, whole, and no more often than every five seconds."""
    simulator.switch(write_delay=850)
    write_csv(playbooks.folder / "fleet.csv", [row(number) for number in range(1, 31)])
    task = {"ngcp.fax.fleet": {"src": "fleet.csv", "concurrency": 6}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
    (playbooks.folder / "site.yml").write_text(yaml.safe_dump([play]))
    reading, writing = pty.openpty()
    command = ["ansible-playbook", "site.yml"]
    with subprocess.Popen(
        command,
        cwd=playbooks.folder,
        env=playbooks.surroundings({"NGCP_FAX_RECORD": str(playbooks.folder / "record")}),
        stdin=writing,
        stdout=writing,
        stderr=writing,
        start_new_session=True,
    ) as process:
        os.close(writing)
        lines = list(_timed_lines(reading))
        process.wait(PATIENCE)
    print("\n".join(f"{moment:6.2f} {line}" for moment, line in lines), file=sys.stderr)
    shown = [(moment, line) for moment, line in lines if "fleet:" in line]
    form = (
        r"fleet: \d+ of 60 writes done \(\d+%\), \d+ changed, 0 failed, \d+ to go, [\d.]+/s(, \d+ s left)?"
        r"|fleet: reading [a-z0-9 ]+, \d+ requests? in \d+ s"
    )
    assert len(shown) >= 2 and all(re.fullmatch(form, line) for _moment, line in shown), shown
    moments = [moment for moment, _line in shown]
    assert all(later - former > 4 for former, later in itertools.pairwise(moments))
    assert moments[-1] < lines[-1][0] - 0.5, "they came while it ran"


def _timed_lines(descriptor: int) -> Iterator[tuple[float, str]]:
    """Yield what a terminal shows, line by line, with the seconds since the beginning."""
    began, rest = time.monotonic(), b""
    while True:
        try:
            rest += os.read(descriptor, 4096)
        except OSError:  # nobody writes any more
            os.close(descriptor)
            return
        *lines, rest = rest.split(b"\n")
        for line in lines:
            yield time.monotonic() - began, line.decode().rstrip("\r")
