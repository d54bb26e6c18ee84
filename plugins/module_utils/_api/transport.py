# Copyright (c) 2026, ngcp.fax contributors
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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Callable, NamedTuple, Protocol, Union
from urllib.parse import urlencode, urlsplit

from .._errors import (
    TIMEOUT,
    TOO_LARGE,
    InputError,
    LostResponseError,
    ProtocolError,
    UnreachableError,
)
from .._wording import counted
from .deadline import Exchange, TlsSocket, WatchedConnection, exchange_within

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError:  # tasks say so, see missing_libraries
    HTTPAdapter = object  # type: ignore[assignment,misc]
    HTTPConnection = HTTPSConnection = object  # type: ignore[assignment,misc]
    HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]

# The retry table: answers after which a request that changes nothing is sent again. 500 is among them because the
# server answers it to a read while its cache or database restarts. Requests that write are never repeated here: the
# layer that knows what was meant reads first and then decides.
_TRANSIENT = frozenset((408, 429, 500, 502, 503, 504))
_BACKOFF_BASE = 0.5
_MAX_BACKOFF = 8.0
_MAX_RETRY_AFTER = 60.0

# The largest bodies that are read, in bytes. A page of 100 subscribers has 300 KiB; stored recordings have at most
# 16 MiB, and some times as much as PostScript. What is longer is refused, or for errors cut off.
MAX_DOCUMENT = 2 * 1024 * 1024
MAX_RECORDING = 128 * 1024 * 1024
_MAX_ERROR = 1024 * 1024
_MAX_ERROR_TEXT = 4000
# The most values that a JSON document can have, an object or list counted as several. Short values take up to thirty
# times their length in memory, so that the length alone bounds it only where a document is short. A page of 100
# subscribers has 10,000.
_MAX_VALUES = 100_000
_SHORT_DOCUMENT = 96 * 1024
_SIZE_OF_AN_OBJECT = 4

# Bytes for each second below which a document or recording under way counts as stuck.
_LOWEST_RATE = 32 * 1024

_FIELD_NAME = re.compile(rb"field='(\w+)'")
# How the API's errors begin; one that echoes characters beyond ASCII may be cut off at its end.
_API_ERROR = re.compile(rb'\s*\{\s*"(?:code|message)"\s*:')
_UNAUTHORIZED = b"Authorization required."


class Address(NamedTuple):
    """Where the platform is.

    :param url: scheme, host and port, without path and trailing slash.
    """

    url: str

    @classmethod
    def parse(cls, api_url: str) -> Address:
        """Return the address of an ``api_url``, which may end in ``/api`` and slashes.

        :raises InputError: it is not such a URL, or is plain ``http`` to anything but loopback.
        """
        try:
            parts = urlsplit(api_url.strip())
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise InputError("is not a URL", field="api_url") from None
        if parts.scheme not in ("https", "http") or not host or not _is_host(host):
            raise InputError("must have the form https://host:1443", field="api_url")
        if parts.username is not None or parts.password is not None:
            raise InputError(
                "must not contain a user name or password; use api_username and api_password", field="api_url"
            )
        if parts.query or parts.fragment or parts.path.rstrip("/") not in ("", "/api"):
            raise InputError("must end after the host and port, or in /api", field="api_url")
        if parts.scheme == "http" and not _is_loopback(host):
            raise InputError("must begin with https; plain http is only for loopback addresses", field="api_url")
        # Names of hosts have no case, so that plans and receipts know the platform again; zones of addresses have one.
        netloc = parts.netloc if "%" in parts.netloc else parts.netloc.lower()
        return cls(f"{parts.scheme}://{netloc}")

    @property
    def host(self) -> str:
        """Only the name or address of the host."""
        return urlsplit(self.url).hostname or ""


