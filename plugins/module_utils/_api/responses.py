# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether a successful response is one that the API gives, and the object in it."""

from __future__ import annotations

from typing import Any

from .._errors import ProtocolError
from .transport import Response


def check_status(response: Response, *expected: int) -> None:
    """Refuse a successful response whose status differs from those of the API.

    :raises ProtocolError: it is one.
    """
    if response.status not in expected:
        raise ProtocolError(
            f"The server responded with an unexpected status: {response.status}", http_status=response.status
        )


def object_of(response: Response, *expected: int) -> dict[str, Any]:
    """Return the JSON object of a successful response.

    :param expected: statuses that the API has for the request.
    :raises ProtocolError: it is something else.
    """
    check_status(response, *expected)
    document = response.document()
    if not isinstance(document, dict):
        raise ProtocolError("The server's response is not a JSON object", http_status=response.status)
    return document
