# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.errors import AnsibleError
from ansible.utils.vars import load_extra_vars

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_node import ControlNodeAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._role_variables import (
    PARTS,
    empty_values,
    known_names,
    may_be_empty,
    wrong_names,
)


class ActionModule(ControlNodeAction):
    """Refuses variables that look like those of the collection's roles and playbooks and are not."""

    argument_spec: ClassVar[Mapping[str, Any]] = {
        "parts": {"type": "list", "elements": "str", "choices": sorted(PARTS), "required": True},
    }

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return nothing; what is wrong is raised."""
        parts = arguments["parts"]
        extra = [str(name) for name in load_extra_vars(self._loader)]
        errors: list[InputError] = [
            *wrong_names(parts, task_vars, extra, self.other_variables(task_vars)),
            *empty_values(self._given([part for part in parts if PARTS[part].prefix], task_vars)),
        ]
        if errors:
            raise errors[0] if len(errors) == 1 else InputErrors(errors)
        return {}

    def _given(self, parts: list[str], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of the variables that are given; what cannot be evaluated is told by its use."""
        values = {}
        for name in known_names(parts):
            if name in task_vars and not may_be_empty(name):
                try:
                    values[name] = self._templar.template(task_vars[name])
                except AnsibleError:
                    continue
        return values
