# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How requests travel: addresses, the retry table, TLS, and what the many ways to fail are told apart by."""

from __future__ import annotations

import email.utils
import gzip
import io
import json
import os
import socket
import ssl
import threading
import time

import pytest
import requests
import urllib3

from ansible_collections.ngcp.fax.plugins.module_utils import _errors
from ansible_collections.ngcp.fax.plugins.module_utils._api import (
    failures as _transport_failures,
    transport as _transport,
)
from ansible_collections.ngcp.fax.plugins.module_utils._api.deadline import Exchange, current_exchange
from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import (
    MAX_DOCUMENT,
    Address,
    Response,
    Transport,
    TransportOptions,
    backoff,
)
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    InputError,
    LostResponseError,
    ProtocolError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._masking import Masker
from ansible_collections.ngcp.fax.plugins.module_utils._task import missing_libraries
from ansible_collections.ngcp.fax.tests.unit.support.server import (
    Server,
    answering,
    http,
    make_certificates,
    read_request,
    reset,
    tls_context,
)


@pytest.fixture
def serve():
    """Return a function that starts a server; all of them are closed at the end."""
    servers = []

    def start(handle, context=None):
        servers.append(Server(handle, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def connect():
    """Return a function that makes a transport; all of them are closed at the end."""
    transports = []

    def make(url, **options):
        transports.append(Transport(Address.parse(url), TransportOptions(**{"timeout": 5, "retries": 0, **options})))
        return transports[-1]

    yield make
    for transport in transports:
        transport.close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("certificates"))


# ---- addresses


@pytest.mark.parametrize(
    ("api_url", "url"),
    [
        ("https://ngcp.example.org:1443", "https://ngcp.example.org:1443"),
        ("https://ngcp.example.org:1443/", "https://ngcp.example.org:1443"),
        ("https://ngcp.example.org:1443/api", "https://ngcp.example.org:1443"),
        ("https://ngcp.example.org:1443/api/", "https://ngcp.example.org:1443"),
        (" https://ngcp.example.org/api//\n", "https://ngcp.example.org"),
        ("HTTPS://ngcp.example.org", "https://ngcp.example.org"),
        ("https://192.0.2.1:1443", "https://192.0.2.1:1443"),
        ("https://[2001:db8::1]:1443/api", "https://[2001:db8::1]:1443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://LOCALHOST", "http://localhost"),
        ("https://NGCP.Example.org:1443", "https://ngcp.example.org:1443"),
        ("https://[2001:DB8::1]:1443", "https://[2001:db8::1]:1443"),
        ("https://[FE80::1%Eth0]:1443", "https://[FE80::1%Eth0]:1443"),
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses(api_url, url):
    assert Address.parse(api_url).url == url


@pytest.mark.parametrize(
    ("api_url", "message"),
    [
        ("", "must have the form"),
        ("ngcp.example.org", "must have the form"),
        ("ngcp.example.org:1443", "must have the form"),
        ("https://", "must have the form"),
        ("https:///api", "must have the form"),
        ("https://:1443", "must have the form"),
        ("ftp://ngcp.example.org", "must have the form"),
        ("https://ngcp.example.org:port", "is not a URL"),
        ("https://ngcp.example.org:99999", "is not a URL"),
        ("https://[::1", "is not a URL"),
        ("https://ngcp.example.org/v2", "must end after the host and port"),
        ("https://ngcp.example.org/API", "must end after the host and port"),
        ("https://ngcp.example.org/api/faxes", "must end after the host and port"),
        ("https://ngcp.example.org/api/api", "must end after the host and port"),
        ("https://ngcp.example.org?x=1", "must end after the host and port"),
        ("https://ngcp.example.org/api#x", "must end after the host and port"),
        ("https://admin:Geheim@ngcp.example.org", "must not contain a user name or password"),
        ("https://admin@ngcp.example.org", "must not contain a user name or password"),
        ("https://:Geheim@ngcp.example.org", "must not contain a user name or password"),
        ("http://ngcp.example.org", "must begin with https"),
        ("http://192.0.2.1", "must begin with https"),
        ("http://localhost.example.org", "must begin with https"),
        ("http://127.0.0.1.example.org", "must begin with https"),
        ("http://[2001:db8::1]", "must begin with https"),
        ("http://0.0.0.0", "must begin with https"),
    ],
)
def test_refused_addresses(api_url, message):
    with pytest.raises(InputError) as caught:
        Address.parse(api_url)
    assert message in caught.value.message
    assert caught.value.field == "api_url"


@pytest.mark.parametrize(
    "api_url",
    [
        "https://admin:Geheim@ngcp.example.org",
        "https://admin:Geheim/x@ngcp.example.org",
        "https://admin:Geheim@ho\u2100st.example.org",
        "https://admin:Geheim@[::1",
        "https://admin:Geheim",
    ],
)
def test_refusing_an_address_does_not_quote_its_password(api_url):
    with pytest.raises(InputError) as caught:
        Address.parse(api_url)
    assert "Geheim" not in str(caught.value)


# ---- the retry table


class Fakes:
    """Takes the place of the adapter: outcomes one after the other, the last one again and again."""

    def __init__(self, *outcomes):
        self.outcomes, self.calls = list(outcomes), []

    def send(self, request, **options):
        self.calls.append((request, options))
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, Exception):
            current_exchange().sending = outcome is LOST
            raise outcome
        response = requests.Response()
        response.status_code, body, *headers = outcome if isinstance(outcome, tuple) else (outcome, b"{}")
        response.headers.update(*headers)
        response.raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False)
        return response

    def close(self):
        pass


def faked(connect, *outcomes, **options):
    transport = connect("http://localhost", **options)
    transport._adapter = Fakes(*outcomes)
    return transport


TRANSIENT = (408, 429, 500, 502, 503, 504)
FINAL = (200, 201, 204, 400, 401, 403, 404, 409, 413, 415, 422, 501)


@pytest.mark.parametrize("retryable", [True, False])
@pytest.mark.parametrize("status", TRANSIENT + FINAL)
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_which_answers_are_tried_again(connect, pauses, status, retryable, retries):
    transport = faked(connect, status, retries=retries)
    assert transport.send("GET", "/x", retryable=retryable).status == status
    repetitions = retries if retryable and status in TRANSIENT else 0
    assert len(transport._adapter.calls) == 1 + repetitions
    assert len(pauses) == repetitions
    assert (transport.counters.requests, transport.counters.retries) == (1 + repetitions, repetitions)


NOT_SENT = requests.exceptions.ConnectTimeout("connect")
LOST = requests.exceptions.ReadTimeout("read")
TLS = requests.exceptions.SSLError(ssl.SSLCertVerificationError("certificate verify failed"))


@pytest.mark.parametrize(
    ("error", "retryable", "kind", "sent"),
    [
        (NOT_SENT, True, UnreachableError, 3),
        (NOT_SENT, False, UnreachableError, 3),
        (LOST, True, LostResponseError, 3),
        (LOST, False, LostResponseError, 1),
        (TLS, True, UnreachableError, 1),
        (TLS, False, UnreachableError, 1),
    ],
)
def test_which_failures_are_tried_again(connect, pauses, error, retryable, kind, sent):
    transport = faked(connect, error, retries=2)
    with pytest.raises(kind):
        transport.send("PATCH", "/x", retryable=retryable)
    assert len(transport._adapter.calls) == sent
    assert len(pauses) == sent - 1


@pytest.mark.parametrize(
    ("outcomes", "retryable", "statuses", "sent"),
    [
        ((NOT_SENT, 503, 200), True, 200, 3),
        ((500, LOST, NOT_SENT, 200), True, 200, 4),
        ((503, 404), True, 404, 2),
        ((NOT_SENT, 503), False, 503, 2),
        ((NOT_SENT, 204), False, 204, 2),
    ],
)
def test_it_ends_with_the_first_answer_that_counts(connect, pauses, outcomes, retryable, statuses, sent):
    transport = faked(connect, *outcomes, retries=5)
    assert transport.send("GET", "/x", retryable=retryable).status == statuses
    assert len(transport._adapter.calls) == sent


def test_a_write_whose_answer_is_lost_after_a_failed_connection_is_not_sent_again(connect, pauses):
    transport = faked(connect, NOT_SENT, LOST, 200, retries=5)
    with pytest.raises(LostResponseError):
        transport.send("PATCH", "/x")
    assert len(transport._adapter.calls) == 2


def test_what_is_sent(connect):
    transport = faked(connect, 200, timeout=7)
    transport.send("PATCH", "/api/x/1", params={"a": 1, "b": "x + *ä"}, headers={"B": "c"}, body=b"[]")
    ((request, options),) = transport._adapter.calls
    url = "http://localhost/api/x/1?a=1&b=x+%2B+%2A%C3%A4"
    assert (request.method, request.url, request.body) == ("PATCH", url, b"[]")
    assert request.headers == {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "B": "c",
        "Content-Length": "2",
        "User-Agent": "ngcp.fax",
    }
    assert (options["timeout"], options["verify"]) == (7, True)


@pytest.mark.parametrize(("attempt", "most"), [(0, 0.5), (1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 8.0), (19, 8.0)])
def test_pauses_are_random_up_to_a_rising_limit(attempt, most):
    drawn = [backoff(attempt) for _index in range(200)]
    assert 0 <= min(drawn) < most * 0.2
    assert most * 0.8 < max(drawn) <= most


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("7", 7, 7),
        (" 7 ", 7, 7),
        ("0", 0, 0.5),
        ("3600", 60, 60),
        ("9" * 400, 60, 60),
        ("soon", 0, 0.5),
        ("", 0, 0.5),
        ("-5", 0, 0.5),
        ("7.5", 0, 0.5),
        ("\u00b2", 0, 0.5),
        pytest.param(email.utils.formatdate(time.time() - 100, usegmt=True), 0, 0.5, id="a date that is over"),
        pytest.param(email.utils.formatdate(time.time() + 86400, usegmt=True), 60, 60, id="a date to come"),
        ("Thu, 32 Jan 2026 00:00:00 GMT", 0, 0.5),
        ("Mon, 01 Jan 0001 00:00:00 -0000", 0, 0.5),
    ],
)
def test_retry_after(connect, pauses, header, least, most):
    transport = faked(connect, 200, retries=1)
    responses = iter([Response(503, {"Retry-After": header}, b""), Response(200, {}, b"{}")])
    transport._send_once = lambda *arguments, **options: next(responses)
    assert transport.send("GET", "/x", retryable=True).status == 200
    (pause,) = pauses
    assert least <= pause <= most


