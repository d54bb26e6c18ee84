# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a response with a status from 400 on means, in the collection's own terms. Loaded when one comes."""

from __future__ import annotations

from .._errors import (
    FaxError,
    NotFoundError,
    ProtocolError,
    RefusedError,
    ServerError,
)
from .._masking import Masker, outside_text
from .authentication import ACCESS_MESSAGES, FAILURE_HINTS, access_error
from .session import API_REFUSALS
from .transport import Response

# Responses of a proxy that is too busy or too impatient.
_BUSY = {408: "timeout", 425: "too_early", 429: "too_many_requests"}


def error_of(response: Response, masker: Masker) -> FaxError:
    """Return the error that a response with a status from 400 on stands for.

    :param masker: hides the secrets that the server's message may repeat.
    """
    status, message = response.status, _shown_message(response, masker)
    if status in (401, 403):
        return access_error(response, message)
    if status >= 500 or status in _BUSY:
        return _failure_of(response, message)
    if not response.from_api or status not in API_REFUSALS:
        return _proxy_error(response)
    return _refusal_of(response, message)


def _shown_message(response: Response, masker: Masker) -> str:
    """Return the server's message in the form in which it can be shown. A message that is the same for all requests
    repeats nothing, and stays unchanged whatever the secrets are."""
    message = response.message()
    return message if message in FIXED_MESSAGES else outside_text(message, masker)


def _failure_of(response: Response, message: str) -> ServerError:
    status = response.status
    return ServerError(
        f"The server failed: {status} {message}".rstrip(),
        code=_BUSY.get(status),
        http_status=status,
        hint=FAILURE_HINTS.get(status),
        page=_is_panel_page(response),
        from_api=response.from_api,
        retry_after=response.retry_after,
    )


def _is_panel_page(response: Response) -> bool:
    """Distinguish the panel's error page from that of a proxy in front of it."""
    return response.is_page and response.body.lstrip().startswith(b"<!DOCTYPE")


def _proxy_error(response: Response) -> ProtocolError:
    """Return the error for a refusal that does not have the form of the API's. Whatever is in front of the API may
    still have passed the request on."""
    code, hint = _PROXY_REFUSALS.get(response.status, (None, None))
    return ProtocolError(
        f"The response has status {response.status} and does not come from the platform's API",
        code=code,
        http_status=response.status,
        hint=hint or "Check that api_url is the address of the platform's API, and check any proxy in front of it.",
    )


_PROXY_REFUSALS = {413: ("too_large", "A proxy in front of the platform limits the size of requests.")}


def _refusal_of(response: Response, message: str) -> FaxError:
    status = response.status
    kind: type[NotFoundError] | type[RefusedError] = NotFoundError if status == 404 else RefusedError
    code, hint = _REFUSALS.get(status, (None, None))
    if status == 404 and message == _NO_PATH:
        code, hint = "not_supported", "The platform does not have this resource or method, or api_url is wrong."
        kind = RefusedError
    text = f"The server responded with {status}: {message}".rstrip(": ")
    return kind(text, code=code, http_status=status, hint=hint, from_api=True)


_NO_PATH = "Path not found"
# Whatever the database refuses in a write of call forwards, collisions with other writers included; rolled back.
MAPPING_COLLISION = "Failed to create cfmapping."

# Messages of the platform that decide what an error is, here and where faxes are sent.
FIXED_MESSAGES = ACCESS_MESSAGES | {
    _NO_PATH,
    MAPPING_COLLISION,
    "Invalid subscriber fax preferences",
    "Faxserver feature is not active.",
    "Fax subscriber not found.",
}

_REFUSALS: dict[int, tuple[str | None, str | None]] = {
    404: (None, "It does not exist, is terminated, or belongs to somebody else."),
    422: (
        "validation_failed",
        "The server checks the whole stored entity with every write. If the task does not set the field it names, "
        "declare that field too, so that the same request corrects it.",
    ),
}
