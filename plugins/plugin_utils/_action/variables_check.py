# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whether a play has variables that look like those of the collection's roles and playbooks and are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors

from .._role_variables import OTHERS, PARTS, empty_values, known_names, may_be_empty, wrong_names


def check_variables(action: ActionBase, parts: Sequence[str], task_vars: Mapping[str, Any]) -> None:
    """Refuse variables of a host that some roles do not know, and empty ones.

    :param parts: names of the roles and playbooks, see :mod:`_role_variables`.
    :raises InputError: one is wrong.
    :raises InputErrors: several are wrong.
    """
    extra = [str(name) for name in load_extra_vars(action._loader)]
    given = _given(action, [part for part in parts if PARTS[part].prefix], task_vars)
    errors: list[InputError] = [
        *wrong_names(parts, task_vars, extra, other_variables(action, task_vars)),
        *empty_values(given),
    ]
    if errors:
        raise errors[0] if len(errors) == 1 else InputErrors(errors)


def other_variables(action: ActionBase, task_vars: Mapping[str, Any]) -> list[str]:
    """Return the names of variables that look like those of the collection and belong to somebody else.

    :raises InputError: the variable that lists them holds something else.
    """
    names = action._templar.template(task_vars.get(OTHERS, []))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise InputError("must be a list of the names of variables", field=OTHERS)
    return names


def _given(action: ActionBase, parts: Sequence[str], task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of the variables that are given; what cannot be evaluated is reported by its use."""
    values = {}
    for name in known_names(parts):
        if name in task_vars and not may_be_empty(name):
            try:
                values[name] = action._templar.template(task_vars[name])
            except AnsibleError:
                continue
    return values
