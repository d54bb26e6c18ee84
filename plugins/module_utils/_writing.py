# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How planned changes get to the server: sent, verified by what the server stored, tried again only after a look."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    LostAnswerError,
    ProtocolError,
    ServerError,
    UnreachableError,
    UnverifiedError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._outcomes import (
    CHANGED,
    FAILED,
    UNVERIFIED,
    Outcome,
    identified,
    planned,
    stopped_by,
)
from ansible_collections.ngcp.fax.plugins.module_utils._parallel import Pace, run_parallel
from ansible_collections.ngcp.fax.plugins.module_utils._plan import Plan, deviations
from ansible_collections.ngcp.fax.plugins.module_utils._resources import Resource
from ansible_collections.ngcp.fax.plugins.module_utils._transport import backoff
from ansible_collections.ngcp.fax.plugins.module_utils._values import canonical_settings

# Answers of a server or proxy that is down as a whole, and after how many of them in a row a run ends.
_OUTAGE = frozenset((502, 503, 504))
_OUTAGES_TO_HALT = 5


class Writer:
    """Sends the patches: one for each subscriber that is due, several at once, each verified by its answer.

    :param stops: whether the first failure ends it.
    """

    def __init__(self, client: Client, resource: Resource, stops: bool) -> None:
        self._client = client
        self._resource = resource
        self._stops = stops
        self._pace = Pace(client.concurrency)
        self._stop = threading.Event()
        self._reason: FaxError | None = None
        self._outages = 0

    def write(self, due: list[Outcome]) -> FaxError | None:
        """Write what is due and return why the run had to stop early, if it had to: one subscriber alone and then the
        others at once, so that a user who may only read is refused before anything is written."""
        ordered = self._in_writing_order(due)
        for outcome in ordered[:1]:
            self._write_unless_stopped(outcome)
        run_parallel(self._write_unless_stopped, ordered[1:], self._client.concurrency)
        return self._reason

    def _in_writing_order(self, due: list[Outcome]) -> list[Outcome]:
        """Return the outcomes in an order that avoids deadlocks: neighbouring rows that are written by rising ids
        collide on the server, rows in mixed order seldom do."""
        if not self._resource.writes_deadlock:
            return due
        mixed = list(due)
        random.Random(len(due)).shuffle(mixed)
        return mixed

    def _write_unless_stopped(self, outcome: Outcome) -> None:
        if self._stop.is_set():
            return
        with self._pace:
            if not self._stop.is_set():
                self._write(outcome)
        if outcome.status in (FAILED, UNVERIFIED) and self._stops:
            self._halt(stopped_by(outcome))

    def _write(self, outcome: Outcome) -> None:
        try:
            self._apply(outcome)
            self._outages = 0
        except (AccessError, UnreachableError) as error:
            outcome.fail(error)
            self._halt(error)
        except UnverifiedError as error:
            outcome.fail(error, UNVERIFIED)
            if isinstance(error.__cause__, (AccessError, UnreachableError, LostAnswerError)):
                self._halt(error.__cause__)
            else:
                self._note_outage(error.__cause__)
        except FaxError as error:
            outcome.fail(error)
            self._note_outage(error)

    def _note_outage(self, error: BaseException | None) -> None:
        """Halt when several subscribers in a row met an outage: the server is down, not one subscriber broken."""
        if not isinstance(error, FaxError) or error.http_status not in _OUTAGE:
            return
        self._outages += 1
        if self._outages >= _OUTAGES_TO_HALT:
            self._halt(error)

    def _halt(self, reason: FaxError) -> None:
        if not self._stop.is_set():
            self._reason = reason
            self._stop.set()

    def _apply(self, outcome: Outcome) -> None:
        """Send the patch; after an answer that leaves open what happened, read before deciding to send it again.

        :raises FaxError: it was not applied.
        :raises UnverifiedError: it may have been applied.
        """
        lost: LostAnswerError | None = None
        for attempt in range(self._client.retries + 1):
            try:
                answer = self._send(outcome)
            except (ServerError, LostAnswerError) as error:
                lost = error if isinstance(error, LostAnswerError) else lost
                self._pace.choked()
                self._settle(outcome, error)
                if outcome.status == CHANGED:
                    return
                if attempt == self._client.retries:
                    raise _given_up(error, lost) from None
                self._client.counters.count_retry()
                time.sleep(backoff(attempt))
            except FaxError as error:
                if lost is None:
                    raise
                raise _still_open(lost, error.message) from error
            else:
                self._pace.succeeded()
                self._verify(outcome, answer if answer is not None else self._read_back(outcome, None))
                return

    def _send(self, outcome: Outcome) -> dict[str, Any] | None:
        """Send the patch and return what the server says it stored, or None where it accepted without saying."""
        plan = planned(outcome)
        secrets = _secrets_of(plan, self._resource)
        try:
            return self._client.patch_settings(self._resource, identified(outcome).id, plan.patch, secrets)
        except ProtocolError as error:
            if error.http_status != 200:
                raise
            return None

    def _settle(self, outcome: Outcome, error: FaxError) -> None:
        """After a write of unknown outcome: read, and note the write as done when the server has what was planned.

        :raises UnverifiedError: it cannot be read, or the server has neither the old nor the new settings.
        """
        plan = planned(outcome)
        stored = canonical_settings(self._resource, self._read_back(outcome, error))
        if not deviations(self._resource, plan, stored):
            outcome.status, outcome.stored = CHANGED, stored
        elif _differs(self._resource, plan, stored):
            outcome.stored = stored
            raise UnverifiedError(
                f"{error.message}; afterwards the settings are neither the old nor the declared ones",
                http_status=error.http_status,
                hint="Somebody else writes to the same subscriber. Run the task again.",
            )

    def _read_back(self, outcome: Outcome, error: FaxError | None) -> dict[str, Any]:
        try:
            return self._client.get_settings(self._resource, identified(outcome).id)
        except FaxError as failure:
            outcome.stored = None
            first = error.message if error is not None else "The server did not send what it stored"
            raise UnverifiedError(
                f"{first}; reading the settings failed as well: {failure.message}",
                http_status=error.http_status if error is not None else failure.http_status,
                hint="The write may have been applied or not. Run the task again: it compares first.",
            ) from failure

    def _verify(self, outcome: Outcome, document: dict[str, Any]) -> None:
        """Compare what the server stored with the plan.

        :raises UnverifiedError: something else is stored.
        """
        stored = canonical_settings(self._resource, document)
        outcome.stored = stored
        wrong = deviations(self._resource, planned(outcome), stored)
        if wrong:
            raise UnverifiedError(
                f"The server accepted the write, but stored something else in: {', '.join(wrong)}",
                code="stored_differently",
                retryable=False,
                hint="Somebody else may have written at the same time, or the platform does not support the value.",
            )
        outcome.status = CHANGED


def _given_up(error: FaxError, lost: LostAnswerError | None) -> FaxError:
    """Return the error for a write that was tried often enough, and after which the old settings were still read.

    A lost answer stays open even then: the server may act on the request later.
    """
    return _still_open(lost, "afterwards the old settings were still there") if lost is not None else error


def _still_open(lost: LostAnswerError, then: str) -> UnverifiedError:
    return UnverifiedError(
        f"{lost.message}; {then}",
        hint="The write may have been applied, or be applied later. Run the task again: it compares first.",
    )


def _differs(resource: Resource, plan: Plan, stored: dict[str, Any]) -> bool:
    """Return whether a field that the plan changes is no longer as it was before."""
    unchanged = Plan(plan.before, plan.changes, plan.patch, plan.before)
    return bool(deviations(resource, unchanged, stored))


def _secrets_of(plan: Plan, resource: Resource) -> list[Any]:
    """Return the secrets of both sides of a plan: the server echoes what it refuses."""
    return [side.get(name) for side in (plan.before, plan.after) for name in resource.secrets]
