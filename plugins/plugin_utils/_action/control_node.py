# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""Tasks that work on the control node alone: they handle files and results there and never touch a host."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._masking import mask_result
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import RESOURCES

from .._role_variables import OTHERS

_ROOT = str(Path(__file__).resolve().parents[3])
_OWN_FOLDERS = tuple(os.path.join(_ROOT, name, "") for name in ("playbooks", "roles"))


class ControlNodeAction(ActionBase):
    """Checks the options, does the work, and turns errors into a failed result.

    Results of earlier tasks are taken by the *name* of their variable: templating a list of thousands of subscribers
    takes longer than everything else.
    """

    # Nothing is sent to a host, so that connection and become do not matter.
    _requires_connection = False

    argument_spec: ClassVar[Mapping[str, Any]] = {}

    # What the collection's roles call the options; their users never see the options themselves.
    role_words: ClassVar[Mapping[str, str]] = {}

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Do the task and return its result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            _checked, arguments = self.validate_argument_spec(argument_spec=dict(self.argument_spec))
            result.update({"changed": False, **self.work(arguments, task_vars or {})})
        except FaxError as error:
            result.update(self.failure(error))
        mask_result(result, in_lines=True)
        return result

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Do the work and return the result.

        :raises FaxError: it failed.
        """
        raise NotImplementedError

    def failure(self, error: FaxError) -> dict[str, Any]:
        """Return the result of a failed task."""
        if isinstance(error, InputError) and not error.entry:
            error.field = self.word(error.field)
        # Others than these could be ordinary words of a sentence.
        for option in (name for name in self.role_words if "_" in name):
            error.message = re.sub(rf"(?<![\w.]){option}\b", self.word(option), error.message)
        return error.as_result()

    def word(self, option: str) -> str:
        """Return what the user calls an option: within the collection's roles that is one of their variables."""
        role = self._task._role
        is_ours = role is not None and str(role.get_name()).startswith("ngcp.fax.")
        return self.role_words.get(option, option) if is_ours else option

    def find_file(self, name: str, option: str) -> str:
        """Return the path of a file that is named like the ``src`` of ``copy``; what is found nowhere there is looked
        for in the directory in which the command was started, because playbooks of the collection have no ``files``.

        :raises InputError: it is nowhere.
        """
        with contextlib.suppress(AnsibleError):
            found = str(self._find_needle("files", name))
            # A file "fleet.yml" is not the collection's own playbook of that name.
            if not os.path.realpath(found).startswith(_OWN_FOLDERS):
                return found
        here = os.path.abspath(os.path.expanduser(name))
        if os.path.isfile(here):
            return here
        raise InputError(
            f"cannot find {name!r}, neither in the files folders of the play nor in {os.getcwd()}", field=option
        )

    def variable(self, task_vars: Mapping[str, Any], name: str, option: str) -> Mapping[str, Any]:
        """Return the result that an earlier task registered.

        :raises InputError: there is none.
        """
        value = task_vars.get(name)
        if not isinstance(value, Mapping):
            raise InputError(f"must name a variable that a task registered, not {name!r}", field=option)
        return value

    def other_variables(self, task_vars: Mapping[str, Any]) -> list[str]:
        """Return the names of variables that look like those of the collection and belong to somebody else.

        :raises InputError: the variable that lists them holds something else.
        """
        names = self._templar.template(task_vars.get(OTHERS, []))
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise InputError("must be a list of the names of variables", field=OTHERS)
        return names

    def results(
        self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any], prepared: Mapping[str, Any]
    ) -> dict[str, Mapping[str, Any]]:
        """Return for each settings module that has entries the result that it registered.

        :param prepared: a fleet or a chunk.
        :raises InputError: one of them is missing.
        """
        return {
            module: self.variable(task_vars, arguments[module], module)
            for module in (resource.module for resource in RESOURCES)
            if prepared.get(module, {}).get("total")
        }
