# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults: rules that make chosen requests go wrong."""

from __future__ import annotations

import itertools
import json
import random
import re
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from .call import Call

ACTIONS = (
    "status",
    "reset",
    "reset_after",
    "delay",
    "hang",
    "truncate",
    "garbage",
    "deadlock",
    "redirect",
    "stop",
    "stop_after",
)
AFTER = frozenset(("reset_after", "truncate", "stop_after"))
"""Actions that come after the request has been processed."""

_IDENTIFIER = re.compile(r"/api/(?:faxserversettings|mailtofaxsettings|subscribers)/(\d+)/?$")


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
    """`status`: the status code."""
    headers: dict[str, str] = field(default_factory=dict)
    """`status`, `garbage`, `redirect`: additional headers."""
    body: str | None = None
    """`status`, `garbage`: the body; without it one that fits the status."""
    content_type: str | None = None
    retry_after: str | int | None = None
    """`status`: the Retry-After header."""
    seconds: float = 0.0
    """`delay`: how long; `hang`: the longest time (0: until the client gives up)."""
    location: str = "https://elsewhere.example.com/"
    """`redirect`: where to."""
    after_bytes: int = 20
    """`truncate`: how many bytes of the body are sent."""
    id: int = 0
    seen: int = 0
    """How many requests matched."""
    hits: int = 0
    """How many requests it struck."""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"unknown fault {self.action!r}; there are: {', '.join(ACTIONS)}")
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

    def as_dict(self) -> dict[str, Any]:
        """Return the rule for the control interface."""
        shown = asdict(self)
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
                if rule.action != "delay":
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


def body_of(fault: Fault) -> tuple[str, str]:
    """Return body and content type of an answer that a rule invents."""
    if fault.body is not None:
        return fault.body, fault.content_type or "text/html"
    if fault.action == "garbage":
        return GARBAGE, fault.content_type or "application/json"
    if fault.status in (502, 503, 504):
        return PAGES[fault.status], fault.content_type or "text/html"
    text = json.dumps({"code": fault.status, "message": "Internal Server Error" if fault.status == 500 else "Refused"})
    return text + "\n", fault.content_type or "application/json"
