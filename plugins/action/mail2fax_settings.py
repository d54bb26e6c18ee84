# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

from ansible_collections.ngcp.fax.plugins.plugin_utils._action.front import LoadedTask
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.subscribers_file import SettingsAction


def _task() -> Any:
    from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import MAIL2FAX_SETTINGS
    from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task

    return settings_task(MAIL2FAX_SETTINGS)


class ActionModule(SettingsAction):
    """Runs the task ``mail2fax_settings``."""

    task = LoadedTask(_task)