def test_retry_after_as_a_date(connect, pauses, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    transport = faked(connect, 200, retries=1)
    date = email.utils.formatdate(1_800_000_012, usegmt=True)
    responses = iter([Response(429, {"Retry-After": date}, b""), Response(200, {}, b"{}")])
    transport._send_once = lambda *arguments, **options: next(responses)
    transport.send("GET", "/x", retryable=True)
    assert pauses == [12.0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused(connect, status):
    transport = connect("http://localhost")
    location = {"Location": "https://other.example.org/api/faxes/?token=Geheim"}
    transport._send_once = lambda *arguments, **options: Response(status, location, b"")
    with pytest.raises(ProtocolError, match=f"{status}, a redirect to other.example.org") as caught:
        transport.send("POST", "/api/faxes", retryable=True)
    assert caught.value.code == "redirect_refused"
    assert caught.value.http_status == status
    assert "Geheim" not in caught.value.message


# ---- answers


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b'{"code":422,"message":"Validation failed."}', "application/json", "Validation failed."),
        (b'{"message": 5}', "application/json", "5"),
        (b"Authorization required.", "text/plain", "Authorization required."),
        (b"<html>Geheim</html>", "text/html; charset=utf-8", ""),
        (b"", "application/json", ""),
        (b"[1]", "application/json", "[1]"),
        (b"x" * 5000, "text/plain", "x" * 4000),
    ],
)
def test_messages_of_answers(body, kind, message):
    assert Response(422, {"Content-Type": kind}, body).message() == message


