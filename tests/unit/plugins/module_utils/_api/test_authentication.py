# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is calling: which scheme is taken, how often the server is asked to log in, and that nothing leaks."""

from __future__ import annotations

import base64
import json
import threading

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.authentication import (
    AUTO,
    BASIC,
    CLIENT_CERT,
    JWT,
    Authenticator,
    Credentials,
    access_error,
)
from ansible_collections.ngcp.fax.plugins.module_utils._api.client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Counters, Response, TransportOptions
from ansible_collections.ngcp.fax.plugins.module_utils._concurrency import run_parallel
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    InputError,
    LostResponseError,
    ProtocolError,
    ServerError,
)
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure, response

NAME, PASSWORD = "administrator", "Geheim-Wort"
UNAUTHORIZED = Response(401, {"Content-Type": "text/plain"}, b"Authorization required.")
WRONG = failure(403, "User not found")
RAN_OUT = failure(403, "Invalid user")


class Server:
    """Takes the place of the transport: gives out tokens and answers everything else with a function.

    :param logins: answers to log-ins, the last one again and again; None for a new token.
    """

    def __init__(self, *logins, respond=lambda server, headers: response(200, {"active": True}), concurrency=8):
        self.options = TransportOptions(concurrency=concurrency)
        self.counters = Counters()
        self.logins, self.respond = list(logins) or [None], respond
        self.bodies, self.headers = [], []
        self._lock = threading.Lock()

    def send(self, method, path, *, headers=None, body=None, **_options):
        with self._lock:
            if path == "/login_jwt":
                assert (method, headers) == ("POST", {"Content-Type": "application/json"})
                self.bodies.append(json.loads(body))
                login = self.logins.pop(0) if len(self.logins) > 1 else self.logins[0]
                return login or response(200, {"jwt": f"Token{len(self.bodies)}", "id": 1, "expires": 1})
            self.headers.append(headers)
        return self.respond(self, headers)

    @property
    def used(self):
        """What proved each request, in order."""
        return [headers.get("Authorization") for headers in self.headers]


def basic(name=NAME, password=PASSWORD):
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


def by_name(**options):
    return Credentials(**{"username": NAME, "password": PASSWORD, **options})


# ---- the scheme

CERTIFICATE = {"certificate": True}
TOKEN = {"token": "Token0"}
LOGIN = {"username": NAME, "password": PASSWORD}


@pytest.mark.parametrize(
    ("method", "given", "authorization", "logins"),
    [
        (AUTO, {**CERTIFICATE, **TOKEN, **LOGIN}, None, 0),
        (AUTO, {**CERTIFICATE}, None, 0),
        (AUTO, {**TOKEN, **LOGIN}, "Bearer Token0", 0),
        (AUTO, {**TOKEN}, "Bearer Token0", 0),
        (AUTO, {**LOGIN}, "Bearer Token1", 1),
        (JWT, {**CERTIFICATE, **LOGIN}, "Bearer Token1", 1),
        (JWT, {**TOKEN, **LOGIN}, "Bearer Token0", 0),
        (JWT, {**LOGIN}, "Bearer Token1", 1),
        (BASIC, {**CERTIFICATE, **TOKEN, **LOGIN}, basic(), 0),
        (BASIC, {**LOGIN}, basic(), 0),
        (BASIC, {"username": "größe@example.org", "password": "pä:ß"}, basic("größe@example.org", "pä:ß"), 0),
        (CLIENT_CERT, {**CERTIFICATE, **TOKEN, **LOGIN}, None, 0),
    ],
)
def test_scheme(method, given, authorization, logins):
    server = Server()
    authenticator = Authenticator(Credentials(method=method, **given), server)
    assert server.bodies == [], "nobody logs in before the first request"
    for _index in range(2):
        assert authenticator.headers().get("Authorization") == authorization
    assert len(server.bodies) == logins


