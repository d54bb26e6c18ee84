# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sending recorded requests: log-ins, bodies, headers."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

import requests
import urllib3
from sessions import TIMEOUT, log_in, plain_session


class Filler(Protocol):
    """Knows the placeholders of a scenario."""

    def filled(self, value: Any) -> Any:
        """Return a value with its placeholders filled."""

    def account(self, name: str) -> dict[str, str]:
        """Return a log-in."""


@dataclass
class Reply:
    """An answer."""

    status: int
    headers: Any
    body: bytes

    def json_or_none(self) -> Any:
        """Return the JSON document of the body, if there is one."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError:
            return None


class Client:
    """Sends requests as they were recorded."""

    def __init__(
        self,
        url: str,
        subscriber_url: str | None,
        accounts: dict[str, dict[str, str]],
        verify: bool | str = True,
    ) -> None:
        self._urls = {"admin": url.rstrip("/"), "subscriber": (subscriber_url or "").rstrip("/")}
        self.accounts = accounts
        self._session = plain_session(verify)
        self._session.headers.clear()
        self._tokens: dict[tuple[str, str], str] = {}
        if verify is False:
            urllib3.disable_warnings()

    @classmethod
    def of_simulator(cls, state_file: Path) -> Client:
        """Return a client of the simulator that a state file describes."""
        state = json.loads(state_file.read_text(encoding="utf-8"))
        return cls(state["url"], state["subscriber_url"], _accounts(state), state["ca_path"])

    def url(self, realm: str) -> str:
        """Return the address of a realm; empty if there is none."""
        return self._urls[realm]

    def send(self, request: dict[str, Any], filler: Filler) -> Reply:
        """Send a recorded request."""
        realm = request.get("realm", "admin")
        headers: dict[str, Any] = {"Accept": "*/*"}
        body, content_type = _body(request, filler)
        if content_type:
            headers["Content-Type"] = content_type
        headers.update(filler.filled(request.get("headers", {})))
        headers.update(self._authorization(request, realm, filler))
        path = filler.filled(request["path"])
        return self.raw(request["method"], realm, path, filler.filled(request.get("query") or {}), headers, body)

    def raw(
        self,
        method: str,
        realm: str,
        path: str,
        query: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Send a request; a header that is None is left out."""
        target = self._urls[realm] + str(path)
        if query:
            target += "?" + urlencode(query, doseq=True, quote_via=quote)
        prepared = requests.Request(method, self._urls[realm], data=body).prepare()
        prepared.url = target
        for name, value in (headers or {}).items():
            if value is None:
                prepared.headers.pop(name, None)
            else:
                prepared.headers[name] = str(value)
        settings = self._session.merge_environment_settings(target, {}, None, None, None)
        answer = self._session.send(prepared, timeout=TIMEOUT, allow_redirects=False, **settings)
        return Reply(answer.status_code, answer.headers, answer.content)

    def api(self, method: str, path: str, document: Any = None, kind: str = "application/json") -> Reply:
        """Send a request of the replayer's own, as the administrator."""
        headers = {"Accept": "application/json", "Authorization": f"Bearer {self._token('admin', 'admin', None)}"}
        body = None
        if document is not None:
            headers["Content-Type"] = kind
            body = json.dumps(document).encode()
        return self.raw(method, "admin", path, None, headers, body)

    def _authorization(self, request: dict[str, Any], realm: str, filler: Filler) -> dict[str, str]:
        name = request.get("auth", "none")
        if name == "none":
            return {}
        if name == "empty":
            return {"Authorization": _basic("", "")}
        if name == "unknown-user":
            return {"Authorization": _basic("nobody-by-this-name", "wrong")}
        if name == "wrong" or name.startswith("wrong:"):
            account = filler.account(name.partition(":")[2] or "throwaway")
            return {"Authorization": _basic(account["username"], "certainly-wrong")}
        account = filler.account(name)
        scheme = request.get("scheme") or ("bearer" if account.get("login") == "jwt" else "basic")
        if scheme == "basic":
            return {"Authorization": _basic(account["username"], account["password"])}
        return {"Authorization": f"Bearer {self._token(name, realm, account)}"}

    def _token(self, name: str, realm: str, account: dict[str, str] | None) -> str:
        account = account or self.accounts[name]
        key = (realm, account["username"])
        if key not in self._tokens:
            self._tokens[key] = log_in(self._session, self._urls[realm], account["username"], account["password"])
        return self._tokens[key]


def _accounts(state: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the log-ins that a simulator's state file holds, with the one of the subscriber as a template."""
    found: dict[str, dict[str, str]] = {}
    for name, account in state["accounts"].items():
        found[name] = {"username": account["username"], "password": account["password"]}
        if "@" not in account["username"]:
            found[name]["login"] = "jwt"
    found["subscriber"] = {"username": "{webusername}@{domain}", "password": state["web_password"]}
    return found


def _basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _body(request: dict[str, Any], filler: Filler) -> tuple[bytes | None, str | None]:
    """Return the body of a recorded request, and the content type that only a form has by itself."""
    if "json" in request:
        return json.dumps(filler.filled(request["json"]), ensure_ascii=False).encode(), None
    if "body" in request:
        return str(_in_text(request["body"], filler)).encode(), None
    if "body_base64" in request:
        return base64.b64decode(request["body_base64"]), None
    if "body_repeat" in request:
        repeat = request["body_repeat"]
        return (_in_text(repeat["template"], filler) % (repeat["character"] * repeat["times"])).encode(), None
    if "multipart" in request:
        return _multipart(request["multipart"]["parts"], filler)
    return None, None


def _in_text(text: str, filler: Filler) -> str:
    """Fill the placeholders within a text that holds other braces too."""
    return re.sub(r"\{[a-z_][a-z0-9_.:]*\}", lambda match: str(filler.filled(match.group())), text)


def _multipart(parts: list[dict[str, Any]], filler: Filler) -> tuple[bytes, str]:
    boundary = "replayed-exchange-boundary"
    body = b""
    for part in parts:
        disposition = f'form-data; name="{part["name"]}"'
        if "filename" in part:
            disposition += f'; filename="{part["filename"]}"'
        head = f"--{boundary}\r\nContent-Disposition: {disposition}\r\n"
        if "content_type" in part:
            head += f"Content-Type: {part['content_type']}\r\n"
        body += head.encode() + b"\r\n" + _part_content(part, filler) + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def _part_content(part: dict[str, Any], filler: Filler) -> bytes:
    if "json" in part:
        return json.dumps(filler.filled(part["json"]), ensure_ascii=False).encode()
    if "base64" in part:
        return base64.b64decode(part["base64"])
    return _in_text(part["value"], filler).encode()
