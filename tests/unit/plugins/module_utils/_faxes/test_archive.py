# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive: its index survives an interruption between any two steps."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pathlib
import shutil
import tempfile
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import archive as _archive, archive_index as _index
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.archive import Archive, remove_leftovers
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.archive_names import file_name, temporary_name
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.download import FORMATS, Stored
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.folder import Folder, UnsafePathError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.journal import Fax
from ansible_collections.ngcp.fax.tests.unit.support.journal import item

SERVER = "https://platform.test:1443"
TIFF, PDF, PDF14 = FORMATS["tiff"], FORMATS["pdf"], FORMATS["pdf14"]


def fax(number, **fields):
    return Fax.of(item(number, **fields))


def store(folder, archive, number, content=b"content", form=TIFF, layout="flat"):
    """Do what a download does with the archive."""
    path = archive.path_for(fax(number), form, layout)
    archive.add_file(number, form, path, Stored(len(content), hashlib.sha256(content).hexdigest()))
    (folder / path).write_bytes(content)
    archive.restamp(number, form)


@pytest.mark.parametrize(
    ("layout", "form", "expected"),
    [
        ("flat", "tiff", "5.tif"),
        ("flat", "pdf", "5.pdf"),
        ("flat", "ps", "5.ps"),
        ("by_subscriber", "tiff", "3/5.tif"),
        ("by_date", "pdf14", "2026/11/23/5.pdf"),
    ],
)
def test_names(layout, form, expected):
    assert file_name(fax(5, subscriber_id=3, time="2026-11-23 09:12:23"), FORMATS[form], layout) == expected


@pytest.mark.parametrize("time", ["", "../../etc/passwd", "2026-11-23", "20261123 09:12", "²026-11-23 "])
def test_names_do_not_come_from_the_servers_texts(time):
    name = file_name(fax(5, time=time, filename="../x", callee="../y", status="/z"), TIFF, "by_date")
    assert name == "undated/5.tif"


def test_it_comes_back(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1), fax(2), fax(3), fax(4)], "scope", 4)
    archive.begin()
    store(tmp_path, archive, 1)
    archive.add_unavailable(2)
    store(tmp_path, archive, 3)
    archive.add_deleted(3)
    archive.save()
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert not again.was_interrupted
    assert [entry.id for entry in again.faxes()] == [4, 3, 2, 1]
    assert (again.known_up_to("scope"), again.known_up_to("other")) == (4, 0)
    assert again.is_intact(again.file_of(1, TIFF)) and again.file_of(1, PDF) is None
    assert timedelta(0) <= again.unavailable_for(2) < timedelta(minutes=1) and again.unavailable_for(4) is None
    assert again.is_deleted(3) and not again.is_deleted(1)
    assert sorted(os.listdir(tmp_path)) == ["1.tif", "3.tif", "index.json"]
    document = json.loads((tmp_path / "index.json").read_text())
    (first, _other) = document["faxes"]
    assert (first["fax_id"], first["path"], first["size"], first["format"]) == (1, "1.tif", 7, "tiff")
    assert first["sha256"] == hashlib.sha256(b"content").hexdigest()
    assert first["caller"] == "431"
    assert [(entry["fax_id"], entry["unavailable"]) for entry in document["without_file"]] == [(2, True), (4, False)]
    assert (tmp_path / "index.json").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_without_a_change(tmp_path, monkeypatch):
    written, write = [], Folder.write_whole
    monkeypatch.setattr(Folder, "write_whole", lambda *arguments: written.append(write(*arguments)))
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)], "scope", 1)
    archive.begin()
    archive.save()
    archive.add_unavailable(1)
    archive.save()
    archive.save()
    assert len(written) == 2
    again = Archive(Folder(str(tmp_path)), SERVER)
    again.add([fax(1)], "scope", 1)
    again.begin()
    again.save()
    assert len(written) == 2


