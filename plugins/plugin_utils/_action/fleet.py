# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How the task ``fleet`` gets its entries, and what it calls its options within the collection's roles."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError

from .._protected_files import is_vaulted
from .control_file import Front
from .find_file import find_file
from .inventory_hosts import HOSTS, SUBSCRIBERS, take_hosts
from .role_words import in_role_words, is_in_own_role
from .subscribers_file import SettingsAction

NAME = "fleet"
# The fact with the counts of a run of the role.
SUMMARY = "fleet_summary"

_SRC, _UNDO = "src", "undo"
_UNSHOWN = ("settings", "patch")
_WAVES, _WAVES_VARIABLE = "waves", "fleet_waves"

# Paths on the host that the task runs on.
_TASK_PATHS = ("plan", "plan_out", "undo_dir", "results_dir")


class FleetAction(SettingsAction):
    """Brings the file ``src`` or ``undo`` to the task, or makes entries of the variables of the ``hosts``."""

    file_option = _SRC

    role_words: ClassVar[Mapping[str, str]] = {
        "src": "fleet_file",
        SUBSCRIBERS: "fleet_subscribers",
        HOSTS: "fleet_from_inventory",
        **{
            name: f"fleet_{name}"
            for name in (
                "allow_empty",
                "update_password",
                "update_secret_key",
                "destinations_mode",
                "secret_renew_notify_mode",
                "acl_mode",
                "replace_foreign",
                "max_changes",
                "max_deactivated",
                "max_emptied",
                "waves",
                "max_failures",
                "on_error",
                "on_plan_error",
                "plan",
                "plan_out",
                "plan_only",
                "plan_max_age",
                "on_stale",
                "undo_dir",
                "undo_secrets",
                "results_dir",
            )
        },
    }

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the task and return its result."""
        task_vars = task_vars or {}
        is_in_role = is_in_own_role(self._task)
        self.file_option = _UNDO if self._task.args.get(_UNDO) is not None else _SRC
        try:
            if is_in_role:
                # Here and not in a task of its own, which would cost as much as a hundred subscribers.
                from .variables_check import check_variables

                check_variables(self, [NAME], task_vars)
            take_hosts(self, task_vars)
        except FaxError as error:
            result = error.as_result()
        else:
            result = super().run(tmp, task_vars)
        return self._for_role(result, task_vars) if is_in_role else result

    def _with_file(self, arguments: dict[str, Any], task_vars: Any, front: Front) -> dict[str, Any]:
        """Let relative paths count from where Ansible was started: a playbook of the collection lies elsewhere, where
        nobody would look for what it writes. Paths on another host stay as they are."""
        if self._connection.transport == "local":
            for name in _TASK_PATHS:
                path = arguments.get(name)
                if isinstance(path, str) and path.strip() and not path.startswith(("~", "$")):
                    arguments[name] = os.path.abspath(path)
        return super()._with_file(arguments, task_vars, front)

    def _found(self, name: str) -> str:
        return find_file(self, name, self.file_option)

    def _remotely(self, path: str, found: str) -> str:
        if self.file_option == _UNDO and is_vaulted(found):
            raise InputError(
                "is vaulted, and the task does not run in the control node's own process, so that the file would have "
                "to be copied in clear",
                field=_UNDO,
                hint="Run the task on localhost, without become and async.",
            )
        return super()._remotely(path, found)

    def _for_role(self, result: dict[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return a result whose messages name the variables of the role, with the fact that the role leaves behind."""
        result["ansible_facts"] = {SUMMARY: result.get("summary", {})}
        for entry in result.get("subscribers", ()):
            # Nobody sees these; Ansible takes half a millisecond for those of each subscriber.
            for name in _UNSHOWN:
                entry.pop(name, None)
        error: dict[str, Any] = result.get("error") or {}
        errors = [error, *error.get("details", ())]
        if any(one.get("entry") for one in errors):
            return result  # about fields of the input, which have the user's own names

        def in_words(text: str) -> str:
            option = str(error.get("field") or "")
            if option and text.startswith(f"{option}: "):
                text = f"{self._variable(option, task_vars)}{text[len(option) :]}"
            return in_role_words(text, self.role_words)

        if isinstance(result.get("msg"), str):
            result["msg"] = in_words(result["msg"])
        result.update({name: list(map(in_words, result[name])) for name in ("lines", "warnings") if result.get(name)})
        for one in errors:
            one.update({name: in_words(one[name]) for name in ("message", "hint") if one.get(name)})
        for one in errors:
            if one.get("field"):
                one["field"] = self._variable(str(one["field"]), task_vars)
        return result

    def _variable(self, option: str, task_vars: Mapping[str, Any]) -> str:
        """Return what the user calls an option, with the position in it."""
        if option == f"{_WAVES}[0]" and _WAVES_VARIABLE not in task_vars:
            return "fleet_chunk_size"
        name, bracket, position = option.partition("[")
        return f"{self.role_words.get(name, name)}{bracket}{position}"
