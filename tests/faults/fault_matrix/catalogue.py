# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults: each with a name, the rule for the simulator, and what no client could tell from the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import mutations as change
from .secrets import ADMIN_SECRET, STORED_SECRET

TIMEOUT = 0.3
"""Seconds: the option `timeout` of the runs."""

READ, LOOKUP, PATCH, POST, DELETE, LOGIN, RECORDING = "read", "lookup", "patch", "post", "delete", "login", "recording"
CREATE = "create"
"""A POST whose answer shows what was created; that of `POST` is empty."""
CLASSES = (READ, LOOKUP, PATCH, POST, CREATE, DELETE, LOGIN, RECORDING)
WRITES = frozenset((PATCH, POST, CREATE, DELETE))
EVERY = frozenset(CLASSES)

ONCE, TWICE, ALWAYS = 1, 2, None


@dataclass(frozen=True)
class Fault:
    """One fault.

    :param rule: for :meth:`Simulator.fault`.
    :param classes: the classes of requests that it is tried with.
    :param times: how often it strikes, each one a pair of its own.
    :param transient: a read that meets it once has to get through.
    :param silent: the client waits for it; its runs are measured against the budget of an outage.
    """

    name: str
    rule: dict[str, Any]
    classes: frozenset[str] = EVERY
    times: tuple[int | None, ...] = (ONCE, ALWAYS)
    transient: bool = False
    silent: bool = False
    about: str = field(default="", compare=False)


def catalogue() -> list[Fault]:
    """Return all faults."""
    found = [*_statuses(), *_settled(), *_redirects(), *_successes(), *_network(), *_deliveries(), *_mutations()]
    names = [fault.name for fault in found]
    if len(set(names)) != len(names):
        raise ValueError(f"a name is duplicated: {sorted({name for name in names if names.count(name) > 1})}")
    return found


# Bodies

PAGE = "<html>\r\n<head><title>Gateway</title></head>\r\n<body><h1>Gateway</h1></body></html>\r\n"
PANEL_PAGE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"\n><html><pre>Please come back later</pre></html>\n'
)
LOGIN_PAGE = '<!DOCTYPE html><html><form action="/login"><input name="password"></form></html>'
DEEP = "[" * 100_000 + "]" * 100_000
FORGED = "bad \u001b]0;x\u0007\r\nTASK [done] ***\nok: [localhost]"


def api(status: int, message: str = "Refused") -> dict[str, Any]:
    """Return an answer in the form of the API's own errors."""
    return {
        "status": status,
        "body": json.dumps({"code": status, "message": message}),
        "content_type": "application/json",
    }


def page(status: int, text: str = PAGE) -> dict[str, Any]:
    """Return an answer of a proxy."""
    return {"status": status, "body": text, "content_type": "text/html"}


def foreign(status: int) -> dict[str, Any]:
    """Return JSON that is not the API's."""
    return {"status": status, "body": '{"error": "nope", "status": "error"}', "content_type": "application/json"}


def empty(status: int) -> dict[str, Any]:
    """Return an answer without a body."""
    return {"status": status, "body": "", "content_type": ""}


def text(status: int) -> dict[str, Any]:
    """Return a line of text."""
    return {"status": status, "body": "Something went wrong.", "content_type": "text/plain"}


# Answers that settle nothing, because they need not be the API's: before and after processing

_GATEWAYS = frozenset(("429-api", "429-later", "500-api", "502-page", "503-later", "503-empty", "504-page"))
"""Passing troubles, after which a read has to be tried again."""

