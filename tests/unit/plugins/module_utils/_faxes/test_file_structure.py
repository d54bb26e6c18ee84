# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Structure: a file that was cut off anywhere is refused, whatever else is in it, and at bounded cost."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._faxes import file_structure as _file_structure
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.file_structure import (
    StructureError,
    check_pdf,
    check_postscript,
    check_tiff,
)
from ansible_collections.ngcp.fax.tests.unit.support.journal import pdf, tiff

CHECKS = (check_tiff, check_pdf, check_postscript)
# The first bytes of a TIFF and of a PDF whose downloads broke.
CUT_TIFF = bytes.fromhex("49492a000800000003000001040001000000c006")
CUT_PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Cou"


def is_refused(check, content, exact=False):
    try:
        check(io.BytesIO(content), exact)
    except StructureError as error:
        assert str(error)
        return True
    return False


def pages(images, order="<", tiles=False, short=False, directory_first=False, extra=b""):
    """Return a TIFF with a page for each list of strips."""
    body = bytearray({"<": b"II*\0", ">": b"MM\0*"}[order] + bytes(4))
    link = 4
    for strips in images:
        where = []
        if not directory_first:
            where = put(body, strips)
        fields = 3 + bool(extra)
        directory = len(body)
        struct.pack_into(f"{order}I", body, link, directory)
        body += bytes(2 + 12 * fields + 4)
        link = len(body) - 4
        if directory_first:
            where = put(body, strips)
        code, kind = ("H", 3) if short else ("I", 4)
        values = [(324 if tiles else 273, where), (325 if tiles else 279, [len(strip) for strip in strips])]
        packed = [(256, 4, 1, struct.pack(f"{order}I", 8))]
        for tag, numbers in values:
            content = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
            packed.append((tag, kind, len(numbers), inline(body, content, order)))
        if extra:
            packed.append((305, 2, len(extra), inline(body, extra, order)))
        text = struct.pack(f"{order}H", fields)
        text += b"".join(struct.pack(f"{order}HHI", *field) + value for *field, value in packed)
        body[directory : directory + len(text)] = text
    return bytes(body)


def put(body, strips):
    where = []
    for strip in strips:
        where.append(len(body))
        body += strip
    return where


def inline(body, content, order):
    """Return what stands in the field: short values themselves, or where longer ones are."""
    if len(content) <= 4:
        return content.ljust(4, b"\0")
    body += content
    return struct.pack(f"{order}I", len(body) - len(content))


TIFFS = st.builds(
    pages,
    st.lists(st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=4), min_size=1, max_size=3),
    order=st.sampled_from("<>"),
    tiles=st.booleans(),
    short=st.booleans(),
    directory_first=st.booleans(),
    extra=st.sampled_from((b"", b"abc", b"a longer text")),
)


@given(TIFFS)
def test_every_cut_of_a_tiff_is_refused(content):
    assert not is_refused(check_tiff, content, exact=True)
    last = len(content.rstrip(b"\0"))  # what may be only padding belongs to a field too
    assert last > 8
    for end in range(len(content)):
        assert is_refused(check_tiff, content[:end]), end


@given(TIFFS, st.binary(max_size=40))
def test_what_follows_a_tiff(content, more):
    assert not is_refused(check_tiff, content + more)
    assert is_refused(check_tiff, content + more, exact=True) is (len(more) >= 4)


@pytest.mark.parametrize(
    "content",
    [
        CUT_TIFF,
        b"",
        b"II*\0",
        b"GIF89a" + bytes(100),
        b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + bytes(50),  # BigTIFF
        b"II*\0" + bytes(100),  # no page
        b"II*\0\x08\0\0\0" + bytes(100),  # a page without fields
        b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 256, 4, 1, 8) + bytes(100),  # ... without an image
        b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 273, 4, 1, 8) + bytes(100),  # ... without the image's length
        b"II*\0\x08\0\0\0\2\0" + struct.pack("<HHIIHHII", 273, 2, 1, 8, 279, 2, 1, 8) + bytes(100),  # texts for numbers
        b"II*\0\x08\0\0\0\2\0" + struct.pack("<HHIIHHII", 273, 4, 0, 8, 279, 4, 0, 8) + bytes(100),  # no strip
        b"II*\0\x08\0\0\0\2\0" + struct.pack("<HHIIHHII", 273, 4, 1, 8, 279, 4, 2, 8) + bytes(100),  # other numbers
        b"II*\0\xff\xff\xff\xff" + bytes(100),
    ],
)
def test_no_tiffs(content):
    assert is_refused(check_tiff, content)


def test_pages_in_a_circle():
    content = bytearray(tiff())
    content[-4:] = content[4:8]
    with pytest.raises(StructureError, match="circular"):
        check_tiff(io.BytesIO(bytes(content)))


@pytest.mark.parametrize("images", [[[b"x"]] * 40, [[b"x"] * 40], [[b"x"] * 8] * 8])
def test_work_is_bounded(monkeypatch, images):
    content = pages(images)
    monkeypatch.setattr(_file_structure, "_MAX_PAGES", 20)
    monkeypatch.setattr(_file_structure, "_MAX_VALUES", 70)
    with pytest.raises(StructureError, match=r"more than 20 pages|too many"):
        check_tiff(io.BytesIO(content))


