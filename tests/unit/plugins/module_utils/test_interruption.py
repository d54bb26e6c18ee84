# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run ends when a signal comes, when its parent is gone, and when nobody reads what it prints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _interruption as interruption
from ansible_collections.ngcp.fax.plugins.module_utils._interruption import Interruption


def test_nothing_happens():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with Interruption() as running:
        assert running.cause is None
    assert {number: signal.getsignal(number) for number in before} == before


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_is_noted_and_kills_nobody(name):
    with Interruption() as running:
        os.kill(os.getpid(), getattr(signal, name))
        cause = running.cause
    assert (cause.code, cause.message) == ("interrupted", f"The run was interrupted: {name} was received")
    assert running.cause is not None, "it stays so when the signals have their usual effect again"


def test_a_signal_that_another_thread_gets_while_the_main_thread_sleeps():
    """Handlers run in the main thread, which nothing wakes."""
    causes, asleep = [], threading.Event()

    def work():
        asleep.wait()
        time.sleep(0.05)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        causes.append(running.cause)

    with Interruption() as running:
        thread = threading.Thread(target=work)
        thread.start()
        asleep.set()
        thread.join()
        assert [cause.code for cause in causes] == ["interrupted"]
        assert running.cause.message == causes[0].message == "The run was interrupted: SIGTERM was received"
    assert signal.set_wakeup_fd(-1) == -1


def test_threads_that_leave_signals_to_the_main_thread():
    found = []

    def work(leave):
        if leave:
            interruption.leave_signals_to_the_main_thread()
        found.append({signal.SIGINT, signal.SIGTERM, signal.SIGHUP} & signal.pthread_sigmask(signal.SIG_BLOCK, []))

    for leave in (False, True):
        thread = threading.Thread(target=work, args=(leave,))
        thread.start()
        thread.join()
    interruption.leave_signals_to_the_main_thread()
    assert found == [set(), {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, []), "here it must not do anything"


def test_the_same_signal_counts_once():
    with Interruption() as running:
        os.kill(os.getpid(), signal.SIGINT)
        assert running.cause is not None
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_who_presses_twice_does_not_want_to_wait():
    with Interruption() as running:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert running.cause is not None


def test_ansible_may_say_it_twice():
    with Interruption() as running:
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
    assert running.cause is not None


def test_the_parent_has_gone(monkeypatch):
    with Interruption() as running:
        monkeypatch.setattr(os, "getppid", lambda: 1)
        assert running.cause.message == "The run was interrupted: the process that started it has ended"


def test_nobody_reads_the_output(monkeypatch):
    reading, writing = os.pipe()
    monkeypatch.setattr(interruption, "_STDOUT", writing)
    with Interruption() as running:
        assert running.cause is None
        os.close(reading)
        assert running.cause.code == "interrupted"
    os.close(writing)


def test_other_threads_cannot_take_signals_and_need_not():
    handlers = []

    def work():
        with Interruption():
            handlers.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [before]


def test_a_pause_ends_early():
    with Interruption() as running:
        os.kill(os.getpid(), signal.SIGTERM)
        begin = time.monotonic()
        running.pause(60)
    assert time.monotonic() - begin < 30


def test_a_pause_lasts():
    begin = time.monotonic()
    with Interruption() as running:
        running.pause(0.15)
    assert time.monotonic() - begin >= 0.15


def test_a_child_notices_that_its_parent_was_killed():
    # The grandchild prints what it sees once the process between it and this one is gone.
    code = (
        "import os, time\n"
        "from ansible_collections.ngcp.fax.plugins.module_utils._interruption import Interruption\n"
        "if os.fork():\n"
        "    time.sleep(0.2)\n"
        "    os._exit(0)\n"
        "with Interruption() as child:\n"
        "    before = child.cause\n"
        "    for _turn in range(500):\n"
        "        if child.cause: break\n"
        "        time.sleep(0.01)\n"
        "print(before, child.cause.code if child.cause else 'nothing', flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["None", "interrupted"], done.stderr


def in_worker(code, tmp_path):
    """Run code in a process that Python has forked, and return what it prints."""
    path = tmp_path / "code.py"
    path.write_text(
        "import multiprocessing, os, signal, sys, time\n"
        "from ansible_collections.ngcp.fax.plugins.module_utils import _interruption\n"
        "from ansible_collections.ngcp.fax.plugins.module_utils._interruption import Interruption\n" + code
    )
    return subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=60, check=False)


def test_a_worker_whose_parent_is_gone_before_it_begins(tmp_path):
    """Ansible does not notify a worker that it is just forking, and ends without it."""
    code = (
        "def work():\n"
        "    before = _interruption.is_orphaned()\n"
        "    seen.set()\n"
        "    while os.getppid() == parent: time.sleep(0.01)\n"
        "    print(before, _interruption.is_orphaned(), Interruption().cause.code, flush=True)\n"
        "parent, context = os.getpid(), multiprocessing.get_context('fork')\n"
        "seen = context.Event()\n"
        "context.Process(target=work).start()\n"
        "seen.wait()\n"
        "os._exit(0)\n"
    )
    done = in_worker(code, tmp_path)
    assert done.stdout.split() == ["False", "True", "interrupted"], done.stderr


def test_what_a_worker_begins_after_a_signal_is_interrupted_as_well(tmp_path):
    """The items of a loop follow each other in one process."""
    code = (
        "def work():\n"
        "    with Interruption(): os.kill(os.getpid(), signal.SIGTERM)\n"
        "    with Interruption() as item: print(item.cause.message, flush=True)\n"
        "worker = multiprocessing.get_context('fork').Process(target=work)\n"
        "worker.start()\n"
        "worker.join()\n"
        "print(worker.exitcode, Interruption().cause)\n"
    )
    done = in_worker(code, tmp_path)
    assert done.stdout.splitlines() == ["The run was interrupted: SIGTERM was received", "0 None"], done.stderr


def test_a_worker_does_not_outlive_a_second_signal(tmp_path):
    """Ansible sends one when it has stopped to wait for the result."""
    code = (
        "def work():\n"
        "    with Interruption() as running:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        with running: os.kill(os.getpid(), signal.SIGTERM)\n"
        "        print('recorded', flush=True)\n"
        "    print('not reached', flush=True)\n"
        "worker = multiprocessing.get_context('fork').Process(target=work)\n"
        "worker.start()\n"
        "worker.join()\n"
        "print(worker.exitcode)\n"
    )
    done = in_worker(code, tmp_path)
    assert done.stdout.split() == ["recorded", "-15"], done.stderr