_UNSETTLED: dict[str, dict[str, Any]] = {
    "400-page": page(400),
    "401-text": text(401),
    "401-page": page(401),
    "401-json": foreign(401),
    "403-page": page(403),
    "403-json": foreign(403),
    "403-empty": empty(403),
    "404-page": page(404),
    "404-json": foreign(404),
    "404-empty": empty(404),
    "405-page": page(405),
    "407-page": page(407),
    "408-page": page(408),
    "408-api": api(408),
    "409-json": foreign(409),
    "410-page": page(410),
    "413-page": page(413),
    "413-api": api(413),
    "415-page": page(415),
    "418-text": text(418),
    "422-json": foreign(422),
    "422-page": page(422),
    "423-empty": empty(423),
    "425-page": page(425),
    "425-api": api(425),
    "429-api": api(429),
    "429-later": {**page(429), "retry_after": 1},
    "429-odd-date": {**page(429), "retry_after": "Thu, 99 Foo"},
    "429-huge": {**page(429), "retry_after": "9" * 400},
    "431-page": page(431),
    "451-page": page(451),
    "499-empty": empty(499),
    "500-api": api(500, "Internal Server Error"),
    "500-forged": api(500, FORGED),
    "500-secret": api(500, f"could not store {ADMIN_SECRET}"),
    "500-panel": page(500, PANEL_PAGE),
    "500-empty": empty(500),
    "500-text": text(500),
    "501-page": page(501),
    "502-page": page(502),
    "502-deep": {"status": 502, "body": DEEP, "content_type": "application/json"},
    "503-later": {**page(503), "retry_after": 1},
    "503-negative": {**page(503), "retry_after": -5},
    "503-empty": empty(503),
    "504-page": page(504),
    "507-page": page(507),
    "520-page": page(520),
    "599-empty": empty(599),
}
_OFTEN = _GATEWAYS | {"401-text", "403-page", "404-page", "408-page", "413-page", "422-json", "500-panel", "500-forged"}
"""Those that are also tried for good."""


def _statuses() -> Iterator[Fault]:
    for name, rule in _UNSETTLED.items():
        times = (ONCE, TWICE, ALWAYS) if name in _OFTEN else (ONCE,)
        yield Fault(f"{name}", {"action": "status", **rule}, times=times, transient=name in _GATEWAYS)
        yield Fault(f"{name}-after", {"action": "status_after", **rule}, WRITES | {LOGIN}, times)


# Refusals in the API's own words, which are believed: only before processing, because the API would not lie

_REFUSALS: dict[str, dict[str, Any]] = {
    "400-api": api(400, "Invalid something"),
    "403-readonly-api": api(403, "Forbidden"),
    "403-user-api": api(403, "Invalid user"),
    "403-banned-api": api(403, "Banned"),
    "403-license-api": api(403, "Invalid license"),
    "404-path-api": api(404, "Path not found"),
    "415-api": api(415),
    "422-api": api(422, "Validation failed. field='0_destination', input='nope', errors='bad'"),
    "422-forged-api": api(422, FORGED),
    "422-secret-api": api(422, f"Validation failed. field='password', input='{ADMIN_SECRET}', errors='bad'"),
}


def _settled() -> Iterator[Fault]:
    for name, rule in _REFUSALS.items():
        yield Fault(name, {"action": "status", **rule}, times=(ONCE, ALWAYS))
    # The server echoes what it gets: the secrets of the request have to be masked.
    echoing = frozenset((PATCH, POST, CREATE, LOGIN))
    yield Fault("422-echo-api", {"action": "status", "status": 422, "echo": True}, echoing)
    yield Fault("500-echo", {"action": "status", "status": 500, "echo": True}, echoing)
    yield Fault("500-echo-after", {"action": "status_after", "status": 500, "echo": True}, echoing)
    gone = api(404, "Entity 'faxserversetting' not found.")
    # A client has to believe that a fax is gone that the API does not know.
    yield Fault("404-api", {"action": "status", **gone}, EVERY - {DELETE})
    yield Fault("404-api-after", {"action": "status_after", **gone}, frozenset((DELETE,)))


def _redirects() -> Iterator[Fault]:
    places = {
        "301": (301, "https://elsewhere.example.com/"),
        "302": (302, "https://elsewhere.example.com/"),
        "302-relative": (302, "/login"),
        "302-broken": (302, "http://["),
        "302-odd": (302, "\u00e4:// x"),
        "302-nowhere": (302, None),
        "303": (303, "/"),
        "304": (304, None),
        "307": (307, "/api/"),
        "308": (308, "/api/"),
    }
    for name, (status, location) in places.items():
        rule = {**empty(status), "headers": {"Location": location} if location else {}}
        times = (ONCE, ALWAYS) if name in ("302", "303", "302-broken") else (ONCE,)
        yield Fault(name, {"action": "status", **rule}, times=times)
        yield Fault(f"{name}-after", {"action": "status_after", **rule}, WRITES | {LOGIN}, times)


# Success with a body that is none

