# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The requests that write call forwards. Each of them is sent once; the caller reads before trying again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._api.client import Client
from .._api.responses import check_status, object_of
from .recipe import Step
from .situation import destination_set

_PATCH = {"Content-Type": "application/json-patch+json"}
_POST = {"Content-Type": "application/json", "Prefer": "return=representation"}


def send_step(client: Client, step: Step) -> None:
    """Send a PATCH or DELETE. The response is not asked to show what was stored: after an operation that only adds it
    would show empty lists (contract: call forwards, 4.1).

    :raises NotFoundError: there is no such subscriber or set for this user (any more).
    :raises RefusedError: the API refuses it; nothing was written.
    :raises AccessError: the user may not write this; nothing was written if this is the API's own response.
    :raises FaxError: whether it was written is not known.
    """
    path = f"/api/{step.resource}/{step.item_id}"
    if step.method == "DELETE":
        check_status(client.request("DELETE", path), 204)
        return
    body = json.dumps([dict(operation) for operation in step.patch]).encode("ascii")
    check_status(client.request("PATCH", path, headers=_PATCH, body=body), 200, 204)


def create_set(client: Client, subscriber_id: int, document: Mapping[str, Any]) -> int:
    """Create a destination set and return its id.

    :param document: its name and destinations.
    :raises RefusedError: the API refuses it; nothing was created.
    :raises FaxError: whether it was created is not known.
    """
    body = json.dumps({"subscriber_id": subscriber_id, **document}).encode("ascii")
    response = client.request("POST", "/api/cfdestinationsets/", headers=_POST, body=body)
    return destination_set(object_of(response, 201), subscriber_id).id