def test_nothing_is_logged_before_the_log_begins(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.add_unavailable(1)
    assert (os.listdir(tmp_path), archive.unavailable_for(1) is None) == ([], False)


def test_an_interruption_at_any_moment(tmp_path, monkeypatch):
    """After every step the folder is copied, as if the process had been killed there."""
    folder = tmp_path / "archive"
    folder.mkdir()
    snapshots = []

    def snapshot():
        snapshots.append(tmp_path / f"snapshot-{len(snapshots)}")
        shutil.copytree(folder, snapshots[-1])

    def stepping(place, name):
        inner = getattr(place, name)

        def step(*arguments):
            snapshot()
            result = inner(*arguments)
            snapshot()
            return result

        monkeypatch.setattr(place, name, step)

    stepping(_archive, "sync")
    for name in ("write_whole", "replace", "remove", "open_to_append"):
        stepping(Folder, name)
    monkeypatch.setattr(_archive, "_LEAST_LINES", 3)
    archive = Archive(Folder(str(folder)), SERVER)
    archive.add([fax(number) for number in range(1, 9)], "scope", 8)
    archive.begin()
    stored = []
    for number in range(1, 9):
        store(folder, archive, number)
        stored.append((len(snapshots), number))
        snapshot()
    archive.save()
    snapshot()
    assert len(snapshots) > 30
    for position, path in enumerate(snapshots):
        found = Archive(Folder(str(path)), SERVER)
        for since, number in stored:
            if since <= position:
                assert found.is_intact(found.file_of(number, TIFF)), (path, number)
    assert not Archive(Folder(str(snapshots[-1])), SERVER).was_interrupted
    assert Archive(Folder(str(snapshots[-3])), SERVER).was_interrupted


@pytest.mark.parametrize(
    "torn", [b'{"fax_id": 2, "form', b"\x00\x00\x00", b"[1]\n", b'{"fax_id": 2, "path": "../x"}\n']
)
def test_a_torn_log(tmp_path, torn):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1), fax(2)])
    archive.begin()
    store(tmp_path, archive, 1)
    with open(tmp_path / ".index.log", "ab") as stream:
        stream.write(torn)
    found = Archive(Folder(str(tmp_path)), SERVER)
    assert found.was_interrupted
    assert found.is_intact(found.file_of(1, TIFF)) and found.file_of(2, TIFF) is None


