# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.ngcp.fax.plugins.plugin_utils._action.front import FaxAction, LoadedTask


def _task() -> Any:
    from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
    from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task

    return info_task(FORWARD)


class ActionModule(FaxAction):
    """Runs the task ``fax_forward_info``."""

    task = LoadedTask(_task)
