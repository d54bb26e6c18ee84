# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How a single HTTP request travels: TLS, proxies, time-outs, and which requests may be repeated when."""

from __future__ import annotations

import json
import os
import random
import re
import ssl
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Protocol, Union
from urllib.parse import urlencode, urlsplit

from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    FaxError,
    InputError,
    LostAnswerError,
    ProtocolError,
    UnreachableError,
)

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:  # tasks say so, see missing_libraries
    HTTPAdapter = object  # type: ignore[assignment,misc]

# The retry table: answers after which a request that changes nothing is sent again. 500 is among them because the
# server answers it to a read while its cache or database restarts. Requests that write are never repeated here: the
# layer that knows what was meant reads first and then decides.
_FIELD_NAME = re.compile(rb"field='(\w+)'")
_LONGEST_TEXT = 4000
_TRANSIENT = frozenset((429, 500, 502, 503, 504))
_BACKOFF_BASE = 0.5
_BACKOFF_MOST = 8.0
_RETRY_AFTER_MOST = 60.0


@dataclass(frozen=True)
class Address:
    """Where the platform is.

    :param url: scheme, host and port, without path and trailing slash.
    """

    url: str

    @classmethod
    def parse(cls, api_url: str) -> Address:
        """Return the address of an ``api_url`` that may end in ``/api`` and slashes.

        :raises InputError: it is no such URL, or plain ``http`` to anything but loopback.
        """
        try:
            parts = urlsplit(api_url.strip())
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise InputError("is no URL", field="api_url") from None
        if parts.scheme not in ("https", "http") or not host:
            raise InputError("must have the form https://host:1443", field="api_url")
        if parts.username is not None or parts.password is not None:
            raise InputError("must not hold a user or password; use api_username and api_password", field="api_url")
        if parts.query or parts.fragment or parts.path.rstrip("/") not in ("", "/api"):
            raise InputError("must end after the host and port, or in /api", field="api_url")
        if parts.scheme == "http" and not _is_loopback(host):
            raise InputError("must begin with https: plain http is only for loopback addresses", field="api_url")
        return cls(f"{parts.scheme}://{parts.netloc}")


@dataclass(frozen=True)
class TransportOptions:
    """How to connect.

    :param validate_certs: whether the server's certificate is checked.
    :param ca_path: file or directory of certificate authorities; None for the system's.
    :param client_cert: PEM file with a client certificate.
    :param client_key: PEM file with its key; None when the certificate's file holds it.
    :param timeout: seconds for one request: to connect, and between two pieces of the answer.
    :param retries: how often a request that is safe to repeat is repeated.
    :param concurrency: most requests under way at once.
    """

    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    timeout: float = 60
    retries: int = 3
    concurrency: int = 4


class StreamedBody(Protocol):
    """A body that is read piece by piece while it is sent; it begins anew with ``seek(0)``."""

    def read(self, size: int = -1) -> bytes | None:
        """Return the next bytes, ``size`` of them at most."""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place, counted in bytes, and return it."""

    def __iter__(self) -> Iterator[bytes]:
        """Return the pieces of the body."""

    def __len__(self) -> int:
        """Return the number of bytes of the whole body."""


Body = Union[bytes, StreamedBody, None]

# Takes the header fields and the pieces of a successful answer's body.
Reader = Callable[[Mapping[str, str], Iterator[bytes]], None]

_PIECE = 64 * 1024
_HEADERS = {"Accept": "application/json", "User-Agent": "ngcp.fax"}


class Counters:
    """How many requests were sent, and how many of them were repetitions. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.requests = 0
        self.retries = 0

    def count(self, retry: bool = False) -> None:
        """Count one request."""
        with self._lock:
            self.requests += 1
            self.retries += retry

    def count_retry(self) -> None:
        """Count a repetition whose request was counted already."""
        with self._lock:
            self.retries += 1


