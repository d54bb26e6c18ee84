# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How a task that takes ``hosts`` gets an entry out of the variables of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError

HOSTS = "hosts"
SUBSCRIBERS = "subscribers"


def take_hosts(action: ActionBase, task_vars: Mapping[str, Any]) -> None:
    """Put the entries of the hosts that a task names beside their names; nothing where it names none.

    :raises InputError: some of them are wrong.
    """
    hosts = action._task.args.get(HOSTS)
    if hosts is None:
        return
    if action._task.args.get(SUBSCRIBERS) is not None:
        raise InputError(f"cannot be combined with {SUBSCRIBERS}", field=HOSTS)
    # Imported here, because few tasks need it.
    from .._fleet.hosts import hosts_with_entries, no_hosts_with_entries
    from .variables_check import other_variables

    names, entries = hosts_with_entries(hosts, task_vars["hostvars"], other_variables(action, task_vars))
    if not entries and not boolean(action._task.args.get("allow_empty") or False, strict=False):
        raise no_hosts_with_entries(len(hosts))
    action._task.args = {**action._task.args, HOSTS: names, SUBSCRIBERS: entries}
