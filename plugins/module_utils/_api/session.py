# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The requests of one user: one log-in, no more requests after a refusal, and no secrets in errors."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from typing import Any, Callable

from .._concurrency import ENOUGH_FAILURES, is_outage
from .._errors import AccessError, FaxError, LostResponseError
from .._masking import Masker
from .authentication import Authenticator, Credentials
from .transport import Counters, Response, Transport

# The 4xx that the API itself sends (contract: errors). Others come from something in front of it, which may have passed
# the request on before it gave up.
API_REFUSALS = frozenset((400, 404, 409, 415, 422))


class Session:
    """One user on one platform. Safe to use from several threads.

    :param transport: the connection.
    :param credentials: who is calling.
    :ivar is_subscriber: whether that is a subscriber by the name that it logs in with, and not an administrator.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        self._transport = transport
        self._authenticator = Authenticator(credentials, transport)
        # Administrators' names have no @ (contract: who logs in where).
        self.is_subscriber = "@" in (credentials.username or "")
        self._first = threading.Lock()
        self._accepted = False
        self._refusal: FaxError | None = None
        # How many requests met a server that does not answer, and the last such error.
        self._silences = 0
        self._silence: FaxError | None = None
        self._hidden = Masker(())

    def hide(self, secrets: Collection[Any]) -> None:
        """Keep secrets out of all errors until the next task begins, because servers repeat what they were sent.

        The credentials are hidden anyway.

        :param secrets: there may be thousands of them; None and empty ones do not count.
        """
        self._hidden = Masker(secrets)

    @property
    def counters(self) -> Counters:
        """How many requests were sent."""
        return self._transport.counters

    @property
    def concurrency(self) -> int:
        """Most requests that may be under way at once."""
        return self._transport.options.concurrency

    @property
    def retries(self) -> int:
        """How often something that is safe to repeat may be repeated."""
        return self._transport.options.retries

    @property
    def is_accepted(self) -> bool:
        """Whether the server has accepted the user at least once."""
        return self._accepted

    @property
    def is_refused(self) -> bool:
        """Whether the server has refused the user at least once. One that it never accepted is not sent to it again."""
        return self._refusal is not None

    def begin(self) -> None:
        """Begin another task: count anew, and try again what failed for another reason than a refusal."""
        self._transport.counters = Counters()
        self._hidden = Masker(())
        self._authenticator.forget_failures()
        if not isinstance(self._refusal, AccessError):
            self._refusal = None

    @property
    def address(self) -> str:
        """Where the platform is: scheme, host and port."""
        return self._transport.address.url

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Send a request, alone until the server accepted the user, and none once it refused the user: several at once
        would spend several of the failed log-ins after which the server locks a user.

        :param options: see :meth:`transport.Transport.send`; also ``secrets``, which must not appear in error messages,
            and ``is_success``, which returns whether a response is a success despite its status.
        :raises FaxError: there was no response, or its status was 400 or higher.
        """
        if self._accepted:
            return self._noting_failures(method, path, **options)
        before = self._silences
        with self._first:
            if self._refusal is not None and not self._accepted:
                raise self._refusal
            if not self._accepted:
                options = self._patience(self._silences - before, options)
            return self._noting_failures(method, path, **options)

    def _patience(self, silences: int, options: dict[str, Any]) -> dict[str, Any]:
        """Return the options of a request that has waited for others. If the server did not respond to these, it gets
        fewer tries than they did, because they are sent one after the other and would all take their time.

        :param silences: how many of the others met that.
        :raises LostResponseError: there were so many that no more requests are sent.
        """
        if silences >= ENOUGH_FAILURES and self._silence is not None:
            silence = self._silence
            raise LostResponseError(silence.message, http_status=silence.http_status, hint=silence.hint, halts=True)
        return {**options, "tries": 1} if silences else options

    def _noting_failures(self, method: str, path: str, **options: Any) -> Response:
        try:
            return self._send(method, path, **options)
        except FaxError as error:
            if error.halts:
                self._refusal = error
            if is_outage(error):
                self._silences, self._silence = self._silences + 1, error
            raise

    def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Collection[Any] = (),
        is_success: Callable[[Response], bool] | None = None,
        **options: Any,
    ) -> Response:
        credentials = self._authenticator.headers()
        response = self._transport.send(method, path, headers={**credentials, **(headers or {})}, **options)
        may_renew = self._accepted or self._authenticator.token_is_given
        if may_renew and _token_ran_out(response) and self._authenticator.renew(credentials):
            credentials = self._authenticator.headers()
            response = self._transport.send(method, path, headers={**credentials, **(headers or {})}, **options)
        self._accepted = (
            self._accepted or response.status < 300 or (response.from_api and response.status in API_REFUSALS)
        )
        if response.status >= 400 and not (is_success is not None and is_success(response)):
            raise self._error_of(response, secrets)
        return response

    def _error_of(self, response: Response, secrets: Collection[Any]) -> FaxError:
        # Imported here, because most tasks meet no such response.
        from .refusals import error_of

        return error_of(response, Masker((*secrets, *self._authenticator.secrets), self._hidden))


def _token_ran_out(response: Response) -> bool:
    """Tell whether the response is the one that an expired token gets (403, not 401)."""
    return response.status == 403 and response.from_api and response.message() == "Invalid user"
