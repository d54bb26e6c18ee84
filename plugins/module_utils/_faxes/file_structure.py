# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether a file is whole, by its own structure: everything that a TIFF, PDF or PostScript file points at is there, and
its end is there. A file that was cut off anywhere is refused.

The files come from outside, so that no number in them is believed: work and memory are bounded whatever they say, and
nothing but :class:`StructureError` is raised for their content.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from .._wording import counted

# A fax has one directory for each page, and up to some thousand strips for each.
_MAX_PAGES = 10_000
_MAX_VALUES = 2_000_000

_TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_TIFF_HEADER = 8
_ENTRY = 12
# Bytes of one value, by the type's number.
_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_TYPE_CODES = {3: "H", 4: "I"}
# Where the strips (or tiles) of an image are, and how long each of them is.
_STRIPS = ((273, 279), (324, 325))
_VALUES_AT_ONCE = 4096
# Writers fill a file up to a multiple of their word.
_PADDING = 4

# As in PDF readers: the mark of the beginning may stand a bit later, and the mark of the end a bit earlier.
_PDF_HEAD = 1024
_TAIL = 2048
_PDF_GARBAGE = 1024
_PDF_END = re.compile(rb"startxref\s+(\d{1,12})\s*\Z")
# A cross-reference table, or the stream that takes its place since PDF 1.5.
_PDF_XREF = re.compile(rb"\s*(?:xref\b|\d{1,10}\s+\d{1,10}\s+obj\b)")

_PS_HEADS = (b"%!", b"\x04%!")
_PS_END = re.compile(rb"(?:\A|[\r\n])%%EOF[\s\x00\x04]*\Z")
_PS_DOCUMENT = re.compile(rb"[\r\n]%%(Begin|End)Document\b")
# Longer than what the pattern finds.
_PS_OVERLAP = 32
_BLOCK = 64 * 1024


class StructureError(ValueError):
    """A file is not whole, or not a file of its format. The message says what is missing, as the end of a sentence."""


def check_tiff(stream: BinaryIO, exact: bool = False) -> None:
    """Check that a TIFF has all of its pages: every directory, value and strip lies inside the file.

    :param stream: can be read anywhere.
    :param exact: the file must also end where its last page ends. Without it more bytes may follow, which belong to
        nothing; a file that is cut off among these cannot be distinguished from a whole one.
    :raises StructureError: it is not a whole TIFF. BigTIFF is another format, which faxes do not have.
    :raises OSError: it cannot be read.
    """
    _Tiff(stream).check(exact)


def check_pdf(stream: BinaryIO, exact: bool = False) -> None:
    """Check that a PDF has its end, and that this leads to the table of its objects.

    :param stream: can be read anywhere.
    :param exact: makes no difference, because the end has a mark.
    :raises StructureError: it is not a whole PDF.
    :raises OSError: it cannot be read.
    """
    size = stream.seek(0, os.SEEK_END)
    begins = _read(stream, 0, _PDF_HEAD).find(b"%PDF-")
    if begins < 0:
        raise StructureError("does not begin with %PDF")
    tail_at = max(0, size - _TAIL)
    tail = _read(stream, tail_at, _TAIL)
    mark = tail.rfind(b"%%EOF")
    if mark < 0 or len(tail) - mark > _PDF_GARBAGE:
        raise StructureError("is cut off: the %%EOF at its end is missing")
    end = _PDF_END.search(tail[:mark])
    if end is None:
        raise StructureError("is cut off: the startxref before its end is missing")
    # Some writers count from the mark of the beginning and not from the first byte.
    table = int(end.group(1))
    if not any(_has_xref(stream, at, tail_at + end.start()) for at in (table, begins + table)):
        raise StructureError("is damaged: its startxref does not lead to a table of objects")


def check_postscript(stream: BinaryIO, exact: bool = False) -> None:
    """Check that a PostScript file has its end: the comment ``%%EOF``, which all converters write last, and not as the
    end of a document inside it.

    :param stream: can be read anywhere.
    :param exact: makes no difference, because the end has a mark.
    :raises StructureError: it is not a whole PostScript file.
    :raises OSError: it cannot be read.
    """
    size = stream.seek(0, os.SEEK_END)
    if not _read(stream, 0, 3).startswith(_PS_HEADS):
        raise StructureError("does not begin with %!")
    if not _PS_END.search(_read(stream, max(0, size - _TAIL), _TAIL)):
        raise StructureError("is cut off: the %%EOF at its end is missing")
    if _open_documents(stream) > 0:
        raise StructureError("is cut off: it ends inside an embedded document")


class _Values(NamedTuple):
    """Where the values of a TIFF field are."""

    kind: int
    number: int
    at: int


