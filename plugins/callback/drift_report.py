# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: drift_report
type: notification
short_description: Write reports about the drift of fax settings after any playbook
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Collects the results of all M(ngcp.fax.fleet), M(ngcp.fax.fax_settings) and M(ngcp.fax.mail2fax_settings) tasks, on
    all hosts and including loops, and writes C(drift.json), C(drift.html), C(drift.md) and C(drift.junit.xml) when the
    playbook ends.
  - For M(ngcp.fax.fax_readiness_info) tasks it writes C(readiness.html), C(readiness.md) and C(readiness.json).
  - With C(--check) the reports show what would change, otherwise what has changed.
  - A playbook without such tasks leaves the directory unchanged.
requirements:
  - enabled in the configuration, for example with E(ANSIBLE_CALLBACKS_ENABLED=ngcp.fax.drift_report)
options:
  dir:
    description:
      - The directory to which the reports are written. It is created if it does not exist.
      - A relative path starts at the directory in which Ansible was started.
    type: path
    default: drift-report
    env:
      - name: NGCP_FAX_DRIFT_REPORT_DIR
    ini:
      - section: ngcp_fax_drift_report
        key: dir
  title:
    description: The title of the report.
    type: str
    default: "Fax settings: drift report"
    env:
      - name: NGCP_FAX_DRIFT_REPORT_TITLE
    ini:
      - section: ngcp_fax_drift_report
        key: title
  mode:
    description: Permissions of the files as octal digits.
    type: str
    default: "0600"
    env:
      - name: NGCP_FAX_DRIFT_REPORT_MODE
    ini:
      - section: ngcp_fax_drift_report
        key: mode
notes:
  - Callbacks do not receive the results of tasks with C(no_log). The reports list such tasks as missing. C(no_log) is
    not needed with the settings modules, because they mask secrets themselves.
  - A problem with the reports causes a warning; it does not affect the result of the playbook.
"""

import os
from collections.abc import Callable
from datetime import datetime, timezone
from functools import wraps
from typing import Any

from ansible.plugins.callback import CallbackBase

from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import FLEET, MODULES, TaskResult
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.reports import READINESS, Reports
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.writing import parse_mode

_NAMES = {f"{prefix}{module}": module for module in (*MODULES, FLEET, READINESS) for prefix in ("", "ngcp.fax.")}


def _never_failing(method: Callable[..., None]) -> Callable[..., None]:
    """Turn everything that goes wrong into a warning, because a report must not break a play."""

    @wraps(method)
    def safely(self: CallbackModule, *arguments: Any, **more: Any) -> None:
        try:
            method(self, *arguments, **more)
        except Exception as error:  # pylint: disable=broad-except
            self._display.warning(f"ngcp.fax.drift_report: the reports are missing or incomplete: {printable(error)}")

    return safely


class CallbackModule(CallbackBase):
    """Writes the drift reports at the end of a playbook."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "ngcp.fax.drift_report"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._started = datetime.now(timezone.utc)
        self._results: list[TaskResult] = []

    @_never_failing
    def v2_runner_on_ok(self, result: Any) -> None:
        """Note a result; the result of a loop contains those of its items."""
        self._note(result)

    @_never_failing
    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Note a result; it also contains the subscribers that failed."""
        self._note(result)

    @_never_failing
    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Note that the result is unknown."""
        self._note(result, unreachable=True)

    @_never_failing
    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Write the reports, if there is anything to report."""
        if not self._results:
            return
        reports = Reports(
            self._results,
            title=self.get_option("title"),
            generated=datetime.now(timezone.utc),
            started=self._started,
        )
        folder = os.path.abspath(os.path.expanduser(self.get_option("dir")))
        files = reports.write(folder, parse_mode(self.get_option("mode")))
        pages = [path for kind, path in files.items() if kind.endswith("html")]
        self._display.display(" ".join([reports.text, *pages]))

    def _note(self, result: Any, **more: bool) -> None:
        """Keep the result if it comes from a settings task.

        :param more: what the result itself may not say.
        """
        task = result._task
        module = _NAMES.get(task.action)
        if module is not None:
            host = result._host.get_name()
            kept = {**_kept(result._result), **more}
            self._results.append(TaskResult(kept, task.get_name().strip(), host, module))


def _kept(result: Any) -> Any:
    """Return a result, or a part of it, without what reports do not show. The settings and patches of thousands of
    subscribers would take memory until the playbook ends."""
    if not isinstance(result, dict):
        return result
    kept = {name: value for name, value in result.items() if name not in ("diff", "invocation", "item")}
    for name in ("results", "subscribers"):
        if isinstance(kept.get(name), list):
            kept[name] = [_kept(entry) for entry in kept[name]]
    for name in ("settings", "patch"):
        kept.pop(name, None)
    if "msg" in kept and not {"run", "results"} & set(kept):
        kept["failed"] = True  # not every version of Ansible reports this to callbacks
    return kept