class TransportOptions(NamedTuple):
    """How to connect.

    :param validate_certs: whether the server's certificate is checked.
    :param ca_path: file or directory of certificate authorities; None for the system's.
    :param client_cert: PEM file with a client certificate.
    :param client_key: PEM file with its key; None when the certificate's file holds it.
    :param timeout: seconds for one request and its response as a whole; what carries a document or a recording gets one
        more second for each 32 KiB.
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


class FaxBody(StreamedBody, Protocol):
    """A body that hands a fax over and knows how far it has come."""

    @property
    def content_type(self) -> str:
        """The value of the header ``Content-Type``."""

    @property
    def untouched(self) -> bool:
        """Whether nothing of it has been read, so that nothing of it can have been sent."""

    @property
    def complete(self) -> bool:
        """Whether all of it has been read. Before that the server cannot act: it waits for the whole body."""


Body = Union[bytes, StreamedBody, None]

# Takes the header fields and the pieces of a successful answer's body. What it does not take is dropped, and the
# connection with it.
Reader = Callable[[Mapping[str, str], Iterator[bytes]], None]

_PIECE = 64 * 1024
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "ngcp.fax"}


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

    def as_dict(self) -> dict[str, int]:
        """Return them in the shape that the summaries of results carry."""
        return {"requests": self.requests, "retries": self.retries}


@dataclass(frozen=True)
class Response:
    """The server's response.

    :param body: read whole, or, where it is too long, cut off.
    :param is_cut: whether it is cut off.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False

    def document(self) -> Any:
        """Return the JSON document in the body.

        :raises ProtocolError: there is none.
        """
        if self.is_cut:
            raise self._too_large(f"is longer than {MAX_DOCUMENT // 1024} KiB")
        if _has_too_many_values(self.body):
            raise self._too_large("has too many values")
        try:
            return _loaded(self.body)
        except ValueError:
            raise ProtocolError(
                f"The server responded with {self.status} and a body that is not JSON ({self._shown_kind})",
                http_status=self.status,
                hint="Check that api_url is the address of the platform's API and not of another server or a proxy.",
            ) from None

    def _too_large(self, problem: str) -> ProtocolError:
        return ProtocolError(f"The server's response {problem}", code=TOO_LARGE, http_status=self.status)

    @cached_property
    def from_api(self) -> bool:
        """Whether this error is the API's own and not one of a proxy in front of it. The API's errors are JSON objects
        with ``code`` and ``message``, apart from the text of a 401 (contract: errors)."""
        if self.status == 401 and self.body.strip() == _UNAUTHORIZED:
            return True
        if self.is_page or self.is_cut:
            return False
        try:
            document = _parsed(self.body)
        except ValueError:
            return "json" in self._kind and _API_ERROR.match(self.body) is not None
        return isinstance(document, dict) and document.get("code") == self.status and "message" in document

    def message(self) -> str:
        """Return the server's error message; it may echo input, so that it has to be masked before it is shown.

        Where the server echoes input beyond ASCII its error bodies are broken (another encoding, or cut off), so that a
        secret in them could not be found: of those only the names of the fields are returned.
        """
        try:
            document = _parsed(self.body)
        except ValueError:
            document, broken = None, "json" in self._kind
        else:
            broken = False
        if isinstance(document, dict) and "message" in document:
            return str(document["message"])
        if self.is_page:
            return ""
        if broken or self.is_cut:
            return " ".join(f"field='{name.decode('ascii')}'" for name in _FIELD_NAME.findall(self.body))
        return self.body[:_MAX_ERROR_TEXT].decode("utf-8", "replace").strip()

    @property
    def is_page(self) -> bool:
        """Whether the body is a page for people."""
        return "html" in self._kind

    @property
    def retry_after(self) -> float | None:
        """The seconds that ``Retry-After`` asks for (a number or a date), within a limit."""
        text = self.headers.get("Retry-After", "").strip()
        if not text:
            return None
        try:
            is_number = text.isascii() and text.isdigit()
            seconds = float(text[:9]) if is_number else parsedate_to_datetime(text).timestamp() - time.time()
        except (TypeError, ValueError, OverflowError):
            return None
        return min(max(seconds, 0.0), _MAX_RETRY_AFTER)

    @property
    def _kind(self) -> str:
        return self.headers.get("Content-Type", "").lower()

    @property
    def _shown_kind(self) -> str:
        kind = self._kind.partition(";")[0].strip()
        return kind if kind.isascii() and kind.isprintable() and 0 < len(kind) <= 60 else "no content type"


