# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fax_send``: one fax, handed over once, and what became of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._connection import connect
from ansible_collections.ngcp.fax.plugins.module_utils._declarations import parse_keys
from ansible_collections.ngcp.fax.plugins.module_utils._destinations import Destination, parse_destination
from ansible_collections.ngcp.fax.plugins.module_utils._documents import Document, FaxBody, check_text, examine
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    FaxError,
    InputError,
    LostAnswerError,
    ProtocolError,
    RefusedError,
    ServerError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._fax_options import send_options
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import Fax, Filter, Journal
from ansible_collections.ngcp.fax.plugins.module_utils._lookup import resolve_one
from ansible_collections.ngcp.fax.plugins.module_utils._receipts import (
    PREPARED,
    REFUSED,
    SENT,
    UNKNOWN,
    Attempt,
    Order,
    Receipt,
    Receipts,
    now,
)
from ansible_collections.ngcp.fax.plugins.module_utils._resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers import Subscriber
from ansible_collections.ngcp.fax.plugins.module_utils._task import Task
from ansible_collections.ngcp.fax.plugins.module_utils._times import Bound
from ansible_collections.ngcp.fax.plugins.module_utils._tracking import Tracker
from ansible_collections.ngcp.fax.plugins.module_utils._transport import Address

FAIL, RESEND = "fail", "resend"

COMMUNITY_EDITION = "spce"

# Seconds before each look into the journal after a lost answer.
_SETTLING = (0.0, 1.0, 2.0)
# Seconds to wait for another run of the same family, on top of what its requests may take.
_PATIENCE = 60
# A 408 comes from a proxy, which may have passed the request on.
_TIMED_OUT = 408

_INPUT_ECHO = re.compile(r"input='.*?', errors=", re.DOTALL)
_LONGEST_MESSAGE = 500
_HINT_UNCERTAIN = (
    "Nothing is sent again by itself. Look into the journal (ngcp.fax.fax_info) and at the destination; then set "
    "on_uncertain to resend, or give the fax up."
)
_REASONS = {
    "Invalid subscriber fax preferences": (
        "fax_inactive",
        "Switch the fax service of the subscriber on, with ngcp.fax.fax_settings and active: true.",
    ),
    "Faxserver feature is not active.": ("fax_feature_off", "The platform's fax server is switched off."),
    "Fax subscriber not found.": (
        "not_found",
        "The subscriber does not exist, is terminated, or belongs to somebody else.",
    ),
}


class FaxFailedError(FaxError):
    """The platform took the fax, but could not get it through."""

    code = "fax_failed"


class UncertainError(FaxError):
    """Whether the fax was sent is not known."""

    code = "outcome_unknown"
    retryable = True


@dataclass(frozen=True)
class Wish:
    """What the task asks for, checked as far as that needs no server.

    :param text_hash: SHA-256 of the text.
    """

    destination: Destination
    document: Document | None
    text: str | None
    text_hash: str | None
    job_id: str | None

    @property
    def sha256(self) -> str | None:
        """The hash of the file, or of the text where there is no file."""
        return self.document.sha256 if self.document is not None else self.text_hash

    def order(self, server: str, subscriber_id: int) -> Order:
        """Return what makes it the same fax."""
        document = self.document.sha256 if self.document is not None else None
        return Order(server, subscriber_id, self.destination, document, self.text_hash, self.job_id)

    def body(self, subscriber_id: int) -> FaxBody:
        """Return the body of the request.

        :raises InputError: the file cannot be read any more.
        """
        fields: dict[str, Any] = {"subscriber_id": subscriber_id, "destination": self.destination.text}
        if self.text is not None:
            fields["data"] = self.text
        return FaxBody(fields, self.document)


@dataclass
class Report:
    """What the task has come to so far.

    :param progress: each status that the fax was seen with, and after how many seconds.
    """

    status: str = UNKNOWN
    changed: bool = False
    fax_id: int | None = None
    entry: Fax | None = None
    error: FaxError | None = None
    warnings: list[str] = field(default_factory=list)
    progress: list[dict[str, Any]] = field(default_factory=list)


