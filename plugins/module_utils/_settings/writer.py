# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How planned changes get to the server: sent, verified by what the server stored, tried again only after a look."""

from __future__ import annotations

import random
import threading
from typing import Any, Callable

from .._api.client import Client
from .._api.transport import backoff
from .._concurrency import Outage, Pace, run_parallel
from .._errors import (
    FaxError,
    LostResponseError,
    ServerError,
    UnreachableError,
    UnverifiedError,
    as_fax_error,
)
from .._interruption import Interruption
from .outcomes import (
    CHANGED,
    FAILED,
    UNVERIFIED,
    Outcome,
    identified,
    planned,
    stopped_by,
)
from .plan import Plan, deviations
from .requests import get_settings, patch_settings
from .resources import Resource
from .values import canonical_settings


def _always(_outcome: Outcome) -> bool:
    return True


def _ignore(_outcome: Outcome) -> None:
    return None


class Writer:
    """Sends the patches: one for each subscriber that is due, several at once, each verified by its response.

    Only the API's own answer settles what became of a patch, or a read that shows the new settings. A read that still
    shows the old ones settles it only after an error of the API itself: what a gateway gave up may yet be applied.

    :param stops: whether the first failure ends it.
    :param is_current: asked before each patch, whether that is still to be sent; it may have changed the outcome.
    :param done: gets each outcome that is settled. What it raises ends the run: for example, that a record cannot be
        kept.
    :param interruption: tells whether somebody wants the run to end; given where more is to be done afterwards.
    """

    def __init__(
        self,
        client: Client,
        stops: bool,
        is_current: Callable[[Outcome], bool] = _always,
        done: Callable[[Outcome], None] = _ignore,
        interruption: Interruption | None = None,
    ) -> None:
        self._client = client
        self._stops = stops
        self._is_current = is_current
        self._done = done
        self._interruption = interruption or Interruption()
        self._pace = Pace(client.concurrency)
        self._outage = Outage()
        self._stop = threading.Event()
        self._reason: FaxError | None = None
        self._has_written = False

    def write(self, due: list[Outcome]) -> FaxError | None:
        """Write what is due and return why the run had to stop early, if it had to: one subscriber alone and then the
        others at once, so that a user who may only read is refused before anything is written. It can be called again
        for more."""
        ordered = _mixed(due) if self._client.concurrency > 1 else due
        alone = 0 if self._has_written else 1
        with self._interruption:
            for outcome in ordered[:alone]:
                self._write_unless_stopped(outcome)
            run_parallel(self._write_unless_stopped, ordered[alone:], self._client.concurrency)
        return self._reason

    def _write_unless_stopped(self, outcome: Outcome) -> None:
        if self._stop.is_set():
            return
        with self._pace:
            if self._is_stopped():
                return
            self._write(outcome)
        if outcome.status in (FAILED, UNVERIFIED) and self._stops:
            self._halt(stopped_by(outcome))
        try:
            self._done(outcome)
        except FaxError as error:
            self._halt(error)

    def _is_stopped(self) -> bool:
        cause = self._interruption.cause
        if cause is not None:
            self._halt(cause)
        return self._stop.is_set()

    def _write(self, outcome: Outcome) -> None:
        """Write one patch and note what became of it, whatever happens: the others must not be lost."""
        try:
            if self._is_current(outcome):
                self._apply(outcome)
                self._has_written = True
            self._outage.note(None)
        except UnverifiedError as error:
            outcome.fail(error, UNVERIFIED)
            self._note(error.__cause__ if isinstance(error.__cause__, FaxError) else error)
        except FaxError as error:
            outcome.fail(error)
            self._note(error)
        except Exception as error:  # pylint: disable=broad-except
            outcome.fail(as_fax_error(error), UNVERIFIED)

    def _note(self, error: FaxError) -> None:
        """Stop when the server is down as a whole, or refuses the user."""
        self._outage.note(error)
        if self._outage.cause is not None:
            self._halt(self._outage.cause)

    def _halt(self, reason: FaxError) -> None:
        if not self._stop.is_set():
            self._reason = reason
            self._stop.set()

    def _apply(self, outcome: Outcome) -> None:
        """Send the patch; after a response that leaves open what happened, read before deciding to send it again.

        :raises FaxError: it was not applied.
        :raises UnverifiedError: it may have been applied.
        """
        doubt: FaxError | None = None
        tries = 1 if self._outage.suspected else self._client.retries + 1
        for attempt in range(tries):
            try:
                response = self._send(outcome)
            except FaxError as error:
                if _is_settled(error):
                    if doubt is None:
                        raise
                    raise _still_open(doubt, error.message) from error
                doubt = doubt if _is_rolled_back(error) else error
                if self._is_applied(outcome, error):
                    return
                is_last = attempt + 1 == tries or self._is_stopped()
                if is_last or not isinstance(error, (ServerError, LostResponseError)):
                    if doubt is None:
                        raise
                    raise _still_open(doubt, "" if doubt.halts else _OLD_SETTINGS) from error
                self._client.counters.count_retry()
                self._interruption.pause(error.retry_after or backoff(attempt))
            else:
                self._pace.succeeded()
                self._verify(outcome, response if response is not None else self._read_back(outcome, None))
                return

    def _send(self, outcome: Outcome) -> dict[str, Any] | None:
        """Send the patch and return what the server says it stored, or None where it accepted without saying."""
        plan = planned(outcome)
        secrets = _secrets_of(plan, outcome.resource)
        return patch_settings(self._client, outcome.resource, identified(outcome).id, plan.patch, secrets)

    def _is_applied(self, outcome: Outcome, error: FaxError) -> bool:
        """After a write of unknown outcome: read, and return whether the server has what was planned (which is noted)
        or still the old settings.

        :raises UnverifiedError: it cannot be read, or the server has neither the old nor the new settings.
        """
        if isinstance(error, (ServerError, LostResponseError)):
            self._pace.choked()
        if error.halts:  # nothing more can be asked
            return False
        plan = planned(outcome)
        stored = canonical_settings(outcome.resource, self._read_back(outcome, error))
        if not deviations(outcome.resource, plan, stored):
            outcome.status, outcome.stored = CHANGED, stored
            return True
        if _differs(outcome.resource, plan, stored):
            outcome.stored = stored
            raise UnverifiedError(
                f"{error.message}; afterwards the settings are neither the old nor the declared ones",
                http_status=error.http_status,
                hint="Somebody else writes to the same subscriber. Run the task again.",
            )
        return False

    def _read_back(self, outcome: Outcome, error: FaxError | None) -> dict[str, Any]:
        tries = 1 if self._outage.suspected else None
        try:
            secrets = _secrets_of(planned(outcome), outcome.resource)
            return get_settings(self._client, outcome.resource, identified(outcome).id, tries=tries, secrets=secrets)
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
        stored = canonical_settings(outcome.resource, document)
        outcome.stored = stored
        wrong = deviations(outcome.resource, planned(outcome), stored)
        if wrong:
            raise UnverifiedError(
                f"The server accepted the write, but stored something else in: {', '.join(wrong)}",
                code="stored_differently",
                retryable=False,
                hint="Somebody else may have written at the same time, or the platform does not support the value.",
            )
        outcome.status = CHANGED