# Tells whether a request is not to be sent again after a response.
IsFinal = Callable[[Response], bool]


def _has_too_many_values(body: bytes) -> bool:
    if len(body) <= _SHORT_DOCUMENT:
        return False
    return _SIZE_OF_AN_OBJECT * (body.count(b"{") + body.count(b"[")) + body.count(b",") > _MAX_VALUES


def _parsed(body: bytes) -> Any:
    """Return the JSON document in a body.

    :raises ValueError: there is none, or it is nested too deeply or has too many values to be one of the API's.
    """
    if _has_too_many_values(body):
        raise ValueError("too many values")
    return _loaded(body)


def _loaded(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None


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
        retryable: bool = False,
        reader: Reader | None = None,
        final: IsFinal | None = None,
        tries: int | None = None,
        repeat_silent: bool = True,
    ) -> Response:
        """Send one request and return the response, whatever its status (redirects are errors and never followed).

        A request that never left, because there was no connection, is sent again in any case.

        :param retryable: the request changes nothing, so that it is sent again after every transient failure: with
            full jitter, or when the server says (``Retry-After``).
        :param reader: gets the body of a successful response (200, 201) as it arrives, instead of :attr:`Answer.body`.
        :param final: returns whether even a retryable request is not sent again after a response.
        :param tries: maximum number of times that it is sent, instead of that from the options.
        :param repeat_silent: whether a retryable request is sent again when the response did not come in time.
        :raises UnreachableError: no connection; nothing was sent.
        :raises LostResponseError: sent, but no response.
        :raises ProtocolError: the response is a redirect, or too long, or compressed.
        """
        limit = tries if tries is not None else self.options.retries + 1
        attempt = 0
        while True:
            last = attempt + 1 >= limit
            asked = None
            try:
                response = self._send_once(method, path, params, headers, body, reader, retry=attempt > 0)
            except (UnreachableError, LostResponseError) as error:
                if last or not _may_repeat(error, retryable, repeat_silent):
                    raise
            else:
                if (
                    last
                    or not retryable
                    or response.status not in _TRANSIENT
                    or (final is not None and final(response))
                ):
                    return _without_redirect(response)
                asked = response.retry_after
            time.sleep(asked or backoff(attempt))
            attempt += 1

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
    ) -> Response:
        self.counters.count(retry)
        seconds = float(self.options.timeout)
        if body is not None and not isinstance(body, bytes):
            body.seek(0)
            seconds += len(body) / _LOWEST_RATE
        request = _prepared(method, self._url(path, params), headers, body)
        with exchange_within(seconds, self.options.timeout) as exchange:
            try:
                response = self._adapter.send(
                    request,
                    stream=True,
                    timeout=self.options.timeout,
                    verify=self.options.validate_certs,
                    proxies=self._proxies,
                )
            except _FAILURES as error:
                raise _failures().transport_error(error, exchange, self.address.url) from None
            return _read_response(response, method, exchange, reader, self.address)

    def _url(self, path: str, params: Mapping[str, Any] | None) -> str:
        query = f"?{urlencode(params)}" if params else ""
        return f"{self.address.url}{path}{query}"


def _may_repeat(error: UnreachableError | LostResponseError, retryable: bool, repeat_silent: bool) -> bool:
    if not error.retryable:
        return False
    if isinstance(error, UnreachableError):
        return True
    return retryable and (repeat_silent or error.code != TIMEOUT)