@pytest.mark.parametrize(("body", "document"), [(b"{}", {}), (b"[1]", [1]), ('{"a":"ä"}'.encode(), {"a": "ä"})])
def test_documents(body, document):
    assert Response(200, {}, body).document() == document


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b'{"a": "\xe4"}'])
def test_what_is_no_document(body):
    with pytest.raises(ProtocolError) as caught:
        Response(200, {"Content-Type": "text/html"}, body).document()
    assert caught.value.http_status == 200
    assert "text/html" in caught.value.message


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b'{"a": [' + b"{}," * 100_000 + b"{}]}", b"[1" + b",1" * 300_000 + b"]"],
)
@pytest.mark.parametrize("status", [200, 422])
def test_documents_that_would_take_much_memory(body, status):
    response = Response(status, {"Content-Type": "application/json"}, body)
    with pytest.raises(ProtocolError, match="too many values") as caught:
        response.document()
    assert caught.value.code == _errors.TOO_LARGE  # so that a page is read in smaller ones
    assert not response.from_api
    assert response.message() == ""


def test_a_large_page_is_a_document():
    item = {"id": 1, "destinations": [{"destination": "a@example.org", "filetype": "PDF", "incoming": True}] * 50}
    page = {"_embedded": {"ngcp:faxserversettings": [item] * 100}, "total_count": 100}
    assert Response(200, {}, json.dumps(page).encode()).document() == page


# ---- real connections


def test_connections_are_kept(serve, connect):
    connections = []

    def handle(server, connection):
        connections.append(1)
        answering(http(200))(server, connection)

    transport = connect(serve(handle).url)
    for _index in range(3):
        assert transport.send("GET", "/x").body == b"{}"
    assert len(connections) == 1


def test_header_fields(serve, connect):
    server = serve(answering(http(200)))
    connect(server.url).send("GET", "/api/x/", params={"page": 1, "name": "a b"})
    (head,) = server.heads
    lines = head.split("\r\n")
    assert lines[0] == "GET /api/x/?page=1&name=a+b HTTP/1.1"
    assert "Accept: application/json" in lines, "an item with another type is a 500 on the server"
    assert not [line for line in lines if line.lower().startswith(("authorization", "cookie"))]


def test_cookies_are_ignored(serve, connect):
    server = serve(answering(http(200, Set_Cookie="ngcp_panel=Geheim; Path=/")))
    transport = connect(server.url)
    for _index in range(2):
        transport.send("GET", "/x")
    assert len(server.heads) == 2
    assert "cookie" not in server.heads[1].lower()


