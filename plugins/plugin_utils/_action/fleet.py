# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How the task ``fleet`` gets its entries, and what it calls its options within the collection's roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError

from .find_file import find_file
from .role_words import in_role_words, is_in_own_role
from .subscribers_file import SettingsAction

NAME = "fleet"
# The fact with the counts of a run of the role.
SUMMARY = "fleet_summary"

_HOSTS = "hosts"
_SUBSCRIBERS = "subscribers"


class FleetAction(SettingsAction):
    """Brings the file ``src`` to the task, or makes entries of the variables of the ``hosts``."""

    file_option = "src"

    role_words: ClassVar[Mapping[str, str]] = {
        "src": "fleet_file",
        _SUBSCRIBERS: "fleet_subscribers",
        _HOSTS: "fleet_from_inventory",
        **{
            name: f"fleet_{name}"
            for name in (
                "allow_empty",
                "update_password",
                "update_secret_key",
                "destinations_mode",
                "secret_renew_notify_mode",
                "acl_mode",
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
        try:
            if is_in_role:
                # Here and not in a task of its own, which would cost as much as a hundred subscribers.
                from .variables_check import check_variables

                check_variables(self, [NAME], task_vars)
            self._take_hosts(task_vars)
        except FaxError as error:
            result = error.as_result()
        else:
            result = super().run(tmp, task_vars)
        return self._for_role(result) if is_in_role else result

    def _found(self, name: str) -> str:
        return find_file(self, name, self.file_option)

    def _take_hosts(self, task_vars: Mapping[str, Any]) -> None:
        """Put the entries of the hosts beside their names.

        :raises InputError: some of them are wrong.
        """
        hosts = self._task.args.get(_HOSTS)
        if hosts is None:
            return
        if self._task.args.get(_SUBSCRIBERS) is not None:
            raise InputError(f"stands beside {_SUBSCRIBERS}, but only one of them can be meant", field=_HOSTS)
        # Imported here, because few tasks need it.
        from .._fleet.hosts import hosts_with_entries
        from .variables_check import other_variables

        names, entries = hosts_with_entries(hosts, task_vars["hostvars"], other_variables(self, task_vars))
        self._task.args = {**self._task.args, _HOSTS: names, _SUBSCRIBERS: entries}

    def _for_role(self, result: dict[str, Any]) -> dict[str, Any]:
        """Return a result whose messages name the variables of the role, with the fact that the role leaves behind."""
        words = self.role_words
        result["ansible_facts"] = {SUMMARY: result.get("summary", {})}
        if isinstance(result.get("msg"), str):
            result["msg"] = in_role_words(result["msg"], words)
        result.update(
            {
                name: [in_role_words(line, words) for line in result[name]]
                for name in ("lines", "warnings")
                if result.get(name)
            }
        )
        error = result.get("error")
        if isinstance(error, dict):
            for name in ("message", "hint"):
                error[name] = in_role_words(error[name], words) if error.get(name) else error.get(name)
            if error.get("field") and not error.get("entry"):
                error["field"] = words.get(error["field"], error["field"])
        return result
