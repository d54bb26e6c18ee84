# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Working files with secrets: nothing readable on disk, and nothing left behind for good."""

from __future__ import annotations

import multiprocessing
import os
import pathlib
import subprocess
import sys
import time

import pytest

pytest.importorskip("ansible.constants", reason="plugins run on control nodes only")

from ansible_collections.ngcp.fax.plugins.module_utils._files import FileError
from ansible_collections.ngcp.fax.plugins.plugin_utils import _working_files as working_files
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.chunks import read_json, write_private
from ansible_collections.ngcp.fax.plugins.plugin_utils._protected_files import SEALED
from ansible_collections.ngcp.fax.plugins.plugin_utils._working_files import (
    create_folder,
    discard,
    private_copy,
    remove_leftovers,
    seal,
    unseal,
)

CANARY = "CANARY-secret"


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path):
    """Return Ansible's temporary folder."""
    own = tmp_path / "ansible" / "ansible-local-1x"
    own.mkdir(parents=True)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(own))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    return own


def on_disk(folder):
    """Return the content of all real files below a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def test_a_sealed_document_is_read_again_and_by_nobody_else(tmp_path, monkeypatch):
    path = str(tmp_path / f"entries{SEALED}")
    document = [{"subscriber_id": 1, "password": CANARY}]
    write_private(path, document)
    assert CANARY.encode() not in on_disk(tmp_path)
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert read_json(path) == document
    monkeypatch.setattr(multiprocessing.current_process(), "authkey", os.urandom(32))
    with pytest.raises(FileError, match="working file of another run"):
        read_json(path)


def test_a_forked_task_can_read_what_another_one_sealed(tmp_path):
    """As Ansible does it: each task has a process of its own."""
    context = multiprocessing.get_context("fork")
    path = tmp_path / f"entries{SEALED}"
    results = context.SimpleQueue()
    for work in (lambda: path.write_bytes(seal(CANARY.encode())), lambda: results.put(unseal(str(path)))):
        process = context.Process(target=work)
        process.start()
        process.join()
    assert results.get() == CANARY.encode()


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-1], lambda text: b"x" + text[1:], lambda text: text[:20], bytes]
)
def test_a_damaged_file_is_told(tmp_path, damage):
    path = tmp_path / f"entries{SEALED}"
    path.write_bytes(b"" if damage is bytes else damage(seal(b"[]")))
    with pytest.raises(FileError, match="damaged"):
        unseal(str(path))
    with pytest.raises(FileError, match="cannot read"):
        unseal(str(tmp_path / f"missing{SEALED}"))


def test_equal_documents_look_different(tmp_path):
    assert seal(b"same") != seal(b"same")


def test_a_private_copy_is_a_file_for_others_and_gone_afterwards(tmp_path, temporary):
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    made = []
    path = private_copy(CANARY.encode(), "/somewhere/fleet.yml", made)
    assert os.path.basename(path) == "fleet.yml" and os.path.isfile(path)
    assert pathlib.Path(path).read_text() == CANARY
    read = [sys.executable, "-c", "import sys; print(open(sys.argv[1]).read())", path]
    assert subprocess.run(read, capture_output=True, text=True, check=True).stdout.strip() == CANARY
    (folder,) = made
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.path.dirname(folder) == str(temporary)
    discard(folder)
    assert list(temporary.iterdir()) == []
    if before:
        assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="Linux keeps files in memory")
def test_a_private_copy_is_not_on_disk(tmp_path):
    private_copy(CANARY.encode(), "fleet.yml", [])
    assert CANARY.encode() not in on_disk(tmp_path)


def test_where_there_are_no_files_in_memory_a_private_one_does(monkeypatch, tmp_path):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    made = []
    path = private_copy(CANARY.encode(), "fleet.yml", made)
    assert pathlib.Path(path).read_text() == CANARY
    assert os.stat(path).st_mode & 0o777 == 0o600
    discard(made[0])
    assert on_disk(tmp_path) == b""


def dead_process():
    """Return the number of a process that is over."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_folders_of_dead_runs_are_swept(tmp_path, temporary):
    place = working_files._place()
    old = time.time() - 8 * 24 * 3600
    names = {
        f"ngcp-fax-{place}-{dead_process()}-abc": (0, True),
        f"ngcp-fax-{place}-{os.getpid()}-abc": (0, False),
        f"ngcp-fax-00000000-{dead_process()}-abc": (0, False),  # of another machine
        "ngcp-fax-00000000-1-abc": (old, True),
        "ngcp-fax-fleet-abcd1234": (old, True),  # of an earlier version
        "ngcp-fax-abcd1234": (old, True),
        "ngcp-fax-fleet-abcd5678": (0, False),
        "ngcp-fax-of-somebody-else": (old, False),
        "somebody-else": (old, False),
    }
    folders = {}
    for parent in (temporary, temporary.parent / "ansible-local-2x", temporary.parent, tmp_path / "tmp"):
        for name, (moment, swept) in names.items():
            folder = parent / name
            folder.mkdir(parents=True)
            (folder / "entries.json").write_text(CANARY)
            if moment:
                os.utime(folder, (moment, moment))
            folders[folder] = swept
    (tmp_path / "tmp" / f"ngcp-fax-{place}-{dead_process()}-link").symlink_to(tmp_path / "tmp" / "somebody-else")
    remove_leftovers()
    assert {folder: not folder.exists() for folder in folders} == folders
    assert (tmp_path / "tmp" / "somebody-else" / "entries.json").exists()


def test_a_new_folder_is_of_this_run(temporary):
    folder = create_folder()
    remove_leftovers()
    assert os.path.isdir(folder) and f"-{os.getpid()}-" in folder
