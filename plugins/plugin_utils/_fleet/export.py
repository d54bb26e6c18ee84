# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""What subscribers have on the platform as a fleet file that declares exactly that.

The platform holds values that nobody could declare, such as addresses that it never checked. Their fields are left out,
which means that they stay unchanged, and reported.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from typing import Any

import yaml

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.csv_lines import CsvLines
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import Field
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_cells import cell_of_text, harmless_cell
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import Resource
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import parse_keys

# The schema of fleet files, with which editors help to write them.
SCHEMA_URL = "https://github.com/ngcp-fax/ngcp.fax/raw/main/docs/fleet-file.schema.json"

_IDENTITY = ("subscriber_id", "subscriber")

_TEMPLATE = re.compile(r"\{[{%#]")
_TEMPLATE_MESSAGE = "would be a template if the file were used as variables; YAML files can mark it as a plain string"


@dataclass
class Export:
    """A fleet as the platform has it.

    :param entries: keys and nested parts, in the order of ids.
    :param left_out: fields whose values cannot be declared: ``subscriber_id``, ``subscriber``, ``field``, ``message``.
    """

    entries: list[dict[str, Any]] = dataclass_field(default_factory=list)
    left_out: list[dict[str, Any]] = dataclass_field(default_factory=list)

    def leave_out(self, entry: Mapping[str, Any], field: str, message: str) -> None:
        """Note a field that cannot be declared."""
        self.left_out.append({**{name: entry.get(name) for name in _IDENTITY}, "field": field, "message": message})


def join(subscribers: Mapping[str, Iterable[Mapping[str, Any]]]) -> Export:
    """Return what the info modules returned as one fleet.

    :param subscribers: for each settings module the subscribers that its info module returned.
    """
    export = Export()
    joined: dict[int, dict[str, Any]] = {}
    for resource in RESOURCES:
        for found in subscribers.get(resource.module, ()):
            subscriber_id = found["subscriber_id"]
            if subscriber_id not in joined:
                joined[subscriber_id] = _keys(export, found)
            entry = joined[subscriber_id]
            problem = found.get(resource.problem) if resource.problem is not None else None
            if problem:
                export.leave_out(entry, resource.prefix, str(problem))
                continue
            entry[resource.prefix] = {}
            for field in resource.managed:
                if field.name in found:
                    _declare(export, entry, resource, field, found[field.name])
    export.entries = [joined[subscriber_id] for subscriber_id in sorted(joined)]
    return export


def _keys(export: Export, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return what names a subscriber in the file; only the id if the name from the server cannot be declared."""
    keys = {name: found[name] for name in _IDENTITY if found.get(name) is not None}
    problem = _name_problem(keys["subscriber"]) if "subscriber" in keys else None
    if problem:
        export.leave_out(keys, "subscriber", problem)
        del keys["subscriber"]
    return keys


def _name_problem(name: Any) -> str | None:
    """Return why a subscriber's name cannot be declared, if so."""
    try:
        is_kept = parse_keys({"subscriber": name}).subscriber == name
    except InputError as error:
        return error.message
    return None if is_kept else "has blanks around it, which a fleet file does not keep"


def _declare(export: Export, entry: dict[str, Any], resource: Resource, field: Field, value: Any) -> None:
    """Put a field into an entry if that can be declared. A text that is not there is declared as empty, so that one
    that appears later is seen."""
    declared = field.written(value)
    try:
        field.parse(declared)
    except InputError as error:
        export.leave_out(entry, resource.prefixed(field), f"{error.field}: {error.message}")
    else:
        entry[resource.prefix][field.name] = declared


def as_json(export: Export) -> str:
    """Return the fleet as a JSON file. What would be a template if the file were used as variables is left out: JSON
    cannot say that it is none."""
    entries = [_without_templates(export, entry) for entry in export.entries]
    return json.dumps({"subscribers": entries}, indent=2, ensure_ascii=False) + "\n"


def as_yaml(export: Export) -> str:
    """Return the fleet as a YAML file. Texts that would be templates if the file were used as variables are marked as
    none. The first line tells editors which schema is for it."""
    plain = json.loads(json.dumps(export.entries))  # without the types that Ansible gives to texts
    document = {"subscribers": _marked(plain)}
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=4096)
    return f"# yaml-language-server: $schema={SCHEMA_URL}\n---\n{text}"


class _Unsafe(str):
    """A text that Ansible must not take for a template."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes YAML for Ansible."""


_Dumper.add_representer(_Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))


def _marked(value: Any) -> Any:
    """Return a value with every text marked that could be a template."""
    if isinstance(value, dict):
        return {name: _marked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_marked(part) for part in value]
    return _Unsafe(value) if isinstance(value, str) and _TEMPLATE.search(value) else value


def _has_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_template, value.values()))
    if isinstance(value, list):
        return any(map(_has_template, value))
    return isinstance(value, str) and _TEMPLATE.search(value) is not None


def _without_templates(export: Export, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry without what could be a template, and note that."""
    kept: dict[str, Any] = {}
    for name, value in entry.items():
        if isinstance(value, dict):
            kept[name] = {field: part for field, part in value.items() if not _has_template(part)}
            for field in value.keys() - kept[name].keys():
                export.leave_out(entry, f"{name}_{field}", _TEMPLATE_MESSAGE)
        elif _has_template(value):
            export.leave_out(entry, name, _TEMPLATE_MESSAGE)
        else:
            kept[name] = value
    return kept


def as_csv(export: Export) -> str:
    """Return the fleet as a CSV file; what no cell can hold is left out."""
    fields = [(resource, field) for resource in RESOURCES for field in resource.managed]
    rows = [_csv_row(export, entry, fields) for entry in export.entries]
    names = (*_IDENTITY, *(resource.prefixed(field) for resource, field in fields))
    used = [name for name in names if any(name in row for row in rows)]
    stream = CsvLines("\n")
    writer = csv.DictWriter(stream, used or _IDENTITY, restval="", lineterminator=CsvLines.CSV_END)
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


WRITERS: Mapping[str, Callable[[Export], str]] = {
    ".csv": as_csv,
    ".json": as_json,
    ".yml": as_yaml,
    ".yaml": as_yaml,
}


def _csv_row(export: Export, entry: Mapping[str, Any], fields: Sequence[tuple[Resource, Field]]) -> dict[str, Any]:
    row = {name: harmless_cell(cell_of_text(str(entry[name]))) for name in _IDENTITY if name in entry}
    for resource, field in fields:
        value = entry.get(resource.prefix, {}).get(field.name)
        if value is None:
            continue
        cell = field.cell(value)
        if cell is None:
            export.leave_out(entry, resource.prefixed(field), "a cell of a CSV file cannot hold it")
        else:
            row[resource.prefixed(field)] = harmless_cell(cell)
    return row
