# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Authentication: one log-in for a whole run, and never a second try after a refusal."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass

from .._errors import (
    AccessError,
    FaxError,
    InputError,
    ProtocolError,
    ServerError,
)
from .._masking import Masker, outside_text
from .._wording import quoted
from .transport import Response, Transport

AUTO = "auto"
JWT = "jwt"
BASIC = "basic"
CLIENT_CERT = "client_cert"
METHODS = (AUTO, JWT, BASIC, CLIENT_CERT)

_LOGIN_PATH = "/login_jwt"


@dataclass(frozen=True)
class Credentials:
    """The credentials from the user.

    :param method: one of ``METHODS``.
    :param username: administrator's name, or ``user@domain`` for a subscriber on the self-care address.
    :param otp: one-time password; leading zeros are ignored, because the server compares numbers.
    :param token: an existing JWT.
    :param certificate: whether the connection presents a client certificate.
    """

    method: str = AUTO
    username: str | None = None
    password: str | None = None
    token: str | None = None
    otp: str | None = None
    certificate: bool = False

    @property
    def secrets(self) -> tuple[str, ...]:
        """All secrets among the credentials, which must not appear in any output."""
        sent = _without_leading_zeros(self.otp) if self.otp else None
        pair = _basic(self.username, self.password).rstrip("=") if self.password else None
        return tuple(value for value in (self.password, self.token, self.otp, sent, pair) if value)

    @property
    def by_name(self) -> bool:
        """Whether there is a name and password to log in with."""
        return bool(self.username and self.password)


