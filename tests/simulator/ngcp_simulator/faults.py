# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: rules that make chosen requests go wrong."""

from __future__ import annotations

import itertools
import json
import random
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from .answers import Answer
from .call import Call

INSTEAD = ("status", "reset", "hang", "garbage", "redirect", "stop")
"""Actions in place of processing the request."""
AFTER = ("status_after", "reset_after", "hang_after", "garbage_after", "replace", "stop_after")
"""Actions that come after the request has been processed."""
DELIVERY = ("truncate", "drip", "endless", "continue", "no_length", "gzip")
"""Actions that spoil the way of the platform's answer, or of an invented one if `processed` is false."""
WITHIN = ("deadlock", "collision", "deadlock_after")
"""Actions of the platform itself."""
ACTIONS = ("delay", "delay_after", *INSTEAD, *AFTER, *DELIVERY, *WITHIN)
PARTS = ("headers", "body")

_IDENTIFIER = re.compile(r"/api/(?:faxserversettings|mailtofaxsettings|subscribers|cfmappings|callforwards)/(\d+)/?$")


@dataclass
class Fault:
    """One rule: which requests it meets, how often, and what happens to them."""

    action: str
    method: str | None = None
    """Only this method (several with `|` between them)."""
    path: str | None = None
    """Only paths in which this regular expression is found (without the query)."""
    query: str | None = None
    """Only queries in which this regular expression is found."""
    subscribers: frozenset[int] | None = None
    """Only requests for these subscribers (item in the path, `subscriber_id` in query or body)."""
    account: str | None = None
    """Only requests of this log-in name."""
    times: int | None = None
    """How often it strikes; None: always."""
    skip: int = 0
    """How many matching requests are let through first."""
    probability: float = 1.0
    seed: int | None = None
    status: int = 500
    """The status code of an invented answer; `garbage` and `garbage_after` make 200 of the default."""
    headers: dict[str, str] = field(default_factory=dict)
    """Additional headers of an invented answer."""
    body: str | None = None
    """The body of an invented answer; without it one that fits the status. Lone surrogates become odd bytes."""
    echo: bool = False
    """The body of an invented answer is an error of the API that repeats what was sent."""
    content_type: str | None = None
    """The type of an invented answer; empty for none."""
    retry_after: str | int | None = None
    """`status`, `status_after`: the Retry-After header."""
    change: Callable[[Answer], Answer] | None = None
    """`replace`: makes another answer of the platform's own one."""
    processed: bool = True
    """Deliveries: spoil the platform's answer; false: do not process the request, and spoil an invented answer."""
    seconds: float = 0.0
    """`delay`: how long; `hang`, `continue`: the longest time (0: until the client gives up)."""
    location: str = "https://elsewhere.example.com/"
    """`redirect`: where to."""
    after_bytes: int = 20
    """`truncate`: how many bytes of the body are sent."""
    cut: int | None = None
    """`no_length`: after how many bytes of the body it ends; None: all of it is sent."""
    part: str = "body"
    """`drip`: which part drips, `headers` or `body`."""
    piece: int = 1
    """`drip`, `endless` with an interval: bytes in one piece."""
    interval: float = 0.0
    """`drip`, `endless`, `continue`: seconds between two pieces."""
    size: int = 0
    """`gzip`: bytes of blanks that are compressed behind the body; `endless`: bytes until the server gives up."""
    id: int = 0
    seen: int = 0
    """How many requests matched."""
    hits: int = 0
    """How many requests it struck."""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"unknown fault {self.action!r}; there are: {', '.join(ACTIONS)}")
        if self.part not in PARTS:
            raise ValueError(f"a fault's part is one of {', '.join(PARTS)}")
        if (self.action == "replace") != (self.change is not None):
            raise ValueError("the action replace needs a function, and no other action takes one")
        if self.subscribers is not None:
            self.subscribers = frozenset(int(one) for one in _several(self.subscribers))
        self._methods = frozenset(self.method.upper().split("|")) if self.method else None
        self._path = re.compile(self.path) if self.path else None
        self._query = re.compile(self.query) if self.query else None
        self._random = random.Random(self.seed)

    def matches(self, call: Call) -> bool:
        """Tell whether the rule is about a request."""
        record = call.record
        return (
            (self._methods is None or call.method in self._methods)
            and (self._path is None or bool(self._path.search(call.path)))
            and (self._query is None or bool(self._query.search(record.query)))
            and (self.account is None or self.account == record.account)
            and (self.subscribers is None or bool(self.subscribers & subscribers_of(call)))
        )

    def strikes(self) -> bool:
        """Count a matching request and decide whether it goes wrong."""
        self.seen += 1
        if self.seen <= self.skip or (self.times is not None and self.hits >= self.times):
            return False
        if self.probability < 1.0 and self._random.random() >= self.probability:
            return False
        self.hits += 1
        return True

    @property
    def keeps_others(self) -> bool:
        """Whether other rules may strike the same request."""
        return self.action in ("delay", "delay_after")

    @property
    def unprocessed(self) -> bool:
        """Whether the platform never sees the request."""
        return self.action in INSTEAD or (self.action in DELIVERY and not self.processed)

    def as_dict(self) -> dict[str, Any]:
        """Return the rule for the control interface."""
        shown = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "change"}
        shown["subscribers"] = sorted(self.subscribers) if self.subscribers is not None else None
        return shown


