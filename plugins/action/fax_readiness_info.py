# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.ngcp.fax.plugins.plugin_utils._action.front import LoadedTask
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.readiness import ReadinessAction


def _task() -> Any:
    from ansible_collections.ngcp.fax.plugins.module_utils._readiness.task import readiness_task

    return readiness_task()


class ActionModule(ReadinessAction):
    """Runs the task ``fax_readiness_info``."""

    task = LoadedTask(_task)