def _read_response(
    response: requests.Response, method: str, exchange: Exchange, reader: Reader | None, address: Address
) -> Response:
    """Read the body of a response: completely, with a reader, or (for errors) as far as it is useful.

    A connection whose response is not read to its end is closed.
    """
    raw, status, headers = response.raw, response.status_code, response.headers
    try:
        if status in (200, 201):
            _refuse_compression(status, headers)
            if reader is not None:
                reader(headers, _pieces(raw, exchange, address))
                return Response(status, headers, b"")
        limit = MAX_DOCUMENT if status < 300 else _MAX_ERROR
        body = _read_whole(raw, limit + 1, exchange, address)
        if method != "HEAD":
            _check_length(headers, body, limit, address)
        return Response(status, headers, body[:limit], is_cut=len(body) > limit)
    finally:
        raw.close()


def _pieces(raw: Any, exchange: Exchange, address: Address) -> Iterator[bytes]:
    """Yield the pieces of a body, regardless of how they were transferred.

    :raises LostResponseError: it broke off, or it takes too long.
    :raises ProtocolError: it is too long.
    """
    size = 0
    while True:
        piece = _read_piece(raw, _PIECE, exchange, address)
        if not piece:
            return
        size += len(piece)
        if size > MAX_RECORDING:
            raise ProtocolError(f"The server's response is longer than {MAX_RECORDING // 1024**2} MiB", code=TOO_LARGE)
        exchange.allow_for(size, _LOWEST_RATE)
        yield piece


def _read_whole(raw: Any, limit: int, exchange: Exchange, address: Address) -> bytes:
    """Return a body as far as it is useful. It is read in pieces, because the layers below keep each chunk of a piece,
    and chunks of one byte take a hundred times their length in memory.

    :raises LostResponseError: it broke off, or it takes too long.
    """
    body = b""
    while len(body) < limit:
        size = min(_PIECE, limit - len(body))
        piece = _read_piece(raw, size, exchange, address)
        body += piece
        if len(piece) < size:
            break
    return body


def _read_piece(raw: Any, size: int, exchange: Exchange, address: Address) -> bytes:
    """Return the given number of bytes of a body, or fewer at its end.

    :raises LostResponseError: it broke off, or it takes too long.
    """
    try:
        piece = raw.read(size, decode_content=False)
    except _FAILURES as error:
        raise _failures().transport_error(error, exchange, address.url) from None
    if exchange.expired:
        raise _failures().timed_out(address.url)
    return bytes(piece)


def _check_length(headers: Mapping[str, str], body: bytes, limit: int, address: Address) -> None:
    """Refuse a body that is shorter than announced because the connection broke.

    :raises LostResponseError: it is.
    """
    announced = headers.get("Content-Length", "")
    is_announced = announced.isascii() and announced.isdigit() and "Transfer-Encoding" not in headers
    if is_announced and len(body) < min(int(announced[:18]), limit):
        size = counted(int(announced[:18]), "byte")
        raise LostResponseError(f"The response from {address.url} ended after {len(body)} of {size}")


def _refuse_compression(status: int, headers: Mapping[str, str]) -> None:
    """Refuse a compressed response. Compression was not requested, and the content could become any size.

    :raises ProtocolError: it is.
    """
    encoding = headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise ProtocolError(
            "The server's response is compressed, although that was not requested",
            http_status=status,
            hint="Switch off compression in the proxy in front of the platform.",
        )


def backoff(attempt: int) -> float:
    """Return how many seconds to wait before repetition number ``attempt`` (from 0): full jitter, rising limit."""
    return random.uniform(0, min(_MAX_BACKOFF, _BACKOFF_BASE * 2**attempt))


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
        context.sslsocket_class = TlsSocket
        return _TlsAdapter(context, options.concurrency)
    return _Adapter(pool_maxsize=options.concurrency)


class _HTTPConnection(WatchedConnection, HTTPConnection):
    """A connection whose requests have a deadline."""


