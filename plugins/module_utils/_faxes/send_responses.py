# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What the error of a request means for its fax: whether it proves that nothing was sent, and what to do."""

from __future__ import annotations

from .._errors import (
    FaxError,
    InputError,
    NotFoundError,
    RefusedError,
    UnreachableError,
)
from .echoes import without_echo

# Statuses of refusals that the API never sends to a fax: a proxy does, and may have passed the request on.
_NEVER_FROM_API = frozenset((408, 413, 425, 429))

# Code and hint where the fax service of the subscriber is off.
SERVICE_OFF = (
    "fax_inactive",
    "Switch on the subscriber's fax service, with ngcp.fax.fax_settings and active: true.",
)
_REASONS = {
    "Invalid subscriber fax preferences": SERVICE_OFF,
    "Faxserver feature is not active.": ("fax_feature_off", "The platform's fax server is switched off."),
    "Fax subscriber not found.": (
        "not_found",
        "The subscriber does not exist, is terminated, or belongs to somebody else.",
    ),
}


def is_not_sent(error: FaxError) -> bool:
    """Return whether the error of a request that sends a fax proves that it was not sent.

    Proofs are: not all of it left (no connection, one that broke before, a file that changed meanwhile), or the API
    itself refuses it. Any other response may come from a proxy that had passed the request on.
    """
    if isinstance(error, (UnreachableError, InputError)) or error.code == "not_sent":
        return True
    status = error.http_status or 0
    return error.from_api and 400 <= status < 500 and status not in _NEVER_FROM_API


def explained(error: FaxError, content: str) -> FaxError:
    """Return the error of a request that sends a fax with what the user can do, and without the fax in it.

    :param content: what could be read of the fax where the server repeats it.
    """
    if isinstance(error, InputError):
        return error
    message = " ".join(error.message.split())
    if isinstance(error, (RefusedError, NotFoundError)):
        for text, reason in _REASONS.items():
            if message.endswith(text):
                return _refusal(message, error, *reason)
        # The hint of a failed validation is about settings.
        hint = None if error.code == "validation_failed" else error.hint
        return _refusal(without_echo(error.message, content), error, error.code, hint)
    error.message = without_echo(error.message, content)
    error.args = (error.message,)
    return error


def _refusal(message: str, error: FaxError, code: str, hint: str | None) -> RefusedError:
    return RefusedError(message, code=code, http_status=error.http_status, hint=hint, from_api=error.from_api)
