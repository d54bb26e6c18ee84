# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Recordings: the image of one fax, downloaded completely and verified, or a clear reason why there is none."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Callable, NamedTuple

from .._api.client import Client
from .._api.transport import backoff
from .._errors import FaxError, NotFoundError, ServerError
from .._wording import counted
from .file_structure import (
    StructureError,
    check_pdf,
    check_postscript,
    check_tiff,
)
from .journal import JOURNAL

# How often the panel has to return its error page before it is believed, even without retries: the first one may mean
# that the token has expired, which a request for the journal entry fixes.
_PAGES = 2

# The platform's name for a recording begins with the fax's id. The closing quote is missing.
_NAME = re.compile(r"filename\s*=\s*\"?(\d{1,18})-", re.IGNORECASE | re.ASCII)
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)


class Format(NamedTuple):
    """A format in which the platform delivers recordings.

    :param parameter: the server's name of the format; it has none for the original and rejects ``tiff``.
    :param check: refuses incomplete files; see :mod:`file_structure`.
    """

    name: str
    parameter: str | None
    extension: str
    check: Callable[[BinaryIO, bool], None]


FORMATS = {
    "tiff": Format("tiff", None, "tif", check_tiff),
    "pdf": Format("pdf", "pdf", "pdf", check_pdf),
    "pdf14": Format("pdf14", "pdf14", "pdf", check_pdf),
    "ps": Format("ps", "ps", "ps", check_postscript),
}


class Stored(NamedTuple):
    """A recording that is on disk."""

    size: int
    sha256: str


class UnavailableError(FaxError):
    """There is no recording of the fax."""

    code = "unavailable"


class DamagedError(FaxError):
    """The download is not the whole recording, or not the recording of this fax."""

    code = "damaged_download"
    retryable = True


def download(
    client: Client, fax_id: int, form: Format, stream: BinaryIO, retries: int, was_unavailable: bool = False
) -> Stored:
    """Download a recording into a new file and return what it is, verified but not yet synced.

    The download is retried after network failures, damaged responses, and the panel's error page. This page stands for
    every error of a recording, including an expired token. After the first page, the entry is therefore requested from
    the journal, which renews the token. Only if pages persist although the entry exists is there no recording.

    :param stream: can be read and written; what is in it is replaced.
    :param retries: how often it may be tried again.
    :param was_unavailable: whether an earlier run found no recording; one page is then enough.
    :raises UnavailableError: the journal has the fax, but there is no recording of it.
    :raises NotFoundError: there is no such fax for this user.
    :raises FaxError: it could not be downloaded.
    :raises OSError: the file could not be written.
    """
    pages = attempt = 0
    while True:
        try:
            return _try(client, fax_id, form, stream)
        except FaxError as error:
            failure = error
        if isinstance(failure, NotFoundError):
            client.get_item(JOURNAL, fax_id)
            raise _no_recording(fax_id, failure) from None
        if isinstance(failure, ServerError) and failure.page:
            pages += 1
            if was_unavailable:
                raise _no_recording(fax_id, failure) from None
            if pages == 1:
                client.get_item(JOURNAL, fax_id)
        if not failure.retryable or attempt >= (max(retries, _PAGES - 1) if pages else retries):
            raise _meaning(client, fax_id, form, failure, pages > attempt) from None
        client.counters.count_retry()
        time.sleep(max(backoff(attempt), failure.retry_after or 0))
        attempt += 1


def is_whole(stream: BinaryIO, form: Format, exact: bool = False) -> bool:
    """Return whether a file is a whole recording, by its structure.

    :param exact: see :func:`file_structure.check_tiff`.
    :raises OSError: it cannot be read.
    """
    try:
        form.check(stream, exact)
    except StructureError:
        return False
    return True


def _try(client: Client, fax_id: int, form: Format, stream: BinaryIO) -> Stored:
    sink = _Sink(fax_id, form, stream)
    client.get_recording(fax_id, {"format": form.parameter} if form.parameter else {}, sink.take, retries=0)
    return sink.check()


def _meaning(client: Client, fax_id: int, form: Format, failure: FaxError, only_pages: bool) -> FaxError:
    """Return what the last failure means. Only pages without other failures mean that there is no recording."""
    if not only_pages:
        return failure
    if form.parameter and client.has_recording(fax_id):
        return FaxError(
            f"The platform cannot convert fax {fax_id} to {form.name}",
            code="conversion_failed",
            http_status=failure.http_status,
            hint="The original can be fetched with format tiff.",
        )
    return _no_recording(fax_id, failure)


def _no_recording(fax_id: int, response: FaxError) -> UnavailableError:
    return UnavailableError(f"The platform has no recording of fax {fax_id}", http_status=response.http_status)


class _Sink:
    """Takes the pieces of a response: writes, counts and hashes them."""

    def __init__(self, fax_id: int, form: Format, stream: BinaryIO) -> None:
        self._fax_id = fax_id
        self._stream = stream
        self._form = form
        self._digest = hashlib.sha256()
        self._size = 0
        self._announced: int | None = None
        self._has_end = False
        self._other: int | None = None
        self._failure: OSError | None = None

    def take(self, headers: Mapping[str, str], pieces: Iterator[bytes]) -> None:
        """Write a response to the file, from its beginning."""
        self._stream.seek(0)
        self._stream.truncate()
        self._other = self._named_other(headers)
        if self._other is not None:
            return
        length = headers.get("Content-Length", "").strip()
        self._announced = int(length) if _LENGTH.fullmatch(length) else None
        # Such a response has an end of its own: where that is missing, reading it fails.
        self._has_end = "chunked" in headers.get("Transfer-Encoding", "").lower()
        for piece in pieces:
            try:
                self._stream.write(piece)
            except OSError as error:
                # Whoever sends the request would take this for a broken connection.
                self._failure = error
                return
            self._digest.update(piece)
            self._size += len(piece)

    def check(self) -> Stored:
        """Return what was stored.

        :raises DamagedError: it is too short, is not a whole file of the format, or belongs to another fax.
        :raises OSError: it could not be stored.
        """
        if self._failure is not None:
            raise self._failure
        if self._other is not None:
            raise DamagedError(f"The server returned the recording of fax {self._other}, not of fax {self._fax_id}")
        if self._announced is not None and self._announced != self._size:
            raise DamagedError(f"The download ended after {self._size} of {counted(self._announced, 'byte')}")
        self._stream.flush()
        try:
            # Without a length, what ends too early within bytes that belong to nothing would pass for whole.
            self._form.check(self._stream, self._announced is None and not self._has_end)
        except StructureError as problem:
            raise DamagedError(f"The download ({counted(self._size, 'byte')}, {self._form.name}) {problem}") from None
        return Stored(self._size, self._digest.hexdigest())

    def _named_other(self, headers: Mapping[str, str]) -> int | None:
        """Return the id of the fax that the response names, where that is another one."""
        named = _NAME.search(headers.get("Content-Disposition", ""))
        return int(named.group(1)) if named is not None and int(named.group(1)) != self._fax_id else None
