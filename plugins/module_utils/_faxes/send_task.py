# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fax_send``: one fax, handed over once, and what became of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

from .._api.client import Client
from .._api.transport import Address
from .._errors import (
    FaxError,
    ProtocolError,
    RefusedError,
    as_fax_error,
)
from .._files import FileError
from .._settings.requests import get_settings
from .._settings.resources import FAX_SETTINGS
from .._subscribers.keys import parse_keys
from .._subscribers.lookup import resolve_one
from .._subscribers.subscriber import Subscriber
from .._task import Host, Task
from .journal import Fax, Filter, Journal
from .options import send_options
from .receipts import (
    PREPARED,
    REFUSED,
    SENT,
    UNKNOWN,
    Attempt,
    Receipt,
    Receipts,
    now,
)
from .send_report import ALREADY_SENT, FAILED, QUEUED, Report
from .send_responses import SERVICE_OFF, explained, is_not_sent
from .timestamps import Bound
from .tracking import Tracker
from .upload import FaxBody
from .wishes import Wish, wish_of

FAIL, RESEND = "fail", "resend"

COMMUNITY_EDITION = "spce"

# Seconds before each look into the journal after a lost answer.
_SETTLING = (0.0, 1.0, 2.0)
# Seconds to wait for another run of the same family, on top of what its requests may take.
_PATIENCE = 60
# Seconds to wait for it in a look that is repeated anyway.
_SHORT_PATIENCE = 5

_HINT_UNCERTAIN = (
    "Nothing is sent again by itself. Look into the journal (ngcp.fax.fax_info) and at the destination; then set "
    "on_uncertain to resend, or give the fax up."
)


class FaxFailedError(FaxError):
    """The platform took the fax, but could not get it through."""

    code = "fax_failed"


class UncertainError(FaxError):
    """Whether the fax was sent is not known."""

    code = "outcome_unknown"
    retryable = True


def send_task() -> Task:
    """Return the task that sends a fax."""
    return Task(send_options(), send_fax, hidden=("text",))


