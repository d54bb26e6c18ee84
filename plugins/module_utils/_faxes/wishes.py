# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a task asks to be faxed: its options checked, as far as that needs no server."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import InputError
from .._files import is_path
from .._subscribers.keys import KEY_NAMES, reject_empty
from .destinations import Destination, parse_destination
from .receipts import Identity
from .upload import TEXT, Document, FaxBody, check_text, examine

# Options that are a number, with the least and the most that they may be: a week, an hour, ten years.
_LIMITS = {
    "wait_timeout": (0, 7 * 24 * 3600),
    "poll_interval": (1, 3600),
    "unless_sent_within": (1, 10 * 365 * 24 * 3600),
}
_LONGEST_JOB_ID = 1000

# Options that mean something else, or nothing, when a variable that they are filled from is empty.
_NEVER_EMPTY = (*KEY_NAMES, "destination", "src", "text", "receipts", "job_id")

_PATHS = ("src", "receipts")

# Bytes of a text file that are searched for in the server's responses.
_COMPARED = 1024 * 1024


@dataclass(frozen=True)
class Wish:
    """What the task asks for.

    :param text_hash: SHA-256 of the text.
    :param job_id: the caller's own key for the same fax, in place of its content.
    """

    destination: Destination
    document: Document | None
    text: str | None
    text_hash: str | None
    job_id: str | None

    @property
    def sha256(self) -> str | None:
        """The hash of the file, or of the text if there is no file."""
        return self.document.sha256 if self.document is not None else self.text_hash

    def identity(self, server: str, subscriber_id: int) -> Identity:
        """Return what makes it the same fax."""
        document = self.document.sha256 if self.document is not None else None
        return Identity(server, subscriber_id, self.destination, document, self.text_hash, self.job_id)

    def body(self, subscriber_id: int) -> FaxBody:
        """Return the body of the request.

        :raises InputError: the file cannot be read any more, or has changed.
        """
        fields: dict[str, Any] = {"subscriber_id": subscriber_id, "destination": self.destination.text}
        if self.text is not None:
            fields["data"] = self.text
        return FaxBody(fields, self.document)

    def readable_content(self) -> str:
        """Return what people could read of the fax in a message that repeats it: its text, and that of a text file."""
        parts = [self.text or ""]
        if self.document is not None and self.document.kind == TEXT:
            with contextlib.suppress(OSError), open(self.document.path, "rb") as stream:
                parts.append(stream.read(_COMPARED).decode("utf-8", "replace"))
        return "\n".join(part for part in parts if part)


def wish_of(params: Mapping[str, Any]) -> Wish:
    """Return what a task asks for.

    :param params: options as :func:`options.send_options` describes them.
    :raises InputError: an option is wrong, or the file cannot be faxed.
    """
    _check_options(params)
    if params.get("src") is None and params.get("text") is None:
        raise InputError("or text is needed; there is nothing to fax", field="src")
    destination = parse_destination(params["destination"])
    text = check_text(params["text"]) if params.get("text") is not None else None
    text_hash = hashlib.sha256(text.encode("utf-8")).hexdigest() if text is not None else None
    document = examine(params["src"]) if params.get("src") is not None else None
    return Wish(destination, document, text, text_hash, params.get("job_id"))


def _check_options(params: Mapping[str, Any]) -> None:
    reject_empty({name: params.get(name) for name in _NEVER_EMPTY}, hint="Leave out the option, or set a value.")
    for name, (least, highest) in _LIMITS.items():
        value = params.get(name)
        if value is not None and not least <= value <= highest:
            raise InputError(f"must be from {least} to {highest} (seconds), not {_shown(value)}", field=name)
    for name in _PATHS:
        if not is_path(params.get(name) or ""):
            raise InputError("has characters that a file name cannot have", field=name)
    if len(params.get("job_id") or "") > _LONGEST_JOB_ID:
        raise InputError(f"must not be longer than {_LONGEST_JOB_ID} characters", field="job_id")


def _shown(number: int) -> str:
    """Return a number as a message shows it: one of thousands of digits would not even become a text."""
    return str(number) if abs(number) < 10**15 else "that"
