# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Receipts: which faxes this host has handed over, so that none is sent twice, whatever interrupts a run.

A receipt is written before the request and completed after it. Each request is an attempt of the receipt. Which entry
of the journal belongs to which attempt is decided in :mod:`matching`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timezone
from typing import Any

from .._files import FileError, file_error, locked, write_whole
from .destinations import Destination

# States of an attempt. A run that is killed leaves PREPARED behind: whether the request went out is not known.
PREPARED, SENT, REFUSED, UNKNOWN = "prepared", "sent", "refused", "unknown"
UNCERTAIN = (PREPARED, UNKNOWN)
STATES = (PREPARED, SENT, REFUSED, UNKNOWN)

_VERSION = 1
_MEMBERS = frozenset(("version", "fingerprint", "about", "attempts"))
# A receipt has a few hundred bytes for each attempt.
_MAX_RECEIPT = 16 * 1024 * 1024
_MAX_ID = 2**63 - 1
_FORM = "%Y-%m-%dT%H:%M:%SZ"

_LOCKS = 256


@dataclass
class Attempt:
    """One request to send the fax.

    :param state: one of the states above.
    :param journal_before: id of the subscriber's newest journal entry before the request.
    :param began: when, as ISO 8601 in UTC.
    :param ended: when its outcome was known; None before.
    :param fax_id: its entry in the journal, once that is known.
    :param outcome: the platform's last word on it, where somebody waited for that.
    """

    state: str
    journal_before: int
    began: str
    ended: str | None = None
    fax_id: int | None = None
    outcome: str | None = None
    reason: str | None = None

    @property
    def is_uncertain(self) -> bool:
        """Whether it may have been sent, and may not."""
        return self.state in UNCERTAIN

    @property
    def owns_entry(self) -> bool:
        """Whether an entry of the journal may be its own, and it is not known which."""
        return self.fax_id is None and self.state != REFUSED


@dataclass
class Receipt:
    """What is known about one fax: the same document, text, subscriber, destination and server.

    :param fingerprint: what distinguishes it from other faxes.
    :param about: what it is, for people who look into the file. No content.
    """

    fingerprint: str
    about: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def sent(self) -> Attempt | None:
        """The last attempt that is known to have been sent."""
        return next((attempt for attempt in reversed(self.attempts) if attempt.state == SENT), None)

    @property
    def uncertain(self) -> list[Attempt]:
        """The attempts of which it is not known whether they were sent, the last one first."""
        return [attempt for attempt in reversed(self.attempts) if attempt.is_uncertain]