class _Tiff:
    """A TIFF while it is checked.

    :raises StructureError: it does not begin like one.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, os.SEEK_END)
        self._end = _TIFF_HEADER
        self._values = 0
        head = _read(stream, 0, 4)
        if head not in _TIFF_ORDERS:
            raise StructureError("does not begin like a TIFF file")
        self._order = _TIFF_ORDERS[head]

    def check(self, exact: bool) -> None:
        """Walk through all pages.

        :raises StructureError: something is missing.
        """
        position: int = self._unpack("I", 4)[0]
        if position == 0:
            raise StructureError("has no page")
        seen: set[int] = set()
        while position:
            if position in seen:
                raise StructureError("is damaged: its chain of pages is circular")
            if len(seen) >= _MAX_PAGES:
                raise StructureError(f"has more than {_MAX_PAGES} pages")
            seen.add(position)
            position = self._check_page(position)
        if exact and self._size - self._end >= _PADDING:
            raise StructureError(f"has {counted(self._size - self._end, 'byte')} after its last page")

    def _check_page(self, position: int) -> int:
        """Check one page and return where the next one is, 0 for none."""
        (count,) = self._unpack("H", position)
        if count == 0:
            raise StructureError("is damaged: a page has no fields")
        self._count(count)
        fields = {}
        at = position + 2
        for offset, (tag, kind, number, target) in enumerate(self._entries(at, count)):
            size = _TYPE_SIZES.get(kind, 0) * number
            if size > 4:
                self._claim(target, size)
            fields[tag] = _Values(kind, number, target if size > 4 else at + _ENTRY * offset + 8)
        images = [pair for pair in _STRIPS if pair[0] in fields]
        if not images:
            raise StructureError("is damaged: a page has no image")
        for where, lengths in images:
            self._check_strips(fields[where], fields.get(lengths))
        following: int = self._unpack("I", at + _ENTRY * count)[0]
        return following

    def _entries(self, at: int, count: int) -> Iterator[tuple[int, int, int, int]]:
        self._claim(at, _ENTRY * count)
        return struct.iter_unpack(f"{self._order}HHII", _read(self._stream, at, _ENTRY * count))

    def _check_strips(self, where: _Values, lengths: _Values | None) -> None:
        if lengths is None or lengths.number != where.number or where.number == 0:
            raise StructureError("is damaged: it does not say how long its image is")
        self._count(2 * where.number)
        for offset, length in zip(self._numbers(where), self._numbers(lengths)):
            self._claim(offset, length)

    def _numbers(self, values: _Values) -> Iterator[int]:
        """Yield the numbers of a field, some at a time."""
        code = _TYPE_CODES.get(values.kind)
        if code is None:
            raise StructureError("is damaged: the position of an image is not a number")
        size = struct.calcsize(f"{self._order}{code}")
        for first in range(0, values.number, _VALUES_AT_ONCE):
            number = min(_VALUES_AT_ONCE, values.number - first)
            yield from self._unpack(f"{number}{code}", values.at + first * size)

    def _unpack(self, form: str, at: int) -> tuple[int, ...]:
        form = self._order + form
        size = struct.calcsize(form)
        self._claim(at, size)
        return struct.unpack(form, _read(self._stream, at, size))

    def _claim(self, at: int, size: int) -> None:
        """Note that a part of the file is used.

        :raises StructureError: it is not there.
        """
        if at + size > self._size:
            raise StructureError(f"is cut off: it has {counted(self._size, 'byte')} but needs at least {at + size}")
        self._end = max(self._end, at + size)

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > _MAX_VALUES:
            raise StructureError("has too many fields and strips for a fax")


def _has_xref(stream: BinaryIO, at: int, end: int) -> bool:
    return at < end and _PDF_XREF.match(_read(stream, at, 64)) is not None


def _open_documents(stream: BinaryIO) -> int:
    """Return how many of the documents that a PostScript file holds have no end."""
    depth = 0
    kept = b""
    stream.seek(0)
    for block in iter(lambda: stream.read(_BLOCK), b""):
        text = kept + block
        # A mark that begins in the last bytes may go on in the next block, and is looked for together with that.
        settled = max(0, len(text) - _PS_OVERLAP)
        depth += _depth(text, settled)
        kept = text[settled:]
    return depth + _depth(kept, len(kept))


def _depth(text: bytes, limit: int) -> int:
    """Return how many documents begin in a text before a place, less those that end there."""
    marks = (match.group(1) for match in _PS_DOCUMENT.finditer(text) if match.start() < limit)
    return sum(1 if mark == b"Begin" else -1 for mark in marks)


def _read(stream: BinaryIO, at: int, size: int) -> bytes:
    stream.seek(at)
    return stream.read(size)
