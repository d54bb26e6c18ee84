# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Where a task runs as an Ansible module: arguments in, results out. The only file of ``module_utils`` that knows
Ansible."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback

from ._errors import FaxError
from ._task import (
    Host,
    Task,
    argument_message,
    libraries_error,
    missing_libraries,
    withhold_entries,
)
from ._wording import counted


class FaxModule(AnsibleModule):
    """An Ansible module of the collection.

    Differs from its base in three ways, all for the sake of secrets and of fleets with thousands of entries:

    * The entries of ``subscribers`` are kept away from Ansible's own validation and ``no_log`` pass
      (:func:`_task.withhold_entries`).
    * What is logged on the managed host holds no arguments.
    * Results are masked by field before they get here, so that the text replacement of ``no_log`` (which would take
      ``4712`` apart for a secret ``12``) is switched off for them; it stays on for Ansible's own failures.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self._entries: dict[str, Any] = {}
        self.problem: FaxError | None = None
        self._raises = False
        self._checks_arguments = True
        super().__init__(argument_spec=task.argument_spec(env_fallback), supports_check_mode=True)
        self._checks_arguments = False

    @property
    def arguments(self) -> dict[str, Any]:
        """The validated options with the entries, which ``params`` never has: Ansible shows it when something fails."""
        return {**self.params, **self._entries}

    def _load_params(self) -> None:
        super()._load_params()
        self._entries = withhold_entries(self.params)
        self.problem = self.task.check_arguments(self.params)

    def _log_invocation(self) -> None:
        entries = next(iter(self._entries.values()), None)
        count = len(entries) if isinstance(entries, list) else 0
        self.log(
            f"Invoked for {counted(count, 'entry', 'entries')}"
            if count
            else "Invoked for one subscriber or a selection"
        )

    def require_libraries(self) -> None:
        """Fail where libraries are missing, and name all of them at once."""
        missing = dict(missing_libraries())
        if missing:
            error = libraries_error(list(missing), platform.node(), sys.executable)
            self.fail_json(**error.as_result(), exception="\n".join(missing.values()))

    def set_attributes(self, path: str) -> bool:
        """Give a file the mode, owner and group that the task names.

        :return: whether that changed (in check mode: would change) something.
        :raises FaxError: it is not possible.
        """
        self._raises = True
        try:
            return bool(self.set_fs_attributes_if_different(self.load_file_common_arguments(self.params, path), False))
        finally:
            self._raises = False

    def fail_json(self, msg: str, **more: Any) -> Any:
        """End the task with a failure; while attributes are set, only report that this failed."""
        if self._raises:
            raise FaxError(f"{msg} ({more.get('path', '')})", code="attributes")
        if self._checks_arguments:
            msg = argument_message(self.task, msg)
            more["invocation"] = {"module_args": self.task.shown_arguments(self.arguments)}
        return super().fail_json(msg, **more)

    def finish(self, result: Mapping[str, Any]) -> None:
        """End the task with a result whose secrets are masked already."""
        self.no_log_values: set[str] = set()
        shown = dict(result)
        for warning in shown.pop("warnings", []):
            self.warn(warning)
        shown["invocation"] = {"module_args": self.task.shown_arguments(self.arguments)}
        if shown.get("failed"):
            self.fail_json(**shown)
        self.exit_json(**shown)


def run_module(task: Task) -> None:
    """Run a task as a module: read its arguments, do its work, and end with the result or the error."""
    module = FaxModule(task)
    module.require_libraries()
    host = Host(check_mode=module.check_mode, set_attributes=module.set_attributes)
    module.finish(task.run(module.arguments, host, module.problem))
