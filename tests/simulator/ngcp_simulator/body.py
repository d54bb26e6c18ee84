# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request bodies: content type, presence, well-formed JSON."""

from __future__ import annotations

from typing import Any

from .answers import internal_error, refuse
from .call import Call
from .json_input import Malformed, Undecodable, decode


def media_type(call: Call) -> str:
    """Return the content type as it was sent."""
    return str(call.headers.get("Content-Type", "undefined"))


def check_media_type(call: Call, accepted: tuple[str, ...]) -> str:
    """Return the accepted type that the content type begins with, in lower case only."""
    given = media_type(call)
    for candidate in accepted:
        if given.startswith(candidate):
            return candidate
    shown = given.split(";", maxsplit=1)[0]
    raise refuse(415, f"Unsupported media type '{shown}', accepting {' or '.join(accepted)} only.")


def json_body(call: Call, accepted: tuple[str, ...], link_header_refused: bool = False) -> Any:
    """Return the JSON document of a request, or refuse it."""
    if link_header_refused and "Link" in call.headers:
        raise refuse(
            400,
            "The request must not contain 'Link' headers. Instead assert relationships in the entity body.",
        )
    kind = check_media_type(call, accepted)
    if not call.body:
        raise refuse(400, "This request is missing a message body.")
    return well_formed(call.body, kind)


def well_formed(body: bytes, kind: str) -> Any:
    """Return the document within a body."""
    try:
        return decode(body)
    except Malformed as problem:
        raise refuse(400, f"The entity is not a well-formed '{kind}' document. {problem}") from problem
    except Undecodable as problem:
        raise internal_error() from problem
