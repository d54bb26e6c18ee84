# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift_document import (
    DRIFTED,
    NO_RESULT,
    TaskResult,
    build_document,
    is_complete,
)
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift_files import (
    DEFAULT_TITLE,
    headline,
    parse_mode,
    write_reports,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "results": {"type": "list", "elements": "raw", "required": True},
    "dest": {"type": "path", "required": True},
    "mode": {"type": "raw", "default": "0600"},
    "title": {"type": "str", "default": DEFAULT_TITLE},
    "started": {"type": "str"},
    "fail_on_drift": {"type": "bool", "default": False},
    "fail_on_errors": {"type": "bool", "default": False},
}


class ActionModule(ActionBase):
    """Writes the drift reports on the control node, in check mode too: it has nothing to do with any host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Write the reports and return what is in them."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        del tmp
        # Fails the task by itself where options are wrong.
        _validation, options = self.validate_argument_spec(ARGUMENT_SPEC)
        return {**result, "changed": False, **_report(options, task_vars or {})}


def _report(options: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    try:
        mode = parse_mode(options["mode"])
    except ValueError:
        return {"failed": True, "msg": f"mode must be octal digits such as '0640', not {options['mode']!r}"}
    try:
        started = _moment(options["started"])
    except ValueError:
        return {"failed": True, "msg": f"started must be a moment in ISO 8601, not {options['started']!r}"}
    results = [TaskResult(_result_of(given, task_vars)) for given in options["results"]]
    document = build_document(results, title=options["title"], generated=datetime.now(timezone.utc), started=started)
    if any(problem["kind"] == NO_RESULT for problem in document["problems"]):
        return {
            "failed": True,
            "msg": "results must hold what tasks with ngcp.fax.fax_settings or ngcp.fax.mail2fax_settings registered; "
            "something else is among them. Nothing was written.",
        }
    folder = os.path.abspath(os.path.expanduser(options["dest"]))
    try:
        files = write_reports(document, folder, mode)
    except OSError as error:
        return {"failed": True, "msg": f"The reports cannot be written to {folder}: {error.strerror or error}"}
    except FaxError as error:
        return {"failed": True, "msg": error.message}
    return {
        "drift": document["summary"],
        "files": files,
        "msg": " ".join(headline(document)),
        **_verdict(document, options),
    }


def _result_of(given: Any, task_vars: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a result that is given as such, or by the name of its variable: templating thousands of subscribers takes
    longer than everything else."""
    result = task_vars.get(given) if isinstance(given, str) else given
    return result if isinstance(result, Mapping) else {}


def _verdict(document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether the task fails for what is in the reports."""
    has_drift = document["summary"]["subscribers"][DRIFTED] > 0
    fails = (options["fail_on_drift"] and has_drift) or (options["fail_on_errors"] and not is_complete(document))
    return {"failed": True} if fails else {}


def _moment(text: str | None) -> datetime | None:
    """Return a moment of ISO 8601; one without a zone is meant as UTC.

    :raises ValueError: it is none.
    """
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