def _mixed(due: list[Outcome]) -> list[Outcome]:
    """Return the outcomes in an order that avoids deadlocks: neighbouring rows that are written by rising ids collide
    on the server, rows in mixed order seldom do."""
    mixed = list(due)
    random.Random(len(due)).shuffle(mixed)
    return mixed


def _is_settled(error: FaxError) -> bool:
    """Return whether an error of a write says that it was not applied: the API itself refused it, or it never left."""
    if isinstance(error, UnreachableError):
        return True
    return error.from_api and not isinstance(error, ServerError)


def _is_rolled_back(error: FaxError) -> bool:
    """Return whether an error is the API's own 500: the server has undone the write, unless a read shows it."""
    return error.from_api and error.http_status == 500


_OLD_SETTINGS = "afterwards the old settings were still there"


def _still_open(doubt: FaxError, then: str) -> UnverifiedError:
    """Return the error for a write on which the server may act later, because an earlier answer left that open.

    :param doubt: what left it open.
    :param then: what came after it.
    """
    return UnverifiedError(
        f"{doubt.message}; {then}" if then else doubt.message,
        http_status=doubt.http_status,
        hint="The write may have been applied, or be applied later. Run the task again: it compares first.",
    )


def _differs(resource: Resource, plan: Plan, stored: dict[str, Any]) -> bool:
    """Return whether a field that the plan changes is no longer as it was before."""
    unchanged = Plan(plan.before, plan.changes, plan.patch, plan.before)
    return bool(deviations(resource, unchanged, stored))


def _secrets_of(plan: Plan, resource: Resource) -> list[Any]:
    """Return the secrets of both sides of a plan: the server echoes what it refuses."""
    return [side.get(name) for side in (plan.before, plan.after) for name in resource.secrets]
