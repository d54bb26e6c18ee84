# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is asking: client certificate, bearer token, Basic."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import jwt

from . import otp
from .accounts import ADMIN_REALM, Account
from .answers import Refusal, internal_error, refuse, unauthorized
from .call import Call
from .certificates import CLIENT_NAME
from .platform import Platform

ALGORITHM = "HS256"
CACHED_TOKENS = 4096
UNTIMED: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
"""Times are compared by the simulated clock, which can be ahead of the real one."""


class Authentication:
    """Finds out who sent a request, or refuses it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._tokens: dict[str, tuple[Account | None, float | None, str]] = {}

    def authenticate(self, call: Call) -> Account:
        """Return the account of a request."""
        if call.certificate is not None and call.realm == ADMIN_REALM:
            call.scheme = "certificate"
            return self._by_certificate(call.certificate)
        header = call.headers.get("Authorization", "")
        if header.startswith("Bearer ") and header[7:].strip():
            call.scheme = "bearer"
            return self._by_token(call, header[7:].strip())
        if header.startswith("Basic "):
            call.scheme = "basic"
            return self._by_password(call, header[6:].strip())
        raise Refusal(unauthorized(call.realm))

    def _by_certificate(self, certificate: dict[str, Any]) -> Account:
        names = {key: value for part in certificate.get("subject", ()) for key, value in part}
        name = names.get("commonName", "")
        if name != CLIENT_NAME:
            raise refuse(403, f"Invalid client certificate DN 'CN={name}'")
        account = self._platform.administrator_by_serial(int(certificate.get("serialNumber", "0"), 16))
        if account is None or not account.active:
            raise refuse(403, "Invalid user")
        return account

    def _by_token(self, call: Call, token: str) -> Account:
        account, expires, realm = self._tokens.get(token) or self._read_token(token)
        expired = expires is not None and expires <= self._platform.clock.now()
        if account is None or expired or realm != call.realm or not account.active:
            raise refuse(403, "Invalid user")
        return account

    def _read_token(self, token: str) -> tuple[Account | None, float | None, str]:
        """Read a JWT; the time of expiry is compared by the simulated clock."""
        try:
            claims = jwt.decode(token, self._platform.jwt_secret, algorithms=[ALGORITHM], options=UNTIMED)
        except jwt.PyJWTError:
            return None, None, ""
        realm = str(claims.get("realm"))
        identifier = int(claims["uid"])
        account = (
            self._platform.administrator_by_id(identifier)
            if realm == ADMIN_REALM
            else self._platform.subscriber_account_by_id(identifier)
        )
        found = (account, claims.get("exp"), realm)
        if len(self._tokens) >= CACHED_TOKENS:
            self._tokens.clear()
        self._tokens[token] = found
        return found

    def make_token(self, account: Account) -> tuple[str, int | None]:
        """Return a new JWT and when it expires."""
        lifetime = self._platform.switches.token_lifetime
        now = self._platform.clock.now()
        expires = int(now + lifetime) if lifetime >= 1 else now + lifetime
        claims = {"uid": account.id, "realm": account.realm, "username": account.username, "iat": now, "exp": expires}
        return jwt.encode(claims, self._platform.jwt_secret, ALGORITHM), int(expires)

    def account_of_token(self, token: str) -> Account | None:
        """Return whom a JWT belongs to, if it is still good."""
        account, expires, _realm = self._read_token(token)
        if account is None or not account.active or (expires is not None and expires <= self._platform.clock.now()):
            return None
        return account

    def find(self, realm: str, host: str, username: str) -> Account | None:
        """Return the account of a log-in name."""
        if realm == ADMIN_REALM:
            return self._platform.administrator(username)
        name, _at, domain = username.rpartition("@")
        return self._platform.subscriber_account(name or domain, domain if name else host)

    def ban_key(self, call: Call, username: str) -> tuple[str, ...]:
        """Return what failures are counted by."""
        return (call.realm, call.host, username, call.address)

    def _by_password(self, call: Call, encoded: str) -> Account:
        if self._platform.switches.redis == "down":
            raise internal_error()
        try:
            text = base64.b64decode(encoded, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise Refusal(unauthorized(call.realm)) from None
        username, separator, password = text.partition(":")
        if separator and not username and not password:
            raise internal_error()
        call.record.account = username
        account = self.find(call.realm, call.host, username)
        key = self.ban_key(call, username)
        if self._platform.bans.banned(key):
            raise refuse(403, "Banned")
        if account is None:
            raise Refusal(unauthorized(call.realm))
        if not account.active:
            raise Refusal(unauthorized(call.realm))
        if account.password != password:
            self._platform.bans.failed(key)
            raise Refusal(unauthorized(call.realm))
        self._check_otp(call, account, key)
        self._platform.bans.succeeded(key)
        return account

    def _check_otp(self, call: Call, account: Account, key: tuple[str, ...]) -> None:
        if account.otp_secret is None:
            return
        if otp.accepts(account.otp_secret, call.headers.get("X-OTP", ""), self._platform.clock.now()):
            return
        if account.realm != ADMIN_REALM:
            raise Refusal(unauthorized(call.realm))
        self._platform.bans.failed(key)
        raise refuse(403, "Invalid OTP")