def test_intact_or_damaged(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.begin()
    store(tmp_path, archive, 1)
    found, path = archive.file_of(1, TIFF), tmp_path / "1.tif"
    assert archive.is_intact(found)
    path.write_bytes(b"CONTENT")
    assert not archive.is_intact(found)
    path.write_bytes(b"content")
    assert archive.is_intact(found) and archive.is_intact(found, thorough=True)
    os.utime(path, ns=(1, 1))
    path.write_bytes(b"Content")
    os.utime(path, ns=(1, 1))
    assert not archive.is_intact(found), "the times of a file can be set, but not all of them"
    path.write_bytes(b"conten")
    assert not archive.is_intact(found)
    path.unlink()
    assert not archive.is_intact(found)


def test_a_file_is_hashed_only_when_it_has_changed_or_must_be(tmp_path, monkeypatch):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.begin()
    store(tmp_path, archive, 1)
    archive.save()
    archive = Archive(Folder(str(tmp_path)), SERVER)
    hashed, hash_of = [], Folder.hash
    monkeypatch.setattr(Folder, "hash", lambda self, path: hashed.append(path) or hash_of(self, path))
    found = archive.file_of(1, TIFF)
    assert archive.is_intact(found) and hashed == [], "a file that was just stored is known"
    assert archive.is_intact(found, thorough=True) and hashed == ["1.tif"]
    os.utime(tmp_path / "1.tif", ns=(5, 5))
    assert archive.is_intact(found) and hashed == ["1.tif"] * 2
    assert archive.is_intact(found) and hashed == ["1.tif"] * 2, "its new times are known"
    archive.save()
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert again.is_intact(again.file_of(1, TIFF)) and hashed == ["1.tif"] * 2, "also in the next run"


def test_without_a_folder_nothing_is_intact(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.begin()
    store(tmp_path, archive, 1)
    found = archive.file_of(1, TIFF)
    assert not Archive(None, SERVER).is_intact(found)


def test_where_a_fax_is(tmp_path):
    """A fax stays where it was stored, whatever layout is asked for now; a new one follows the layout."""
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.begin()
    store(tmp_path, archive, 1, layout="flat")
    assert archive.path_for(fax(1), TIFF, "by_subscriber") == "1.tif"
    assert archive.path_for(fax(2, subscriber_id=3), TIFF, "by_subscriber") == "3/2.tif"
    assert os.path.dirname(temporary_name("3/2.tif")) == "3", "on the same file system"


def test_two_formats_of_the_same_ending(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.begin()
    store(tmp_path, archive, 1, form=PDF14)
    store(tmp_path, archive, 1, form=PDF)
    archive.save()
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert again.path_for(fax(1), PDF14, "flat") == "1.pdf"
    assert again.path_for(fax(1), PDF, "flat") == "1.pdf.pdf"


def test_a_path_that_another_fax_had(tmp_path):
    """A file that the user names can hold one fax now and another one later."""
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1), fax(2)])
    archive.begin()
    for number in (1, 2):
        archive.add_file(number, TIFF, "fax.tif", Stored(1, "0" * 64))
    assert archive.file_of(1, TIFF) is None
    assert archive.file_of(2, TIFF).path == "fax.tif"
    archive.add_file(2, TIFF, "other.tif", Stored(1, "0" * 64))
    archive.add_file(1, TIFF, "fax.tif", Stored(1, "0" * 64))
    assert [archive.file_of(number, TIFF).path for number in (1, 2)] == ["fax.tif", "other.tif"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"collection": "other", "version": 1}'])
def test_a_foreign_index_is_left_alone(tmp_path, content):
    (tmp_path / "index.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        Archive(Folder(str(tmp_path)), SERVER)
    assert caught.value.field == "dest"
    assert (tmp_path / "index.json").read_bytes() == content


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("path", value) for value in ("../1.tif", "/etc/passwd", "a//b", ".", "", "index.json", "a\0b", 1, None)],
        *[("sha256", value) for value in ("", "0" * 63, "0" * 65, "G" * 64, "A" * 64, None)],
        *[("size", value) for value in (-1, "1", 1.0, True, None, 2**63)],
        *[("stamp", value) for value in (1, "123", {}, [1, "2", 3], [None])],
        *[("fax_id", value) for value in (0, -1, "1", 1.0, True, None)],
    ],
    ids=lambda value: None if isinstance(value, (int, float)) else json.dumps(value).replace("\\", ""),
)
def test_wrong_values_in_an_index(tmp_path, name, value):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.begin()
    store(tmp_path, archive, 1)
    archive.save()
    document = json.loads((tmp_path / "index.json").read_text())
    document["faxes"][0][name] = value
    (tmp_path / "index.json").write_text(json.dumps(document))
    with pytest.raises(InputError):
        Archive(Folder(str(tmp_path)), SERVER)


def test_the_smallest_and_the_largest_numbers(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1), fax(2)], "scope", 1)
    archive.begin()
    store(tmp_path, archive, 1, content=b"")
    archive.add_file(2, TIFF, "2.tif", Stored(2**63 - 1, "0" * 64))
    archive.save()
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert again.known_up_to("scope") == 1
    assert again.is_intact(again.file_of(1, TIFF)) and again.file_of(2, TIFF).size == 2**63 - 1


