# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request as the platform sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote

from .accounts import Account
from .audit import Record

Parameter: TypeAlias = "str | list[str]"

OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Tunneled-Method")
READING = frozenset(("GET", "HEAD", "OPTIONS"))


@dataclass
class Call:
    """A request with everything that the handlers need."""

    method: str
    raw_path: str
    headers: Any
    body: bytes
    realm: str
    address: str
    host: str
    certificate: dict[str, Any] | None
    record: Record
    path: str = ""
    query: dict[str, Parameter] = field(default_factory=dict)
    account: Account | None = None
    scheme: str = "none"
    identifier: str = ""

    @property
    def user(self) -> Account:
        """The account that has logged in."""
        if self.account is None:
            raise RuntimeError("not logged in")
        return self.account

    @property
    def reading(self) -> bool:
        """Whether the method cannot change anything."""
        return self.method in READING

    def text(self, name: str) -> str | None:
        """Return a query parameter as text; a repeated one looks as it does in Perl."""
        value = self.query.get(name)
        return f"ARRAY(0x{id(value):x})" if isinstance(value, list) else value


def method_of(method: str, headers: Any) -> str:
    """Return the method, which a POST can override by a header."""
    if method == "POST":
        for name in OVERRIDES:
            if name in headers:
                return str(headers[name]).upper()
    return method


def split_target(target: str) -> tuple[str, str, dict[str, Parameter]]:
    """Split a request target into raw path, decoded path and query parameters."""
    raw_path, _mark, raw_query = target.partition("?")
    path = unquote(raw_path) if "%" in raw_path else raw_path
    query: dict[str, Parameter] = {}
    if raw_query:
        for name, value in parse_qsl(raw_query, keep_blank_values=True):
            if name in query:
                earlier = query[name]
                query[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
            else:
                query[name] = value
    return raw_path, path, query
