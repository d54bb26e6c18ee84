# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._settings.outcomes import CHANGED, FAILED
from ansible_collections.ngcp.fax.plugins.module_utils._settings.reconcile import STOP, guard_changes
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_node import ControlNodeAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.chunks import read_json, write_chunks
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.entries import Member
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.results import (
    Reading,
    failure_lines,
    planned_summary,
    read_results,
    report_lines,
)
from ansible_collections.ngcp.fax.plugins.plugin_utils._protected_files import SEALED


class ActionModule(ControlNodeAction):
    """Turns what both settings modules predicted into chunks of what has to change."""

    argument_spec: ClassVar[Mapping[str, Any]] = {
        "fleet": {"type": "str", "required": True},
        **{one.module: {"type": "str"} for one in RESOURCES},
        "chunk_size": {"type": "int", "default": 500},
        "max_changes": {"type": "str"},
        "on_error": {"type": "str", "choices": ["stop", "continue"], "default": "stop"},
    }
    role_words: ClassVar[Mapping[str, str]] = {
        "chunk_size": "fleet_chunk_size",
        "max_changes": "fleet_max_changes",
        "on_error": "fleet_on_plan_error",
    }

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return the plan; one that must not be applied is a failed result."""
        if arguments["chunk_size"] < 1:
            raise InputError(f"must be at least 1, not {arguments['chunk_size']}", field="chunk_size")
        fleet = self.variable(task_vars, arguments["fleet"], "fleet")
        reading = read_results(self.results(arguments, task_vars, fleet), fleet, read_json(fleet["places"]))
        summary = planned_summary(reading, fleet["total"])
        result = {"summary": summary, "lines": report_lines(summary, self._task.check_mode), "chunks": []}
        try:
            _check(reading, summary, arguments)
        except FaxError as error:
            return {**result, **self.failure(error)}
        members = {one.module: _members(fleet[one.module], reading.due(one.module)) for one in RESOURCES}
        sealed = any(file.endswith(SEALED) for one in RESOURCES for file in fleet[one.module]["files"])
        chunks = write_chunks(fleet["dest"], members, arguments["chunk_size"], "apply-", sealed)
        return {**result, "chunks": chunks}


def _check(reading: Reading, summary: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    """Refuse a plan that must not be applied.

    :raises FaxError: there are failures, or too many changes.
    """
    if reading.failures and (reading.halted or arguments["on_error"] == STOP):
        failed = (
            f"{summary[FAILED]} of {counted(summary['total'], 'subscriber')} cannot be planned"
            if summary[FAILED]
            else ""
        )
        lines = [f"{failed or 'The fleet cannot be planned'}. Nothing was written.", *failure_lines(reading.failures)]
        raise FaxError("\n".join(lines), code="not_planned")
    changing = sum(1 for status in reading.combined().values() if status == CHANGED)
    guard_changes(changing, summary["total"], arguments["max_changes"])


def _members(prepared: Mapping[str, Any], wanted: Sequence[int]) -> list[Member]:
    chosen = set(wanted)
    entries = [entry for file in prepared["files"] for entry in read_json(file)] if chosen else []
    return [Member(position, entry) for position, entry in zip(prepared["positions"], entries) if position in chosen]