@pytest.mark.parametrize("older_index", [None, b"older"], ids=["none", "a backup"])
def test_a_log_that_names_faxes_unknown_to_the_index(tmp_path, older_index):
    """After an interrupted run somebody removed the index, or put back an older one."""
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)], "scope", 1)
    archive.save()
    backup = (tmp_path / "index.json").read_bytes()
    archive.add([fax(2), fax(3)], "scope", 3)
    archive.begin()
    store(tmp_path, archive, 2)
    store(tmp_path, archive, 3)
    archive.add_deleted(3)
    (tmp_path / "index.json").unlink()
    if older_index:
        (tmp_path / "index.json").write_bytes(backup)
    for _run in range(2):
        archive = Archive(Folder(str(tmp_path)), SERVER)
        assert archive.faxes() == ([fax(1)] if older_index else [])
        assert archive.known_up_to("scope") == (1 if older_index else 0)
        assert archive.is_intact(archive.file_of(2, TIFF)) and archive.is_deleted(3)
        archive.begin()
        archive.save()
    archive.add([fax(2)])
    archive.save()
    assert fax(2) in Archive(Folder(str(tmp_path)), SERVER).faxes()


def test_the_archive_of_another_platform(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.save()
    with pytest.raises(InputError, match=r"archive of https://platform\.test:1443") as caught:
        Archive(Folder(str(tmp_path)), "https://other.test:1443")
    assert caught.value.field == "dest"


def test_the_archive_of_a_later_version(tmp_path):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.save()
    document = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps({**document, "version": 999}))
    with pytest.raises(InputError, match="version 999") as caught:
        Archive(Folder(str(tmp_path)), SERVER)
    assert caught.value.field == "dest"


def test_check_mode_and_no_index_write_nothing(tmp_path):
    for archive in (
        Archive(Folder(str(tmp_path)), SERVER, read_only=True),
        Archive(Folder(str(tmp_path)), SERVER, kept=False),
    ):
        archive.add([fax(1)], "scope", 1)
        archive.begin()
        archive.add_unavailable(1)
        archive.save()
        assert archive.known_up_to("scope") == 1
    assert os.listdir(tmp_path) == []


def full(*_arguments):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    monkeypatch.setattr(Folder, "write_whole", full)
    with pytest.raises(FaxError, match="Cannot write the index"):
        archive.begin()
    monkeypatch.undo()
    monkeypatch.setattr(Folder, "open_to_append", full)
    with pytest.raises(FaxError, match="Cannot write into"):
        archive.begin()


def test_a_folder_that_is_not_there():
    """As check mode may find it."""
    archive = Archive(None, SERVER, read_only=True)
    archive.add([fax(1)])
    archive.begin()
    archive.save()
    assert (archive.faxes(), archive.file_of(1, TIFF)) == ([fax(1)], None)


# ---- a disk that is full for a while


def test_what_is_not_written_down_is_not_known(tmp_path, monkeypatch):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.begin()
    with monkeypatch.context() as patch:
        patch.setattr(_archive, "sync", full)
        with pytest.raises(OSError):
            archive.add_file(1, TIFF, "1.tif", Stored(1, "0" * 64))
    assert archive.file_of(1, TIFF) is None


def test_what_has_happened_on_the_server_is_known(tmp_path, monkeypatch):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1), fax(2)])
    archive.begin()
    store(tmp_path, archive, 1)
    with monkeypatch.context() as patch:
        patch.setattr(_archive, "sync", full)
        for note in (archive.add_deleted, archive.add_unavailable):
            with pytest.raises(OSError):
                note(1 if note == archive.add_deleted else 2)
    archive.save()
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert again.is_deleted(1) and again.unavailable_for(2) is not None


def test_a_log_that_cannot_be_shortened_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(_archive, "_LEAST_LINES", 3)
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(number) for number in range(1, 9)])
    archive.begin()
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write_whole", full)
        for number in range(1, 5):
            store(tmp_path, archive, number)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "open_to_append", full)
        for number in range(5, 7):
            store(tmp_path, archive, number)
        with pytest.raises(OSError):
            store(tmp_path, archive, 7)
    store(tmp_path, archive, 8)
    killed = Archive(Folder(str(tmp_path)), SERVER)
    assert [number for number in range(1, 9) if killed.file_of(number, TIFF)] == [1, 2, 3, 4, 5, 6, 8]


