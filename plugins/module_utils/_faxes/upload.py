# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Documents to be faxed: what kind of file it is by its content, its hash, and how it travels in a request."""

from __future__ import annotations

import codecs
import hashlib
import io
import json
import os
import stat
import uuid
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from .._errors import InputError
from .._files import BLOCK

# Limits of the server's form: bytes of a file, characters of a text.
MAX_FILE_SIZE = 64 * 1024 * 1024
LONGEST_TEXT = 1_048_576

_PDF_HEAD = 1024
_TEXT_CONTROLS = frozenset("\t\n\r\f")


class Kind(NamedTuple):
    """A kind of file that the fax server takes."""

    name: str
    content_type: str
    extension: str


PDF = Kind("PDF", "application/pdf", "pdf")
TIFF = Kind("TIFF", "image/tiff", "tif")
POSTSCRIPT = Kind("PostScript", "application/postscript", "ps")
TEXT = Kind("text", "text/plain", "txt")

_TIFF_MAGIC = (b"II*\0", b"MM\0*")
# A PostScript file may begin with the end-of-job character, or with the header of an EPS file with a preview.
_POSTSCRIPT_MAGIC = (b"%!", b"\x04%!", b"\xc5\xd0\xd3\xc6")


@dataclass(frozen=True)
class Document:
    """A file to be faxed, as it was when it was examined."""

    path: str
    size: int
    sha256: str
    kind: Kind


def is_tiff(head: bytes) -> bool:
    """Return whether a file that begins so is a TIFF."""
    return head.startswith(_TIFF_MAGIC)


def is_pdf(head: bytes) -> bool:
    """Return whether a file that begins so is a PDF; as in PDF readers, its mark may stand a bit later."""
    return b"%PDF-" in head[:_PDF_HEAD]


def is_postscript(head: bytes) -> bool:
    """Return whether a file that begins so is PostScript."""
    return head.startswith(_POSTSCRIPT_MAGIC)


def examine(path: str) -> Document:
    """Return what is to be known about a file before it is sent; it is read once, block by block.

    :raises InputError: it cannot be read, is not a file, is empty or too large, or cannot be faxed.
    """
    try:
        with open(path, "rb", opener=_open_without_waiting) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise InputError(f"{path!r} is not a regular file", field="src")
            _check_size(path, status.st_size)
            return _examine(path, stream)
    except OSError as error:
        raise InputError(f"cannot read {path!r}: {error.strerror}", field="src") from None
    except ValueError:  # a NUL, or what cannot be encoded
        raise InputError(f"{path!r} is not a valid file name", field="src") from None


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe does not keep the task waiting for somebody who writes to it."""
    return os.open(path, flags | os.O_NONBLOCK)


def check_text(text: str) -> str:
    """Return a text as the server takes it, without outer blanks.

    :raises InputError: nothing is left, it is too long, or it is not valid Unicode.
    """
    trimmed = text.strip()
    if not trimmed:
        raise InputError("must not consist of blanks only", field="text")
    if len(trimmed) > LONGEST_TEXT:
        raise InputError(f"has {len(trimmed)} characters; the maximum is {LONGEST_TEXT}", field="text")
    try:
        trimmed.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("has characters that are not valid Unicode", field="text") from None
    return trimmed


def _check_size(path: str, size: int) -> None:
    if size == 0:
        raise InputError(f"{path!r} is empty", field="src")
    if size > MAX_FILE_SIZE:
        raise InputError(f"{path!r} has {size} bytes; the maximum is {MAX_FILE_SIZE} (64 MiB)", field="src")


def _examine(path: str, stream: BinaryIO) -> Document:
    digest = hashlib.sha256()
    text = _TextCheck()
    kind: Kind | None = None
    size = 0
    for block in iter(lambda: stream.read(BLOCK), b""):
        if size == 0:
            kind = _kind_by_head(block)
        size += len(block)
        digest.update(block)
        if kind is None:
            text.feed(block)
    _check_size(path, size)
    if kind is None and text.passed():
        kind = TEXT
    if kind is None:
        raise InputError(
            f"{path!r} is not a PDF, TIFF, PostScript or UTF-8 text file (determined by content, not by name)",
            field="src",
        )
    return Document(path, size, digest.hexdigest(), kind)


def _kind_by_head(head: bytes) -> Kind | None:
    if is_tiff(head):
        return TIFF
    if is_postscript(head):
        return POSTSCRIPT
    # Only at the very beginning, or behind bytes that are no text: a text may speak of %PDF-.
    if head.startswith(b"%PDF-") or (is_pdf(head) and not _TextCheck().feed(head).good):
        return PDF
    return None


class _TextCheck:
    """Tells whether bytes that come in blocks are a text in UTF-8 that can be printed."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.good = True

    def feed(self, block: bytes) -> _TextCheck:
        if self.good:
            try:
                text = self._decoder.decode(block)
            except UnicodeDecodeError:
                self.good = False
            else:
                self.good = not any(character < " " and character not in _TEXT_CONTROLS for character in set(text))
        return self

    def passed(self) -> bool:
        if self.good:
            try:
                self._decoder.decode(b"", True)
            except UnicodeDecodeError:
                return False
        return self.good