@pytest.mark.parametrize(
    ("method", "given", "field"),
    [
        (AUTO, {}, "api_username"),
        (AUTO, {"username": NAME}, "api_password"),
        (AUTO, {"password": PASSWORD}, "api_username"),
        (AUTO, {"username": NAME, "password": ""}, "api_password"),
        (AUTO, {"token": ""}, "api_username"),
        (JWT, {**CERTIFICATE}, "api_username"),
        (JWT, {"username": NAME}, "api_password"),
        (BASIC, {**TOKEN}, "api_username"),
        (BASIC, {"username": NAME}, "api_password"),
        (CLIENT_CERT, {**TOKEN, **LOGIN}, "client_cert"),
    ],
)
def test_what_a_scheme_needs(method, given, field):
    with pytest.raises(InputError) as caught:
        Authenticator(Credentials(method=method, **given), Server())
    assert caught.value.field == field


def test_what_a_log_in_sends():
    server = Server()
    Authenticator(by_name(), server).headers()
    assert server.bodies == [{"username": NAME, "password": PASSWORD}]


@pytest.mark.parametrize(
    ("otp", "sent"),
    [("123456", "123456"), ("012345", "12345"), ("000007", "7"), ("000000", "0"), (" 001234\n", "1234")],
)
def test_one_time_passwords_are_sent_without_leading_zeros(otp, sent):
    """The server compares numbers: 012345 is accepted only as 12345."""
    server = Server()
    Authenticator(by_name(otp=otp), server).headers()
    assert server.bodies[0]["otp"] == sent
    assert Authenticator(by_name(method=BASIC, otp=otp), server).headers()["X-OTP"] == sent


@pytest.mark.parametrize("token", ["Geheim\nx", "Geheim\r\nX-Y: z", "Gehe\u0131m", "Geheim x"])
def test_a_token_that_no_header_can_hold_is_wrong_input(token):
    """The HTTP library would quote it in its error."""
    with pytest.raises(InputError) as caught:
        Authenticator(Credentials(token=token), Server())
    assert caught.value.field == "api_token"
    assert "Gehe" not in str(caught.value)


def test_blanks_around_a_token_do_not_matter():
    headers = Authenticator(Credentials(token="Token0\n"), Server()).headers()
    assert headers == {"Authorization": "Bearer Token0"}


# ---- one log-in


def test_many_threads_log_in_once():
    server = Server()
    authenticator = Authenticator(by_name(), server)
    barrier = threading.Barrier(16)

    def headers(_index):
        barrier.wait(5)
        return authenticator.headers()

    assert run_parallel(headers, range(16), 16) == [{"Authorization": "Bearer Token1"}] * 16
    assert len(server.bodies) == 1


def test_many_threads_with_a_client_log_in_once():
    server = Server()
    client = Client(server, by_name())
    run_parallel(lambda number: client.platform_info(), range(40), 8)
    assert len(server.bodies) == 1
    assert server.used == ["Bearer Token1"] * 40


@pytest.mark.parametrize(
    "refusal", [WRONG, UNAUTHORIZED, failure(403, "Banned"), failure(403, "Invalid OTP"), failure(403, "?")]
)
@pytest.mark.parametrize("method", [AUTO, JWT])
def test_a_refused_log_in_is_sent_once(method, refusal):
    """The fifth failed log-in locks the user: many threads must not spend them."""
    server = Server(refusal)
    client = Client(server, by_name(method=method))
    failures = run_parallel(lambda number: attempt(client, number), range(40), 8)
    assert all(isinstance(error, AccessError) for error in failures)
    assert len(server.bodies) == 1
    assert server.headers == []