def test_a_line_that_is_torn_by_a_full_disk(tmp_path, monkeypatch):
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1), fax(2), fax(3)])
    archive.begin()
    store(tmp_path, archive, 1)

    class Short:
        def __init__(self, stream):
            self._stream = stream

        def write(self, content):
            return self._stream.write(content[:20])

    log = archive._log._stream
    archive._log._stream = Short(log)
    with pytest.raises(OSError) as caught:
        store(tmp_path, archive, 2)
    assert caught.value.errno == errno.ENOSPC and caught.value.strerror == os.strerror(errno.ENOSPC)
    archive._log._stream = log
    store(tmp_path, archive, 3)
    killed = Archive(Folder(str(tmp_path)), SERVER)
    assert [number for number in (1, 2, 3) if killed.file_of(number, TIFF)] == [1, 3]


def test_a_log_that_cannot_be_closed(tmp_path):
    """Its content is in the index by then."""
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.begin()
    store(tmp_path, archive, 1)

    class Stuck:
        close = full

    archive._log._stream.close()
    archive._log._stream = Stuck()
    archive.save()
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert again.is_intact(again.file_of(1, TIFF)) and not again.was_interrupted


# ---- faxes without a recording


def at(monkeypatch, text):
    moment = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone.utc)
    monkeypatch.setattr(_index, "_now", lambda: moment)


def test_since_when_there_is_no_recording(tmp_path, monkeypatch):
    at(monkeypatch, "2026-11-01")
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1), fax(2)])
    archive.begin()
    archive.add_unavailable(1)
    at(monkeypatch, "2026-11-04")
    archive.add_unavailable(1)
    archive.add_unavailable(2)
    killed = Archive(Folder(str(tmp_path)), SERVER)
    assert (killed.unavailable_for(1), killed.unavailable_for(2)) == (timedelta(3), timedelta(0))
    archive.save()
    at(monkeypatch, "2026-11-10")
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert (again.unavailable_for(1), again.unavailable_for(2)) == (timedelta(9), timedelta(6))
    at(monkeypatch, "2026-10-01")
    assert again.unavailable_for(1) == timedelta(0), "a clock that was set back"
    again.begin()
    store(tmp_path, again, 1)
    assert again.unavailable_for(1) is None


def test_an_index_of_an_earlier_version(tmp_path, monkeypatch):
    """It does not say since when there is no recording: that counts from the first run that reads it."""
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(1)])
    archive.add_unavailable(1)
    archive.save()
    document = json.loads((tmp_path / "index.json").read_text())
    del document["without_file"][0]["unavailable_since"]
    (tmp_path / "index.json").write_text(json.dumps(document))
    at(monkeypatch, "2026-11-01")
    again = Archive(Folder(str(tmp_path)), SERVER)
    assert again.unavailable_for(1) == timedelta(0)
    again.begin()
    again.save()
    at(monkeypatch, "2026-11-09")
    assert Archive(Folder(str(tmp_path)), SERVER).unavailable_for(1) == timedelta(8)


@pytest.mark.parametrize("more", ["", ', "since": null', ', "since": "yesterday"', ', "since": 5'])
def test_a_log_that_does_not_say_since_when(tmp_path, monkeypatch, more):
    """As those of earlier versions: it counts from now on."""
    at(monkeypatch, "2026-11-01")
    (tmp_path / ".index.log").write_text(f'{{"unavailable": 1{more}}}\n')
    assert Archive(Folder(str(tmp_path)), SERVER).unavailable_for(1) == timedelta(0)


# ---- files that somebody else wrote