_BODIES: dict[str, str] = {
    "object": "{}",
    "status-ok": '{"status": "ok"}',
    "list": "[]",
    "null": "null",
    "true": "true",
    "number": "12",
    "text": '"fine"',
    "login-page": LOGIN_PAGE,
    "cut": '{"active": true, "destinat',
    "deep": DEEP,
    "deep-member": '{"active": ' + DEEP + "}",
    "control": '{"active": "\\u0000\\u001b[2J", "name": "\\ud800"}',
    "nan": '{"id": NaN, "total_count": Infinity}',
    "embedded-null": '{"_embedded": null, "total_count": 1}',
    "embedded-text": '{"_embedded": "x", "total_count": 1}',
    "embedded-list": '{"_embedded": [], "total_count": 3}',
    "embedded-null-alone": '{"_embedded": null}',
    "embedded-text-alone": '{"_embedded": "x"}',
    "embedded-odd": '{"_embedded": {"ngcp:faxes": "x", "ngcp:subscribers": 7}, "total_count": 1}',
    "destinations-text": '{"destinations": "abc"}',
    "only-id": '{"id": 7}',
    "mark": "\ufeff{}",
    "binary": "\x00\x01\udcff\udcfe",
    "empty": "",
    "long-number": "1" * 5000,
    "secret": json.dumps({"message": ADMIN_SECRET, "active": STORED_SECRET}),
}
_BODIES_OFTEN = frozenset(("object", "status-ok", "login-page", "list", "empty"))


def _successes() -> Iterator[Fault]:
    for name, body in _BODIES.items():
        times = (ONCE, ALWAYS) if name in _BODIES_OFTEN else (ONCE,)
        kind = "text/html" if name == "login-page" else "application/json"
        rule = {"status": 200, "body": body, "content_type": kind}
        yield Fault(f"200-{name}", {"action": "garbage", **rule}, times=times)
        yield Fault(f"200-{name}-after", {"action": "garbage_after", **rule}, WRITES, times)
    others = {"201": 201, "202": 202, "203": 203, "204": 204, "205": 205, "206": 206, "207": 207}
    for name, status in others.items():
        body = "" if status in (204, 205) else "{}"
        rule = {"status": status, "body": body, "content_type": "application/json" if body else ""}
        # A fax that is answered with 201, and a DELETE with 204, are done: nobody can know better.
        lies = {201: {POST}, 204: {DELETE}}.get(status, set())
        yield Fault(name, {"action": "garbage", **rule}, EVERY - lies)
        yield Fault(f"{name}-after", {"action": "garbage_after", **rule}, WRITES, (ONCE,))


# The network


def _network() -> Iterator[Fault]:
    often = (ONCE, TWICE, ALWAYS)
    yield Fault("reset", {"action": "reset"}, times=often, transient=True)
    yield Fault("reset-after", {"action": "reset_after"}, times=often, transient=True)
    yield Fault("hang", {"action": "hang"}, times=often, transient=True, silent=True)
    yield Fault("hang-after", {"action": "hang_after"}, times=often, transient=True, silent=True)
    yield Fault("late", {"action": "delay", "seconds": TIMEOUT * 0.4}, times=(ONCE, ALWAYS))
    yield Fault("late-after", {"action": "delay_after", "seconds": TIMEOUT * 0.4}, times=(ONCE,))
    yield Fault("too-late-after", {"action": "delay_after", "seconds": TIMEOUT * 1.5}, times=often, silent=True)
    yield Fault("gone", {"action": "stop"}, times=(ONCE,))
    yield Fault("gone-after", {"action": "stop_after"}, times=(ONCE,))
    yield Fault("truncate-0", {"action": "truncate", "after_bytes": 0}, times=(ONCE, ALWAYS), transient=True)
    yield Fault("truncate-most", {"action": "truncate", "after_bytes": 10**9}, times=(ONCE, ALWAYS), transient=True)
    page_cut = {"action": "truncate", "processed": False, "after_bytes": 10, **page(502)}
    yield Fault("truncated-page", page_cut, times=(ONCE, ALWAYS))
    yield Fault("deadlock", {"action": "deadlock"}, frozenset((PATCH, CREATE)), often)
    yield Fault("deadlock-after", {"action": "deadlock_after"}, frozenset((PATCH,)), often)
    yield Fault("collision", {"action": "collision"}, frozenset((PATCH, CREATE)), often)


# The way of an answer


