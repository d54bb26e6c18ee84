# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What JSON Schema can say about the values of a field in a fleet file, for each kind of field.

In fleet files every plain value is the text that is written, while an editor sees numbers and booleans in YAML: these
are texts as well. What the schema refuses must be refused by the reader too; not the other way round.
"""

from __future__ import annotations

from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import (
    WORDS,
    Address,
    Choice,
    Flag,
    Number,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import ABSENT, PRESENT, ListOf

WRITTEN = ["string", "number", "boolean"]

# The database of the server stores nothing beyond; addresses are in ASCII, and blanks around them do not count.
_STORABLE = "^[\\u0000-\\uffff]*$"
_ADDRESS = "^\\s*[\\u0000-\\u007f]+@[\\u0000-\\u007f]+\\s*$"


def schema_of(field):
    """Return the schema of the values of a field of a resource; null means that it is not given."""
    if field.server_owned:
        return {}
    if isinstance(field, ListOf):
        unique = {"uniqueItems": True} if field.unique else {}
        return {"type": ["array", "null"], "items": _element(field), **unique}
    return _scalar(field)


def word(choices):
    """Return the schema of words whose case and outer blanks do not matter."""
    return {"type": "string", "pattern": f"^\\s*({'|'.join(map(_any_case, choices))})\\s*$"}


def _scalar(field):
    if isinstance(field, Flag):
        return {"allOf": [{"$ref": "#/definitions/flag"}]}
    if isinstance(field, Choice):
        words = [*field.choices, *field.aliases]
        return {"anyOf": [{"enum": [*words, None]}, word(words)]}
    if isinstance(field, Number):
        number = {"type": "integer", "minimum": field.lowest, "maximum": field.highest}
        return {"anyOf": [number, {"type": "string", "pattern": "^\\s*[0-9]{1,20}\\s*$"}, {"type": "null"}]}
    text = {"type": [*WRITTEN, "null"], "maxLength": field.max_length, "pattern": _STORABLE}
    return {**text, "not": {"const": MASK}} if field.secret else text


def _element(field):
    """Return the schema of an element of a list. The texts of one that shall be absent may be anything, because the
    server may have anything."""
    texts = [part for part in field.elements if not isinstance(part, (Flag, Choice))]
    return {
        "type": "object",
        "required": [part.name for part in field.elements if part.required],
        "additionalProperties": False,
        "properties": {
            **{part.name: {"type": _types(part)} if part in texts else _scalar(part) for part in field.elements},
            "state": {"anyOf": [{"enum": [PRESENT, ABSENT, None]}, word((PRESENT, ABSENT))]},
        },
        "if": {"required": ["state"], "properties": {"state": word((ABSENT,))}},
        "else": {"properties": {part.name: _present(part) for part in texts}},
    }


def _types(part):
    return WRITTEN if part.required else [*WRITTEN, "null"]


def _present(part):
    return {
        "minLength": 1,
        "maxLength": part.max_length,
        "pattern": _ADDRESS if isinstance(part, Address) else _STORABLE,
    }


def _any_case(text):
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else "\\." if c == "." else c for c in text)


# What schemas of fields refer to.
DEFINITIONS = {"flag": {"anyOf": [{"type": ["boolean", "null"]}, {"enum": [0, 1]}, word(WORDS)]}}
