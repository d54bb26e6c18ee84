# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive: its index survives an interruption between any two steps."""

from __future__ import annotations

import hashlib
import json
import os
import shutil

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _archive
from ansible_collections.ngcp.fax.plugins.module_utils._archive import Archive, file_name, sweep, temporary_name
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import Fax
from ansible_collections.ngcp.fax.plugins.module_utils._recordings import FORMATS, Stored
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
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(1), fax(2), fax(3), fax(4)], "scope", 4)
    archive.begin()
    store(tmp_path, archive, 1)
    archive.add_unavailable(2)
    store(tmp_path, archive, 3)
    archive.add_deleted(3)
    archive.save()
    again = Archive(str(tmp_path), SERVER)
    assert not again.was_interrupted
    assert [entry.id for entry in again.faxes()] == [4, 3, 2, 1]
    assert (again.known_up_to("scope"), again.known_up_to("other")) == (4, 0)
    assert again.is_intact(again.file_of(1, TIFF)) and again.file_of(1, PDF) is None
    assert again.is_unavailable(2) and not again.is_unavailable(4)
    assert again.is_deleted(3) and not again.is_deleted(1)
    assert sorted(os.listdir(tmp_path)) == ["1.tif", "3.tif", "index.json"]
    document = json.loads((tmp_path / "index.json").read_text())
    (first, _other) = document["faxes"]
    assert (first["fax_id"], first["path"], first["size"], first["format"]) == (1, "1.tif", 7, "tiff")
    assert first["sha256"] == hashlib.sha256(b"content").hexdigest()
    assert first["caller"] == "431"
    assert [entry["fax_id"] for entry in document["without_file"]] == [2, 4]
    assert (tmp_path / "index.json").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_without_a_change(tmp_path):
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(1)], "scope", 1)
    archive.begin()
    archive.save()
    before = (tmp_path / "index.json").stat().st_mtime_ns
    again = Archive(str(tmp_path), SERVER)
    again.learn([fax(1)], "scope", 1)
    again.begin()
    again.save()
    assert (tmp_path / "index.json").stat().st_mtime_ns == before


def test_an_interruption_at_any_moment(tmp_path, monkeypatch):
    """After every step the folder is copied, as if the process had been killed there."""
    folder = tmp_path / "archive"
    folder.mkdir()
    snapshots = []

    def snapshot():
        snapshots.append(tmp_path / f"snapshot-{len(snapshots)}")
        shutil.copytree(folder, snapshots[-1])

    def stepping(name):
        inner = getattr(_archive, name)

        def step(*arguments):
            snapshot()
            inner(*arguments)
            snapshot()

        monkeypatch.setattr(_archive, name, step)

    for name in ("write_whole", "sync", "remove"):
        stepping(name)
    monkeypatch.setattr(_archive, "_LEAST_LINES", 3)
    archive = Archive(str(folder), SERVER)
    archive.learn([fax(number) for number in range(1, 9)], "scope", 8)
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
        found = Archive(str(path), SERVER)
        for since, number in stored:
            if since <= position:
                assert found.is_intact(found.file_of(number, TIFF)), (path, number)
    assert not Archive(str(snapshots[-1]), SERVER).was_interrupted
    assert Archive(str(snapshots[-3]), SERVER).was_interrupted


@pytest.mark.parametrize(
    "torn", [b'{"fax_id": 2, "form', b"\x00\x00\x00", b"[1]\n", b'{"fax_id": 2, "path": "../x"}\n']
)
def test_a_torn_log(tmp_path, torn):
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(1), fax(2)])
    archive.begin()
    store(tmp_path, archive, 1)
    with open(tmp_path / ".index.log", "ab") as stream:
        stream.write(torn)
    found = Archive(str(tmp_path), SERVER)
    assert found.was_interrupted
    assert found.is_intact(found.file_of(1, TIFF)) and found.file_of(2, TIFF) is None


def test_intact_or_damaged(tmp_path):
    archive = Archive(str(tmp_path), SERVER)
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


def test_two_formats_of_the_same_ending(tmp_path):
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(1)])
    archive.begin()
    store(tmp_path, archive, 1, form=PDF14)
    store(tmp_path, archive, 1, form=PDF)
    archive.save()
    again = Archive(str(tmp_path), SERVER)
    assert again.path_for(fax(1), PDF14, "flat") == "1.pdf"
    assert again.path_for(fax(1), PDF, "flat") == "1.pdf.pdf"


def test_a_path_that_another_fax_had(tmp_path):
    """A file that the user names can hold one fax now and another one later."""
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(1), fax(2)])
    archive.begin()
    for number in (1, 2):
        archive.add_file(number, TIFF, "fax.tif", Stored(1, "x"))
    assert archive.file_of(1, TIFF) is None
    assert archive.file_of(2, TIFF).path == "fax.tif"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"collection": "other", "version": 1}'])
def test_a_foreign_index_is_left_alone(tmp_path, content):
    (tmp_path / "index.json").write_bytes(content)
    with pytest.raises(InputError) as caught:
        Archive(str(tmp_path), SERVER)
    assert caught.value.field == "dest"
    assert (tmp_path / "index.json").read_bytes() == content


def test_an_index_that_leads_outside(tmp_path):
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(1)])
    archive.begin()
    store(tmp_path, archive, 1)
    archive.save()
    for path in ("../1.tif", "/etc/passwd"):
        text = (tmp_path / "index.json").read_text().replace('"1.tif"', json.dumps(path))
        (tmp_path / "index.json").write_text(text)
        with pytest.raises(InputError):
            Archive(str(tmp_path), SERVER)
        (tmp_path / "index.json").write_text(text.replace(json.dumps(path), '"1.tif"'))


def test_the_archive_of_another_platform(tmp_path):
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(1)])
    archive.save()
    with pytest.raises(InputError, match=r"archive of https://platform\.test:1443"):
        Archive(str(tmp_path), "https://other.test:1443")


def test_check_mode_and_no_index_write_nothing(tmp_path):
    for archive in (Archive(str(tmp_path), SERVER, read_only=True), Archive(str(tmp_path), SERVER, kept=False)):
        archive.learn([fax(1)], "scope", 1)
        archive.begin()
        archive.add_unavailable(1)
        archive.save()
        assert archive.known_up_to("scope") == 1
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written(tmp_path):
    archive = Archive(str(tmp_path / "gone"), SERVER)
    archive.learn([fax(1)])
    with pytest.raises(FaxError, match="Cannot write the index"):
        archive.begin()


def test_sweeping(tmp_path):
    (tmp_path / "2026").mkdir()
    for name in ("1.tif", ".other.part", "2026/2.tif"):
        (tmp_path / name).write_text("")
        (tmp_path / temporary_name(name)).write_text("")
    sweep(str(tmp_path))
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        ".other.part", "1.tif", "2026/2.tif"
    ]  # fmt: skip


def test_the_cost_of_the_index_stays_in_proportion(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(_archive, "write_whole", lambda path, content: written.append(len(content)))
    monkeypatch.setattr(_archive, "sync", lambda stream: None)
    archive = Archive(str(tmp_path), SERVER)
    archive.learn([fax(number) for number in range(1, 3001)])
    archive.begin()
    for number in range(1, 3001):
        archive.add_file(number, TIFF, f"{number}.tif", Stored(1, "x"))
    archive.save()
    assert len(written) <= 25
