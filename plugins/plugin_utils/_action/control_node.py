# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""Tasks that work on the control node alone: they handle files and results there and never touch a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._masking import mask_result
from ansible_collections.ngcp.fax.plugins.module_utils._raw_arguments import check_arguments

from .role_words import in_role_words, is_in_own_role


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
            problem = check_arguments(self.argument_spec, dict(self._task.args))
            if problem is not None:
                raise problem
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
        if is_in_own_role(self._task):
            error.message = in_role_words(error.message, self.role_words)
        return error.as_result()

    def word(self, option: str) -> str:
        """Return what the user calls an option: within the collection's roles that is one of their variables."""
        return self.role_words.get(option, option) if is_in_own_role(self._task) else option

    def variable(self, task_vars: Mapping[str, Any], name: str, option: str) -> Mapping[str, Any]:
        """Return the result that an earlier task registered.

        :raises InputError: there is none.
        """
        value = task_vars.get(name)
        if not isinstance(value, Mapping):
            raise InputError(f"must name a variable that a task registered, not {name!r}", field=option)
        return value
