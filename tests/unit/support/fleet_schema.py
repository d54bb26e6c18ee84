# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes ``docs/fleet-file.schema.json`` out of the field tables and the documentation of the modules; ``make schema``
runs it. JSON Schema draft-07 is what the YAML servers of editors know."""

from __future__ import annotations

import importlib
import json
import pathlib
import re
import sys

import yaml

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.schema import NESTED, SLOTS
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import KEY_NAMES
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.export import SCHEMA_URL
from ansible_collections.ngcp.fax.tests.unit.support.schema_kinds import DEFINITIONS, WRITTEN, schema_of

PATH = pathlib.Path(__file__).resolve().parents[3] / "docs" / "fleet-file.schema.json"

_MODULES = "ansible_collections.ngcp.fax.plugins.modules"
# The names of options, values and plugins in documentation, with what stands around them.
_MARKUP = re.compile(r"\b[OVCMPI]\((?:[a-z0-9_.]+#[a-z]+:)?([^)#]*)(?:#[a-z]+)?\)")
# A list of plain values, which fits in one line.
_SHORT = re.compile(r"\[[^\[\]{}]*\]")
_KEYS = {
    "subscriber_id": {
        "description": "The subscriber's id on the platform.",
        "anyOf": [
            {"type": "integer", "minimum": 1, "exclusiveMaximum": 10**18},
            {"type": "string", "pattern": "^\\s*0*[1-9][0-9]{0,17}\\s*$"},
            {"type": "null"},
        ],
    },
    "subscriber": {
        "description": "The subscriber as user@domain.",
        "type": ["string", "null"],
        "pattern": "^\\s*\\S+@[^\\s@]+\\s*$",
    },
    "number": {
        "description": "The subscriber's primary number or an alias number, with country code and area code.",
        "type": ["string", "number", "null"],
        "pattern": "^[\\s()./+-]*[0-9][\\s()./+0-9-]*$",
    },
    "subscriber_external_id": {
        "description": "The subscriber's external id.",
        "type": [*WRITTEN, "null"],
        "pattern": "\\S",
    },
}


def fleet_schema():
    """Return the schema."""
    entries = {"type": "array", "items": {"$ref": "#/definitions/entry"}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": SCHEMA_URL,
        "title": "ngcp.fax fleet file",
        "description": "A list of entries, or a dictionary with such a list under subscribers.",
        "type": ["array", "object"],
        "items": entries["items"],
        "required": ["subscribers"],
        "properties": {"subscribers": entries},
        "definitions": {
            "entry": _entry(),
            **{
                _name(resource, field): _described(resource, field)
                for resource in RESOURCES
                for field in resource.fields
            },
            **DEFINITIONS,
        },
    }


def as_text():
    """Return the schema as the file has it."""
    text = json.dumps(fleet_schema(), indent=2, ensure_ascii=True)
    return (
        _SHORT.sub(lambda match: re.sub(r"\n *", " ", match.group()).replace("[ ", "[").replace(" ]", "]"), text) + "\n"
    )


def _entry():
    keys = {name: _KEYS[name] for name in KEY_NAMES}
    flat = {name: _reference(slot.resource, slot.field) for name, slot in SLOTS.items()}
    return {
        "description": "What one subscriber shall have. A field that is not there, or null, stays as it is.",
        "type": "object",
        "properties": {**keys, **flat, **{resource.prefix: _nested(resource) for resource in RESOURCES}},
        "patternProperties": {"^_": {"description": "A remark, which is ignored."}},
        "additionalProperties": False,
        "anyOf": [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in KEY_NAMES],
        "allOf": [
            clause for resource in RESOURCES for field in resource.fields for clause in _only_once(resource, field)
        ],
    }


def _nested(resource):
    return {
        "description": f"The {resource.title}.",
        "type": ["object", "null"],
        "properties": {name: _reference(slot.resource, slot.field) for name, slot in NESTED[resource.prefix].items()},
        "additionalProperties": False,
    }


def _only_once(resource, field):
    """Yield what keeps a field from being in an entry in two spellings."""
    flat = [name for name, slot in SLOTS.items() if slot.resource is resource and slot.field is field]
    if len(flat) > 1:
        yield {"not": {"required": flat}}
    yield {
        "if": {
            "required": [resource.prefix],
            "properties": {resource.prefix: {"type": "object", "required": [field.name]}},
        },
        "then": {"not": {"anyOf": [{"required": [name]} for name in flat]}},
    }


def _name(resource, field):
    return f"{resource.prefix}_{field.name}"


def _reference(resource, field):
    return {"$ref": f"#/definitions/{_name(resource, field)}"}


def _described(resource, field):
    if field.server_owned:
        return {"description": "Only the server sets it; ignored."}
    return {"description": _plain(_documented(resource.module)[field.name]), **schema_of(field)}


def _documented(module):
    return yaml.safe_load(importlib.import_module(f"{_MODULES}.{module}").DOCUMENTATION)["options"]


def _plain(option):
    """Return the first sentences about an option without markup."""
    description = option["description"]
    text = description if isinstance(description, str) else description[0]
    return _MARKUP.sub(r"\1", text)


if __name__ == "__main__":
    sys.stdout.write(f"{PATH}\n")
    PATH.write_text(as_text(), encoding="utf-8")
