# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a module's arguments to a client."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api import connections as _connection
from ansible_collections.ngcp.fax.plugins.module_utils._api.connections import Connections, connected
from ansible_collections.ngcp.fax.plugins.module_utils._errors import AccessError, InputError

PARAMS = {
    "api_url": "https://ngcp.example.org:1443",
    "api_username": "administrator",
    "api_password": "pw",
    "api_token": None,
    "api_otp": None,
    "client_cert": None,
    "client_key": None,
    "auth_method": "auto",
    "validate_certs": True,
    "ca_path": None,
    "timeout": 60,
    "retries": 3,
    "concurrency": 4,
}


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("timeout", 0, False),
        ("timeout", 1, True),
        ("timeout", 3600, True),
        ("timeout", 3601, False),
        ("retries", -1, False),
        ("retries", 0, True),
        ("retries", 20, True),
        ("retries", 21, False),
        ("concurrency", 0, False),
        ("concurrency", 1, True),
        ("concurrency", 64, True),
        ("concurrency", 65, False),
    ],
)
def test_limits(name, value, accepted):
    params = {**PARAMS, name: value}
    if accepted:
        with connected(params) as client:
            options = client._transport.options
        assert getattr(options, name) == value
    else:
        with pytest.raises(InputError) as caught, connected(params):
            raise AssertionError("it should not get here")
        assert caught.value.field == name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"api_url": "http://ngcp.example.org"}, "api_url"),
        ({"api_username": None}, "api_username"),
        ({"client_key": "/tmp/key.pem"}, "client_cert"),
        ({"auth_method": "client_cert"}, "client_cert"),
        ({"client_cert": "/nonexistent.pem"}, "client_cert"),
        ({"ca_path": "/nonexistent.pem"}, "ca_path"),
    ],
)
def test_wrong_options(changes, field):
    with pytest.raises(InputError) as caught, connected({**PARAMS, **changes}):
        raise AssertionError("it should not get here")
    assert caught.value.field == field


def test_options_reach_the_client():
    with connected({**PARAMS, "concurrency": 9, "retries": 1, "validate_certs": False, "timeout": 5}) as client:
        options = client._transport.options
        assert (client.concurrency, client.retries, options.timeout, options.validate_certs) == (9, 1, 5, False)
        assert client.counters.requests == 0, "nothing is sent yet"


# ---- kept connections


class Clock:
    """Time that passes when it is told to."""

    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr(_connection.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


class Platform(BaseHTTPRequestHandler):
    """Takes every log-in but that of nobody, and refuses to show what has the number 403."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        self.server.logins += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.response(403, {"message": "User not found"}) if b"nobody" in body else self.response(200, {"jwt": "token"})

    def do_GET(self):
        self.response(403, {"message": "Forbidden!"}) if self.path.endswith("/403") else self.response(200, {"id": 1})

    def response(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        """Write nothing."""


@pytest.fixture
def platform():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
    server.daemon_threads = True
    server.logins = 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def task(platform, connections, number=1, **given):
    """Do what a task does: connect, ask, close. Return how many requests it counts."""
    params = {**PARAMS, "api_url": url(platform), **given}
    with connections.connected(params) as client, contextlib.suppress(AccessError):
        client.get_item("subscribers", number)
    return client.counters.requests


def url(platform):
    return f"http://127.0.0.1:{platform.server_port}"


def test_tasks_share_a_log_in(platform, clock):
    connections = Connections()
    assert [task(platform, connections) for _number in range(3)] == [2, 1, 1]
    assert platform.logins == 1
    clock.now += 3600
    assert task(platform, connections) == 1, "an old connection is made anew, and the log-in is kept"


def test_without_keeping_every_task_logs_in(platform):
    for _number in range(2):
        with connected({**PARAMS, "api_url": url(platform)}) as client:
            client.get_item("subscribers", 1)
    assert platform.logins == 2


@pytest.mark.parametrize(
    "given",
    [
        {"api_username": "somebody"},
        {"api_password": "other"},
        {"retries": 1},
        {"timeout": 5},
        {"auth_method": "jwt"},
    ],
)
def test_other_options_share_nothing(platform, clock, given):
    connections = Connections()
    assert [task(platform, connections), task(platform, connections, **given)] == [2, 2]
    assert [task(platform, connections), task(platform, connections, **given)] == [1, 1]


def test_only_a_few_are_kept(platform, clock):
    connections = Connections()
    users = [f"user{number}" for number in range(5)]
    assert [task(platform, connections, api_username=name) for name in users] == [2] * 5
    assert [task(platform, connections, api_username=name) for name in reversed(users)] == [1] * 4 + [2]


def test_a_refused_log_in_is_remembered_for_a_while(platform, clock):
    connections = Connections()
    nobody = {"api_username": "nobody"}
    assert [task(platform, connections, **nobody) for _number in range(5)] == [1, 0, 0, 0, 0]
    clock.now += 59
    assert task(platform, connections, **nobody) == 0
    clock.now += 2
    assert task(platform, connections, **nobody) == 1
    assert task(platform, connections, **nobody) == 0


def test_who_is_refused_something_later_logs_in_again(platform, clock):
    connections = Connections()
    assert [task(platform, connections, number) for number in (1, 403, 1, 1)] == [2, 1, 2, 1]


def test_another_process_shares_nothing(platform, clock, monkeypatch):
    connections = Connections()
    assert task(platform, connections) == 2
    monkeypatch.setattr(_connection.os, "getpid", lambda: -1)
    assert [task(platform, connections), task(platform, connections)] == [2, 1]


def test_wrong_options_are_told_each_time(platform, clock):
    connections = Connections()
    for _number in range(2):
        with pytest.raises(InputError):
            task(platform, connections, concurrency=65)
