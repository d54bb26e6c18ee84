# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Where a file is on the control node that a task or a role names."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._wording import quoted

_ROOT = str(Path(__file__).resolve().parents[3])
_OWN_FOLDERS = tuple(os.path.join(_ROOT, name, "") for name in ("playbooks", "roles"))


def find_file(action: ActionBase, name: str, option: str) -> str:
    """Return the path of a file that is named like the ``src`` of ``copy``; what is found nowhere there is looked for
    in the directory in which the command was started, because playbooks of the collection have no ``files``.

    :raises InputError: it is nowhere, or something that could be waited for forever, such as a pipe.
    """
    found = _found(action, name, option)
    if not (os.path.isfile(found) or os.path.isdir(found)):
        raise InputError(f"{quoted(name)} is not a regular file", field=option)
    return found


def _found(action: ActionBase, name: str, option: str) -> str:
    with contextlib.suppress(AnsibleError):
        found = str(action._find_needle("files", name))
        # A file "fleet.yml" is not the collection's own playbook of that name.
        if not os.path.realpath(found).startswith(_OWN_FOLDERS):
            return found
    here = os.path.abspath(os.path.expanduser(name))
    if os.path.isfile(here):
        return here
    raise InputError(
        f"cannot find {name!r}, neither in the files directories of the play nor in {os.getcwd()}", field=option
    )