@dataclass(frozen=True)
class Identity:
    """What makes a fax the same fax.

    :param server: the platform's address.
    :param content: SHA-256 of the file, where there is one.
    :param text: SHA-256 of the text, where there is one.
    :param job_id: the caller's own key, in place of the content.
    """

    server: str
    subscriber_id: int
    destination: Destination
    content: str | None = None
    text: str | None = None
    job_id: str | None = None

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 over everything that makes it the same fax."""
        what = ["job", self.job_id] if self.job_id else ["content", self.content, self.text]
        return _hash([self.server, self.subscriber_id, self.destination.key, *what])

    @property
    def target(self) -> str:
        """Return what it has in common with faxes that the journal could mistake it for."""
        return _hash([self.server, self.subscriber_id, self.destination.target])[:16]

    def about(self) -> dict[str, Any]:
        """Return what people may want to know who look into a receipt."""
        return {
            "server": self.server,
            "subscriber_id": self.subscriber_id,
            "destination": self.destination.text,
            "sha256": self.content or self.text,
            "job_id": self.job_id,
        }


class Receipts:
    """The receipts of a folder that belong to one family of faxes (see :attr:`Order.target`).

    :param folder: created on the first write, for its owner only.
    :param read_only: for check mode: nothing is locked or written.
    """

    def __init__(self, folder: str, identity: Identity, read_only: bool = False) -> None:
        self._folder = folder
        self._identity = identity
        self._read_only = read_only

    @property
    def path(self) -> str:
        """File of the order's own receipt."""
        return self._file_of(self._identity.fingerprint)

    @contextlib.contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Keep other runs away from the family; they wait for a limited time.

        :raises FileError: the lock is not to be had, or the folder cannot be used.
        """
        if self._read_only:
            self._check_usable()
            yield
            return
        locks = os.path.join(self._folder, ".locks")
        name = f"{int(self._identity.target, 16) % _LOCKS:02x}"
        with contextlib.ExitStack() as stack:
            try:
                self._create_folder()
                os.makedirs(locks, mode=0o700, exist_ok=True)
                stack.enter_context(locked(os.path.join(locks, name), seconds))
            except OSError as error:
                raise file_error(f"Cannot use {self._folder!r} for receipts", error) from None
            yield

    def load(self) -> Receipt:
        """Return the order's receipt; a new one where there is none.

        :raises FileError: it cannot be read; then nothing may be sent.
        """
        return self._read(self.path) or Receipt(self._identity.fingerprint, self._identity.about())

    def save(self, receipt: Receipt) -> None:
        """Write a receipt; on disk when this returns.

        :raises FileError: the old one is still there.
        """
        if self._read_only:
            return
        document = {"version": _VERSION, **asdict(receipt)}
        try:
            self._create_folder()
            write_whole(self._file_of(receipt.fingerprint), json.dumps(document, indent=1).encode("ascii") + b"\n")
        except OSError as error:
            raise file_error("Cannot write the receipt", error) from None

    def others(self) -> list[Attempt]:
        """Return the attempts of all other receipts of the family.

        :raises FileError: the folder or a receipt in it cannot be read.
        """
        paths = [os.path.join(self._folder, name) for name in self._names()]
        found = [self._read(path) for path in paths if path != self.path]
        return [attempt for receipt in found if receipt is not None for attempt in receipt.attempts]

    def _create_folder(self) -> None:
        """Make the folder where it is missing.

        :raises OSError: it cannot be created.
        :raises FileError: anybody may write into it.
        """
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        self._check_folder()

    def _check_folder(self) -> None:
        """Refuse a folder into which anybody may write: who forges receipts suppresses faxes, and who removes them
        has them sent twice.

        :raises FileError: it is such a folder.
        """
        if os.stat(self._folder).st_mode & stat.S_IWOTH:
            raise FileError(
                f"{self._folder!r} is world-writable, so receipts in it could be forged or removed",
                code="unsafe_folder",
                hint=f"Use another directory for receipts, or run: chmod o-w {self._folder!r}",
            )

    def _check_usable(self) -> None:
        """Check for check mode that receipts could be written.

        :raises FileError: they could not.
        """
        existing = os.path.abspath(self._folder)
        while not os.path.lexists(existing):
            existing = os.path.dirname(existing)
        try:
            os.listdir(existing)
            if not os.access(existing, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            if existing == os.path.abspath(self._folder):
                self._check_folder()
        except OSError as error:
            raise file_error(f"Cannot use {self._folder!r} for receipts", error) from None

    def _names(self) -> list[str]:
        """Return the names of the family's receipts.

        :raises FileError: the folder cannot be read. One that was removed meanwhile does not pass for one without
            other receipts: nobody knows what it held.
        """
        try:
            names = os.listdir(self._folder)
        except OSError as error:
            raise file_error(f"Cannot read {self._folder!r}", error) from None
        return [name for name in names if re.fullmatch(rf"{self._identity.target}-[0-9a-f]{{64}}\.json", name)]

    def _file_of(self, fingerprint: str) -> str:
        return os.path.join(self._folder, f"{self._identity.target}-{fingerprint}.json")

    def _read(self, path: str) -> Receipt | None:
        """Return what a file holds; None where there is none.

        :raises FileError: there is one that cannot be read, so that nobody knows what was sent.
        """
        try:
            content = _read_regular(path)
            return None if content is None else _receipt_of(content, os.path.basename(path))
        except OSError as error:
            raise file_error(f"Cannot read the receipt {path!r}", error) from None
        except _NewerVersionError:
            raise FileError(
                f"The receipt {path!r} was written by a newer version of the collection",
                code="newer_receipt",
                hint="Nothing was sent. Use that version on every host that has these receipts.",
            ) from None
        except (ValueError, RecursionError):
            raise FileError(
                f"{path!r} is damaged, or not a receipt of this collection",
                code="damaged_receipt",
                hint="Nothing was sent. Check the journal to find out whether that fax was sent, then remove the file.",
            ) from None


class _NewerVersionError(Exception):
    """The receipt has a form that came later."""


def _read_regular(path: str) -> bytes | None:
    """Return the content of a file, None where there is none.

    A link or pipe in its place is an error: a link to nowhere would pass for a fax that nobody has sent.

    :raises OSError: it cannot be read.
    :raises ValueError: it is not a regular file, or too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):  # a link, or a socket
            raise ValueError from None
        raise
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError
        content = stream.read(_MAX_RECEIPT + 1)
    if len(content) > _MAX_RECEIPT:
        raise ValueError
    return content