@pytest.mark.parametrize("refusal", [UNAUTHORIZED, failure(403, "Banned"), failure(403, "Invalid license")])
def test_refused_basic_credentials_are_sent_once(refusal):
    server = Server(respond=lambda _server, _headers: refusal)
    client = Client(server, by_name(method=BASIC))
    failures = run_parallel(lambda number: attempt(client, number), range(40), 8)
    assert all(isinstance(error, AccessError) for error in failures)
    assert len(server.headers) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_outage_at_first_does_not_open_the_way_for_many_refused_log_ins(status):
    """A server that fails has not accepted the user yet."""

    def respond(server, _headers):
        return failure(status) if len(server.headers) == 1 else UNAUTHORIZED

    server = Server(respond=respond)
    client = Client(server, by_name(method=BASIC))
    run_parallel(lambda number: attempt(client, number), range(40), 8)
    assert server.used == [basic()] * 2


def attempt(client, _number):
    """Return what the platform tells about itself, or the error."""
    try:
        return client.platform_info()
    except FaxError as error:
        return error


@pytest.mark.parametrize(
    ("login", "falls_back"),
    [
        (failure(404, "Path not found"), True),
        (failure(405), True),
        (failure(422, "Invalid characters"), True),
        (failure(500, "No JWT key has been configured."), True),
        (failure(500, "Internal Server Error"), False),
        (failure(503), False),
        (WRONG, False),
        (UNAUTHORIZED, False),
        (response(200, {}), False),
    ],
)
@pytest.mark.parametrize("method", [AUTO, JWT])
def test_basic_takes_over_where_the_server_has_no_tokens(method, login, falls_back):
    server = Server(login)
    authenticator = Authenticator(by_name(method=method, otp="01"), server)
    if falls_back and method == AUTO:
        for _index in range(3):
            assert authenticator.headers() == {"Authorization": basic(), "X-OTP": "1"}
        assert len(server.bodies) == 1
    else:
        with pytest.raises(FaxError):
            authenticator.headers()


# ---- renewal


def valid_until(requests):
    """Return how a server answers whose first tokens last for so many requests in all."""

    def respond(server, headers):
        newest = f"Bearer Token{len(server.bodies)}"
        ran_out = headers["Authorization"] != newest or (len(server.bodies) < 2 and len(server.headers) > requests)
        return RAN_OUT if ran_out else response(200, {"active": True})

    return respond


def test_a_token_that_ran_out_is_renewed_once():
    server = Server(respond=valid_until(3))
    client = Client(server, by_name())
    for _number in range(5):
        assert client.platform_info() == {"active": True}
    assert server.used == ["Bearer Token1"] * 4 + ["Bearer Token2"] * 2
    assert server.bodies == [LOGIN, LOGIN], "by name: refused renewals lock everybody behind one address"


def test_many_threads_renew_a_token_once():
    server = Server(respond=valid_until(1))
    client = Client(server, by_name())
    assert run_parallel(lambda number: attempt(client, number), range(60), 8) == [{"active": True}] * 60
    assert len(server.bodies) == 2


@pytest.mark.parametrize("refusal", [WRONG, failure(403, "Banned")])
def test_a_refused_renewal_is_sent_once(refusal):
    """The password was changed meanwhile: eight threads must not spend eight failed log-ins."""
    barrier = threading.Barrier(8)

    def respond(server, _headers):
        if len(server.headers) == 1:
            return response(200, {"active": True})
        barrier.wait(5)
        return RAN_OUT

    server = Server(None, refusal, respond=respond)
    client = Client(server, by_name())
    client.platform_info()
    failures = run_parallel(lambda number: attempt(client, number), range(8), 8)
    assert all(isinstance(error, AccessError) for error in failures)
    assert len(server.bodies) == 2, "one log-in, and one refused renewal"


def test_a_request_is_sent_again_only_once():
    server = Server(respond=lambda server, _headers: RAN_OUT if len(server.headers) > 1 else response(200, {}))
    client = Client(server, by_name())
    client.platform_info()
    with pytest.raises(AccessError):
        client.platform_info()
    assert server.used == ["Bearer Token1", "Bearer Token1", "Bearer Token2"]