def test_a_count_that_would_take_for_ever():
    """Two fields of 16 million numbers each, which overlap and are all there."""
    fields = struct.pack("<HHHIIHHII", 2, 273, 4, 2**24, 8, 279, 4, 2**24, 8)

    class Endless(io.BytesIO):
        def seek(self, offset, whence=0):
            return 2**31 if whence == 2 else super().seek(offset, whence)

    with pytest.raises(StructureError, match="too many"):
        check_tiff(Endless(b"II*\0\x08\0\0\0" + fields + bytes(100)))


# ---- PDF


@pytest.mark.parametrize("before", [b"", b"garbage\n"])
@pytest.mark.parametrize("after", [b"", b"\r\n", b" " * 900, b"\0" * 900])
def test_a_pdf_in_what_readers_accept(before, after):
    assert not is_refused(check_pdf, before + pdf() + after)


def test_a_pdf_with_a_cross_reference_stream():
    content = b"%PDF-1.5\n7 0 obj\n<< /Type /XRef >>\nstream\nx\nendstream\nendobj\nstartxref\n9\n%%EOF"
    assert not is_refused(check_pdf, content)


@given(st.binary(max_size=300), st.sampled_from((b"", b"\n", b"\r\n", b" \n")))
def test_every_cut_of_a_pdf_is_refused(content, after):
    whole = pdf(content.replace(b"%%EOF", b""))[:-1]
    assert not is_refused(check_pdf, whole + after)
    for end in range(len(whole)):
        assert is_refused(check_pdf, whole[:end]), end


@pytest.mark.parametrize(
    "content",
    [
        CUT_PDF,
        b"",
        b"%!PS\n%%EOF\n",
        b"%PDF-1.4\n" + b"x" * 200 + b"\n%%EOF\n",
        pdf() + b" " * 1100,
        pdf().replace(b"xref\n0 1", b"xxxx\n0 1"),
        pdf().replace(b"startxref\n", b"startxref\n9"),
        b"%PDF-1.4\nstartxref\n0\n%%EOF\nthe first part of a linearized file\n",
        b"%PDF-1.4\nxref\nstartxref\n99999999999999999999\n%%EOF\n",
        b"%PDF-1.4\nstartxref\n9\n%%EOF\n",  # it leads to itself
    ],
)
def test_no_pdfs(content):
    assert is_refused(check_pdf, content)


# ---- PostScript

PS = b"%!PS-Adobe-3.0\n%%Pages: 1\n%%EndComments\n%%Page: 1 1\nshowpage\n%%Trailer\n%%EOF"


@pytest.mark.parametrize("after", [b"", b"\n", b"\r\n", b"\n\x04", b" \n\n\0"])
@pytest.mark.parametrize("before", [b"", b"\x04"])
def test_postscript(before, after):
    assert not is_refused(check_postscript, before + PS + after)


INNER = b"%!PS\n%%BeginDocument: logo\n%!PS\nx\n%%EOF\n%%EndDocument\nshowpage\n%%EOF"


@pytest.mark.parametrize("filler", [0, 1, 30, 65_500, 65_536, 131_050])
def test_every_cut_of_postscript_is_refused(filler):
    """Also where a document inside of it ends."""
    for whole in (PS, INNER):
        content = whole[:5] + b"%" * filler + b"\n" + whole[5:]
        assert not is_refused(check_postscript, content)
        for end in {*range(5), *range(filler, len(content))}:
            assert is_refused(check_postscript, content[:end]), end


@pytest.mark.parametrize("shift", range(0, 60, 3))
def test_marks_across_blocks(shift):
    """A mark that lies in two blocks counts, and counts once."""
    filler = b"%" * (_file_structure._BLOCK - 60 + shift)
    content = b"%!PS" + filler + INNER[4:]
    assert not is_refused(check_postscript, content)
    assert is_refused(check_postscript, content.replace(b"\n%%EndDocument", b""))


@pytest.mark.parametrize(
    "content", [b"", b"%!PS\nshowpage\n", b"%!PS\nshowpage %%EOF\n", b"\n%!PS\n%%EOF\n", PS + b"\nx"]
)
def test_no_postscript(content):
    assert is_refused(check_postscript, content)


# ---- anything


@given(
    st.sampled_from((b"", b"II*\0", b"MM\0*", b"II*\0\x08\0\0\0", b"%PDF-1.4\n", b"%!PS\n")),
    st.binary(max_size=200),
    st.sampled_from((b"", b"\n%%EOF\n", b"\nstartxref\n9\n%%EOF\n")),
)
def test_no_content_raises_anything_else(head, content, tail):
    for check in CHECKS:
        is_refused(check, head + content + tail, exact=True)


@given(TIFFS, st.integers(0, 200), st.binary(min_size=1, max_size=4))
def test_no_damage_raises_anything_else(content, at, damage):
    is_refused(check_tiff, content[:at] + damage + content[at + len(damage) :], exact=True)