def test_a_netrc_file_is_ignored(serve, connect, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(answering(http(200)))
    connect(server.url).send("GET", "/x")
    assert "authorization" not in server.heads[0].lower()


@pytest.mark.parametrize(("exempt", "direct"), [("", False), ("127.0.0.1", True)])
def test_proxies_of_the_environment_are_used(serve, connect, monkeypatch, exempt, direct):
    proxy, server = serve(answering(http(202))), serve(answering(http(200)))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", exempt)
    assert connect(server.url).send("GET", "/x").status == (200 if direct else 202)


def test_a_real_redirect_is_not_followed(serve, connect):
    server = serve(answering(http(301, Location="/elsewhere"), http(200)))
    with pytest.raises(ProtocolError, match="a redirect to the same host"):
        connect(server.url).send("POST", "/api/faxes", body=b"{}")
    assert len(server.heads) == 1


def test_nobody_listens(connect, pauses):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    transport = connect(f"http://127.0.0.1:{port}", retries=2)
    with pytest.raises(UnreachableError) as caught:
        transport.send("PATCH", "/x")
    assert caught.value.message.startswith(f"No connection to http://127.0.0.1:{port}: ")
    assert caught.value.message.endswith("[Errno 111] Connection refused")
    assert "Connection(" not in caught.value.message and "0x" not in caught.value.message, "no objects"
    assert (caught.value.code, caught.value.retryable) == ("connection_failed", True)
    assert transport.counters.requests == 3, "a write that never left is sent again"


def test_a_name_that_does_not_resolve(connect, monkeypatch):
    def fail(*_arguments, **_options):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(UnreachableError, match="Name or service not known"):
        connect("https://ngcp.example.org").send("GET", "/x")


def test_the_connection_takes_too_long(connect):
    """A listener whose queue is full does not answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        try:
            for _index in range(4):
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                waiting[-1].connect_ex(listener.getsockname())
            with pytest.raises(UnreachableError) as caught:
                connect(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.2).send("GET", "/x")
        finally:
            for one in waiting:
                one.close()
    assert caught.value.retryable


def silent(server, connection):
    read_request(server, connection)
    server.released.wait(5)


def half(server, connection):
    read_request(server, connection)
    connection.sendall(http(200, b"x" * 100)[:-60])
    server.released.wait(5)


def cut(server, connection):
    read_request(server, connection)
    connection.sendall(http(200, b"x" * 100)[:-60])


def hang_up(server, connection):
    read_request(server, connection)


def hard(server, connection):
    read_request(server, connection)
    reset(connection)


def babble(server, connection):
    read_request(server, connection)
    connection.sendall(b"220 mail.example.org ESMTP\r\n\r\n")


@pytest.mark.parametrize(
    ("handle", "timeout"),
    [(silent, 0.5), (half, 0.5), (cut, 5), (hang_up, 5), (hard, 5), (babble, 5)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_lost_answers(serve, connect, handle, timeout):
    server = serve(handle)
    transport = connect(server.url, timeout=timeout, retries=2)
    with pytest.raises(LostResponseError) as caught:
        transport.send("PATCH", "/x", body=b"[]")
    assert caught.value.retryable
    assert len(server.heads) == 1, "not sent again"
    assert "Connection(" not in caught.value.message and "0x" not in caught.value.message, "no objects"
    if handle is silent:
        assert caught.value.code == "timeout"


def test_what_is_odd_about_an_answer_is_quoted_as_one_printable_line(serve, connect):
    """Quotes are what masking goes by, and the server may have repeated a secret."""

    def forge(server, connection):
        read_request(server, connection)
        connection.sendall(b"\x1b]0;x\x07 ok: [localhost] Geheim-Wort \xe4" + b"y" * 1000 + b"\r\n\r\n")

    with pytest.raises(LostResponseError) as caught:
        connect(serve(forge).url, timeout=5).send("PATCH", "/x", body=b"[]")
    message = caught.value.message
    assert message.isprintable() and len(message) < 300
    assert "BadStatusLine '" in message
    assert Masker(["Geheim-Wort"]).mask_quoted(message).count("********") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("HTTPSConnection(host='h', port=1): Failed: no", "Failed: no"),
        ("<urllib3.connection.HTTPSConnection object at 0x7f>: Failed: no", "Failed: no"),
        ("HTTPSConnectionPool(host='h', port=1): Read timed out.", "Read timed out."),
        ("Tunnel failed: 502 \x1b]0;x\r\nok: [localhost]", r"Tunnel failed: 502 \x1b]0;x\r\nok: [localhost]"),
        (
            "Tunnel failed: 407 Proxy-Authorization: Basic YTpi",
            "Tunnel failed: 407 Proxy-Authorization: Basic ********",
        ),
        ("Failed to parse: http://user:pw@proxy:x", "Failed to parse: http://********@proxy:x"),
        ("x" * 300, "x" * 300),
        ("x" * 301, "x" * 299 + "…"),
        ("", "OSError"),
    ],
)
def test_reasons_of_libraries(text, shown):
    assert _transport_failures._root_reason(OSError(text)) == shown


def test_a_read_is_sent_again_after_a_lost_answer(serve, connect, pauses):
    handles = iter([hard, hang_up, answering(http(200, b'{"a": 1}'))])

    def handle_next(server, connection):
        next(handles)(server, connection)

    transport = connect(serve(handle_next).url, retries=3)
    assert transport.send("GET", "/x", retryable=True).document() == {"a": 1}
    assert (transport.counters.requests, transport.counters.retries) == (3, 2)


# ---- TLS


@pytest.mark.parametrize(("host", "certificate"), [("127.0.0.1", "certificate"), ("localhost", "local")])
def test_tls_with_the_right_authority(serve, connect, certificates, host, certificate):
    server = serve(answering(http(200)), tls_context(certificates[certificate]))
    transport = connect(f"https://{host}:{server.port}", ca_path=certificates["authority"])
    assert transport.send("GET", "/x").status == 200


def test_tls_with_a_folder_of_authorities(serve, connect, certificates, tmp_path):
    server = serve(answering(http(200)), tls_context(certificates["certificate"]))
    folder = tmp_path / "authorities"
    folder.mkdir()
    with open(certificates["authority"], "rb") as source:
        content = source.read()
    # The name under which OpenSSL looks for an authority comes from its subject.
    from cryptography import x509

    subject = x509.load_pem_x509_certificate(content).subject
    (folder / f"{subject_hash(subject):08x}.0").write_bytes(content)
    assert connect(server.url, ca_path=str(folder)).send("GET", "/x").status == 200


def subject_hash(subject):
    """Return OpenSSL's hash of a name that is one common name: SHA-1 of its canonical form."""
    import hashlib

    text = subject.rfc4514_string().partition("=")[2].lower().encode()
    attribute = b"\x06\x03\x55\x04\x03" + b"\x0c" + bytes([len(text)]) + text
    sequence = b"\x30" + bytes([len(attribute)]) + attribute
    canonical = b"\x31" + bytes([len(sequence)]) + sequence
    return int.from_bytes(hashlib.sha1(canonical).digest()[:4], "little")


@pytest.mark.parametrize(
    ("host", "certificate", "authority"),
    [
        ("127.0.0.1", "certificate", "other"),
        ("127.0.0.1", "certificate", None),
        ("127.0.0.1", "named", "authority"),
        ("127.0.0.1", "local", "authority"),
        ("localhost", "local", "other"),
        ("localhost", "local", None),
        ("localhost", "named", "authority"),
        ("localhost", "certificate", "authority"),
    ],
)
def test_tls_that_cannot_be_trusted(serve, connect, certificates, pauses, host, certificate, authority):
    server = serve(answering(http(200)), tls_context(certificates[certificate]))
    transport = connect(f"https://{host}:{server.port}", ca_path=certificates.get(authority), retries=3)
    with pytest.raises(UnreachableError) as caught:
        transport.send("GET", "/x", retryable=True)
    assert (caught.value.code, caught.value.retryable) == ("tls_failed", False)
    assert server.heads == [], "nothing was sent"
    assert pauses == [], "and it is not tried again"


@pytest.mark.parametrize(
    ("host", "certificate", "trusted"),
    [
        ("127.0.0.1", "certificate", True),
        ("127.0.0.1", "named", False),
        ("localhost", "local", True),
        ("localhost", "certificate", False),
    ],
)
def test_certificates_are_compared_also_where_the_library_does_not_name_the_server(
    serve, connect, certificates, host, certificate, trusted
):
    """urllib3 1.26 does not name servers with an IP address; see test_tls_... for what is installed."""
    server = serve(answering(http(200)), tls_context(certificates[certificate]))
    context = connect(f"https://{host}:{server.port}", ca_path=certificates["authority"])._adapter._context
    assert context.check_hostname
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        if trusted:
            context.wrap_socket(connection).close()
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                context.wrap_socket(connection)


@pytest.mark.parametrize(("host", "name"), [("127.0.0.1", "127.0.0.1"), ("localhost", "localhost"), ("[::1]", "::1")])
def test_tls_through_tls_names_the_server(connect, certificates, host, name):
    """Behind a proxy that itself is reached over TLS, the libraries use another method of the context."""
    context = connect(f"https://{host}", ca_path=certificates["authority"])._adapter._context
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    assert context.wrap_bio(incoming, outgoing).server_hostname == name


def test_tls_without_validation(serve, connect, certificates):
    server = serve(answering(http(200)), tls_context(certificates["named"]))
    assert connect(server.url, validate_certs=False).send("GET", "/x").status == 200


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("bundle", "ca_path", "trusted"), [("authority", "other", False), ("other", "authority", True)]
)
def test_ca_path_wins_over_the_environment(serve, connect, certificates, monkeypatch, name, bundle, ca_path, trusted):
    monkeypatch.setenv(name, certificates[bundle])
    server = serve(answering(http(200)), tls_context(certificates["certificate"]))
    transport = connect(server.url, ca_path=certificates[ca_path])
    if trusted:
        assert transport.send("GET", "/x").status == 200
    else:
        with pytest.raises(UnreachableError):
            transport.send("GET", "/x")