def send_fax(params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result, which has the same shape whatever goes wrong.

    :param params: options as :func:`options.send_options` describes them.
    :param host: in its check mode everything is checked and the journal asked, but nothing is sent, and no receipt
        written.
    """
    report = Report.of(params)
    try:
        _send_with(report, params, host)
    except Exception as error:  # pylint: disable=broad-except  # nothing may lose what is known of the fax
        report.error = as_fax_error(error)
    return report.result()


def nothing_sent(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a task that is wrong before it begins, without its error.

    :param arguments: the raw arguments.
    """
    given = {name: arguments.get(name) for name in ("destination", "subscriber")}
    return Report.of({name: value if isinstance(value, str) else None for name, value in given.items()}).result()


def _send_with(report: Report, params: Mapping[str, Any], host: Host) -> None:
    """Do what the task says and report it.

    :raises FaxError: it cannot be done; the report says what is known of the fax nevertheless.
    """
    keys = parse_keys(params)
    wish = wish_of(params)
    report.destination, report.sha256 = wish.destination.text, wish.sha256
    with host.connect(params) as client:
        report.counters = client.counters
        subscriber = resolve_one(client, keys)
        report.subscriber_id, report.subscriber = subscriber.id, subscriber.name
        order = wish.order(Address.parse(params["api_url"]).url.lower(), subscriber.id)
        receipts = Receipts(_folder(params["receipts"]), order, read_only=host.check_mode)
        report.receipt = receipts.path
        _Sending(client, params, wish, receipts, subscriber, report).run(host.check_mode)


def _folder(path: str | None) -> str:
    home = os.environ.get("ANSIBLE_HOME") or os.path.join("~", ".ansible")
    return os.path.expanduser(path or os.path.join(home, "ngcp_fax", "receipts"))


class _Sending:
    """One run of the task."""

    def __init__(
        self,
        client: Client,
        params: Mapping[str, Any],
        wish: Wish,
        receipts: Receipts,
        subscriber: Subscriber,
        report: Report,
    ) -> None:
        self._client = client
        self._params = params
        self._wish = wish
        self._receipts = receipts
        self._subscriber = subscriber
        self._journal = Journal(client)
        self._tracker = Tracker(self._journal, receipts, subscriber.id, wish.destination)
        self._report = report
        # The attempt of this run, the one that is waited for, and why the outcome of this run's is not known.
        self._attempt: Attempt | None = None
        self._followed: Attempt | None = None
        self._lost: FaxError | None = None
        self._patience = params["timeout"] * (params["retries"] + 2) + _PATIENCE

    def run(self, check: bool) -> None:
        """Send the fax unless that was done, and wait for its end where that is wanted.

        :raises FaxError: it cannot be done; the report says what is known of the fax.
        """
        with contextlib.ExitStack() as stack:
            self._lock(stack)
            receipt = self._load()
            if self._is_needed(receipt):
                self._warn_about_edition()
                if check:
                    self._check_service()
                    self._report.status, self._report.changed = QUEUED, True
                else:
                    self._send(receipt)
            self._followed = self._attempt or receipt.sent
            position = next((place for place, one in enumerate(receipt.attempts) if one is self._followed), None)
        if check or self._report.error is not None:
            return
        if self._params["wait"]:
            self._wait(position)
        self._tell_uncertainty()

    # Before: is there anything to do?

    def _lock(self, stack: contextlib.ExitStack) -> None:
        """Keep other runs away from the receipts. Whoever holds them may just be sending this fax."""
        try:
            stack.enter_context(self._receipts.locked(self._patience))
        except FileError as error:
            if error.code == "locked":
                self._report.status = UNKNOWN
            raise

    def _load(self) -> Receipt:
        """Return the receipt. While it cannot be read, nobody knows whether the fax was sent."""
        self._report.status = UNKNOWN
        receipt = self._receipts.load()
        self._report.status = FAILED
        return receipt

    def _check_service(self) -> None:
        """Check for check mode what the server checks when it gets a fax.

        :raises FaxError: the server would refuse the fax.
        """
        settings = get_settings(self._client, FAX_SETTINGS, self._subscriber.id)
        if not settings.get("active"):
            code, hint = SERVICE_OFF
            raise RefusedError(f"The fax service of subscriber {self._subscriber} is off", code=code, hint=hint)

    def _is_needed(self, receipt: Receipt) -> bool:
        """Return whether the fax has to be sent; else the report says why not.

        :raises FaxError: the journal cannot be read, so that nothing may be sent.
        """
        if self._params["force"]:
            return True
        if receipt.sent is None and receipt.uncertain:
            self._settle(receipt)
        if receipt.sent is not None:
            self._already_sent(receipt.sent)
            return False
        if receipt.uncertain and self._params["on_uncertain"] != RESEND:
            self._report.error = UncertainError(
                f"Whether this fax to {self._wish.destination.text} was sent by an earlier run is not known, and the "
                "journal does not settle it",
                hint=_HINT_UNCERTAIN,
            )
            return False
        return not self._was_sent_lately()

    def _settle(self, receipt: Receipt) -> None:
        """Look for the journal entry of attempts of earlier runs whose outcome was not known."""
        self._report.status = UNKNOWN
        for attempt in receipt.uncertain:
            self._report.entry = self._tracker.find(receipt, attempt, is_recent=False)
            if self._report.entry is not None:
                self._complete(receipt)
                return

    def _already_sent(self, attempt: Attempt) -> None:
        self._report.status, self._report.fax_id = ALREADY_SENT, attempt.fax_id
        if attempt.outcome == "failed":
            self._failed(attempt.reason)

    def _was_sent_lately(self) -> bool:
        seconds = self._params.get("unless_sent_within")
        if seconds is None:
            return False
        since = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(seconds=seconds)
        lately = self._journal.read(Filter(self._subscriber.id, since=Bound(since)))
        found = [fax for fax in lately if self._tracker.goes_there(fax) and not fax.has_failed]
        if not found or not self._is_later(found[0], since):
            return False
        self._report.status = ALREADY_SENT
        self._report.entry, self._report.fax_id = found[0], found[0].id
        return True

    def _is_later(self, fax: Fax, moment: datetime) -> bool:
        """Return whether an entry came at a moment or later. The server ignores filters that it does not know.

        :raises ProtocolError: the server does not tell, so that nothing may be sent.
        """
        utc = self._journal.utc_time(fax.id)
        if utc is None:
            raise ProtocolError(f"The journal does not show when fax {fax.id} was sent", retryable=True)
        return utc >= moment.replace(tzinfo=None)

    def _warn_about_edition(self) -> None:
        """Warn about a platform that answers 201 to a fax and throws it away."""
        with contextlib.suppress(FaxError):
            if self._client.platform_info().get("type") == COMMUNITY_EDITION:
                self._report.warn(
                    "The platform is a Community Edition (spce), which has no fax server: it accepts faxes and never "
                    "sends them."
                )

    # The request

    def _send(self, receipt: Receipt) -> None:
        """Send the fax: the receipt is on disk before anything leaves.

        :raises FaxError: the receipt cannot be written, or the journal cannot be read; nothing was sent.
        """
        with self._wish.body(self._subscriber.id) as body:
            attempt = Attempt(PREPARED, self._journal.newest_id(self._subscriber.id), now())
            receipt.attempts.append(attempt)
            self._receipts.save(receipt)
            self._attempt = attempt
            self._post(body, attempt)
        attempt.ended = now()
        self._complete(receipt)
        if attempt.state == SENT:
            self._look_up(lambda: self._tracker.find(receipt, attempt))
        elif attempt.state == UNKNOWN:
            self._look_up(lambda: self._tracker.find_soon(receipt, attempt, _SETTLING))
        if attempt.fax_id is not None:
            self._complete(receipt)

    def _post(self, body: FaxBody, attempt: Attempt) -> None:
        """Send the request. Until its answer is there, the fax may have been sent and may not."""
        report = self._report
        before, report.status, report.changed = report.status, UNKNOWN, True
        try:
            self._client.post_fax(body)
        except Exception as raised:  # pylint: disable=broad-except  # whatever it is, the fax may be on its way
            error = explained(as_fax_error(raised), self._wish.readable_content())
            if is_not_sent(error):
                attempt.state, report.status, report.changed = REFUSED, before, False
                report.error = error
            else:
                attempt.state, self._lost = UNKNOWN, error
        else:
            attempt.state, report.status = SENT, QUEUED

    def _complete(self, receipt: Receipt) -> None:
        """Write down what is known now. Where that fails, the receipt on disk says less, and a later run asks the
        journal again."""
        try:
            self._receipts.save(receipt)
        except FaxError as error:
            self._report.warn(f"The receipt could not be completed: {error.message}")

    def _look_up(self, look: Callable[[], Fax | None]) -> None:
        """Look for the entry of a fax after the request. Nothing that the journal answers changes what is known."""
        try:
            self._report.note(look())
        except Exception as error:  # pylint: disable=broad-except  # the fax is on its way, and has to be reported
            self._report.warn(f"The journal could not be read: {as_fax_error(error).message}")

    def _tell_uncertainty(self) -> None:
        """Fail the task if it is still not known whether the fax was sent."""
        if self._lost is None or self._report.status != UNKNOWN:
            return
        self._report.error = UncertainError(
            f"Whether the fax to {self._wish.destination.text} was sent is not known: {self._lost.message}",
            http_status=self._lost.http_status,
            hint=_HINT_UNCERTAIN,
        )

    # After: the end of the fax

    def _wait(self, position: int | None) -> None:
        """Follow the fax to its end.

        :param position: of its attempt in the receipt; None for a fax that somebody else sent.
        """
        try:
            self._tracker.follow(
                lambda: self._look(position),
                self._report.note,
                self._params["wait_timeout"],
                self._params["poll_interval"],
            )
        except FaxError as error:
            if self._report.status == UNKNOWN:  # this is not about the end of a fax that may not exist
                self._report.warn(f"The journal does not show the fax: {error.message}")
            else:
                self._report.error = error
            return
        self._write_outcome(position)
        entry = self._report.entry
        if entry is not None and entry.has_failed:
            self._failed(entry.reason)

    def _look(self, position: int | None) -> Fax | None:
        if self._report.fax_id is not None:
            return self._tracker.get(self._report.fax_id)
        if position is None:
            return None
        with self._receipts.locked(min(_SHORT_PATIENCE, self._patience)):
            receipt, attempt = self._own_attempt(position)
            entry = self._tracker.find(receipt, attempt, is_recent=self._attempt is not None)
            if entry is not None:
                self._complete(receipt)
        return entry

    def _own_attempt(self, position: int) -> tuple[Receipt, Attempt]:
        """Return the receipt as it is now, and the attempt that is followed. Where the receipt could not be completed,
        this run knows more than it says.

        :raises FaxError: the receipt is gone.
        """
        receipt, followed = self._receipts.load(), self._followed
        attempt = receipt.attempts[position] if position < len(receipt.attempts) else None
        if attempt is None or followed is None or attempt.began != followed.began:
            raise FileError(f"The receipt {self._receipts.path!r} was removed meanwhile", code="receipt_removed")
        if self._attempt is not None and self._attempt.state == SENT and attempt.is_uncertain:
            attempt.state, attempt.ended = SENT, self._attempt.ended
        return receipt, attempt

    def _write_outcome(self, position: int | None) -> None:
        entry = self._report.entry
        if position is None or entry is None:
            return
        try:
            with self._receipts.locked(self._patience):
                receipt, attempt = self._own_attempt(position)
                if (attempt.outcome, attempt.fax_id) != (entry.progress, entry.id):
                    attempt.outcome, attempt.reason, attempt.fax_id = entry.progress, entry.reason, entry.id
                    self._receipts.save(receipt)
        except FaxError as error:
            self._report.warn(f"The receipt could not be completed: {error.message}")

    def _failed(self, reason: str | None) -> None:
        self._report.status = FAILED
        self._report.error = FaxFailedError(
            f"The fax to {self._wish.destination.text} failed: {reason or 'the platform gives no reason'}",
            hint="It is not sent again by itself; set force to send it once more.",
        )