def _several(value: Iterable[int] | int) -> Iterable[int]:
    return (value,) if isinstance(value, int) else value


def subscribers_of(call: Call) -> frozenset[int]:
    """Return the subscribers that a request names."""
    found: set[int] = set()
    match = _IDENTIFIER.search(call.path)
    if match:
        found.add(int(match.group(1)))
    in_query = call.query.get("subscriber_id")
    if isinstance(in_query, str) and in_query.isdigit():
        found.add(int(in_query))
    if call.method == "POST" and b"subscriber_id" in call.body:
        in_body = re.search(rb'"subscriber_id"\s*:\s*"?(\d+)', call.body)
        if in_body:
            found.add(int(in_body.group(1)))
    return frozenset(found)


class Faults:
    """All rules; the first one that strikes counts."""

    def __init__(self, seed: int) -> None:
        self._rules: list[Fault] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._seed = seed

    def add(self, **rule: Any) -> Fault:
        """Add a rule."""
        fault = Fault(**rule)
        with self._lock:
            fault.id = next(self._numbers)
            if fault.seed is None:
                fault._random.seed(f"{self._seed}:{fault.id}")
            self._rules.append(fault)
        return fault

    def remove(self, identifier: int) -> None:
        """Remove one rule."""
        with self._lock:
            self._rules = [rule for rule in self._rules if rule.id != identifier]

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules = []

    def rules(self) -> list[Fault]:
        """Return all rules."""
        return list(self._rules)

    def strike(self, call: Call) -> list[Fault]:
        """Return the rules that strike a request: any delays, and the first of the others."""
        if not self._rules:
            return []
        struck: list[Fault] = []
        for rule in self.rules():
            if rule.matches(call) and rule.strikes():
                struck.append(rule)
                if not rule.keeps_others:
                    break
        if struck:
            call.record.fault = struck[-1].action
        return struck


PAGES = {
    500: "<html><head><title>500 Internal Server Error</title></head></html>",
    502: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body></html>\r\n",
    503: "<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n</html>\r\n",
    504: "<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n</html>\r\n",
}
GARBAGE = "\x00\x01<<<this is no JSON>>>"


GARBAGES = ("garbage", "garbage_after")


def invented(fault: Fault, request: bytes = b"") -> Answer:
    """Return the answer that a rule invents.

    :param request: the body of the request.
    """
    text, usual_type = _echo(fault, request) if fault.echo else _body_of(fault)
    content_type = usual_type if fault.content_type is None else fault.content_type or None
    headers = dict(fault.headers)
    if fault.action == "redirect":
        headers.setdefault("Location", fault.location)
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    return Answer(_status_of(fault), text.encode("utf-8", "surrogateescape"), content_type, headers)


def _status_of(fault: Fault) -> int:
    if fault.action == "redirect" and not 300 <= fault.status < 400:
        return 302
    return 200 if fault.action in GARBAGES and fault.status == 500 else fault.status


def _echo(fault: Fault, request: bytes) -> tuple[str, str]:
    message = f"Validation failed. field='x', input='{request.decode('utf-8', 'replace')}', errors='wrong'"
    return json.dumps({"code": fault.status, "message": message}), "application/json"


def _body_of(fault: Fault) -> tuple[str, str | None]:
    """Return the body of an invented answer, and its usual type."""
    if fault.action == "redirect":
        return "", None
    if fault.body is not None:
        return fault.body, "text/html"
    if fault.action in GARBAGES:
        return GARBAGE, "application/json"
    if fault.status in (502, 503, 504):
        return PAGES[fault.status], "text/html"
    text = json.dumps({"code": fault.status, "message": "Internal Server Error" if fault.status == 500 else "Refused"})
    return text + "\n", "application/json"
