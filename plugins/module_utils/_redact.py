# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""How secrets are kept out of everything that users, callbacks and logs get to see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._resources import Resource

MASK = "********"

# Names of connection options and HTTP fields whose values are secret wherever they appear.
CREDENTIALS = ("api_password", "api_token", "api_otp")


def mask_value(value: Any) -> Any:
    """Return the mask for a value that is there, and the value itself for one that is not (None, empty)."""
    return MASK if value not in (None, "") else value


def mask_settings(resource: Resource, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a document of the resource (or of a part of it) with every secret field masked."""
    secrets = resource.secrets
    return {name: mask_value(value) if name in secrets else value for name, value in document.items()}


def mask_patch(resource: Resource, patch: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a copy of JSON Patch operations on whole top-level fields with the secret values masked."""
    secrets = resource.secrets
    masked = []
    for operation in patch:
        copy = dict(operation)
        if copy["path"].lstrip("/") in secrets and "value" in copy:
            copy["value"] = mask_value(copy["value"])
        masked.append(copy)
    return masked


def mask_text(text: str, secrets: Iterable[Any]) -> str:
    """Return a text of unknown origin, such as a server's error message, without the given secrets.

    A secret is masked where it stands as a word of its own, so that a short one (``12``) does not take numbers such
    as ``4712`` apart. Of secrets that contain each other the longest is masked first.
    """
    known = sorted({str(secret) for secret in secrets if secret not in (None, "")}, key=len, reverse=True)
    if not known or not text:
        return text
    pattern = "|".join(_as_word(secret) for secret in known)
    return re.sub(pattern, MASK, text)


def _as_word(secret: str) -> str:
    """Return a regular expression that finds the secret where no letter or digit adjoins its own ones."""
    before = r"(?<![^\W_])" if secret[0].isalnum() else ""
    after = r"(?![^\W_])" if secret[-1].isalnum() else ""
    return f"{before}{re.escape(secret)}{after}"