class FaxBody(io.RawIOBase):
    """The body of a request that sends a fax, read piece by piece: a file is never in memory as a whole.

    Text alone travels as JSON. With a file it is a form: the field ``json`` (no file part, with literal UTF-8, because
    the server garbles escapes there) and the file ``faxfile``.

    :raises InputError: the file cannot be read any more, or has changed since it was examined.
    """

    def __init__(self, fields: dict[str, Any], document: Document | None) -> None:
        super().__init__()
        text = json.dumps(fields, ensure_ascii=False).encode("utf-8")
        self._document = document
        self._file: BinaryIO | None = None
        self._head, self._tail, self.content_type = text, b"", "application/json"
        if document is not None:
            boundary = uuid.uuid4().hex
            self.content_type = f"multipart/form-data; boundary={boundary}"
            self._head, self._tail = _form_parts(boundary, text, document.kind)
            self._file = _open_unchanged(document)
        self._digest = hashlib.sha256()
        self._position = 0

    @property
    def untouched(self) -> bool:
        """Whether nothing of it has been read, so that nothing of it can have been sent."""
        return self._position == 0

    @property
    def complete(self) -> bool:
        """Whether all of it has been read. Before that the server cannot act: it waits for the whole body."""
        return self._position == len(self)

    def __len__(self) -> int:
        size = self._document.size if self._document is not None else 0
        return len(self._head) + size + len(self._tail)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go back to the beginning, or (to measure the length) to the end."""
        if (offset, whence) == (0, os.SEEK_SET):
            self._position = 0
            self._digest = hashlib.sha256()
            if self._file is not None:
                self._file.seek(0)
        return self._position

    def readinto(self, buffer: Any) -> int:
        piece = self._next_piece(len(buffer))
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def _next_piece(self, size: int) -> bytes:
        if self._position < len(self._head):
            return self._head[self._position : self._position + size]
        end_of_file = len(self) - len(self._tail)
        if self._position < end_of_file:
            return self._read_file(min(size, end_of_file - self._position))
        self._check_unchanged()
        start = self._position - end_of_file
        return self._tail[start : start + size]

    def _read_file(self, size: int) -> bytes:
        piece = self._file.read(size) if self._file is not None else b""
        if not piece:
            raise _changed(self._document)
        self._digest.update(piece)
        return piece

    def _check_unchanged(self) -> None:
        """Refuse to send the end of a form whose file is not the one that the receipt is about."""
        if self._document is not None and self._digest.hexdigest() != self._document.sha256:
            raise _changed(self._document)


def _form_parts(boundary: str, text: bytes, kind: Kind) -> tuple[bytes, bytes]:
    """Return what stands before and after the file. Its own name is nobody's business and is not sent."""
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="json"\r\n\r\n'.encode("ascii")
        + text
        + f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="faxfile"; filename="fax.{kind.extension}"\r\n'
        f"Content-Type: {kind.content_type}\r\n\r\n".encode("ascii")
    )
    return head, f"\r\n--{boundary}--\r\n".encode("ascii")


def _open_unchanged(document: Document) -> BinaryIO:
    try:
        stream = open(document.path, "rb")  # noqa: SIM115  the body closes it
    except OSError as error:
        raise InputError(f"cannot read {document.path!r}: {error.strerror}", field="src") from None
    if os.fstat(stream.fileno()).st_size != document.size:
        stream.close()
        raise _changed(document)
    return stream


def _changed(document: Document | None) -> InputError:
    path = document.path if document is not None else ""
    return InputError(f"{path!r} changed while it was read; nothing was sent", field="src")
