# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies of the type multipart/form-data."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser


@dataclass
class Part:
    """One part of a form."""

    name: str
    filename: str | None
    content: bytes


def boundary_of(content_type: str) -> str | None:
    """Return the boundary that a content type names."""
    message = Message()
    message["Content-Type"] = content_type
    found = message.get_param("boundary")
    return str(found) if found else None


def parts_of(body: bytes, boundary: str) -> list[Part]:
    """Split a body into its parts."""
    mark = b"--" + boundary.encode("latin-1", "replace")
    found: list[Part] = []
    for piece in (b"\r\n" + body).split(b"\r\n" + mark)[1:]:
        if piece.startswith(b"--"):
            break
        head, separator, content = piece.partition(b"\r\n\r\n")
        if separator:
            found.append(_part(head.lstrip(b"\r\n"), content))
    return found


def _part(head: bytes, content: bytes) -> Part:
    headers = BytesHeaderParser().parsebytes(head + b"\r\n\r\n")
    name = headers.get_param("name", header="content-disposition")
    filename = headers.get_param("filename", header="content-disposition")
    if filename is None:
        filename = headers.get_param("filename*", header="content-disposition")
    return Part(str(name or ""), None if filename is None else str(filename), content)
