# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How the task ``fax_readiness_info`` gets its entries, and shows its table at a higher verbosity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.utils.display import Display

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable

from .find_file import find_file
from .inventory_hosts import take_hosts
from .role_words import in_role_words, is_in_own_role
from .subscribers_file import SettingsAction


class ReadinessAction(SettingsAction):
    """Brings ``subscribers_file`` to the task, or makes entries of the variables of the ``hosts``."""

    role_words: ClassVar[Mapping[str, str]] = {
        "subscribers_file": "fleet_file",
        "subscribers": "fleet_subscribers",
        "hosts": "fleet_from_inventory",
        "allow_empty": "fleet_allow_empty",
    }

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the task, show its table with ``-v``, and return its result."""
        task_vars = task_vars or {}
        try:
            take_hosts(self, task_vars)
        except FaxError as error:
            result = error.as_result()
        else:
            result = super().run(tmp, task_vars)
        if not self._task.no_log:
            for line in result.get("lines") or ():
                Display().v(printable(line))
        if is_in_own_role(self._task) and isinstance(result.get("msg"), str):
            result["msg"] = in_role_words(result["msg"], self.role_words)
        return result

    def _found(self, name: str) -> str:
        """Within the role a relative path counts from the same places as that of the fleet itself."""
        return find_file(self, name, self.file_option) if is_in_own_role(self._task) else super()._found(name)