@pytest.fixture
def written(tmp_path):
    """Return the index and the log of an archive whose last run was killed."""
    folder = tmp_path / "written"
    folder.mkdir()
    archive = Archive(Folder(str(folder)), SERVER)
    archive.add([fax(number) for number in range(1, 5)], "scope", 4)
    archive.begin()
    store(folder, archive, 1)
    archive.add_unavailable(2)
    archive.begin()
    store(folder, archive, 3)
    archive.add_deleted(3)
    return (folder / "index.json").read_bytes(), (folder / ".index.log").read_bytes()


def opened(folder, index, log=None):
    """Return the archive of some files, None where that is refused with a clear error."""
    (folder / "index.json").write_bytes(index)
    (folder / ".index.log").unlink(missing_ok=True)
    if log is not None:
        (folder / ".index.log").write_bytes(log)
    try:
        return Archive(Folder(str(folder)), SERVER)
    except InputError as error:
        assert error.field == "dest" and error.hint
        assert (folder / "index.json").read_bytes() == index
        return None


def test_every_cut_of_an_index_is_refused(tmp_path, written):
    index, log = written
    assert opened(tmp_path, index, log).file_of(3, TIFF)
    for end in {*range(0, len(index) - 2, 7), *range(len(index) - 60, len(index) - 2)}:
        assert opened(tmp_path, index[:end], log) is None, end


def test_every_cut_of_a_log_is_read_up_to_there(tmp_path, written):
    index, log = written
    for end in range(len(log)):
        archive = opened(tmp_path, index, log[:end])
        assert archive.was_interrupted and archive.file_of(1, TIFF)
        whole_lines = log[:end].count(b"}")
        assert (archive.file_of(3, TIFF) is not None, archive.is_deleted(3)) == (whole_lines >= 1, whole_lines >= 2)


ODD = st.sampled_from(
    [None, True, -1, 0, 1.5, 10**30, "", "x", "../x", "/etc/passwd", "a//b", ".", "index.json", ".index.log",
     ".1.tif.ngcp-fax-part", "a\0b", "\ud800", [], {}, [[]], {"a": 1}, "0" * 64, [1, "x"], "9" * 5000]
)  # fmt: skip