@dataclass(frozen=True)
class Answer:
    """What the server answered, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Any:
        """Return the JSON document in the body.

        :raises ProtocolError: there is none.
        """
        try:
            return json.loads(self.body)
        except ValueError:
            raise ProtocolError(
                f"The server answered {self.status} with something that is no JSON ({self._kind()})",
                http_status=self.status,
                hint="Check that api_url leads to the platform's API and not to another server or a proxy.",
            ) from None

    def message(self) -> str:
        """Return the server's error message; it may echo input, so that it has to be masked before it is shown.

        Where the server echoes input beyond ASCII its error bodies are broken (another encoding, or cut off), so that a
        secret in them could not be found: of those only the names of the fields are returned.
        """
        try:
            document = json.loads(self.body)
        except ValueError:
            document, broken = None, "json" in self._kind()
        else:
            broken = False
        if isinstance(document, dict) and "message" in document:
            return str(document["message"])
        if self.is_page:
            return ""
        if broken:
            return " ".join(f"field='{name.decode('ascii')}'" for name in _FIELD_NAME.findall(self.body))
        return self.body[:_LONGEST_TEXT].decode("utf-8", "replace").strip()

    @property
    def is_page(self) -> bool:
        """Whether the body is a page for people."""
        return "html" in self._kind()

    def _kind(self) -> str:
        return self.headers.get("Content-Type", "no content type").lower()


class Transport:
    """One kept set of connections to one server. Safe to use from several threads.

    :raises InputError: a certificate file cannot be used.
    """

    def __init__(self, address: Address, options: TransportOptions) -> None:
        self.address = address
        self.options = options
        self.counters = Counters()
        self._adapter = _new_adapter(address, options)
        self._proxies = requests.utils.get_environ_proxies(address.url, no_proxy=None)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Body = None,
        repeatable: bool = False,
        reader: Reader | None = None,
        final: frozenset[int] = frozenset(),
    ) -> Answer:
        """Send one request and return the answer, whatever its status (redirects are errors and never followed).

        A request that never left, because there was no connection, is sent again in any case.

        :param repeatable: the request changes nothing, so that it is sent again after every transient failure: with
            full jitter, or when the server says (``Retry-After``).
        :param reader: gets the body of a successful answer as it comes, in place of :attr:`Answer.body`.
        :param final: statuses after which even a repeatable request is not sent again.
        :raises UnreachableError: no connection; nothing was sent.
        :raises LostAnswerError: sent, but no answer.
        :raises ProtocolError: the answer is a redirect.
        """
        for attempt in range(self.options.retries + 1):
            last = attempt == self.options.retries
            pause = backoff(attempt)
            try:
                answer = self._send_once(method, path, params, headers, body, reader, retry=attempt > 0)
            except (UnreachableError, LostAnswerError) as error:
                if last or not error.retryable or (isinstance(error, LostAnswerError) and not repeatable):
                    raise
            else:
                if last or not repeatable or answer.status not in _TRANSIENT - final:
                    return _without_redirect(answer)
                pause = _retry_after(answer) or pause
            time.sleep(pause)
        raise ValueError("retries must not be negative")

    def close(self) -> None:
        """Close all connections."""
        self._adapter.close()

    def _send_once(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        body: Body,
        reader: Reader | None,
        retry: bool,
    ) -> Answer:
        self.counters.count(retry)
        if body is not None and not isinstance(body, bytes):
            body.seek(0)
        try:
            response = self._adapter.send(
                _prepared(method, self._url(path, params), headers, body),
                stream=True,
                timeout=self.options.timeout,
                verify=self.options.validate_certs,
                proxies=self._proxies,
            )
            with response:
                pieces = response.iter_content(_PIECE)
                if reader is None or response.status_code >= 300:
                    return Answer(response.status_code, response.headers, b"".join(pieces))
                reader(response.headers, pieces)
            return Answer(response.status_code, response.headers, b"")
        except requests.RequestException as error:
            raise _transport_error(error, self.address) from None

    def _url(self, path: str, params: Mapping[str, Any] | None) -> str:
        query = f"?{urlencode(params)}" if params else ""
        return f"{self.address.url}{path}{query}"


def backoff(attempt: int) -> float:
    """Return how many seconds to wait before repetition number ``attempt`` (from 0): full jitter, rising limit."""
    return random.uniform(0, min(_BACKOFF_MOST, _BACKOFF_BASE * 2**attempt))


def _prepared(method: str, url: str, headers: Mapping[str, str] | None, body: Body) -> requests.PreparedRequest:
    """Return a request for the adapter.

    A session would spend a quarter of a request on what must not happen here: redirects, cookies (the platform's mean
    nothing to its API), credentials of a ``.netrc``, certificates of ``REQUESTS_CA_BUNDLE``.
    """
    request = requests.PreparedRequest()
    request.method, request.url = method, url
    request.prepare_headers({**_HEADERS, **(headers or {})})
    request.prepare_body(body, None)
    return request


def _new_adapter(address: Address, options: TransportOptions) -> HTTPAdapter:
    if address.url.startswith("https:"):
        context = _tls_context(options)
        _always_name_server(context, address)
        return _TlsAdapter(context, options.concurrency)
    return _Adapter(pool_maxsize=options.concurrency)


def _tls_context(options: TransportOptions) -> ssl.SSLContext:
    try:
        is_folder = os.path.isdir(options.ca_path or "")
        context = ssl.create_default_context(
            cafile=None if is_folder else options.ca_path, capath=options.ca_path if is_folder else None
        )
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"cannot be used: {_reason(error)}", field="ca_path") from None
    if not options.validate_certs:
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.client_cert:
        try:
            context.load_cert_chain(options.client_cert, options.client_key, password="")
        except (OSError, ssl.SSLError) as error:
            raise InputError(
                f"cannot be used (with client_key, PEM, without pass phrase): {_reason(error)}", field="client_cert"
            ) from None
    return context


def _always_name_server(context: ssl.SSLContext, address: Address) -> None:
    """Let TLS know the server's name or IP address whatever calls it, so that it can compare the certificate with it.

    urllib3 1.26 leaves an IP address out, with which a context that checks host names refuses to work. It does so for
    a context of its own too, and compares by itself afterwards, but less strictly and with other errors.
    """
    host = (urlsplit(address.url).hostname or "").partition("%")[0]  # certificates know of no IPv6 zones
    for name in ("wrap_socket", "wrap_bio"):

        def wrap(*args: Any, _wrap: Callable[..., Any] = getattr(context, name), **options: Any) -> Any:
            return _wrap(*args, **{**options, "server_hostname": options.get("server_hostname") or host})

        setattr(context, name, wrap)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


class _Adapter(HTTPAdapter):
    """Sees to it that an answer that is cut off fails: urllib3 1.26 would take it for a whole one."""

    def build_response(self, req: Any, resp: Any) -> Any:
        resp.enforce_content_length = True
        return super().build_response(req, resp)


class _TlsAdapter(_Adapter):
    """Uses one TLS context for all connections: loading the system's authorities costs more than a handshake."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_connections=2, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Say how strict to be, and keep requests from adding its own authorities to the context."""
        conn.cert_reqs = "CERT_REQUIRED" if verify else "CERT_NONE"