def _deliveries() -> Iterator[Fault]:
    drip = {"action": "drip", "piece": 1, "interval": TIMEOUT / 4}
    yield Fault("drip-body", {**drip, "part": "body"}, times=(ONCE, ALWAYS), silent=True)
    yield Fault("drip-headers", {**drip, "part": "headers"}, times=(ONCE, ALWAYS), silent=True)
    yield Fault("drip-page", {**drip, "part": "body", "processed": False, **page(502)}, times=(ONCE,), silent=True)
    yield Fault("drip-headers-page", {**drip, "part": "headers", "processed": False, **page(502)}, times=(ONCE,))
    yield Fault("quick-drip", {"action": "drip", "piece": 64, "interval": 0.001}, times=(ONCE,))
    yield Fault("endless", {"action": "endless"}, times=(ONCE, ALWAYS))
    slow = {"action": "endless", "piece": 1, "interval": TIMEOUT / 4}
    yield Fault("endless-slow", slow, times=(ONCE, ALWAYS), silent=True)
    yield Fault("endless-page", {"action": "endless", "processed": False, **page(502)}, times=(ONCE,))
    yield Fault("endless-201", {"action": "endless", "processed": True, "size": 1 << 28}, frozenset((POST,)), (ONCE,))
    keep_on = {"action": "continue", "interval": TIMEOUT / 4}
    yield Fault("continue", keep_on, times=(ONCE, ALWAYS), silent=True)
    yield Fault("continue-before", {**keep_on, "processed": False}, times=(ONCE,), silent=True)
    yield Fault("no-length", {"action": "no_length"}, times=(ONCE,))
    yield Fault("no-length-0", {"action": "no_length", "cut": 0}, times=(ONCE, ALWAYS))
    yield Fault("no-length-cut", {"action": "no_length", "cut": 60}, times=(ONCE, ALWAYS))
    yield Fault("no-length-late-cut", {"action": "no_length", "cut": 9000}, times=(ONCE, ALWAYS))
    yield Fault("gzip", {"action": "gzip"}, times=(ONCE, ALWAYS))
    yield Fault("gzip-bomb", {"action": "gzip", "size": 1 << 25}, times=(ONCE,))


# Answers of the platform's own that are not quite right


def _mutations() -> Iterator[Fault]:
    documents = EVERY - {RECORDING, POST, DELETE, LOGIN}
    odd: dict[str, change.Mutation] = {
        "other-item": change.of_one(change.next_identifier),
        "id-text": change.of_items(change.identifier("twelve")),
        "id-negative": change.of_items(change.identifier(-1)),
        "id-huge": change.of_items(change.identifier(10**30)),
        "id-true": change.of_items(change.identifier(True)),
        "id-null": change.of_items(change.identifier(None)),
        "id-part": change.of_items(change.identifier(1.5)),
        "id-missing": change.of_items(change.without_identifier),
        "odd-values": change.of_items(change.odd_values),
        "element-null": change.of_items(change.odd_elements(None)),
        "element-text": change.of_items(change.odd_elements("abc")),
        "element-list": change.of_items(change.odd_elements([[]])),
        "element-empty": change.of_items(change.odd_elements({})),
        "members-0": change.of_items(change.without_members(0)),
        "members-2": change.of_items(change.without_members(2)),
        "item-null": change.of_items(lambda _item: None),
        "item-text": change.of_items(lambda _item: "x"),
        "items-null": change.of_list(lambda _items: None),
        "items-text": change.of_list(lambda _items: "x"),
        "items-nested": change.of_list(lambda items: [items]),
        "items-first-twice": change.of_list(lambda items: [*items[:1], *items[:-1]] if len(items) > 1 else items * 2),
        "items-one-less": change.of_list(lambda items: items[:-1]),
        "items-none": change.of_list(lambda _items: []),
        "items-many": change.of_list(lambda items: items * 30),
        "items-backwards": change.of_list(lambda items: items[::-1]),
        **{
            f"total-{name}": change.member("total_count", value)
            for name, value in {
                "-1": -1,
                "10e9": 10**9,
                "10e12": 10**12,
                "1e400": "@1e400",
                "text": "12",
                "null": None,
                "true": True,
                "half": 1.5,
                "list": [],
                "off": 10**5,
            }.items()
        },
    }
    often = ("other-item", "odd-values", "total-10e9", "members-0")
    for name, mutation in odd.items():
        rule = {"action": "replace", "change": change.mutated(mutation)}
        # Nobody can know that the subscriber who is found is another one than its name says.
        classes = documents - {LOOKUP} if name == "other-item" else documents
        yield Fault(name, rule, classes, (ONCE, ALWAYS) if name in often else (ONCE,))
    recordings = frozenset((RECORDING,))
    yield Fault("other-recording", {"action": "replace", "change": change.other_recording}, recordings)
    for share in (0.02, 0.5, 0.99):
        rule = {"action": "replace", "change": change.cut_recording(share)}
        yield Fault(f"recording-{share}", rule, recordings)
