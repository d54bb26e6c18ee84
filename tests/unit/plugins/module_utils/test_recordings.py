# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recordings: downloaded whole, or a clear word."""

from __future__ import annotations

import errno
import hashlib
import os

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _recordings
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    LostAnswerError,
    NotFoundError,
    ServerError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._recordings import (
    FORMATS,
    DamagedError,
    UnavailableError,
    download,
    looks_whole,
)
from ansible_collections.ngcp.fax.tests.unit.support.journal import PAGE, TIFF, FakeClient, item

PDF = b"%PDF-1.4\n" + b"x" * 200 + b"\n%%EOF\n"
PS = b"%!PS\nshowpage\n%%EOF\n"
TRANSIENT = ServerError("The server failed: 502", http_status=502)


@pytest.fixture
def client(pauses):
    made = FakeClient([item(5)])
    made.recordings[5] = {None: TIFF, "pdf": PDF, "pdf14": PDF, "ps": PS}
    return made


@pytest.mark.parametrize(("form", "content"), [("tiff", TIFF), ("pdf", PDF), ("pdf14", PDF), ("ps", PS)])
def test_formats(client, tmp_path, form, content):
    path = tmp_path / "file"
    stored = download(client, 5, FORMATS[form], str(path))
    assert path.read_bytes() == content
    assert stored == (len(content), hashlib.sha256(content).hexdigest())
    assert path.stat().st_mode & 0o777 == 0o600
    assert client.log == ["recording 5" if form == "tiff" else f"recording 5 {form}"]


@pytest.mark.parametrize("effect", [TRANSIENT, LostAnswerError("broken"), b"II*\0"[:3], b"", b"<html>no image</html>"])
def test_passing_failures(client, tmp_path, effect):
    client.meet("recording", effect, effect)
    download(client, 5, FORMATS["tiff"], str(tmp_path / "file"))
    assert (tmp_path / "file").read_bytes() == TIFF
    assert (len(client.log), client.counters.retries) == (3, 2)


@pytest.mark.parametrize(
    ("effect", "kind"),
    [(TRANSIENT, ServerError), (LostAnswerError("broken"), LostAnswerError), (b"GIF89", DamagedError)],
)
def test_lasting_failures(client, tmp_path, effect, kind):
    client.meet("recording", *[effect] * 9)
    with pytest.raises(kind):
        download(client, 5, FORMATS["tiff"], str(tmp_path / "file"))
    assert len(client.log) == 4
    assert os.listdir(tmp_path) == []


def test_shorter_than_announced(client, tmp_path, monkeypatch):
    def cut(number, params, reader):
        reader({"Content-Length": "100"}, iter([TIFF[:60]]))

    monkeypatch.setattr(client, "get_recording", cut)
    with pytest.raises(DamagedError, match="60 of 100"):
        download(client, 5, FORMATS["tiff"], str(tmp_path / "file"))


def test_no_recording(client, tmp_path):
    client.recordings.clear()
    for form in FORMATS.values():
        with pytest.raises(UnavailableError):
            download(client, 5, form, str(tmp_path / "file"))
    assert client.log[:3] == ["recording 5", "recording 5", "get faxes 5"]
    assert os.listdir(tmp_path) == []


def test_one_page_alone_is_not_believed(client, tmp_path):
    client.meet("recording", PAGE)
    download(client, 5, FORMATS["tiff"], str(tmp_path / "file"))


def test_no_conversion(client, tmp_path):
    del client.recordings[5]["pdf"]
    with pytest.raises(FaxError) as caught:
        download(client, 5, FORMATS["pdf"], str(tmp_path / "file"))
    assert caught.value.code == "conversion_failed"


def test_no_fax(client, tmp_path):
    with pytest.raises(NotFoundError):
        download(client, 6, FORMATS["tiff"], str(tmp_path / "file"))


def test_access_errors_stop_at_once(client, tmp_path):
    client.meet("recording", AccessError("refused"))
    with pytest.raises(AccessError):
        download(client, 5, FORMATS["tiff"], str(tmp_path / "file"))
    assert len(client.log) == 1


def test_a_full_disk(client, tmp_path, monkeypatch):
    def full(_stream):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_recordings, "sync", full)
    with pytest.raises(OSError):
        download(client, 5, FORMATS["tiff"], str(tmp_path / "file"))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("form", "content", "whole"),
    [
        ("tiff", TIFF, True),
        ("tiff", TIFF[:8], False),
        ("tiff", b"MM\0*\0\0\0\x08" + bytes(9), True),
        ("tiff", PDF, False),
        ("tiff", b"", False),
        ("pdf", PDF, True),
        ("pdf", PDF[:-7], False),
        ("ps", PS, True),
        ("ps", PS[:10], False),
    ],
)
def test_what_looks_whole(tmp_path, form, content, whole):
    (tmp_path / "file").write_bytes(content)
    assert looks_whole(str(tmp_path / "file"), FORMATS[form]) is whole