def _transport_error(error: requests.RequestException, address: Address) -> FaxError:
    """Tell a request that was never sent from one whose answer was lost."""
    reason = _root_reason(error)
    if isinstance(error, requests.exceptions.SSLError) and _raised_in_handshake(_root(error)):
        return UnreachableError(
            f"TLS to {address.url} failed: {reason}",
            code="tls_failed",
            retryable=False,
            hint="Set ca_path to the certificate authority of the platform, or check client_cert.",
        )
    if isinstance(error, (requests.exceptions.ProxyError, requests.exceptions.ConnectTimeout)) or _never_sent(error):
        return UnreachableError(
            f"No connection to {address.url}: {reason}", hint="Check api_url, the network and proxy settings."
        )
    if isinstance(error, requests.exceptions.Timeout):
        return LostAnswerError(f"No answer from {address.url} in time", code="timeout", hint="Raise timeout.")
    return LostAnswerError(f"The connection to {address.url} broke before the answer was there: {reason}")


def _never_sent(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _raised_in_handshake(error: BaseException) -> bool:
    """Tell a refused handshake from a connection that broke later or was broken off, when a request may have been sent.

    Both have the same kinds of exceptions, so that the place counts where it was raised.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return True
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)):
        return False
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name in ("do_handshake", "_validate_conn") for frame, _line in frames)


def _root(error: BaseException) -> Any:
    """Return the innermost reason of an error."""
    cause: Any = error
    while True:
        inner = getattr(cause, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in getattr(cause, "args", ()) if isinstance(part, BaseException)), None)
        if inner is None:
            return cause
        cause = inner


def _root_reason(error: BaseException) -> str:
    """Return the text of the innermost reason, without the object addresses that the libraries put into it."""
    cause = _root(error)
    text = str(cause)
    return text.rsplit(">: ", 1)[-1] if text else type(cause).__name__


def _without_redirect(answer: Answer) -> Answer:
    if 300 <= answer.status < 400:
        host = urlsplit(answer.headers.get("Location", "")).netloc or "the same host"
        raise ProtocolError(
            f"The server answered {answer.status}, a redirect to {host}, which is not followed",
            code="redirect_refused",
            http_status=answer.status,
            hint="Set api_url to the address that answers itself.",
        )
    return answer


def _retry_after(answer: Answer) -> float | None:
    """Return the seconds that ``Retry-After`` asks for (a number or a date), within a limit."""
    text = answer.headers.get("Retry-After")
    if not text:
        return None
    try:
        seconds = float(text) if text.strip().isdigit() else parsedate_to_datetime(text).timestamp() - time.time()
    except (TypeError, ValueError):
        return None
    return min(max(seconds, 0.0), _RETRY_AFTER_MOST)


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    # Imported here, because nearly every address begins with https.
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
