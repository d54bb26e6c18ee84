# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Receipts: which faxes this host has handed over, so that none is sent twice, whatever interrupts a run.

A receipt is written before the request and completed after it. Each request is an attempt of the receipt. What the
journal shows is counted for one attempt only.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._destinations import Destination
from ansible_collections.ngcp.fax.plugins.module_utils._files import FileError, file_error, locked, write_whole

# States of an attempt. A run that is killed leaves PREPARED behind: whether the request went out is not known.
PREPARED, SENT, REFUSED, UNKNOWN = "prepared", "sent", "refused", "unknown"
UNCERTAIN = (PREPARED, UNKNOWN)

_VERSION = 1
_FORM = "%Y-%m-%dT%H:%M:%SZ"

# An attempt whose entry has not appeared for so long will not take a new one.
_RIVALRY = timedelta(days=1)
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

    :param fingerprint: what tells it from other faxes.
    :param about: what it is, for people who look into the file. No content.
    """

    fingerprint: str
    about: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def sent(self) -> Attempt | None:
        """The last attempt that was surely sent."""
        return next((attempt for attempt in reversed(self.attempts) if attempt.state == SENT), None)

    @property
    def uncertain(self) -> Attempt | None:
        """The last attempt of which it is not known whether it was sent."""
        return next((attempt for attempt in reversed(self.attempts) if attempt.is_uncertain), None)


@dataclass(frozen=True)
class Order:
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
    def family(self) -> str:
        """Return what it has in common with faxes that the journal could mistake it for."""
        return _hash([self.server, self.subscriber_id, self.destination.family])[:16]

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
    """The receipts of a folder that belong to one family of faxes (see :attr:`Order.family`).

    :param folder: made on the first write, for its owner only.
    :param read_only: for check mode: nothing is locked or written.
    """

    def __init__(self, folder: str, order: Order, read_only: bool = False) -> None:
        self._folder = folder
        self._order = order
        self._read_only = read_only

    @property
    def path(self) -> str:
        """File of the order's own receipt."""
        return self._file_of(self._order.fingerprint)

    @contextlib.contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Keep other runs away from the family: they wait for at most so long.

        :raises FileError: the lock is not to be had, or the folder cannot be used.
        """
        if self._read_only:
            yield
            return
        locks = os.path.join(self._folder, ".locks")
        name = f"{int(self._order.family, 16) % _LOCKS:02x}"
        with contextlib.ExitStack() as stack:
            try:
                self._make_folder()
                os.makedirs(locks, mode=0o700, exist_ok=True)
                stack.enter_context(locked(os.path.join(locks, name), seconds))
            except OSError as error:
                raise file_error(f"Cannot use {self._folder!r} for receipts", error) from None
            yield

    def load(self) -> Receipt:
        """Return the order's receipt; a new one where there is none.

        :raises FileError: it cannot be read; then nothing may be sent.
        """
        return self._read(self.path) or Receipt(self._order.fingerprint, self._order.about())

    def save(self, receipt: Receipt) -> None:
        """Write a receipt; on disk when this returns.

        :raises FileError: the old one is still there.
        """
        if self._read_only:
            return
        document = {"version": _VERSION, **asdict(receipt)}
        try:
            self._make_folder()
            write_whole(self._file_of(receipt.fingerprint), json.dumps(document, indent=1).encode("ascii") + b"\n")
        except OSError as error:
            raise file_error("Cannot write the receipt", error) from None

    def rivals(self, receipt: Receipt, attempt: Attempt) -> list[Attempt]:
        """Return all other attempts whose journal entries could be taken for the attempt's: those of the family that
        did not begin long before it."""
        found = [other for other in receipt.attempts if other is not attempt]
        for name in self._names():
            path = os.path.join(self._folder, name)
            other = self._read(path) if path != self.path else None
            if other is not None:
                found += other.attempts
        earliest = moment_of(attempt.began) - _RIVALRY
        return [other for other in found if moment_of(other.began) >= earliest]

    def _make_folder(self) -> None:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)

    def _names(self) -> list[str]:
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise file_error(f"Cannot read {self._folder!r}", error) from None
        return [name for name in names if name.startswith(self._order.family) and name.endswith(".json")]

    def _file_of(self, fingerprint: str) -> str:
        return os.path.join(self._folder, f"{self._order.family}-{fingerprint}.json")

    def _read(self, path: str) -> Receipt | None:
        try:
            with open(path, encoding="utf-8") as stream:
                document = json.load(stream)
            attempts = [Attempt(**attempt) for attempt in document["attempts"]]
            for attempt in attempts:
                moment_of(attempt.began)
            return Receipt(document["fingerprint"], document["about"], attempts)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise file_error(f"Cannot read the receipt {path!r}", error) from None
        except (ValueError, TypeError, KeyError):
            raise FileError(
                f"{path!r} is no receipt of this collection",
                code="damaged_receipt",
                hint="Find out from the journal whether that fax was sent, then remove the file.",
            ) from None


def now() -> str:
    """Return the present moment in the form that receipts have."""
    return datetime.now(timezone.utc).strftime(_FORM)


def moment_of(text: str) -> datetime:
    """Return the moment that a receipt names, in UTC and without a zone."""
    return datetime.strptime(text, _FORM)


def entry_of(attempt: Attempt, others: Sequence[Attempt], entries: Sequence[int]) -> int | None:
    """Return the journal entry that is surely there because of an attempt, or None.

    :param others: all other attempts that the entries could belong to.
    :param entries: ids of the outgoing entries that fit, in rising order.

    Attempts that were surely sent take the earliest entry that can be theirs. Uncertain ones get one only if there is
    still one left when all the other uncertain ones have taken as many as they can: better to say "unknown" than to
    call a fax sent because another one was.
    """
    taken = {other.fax_id for other in others if other.fax_id is not None}
    left = [entry for entry in entries if entry not in taken]
    rivals = [other for other in others if other.owns_entry]
    for other in sorted((rival for rival in rivals if not rival.is_uncertain), key=lambda rival: rival.journal_before):
        if attempt.is_uncertain or other.journal_before < attempt.journal_before:
            _take(left, other.journal_before)
    own = [entry for entry in left if entry > attempt.journal_before]
    if attempt.is_uncertain:
        for other in sorted(rivals, key=lambda rival: -rival.journal_before):
            if other.is_uncertain and own and own[-1] > other.journal_before:
                own.pop()
    return own[0] if own else None


def _take(entries: list[int], after: int) -> None:
    """Take the first entry that is greater out of the list."""
    for position, entry in enumerate(entries):
        if entry > after:
            del entries[position]
            return


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(["ngcp.fax", *parts]).encode("ascii")).hexdigest()
