# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.ngcp.fax.plugins.plugin_utils._action.fleet import FleetAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.front import LoadedTask


def _task() -> Any:
    from ansible_collections.ngcp.fax.plugins.module_utils._fleet.task import fleet_task

    return fleet_task()


class ActionModule(FleetAction):
    """Runs the task ``fleet``."""

    task = LoadedTask(_task)
