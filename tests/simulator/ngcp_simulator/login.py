# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Log-in for a token (/login_jwt) and tokens for log-ins (/api/authtokens/)."""

from __future__ import annotations

import json
import secrets
from typing import Any

from . import forms, otp
from .accounts import ADMIN_REALM, Account
from .answers import JSON, Answer, document, error, login_error_page, path_not_found
from .authentication import Authentication
from .bans import TOKENS
from .body import json_body
from .call import Call
from .columns import perl_text
from .platform import Platform

TOKEN_TYPES = ("onetime", "expires")


class Login:
    """Handlers of /login_jwt and /api/authtokens/."""

    def __init__(self, platform: Platform, authentication: Authentication) -> None:
        self._platform = platform
        self._authentication = authentication

    def login(self, call: Call) -> Answer:
        """POST /login_jwt: by password, by an older JWT, or by a token."""
        switches = self._platform.switches
        if switches.jwt == "absent" or call.method != "POST":
            return path_not_found()
        try:
            wanted = json.loads(call.body)
        except ValueError:
            return login_error_page()
        if not isinstance(wanted, dict) or switches.redis == "down":
            return login_error_page()
        if switches.jwt == "no-secret":
            return error(500, "No JWT key has been configured")
        if wanted.get("jwt") or wanted.get("token"):
            call.scheme = "renewal" if wanted.get("jwt") else "token"
            return self._by_token(call, wanted)
        call.scheme = "password"
        return self._by_password(call, wanted)

    def _by_token(self, call: Call, wanted: dict[str, Any]) -> Answer:
        key = self._shared_key(call)
        if self._platform.bans.banned(key):
            return error(403, "Banned")
        if wanted.get("jwt"):
            account = self._authentication.account_of_token(str(wanted["jwt"]))
        else:
            account = self._of_auth_token(str(wanted["token"]))
        if account is None or account.realm != call.realm:
            self._platform.bans.failed(key)
            return error(403, "Forbidden!")
        return self._success(call, account)

    def _shared_key(self, call: Call) -> tuple[str, ...]:
        return (call.realm, TOKENS, call.address)

    def _of_auth_token(self, token: str) -> Account | None:
        found = self._platform.auth_tokens.get(token)
        if found is None:
            return None
        account, kind, expires = found
        if kind == "onetime" or expires <= self._platform.clock.now():
            del self._platform.auth_tokens[token]
        return account if expires > self._platform.clock.now() else None

    def _by_password(self, call: Call, wanted: dict[str, Any]) -> Answer:
        username, password = perl_text(wanted.get("username")), perl_text(wanted.get("password"))
        if not username and self._platform.bans.banned(self._shared_key(call)):
            return error(403, "Banned")
        if not username or not password:
            return error(422, "No username or password given")
        if not password.isascii():
            return error(422, "'password' contains invalid characters")
        call.record.account = username
        key = self._authentication.ban_key(call, username)
        if self._platform.bans.banned(key):
            return error(403, "Banned")
        account = self._authentication.find(call.realm, call.host, username)
        if account is None or not account.active or account.password != password:
            self._platform.bans.failed(key)
            return error(403, "User not found")
        if account.otp_secret and not otp.accepts(
            account.otp_secret, perl_text(wanted.get("otp")), self._platform.clock.now()
        ):
            if account.realm == ADMIN_REALM:
                self._platform.bans.failed(key)
            return error(403, "Invalid OTP")
        if account.password_expired:
            return error(403, "Password expired")
        self._platform.bans.succeeded(key)
        return self._success(call, account)

    def _success(self, call: Call, account: Account) -> Answer:
        call.account = account
        call.record.account = account.username
        token, expires = self._authentication.make_token(account)
        key = "id" if account.realm == ADMIN_REALM else "subscriber_id"
        return document({"jwt": token, "expires": expires, key: account.id}, JSON)

    def make_auth_token(self, call: Call) -> Answer:
        """POST /api/authtokens/: a token that can be exchanged for a JWT."""
        wanted = json_body(call, (JSON,), link_header_refused=True)
        problems: list[forms.Problem] = []
        kind, expires = wanted.get("type"), wanted.get("expires")
        if not forms.has_value(kind):
            problems.append(("type", "", ["Type field is required"]))
        elif kind not in TOKEN_TYPES:
            problems.append(("type", perl_text(kind), [f"'{perl_text(kind)}' is not a valid value"]))
        if not forms.has_value(expires):
            problems.append(("expires", "", ["Expires field is required"]))
        elif not perl_text(expires).isdigit():
            problems.append(("expires", perl_text(expires), ["Value must be an integer"]))
        forms.refuse_problems(problems)
        token = secrets.token_hex(16)
        until = self._platform.clock.now() + int(perl_text(expires))
        self._platform.auth_tokens[token] = (call.user, str(kind), until)
        return document({"token": token}, JSON, 201)
