# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._files import file_error, write_whole
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._wording import and_more, counted, printable
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_node import ControlNodeAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.export import WRITERS, Export, join

_PRIVATE = 0o600
_EXAMPLES = 5
_NOBODY = (
    "Check for a misspelt domain or customer. If an empty file is intended, set allow_empty (in the playbook "
    "export: export_allow_empty) to true."
)


class ActionModule(ControlNodeAction):
    """Writes what the info modules returned as a fleet file."""

    argument_spec: ClassVar[Mapping[str, Any]] = {
        "dest": {"type": "str", "required": True},
        "allow_empty": {"type": "bool", "default": False},
        **{one.module: {"type": "str"} for one in RESOURCES},
    }

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the path of the file, and what could not be declared."""
        path = os.path.abspath(os.path.expanduser(arguments["dest"]))
        kind = os.path.splitext(path)[1].lower()
        if kind not in WRITERS:
            raise InputError("must end in .csv, .json, .yml or .yaml, which determines the format", field="dest")
        named = {one.module: arguments[one.module] for one in RESOURCES if arguments[one.module] is not None}
        if not named:
            raise InputError(f"one of {', '.join(one.module for one in RESOURCES)} is needed")
        found = {module: self.variable(task_vars, name, module) for module, name in named.items()}
        for module, info in found.items():
            if info.get("failed") or not _are_subscribers(info.get("subscribers")):
                raise InputError("must name a variable with the result of an info module", field=module)
        export = join({module: info["subscribers"] for module, info in found.items()})
        if not export.entries and not arguments["allow_empty"]:
            raise FaxError("No subscribers were found to export. Nothing was written.", code="not_found", hint=_NOBODY)
        content = WRITERS[kind](export).encode("utf-8")
        changed = _differs(path, content)
        if changed and not self._task.check_mode:
            try:
                write_whole(path, content, _PRIVATE)
            except OSError as error:
                raise file_error(f"cannot write {path}", error) from None
        subscribers, fields = counted(len(export.entries), "subscriber"), counted(len(export.left_out), "field")
        result: dict[str, Any] = {
            "changed": changed,
            "msg": f"{subscribers} in {path}, {fields} left out",
            "dest": path,
            "total": len(export.entries),
            "left_out": export.left_out,
        }
        if export.left_out:
            result["warnings"] = [_warning(export)]
        return result


def _are_subscribers(value: Any) -> bool:
    """Return whether a value has the form of the subscribers that the info modules return."""
    return isinstance(value, list) and all(
        isinstance(one, Mapping) and isinstance(one.get("subscriber_id"), int) for one in value
    )


def _differs(path: str, content: bytes) -> bool:
    """Return whether the file has different content, or can be read by anybody but its owner."""
    try:
        with open(path, "rb") as stream:
            return os.fstat(stream.fileno()).st_mode & 0o777 != _PRIVATE or stream.read() != content
    except FileNotFoundError:
        return True
    except OSError as error:
        raise file_error(f"cannot read {path}", error) from None


def _warning(export: Export) -> str:
    """Return a sentence about the fields that are left out."""
    shown = [
        f"{printable(item['subscriber'] or item['subscriber_id'])}, {item['field']} ({item['message']})"
        for item in export.left_out[:_EXAMPLES]
    ]
    return (
        "These fields have values on the platform that cannot be declared. They are not in the file, and a run of it "
        f"leaves them unchanged: {and_more(shown, len(export.left_out))}."
    )
