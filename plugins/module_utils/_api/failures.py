# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Errors for requests that fail on their way: whether the request was sent, why it failed, and what helps. Loaded when
needed."""

from __future__ import annotations

import contextlib
import re
import ssl
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

with contextlib.suppress(ImportError):  # tasks say so, see missing_libraries
    import requests
    import urllib3

from .._errors import (
    TIMEOUT,
    FaxError,
    LostResponseError,
    ProtocolError,
    UnreachableError,
)
from .._masking import Masker, outside_text
from .._wording import quoted
from .deadline import Exchange

_LONGEST_REASON = 300


def transport_error(error: Exception, exchange: Exchange, url: str) -> FaxError:
    """Distinguish a request that was never sent from one whose response was lost."""
    if exchange.sending:
        silent = exchange.expired or isinstance(error, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError))
        return timed_out(url) if silent or _is_read_timeout(error) else _broken(error, url)
    if exchange.expired:
        return UnreachableError(f"No connection to {url} in time", hint=_HINT_CONNECTION)
    return _no_connection(error, url)


def _is_read_timeout(error: Exception) -> bool:
    return isinstance(_root(error), (urllib3.exceptions.ReadTimeoutError, TimeoutError))


def timed_out(url: str) -> LostResponseError:
    return LostResponseError(f"No response from {url} in time", code=TIMEOUT, hint="Raise timeout.")


def _broken(error: Exception, url: str) -> LostResponseError:
    return LostResponseError(f"The connection to {url} broke before the response was complete: {_root_reason(error)}")


_HINT_CONNECTION = "Check api_url, the network and the proxy settings."


def _no_connection(error: Exception, url: str) -> UnreachableError:
    root, reason = _root(error), _root_reason(error)
    if "Missing dependencies for SOCKS" in str(error):  # the names of classes and hosts may hold that word as well
        return UnreachableError(
            f"No connection to {url}: a SOCKS proxy requires the library PySocks",
            code="proxy_failed",
            retryable=False,
            hint="Install PySocks on the host that runs the task, or set NO_PROXY for the platform.",
        )
    if "Tunnel connection failed: 407" in reason:
        return UnreachableError(
            f"No connection to {url}: the proxy requires a user name and password",
            code="proxy_failed",
            retryable=False,
            hint="Put them in the proxy's URL in HTTPS_PROXY, or set NO_PROXY for the platform.",
        )
    if isinstance(root, ssl.SSLError) and not isinstance(root, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return _tls_failed(reason, url, _CERTIFICATE_HINTS.get(getattr(root, "verify_code", 0)))
    if isinstance(root, urllib3.exceptions.SSLError) or type(root).__name__ == "CertificateError":
        return _tls_failed(reason, url, _HINT_NAME if "match" in reason else None)
    return UnreachableError(f"No connection to {url}: {reason}", hint=_HINT_CONNECTION)


def _tls_failed(reason: str, url: str, hint: str | None) -> UnreachableError:
    return UnreachableError(
        f"TLS to {url} failed: {reason}",
        code="tls_failed",
        retryable=False,
        hint=hint or "Set ca_path to the platform's certificate authority, or check client_cert.",
    )


# How urllib3 begins: with the connection, as its class shows it.
_OBJECT = re.compile(r"^(?:<[^\n]*>|_?HTTPS?Connection(?:Pool)?\([^()\n]*\)): ")

_HINT_NAME = "The certificate is for another host name. Use the name from the certificate in api_url."

# By OpenSSL's numbers of what is wrong with a certificate.
_CERTIFICATE_HINTS = {
    9: "The certificate is not valid yet. Check the clocks of both hosts.",
    10: "The certificate has expired. The platform needs a new one.",
    62: _HINT_NAME,
    64: _HINT_NAME,
}


def _root(error: BaseException) -> Any:
    """Return the innermost reason of an error."""
    cause: Any = error
    while True:
        inner = getattr(cause, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in cause.args if isinstance(part, BaseException)), None)
        if inner is None:
            return cause
        cause = inner


def _root_reason(error: BaseException) -> str:
    """Return the text of the innermost reason for use in a message, without the objects that the libraries put in front
    of it. A reason about the form of a response is quoted, because it repeats the response."""
    cause = _root(error)
    text = _OBJECT.sub("", str(cause))
    if not text:
        return type(cause).__name__
    if isinstance(cause, HTTPException):
        return f"{type(cause).__name__} {quoted(text)}"
    return outside_text(text, Masker(()), _LONGEST_REASON)


def redirect_refused(status: int, location: str) -> ProtocolError:
    """Return the error for a redirect.

    :param location: the header ``Location``.
    """
    return ProtocolError(
        f"The server responded with {status}, a redirect to {_redirect_host(location)}, which is not followed",
        code="redirect_refused",
        http_status=status,
        hint="Set api_url to an address that does not redirect.",
    )


def _redirect_host(location: str) -> str:
    try:
        host = urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        host = "?"
    if not host:
        return "the same host"
    return host if len(host) <= 100 and host.isascii() and host.isprintable() else "another host"
