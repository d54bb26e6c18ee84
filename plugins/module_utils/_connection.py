# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From a module's arguments to a connected client, whichever module it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._authentication import Credentials
from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._transport import Address, Transport, TransportOptions

_LIMITS = {"timeout": (1, 3600), "retries": (0, 20), "concurrency": (1, 64)}


def connect(params: Mapping[str, Any]) -> Client:
    """Return a client for the connection options of a task. Nothing is sent yet.

    :param params: options as :func:`_argument_spec.connection_options` describes them.
    :raises InputError: an option has a wrong value, or one is missing.
    """
    for name, (least, most) in _LIMITS.items():
        if not least <= params[name] <= most:
            raise InputError(f"must be from {least} to {most}, not {params[name]}", field=name)
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
    return Client(Transport(address, _transport_options(params)), credentials)


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