def test_plain_http_behind_https(serve, connect):
    def handle(server, connection):
        connection.recv(1000)
        connection.sendall(http(400))

    server = serve(handle)
    with pytest.raises((UnreachableError, LostResponseError)) as caught:
        connect(f"https://127.0.0.1:{server.port}").send("GET", "/x")
    assert caught.value.code == "tls_failed"


def test_tls_that_breaks_after_the_request_is_a_lost_answer(serve, connect, certificates):
    """The write may have been applied: it must not be told as "never sent"."""

    def handle(server, connection):
        read_request(server, connection)
        with socket.socket(fileno=os.dup(connection.fileno())) as raw:
            raw.sendall(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")

    server = serve(handle, tls_context(certificates["certificate"]))
    with pytest.raises(LostResponseError):
        connect(server.url, ca_path=certificates["authority"]).send("PATCH", "/x", body=b"[]")
    assert len(server.heads) == 1


def test_tls_that_is_cut_after_the_request_is_a_lost_answer(serve, connect, certificates):
    def handle(server, connection):
        read_request(server, connection)
        reset(connection)

    server = serve(handle, tls_context(certificates["certificate"]))
    with pytest.raises(LostResponseError):
        connect(server.url, ca_path=certificates["authority"]).send("PATCH", "/x", body=b"[]")


def test_client_certificates(serve, connect, certificates):
    server = serve(answering(http(200)), tls_context(certificates["certificate"], certificates["authority"]))
    options = {"ca_path": certificates["authority"]}
    both = connect(server.url, client_cert=certificates["named"], **options)
    assert both.send("GET", "/x").status == 200
    apart = connect(server.url, client_cert=certificates["named"], client_key=certificates["named"], **options)
    assert apart.send("GET", "/x").status == 200
    with pytest.raises((UnreachableError, LostResponseError)):
        connect(server.url, **options).send("GET", "/x")
    assert len(server.heads) == 2


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"ca_path": "/nonexistent/ca.pem"}, "ca_path"),
        ({"client_cert": "/nonexistent/cert.pem"}, "client_cert"),
        ({"client_cert": "authority"}, "client_cert"),
        ({"client_cert": "named", "client_key": "authority"}, "client_cert"),
        ({"ca_path": __file__}, "ca_path"),
    ],
)
def test_files_that_cannot_be_used(connect, certificates, options, field):
    paths = {name: certificates.get(value, value) for name, value in options.items()}
    with pytest.raises(InputError) as caught:
        connect("https://ngcp.example.org", **paths)
    assert caught.value.field == field


def test_the_libraries_of_the_transport_are_there():
    assert list(missing_libraries(["requests"])) == []


# ---- bounds


def sending(*pieces, pause=0.0, again=True):
    """Return a function for a server: it reads a request and sends pieces, the last one for ever."""

    def handle(server, connection):
        read_request(server, connection)
        for piece in pieces:
            connection.sendall(piece)
        while again and not server.released.wait(pause):
            connection.sendall(pieces[-1])

    return handle


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
NO_LENGTH = HEAD + b"Connection: close\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize(
    ("handle"),
    [
        pytest.param(sending(b"H", pause=0.05), id="the status line drips"),
        pytest.param(sending(HEAD, b"X", pause=0.05), id="the header drips"),
        pytest.param(sending(HEAD + b"Content-Length: 9999\r\n\r\n", b" ", pause=0.05), id="the body drips"),
        pytest.param(sending(NO_LENGTH, b" ", pause=0.05), id="a body without a length drips"),
        pytest.param(sending(CHUNKED, b"1\r\n \r\n", pause=0.05), id="the chunks drip"),
        pytest.param(sending(CONTINUE, pause=0.05), id="100 Continue again and again"),
        pytest.param(sending(CONTINUE), id="100 Continue as fast as possible"),
        pytest.param(lambda server, connection: server.released.wait(9), id="silence"),
    ],
)
def test_a_request_is_bounded_as_a_whole(serve, connect, handle):
    transport = connect(serve(handle).url, timeout=0.4)
    start = time.monotonic()
    with pytest.raises(LostResponseError) as caught:
        transport.send("PATCH", "/x")
    assert time.monotonic() - start < 2
    assert caught.value.code == "timeout"
    assert caught.value.message == f"No response from {transport.address.url} in time"


def test_a_handshake_that_drips_is_bounded(serve, connect, certificates):
    def handle(server, connection):
        connection.recv(65536)
        while not server.released.wait(0.05):
            connection.sendall(b"\x16")

    server = serve(handle)
    start = time.monotonic()
    with pytest.raises(UnreachableError):
        connect(server.url.replace("http:", "https:"), timeout=0.4, ca_path=certificates["authority"]).send("GET", "/x")
    assert time.monotonic() - start < 2