def send_task() -> Task:
    """Return the task that sends a fax."""
    return Task(send_options(), send_fax, hidden=("text",))


def send_fax(params: Mapping[str, Any], _entries: Any, check: bool) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`_argument_spec.send_options` describes them.
    :param check: check everything and ask the journal, but send nothing and write no receipt.
    :raises FaxError: nothing was sent.
    """
    keys = parse_keys(params)
    wish = _wish(params)
    client = connect(params)
    try:
        subscriber = resolve_one(client, keys)
        order = wish.order(Address.parse(params["api_url"]).url.lower(), subscriber.id)
        receipts = Receipts(_folder(params["receipts"]), order, read_only=check)
        sending = _Sending(client, params, wish, receipts, subscriber)
        sending.run(check)
        return sending.result()
    finally:
        client.close()


def _wish(params: Mapping[str, Any]) -> Wish:
    for name, least in (("wait_timeout", 0), ("poll_interval", 1), ("unless_sent_within", 1)):
        if params.get(name) is not None and params[name] < least:
            raise InputError(f"must be at least {least}, not {params[name]}", field=name)
    if not params.get("src") and params.get("text") is None:
        raise InputError("or text is needed: there is nothing to be faxed", field="src")
    destination = parse_destination(params["destination"])
    text = check_text(params["text"]) if params.get("text") is not None else None
    text_hash = hashlib.sha256(text.encode("utf-8")).hexdigest() if text is not None else None
    document = examine(params["src"]) if params.get("src") else None
    return Wish(destination, document, text, text_hash, params.get("job_id") or None)


def _folder(path: str | None) -> str:
    home = os.environ.get("ANSIBLE_HOME") or os.path.join("~", ".ansible")
    return os.path.expanduser(path or os.path.join(home, "ngcp_fax", "receipts"))


class _Sending:
    """One run of the task."""

    def __init__(
        self, client: Client, params: Mapping[str, Any], wish: Wish, receipts: Receipts, subscriber: Subscriber
    ) -> None:
        self._client = client
        self._params = params
        self._wish = wish
        self._receipts = receipts
        self._subscriber = subscriber
        self._journal = Journal(client)
        self._tracker = Tracker(self._journal, receipts, subscriber.id, wish.destination)
        self._report = Report()
        self._began = time.monotonic()
        self._patience = params["timeout"] * (params["retries"] + 2) + _PATIENCE

    def run(self, check: bool) -> None:
        """Send the fax unless that was done, and wait for its end where that is wanted."""
        if check:
            self._check_service()
        with self._receipts.locked(self._patience):
            receipt = self._receipts.load()
            if self._is_needed(receipt):
                self._warn_about_edition()
                if check:
                    self._report.status, self._report.changed = "queued", True
                    return
                self._send(receipt)
            position = receipt.attempts.index(receipt.sent) if receipt.sent is not None else None
        if self._params["wait"] and not check and self._report.error is None:
            self._wait(position)

    def result(self) -> dict[str, Any]:
        """Return the result of the task."""
        report, counters = self._report, self._client.counters
        result: dict[str, Any] = {
            "changed": report.changed,
            "fax": self._shown_fax(),
            "receipt": self._receipts.path,
            "sha256": self._wish.sha256,
            "progress": report.progress,
            "summary": {"requests": counters.requests, "retries": counters.retries},
            "warnings": report.warnings,
        }
        if report.error is not None:
            result.update(failed=True, msg=str(report.error), error=report.error.as_dict())
        return result

    def _shown_fax(self) -> dict[str, Any]:
        entry = self._report.entry
        return {
            "id": self._report.fax_id,
            "status": self._report.status,
            "subscriber_id": self._subscriber.id,
            "subscriber": self._subscriber.name,
            "destination": self._wish.destination.text,
            "server_status": entry.status if entry is not None else None,
            "reason": entry.reason if entry is not None else None,
            "pages": entry.pages if entry is not None else None,
            "duration": entry.duration if entry is not None else None,
            "time": entry.time if entry is not None else None,
        }

    # Before: is there anything to do?

    def _check_service(self) -> None:
        """Check for check mode what the server checks when it gets a fax.

        :raises FaxError: the server would refuse the fax.
        """
        settings = self._client.get_settings(FAX_SETTINGS, self._subscriber.id)
        if not settings.get("active"):
            code, hint = _REASONS["Invalid subscriber fax preferences"]
            raise RefusedError(f"The fax service of subscriber {self._subscriber} is off", code=code, hint=hint)

    def _is_needed(self, receipt: Receipt) -> bool:
        """Return whether the fax has to be sent; else the report says why not."""
        if self._params["force"]:
            return True
        if receipt.sent is None and receipt.uncertain is not None:
            self._settle(receipt, receipt.uncertain)
        if receipt.sent is not None:
            self._already_sent(receipt.sent)
            return False
        if receipt.uncertain is not None and self._params["on_uncertain"] != RESEND:
            self._report.error = UncertainError(
                f"Whether this fax to {self._wish.destination.text} was sent by an earlier run is not known, and the "
                "journal does not settle it",
                hint=_HINT_UNCERTAIN,
            )
            return False
        return not self._was_sent_lately()

    def _settle(self, receipt: Receipt, attempt: Attempt) -> None:
        """Look for the journal entry of an attempt of an earlier run whose outcome was not known."""
        self._report.entry = self._tracker.find(receipt, attempt)
        if self._report.entry is not None:
            self._complete(receipt)

    def _already_sent(self, attempt: Attempt) -> None:
        self._report.status, self._report.fax_id = "already_sent", attempt.fax_id
        if attempt.outcome == "failed":
            self._failed(attempt.reason)

    def _was_sent_lately(self) -> bool:
        seconds = self._params.get("unless_sent_within")
        if seconds is None:
            return False
        since = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(seconds=seconds)
        lately = self._journal.read(Filter(self._subscriber.id, since=Bound(since)))
        found = [fax for fax in lately if self._tracker.goes_there(fax) and not fax.has_failed]
        if not found:
            return False
        self._report.status = "already_sent"
        self._report.entry, self._report.fax_id = found[0], found[0].id
        return True

    def _warn_about_edition(self) -> None:
        """Warn about a platform that answers 201 to a fax and throws it away."""
        with contextlib.suppress(FaxError):
            if self._client.platform_info().get("type") == COMMUNITY_EDITION:
                self._report.warnings.append(
                    "The platform is a Community Edition (spce), which has no fax server: it accepts faxes and never "
                    "sends them."
                )

    # The request

    def _send(self, receipt: Receipt) -> None:
        """Send the fax: the receipt is on disk before anything leaves."""
        with self._wish.body(self._subscriber.id) as body:
            attempt = Attempt(PREPARED, self._journal.newest_id(self._subscriber.id), now())
            receipt.attempts.append(attempt)
            self._receipts.save(receipt)
            self._post(body, attempt)
        attempt.ended = now()
        self._complete(receipt)
        if attempt.state == SENT:
            with contextlib.suppress(FaxError):
                self._note(self._tracker.find(receipt, attempt))
                self._complete(receipt)
        elif attempt.state == UNKNOWN:
            self._clear_up(receipt, attempt)

    def _post(self, body: FaxBody, attempt: Attempt) -> None:
        report = self._report
        try:
            self._client.post_fax(body)
        except FaxError as error:
            attempt.state = _state_after(error)
            report.changed = attempt.state == UNKNOWN
            report.status = UNKNOWN if report.changed else "failed"
            report.error = error if report.changed else _explained(error)
        else:
            attempt.state, report.status, report.changed = SENT, "queued", True

    def _complete(self, receipt: Receipt) -> None:
        """Write down what is known now. Where that fails, the receipt on disk says less, and a later run asks the
        journal again."""
        try:
            self._receipts.save(receipt)
        except FaxError as error:
            warning = f"The receipt could not be completed: {error.message}"
            if warning not in self._report.warnings:
                self._report.warnings.append(warning)

    def _clear_up(self, receipt: Receipt, attempt: Attempt) -> None:
        """Find out from the journal whether a fax was sent whose answer was lost. The request is never repeated."""
        lost, entry = self._report.error, None
        try:
            entry = self._tracker.find_soon(receipt, attempt, self._pauses())
        except FaxError as error:
            self._report.warnings.append(f"The journal could not be read: {error.message}")
        if entry is not None:
            self._complete(receipt)
            self._report.error = None
            self._note(entry)
        elif lost is not None:
            self._report.error = UncertainError(
                f"Whether the fax to {self._wish.destination.text} was sent is not known: {lost.message}",
                http_status=lost.http_status,
                hint=_HINT_UNCERTAIN,
            )

    def _pauses(self) -> tuple[float, ...]:
        """Return when to look for an entry that may come late: for as long as the task waits for the end anyway."""
        if not self._params["wait"]:
            return _SETTLING
        more = int(self._params["wait_timeout"] // self._params["poll_interval"])
        return _SETTLING + (float(self._params["poll_interval"]),) * more

    # After: the end of the fax

    def _wait(self, position: int | None) -> None:
        """Follow the fax to its end.

        :param position: of its attempt in the receipt; None for a fax that somebody else sent.
        """
        try:
            self._tracker.follow(
                lambda: self._look(position),
                self._note,
                self._params["wait_timeout"],
                self._params["poll_interval"],
            )
        except FaxError as error:
            self._report.error = error
            return
        self._write_outcome(position)
        entry = self._report.entry
        if entry is not None and entry.has_failed:
            self._failed(entry.reason)

    def _look(self, position: int | None) -> Fax | None:
        if self._report.fax_id is not None:
            return self._journal.get(self._report.fax_id)
        if position is None:
            return None
        with self._receipts.locked(self._patience):
            receipt = self._receipts.load()
            entry = self._tracker.find(receipt, receipt.attempts[position])
            self._complete(receipt)
        return entry

    def _write_outcome(self, position: int | None) -> None:
        entry = self._report.entry
        if position is None or entry is None:
            return
        try:
            with self._receipts.locked(self._patience):
                receipt = self._receipts.load()
                attempt = receipt.attempts[position]
                if (attempt.outcome, attempt.fax_id) != (entry.progress, entry.id):
                    attempt.outcome, attempt.reason, attempt.fax_id = entry.progress, entry.reason, entry.id
                    self._receipts.save(receipt)
        except FaxError as error:
            self._report.warnings.append(f"The receipt could not be completed: {error.message}")

    def _note(self, entry: Fax | None) -> None:
        """Take over what the journal shows."""
        if entry is None:
            return
        report = self._report
        if not report.progress or report.progress[-1]["status"] != entry.status:
            seconds = round(time.monotonic() - self._began, 1)
            report.progress.append({"seconds": seconds, "status": entry.status})
        report.entry, report.fax_id = entry, entry.id
        if report.status != "already_sent":
            report.status = entry.progress

    def _failed(self, reason: str | None) -> None:
        self._report.status = "failed"
        self._report.error = FaxFailedError(
            f"The fax to {self._wish.destination.text} failed: {reason or 'the platform gives no reason'}",
            hint="It is not sent again by itself; set force to send it once more.",
        )


def _state_after(error: FaxError) -> str:
    """Return what a failed request means for the fax: only a clear answer, or none of it sent, tells "not sent"."""
    if error.code == "redirect_refused":
        return REFUSED
    if isinstance(error, (ServerError, LostAnswerError, ProtocolError)) or error.http_status == _TIMED_OUT:
        return UNKNOWN
    return REFUSED


def _explained(error: FaxError) -> FaxError:
    """Return the error of a fax that was not sent with what the user can do; the server repeats the text in messages,
    which has to stay out."""
    if not isinstance(error, RefusedError):
        return error
    message = _INPUT_ECHO.sub("errors=", error.message)[:_LONGEST_MESSAGE]
    for text, (code, hint) in _REASONS.items():
        if text in message:
            return RefusedError(message, code=code, http_status=error.http_status, hint=hint)
    own_hint = error.hint if error.code == "too_large" else None
    return RefusedError(message, code=error.code, http_status=error.http_status, hint=own_hint)
