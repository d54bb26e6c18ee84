# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Names from outside in messages: what may be shown of them, and which known name was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LONGEST = 40
_NAME = re.compile(rf"[A-Za-z][A-Za-z0-9 _-]{{0,{_LONGEST - 1}}}")


def looks_like_name(text: str) -> bool:
    """Return whether a text looks like the name of a field. What does not is not shown where a name is expected: it
    may be a value in the wrong place, such as a password."""
    return _NAME.fullmatch(text) is not None


def shown_name(name: object, position: int, kind: str = "field") -> str:
    """Return how messages call a name that is not known: by the name itself, or by its position.

    :param position: counts from 0.
    :param kind: what the name is for: ``field`` or ``column``.
    """
    return name if isinstance(name, str) and looks_like_name(name) else f"{kind} {position + 1}"


def close_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that was probably meant, or None."""
    # Imported here, because only wrong names need it.
    import difflib

    close = difflib.get_close_matches(name[:_LONGEST].strip().lower(), list(known), n=1)
    return close[0] if close else None


def nearest_name(name: str, known: Iterable[str]) -> str:
    """Return a hint for a name that is not known: the one that was probably meant, or all there are."""
    names = list(known)
    close = close_name(name, names)
    return f"did you mean {close!r}?" if close else f"there are {', '.join(names)}"