class Authenticator:
    """Gives each request its credentials. Safe to use from several threads.

    ``auto`` uses a client certificate if there is one, otherwise a token, otherwise one JWT log-in, or Basic if the
    server does not issue JWTs. One log-in is enough for the whole run; with Basic authentication the server spends
    0.4 s of CPU on every request.

    :raises InputError: the credentials are not sufficient for the method.
    """

    def __init__(self, credentials: Credentials, transport: Transport) -> None:
        self._credentials = credentials
        self._transport = transport
        self._lock = threading.Lock()
        self._scheme = _choose(credentials)
        self._token = _given_token(credentials) if self._scheme == JWT else None
        self._refusal: FaxError | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must not appear in any output."""
        return self._credentials.secrets + ((self._token,) if self._token else ())

    def forget_failures(self) -> None:
        """Allow another try of a log-in that failed for a reason other than a refusal, such as an outage."""
        if not isinstance(self._refusal, AccessError):
            self._refusal = None

    @property
    def token_is_given(self) -> bool:
        """Whether the current token is the one from the user, which may have expired long ago."""
        return self._token is not None and self._token == (self._credentials.token or "").strip()

    def headers(self) -> dict[str, str]:
        """Return the header fields that authenticate a request; logs in if necessary.

        :raises AccessError: the server refuses the log-in.
        """
        if self._scheme == JWT:
            if self._token is None:
                with self._lock:
                    if self._token is None and self._scheme == JWT:
                        self._login()
            if self._scheme == JWT:
                return {"Authorization": f"Bearer {self._token}"}
        if self._scheme == BASIC:
            return self._basic_headers()
        return {}

    def renew(self, used: dict[str, str]) -> bool:
        """Log in again after the token of a request was refused, once for all requests that used it.

        Always by name: the server counts refused renewals for all users of an address and then locks renewal for an
        hour.

        :param used: the header fields that the refused request carried.
        :return: whether a new token is there, so that the request may be sent again.
        """
        if self._scheme != JWT or not self._credentials.by_name or self._credentials.otp:
            # A one-time password serves once: it would count as a failed log-in.
            return False
        with self._lock:
            if used.get("Authorization") == f"Bearer {self._token}":
                self._login()
            return True

    def _basic_headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Basic {_basic(self._credentials.username, self._credentials.password)}"}
        if self._credentials.otp:
            headers["X-OTP"] = _without_leading_zeros(self._credentials.otp)
        return headers

    def _login(self) -> None:
        """Log in, or repeat the error of an earlier failure. Each refusal counts towards locking the user, and an
        outage would delay every other request for just as long.

        A lost response says nothing about the credentials; the log-in is then sent again.
        """
        if self._refusal is not None:
            raise self._refusal
        try:
            self._log_in_once()
        except FaxError as error:
            error.halts = True
            self._refusal = error
            raise

    def _log_in_once(self) -> None:
        response = self._transport.send(
            "POST",
            _LOGIN_PATH,
            headers={"Content-Type": "application/json"},
            body=self._login_body(),
            retryable=True,
            final=_has_no_jwt,
        )
        if response.status == 200:
            self._token = _token_of(response)
        elif self._credentials.method == AUTO and _has_no_jwt(response):
            self._scheme = BASIC
        else:
            raise self._login_error(response)

    def _login_body(self) -> bytes:
        document = {"username": self._credentials.username, "password": self._credentials.password}
        if self._credentials.otp:
            document["otp"] = _without_leading_zeros(self._credentials.otp)
        return json.dumps(document).encode("ascii")

    def _login_error(self, response: Response) -> FaxError:
        raw = response.message()
        message = raw if raw in ACCESS_MESSAGES else outside_text(raw, Masker(self.secrets))
        if response.status in (401, 403):
            if raw == "User not found":
                return AccessError(
                    f"The server refuses the log-in of {quoted(self._credentials.username)}: wrong name or password",
                    http_status=response.status,
                    hint="Check api_username and api_password. Several failed log-ins lock the user for minutes.",
                    from_api=response.from_api,
                )
            return access_error(response, message)
        return ServerError(
            f"The log-in failed on the server: {response.status} {message}".rstrip(),
            code="login_failed",
            http_status=response.status,
            hint=FAILURE_HINTS.get(response.status),
            retry_after=response.retry_after,
        )


# What helps after failures that lie in front of the platform, or in how much is asked of it, by their status.
_DOWN = "The platform, or a proxy in front of it, is down or overloaded. Run the task again later."
FAILURE_HINTS = {429: "Lower concurrency.", 502: _DOWN, 503: _DOWN, 504: _DOWN}


def access_error(response: Response, message: str) -> AccessError:
    """Return the error for a 401 or 403.

    :param message: the server's message without secrets.
    """
    code, text, hint = _ACCESS.get(message, ("forbidden", "The server refuses access", None))
    if response.status == 401:
        code, text = "unauthorized", "The server does not accept the credentials"
        hint = "Check api_username and api_password. Nothing was retried, because failed log-ins lock the user."
        message = ""
    return AccessError(
        f"{text}: {response.status} {message}".rstrip().rstrip(":"),
        code=code,
        http_status=response.status,
        hint=hint,
        from_api=response.from_api,
    )


_ACCESS = {
    "Banned": (
        "banned",
        "The user is locked after failed log-ins",
        "Wait at least 5 minutes, or lift the ban as a superuser. Nothing is retried until then.",
    ),
    "Invalid OTP": ("invalid_otp", "The one-time password is wrong", "Set api_otp to the current code."),
    "Password expired": (
        "password_expired",
        "The user's password has expired",
        "Set a new password in the platform's web interface.",
    ),
    "Invalid license": (
        "invalid_license",
        "The platform's licence does not include this",
        "A licence for fax is needed.",
    ),
    "Invalid user": (
        "forbidden",
        "The user's role does not allow this, or the token is not valid",
        "Use an administrator, reseller or subscriber that can see the subscribers, or log in with a user name.",
    ),
    "Forbidden": ("read_only", "The user has read-only access", "Use an administrator that is not read-only."),
    "Invalid HTTP method for read-only user": (
        "read_only",
        "The user has read-only access",
        "Use an administrator that is not read-only.",
    ),
    "Forbidden!": ("forbidden", "The server forbids this", None),
}

# What the platform says in the same words to everybody, so that it repeats nothing.
ACCESS_MESSAGES = frozenset(_ACCESS)


def _choose(credentials: Credentials) -> str:
    """Return the scheme to begin with.

    :raises InputError: what the scheme needs is missing.
    """
    method = credentials.method
    if method == CLIENT_CERT or (method == AUTO and credentials.certificate):
        if not credentials.certificate:
            raise InputError("is needed for auth_method client_cert", field="client_cert")
        return CLIENT_CERT
    if method in (AUTO, JWT) and credentials.token:
        return JWT
    for name, value in (("api_username", credentials.username), ("api_password", credentials.password)):
        if not value:
            raise InputError(
                "is needed to log in" + (" (or api_token, or client_cert)" if method == AUTO else ""),
                field=name,
                hint=f"Set it in the task, in module_defaults, or in the environment variable NGCP_{name.upper()}.",
            )
    return BASIC if method == BASIC else JWT


def _given_token(credentials: Credentials) -> str | None:
    """Return the user's token, without the line break that a file or command may have added.

    :raises InputError: an HTTP header cannot hold it, so it is not a token.
    """
    token = (credentials.token or "").strip()
    if token and not _can_be_token(token):
        raise InputError("has characters that a token cannot have", field="api_token")
    return token or None


def _can_be_token(text: str) -> bool:
    """Return whether an HTTP header can hold a text as a token."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def _has_no_jwt(response: Response) -> bool:
    """Return whether the server does not support JWT log-ins, by responses other than failed log-ins.

    Before mr8.4 there was no JWT for administrators (404), a server without a key reports that (500), and non-ASCII
    passwords are not possible (422).
    """
    return response.status in (404, 405, 422) or (response.status == 500 and "JWT key" in response.message())


def _token_of(response: Response) -> str:
    document = response.document()
    token = document.get("jwt") if isinstance(document, dict) else None
    if not isinstance(token, str) or not _can_be_token(token):
        raise ProtocolError("The server's response to the log-in does not contain a token", http_status=response.status)
    return token


def _basic(username: str | None, password: str | None) -> str:
    """Return name and password as Basic authentication sends them."""
    return base64.b64encode(f"{username}:{password}".encode("utf-8", "surrogatepass")).decode("ascii")


def _without_leading_zeros(otp: str) -> str:
    return otp.strip().lstrip("0") or "0"
