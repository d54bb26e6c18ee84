# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.upload import MAX_FILE_SIZE
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_file import ControlFileAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.front import LoadedTask


def _task() -> Any:
    from ansible_collections.ngcp.fax.plugins.module_utils._faxes.send_task import send_task

    return send_task()


class ActionModule(ControlFileAction):
    """Runs the task ``fax_send``, and copies ``src`` to the managed host unless it is already there."""

    task = LoadedTask(_task)

    def _failure(self, message: str) -> dict[str, Any]:
        """Return the failure in the shape that the task's own results have."""
        from ansible_collections.ngcp.fax.plugins.module_utils._faxes.send_task import nothing_sent

        return {**nothing_sent(self._task.args), **super()._failure(message)}

    def _is_on_control_node(self, arguments: dict[str, Any]) -> bool:
        return not boolean(arguments.get("remote_src", False), strict=False)

    def _prepared(self, path: str, found: str, made: list[str]) -> str:
        """Refuse what the task would refuse, before copying it to the managed host."""
        if not os.path.isfile(path):
            raise AnsibleError(f"{found!r} is not a regular file")
        if not os.access(path, os.R_OK):
            raise AnsibleError(f"cannot read {found!r}: Permission denied")
        size = os.path.getsize(path)
        if not 0 < size <= MAX_FILE_SIZE:
            raise AnsibleError(f"{found!r} has {counted(size, 'byte')}, but must have 1 to {MAX_FILE_SIZE} (64 MiB)")
        return path