@pytest.mark.parametrize("message", ["Banned", "Invalid license", "Forbidden", "Password expired", "invalid user", ""])
def test_other_refusals_are_no_reason_to_renew(message):
    server = Server(
        respond=lambda server, _headers: failure(403, message) if len(server.headers) > 1 else response(200, {})
    )
    client = Client(server, by_name())
    client.platform_info()
    with pytest.raises(AccessError):
        client.platform_info()
    assert len(server.bodies) == 1


def test_a_fresh_token_that_is_refused_is_not_renewed():
    """The role may not do this: another log-in would change nothing."""
    server = Server(respond=lambda _server, _headers: RAN_OUT)
    with pytest.raises(AccessError):
        Client(server, by_name()).platform_info()
    assert (len(server.bodies), len(server.headers)) == (1, 1)


def test_a_given_token_that_has_run_out_is_followed_by_one_log_in():
    """As the documentation of api_token says."""
    server = Server(
        respond=lambda _server, headers: (
            RAN_OUT if headers["Authorization"] == "Bearer Token0" else response(200, {"active": True})
        )
    )
    client = Client(server, by_name(token="Token0"))
    assert client.platform_info() == {"active": True}
    assert server.used == ["Bearer Token0", "Bearer Token1"]
    assert len(server.bodies) == 1


def test_a_given_token_alone_cannot_be_renewed():
    server = Server(respond=lambda server, _headers: RAN_OUT if len(server.headers) > 1 else response(200, {}))
    client = Client(server, Credentials(token="Token0"))
    client.platform_info()
    with pytest.raises(AccessError):
        client.platform_info()
    assert (server.bodies, len(server.headers)) == ([], 2)


@pytest.mark.parametrize("credentials", [by_name(method=BASIC), Credentials(method=CLIENT_CERT, certificate=True)])
def test_other_schemes_have_nothing_to_renew(credentials):
    authenticator = Authenticator(credentials, Server())
    assert authenticator.renew(authenticator.headers()) is False


# ---- errors


@pytest.mark.parametrize(
    ("refusal", "code", "words"),
    [
        (WRONG, "unauthorized", "wrong name or password"),
        (UNAUTHORIZED, "unauthorized", "does not accept the credentials"),
        (failure(403, "Banned"), "banned", "locked after failed log-ins"),
        (failure(403, "Invalid OTP"), "invalid_otp", "one-time password is wrong"),
        (failure(403, "Password expired"), "password_expired", "password has expired"),
        (failure(403, "Forbidden!"), "forbidden", "forbids this"),
        (failure(403, "Something new"), "forbidden", "Something new"),
    ],
)
def test_refused_log_ins(refusal, code, words):
    with pytest.raises(AccessError) as caught:
        Authenticator(by_name(), Server(refusal)).headers()
    assert caught.value.code == code
    assert words in caught.value.message
    assert caught.value.http_status == refusal.status
    assert caught.value.retryable is False


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Invalid user", "forbidden"),
        ("Invalid license", "invalid_license"),
        ("Forbidden", "read_only"),
        ("Invalid HTTP method for read-only user", "read_only"),
    ],
)
def test_refused_requests(message, code):
    error = access_error(failure(403, message), message)
    assert (error.code, error.http_status) == (code, 403)
    assert error.hint


@pytest.mark.parametrize("document", [{}, {"jwt": None}, {"jwt": ""}, {"jwt": 5}, [], "token", None])
def test_a_log_in_without_a_token(document):
    with pytest.raises(ProtocolError):
        Authenticator(by_name(), Server(response(200, document))).headers()


