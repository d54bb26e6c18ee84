# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether the user may change call forwards: asked before anything is written, and in check mode too."""

from __future__ import annotations

from typing import Any

from .._api.client import Client
from .._errors import AccessError, FaxError
from .reading import MAPPINGS

_WRITING = "PATCH"


def require_permission(client: Client, subscriber_id: int) -> None:
    """Refuse a user who can only read. ``OPTIONS`` of an item lists only the methods that the user is allowed to use
    (contract: call forwards, section 7). Where the response does not say, the write itself shows it.

    :param subscriber_id: one of the subscribers that are to be written.
    :raises AccessError: the user can only read.
    :raises FaxError: nothing more can be read.
    """
    methods = _methods(client, subscriber_id)
    if methods and _WRITING not in methods:
        raise AccessError(
            "The user has read-only access",
            code="read_only",
            hint="Nothing was written. Use an administrator that is not read-only.",
        )


def _methods(client: Client, subscriber_id: int) -> list[Any]:
    """Return the methods that the user may use; none where that cannot be told."""
    try:
        document = client.request("OPTIONS", f"/api/{MAPPINGS}/{subscriber_id}", retryable=True).document()
    except FaxError as error:
        if error.halts:
            raise
        return []
    methods = document.get("methods") if isinstance(document, dict) else None
    return methods if isinstance(methods, list) and "GET" in methods else []
