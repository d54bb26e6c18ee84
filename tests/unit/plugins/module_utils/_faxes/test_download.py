# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recordings: downloaded whole, or a clear word."""

from __future__ import annotations

import errno
import hashlib
import io

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    LostResponseError,
    NotFoundError,
    ProtocolError,
    ServerError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.download import (
    FORMATS,
    DamagedError,
    UnavailableError,
    download,
    is_whole,
)
from ansible_collections.ngcp.fax.tests.unit.support.journal import PAGE, TIFF, FakeClient, item, pdf, tiff

PDF = pdf()
PS = b"%!PS\nshowpage\n%%EOF\n"
WHOLE = {"tiff": TIFF, "pdf": PDF, "pdf14": PDF, "ps": PS}
TRANSIENT = ServerError("The server failed: 502", http_status=502)
PROXY_PAGE = ProtocolError("The server responded with 404 with something else", http_status=404)


@pytest.fixture
def client(pauses):
    made = FakeClient([item(5)])
    made.recordings[5] = {None: TIFF, "pdf": PDF, "pdf14": PDF, "ps": PS}
    return made


@pytest.fixture
def stream():
    return io.BytesIO()


def fetch(client, stream, form="tiff", fax_id=5, retries=3, **more):
    return download(client, fax_id, FORMATS[form], stream, retries, **more)


@pytest.mark.parametrize(("form", "content"), list(WHOLE.items()))
def test_formats(client, stream, form, content):
    stored = fetch(client, stream, form)
    assert stream.getvalue() == content
    assert stored == (len(content), hashlib.sha256(content).hexdigest())
    assert client.log == ["recording 5" if form == "tiff" else f"recording 5 {form}"]


@pytest.mark.parametrize(
    "effect",
    [
        TRANSIENT,
        LostResponseError("broken"),
        UnreachableError("none"),
        TIFF[:3],
        TIFF[:-1],
        b"",
        b"<html>no image</html>",
    ],
)
def test_passing_failures(client, stream, pauses, effect):
    client.meet("recording", effect, effect)
    fetch(client, stream)
    assert stream.getvalue() == TIFF
    assert (len(client.log), client.counters.retries, len(pauses)) == (3, 2, 2)


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        (TRANSIENT, ServerError),
        (LostResponseError("broken"), LostResponseError),
        (UnreachableError("none"), UnreachableError),
        (b"GIF89", DamagedError),
    ],
)
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_lasting_failures(client, stream, effect, kind, retries):
    """One loop of tries, and not one in another."""
    client.meet("recording", *[effect] * 9)
    with pytest.raises(kind):
        fetch(client, stream, retries=retries)
    assert len(client.log) == retries + 1


@pytest.mark.parametrize(
    "error",
    [AccessError("refused"), PROXY_PAGE, UnreachableError("bad certificate", retryable=False), FaxError("422")],
)
def test_failures_that_stay_are_not_tried_again(client, stream, error):
    client.meet("recording", error)
    with pytest.raises(type(error)) as caught:
        fetch(client, stream)
    assert caught.value is error and not isinstance(caught.value, UnavailableError)
    assert client.log == ["recording 5"]


def test_the_server_says_when_to_come_again(client, stream, pauses):
    client.meet("recording", ServerError("The server failed: 503", http_status=503, retry_after=17.0))
    fetch(client, stream)
    assert pauses == [17.0]


def test_shorter_than_announced(client, stream):
    client.headers = {"Content-Length": str(len(TIFF) + 40)}
    with pytest.raises(DamagedError, match=f"{len(TIFF)} of {len(TIFF) + 40}"):
        fetch(client, stream)


# ---- no word about the length


