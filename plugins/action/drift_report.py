# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._files import file_error
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.plan_file import read_plan
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_node import ControlNodeAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import (
    DRIFTED,
    FLEET,
    MODULES,
    NO_RESULT,
    TaskResult,
)
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.files import DEFAULT_TITLE
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.plan import result_of_plan
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.reports import READINESS, Reports
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.writing import parse_mode


class ActionModule(ControlNodeAction):
    """Writes the drift reports, in check mode too."""

    argument_spec: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "results": {"type": "list", "elements": "raw"},
        "plan": {"type": "path"},
        "dir": {"type": "path", "required": True, "aliases": ["dest"]},
        "mode": {"type": "raw", "default": "0600"},
        "title": {"type": "str", "default": DEFAULT_TITLE},
        "started": {"type": "str"},
        "fail_on_drift": {"type": "bool", "default": False},
        "fail_on_errors": {"type": "bool", "default": False},
    }
    role_words: ClassVar[Mapping[str, str]] = {"dir": "drift_report_dir", "mode": "drift_report_mode"}

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Write the reports and return what is in them."""
        mode, started = _mode(arguments["mode"]), _moment(arguments["started"])
        results, created = self._results(arguments, task_vars)
        reports = Reports(
            results=map(TaskResult, results),
            title=arguments["title"],
            generated=datetime.now(timezone.utc),
            started=started or created,
        )
        if reports.drift and any(problem["kind"] == NO_RESULT for problem in reports.drift["problems"]):
            names = " or ".join(f"ngcp.fax.{module}" for module in (FLEET, *MODULES, READINESS))
            message = f"must contain only registered results of tasks with {names}"
            raise InputError(message, field="results")
        folder = os.path.abspath(os.path.expanduser(arguments["dir"]))
        try:
            files = reports.write(folder, mode)
        except OSError as error:
            raise file_error(f"The reports cannot be written to {folder}", error) from None
        result = {**reports.summaries, "files": files, "msg": reports.text}
        return {**result, "failed": True} if _fails(reports, arguments) else result

    def _results(
        self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]
    ) -> tuple[list[Mapping[str, Any]], datetime | None]:
        """Return the results for the report, and when they were created, if known."""
        given = [name for name in ("results", "plan") if arguments[name] is not None]
        if len(given) != 1:
            raise InputError(f"exactly one of results, plan is needed, {' and '.join(given) or 'none'} given")
        if given == ["plan"]:
            plan = read_plan(os.path.abspath(os.path.expanduser(arguments["plan"])))
            return [result_of_plan(plan)], plan.created
        return [self._result(result, task_vars) for result in arguments["results"]], None

    def _result(self, given: Any, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a result, which is either given itself or by the name of its variable."""
        return given if isinstance(given, Mapping) else self.variable(task_vars, str(given), "results")


def _fails(reports: Reports, arguments: Mapping[str, Any]) -> bool:
    """Return whether the task fails because of what is in the reports."""
    has_drift = reports.drift is not None and reports.drift["summary"]["subscribers"][DRIFTED] > 0
    return bool((arguments["fail_on_drift"] and has_drift) or (arguments["fail_on_errors"] and not reports.is_complete))


def _mode(value: Any) -> int:
    try:
        return parse_mode(value)
    except ValueError:
        raise InputError(f"must be octal digits such as '0640', not {value!r}", field="mode") from None


def _moment(text: str | None) -> datetime | None:
    """Return a time in ISO 8601; without a zone it is UTC.

    :raises InputError: it is not such a time.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise InputError(f"must be a time in ISO 8601, not {text!r}", field="started") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