@given(st.data())
def test_any_damage_is_refused_or_read(data):
    """Values of other kinds, anywhere."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        archive = Archive(Folder(name), SERVER)
        archive.add([fax(1), fax(2), fax(3)], "scope", 3)
        archive.begin()
        store(folder, archive, 1)
        archive.add_unavailable(2)
        archive.save()
        document = json.loads((folder / "index.json").read_text())
        places = [(document, key) for key in document]
        places += [(entry, key) for part in ("faxes", "without_file") for entry in document[part] for key in entry]
        places += [(document[part], 0) for part in ("faxes", "without_file")] + [(document["known_up_to"], "scope")]
        place, key = data.draw(st.sampled_from(places))
        place[key] = data.draw(ODD)
        found = opened(folder, json.dumps(document).encode())
        if found is not None:
            found.begin()
            assert found.known_up_to("scope") in range(4)
            for entry in found.faxes():
                kept = found.file_of(entry.id, TIFF)
                assert kept is None or found.is_intact(kept) in (True, False)
                assert "/" not in found.path_for(entry, TIFF, "flat")


@given(st.binary(max_size=60) | ODD.map(lambda value: json.dumps(value).encode()))
def test_any_log_is_read(content):
    with tempfile.TemporaryDirectory() as name:
        (pathlib.Path(name) / ".index.log").write_bytes(content)
        assert Archive(Folder(name), SERVER).was_interrupted


@given(st.sampled_from(["fax_id", "path", "size", "sha256", "format", "unavailable", "since", "deleted"]), ODD)
def test_any_line_of_the_log_is_read(key, value):
    line = {"fax_id": 1, "format": "tiff", "path": "1.tif", "size": 1, "sha256": "0" * 64, key: value}
    with tempfile.TemporaryDirectory() as name:
        (pathlib.Path(name) / ".index.log").write_text(json.dumps(line))
        found = Archive(Folder(name), SERVER).file_of(1, TIFF)
        assert found is None or found.path in ("1.tif", "x", "0" * 64, "9" * 5000)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"collection": "ngcp.fax", "version": 2, "anything": "else"}', "later version"),
        (b'{"collection": "ngcp.fax", "version": 1, "server": "https://other.test"}', "archive of https://other"),
        (b'{\n"collection": "ngcp.fax",\n"version": 1, "server', "damaged or cut off"),
        (b'{"collection": "ngcp.fax", "version": "1"}', "does not belong to this collection"),
        (b"[" * 100_000, "does not belong to this collection"),
        (b'{\n"collection": "ngcp.fax",\n"version": ' + b"9" * 5000 + b"}", "damaged"),
        (b'{\n"collection": "ngcp.fax",\n"version": 1e400}', "damaged"),
    ],
)
def test_what_is_said_about_an_index(tmp_path, content, words):
    (tmp_path / "index.json").write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        Archive(Folder(str(tmp_path)), SERVER)
    assert caught.value.hint and (tmp_path / "index.json").read_bytes() == content


@pytest.mark.parametrize("name", ["index.json", ".index.log", ".index.json.part"])
@pytest.mark.parametrize("kind", ["link", "broken link", "fifo", "folder"])
def test_only_regular_files_are_an_index(tmp_path, name, kind):
    other = tmp_path / "other"
    other.write_text("precious")
    folder = tmp_path / "archive"
    folder.mkdir()
    path = folder / name
    {
        "link": lambda: path.symlink_to(other),
        "broken link": lambda: path.symlink_to("/nonexistent"),
        "fifo": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }[kind]()
    with pytest.raises(UnsafePathError):
        Archive(Folder(str(folder)), SERVER)
    assert other.read_text() == "precious"


def test_sweeping(tmp_path):
    (tmp_path / "2026").mkdir()
    for name in ("1.tif", ".other.part", "2026/2.tif"):
        (tmp_path / name).write_text("")
        (tmp_path / temporary_name(name)).write_text("")
    remove_leftovers(str(tmp_path))
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        ".other.part", "1.tif", "2026/2.tif"
    ]  # fmt: skip


def test_sweeping_what_cannot_be_removed(tmp_path, monkeypatch):
    """It is not worth a failure, and what is not a file was not left by a run."""
    (tmp_path / temporary_name("1.tif")).write_text("")
    (tmp_path / temporary_name("2.tif")).symlink_to(tmp_path)
    os.mkfifo(tmp_path / temporary_name("3.tif"))

    def refuse(path):
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(_archive, "remove", refuse)
        remove_leftovers(str(tmp_path))
    remove_leftovers(str(tmp_path))
    assert sorted(os.listdir(tmp_path)) == [temporary_name("2.tif"), temporary_name("3.tif")]


@pytest.mark.parametrize("name", ["index.json", ".index.log"])
@pytest.mark.parametrize("method", ["check", "open"])
def test_an_index_that_cannot_be_read(tmp_path, monkeypatch, method, name):
    inner = getattr(Folder, method)

    def refuse(folder, relative):
        if relative == name:
            raise PermissionError(errno.EACCES, "Permission denied")
        return inner(folder, relative)

    monkeypatch.setattr(Folder, method, refuse)
    with pytest.raises(FaxError, match=r"Cannot read the index in .*Permission denied"):
        Archive(Folder(str(tmp_path)), SERVER)


def test_the_cost_of_the_index_stays_in_proportion(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(Folder, "write_whole", lambda folder, path, content: written.append(len(content)))
    monkeypatch.setattr(_archive, "sync", lambda stream: None)
    archive = Archive(Folder(str(tmp_path)), SERVER)
    archive.add([fax(number) for number in range(1, 3001)])
    archive.begin()
    for number in range(1, 3001):
        archive.add_file(number, TIFF, f"{number}.tif", Stored(1, "0" * 64))
    archive.save()
    assert len(written) <= 25