def _receipt_of(content: bytes, name: str) -> Receipt:
    """Return the receipt that a file holds. Everything in it is checked: it decides whether a fax is sent.

    :param name: of the file, which names the fax as well.
    :raises ValueError: it is not whole, or not a receipt.
    :raises _NewerVersionError: it has a form that is not known here.
    """
    document = json.loads(content.decode("utf-8"))
    if not isinstance(document, dict):
        raise ValueError
    version: Any = document.get("version")
    fingerprint = document.get("fingerprint")
    if _is_integer(version) and version > _VERSION:
        raise _NewerVersionError
    attempts, about = document.get("attempts"), document.get("about")
    is_whole = (
        _is_integer(version)
        and version == _VERSION
        and set(document) == _MEMBERS
        and isinstance(fingerprint, str)
        and name.endswith(f"-{fingerprint}.json")
        and isinstance(about, dict)
        and isinstance(attempts, list)
    )
    if not is_whole or not attempts:
        raise ValueError
    return Receipt(str(fingerprint), dict(about or {}), [_attempt_of(attempt) for attempt in attempts])


def _attempt_of(values: Any) -> Attempt:
    """Return an attempt that a receipt holds.

    :raises ValueError: a member is missing, unknown or of a wrong type.
    """
    names = {member.name for member in fields(Attempt)}
    if not isinstance(values, dict) or not {"state", "journal_before", "began"} <= set(values) <= names:
        raise ValueError
    attempt = Attempt(**values)
    texts = (attempt.ended, attempt.outcome, attempt.reason)
    if (
        attempt.state not in STATES
        or not _is_id(attempt.journal_before, least=0)
        or not (attempt.fax_id is None or _is_id(attempt.fax_id, least=1))
        or not isinstance(attempt.began, str)
        or not all(text is None or isinstance(text, str) for text in texts)
    ):
        raise ValueError
    for moment in (attempt.began, attempt.ended):
        if moment is not None:
            moment_of(moment)
    return attempt


def _is_integer(value: Any) -> bool:
    """Return whether it is one; true and false, which Python counts as such, are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_id(value: Any, least: int) -> bool:
    return _is_integer(value) and least <= value <= _MAX_ID


def now() -> str:
    """Return the present moment in the form that receipts have."""
    return datetime.now(timezone.utc).strftime(_FORM)


def moment_of(text: str) -> datetime:
    """Return the moment that a receipt names, in UTC and without a zone.

    :raises ValueError: it is not such a moment.
    """
    return datetime.strptime(text, _FORM)


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(["ngcp.fax", *parts]).encode("ascii")).hexdigest()