def test_a_download_may_go_on_while_it_makes_progress(serve, connect):
    """32 KiB each fifth of a second are fast enough, however long it takes."""
    block = b"x" * 32 * 1024

    def handle(server, connection):
        read_request(server, connection)
        connection.sendall(HEAD + f"Content-Length: {6 * len(block)}\r\n\r\n".encode())
        for _index in range(6):
            time.sleep(0.2)
            connection.sendall(block)

    taken = []
    transport = connect(serve(handle).url, timeout=0.8)
    transport.send("GET", "/x", reader=lambda _headers, pieces: taken.extend(pieces))
    assert sum(map(len, taken)) == 6 * len(block)


def test_a_download_that_drips_ends(serve, connect):
    transport = connect(serve(sending(NO_LENGTH, b"x", pause=0.05)).url, timeout=0.4)
    with pytest.raises(LostResponseError, match=r"No response from http://127\.0\.0\.1:\d+ in time"):
        transport.send("GET", "/x", reader=lambda _headers, pieces: list(pieces))


def test_what_comes_too_late_does_not_count(connect):
    def reader(_headers, pieces):
        time.sleep(0.06)
        list(pieces)

    with pytest.raises(LostResponseError) as caught:
        faked(connect, 200, timeout=0.05).send("GET", "/x", reader=reader)
    assert (caught.value.message, caught.value.code) == ("No response from http://localhost in time", "timeout")


@pytest.mark.parametrize("head", [NO_LENGTH, HEAD + b"Content-Length: 9999999999\r\n\r\n"])
def test_an_endless_document_is_cut_off(serve, connect, head):
    server = serve(sending(head, b" " * 65536))
    response = connect(server.url, timeout=5).send("GET", "/x")
    assert (response.is_cut, len(response.body)) == (True, MAX_DOCUMENT)
    with pytest.raises(ProtocolError) as caught:
        response.document()
    assert caught.value.code == "answer_too_large"


def test_an_endless_error_is_cut_off(serve, connect):
    head = NO_LENGTH.replace(b"200 OK", b"422 No")
    response = connect(serve(sending(head, b'{"code":422,"message":"' + b"x" * 65536)).url, timeout=5).send("GET", "/x")
    assert (response.status, response.is_cut, response.from_api) == (422, True, False)
    assert len(response.message()) < 5000


@pytest.mark.parametrize("length", ["announced", "not announced"])
@pytest.mark.parametrize(
    ("status", "most"), [(200, 2 * 1024 * 1024), (202, 2 * 1024 * 1024), (400, 1024 * 1024), (503, 1024 * 1024)]
)
def test_how_long_a_document_or_an_error_can_be(connect, status, most, length):
    for size in (most, most + 1):
        headers = {"Content-Length": str(size)} if length == "announced" else {}
        response = faked(connect, (status, b" " * size, headers)).send("GET", "/x")
        assert (len(response.body), response.is_cut) == (most, size > most)


def test_what_is_cut_off_is_not_waited_for(serve, connect):
    def handle(server, connection):
        read_request(server, connection)
        connection.sendall(NO_LENGTH.replace(b"200 OK", b"422 No") + b"x" * (1024 * 1024 + 1))
        server.released.wait(9)

    assert connect(serve(handle).url).send("GET", "/x").is_cut


def test_how_long_a_recording_can_be(connect, monkeypatch):
    monkeypatch.setattr(_transport, "MAX_RECORDING", 1024 * 1024)
    taken = []

    def reader(_headers, pieces):
        taken.extend(pieces)

    faked(connect, (200, b"x" * 1024 * 1024)).send("GET", "/x", reader=reader)
    assert b"".join(taken) == b"x" * 1024 * 1024
    with pytest.raises(ProtocolError) as caught:
        faked(connect, (200, b"x" * (1024 * 1024 + 1))).send("GET", "/x", reader=reader)
    assert caught.value.message == "The server's response is longer than 1 MiB"
    assert caught.value.code == "answer_too_large"


def test_an_endless_recording_is_refused(serve, connect, monkeypatch):
    monkeypatch.setattr(_transport, "MAX_RECORDING", 1024 * 1024)
    taken = []

    def reader(_headers, pieces):
        for piece in pieces:
            taken.append(len(piece))

    with pytest.raises(ProtocolError) as caught:
        connect(serve(sending(NO_LENGTH, b"x" * 65536)).url, timeout=5).send("GET", "/x", reader=reader)
    assert caught.value.code == "answer_too_large"
    assert sum(taken) <= 1024 * 1024


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "GZIP", "identity, gzip"])
@pytest.mark.parametrize("reader", [None, lambda _headers, pieces: list(pieces)], ids=["document", "recording"])
def test_what_nobody_asked_to_be_compressed_is_refused(serve, connect, encoding, reader):
    """A few kilobytes could become gigabytes."""
    bomb = gzip.compress(b" " * 1_000_000)
    server = serve(answering(http(200, bomb, Content_Encoding=encoding)))
    with pytest.raises(ProtocolError, match="compressed") as caught:
        connect(server.url).send("GET", "/x", reader=reader)
    assert caught.value.http_status == 200
    assert "Accept-Encoding: identity" in server.heads[0]


def test_a_compressed_error_is_not_unpacked(serve, connect):
    bomb = gzip.compress(b" " * 1_000_000)
    response = connect(serve(answering(http(500, bomb, Content_Encoding="gzip"))).url).send("GET", "/x")
    assert (response.status, len(response.body)) == (500, len(bomb))


@pytest.mark.parametrize("sent", [0, 3])
def test_a_body_that_ends_early_is_not_an_answer(serve, connect, sent):
    def handle(server, connection):
        read_request(server, connection)
        connection.sendall(HEAD + b"Content-Length: 10\r\n\r\n" + b" " * sent)

    with pytest.raises(LostResponseError):
        connect(serve(handle).url).send("PATCH", "/x")


