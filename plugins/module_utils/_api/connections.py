# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From the arguments of any task to a connected client, and what is kept of it for the next task."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from .._errors import InputError
from .authentication import Credentials
from .client import Client
from .options import connection_options
from .transport import Address, Transport, TransportOptions

Kind = TypeVar("Kind", bound=Client)

_LIMITS = {"timeout": (1, 3600), "retries": (0, 20), "concurrency": (1, 64)}


class Connections:
    """Clients that outlive their task. The next task with the same connection options then needs neither a log-in nor a
    new connection. They exist in memory only and for one process; a fork does not touch those of its parent."""

    # More than one is kept for tasks that take turns between platforms or users.
    _max = 4
    # Seconds after which a firewall or proxy may have forgotten a connection without telling.
    _idle = 15.0
    # Seconds for which a refused log-in is not tried again: each one counts towards locking the user.
    _refused = 60.0

    def __init__(self) -> None:
        self._process = 0
        self._kept: dict[tuple[tuple[str, Any], ...], _KeptClient] = {}

    @contextlib.contextmanager
    def connected(self, params: Mapping[str, Any]) -> Iterator[Client]:
        """Lend a client for the connection options of a task, if possible one that is already connected.

        :raises InputError: an option has a wrong value, or one is missing.
        """
        client = self._client(params)
        try:
            yield client
        finally:
            client.note_use()

    def _client(self, params: Mapping[str, Any]) -> _KeptClient:
        if self._process != os.getpid():
            self._process, self._kept = os.getpid(), {}
        options = tuple((name, params.get(name)) for name in connection_options())
        client = self._kept.pop(options, None)
        if client is None or not self._is_good(client):
            client = _new_client(params, _KeptClient)
        client.begin()
        self._kept[options] = client
        if len(self._kept) > self._max:
            self._kept.pop(next(iter(self._kept))).close()
        return client

    def _is_good(self, client: _KeptClient) -> bool:
        """Return whether a task may have a client that another one had."""
        seconds = time.monotonic() - client.used
        if client.is_refused and (client.is_accepted or seconds > self._refused):
            client.close()
            return False
        if seconds > self._idle:
            client.close()
        return True


class _KeptClient(Client):
    """A client that stays connected when a task is done with it. After a refusal, only the refusal is kept.

    :ivar used: when the last task that made use of it was done.
    """

    used = 0.0

    def note_use(self) -> None:
        """Note that a task is done with it."""
        if not (self.is_refused and self.used):
            self.used = time.monotonic()


@contextlib.contextmanager
def connected(params: Mapping[str, Any]) -> Iterator[Client]:
    """Lend a client for the connection options of a task, which is closed afterwards. Nothing is sent yet.

    :param params: options as :func:`options.connection_options` describes them.
    :raises InputError: an option has a wrong value, or one is missing.
    """
    client = _new_client(params, Client)
    try:
        yield client
    finally:
        client.close()


def _new_client(params: Mapping[str, Any], kind: type[Kind]) -> Kind:
    for name, (least, highest) in _LIMITS.items():
        if not least <= params[name] <= highest:
            raise InputError(f"must be from {least} to {highest}, not {params[name]}", field=name)
    address = Address.parse(params["api_url"])
    if params.get("client_key") and not params.get("client_cert"):
        raise InputError("is needed with client_key", field="client_cert")
    credentials = Credentials(
        method=params["auth_method"],
        username=params.get("api_username"),
        password=params.get("api_password"),
        token=params.get("api_token"),
        otp=params.get("api_otp"),
        certificate=bool(params.get("client_cert")),
    )
    return kind(Transport(address, _transport_options(params)), credentials)


def _transport_options(params: Mapping[str, Any]) -> TransportOptions:
    return TransportOptions(
        validate_certs=params["validate_certs"],
        ca_path=params.get("ca_path") or None,
        client_cert=params.get("client_cert") or None,
        client_key=params.get("client_key") or None,
        timeout=params["timeout"],
        retries=params["retries"],
        concurrency=params["concurrency"],
    )
