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
