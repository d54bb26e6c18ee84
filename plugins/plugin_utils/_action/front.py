# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""Where a task runs: in the control node's own process, or as a module."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, ClassVar

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from .orphans import end_with_ansible, working_in_process

if TYPE_CHECKING:
    from ansible_collections.ngcp.fax.plugins.module_utils._task import Task

VARIABLE = "ngcp_fax_in_process"
ENVIRONMENT = "NGCP_FAX_IN_PROCESS"


class LoadedTask:
    """The task of an action plugin, and with it the engine.

    Ansible loads action plugins before it starts a process for each task and host, which inherits what is loaded by
    then: so the engine is loaded at once. Where the environment says that tasks run as modules, it is loaded when a
    task needs it all the same.

    :param load: imports and returns the task.
    """

    def __init__(self, load: Callable[[], Task]) -> None:
        self._load = functools.cache(load)
        if boolean(_switch_of_environment(), strict=False):
            self._load()
            _runner()

    def __get__(self, _instance: Any, _owner: Any) -> Task:
        return self._load()


def _switch_of_environment() -> Any:
    return os.environ.get(ENVIRONMENT) or True


def _runner() -> Any:
    from . import in_process

    return in_process


class FaxAction(ActionBase):
    """Runs a task in this process where a module could do nothing else, and as the module of the same name elsewhere.

    Making, starting and loading a Python process for a module costs much more than most tasks.
    """

    _supports_async = True

    task: ClassVar[LoadedTask]

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the task and return its result."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        obstacle = self._obstacle(arguments, task_vars)
        host = task_vars.get("inventory_hostname")
        end_with_ansible()
        try:
            if obstacle is None:
                Display().vvv(f"{self._task.action} runs in process", host=host)
                result.update(self._in_process(arguments, task_vars))
            else:
                Display().vvv(f"{self._task.action} runs as a module: {obstacle}", host=host)
                result.update(self._as_module(arguments, task_vars))
            return result
        finally:
            # None if there is no such folder, or if a task in the background removes it later.
            self._remove_tmp_path(self._connection._shell.tmpdir)

    def _in_process(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        folder = self._loader.get_basedir()
        with working_in_process():
            return _runner().run_in_process(
                self.task, arguments, self._task.action, self._task.check_mode, folder, task_vars, self._loader
            )

    def _as_module(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        wrap_async = bool(self._task.async_val)
        return dict(self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=wrap_async))

    def _obstacle(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> str | None:
        """Return why the task has to run as a module, or None if it can run in this process."""
        if not self._is_wanted(task_vars):
            return "switched off"
        if self._becomes():
            return "become"
        if not self._is_local():
            return f"the connection is {self._connection.transport}"
        if self._task.async_val:
            return "async"
        if any(self._task.environment or ()):
            return "environment"
        interpreter = self._interpreter(task_vars)
        if interpreter and not _is_this_python(interpreter):
            return f"the interpreter is {interpreter}"
        return self._obstacle_of_the_task(arguments)

    def _obstacle_of_the_task(self, arguments: Mapping[str, Any]) -> str | None:
        from ansible_collections.ngcp.fax.plugins.module_utils._task import ATTRIBUTES, missing_libraries

        if any(arguments.get(name) is not None for name in ATTRIBUTES):
            return f"it sets {', '.join(ATTRIBUTES)}"
        missing = [name for name, _trace in missing_libraries()]
        return f"no {', '.join(missing)} here" if missing else None

    def _is_wanted(self, task_vars: Mapping[str, Any]) -> bool:
        value = self._templar.template(task_vars[VARIABLE]) if VARIABLE in task_vars else None
        source = VARIABLE
        if value is None:
            source, value = ENVIRONMENT, _switch_of_environment()
        try:
            return bool(boolean(value))
        except TypeError:
            raise AnsibleError(f"{source} must be true or false, not {value!r}") from None

    def _is_local(self) -> bool:
        """Return whether a module would run as this user on this host."""
        kind = type(self._connection)
        is_local = kind.__module__ == "ansible.plugins.connection.local" and kind.transport == "local"
        return is_local and not self._becomes()

    def _becomes(self) -> bool:
        return bool(self._play_context.become or self._connection.become)

    def _interpreter(self, task_vars: Mapping[str, Any]) -> str:
        """Return the interpreter that somebody has chosen for modules; an empty string where Ansible would search."""
        delegated = task_vars.get("ansible_delegated_vars") or {}
        used_vars = delegated.get(self._task.delegate_to, task_vars) if self._task.delegate_to else task_vars
        value = C.config.get_config_value("INTERPRETER_PYTHON", variables=used_vars)
        interpreter = str(self._templar.template(value) or "").strip()
        return "" if interpreter.startswith("auto") else interpreter


def _is_this_python(interpreter: str) -> bool:
    """Return whether an interpreter is the one that runs this process: the same program in the same virtual
    environment, under whichever of its names."""
    found = shutil.which(os.path.expanduser(interpreter))
    if found is None:
        return False
    folders = {os.path.realpath(os.path.dirname(path)) for path in (found, sys.executable)}
    return len(folders) == 1 and os.path.samefile(found, sys.executable)