@pytest.mark.parametrize(
    ("announced", "sent", "shown"),
    [("10", 3, "3 of 10 bytes"), ("1", 0, "0 of 1 byte"), ("9" * 20, 5, f"5 of {'9' * 18} bytes")],
)
def test_how_much_of_an_answer_is_missing(connect, announced, sent, shown):
    """Some versions of urllib3 take what has come for the whole."""
    with pytest.raises(LostResponseError) as caught:
        faked(connect, (200, b" " * sent, {"Content-Length": announced})).send("GET", "/x")
    assert caught.value.message == f"The response from http://localhost ended after {shown}"


def test_a_connection_whose_answer_was_not_read_is_not_used_again(serve, connect):
    connections = []

    def handle(server, connection):
        connections.append(1)
        answering(http(201, b"x" * 200_000))(server, connection)

    transport = connect(serve(handle).url)
    for _index in range(2):
        transport.send("POST", "/x", reader=lambda _headers, pieces: next(pieces))
    assert len(connections) == 2


def test_the_deadlines_of_others_stay(serve, connect):
    """One thread's silent request ends; another one's goes on."""

    def handle(server, connection):
        while read_request(server, connection):
            if "/silent" in server.heads[-1]:
                server.released.wait(9)
            time.sleep(0.05)
            connection.sendall(http(200))

    transport = connect(serve(handle).url, timeout=0.5)
    outcomes = {}

    def send(path):
        try:
            outcomes[path] = transport.send("GET", path).status
        except LostResponseError as error:
            outcomes[path] = error.code

    threads = [threading.Thread(target=send, args=(path,)) for path in ("/silent", "/a", "/b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == {"/silent": "timeout", "/a": 200, "/b": 200}
    assert transport.send("GET", "/c").status == 200


# ---- how often


def test_a_silent_read_is_not_repeated_where_that_makes_it_worse(connect, pauses):
    transport = faked(connect, LOST, retries=3)
    with pytest.raises(LostResponseError):
        transport.send("GET", "/x", retryable=True, repeat_silent=False)
    assert len(transport._adapter.calls) == 1


@pytest.mark.parametrize(("tries", "sent"), [(None, 4), (1, 1), (2, 2)])
def test_how_often_it_is_tried(connect, pauses, tries, sent):
    transport = faked(connect, 503, retries=3)
    assert transport.send("GET", "/x", retryable=True, tries=tries).status == 503
    assert len(transport._adapter.calls) == sent


def test_an_answer_that_is_final_is_not_tried_again(connect, pauses):
    """Which ones are final is asked of each transient answer, with all that it says."""
    asked = []

    def final(response):
        asked.append((response.status, response.body))
        return response.status == 500

    transport = faked(connect, (503, b"later"), (500, b"<html>"), 200, retries=3)
    assert transport.send("GET", "/x", retryable=True, final=final).status == 500
    assert asked == [(503, b"later"), (500, b"<html>")]


# ---- odd answers


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("http://[", "?"),
        ("https://\x1b]0;x/", "?"),
        ("", "the same host"),
        ("//", "the same host"),
        ("x" * 9999, "the same host"),
        ("https://a:b@c.example.org/", "c.example.org"),
        ("https://" + "x" * 100, "x" * 100),
        ("https://" + "x" * 101, "another host"),
        ("https://\x1b0;x/", "another host"),
        ("https://m\u00fcller.example/", "another host"),
    ],
)
def test_odd_redirects(connect, location, host):
    transport = connect("http://localhost")
    transport._send_once = lambda *arguments, **options: Response(302, {"Location": location}, b"")
    with pytest.raises(ProtocolError) as caught:
        transport.send("POST", "/api/faxes")
    assert caught.value.message == f"The server responded with 302, a redirect to {host}, which is not followed"


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"1" * 5000, b"NaN x"])
def test_odd_documents(body):
    with pytest.raises(ProtocolError):
        Response(200, {}, body).document()


@pytest.mark.parametrize(
    ("status", "kind", "body", "from_api"),
    [
        (422, "application/json", b'{"code":422,"message":"No"}', True),
        (422, "application/json", b'{"message":"No","code":422}\n', True),
        (422, "", b'{"message":"No","code":422}', True),
        (422, "application/json", b'{"message":"No","code":4', True),
        (422, "application/json", '{"code":422,"message":"Größe'.encode("latin-1"), True),
        (422, "application/json", b'{"code":500,"message":"No"}', False),
        (422, "application/json", b'{"error":"No"}', False),
        (422, "application/json", b"[]", False),
        (422, "application/json", b"", False),
        (422, "text/html", b'{"code":422,"message":"No"}', False),
        (422, "text/plain", b"No", False),
        (401, "text/plain", b"Authorization required.", True),
        (401, "text/plain", b"Who are you?", False),
        (403, "text/plain", b"Authorization required.", False),
    ],
)
def test_whose_error_it_is(status, kind, body, from_api):
    assert Response(status, {"Content-Type": kind}, body).from_api is from_api


# ---- what is wrong with a connection


def test_a_folder_for_tls_keys_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "missing/keys"))
    with pytest.raises(InputError) as caught:
        Transport(Address.parse("https://localhost"), TransportOptions())
    assert caught.value.field == "SSLKEYLOGFILE"


@pytest.mark.parametrize("host", ["a..b", ".", "a" * 64 + ".example.org", "a b"])
def test_names_that_no_host_has(host):
    with pytest.raises(InputError):
        Address.parse(f"https://{host}")


def test_a_certificate_for_another_host_has_its_own_hint(serve, connect, certificates):
    server = serve(answering(http(200)), tls_context(certificates["named"]))
    with pytest.raises(UnreachableError) as caught:
        connect(server.url, ca_path=certificates["authority"]).send("GET", "/x")
    assert "another host name" in caught.value.hint


def test_an_unknown_authority_has_its_own_hint(serve, connect, certificates):
    server = serve(answering(http(200)), tls_context(certificates["certificate"]))
    with pytest.raises(UnreachableError) as caught:
        connect(server.url, ca_path=certificates["other"]).send("GET", "/x")
    assert "ca_path" in caught.value.hint


def failure(connect, monkeypatch, proxy=None, host="ngcp.example.org", **options):
    """Return the error of a request that never left."""
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy or "")
    with pytest.raises(UnreachableError) as caught:
        connect(f"https://{host}", **options).send("GET", "/x")
    return caught.value


