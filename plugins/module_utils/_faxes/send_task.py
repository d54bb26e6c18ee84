# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fax_send``: one fax, handed over once, and what became of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from .._api.client import Client
from .._api.transport import Address
from .._errors import FaxError, RefusedError, as_fax_error
from .._files import FileError
from .._settings.requests import get_settings
from .._settings.resources import FAX_SETTINGS
from .._subscribers.keys import parse_keys
from .._subscribers.lookup import resolve_one
from .._subscribers.subscriber import Subscriber
from .._task import Host, Task
from .journal import QUEUED, Fax, Journal
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
from .send_decision import earlier_fax, status_before
from .send_follow import Follower
from .send_report import SendReport, UncertainError
from .send_responses import SERVICE_OFF, explained, is_not_sent
from .send_run import SendRun
from .tracking import Tracker
from .upload import FaxBody
from .wishes import Wish, wish_of

COMMUNITY_EDITION = "spce"

# Seconds before each look into the journal after a lost response.
_SETTLING = (0.0, 1.0, 2.0)
# Seconds to wait for another run of the same family, on top of what its requests may take.
_PATIENCE = 60


def send_task() -> Task:
    """Return the task that sends a fax."""
    return Task(send_options(), send_fax, hidden=("text",))


def send_fax(params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result, which has the same shape whatever goes wrong.

    :param params: options as :func:`options.send_options` describes them.
    :param host: in its check mode everything is checked and the journal asked, but nothing is sent, and no receipt
        written.
    """
    report = SendReport.of(params)
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
    return SendReport.of({name: value if isinstance(value, str) else None for name, value in given.items()}).result()


def _send_with(report: SendReport, params: Mapping[str, Any], host: Host) -> None:
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
        identity = wish.identity(Address.parse(params["api_url"]).url.lower(), subscriber.id)
        receipts = Receipts(_folder(params["receipts"]), identity, read_only=host.check_mode)
        report.receipt = receipts.path
        _send_once(_run_of(client, params, wish, receipts, subscriber, report), host.check_mode)


def _folder(path: str | None) -> str:
    home = os.environ.get("ANSIBLE_HOME") or os.path.join("~", ".ansible")
    return os.path.expanduser(path or os.path.join(home, "ngcp_fax", "receipts"))


def _run_of(
    client: Client,
    params: Mapping[str, Any],
    wish: Wish,
    receipts: Receipts,
    subscriber: Subscriber,
    report: SendReport,
) -> SendRun:
    journal = Journal(client)
    tracker = Tracker(journal, receipts, subscriber.id, wish.destination)
    patience = params["timeout"] * (params["retries"] + 2) + _PATIENCE
    return SendRun(client, params, wish, receipts, subscriber, journal, tracker, report, patience)


def _send_once(run: SendRun, check: bool) -> None:
    """Send the fax unless that was done, and wait for its end where that is wanted.

    :raises FaxError: it cannot be done; the report says what is known of the fax.
    """
    sent = _Sent()
    with contextlib.ExitStack() as stack:
        _lock(run, stack)
        receipt = _load(run)
        earlier = earlier_fax(run, receipt)
        if earlier is not None:
            run.report.take(earlier)
        else:
            _warn_about_edition(run)
            sent = _predict(run) if check else _send(run, receipt)
    if check or run.report.error is not None:
        return
    if run.params["wait"]:
        Follower(run, receipt, sent.attempt).wait()
    if sent.lost is not None and run.report.status == UNKNOWN:
        run.report.error = UncertainError(
            f"It is not known whether the fax to {run.destination} was sent: {sent.lost.message}", sent.lost.http_status
        )


# Before the request


def _lock(run: SendRun, stack: contextlib.ExitStack) -> None:
    """Keep other runs away from the receipts. A run that holds them may be sending this fax at this moment."""
    try:
        stack.enter_context(run.receipts.locked(run.patience))
    except FileError as error:
        if error.code == "locked":
            run.report.status = UNKNOWN
        raise


def _load(run: SendRun) -> Receipt:
    """Return the receipt. While it cannot be read, nobody knows whether the fax was sent."""
    run.report.status = UNKNOWN
    receipt = run.receipts.load()
    run.report.status = status_before(run, receipt)
    return receipt


def _warn_about_edition(run: SendRun) -> None:
    """Warn about a platform that responds to a fax with 201 and discards it."""
    with contextlib.suppress(FaxError):
        if run.client.platform_info().get("type") == COMMUNITY_EDITION:
            run.report.warn(
                "The platform is a Community Edition (spce), which has no fax server. It accepts faxes but never "
                "sends them."
            )


# The request


class _Sent(NamedTuple):
    """The request of this run.

    :param attempt: as the receipt has it; None where there was no request.
    :param lost: why its outcome is not known.
    """

    attempt: Attempt | None = None
    lost: FaxError | None = None


def _predict(run: SendRun) -> _Sent:
    """Check for check mode what the server checks when it gets a fax.

    :raises FaxError: the server would refuse the fax.
    """
    settings = get_settings(run.client, FAX_SETTINGS, run.subscriber.id)
    if not settings.get("active"):
        code, hint = SERVICE_OFF
        raise RefusedError(f"The fax service of subscriber {run.subscriber} is off", code=code, hint=hint)
    run.report.status, run.report.changed = QUEUED, True
    return _Sent()


def _send(run: SendRun, receipt: Receipt) -> _Sent:
    """Send the fax: the receipt is on disk before anything leaves.

    :raises FaxError: the receipt cannot be written, or the journal cannot be read; nothing was sent.
    """
    with run.wish.body(run.subscriber.id) as body:
        attempt = Attempt(PREPARED, run.journal.newest_id(run.subscriber.id), now())
        receipt.attempts.append(attempt)
        run.receipts.save(receipt)
        attempt.state, lost = _post(run, body)
    attempt.ended = now()
    run.complete(receipt)
    if attempt.state == SENT:
        _look_up(run.report, lambda: run.tracker.find(receipt, attempt))
    elif attempt.state == UNKNOWN:
        _look_up(run.report, lambda: run.tracker.find_soon(receipt, attempt, _SETTLING))
    if attempt.fax_id is not None:
        run.complete(receipt)
    return _Sent(attempt, lost)


def _post(run: SendRun, body: FaxBody) -> tuple[str, FaxError | None]:
    """Send the request; return the state of its attempt, and why that is unknown. Until the response is there, the fax
    may have been sent and may not."""
    report = run.report
    before, report.status, report.changed = report.status, UNKNOWN, True
    try:
        run.client.post_fax(body)
    except Exception as raised:  # pylint: disable=broad-except  # whatever it is, the fax may be on its way
        error = explained(as_fax_error(raised), run.wish.readable_content())
        if not is_not_sent(error):
            return UNKNOWN, error
        report.status, report.changed, report.error = before, False, error
        return REFUSED, None
    report.status = QUEUED
    return SENT, None


def _look_up(report: SendReport, look: Callable[[], Fax | None]) -> None:
    """Look for the entry of a fax after the request. The journal's response does not change what is already known."""
    try:
        report.note(look())
    except Exception as error:  # pylint: disable=broad-except  # the fax is on its way, and has to be reported
        report.warn(f"The journal could not be read: {as_fax_error(error).message}")
