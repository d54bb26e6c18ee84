# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How a patch gets to the server: sent, verified by what the server stored, tried again only after a look."""

from __future__ import annotations

from typing import Any

from .._api.transport import backoff
from .._errors import (
    FaxError,
    LostResponseError,
    ServerError,
    UnreachableError,
    UnverifiedError,
)
from .outcomes import (
    CHANGED,
    Outcome,
    identified,
    planned,
)
from .plan import Plan, deviations
from .requests import get_settings, patch_settings
from .resources import Resource
from .values import canonical_settings
from .ways import Course


class PatchSender:
    """Sends patches, each verified by its response.

    Only the API's own response settles the outcome of a patch, or a read that shows the new settings. A read that still
    shows the old ones settles it only after an error of the API itself: what a gateway gave up may yet be applied.
    """

    def __init__(self, course: Course) -> None:
        self._course = course

    def apply(self, outcome: Outcome) -> None:
        """Send the patch; after a response that leaves open what happened, read before deciding to send it again.

        :raises FaxError: it was not applied.
        :raises UnverifiedError: it may have been applied.
        """
        doubt: FaxError | None = None
        tries = 1 if self._course.outage.suspected else self._course.client.retries + 1
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
                is_last = attempt + 1 == tries or self._course.is_stopped()
                if is_last or not isinstance(error, (ServerError, LostResponseError)):
                    if doubt is None:
                        raise
                    raise _still_open(doubt, "" if doubt.halts else _OLD_SETTINGS) from error
                self._course.client.counters.count_retry()
                self._course.interruption.pause(error.retry_after or backoff(attempt))
            else:
                self._course.pace.succeeded()
                self._verify(outcome, response if response is not None else self._read_back(outcome, None))
                return

    def _send(self, outcome: Outcome) -> dict[str, Any] | None:
        """Send the patch and return what the server says it stored, or None where it accepted without saying."""
        plan = planned(outcome)
        secrets = _secrets_of(plan, outcome.resource)
        return patch_settings(self._course.client, outcome.resource, identified(outcome).id, plan.patch, secrets)

    def _is_applied(self, outcome: Outcome, error: FaxError) -> bool:
        """After a write of unknown outcome: read, and return whether the server has what was planned (which is noted)
        or still the old settings.

        :raises UnverifiedError: it cannot be read, or the server has neither the old nor the new settings.
        """
        if isinstance(error, (ServerError, LostResponseError)):
            self._course.pace.choked()
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
                f"{error.message}; the settings are now neither the previous nor the declared ones",
                http_status=error.http_status,
                hint="Somebody else is writing to the same subscriber. Run the task again.",
            )
        return False

    def _read_back(self, outcome: Outcome, error: FaxError | None) -> dict[str, Any]:
        tries = 1 if self._course.outage.suspected else None
        try:
            secrets = _secrets_of(planned(outcome), outcome.resource)
            return get_settings(
                self._course.client, outcome.resource, identified(outcome).id, tries=tries, secrets=secrets
            )
        except FaxError as failure:
            outcome.stored = None
            first = error.message if error is not None else "The server did not return what it stored"
            raise UnverifiedError(
                f"{first}; reading the settings also failed: {failure.message}",
                http_status=error.http_status if error is not None else failure.http_status,
                hint="The write may or may not have been applied. Run the task again; it compares first.",
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


def _is_settled(error: FaxError) -> bool:
    """Return whether an error of a write says that it was not applied: the API itself refused it, or it never left."""
    if isinstance(error, UnreachableError):
        return True
    return error.from_api and not isinstance(error, ServerError)


def _is_rolled_back(error: FaxError) -> bool:
    """Return whether an error is the API's own 500: the server has undone the write, unless a read shows it."""
    return error.from_api and error.http_status == 500


_OLD_SETTINGS = "the previous settings were still there afterwards"


def _still_open(doubt: FaxError, then: str) -> UnverifiedError:
    """Return the error for a write on which the server may act later, because an earlier response left that open.

    :param doubt: what left it open.
    :param then: what came after it.
    """
    return UnverifiedError(
        f"{doubt.message}; {then}" if then else doubt.message,
        http_status=doubt.http_status,
        hint="The write may have been applied, or may still be applied later. Run the task again; it compares first.",
    )


def _differs(resource: Resource, plan: Plan, stored: dict[str, Any]) -> bool:
    """Return whether a field that the plan changes is no longer as it was before."""
    unchanged = Plan(plan.before, plan.changes, plan.patch, plan.before)
    return bool(deviations(resource, unchanged, stored))


def _secrets_of(plan: Plan, resource: Resource) -> list[Any]:
    """Return the secrets of both sides of a plan: the server echoes what it refuses."""
    return [side.get(name) for side in (plan.before, plan.after) for name in resource.secrets]
