# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control interface: what the Python interface can do, over HTTPS for other processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web

from .answers import JSON, Answer, error
from .forwards import control as forwards
from .operations import Operations
from .platform import Platform

CONTROL_PREFIX = "/_simulator/"
TOKEN_HEADER = "X-Simulator-Token"

Handler = forwards.Handler


class Control:
    """Answers requests below /_simulator/."""

    def __init__(self, platform: Platform, status: Callable[[], dict[str, Any]]) -> None:
        self._platform = platform
        self._operations = Operations(platform)
        self._status = status
        self._handlers: dict[tuple[str, str], Handler] = {
            ("GET", ""): lambda parts, query, body: status(),
            ("GET", "audit"): self._audit,
            ("DELETE", "audit"): lambda parts, query, body: platform.audit.clear(),
            ("GET", "faults"): lambda parts, query, body: [rule.as_dict() for rule in platform.faults.rules()],
            ("POST", "faults"): lambda parts, query, body: platform.faults.add(**body).as_dict(),
            ("DELETE", "faults"): self._remove_faults,
            ("GET", "switches"): lambda parts, query, body: platform.switches.as_dict(),
            ("POST", "switches"): self._switch,
            ("GET", "settings"): self._get_settings,
            ("PUT", "settings"): self._put_settings,
            ("PATCH", "settings"): self._change_settings,
            ("POST", "faxes"): lambda parts, query, body: {"ids": self._operations.receive_fax(**body)},
            ("GET", "journal"): self._journal,
            ("GET", "sent"): self._sent,
            ("POST", "clock"): self._advance,
            ("POST", "hooks"): self._add_hook,
            ("DELETE", "hooks"): lambda parts, query, body: self._operations.clear_hooks(),
            ("DELETE", "bans"): lambda parts, query, body: platform.bans.clear(),
            ("POST", "terminate"): lambda parts, query, body: self._operations.terminate(int(body["id"])),
            ("PATCH", "subscribers"): self._change_subscriber,
            **forwards.handlers(self._operations),
        }

    def answer(self, request: web.BaseRequest, body: bytes) -> Answer:
        """Answer one request, if it brings the token."""
        given = request.headers.get(TOKEN_HEADER, "")
        if given != self._platform.control_token:
            return error(403, f"the header {TOKEN_HEADER} must hold the token of the state file")
        parsed = urlsplit(request.raw_path)
        parts = parsed.path[len(CONTROL_PREFIX) :].strip("/").split("/")
        query = {name: values[-1] for name, values in parse_qs(parsed.query).items()}
        handler = self._handlers.get((request.method, parts[0]))
        if handler is None:
            return error(404, "unknown; see the README of the simulator")
        try:
            result = handler(parts[1:], query, json.loads(body) if body else {})
        except (ValueError, KeyError, TypeError, IndexError) as problem:
            return error(400, f"{type(problem).__name__}: {problem}")
        if result is None:
            return Answer(204)
        return Answer(200, json.dumps(result, default=_bytes).encode(), JSON)

    def _audit(self, parts: list[str], query: dict[str, str], body: Any) -> Any:
        found = self._platform.audit.find(query.get("method"), query.get("path"))
        return [asdict(record) for record in found]

    def _remove_faults(self, parts: list[str], query: dict[str, str], body: Any) -> None:
        if parts:
            self._platform.faults.remove(int(parts[0]))
        else:
            self._platform.faults.clear()

    def _switch(self, parts: list[str], query: dict[str, str], body: Any) -> Any:
        self._platform.switches.change(**body)
        return self._platform.switches.as_dict()

    def _get_settings(self, parts: list[str], query: dict[str, str], body: Any) -> Any:
        if len(parts) > 1:
            return {"settings": self._operations.settings(parts[0], int(parts[1]))}
        identifiers = [int(one) for one in query.get("ids", "").split(",") if one]
        return {"settings": self._operations.all_settings(parts[0], identifiers)}

    def _put_settings(self, parts: list[str], query: dict[str, str], body: Any) -> None:
        self._operations.put_settings(parts[0], int(parts[1]), body)

    def _change_settings(self, parts: list[str], query: dict[str, str], body: Any) -> Any:
        return {"settings": self._operations.change_settings(parts[0], int(parts[1]), **body)}

    def _change_subscriber(self, parts: list[str], query: dict[str, str], body: Any) -> None:
        """Change columns of a subscriber, and its `primary_number`: `["43", "1", "5"]`, or null for none."""
        identifier = int(parts[0])
        if "primary_number" in body:
            number = body.pop("primary_number")
            self._operations.set_primary_number(identifier, tuple(number) if number else None)
        self._operations.change_subscriber(identifier, **body)

    def _journal(self, parts: list[str], query: dict[str, str], body: Any) -> Any:
        return self._operations.journal(int(parts[0]) if parts else None)

    def _sent(self, parts: list[str], query: dict[str, str], body: Any) -> Any:
        return self._operations.sent_faxes(int(parts[0]) if parts else None)

    def _advance(self, parts: list[str], query: dict[str, str], body: Any) -> Any:
        self._platform.clock.advance(float(body["advance"]))
        return {"now": self._platform.clock.now()}

    def _add_hook(self, parts: list[str], query: dict[str, str], body: Any) -> None:
        """Change settings, replace forwards or terminate subscribers after a page of a resource."""
        changes = list(body.get("changes", []))
        forwarded = {int(one): document for one, document in body.get("forwards", {}).items()}
        terminated = list(body.get("terminate", []))

        def action() -> None:
            for change in changes:
                self._operations.change_settings(change["resource"], int(change["id"]), **change["settings"])
            self._operations.put_many_forwards(forwarded)
            for identifier in terminated:
                self._operations.terminate(int(identifier))

        self._operations.after_page(body["resource"], int(body.get("page", 1)), action, int(body.get("times", 1)))


def _bytes(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"size": len(value)}
    raise TypeError(type(value).__name__)
