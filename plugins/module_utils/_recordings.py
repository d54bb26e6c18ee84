# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Recordings: the image of one fax, downloaded whole and verified, or a clear word why there is none."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Callable, Literal, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._documents import is_pdf, is_postscript, is_tiff
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, LostAnswerError, ServerError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import JOURNAL
from ansible_collections.ngcp.fax.plugins.module_utils._files import open_private, remove, sync
from ansible_collections.ngcp.fax.plugins.module_utils._transport import backoff

_HEAD = 1024
# How often the panel has to answer with its error page before it is believed.
_PAGES = 2


class Format(NamedTuple):
    """A format in which the platform gives recordings out.

    :param parameter: the server's word; it has none for the original and calls ``tiff`` an error.
    """

    name: str
    parameter: str | None
    extension: str
    has_magic: Callable[[bytes], bool]


FORMATS = {
    "tiff": Format("tiff", None, "tif", is_tiff),
    "pdf": Format("pdf", "pdf", "pdf", is_pdf),
    "pdf14": Format("pdf14", "pdf14", "pdf", is_pdf),
    "ps": Format("ps", "ps", "ps", is_postscript),
}


class Stored(NamedTuple):
    """A recording that is on disk."""

    size: int
    sha256: str


class UnavailableError(FaxError):
    """There is no recording of the fax."""

    code = "unavailable"


class DamagedError(FaxError):
    """What came is not the whole recording."""

    code = "damaged_download"
    retryable = True


def download(client: Client, fax_id: int, form: Format, path: str) -> Stored:
    """Download a recording into a new file, which is on disk when this returns, for its owner only.

    Tried again after failures of the network and after damaged answers. On an error the file is removed.

    :raises UnavailableError: the journal has the fax, but there is no recording of it.
    :raises NotFoundError: there is no such fax for this user.
    :raises FaxError: it could not be downloaded.
    :raises OSError: the file could not be written.
    """
    try:
        with open_private(path) as stream:
            stored = _download(client, fax_id, form, stream)
            sync(stream)
            return stored
    except BaseException:
        remove(path)
        raise


def looks_whole(path: str, form: Format) -> bool:
    """Return whether a file can be a whole recording, for folders without an index: its beginning fits the format, and
    what a broken download would lack is there.

    :raises OSError: it cannot be read.
    """
    with open(path, "rb") as stream:
        head = stream.read(_HEAD)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _HEAD))
        tail = stream.read()
    if not form.has_magic(head):
        return False
    if form.name == "tiff":
        order: Literal["little", "big"] = "little" if head.startswith(b"II") else "big"
        return 8 <= int.from_bytes(head[4:8], order) < size
    return b"%%EOF" in tail


def _download(client: Client, fax_id: int, form: Format, stream: BinaryIO) -> Stored:
    """Try until the recording is whole, or it is clear that it cannot be had."""
    pages = 0
    attempt = 0
    while True:
        sink = _Sink(stream, form)
        try:
            client.get_recording(fax_id, {"format": form.parameter} if form.parameter else {}, sink.take)
            return sink.check()
        except (ServerError, LostAnswerError, DamagedError) as error:
            if isinstance(error, ServerError) and error.page:
                pages += 1
                if pages >= _PAGES:
                    raise _reason_for_page(client, fax_id, form) from None
                continue
            if attempt >= client.retries:
                raise
        client.counters.count_retry()
        time.sleep(backoff(attempt))
        attempt += 1


def _reason_for_page(client: Client, fax_id: int, form: Format) -> FaxError:
    """Return what the panel's error page means; it makes one of every error, whatever the reason.

    :raises NotFoundError: there is no such fax.
    """
    client.get_item(JOURNAL, fax_id)
    if form.parameter and client.has_recording(fax_id):
        return FaxError(
            f"The platform cannot convert fax {fax_id} to {form.name}",
            code="conversion_failed",
            http_status=500,
            hint="The original can be fetched: format tiff.",
        )
    return UnavailableError(f"The platform has no recording of fax {fax_id}", http_status=500)


class _Sink:
    """Takes the pieces of an answer: writes, counts and hashes them."""

    def __init__(self, stream: BinaryIO, form: Format) -> None:
        self._stream = stream
        self._form = form
        self._digest = hashlib.sha256()
        self._head = b""
        self._size = 0
        self._announced: int | None = None

    def take(self, headers: Mapping[str, str], pieces: Iterator[bytes]) -> None:
        """Write an answer to the file, from its beginning."""
        self._stream.seek(0)
        self._stream.truncate()
        self._digest, self._head, self._size = hashlib.sha256(), b"", 0
        length = headers.get("Content-Length", "")
        self._announced = int(length) if length.isdigit() else None
        for piece in pieces:
            if len(self._head) < _HEAD:
                self._head += piece[:_HEAD]
            self._stream.write(piece)
            self._digest.update(piece)
            self._size += len(piece)

    def check(self) -> Stored:
        """Return what was stored.

        :raises DamagedError: it is too short, or no file of the format.
        """
        if self._announced is not None and self._announced != self._size:
            raise DamagedError(f"The download ended after {self._size} of {self._announced} bytes")
        if not self._form.has_magic(self._head):
            raise DamagedError(f"The download is no {self._form.name} file ({self._size} bytes)")
        return Stored(self._size, self._digest.hexdigest())
