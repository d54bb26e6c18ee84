# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""How the settings tasks get their ``subscribers_file``."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError

from .._protected_files import SEALED
from .control_file import ControlFileAction, Front


class SettingsAction(ControlFileAction):
    """Brings ``subscribers_file`` to the task. YAML is turned into JSON, because the managed host may have no YAML
    library."""

    file_option = "subscribers_file"

    def _with_file(self, arguments: dict[str, Any], task_vars: Any, front: Front) -> dict[str, Any]:
        """Take entries that an earlier task of the run sealed for this one out of their file."""
        name = arguments.get(self.file_option)
        if isinstance(name, str) and name.endswith(SEALED):
            from .._working_files import unseal

            try:
                arguments["subscribers"] = json.loads(unseal(name))
            except FaxError as error:
                return error.as_result()
            del arguments[self.file_option]
        return super()._with_file(arguments, task_vars, front)

    def _prepared(self, path: str, found: str, made: list[str]) -> str:
        return _as_json(path, found, made) if found.lower().endswith((".yml", ".yaml")) else path


def _as_json(path: str, found: str, made: list[str]) -> str:
    """Return the path of a copy of a YAML file that holds JSON, which is YAML too.

    :raises AnsibleError: the file cannot be read, or is not YAML.
    """
    # Imported here, because most files are not YAML.
    from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_document
    from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_text import read_text

    from .._working_files import private_copy

    name = os.path.basename(found)
    try:
        document = read_document(read_text(path, name, is_csv=False), name, is_yaml=True)
    except InputError as error:
        raise AnsibleError(error.message) from None
    return private_copy(json.dumps(document).encode("ascii"), found, made)