@pytest.mark.parametrize("length", [None, "", "²", "-5", "1e3", "9" * 5000])
@pytest.mark.parametrize(("form", "content"), list(WHOLE.items()))
def test_a_cut_recording_without_a_length(client, stream, length, form, content):
    client.headers = {"Content-Length": length}
    assert fetch(client, stream, form).size == len(content)
    for end in (len(content) // 2, len(content) - 3):
        client.recordings[5] = content[:end]
        with pytest.raises(DamagedError):
            fetch(client, stream, form, retries=0)


def test_what_follows_the_last_page(client, stream):
    """It is harmless where the length is known. Elsewhere it may be only a part of what there was."""
    client.recordings[5] = TIFF + bytes(100)
    assert fetch(client, stream).size == len(TIFF) + 100
    client.headers = {"Content-Length": None, "Transfer-Encoding": "Chunked"}
    assert fetch(client, stream).size == len(TIFF) + 100
    client.headers = {"Content-Length": None}
    with pytest.raises(DamagedError, match="after its last page"):
        fetch(client, stream)


# ---- another fax


@pytest.mark.parametrize(
    "disposition",
    ['attachment; filename="3-x.tif', 'attachment; FILENAME = "3-x.tif"', "attachment; filename=3-x.tif.pdf"],
)
def test_the_recording_of_another_fax(client, stream, disposition):
    client.headers = {"Content-Disposition": disposition}
    with pytest.raises(DamagedError, match="recording of fax 3, not of fax 5"):
        fetch(client, stream)
    assert stream.getvalue() == b"" and len(client.log) == 4


@pytest.mark.parametrize(
    "disposition",
    [None, "", "inline", 'attachment; filename="x-3.tif', 'attachment; filename="5-3-x.tif', "filename=3x-"],
)
def test_names_that_tell_nothing(client, stream, disposition):
    client.headers = {"Content-Disposition": disposition}
    fetch(client, stream)


# ---- pages


def test_no_recording(client, stream, pauses):
    """The page has to stay for as long as anything is tried again, beside an entry of the journal."""
    client.recordings.clear()
    for form in FORMATS:
        with pytest.raises(UnavailableError):
            fetch(client, stream, form)
    assert client.log[:5] == ["recording 5", "get faxes 5", "recording 5", "recording 5", "recording 5"]
    assert len(pauses) == 3 * len(FORMATS)


@pytest.mark.parametrize("retries", [0, 1])
def test_pages_are_looked_at_twice_in_any_case(client, stream, retries):
    client.recordings.clear()
    with pytest.raises(UnavailableError):
        fetch(client, stream, retries=retries)
    assert client.log == ["recording 5", "get faxes 5", "recording 5"]


def test_an_expired_token(client, stream):
    """It is a page for a recording; asking for the entry renews it."""
    token = {"is_good": False}
    get_item, get_recording = client.get_item, client.get_recording

    def renewing(*arguments):
        token["is_good"] = True
        return get_item(*arguments)

    def guarded(number, params, reader, retries):
        if not token["is_good"]:
            client.log.append("page")
            raise PAGE
        get_recording(number, params, reader, retries)

    client.get_item, client.get_recording = renewing, guarded
    fetch(client, stream, retries=0)
    assert client.log == ["page", "get faxes 5", "recording 5"]


@pytest.mark.parametrize("pages", [1, 2, 3])
def test_some_pages_are_not_believed(client, stream, pages):
    client.meet("recording", *[PAGE] * pages)
    fetch(client, stream)
    assert stream.getvalue() == TIFF


@pytest.mark.parametrize("effects", [[PAGE, PAGE, PAGE, TRANSIENT], [TRANSIENT, PAGE, PAGE, PAGE]])
def test_pages_among_other_failures_mean_nothing(client, stream, effects):
    client.meet("recording", *effects)
    with pytest.raises(ServerError) as caught:
        fetch(client, stream)
    assert not isinstance(caught.value, UnavailableError)


def test_the_look_at_the_journal_fails(client, stream):
    client.meet("recording", PAGE)
    client.meet("get", TRANSIENT)
    with pytest.raises(ServerError) as caught:
        fetch(client, stream)
    assert caught.value is TRANSIENT


def test_known_to_have_none(client, stream, pauses):
    client.recordings.clear()
    with pytest.raises(UnavailableError):
        fetch(client, stream, was_unavailable=True)
    assert (client.log, pauses) == (["recording 5"], [])
    client.recordings[5] = TIFF
    assert fetch(client, stream, was_unavailable=True).size == len(TIFF)


@pytest.mark.parametrize("known", [False, True])
def test_a_server_that_says_so_in_json(client, stream, known):
    client.meet("recording", NotFoundError("The server responded with 404", http_status=404, from_api=True))
    with pytest.raises(UnavailableError) as caught:
        fetch(client, stream, was_unavailable=known)
    assert caught.value.http_status == 404
    assert client.log == ["recording 5", "get faxes 5"]


@pytest.mark.parametrize("effect", [PAGE, NotFoundError("The server responded with 404", http_status=404)])
def test_no_fax(client, stream, effect):
    client.meet("recording", effect)
    with pytest.raises(NotFoundError):
        fetch(client, stream, fax_id=6)
    assert client.log == ["recording 6", "get faxes 6"]


def test_no_conversion(client, stream):
    del client.recordings[5]["pdf"]
    with pytest.raises(FaxError) as caught:
        fetch(client, stream, "pdf")
    assert caught.value.code == "conversion_failed"
    assert client.log[-1] == "head 5"


def test_a_full_disk(client):
    class Full(io.BytesIO):
        def write(self, _content):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError):
        fetch(client, Full())


@pytest.mark.parametrize(
    ("form", "content", "exact", "whole"),
    [
        ("tiff", TIFF, True, True),
        ("tiff", tiff(order=">"), True, True),
        ("tiff", TIFF + bytes(9), False, True),
        ("tiff", TIFF + bytes(9), True, False),
        ("tiff", TIFF[:8], False, False),
        ("tiff", PDF, False, False),
        ("tiff", b"", False, False),
        ("pdf", PDF, True, True),
        ("pdf", PDF[:-7], False, False),
        ("ps", PS, True, True),
        ("ps", PS[:10], False, False),
    ],
)
def test_what_is_whole(form, content, exact, whole):
    assert is_whole(io.BytesIO(content), FORMATS[form], exact) is whole
