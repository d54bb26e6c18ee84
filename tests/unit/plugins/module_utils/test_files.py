# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files: whole or not at all, private, and locked."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _files
from ansible_collections.ngcp.fax.plugins.module_utils._files import (
    DiskFullError,
    FileError,
    file_error,
    locked,
    open_private,
    write_whole,
)


def test_written_whole_and_private(tmp_path):
    path = tmp_path / "file"
    write_whole(str(path), b"one")
    write_whole(str(path), b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "file"
    write_whole(str(path), b"one")

    def fail(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_files.os, step, fail)
    with pytest.raises(OSError):
        write_whole(str(path), b"two")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["file"]


def test_what_a_killed_run_left_is_replaced(tmp_path):
    (tmp_path / ".file.part").write_bytes(b"torn")
    write_whole(str(tmp_path / "file"), b"whole")
    assert os.listdir(tmp_path) == ["file"]


def test_links_are_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    (tmp_path / "link").symlink_to(target)
    with open_private(str(tmp_path / "link")) as stream:
        stream.write(b"other")
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_one_holder_at_a_time(tmp_path, kind):
    path = str(tmp_path if kind == "folder" else tmp_path / "lock")
    order = []

    def other():
        with locked(path, 10):
            order.append("other")

    with locked(path, 0):
        with pytest.raises(FileError) as caught, locked(path, 0):
            pass
        assert (caught.value.code, caught.value.retryable) == ("locked", True)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


def test_errors_for_users():
    full = file_error("Cannot write", OSError(errno.ENOSPC, "No space left on device"))
    assert isinstance(full, DiskFullError) and (full.code, full.retryable) == ("disk_full", True)
    denied = file_error("Cannot write", PermissionError(errno.EACCES, "Permission denied"))
    assert (denied.code, denied.message) == ("file_error", "Cannot write: Permission denied")
