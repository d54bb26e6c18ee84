# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_node import ControlNodeAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.chunks import read_json
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.results import (
    advanced_summary,
    applied_summary,
    read_results,
    report_lines,
    should_stop,
    summary_line,
)


class ActionModule(ControlNodeAction):
    """Adds what became of a chunk to the summary of the run."""

    argument_spec: ClassVar[Mapping[str, Any]] = {
        "fleet": {"type": "str", "required": True},
        "plan": {"type": "str", "required": True},
        "so_far": {"type": "str", "required": True},
        "chunk": {"type": "int", "required": True},
        **{one.module: {"type": "str"} for one in RESOURCES},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
    }

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the summary after the chunk, and whether the next one may be tried."""
        fleet = self.variable(task_vars, arguments["fleet"], "fleet")
        plan = self.variable(task_vars, arguments["plan"], "plan")
        number = arguments["chunk"]
        if not 1 <= number <= len(plan["chunks"]):
            raise InputError(f"must be 1 to {len(plan['chunks'])}, not {number}", field="chunk")
        so_far = self.variable(task_vars, arguments["so_far"], "so_far") if number > 1 else plan
        title = f"Chunk {number} of {len(plan['chunks'])}"
        if so_far.get("stop"):
            kept = {name: so_far[name] for name in ("summary", "lines", "stop")}
            return {**kept, "msg": f"{title}: not attempted"}
        chunk = plan["chunks"][number - 1]
        reading = read_results(self.results(arguments, task_vars, chunk), chunk, read_json(fleet["places"]))
        check = self._task.check_mode
        summary = advanced_summary(so_far["summary"], reading)
        return {
            "summary": summary,
            "lines": report_lines(summary, check),
            "stop": should_stop(reading, arguments["on_error"]),
            "msg": f"{title}: {summary_line(applied_summary(reading, chunk['total']), check)}",
        }