class _HTTPSConnection(WatchedConnection, HTTPSConnection):
    """A TLS connection whose requests have a deadline."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class _Adapter(HTTPAdapter):
    """Makes connections of our classes, and sees to it that a response that is cut off fails: urllib3 1.26 takes it
    for a whole one.

    All its requests go to one server and by the same proxy, if any: how to get there is found out once.
    """

    _pool: Any = None

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:  # what requests asks for before 2.32
        if self._pool is None:
            self._pool = super().get_connection(*args, **kwargs)
        return self._pool

    def request_url(self, request: Any, proxies: Any) -> Any:
        return super().request_url(request, proxies) if proxies else request.path_url

    def close(self) -> None:
        self._pool = None
        super().close()

    def build_response(self, req: Any, resp: Any) -> Any:
        resp.enforce_content_length = True
        return super().build_response(req, resp)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):  # these have connections of their own, without a deadline
            manager.pool_classes_by_scheme = _POOLS
        return manager


def _tls_context(options: TransportOptions) -> ssl.SSLContext:
    try:
        is_folder = os.path.isdir(options.ca_path or "")
        context = ssl.create_default_context(
            cafile=None if is_folder else options.ca_path, capath=options.ca_path if is_folder else None
        )
    except (OSError, ssl.SSLError) as error:
        _check_key_log()
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
                f"cannot be used (with client_key; PEM without passphrase): {_reason(error)}", field="client_cert"
            ) from None
    return context


def _check_key_log() -> None:
    """Blame the file for TLS keys that a variable of the environment names, where that is what cannot be used.

    :raises InputError: it is.
    """
    path = os.environ.get("SSLKEYLOGFILE")
    if not path:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = path
    except OSError as error:
        raise InputError(
            f"names a file that cannot be written: {_reason(error)}",
            field="SSLKEYLOGFILE",
            hint="Unset this environment variable, or create the directory.",
        ) from None


def _always_name_server(context: ssl.SSLContext, address: Address) -> None:
    """Let TLS know the server's name or IP address whatever calls it, so that it can compare the certificate with it.

    urllib3 1.26 leaves an IP address out, with which a context that checks host names refuses to work. It does so for
    a context of its own too, and compares by itself afterwards, but less strictly and with other errors.
    """
    host = address.host.partition("%")[0]  # certificates know of no IPv6 zones
    for name in ("wrap_socket", "wrap_bio"):

        def wrap(*args: Any, _wrap: Callable[..., Any] = getattr(context, name), **options: Any) -> Any:
            return _wrap(*args, **{**options, "server_hostname": options.get("server_hostname") or host})

        setattr(context, name, wrap)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


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


# Everything that the libraries raise when a request fails. ValueError is among them because a few odd names and
# headers end in one.
if HTTPAdapter is object:
    _FAILURES: tuple[type[Exception], ...] = (OSError,)
else:
    _FAILURES = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)


def _without_redirect(response: Response) -> Response:
    if 300 <= response.status < 400:
        raise _failures().redirect_refused(response.status, response.headers.get("Location", ""))
    return response


def _failures() -> Any:
    # Imported here, because most requests succeed.
    from . import failures

    return failures


def _is_host(host: str) -> bool:
    """Return whether a text can be the name or address of a host, as far as the libraries below can take it."""
    try:
        host.encode("idna")
    except UnicodeError:
        return False
    return not any(character.isspace() or not character.isprintable() for character in host)


def _is_loopback(host: str) -> bool:
    return host.lower() == "localhost" or (_is_ip_address(host) and _ip_address(host).is_loopback)


def _is_ip_address(host: str) -> bool:
    try:
        _ip_address(host)
    except ValueError:
        return False
    return True


def _ip_address(host: str) -> Any:
    # Imported here, because nearly every address begins with https.
    import ipaddress

    return ipaddress.ip_address(host)
