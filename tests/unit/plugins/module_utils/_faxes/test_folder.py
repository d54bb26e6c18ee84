# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder with nothing but regular files and real folders below it."""

from __future__ import annotations

import errno
import hashlib
import os
import socket

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._faxes import folder as _folder
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.folder import Folder, UnsafePathError, part_name

KINDS = ("link", "broken link", "link to a folder", "fifo", "folder", "socket")


@pytest.fixture
def outside(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "1.tif").write_text("precious")
    return tmp_path / "outside"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "inside").mkdir()
    return tmp_path / "inside"


@pytest.fixture
def folder(path):
    made = Folder(str(path))
    yield made
    made.close()


def put(kind, path, outside):
    """Make something that is not a regular file."""
    if kind == "socket":
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.close()
        return
    {
        "link": lambda: path.symlink_to(outside / "1.tif"),
        "broken link": lambda: path.symlink_to("/nonexistent/1.tif"),
        "link to a folder": lambda: path.symlink_to(outside),
        "fifo": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[kind]()


def test_files(path, folder):
    with folder.open_new("2026/11/1.tif") as stream:
        stream.write(b"content")
        stream.seek(0)
        assert stream.read() == b"content"
    assert (path / "2026/11/1.tif").stat().st_mode & 0o777 == 0o600
    folder.replace("2026/11/1.tif", "2026/11/2.tif")
    assert not folder.exists("2026/11/1.tif") and folder.exists("2026/11/2.tif")
    with folder.open("2026/11/2.tif") as stream:
        assert stream.read() == b"content"
    assert folder.hash("2026/11/2.tif") == hashlib.sha256(b"content").hexdigest()
    status = (path / "2026/11/2.tif").stat()
    assert folder.stamp("2026/11/2.tif") == [7, status.st_mtime_ns, status.st_ctime_ns]
    folder.sync("2026/11/2.tif")
    folder.remove("2026/11/2.tif")
    folder.remove("2026/11/2.tif")
    folder.remove("2027/1.tif")
    assert list((path / "2026/11").iterdir()) == []


def test_a_file_that_is_left_over_is_replaced(path, folder):
    (path / "1.tif").write_text("left over")
    with folder.open_new("1.tif") as stream:
        stream.write(b"x")
    assert (path / "1.tif").read_text() == "x"


def test_appending(path, folder):
    for text in (b"one", b"two"):
        with folder.open_to_append(".log") as stream:
            stream.write(text)
    assert (path / ".log").read_bytes() == b"onetwo"
    assert (path / ".log").stat().st_mode & 0o777 == 0o600


def test_writing_whole(path, folder, monkeypatch):
    folder.write_whole("index.json", b"one")

    def full(_stream):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_folder, "sync", full)
    with pytest.raises(OSError):
        folder.write_whole("index.json", b"two")
    assert [(found.name, found.read_bytes()) for found in path.iterdir()] == [("index.json", b"one")]


def test_what_is_not_there(folder):
    folder.check("1.tif")
    folder.check("2026/1.tif")
    assert not folder.exists("1.tif")
    for ask in (folder.open, folder.stamp, folder.hash):
        with pytest.raises(FileNotFoundError):
            ask("2026/1.tif")


@pytest.mark.parametrize("kind", KINDS)
def test_something_else_in_the_place_of_a_file(path, folder, outside, kind):
    put(kind, path / "1.tif", outside)
    (path / "new.tif").write_text("new")
    for ask in (
        folder.check,
        folder.open,
        folder.open_new,
        folder.open_to_append,
        folder.stamp,
        folder.hash,
        lambda name: folder.replace("new.tif", name),
        lambda name: folder.write_whole(name, b"new"),
    ):
        with pytest.raises(UnsafePathError):
            ask("1.tif")
    assert not folder.exists("1.tif")
    assert (outside / "1.tif").read_text() == "precious" and os.listdir(outside) == ["1.tif"]
    assert sorted(os.listdir(path)) == ["1.tif", "new.tif"]


@pytest.mark.parametrize("kind", KINDS)
def test_something_else_under_the_temporary_name(path, folder, outside, kind):
    put(kind, path / part_name("1.tif"), outside)
    with pytest.raises(UnsafePathError):
        folder.write_whole("1.tif", b"new")
    assert (outside / "1.tif").read_text() == "precious" and os.listdir(path) == [part_name("1.tif")]


@pytest.mark.parametrize("kind", ["link to a folder", "link", "broken link", "fifo", "socket", "file"])
@pytest.mark.parametrize("place", ["3", "3/4"])
def test_something_else_in_the_place_of_a_folder(path, folder, outside, kind, place):
    if place != "3":
        (path / "3").mkdir()
    (path / place).write_text("x") if kind == "file" else put(kind, path / place, outside)
    for ask in (folder.check, folder.open, folder.open_new, folder.open_to_append, folder.stamp, folder.sync):
        with pytest.raises(UnsafePathError, match="not a real directory"):
            ask(f"{place}/1.tif")
    with pytest.raises(UnsafePathError):
        folder.remove(f"{place}/1.tif")
    assert not folder.exists(f"{place}/1.tif")
    assert (outside / "1.tif").read_text() == "precious" and os.listdir(outside) == ["1.tif"]


def test_a_link_is_removed_and_not_followed(path, folder, outside):
    put("link", path / "1.tif", outside)
    folder.remove("1.tif")
    assert os.listdir(path) == [] and (outside / "1.tif").exists()


def test_a_link_that_appears_after_the_check(path, folder, outside, monkeypatch):
    """Whoever is faster than the check wins nothing."""
    put("link", path / "1.tif", outside)
    monkeypatch.setattr(Folder, "check", lambda folder, relative: None)
    with folder.open_new("1.tif") as stream:
        stream.write(b"new")
    put("link", path / ".log", outside)
    with pytest.raises(OSError) as caught:
        folder.open_to_append(".log")
    assert caught.value.errno == errno.ELOOP
    assert (outside / "1.tif").read_text() == "precious" and not (path / "1.tif").is_symlink()


def test_the_folder_itself_is_exchanged(path, folder, outside):
    """It is held open: what is written goes to the folder that was checked."""
    path.rename(path.with_name("moved"))
    path.symlink_to(outside)
    folder.write_whole("1.tif", b"new")
    assert (outside / "1.tif").read_text() == "precious"
    assert path.with_name("moved").joinpath("1.tif").read_bytes() == b"new"
    with pytest.raises(UnsafePathError):
        Folder(str(path))


def test_it_can_be_closed_twice(path):
    folder = Folder(str(path))
    folder.close()
    folder.close()
    with pytest.raises(OSError):
        folder.open("1.tif")
    with pytest.raises(FileNotFoundError):
        Folder(str(path / "gone"))
