# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task's process ends when Ansible's main process has ended, and finishes what it does itself before that."""

from __future__ import annotations

import subprocess
import sys

import pytest

# The worker writes what it sees into the pipe that this test reads, and ends when nothing holds it any more.
CODE = """
import multiprocessing, os, time
from ansible_collections.ngcp.fax.plugins.plugin_utils._action import orphans

def work():
    {group}
    orphans.end_with_ansible()
    orphans.end_with_ansible()
    with orphans.working_in_process():
        seen.set()
        while os.getppid() == parent: time.sleep(0.01)
        time.sleep(0.3)
        print("finished", flush=True)
    time.sleep(60)
    print("not reached", flush=True)

parent, context = os.getpid(), multiprocessing.get_context("fork")
seen = context.Event()
context.Process(target=work).start()
seen.wait()
os._exit(0)
"""


@pytest.mark.parametrize("group", ["pass", "os.setsid()"])
def test_a_worker_ends_with_ansible(group):
    code = CODE.format(group=group)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout.split() == ["finished"], done.stderr


def test_a_process_that_is_not_a_worker_is_left_alone():
    code = (
        "import os, threading, time\n"
        "from ansible_collections.ngcp.fax.plugins.plugin_utils._action import orphans\n"
        "orphans.is_orphaned = lambda: True\n"
        "orphans.end_with_ansible()\n"
        "time.sleep(0.2)\n"
        "print(threading.active_count())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=False)
    assert done.stdout.split() == ["1"], done.stderr