def test_a_log_in_that_fails_on_the_server():
    with pytest.raises(ServerError) as caught:
        Authenticator(by_name(), Server(failure(500, "Internal Server Error"))).headers()
    assert caught.value.retryable


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 500, 503])
@pytest.mark.parametrize("secret", [PASSWORD, "Geheim-Zeichen", "123456"])
def test_errors_hold_no_secret(status, secret):
    """The server echoes what it refuses."""
    credentials = by_name(method=JWT, token="Geheim-Zeichen", otp="123456")
    server = Server(
        failure(status, f"Invalid input '{secret}'"), respond=lambda _server, _headers: failure(status, f"'{secret}'?")
    )
    for method in (JWT, BASIC):
        for token in (None, credentials.token):
            client = Client(server, by_name(method=method, token=token, otp="123456"))
            shown = attempt(client, 1)
            assert isinstance(shown, FaxError)
            if secret in client._authenticator.secrets:
                assert secret not in json.dumps(shown.as_dict())


def test_what_counts_as_secret():
    server = Server()
    authenticator = Authenticator(by_name(otp="012345"), server)
    pair = base64.b64encode(f"administrator:{PASSWORD}".encode()).decode().rstrip("=")
    assert set(authenticator.secrets) == {PASSWORD, "012345", "12345", pair}
    authenticator.headers()
    assert set(authenticator.secrets) == {PASSWORD, "012345", "12345", pair, "Token1"}


def test_the_code_that_is_sent_counts_as_secret_too():
    """The server may echo 12345 where 012345 was given."""
    server = Server(failure(403, "Wrong code 12345"))
    with pytest.raises(AccessError) as caught:
        Authenticator(by_name(otp="012345"), server).headers()
    assert "12345" not in caught.value.message


# ---- log-ins that fail for another reason


@pytest.mark.parametrize(
    "failed",
    [failure(408), failure(413), failure(429), failure(500), failure(502), failure(503), Response(418, {}, b"")],
    ids=lambda failed: str(failed.status),
)
def test_a_log_in_that_fails_is_not_called_a_refusal(failed):
    """429, 408 and 413 come from something in front of the platform."""
    with pytest.raises(ServerError) as caught:
        Authenticator(by_name(), Server(failed)).headers()
    assert (caught.value.code, caught.value.retryable, caught.value.halts) == ("login_failed", True, True)
    assert caught.value.http_status == failed.status
    assert bool(caught.value.hint) is (failed.status in (429, 502, 503, 504))


class Silent(Server):
    """Does not answer log-ins."""

    def send(self, method, path, **options):
        super().send(method, path, **options)
        raise LostResponseError("No answer in time", code="timeout")


def test_a_silent_log_in_is_waited_for_once():
    """And not once for each subscriber."""
    server = Silent()
    client = Client(server, by_name())
    failures = run_parallel(lambda number: attempt(client, number), range(40), 8)
    assert {error.code for error in failures} == {"timeout"}
    assert all(error.halts for error in failures)
    assert len(server.bodies) == 1


def test_the_next_task_tries_a_log_in_again_that_was_not_refused():
    server = Server(failure(503), None)
    client = Client(server, by_name())
    assert attempt(client, 1).http_status == 503
    assert attempt(client, 1).http_status == 503, "not sent again in this task"
    client.begin()
    assert attempt(client, 1) == {"active": True}
    assert len(server.bodies) == 2


def test_the_next_task_does_not_try_a_refused_log_in_again():
    server = Server(WRONG, None)
    client = Client(server, by_name())
    for _index in range(2):
        assert isinstance(attempt(client, 1), AccessError)
        client.begin()
    assert len(server.bodies) == 1


def test_a_log_in_is_repeated_when_its_answer_is_lost_but_not_when_it_is_refused():
    asked = {}

    class Asked(Server):
        def send(self, method, path, **options):
            asked.update(options)
            return super().send(method, path, **options)

    Authenticator(by_name(), Asked()).headers()
    assert asked["retryable"] is True
    assert asked["final"](failure(500, "No JWT key has been configured.")), "there is another way"
    assert not asked["final"](failure(503))


@pytest.mark.parametrize("token", ["€", "a b", "a\nb", "ä", " "])
def test_a_token_that_no_header_can_hold(token):
    with pytest.raises(ProtocolError):
        Authenticator(by_name(), Server(response(200, {"jwt": token}))).headers()
