# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documents: recognised by content, hashed, and sent piece by piece without a change."""

from __future__ import annotations

import email.parser
import email.policy
import hashlib
import json
import os

import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import upload as _documents
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.upload import FaxBody, check_text, examine

FIELDS = {"subscriber_id": 3, "destination": "431110002", "data": "Größe €"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4\nx", "PDF"),
        (b"\0\1binary\n%PDF-1.7\nx", "PDF"),
        (b"II*\0rest", "TIFF"),
        (b"MM\0*rest", "TIFF"),
        (b"%!PS\nshowpage", "PostScript"),
        (b"\x04%!PS-Adobe", "PostScript"),
        (b"\xc5\xd0\xd3\xc6\0\0", "PostScript"),
        (b"a", "text"),
        ("Größe € 😀\r\n\f\ttext\n".encode(), "text"),
        (b"\xef\xbb\xbfwith a mark", "text"),
        (b"A text about %PDF-1.4", "text"),
        ("ä".encode() * 40000, "text"),
    ],
)
def test_kinds(tmp_path, content, kind):
    path = tmp_path / "any.name"
    path.write_bytes(content)
    document = examine(str(path))
    assert (document.kind.name, document.size) == (kind, len(content))
    assert document.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n", "is not a PDF"),
        (b"PK\3\4", "is not a PDF"),
        (b"text\0text", "is not a PDF"),
        (b"text\x1b[0m", "is not a PDF"),
        ("Größe".encode("latin-1"), "is not a PDF"),
        ("ä".encode()[:1], "is not a PDF"),
        (b"x" * 70000 + b"\0", "is not a PDF"),
    ],
)
def test_refused_content(tmp_path, content, words):
    path = tmp_path / "document.pdf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        examine(str(path))
    assert caught.value.field == "src"


def test_refused_files(tmp_path):
    (tmp_path / "large").write_bytes(b"%PDF-")
    os.truncate(tmp_path / "large", _documents.MAX_FILE_SIZE + 1)
    for path, words in (
        (tmp_path, "Is a directory"),
        (tmp_path / "none", "No such file"),
        (tmp_path / "large", "67108864"),
    ):
        with pytest.raises(InputError, match=words):
            examine(str(path))


def test_a_pipe_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    keep = os.open(tmp_path / "pipe", os.O_RDWR)
    try:
        with pytest.raises(InputError, match="not a regular file"):
            examine(str(tmp_path / "pipe"))
    finally:
        os.close(keep)


def test_texts():
    assert check_text("  Größe €\n") == "Größe €"
    assert len(check_text("x" * _documents.LONGEST_TEXT)) == _documents.LONGEST_TEXT
    for text in ("", " \n", "x" * (_documents.LONGEST_TEXT + 1), "\udcff"):
        with pytest.raises(InputError) as caught:
            check_text(text)
        assert caught.value.field == "text"
        assert len(str(caught.value)) < 200


def pieces(body, size):
    """Read a body in pieces of a size."""
    found = []
    while piece := body.read(size):
        found.append(piece)
    return b"".join(found)


def parts_of(content_type, body):
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + body
    )
    return list(message.iter_parts())


@settings(max_examples=30)
@given(st.binary(min_size=1, max_size=3000), st.integers(1, 4000))
def test_the_form(tmp_path_factory, content, size):
    path = tmp_path_factory.mktemp("form") / "document"
    path.write_bytes(b"%PDF-" + content)
    with FaxBody(FIELDS, examine(str(path))) as body:
        assert body.untouched and not body.complete
        whole = pieces(body, size)
        assert len(whole) == len(body) and body.complete and not body.untouched
        body.seek(0)
        assert body.untouched and pieces(body, 65536) == whole
        fields, document = parts_of(body.content_type, whole)
    assert fields.get_filename() is None and fields.get_param("name", header="content-disposition") == "json"
    assert json.loads(fields.get_payload(decode=True)) == FIELDS
    assert "Größe €".encode() in whole, "literal UTF-8: the server garbles escapes in forms"
    assert document.get_param("name", header="content-disposition") == "faxfile"
    assert (document.get_filename(), document.get_content_type()) == ("fax.pdf", "application/pdf")
    boundary = body.content_type.partition("boundary=")[2].encode()
    assert whole.split(b"\r\n--" + boundary)[1].partition(b"\r\n\r\n")[2] == b"%PDF-" + content


def test_text_alone_is_json():
    with FaxBody(FIELDS, None) as body:
        assert body.content_type == "application/json"
        assert json.loads(pieces(body, 7)) == FIELDS
        assert body.complete


@pytest.mark.parametrize("content", [b"%PDF-changed", b"%PDF-", b"%PDF-longer than before"])
def test_a_file_that_changes_is_never_sent_whole(tmp_path, content):
    path = tmp_path / "document"
    path.write_bytes(b"%PDF-as_it_was"[:12])
    document = examine(str(path))
    path.write_bytes(content)
    with pytest.raises(InputError, match="changed while it was read"), FaxBody(FIELDS, document) as body:
        try:
            pieces(body, 5)
        finally:
            assert not body.complete


def test_a_file_that_vanishes(tmp_path):
    path = tmp_path / "document"
    path.write_bytes(b"%PDF-")
    document = examine(str(path))
    path.unlink()
    with pytest.raises(InputError, match="cannot read"):
        FaxBody(FIELDS, document)
