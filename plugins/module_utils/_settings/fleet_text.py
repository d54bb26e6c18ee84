# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The text of a fleet file, whichever program has written it; with a message that helps where it is not a text."""

from __future__ import annotations

import codecs
import csv
import io

from .._errors import InputError

# Bytes; a fleet of 100,000 has about 20 MB.
MAX_FILE_SIZE = 256 * 1024 * 1024

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# How files begin that spreadsheet programs write in other forms.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

_VAULT = b"$ANSIBLE_VAULT;"


class FormatError(Exception):
    """A text does not have the form that it should have.

    :param problem: what is wrong, without a value of the file.
    :param line: where, counted from 1; None where the problem is about the whole text or names the place itself.
    :param syntax: whether the text may have another form.
    """

    def __init__(self, problem: str, line: int | None = None, syntax: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.syntax = syntax


def read_text(path: str, name: str, is_csv: bool) -> str:
    """Return the text of a file that is UTF-8 or, with a byte order mark, UTF-16.

    :param name: how messages name the file.
    :param is_csv: whether it is a spreadsheet, so that messages name rows and what to save it as.
    :raises InputError: it cannot be read, is too large, or is not such a text.
    """
    content = _read_bytes(path, name)
    if content.startswith(_WORKBOOKS):
        raise _error(f"{name!r} is an Excel workbook or another packed file{_advice(is_csv)}")
    if content.startswith(_VAULT):
        raise _error(f"{name!r} is encrypted with ansible-vault and cannot be decrypted here")
    text = _decoded(content, name, is_csv)
    if "\0" in text:
        raise _error(f"{name!r}, {_location(text[: text.index(chr(0))], is_csv)}: has a NUL character{_advice(is_csv)}")
    return text


def _read_bytes(path: str, name: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            content = stream.read(MAX_FILE_SIZE + 1)
    except OSError as error:
        raise _error(f"cannot read {name!r}: {error.strerror}") from None
    if len(content) > MAX_FILE_SIZE:
        raise _error(f"{name!r} has more than {MAX_FILE_SIZE} bytes (256 MiB); split it into several files")
    return content


def _decoded(content: bytes, name: str, is_csv: bool) -> str:
    encoding = "utf-16" if content.startswith(_UTF_16) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, errors="ignore")
        what = "damaged UTF-16" if encoding == "utf-16" else "not UTF-8"
        raise _error(f"{name!r}, {_location(before, is_csv)}: is {what}{_advice(is_csv)}") from None


def _location(before: str, is_csv: bool) -> str:
    """Return where a text ends: its line, for a spreadsheet its row, because cells may have line breaks."""
    if not is_csv:
        return f"line {before.count(chr(10)) + 1}"
    rows = csv.reader(io.StringIO(before.replace("\0", "") + "x", newline=""))
    try:
        return f"row {sum(1 for _row in rows)}"
    except csv.Error:
        return f"line {len(before.splitlines())}"


def _advice(is_csv: bool) -> str:
    return '; in the spreadsheet program, save it as "CSV UTF-8"' if is_csv else "; save it as UTF-8 text"


def _error(message: str) -> InputError:
    return InputError(message, field="subscribers_file")
