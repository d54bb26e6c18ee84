# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a scenario: preconditions, placeholders, subscribers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from replay_http import Client

_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)(?:\.([a-z_]+)|:(str))?\}")
_SUBSCRIBER = re.compile(r"^sid\d*$")
DEFAULTS: dict[str, dict[str, Any]] = {"faxserversettings": {}, "mailtofaxsettings": {"secret_key_renew": "never"}}
NO_FORWARDS: dict[str, list[Any]] = {name: [] for name in ("cfu", "cfb", "cft", "cfna", "cfs", "cfr", "cfo")}
FORWARD_SETS = ("cfdestinationsets", "cftimesets", "cfsourcesets", "cfbnumbersets")
UNDER_WAY = ("QUEUED", "SENDING", "")
LONGEST_WAIT = 60.0
FAILURES_TO_A_BAN = 5


class Skip(Exception):
    """An exchange that cannot be replayed with what is there."""


class Situation:
    """What the placeholders of the running scenario stand for."""

    def __init__(
        self, client: Client, subscribers: list[int], untouched: list[int], pause: Callable[[float], None] | None
    ) -> None:
        self._client = client
        self._subscribers = sorted(subscribers)
        self._untouched = sorted(untouched)
        self._pause = pause or time.sleep
        self._attributes: dict[int, dict[str, Any]] = {}
        self._scenario: dict[str, Any] = {}
        self._next = 0
        self.placeholders: dict[str, Any] = {}

    # Scenarios

    def begin(self, scenario: dict[str, Any]) -> None:
        """Choose subscribers and establish the precondition."""
        self._scenario = scenario
        self.placeholders = {}
        names = [f"sid{number}" if number > 1 else "sid" for number in range(1, len(scenario["precondition"]) + 1)]
        untouched = "untouched" in scenario.get("requires", [])
        for name, identifier in zip(names, self._choose(len(names), untouched), strict=True):
            self.placeholders[name] = identifier
        if "renewal-ban" in scenario.get("requires", []):
            self._cause_renewal_ban()
        self._establish()

    def _choose(self, count: int, untouched: bool) -> list[int]:
        if untouched:
            return [self._untouched.pop(0) for _number in range(count)]
        if self._next + count > len(self._subscribers):
            self._next = 0
        chosen = self._subscribers[self._next : self._next + count]
        self._next += count
        return chosen

    def _cause_renewal_ban(self) -> None:
        headers = {"Content-Type": "application/json"}
        for _number in range(FAILURES_TO_A_BAN):
            self._client.raw("POST", "admin", "/login_jwt", None, headers, b'{"jwt":"garbage"}')

    def prepare(self, exchange: dict[str, Any]) -> None:
        """Do what has to be done before an exchange."""
        if exchange.get("reset"):
            self._establish()
        if exchange.get("pause"):
            self._pause(exchange["pause"])
        if exchange.get("settle"):
            for name in self._subscriber_names():
                self._await_faxes(self.placeholders[name])
        realm = exchange["request"].get("realm", "admin")
        if not self._client.url(realm):
            raise Skip(f"no address of the realm {realm}")

    def _subscriber_names(self) -> list[str]:
        return [name for name in self.placeholders if _SUBSCRIBER.match(name)]

    def _establish(self) -> None:
        for index, wanted in enumerate(self._scenario["precondition"].values(), 1):
            identifier = self.placeholders[f"sid{index}" if index > 1 else "sid"]
            for resource, defaults in DEFAULTS.items():
                if resource in wanted:
                    document = self.filled(wanted[resource])
                    self._put(f"/api/{resource}/{identifier}", defaults if document is None else document)
            if "cfmappings" in wanted:
                self._set_forwards(identifier, self.filled(wanted["cfmappings"]))
            if "alias_numbers" in wanted:
                self._set_aliases(identifier, self.filled(wanted["alias_numbers"]))
            if "faxes" in wanted:
                self._set_faxes(identifier, self.filled(wanted["faxes"]))

    def _put(self, path: str, document: Any) -> None:
        reply = self._client.api("PUT", path, document)
        if reply.status != 204:
            raise RuntimeError(f"precondition: PUT {path}: {reply.status} {reply.body[:300]!r}")

    def _set_aliases(self, identifier: int, numbers: list[dict[str, Any]]) -> None:
        operations = [{"op": "replace", "path": "/alias_numbers", "value": numbers}]
        path = f"/api/subscribers/{identifier}"
        reply = self._client.api("PATCH", path, operations, "application/json-patch+json")
        if reply.status not in (200, 204):
            raise RuntimeError(f"precondition: PATCH {path}: {reply.status} {reply.body[:300]!r}")

    def _set_forwards(self, identifier: int, document: dict[str, Any] | None) -> None:
        """Delete all forwards and sets of a subscriber, and store these mappings."""
        path = f"/api/cfmappings/{identifier}"
        self._put(path, dict(NO_FORWARDS))
        for resource in FORWARD_SETS:
            query = f"subscriber_id={identifier}&rows=1000&order_by=id"
            page = json.loads(self._client.api("GET", f"/api/{resource}/?{query}").body)
            for one in page.get("_embedded", {}).get(f"ngcp:{resource}", []):
                self._client.api("DELETE", f"/api/{resource}/{one['id']}")
        if document is not None:
            self._put(path, document)

    def _faxes(self, identifier: int) -> list[dict[str, Any]]:
        query = f"subscriber_id={identifier}&rows=1000&order_by=id"
        document = json.loads(self._client.api("GET", f"/api/faxes/?{query}").body)
        found: list[dict[str, Any]] = document.get("_embedded", {}).get("ngcp:faxes", [])
        return found

    def _set_faxes(self, identifier: int, faxes: list[dict[str, Any]]) -> None:
        for fax in self._faxes(identifier):
            self._client.api("DELETE", f"/api/faxes/{fax['id']}")
        for fax in faxes:
            reply = self._client.api("POST", "/api/faxes/", {"subscriber_id": identifier, **fax})
            if reply.status != 201:
                raise RuntimeError(f"precondition: POST of a fax: {reply.status} {reply.body[:300]!r}")
            self._await_faxes(identifier)
        for number, fax in enumerate(self._faxes(identifier), 1):
            self.placeholders.setdefault(f"fax_id_{number}" if number > 1 else "fax_id", fax["id"])

    def _await_faxes(self, identifier: int) -> None:
        waited = 0.0
        while any(fax["status"] in UNDER_WAY for fax in self._faxes(identifier)):
            if waited > LONGEST_WAIT:
                raise RuntimeError(f"the faxes of subscriber {identifier} do not end")
            self._pause(0.5)
            waited += 0.5

    # Placeholders

    def filled(self, value: Any) -> Any:
        """Return a value with all placeholders filled."""
        if isinstance(value, dict):
            return {str(self.filled(key)): self.filled(member) for key, member in value.items()}
        if isinstance(value, list):
            return [self.filled(member) for member in value]
        if not isinstance(value, str) or "{" not in value:
            return value
        whole = _PLACEHOLDER.fullmatch(value)
        if whole and self._knows(whole):
            return self._value(whole)
        return _PLACEHOLDER.sub(lambda match: str(self._value(match)) if self._knows(match) else match.group(), value)

    def _knows(self, match: re.Match[str]) -> bool:
        name = match.group(1)
        return name in self.placeholders or name.startswith("account_")

    def _value(self, match: re.Match[str]) -> Any:
        name, attribute, as_text = match.groups()
        if name.startswith("account_"):
            return self.account(name[len("account_") :])[attribute]
        value = self.placeholders[name]
        if attribute:
            value = self._attribute(int(value), attribute)
        return str(value) if as_text else value

    def _attribute(self, identifier: int, name: str) -> Any:
        found = self._of(identifier)
        if name in ("number", "sn"):
            number = found["primary_number"]
            return number["sn"] if name == "sn" else f"{number['cc']}{number['ac']}{number['sn']}"
        if name == "digits":
            return "".join(filter(str.isdigit, found["webusername"]))
        return found[name]

    def _of(self, identifier: int) -> dict[str, Any]:
        if identifier not in self._attributes:
            self._attributes[identifier] = json.loads(self._client.api("GET", f"/api/subscribers/{identifier}").body)
        return self._attributes[identifier]

    def account(self, name: str) -> dict[str, str]:
        """Return a log-in; braces within it hold attributes of the first subscriber."""
        if name not in self._client.accounts:
            raise Skip(f"no account {name}")
        account = self._client.accounts[name]
        return {key: re.sub(r"\{([a-z_]+)\}", self._of_first, text) for key, text in account.items()}

    def _of_first(self, match: re.Match[str]) -> str:
        return str(self._attribute(int(self.placeholders["sid"]), match.group(1)))
