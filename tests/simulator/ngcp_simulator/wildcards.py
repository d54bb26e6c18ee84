# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filter values: exact and blind to case, unless they hold a wildcard."""

from __future__ import annotations


def matcher(column: str, value: str, *, escapes: bool = True) -> tuple[str, str]:
    """Return the SQL comparison of a column with a filter value, and the parameter for it.

    `*` stands for any text; `%` and `_` mean nothing. The filters are of two kinds: in those with `escapes` a backslash
    makes a star literal and `?` is an ordinary character; in the others a backslash is an ordinary character, and `?`
    stands for one character unless there is a star as well.
    """
    pattern: list[str] = []
    plain: list[str] = []
    wild = False
    question = not escapes and "*" not in value
    index = 0
    while index < len(value):
        character = value[index]
        if escapes and character == "\\" and value[index + 1 : index + 2] in ("*", "\\"):
            index += 1
            plain.append(value[index])
            pattern.append(_escaped(value[index]))
        elif character == "*" or (character == "?" and question):
            wild = True
            pattern.append("%" if character == "*" else "_")
        else:
            plain.append(character)
            pattern.append(_escaped(character))
        index += 1
    if wild:
        return f"{column} LIKE ? ESCAPE '\\'", "".join(pattern)
    return f"{column} = ? COLLATE NOCASE", "".join(plain)


def _escaped(character: str) -> str:
    return f"\\{character}" if character in "%_\\" else character