def test_a_proxy_that_wants_a_password(serve, connect, monkeypatch):
    error = failure(connect, monkeypatch, serve(answering(http(407))).url)
    assert error.message == "No connection to https://ngcp.example.org: the proxy requires a user name and password"
    assert (error.code, error.retryable) == ("proxy_failed", False)
    assert "HTTPS_PROXY" in error.hint


def test_a_socks_proxy_without_its_library(connect, monkeypatch):
    def missing(*_arguments, **_options):
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", missing)
    error = failure(connect, monkeypatch, "socks5h://127.0.0.1:9")
    assert error.message == "No connection to https://ngcp.example.org: a SOCKS proxy requires the library PySocks"
    assert (error.code, error.retryable) == ("proxy_failed", False)
    assert "Install PySocks" in error.hint


def test_a_name_of_a_host_does_not_blame_the_proxy(connect, monkeypatch):
    def fail(name, *_arguments, **_options):
        raise socket.gaierror(-2, f"Name or service not known: {name}")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    error = failure(connect, monkeypatch, host="ngcp407.example.org")
    assert (error.code, error.retryable) == ("connection_failed", True)
    assert error.hint == "Check api_url, the network and the proxy settings."


def raising(reason):
    """Return what the libraries make of a reason for which a connection cannot be made."""
    cause = urllib3.exceptions.MaxRetryError(None, "/x", reason)
    return requests.exceptions.SSLError(cause) if isinstance(reason, urllib3.exceptions.SSLError) else cause


@pytest.mark.parametrize(
    ("reason", "code", "message", "hint"),
    [
        (
            urllib3.exceptions.SSLError(type("CertificateError", (ValueError,), {})("hostname 'a' doesn't match 'b'")),
            "tls_failed",
            "TLS to http://localhost failed: hostname 'a' doesn't match 'b'",
            "another host name",
        ),
        (urllib3.exceptions.SSLError("bad handshake"), "tls_failed", "bad handshake", "Set ca_path"),
        (
            urllib3.exceptions.ProxyError("Cannot connect to proxy.", OSError("Tunnel connection failed: 502 Bad")),
            "connection_failed",
            "No connection to http://localhost: Tunnel connection failed: 502 Bad",
            "Check api_url, the network and the proxy settings.",
        ),
        (
            urllib3.exceptions.ConnectTimeoutError("SOCKSHTTPSConnection(host='127.0.0.1'): Connection refused"),
            "connection_failed",
            "Connection refused",
            "Check api_url",
        ),
        (
            ssl.SSLError(1, "wrong version number"),
            "tls_failed",
            "TLS to http://localhost failed: wrong version number",
            "Set ca_path",
        ),
        (ssl.SSLEOFError(8, "EOF occurred"), "connection_failed", "EOF occurred", "Check api_url"),
    ],
)
def test_why_there_is_no_connection(connect, reason, code, message, hint):
    with pytest.raises(UnreachableError) as caught:
        faked(connect, raising(reason)).send("GET", "/x")
    assert caught.value.code == code
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ReadTimeout("read"),
        urllib3.exceptions.ReadTimeoutError(None, "/x", "Read timed out."),
        requests.exceptions.ConnectionError(urllib3.exceptions.ReadTimeoutError(None, "/x", "Read timed out.")),
        urllib3.exceptions.ProtocolError("Connection broken", TimeoutError("timed out")),
    ],
    ids=["requests", "urllib3", "in another", "the socket's"],
)
def test_an_answer_that_did_not_come_in_time(error):
    """The libraries have many ways to say so, and one of them is a broken connection."""
    exchange = Exchange(5, 5)
    exchange.sending = True
    lost = _transport_failures.transport_error(error, exchange, "http://localhost")
    assert isinstance(lost, LostResponseError)
    assert (lost.message, lost.code) == ("No response from http://localhost in time", "timeout")
    assert lost.hint == "Raise timeout."


def test_a_connection_that_did_not_stand_in_time():
    exchange = Exchange(0, 5)
    error = _transport_failures.transport_error(OSError("Bad file descriptor"), exchange, "http://localhost")
    assert isinstance(error, UnreachableError)
    assert error.message == "No connection to http://localhost in time"
    assert error.hint == "Check api_url, the network and the proxy settings."


def test_a_broken_download_is_a_lost_answer(serve, connect):
    """The reader gets pieces, and the end is missing."""
    server = serve(cut)
    with pytest.raises(LostResponseError) as caught:
        connect(server.url).send("GET", "/x", reader=lambda headers, pieces: list(pieces))
    assert caught.value.message.startswith(f"The connection to {server.url} broke before the response was complete: ")
    assert "None" not in caught.value.message
    assert caught.value.code != "timeout"


def test_a_redirect_without_a_place_has_a_hint(connect):
    transport = connect("http://localhost")
    transport._send_once = lambda *arguments, **options: Response(300, {}, b"")
    with pytest.raises(ProtocolError, match="300, a redirect to the same host") as caught:
        transport.send("GET", "/x")
    assert "api_url" in caught.value.hint


def test_what_a_reader_gets(serve, connect):
    seen = []
    server = serve(answering(http(200, b"x" * 100, X_Kind="fax")))
    response = connect(server.url).send(
        "GET", "/x", reader=lambda headers, pieces: seen.extend((headers["X-Kind"], b"".join(pieces)))
    )
    assert seen == ["fax", b"x" * 100]
    assert (response.status, response.body, response.headers["X-Kind"]) == (200, b"", "fax")


def test_chunks_count_more_than_an_announced_length(serve, connect):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert connect(serve(answering(head + b"2\r\n{}\r\n0\r\n\r\n")).url).send("GET", "/x").body == b"{}"


def test_an_answer_to_head_may_announce_what_it_does_not_have(serve, connect):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert connect(serve(answering(head)).url).send("HEAD", "/x").body == b""
