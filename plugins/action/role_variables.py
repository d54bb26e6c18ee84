# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_node import ControlNodeAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.variables_check import check_variables
from ansible_collections.ngcp.fax.plugins.plugin_utils._role_variables import PARTS


class ActionModule(ControlNodeAction):
    """Refuses variables that look like those of the collection's roles and playbooks but are unknown."""

    argument_spec: ClassVar[Mapping[str, Any]] = {
        "parts": {"type": "list", "elements": "str", "choices": sorted(PARTS), "required": True},
    }

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return nothing, or raise an error about what is wrong."""
        check_variables(self, arguments["parts"], task_vars)
        return {}
