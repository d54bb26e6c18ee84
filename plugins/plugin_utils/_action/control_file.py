# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""How a file that a task names gets from the control node to where the task runs."""

from __future__ import annotations

import os
from typing import Any, Callable

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable, quoted

from .._protected_files import is_vaulted
from .front import FaxAction

Front = Callable[[dict[str, Any], Any], dict[str, Any]]


class ControlFileAction(FaxAction):
    """Runs the task after the file that one of its options names was found like the ``src`` of ``copy``: in the
    ``files`` folders on the control node, decrypted where it is vaulted."""

    file_option = "src"

    def _in_process(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        return self._with_file(arguments, task_vars, super()._in_process)

    def _as_module(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        return self._with_file(arguments, task_vars, super()._as_module)

    def _with_file(self, arguments: dict[str, Any], task_vars: Any, front: Front) -> dict[str, Any]:
        made: list[str] = []
        name = arguments.get(self.file_option)
        try:
            # What is no name is refused by the task, like any other option of the wrong type.
            is_name = bool(name) and not isinstance(name, (list, tuple, dict))
            if is_name and self._is_on_control_node(arguments):
                try:
                    arguments[self.file_option] = self._provide(str(name), made)
                except AnsibleConnectionFailure:
                    raise  # the host is unreachable, and the file is good
                except AnsibleError as error:
                    return self._failure(str(error))
                except FaxError as error:
                    return error.as_result()
            return front(arguments, task_vars)
        finally:
            _discard(made)

    def _is_on_control_node(self, arguments: dict[str, Any]) -> bool:
        """Return whether the file has to be brought to the task."""
        return True

    def _prepared(self, path: str, found: str, made: list[str]) -> str:
        """Return the path of what is brought to the task: the file itself, or something of the same name that is made
        of it.

        :param path: the file, decrypted.
        :param found: the file as it was found.
        :param made: takes new folders, which are removed at the end.
        :raises AnsibleError: the file cannot be used.
        """
        return path

    def _failure(self, message: str) -> dict[str, Any]:
        message = printable(" ".join(message.split()))  # Ansible's own messages have several lines
        return InputError(message, field=self.file_option).as_result()

    def _provide(self, name: str, made: list[str]) -> str:
        """Return the path of the file on the host where the task runs."""
        found = self._found(name)
        path = self._prepared(self._in_clear(found, made), found, made)
        # What is made for the task here is removed before a task in the background reads it.
        if self._is_local() and not self._task.async_val:
            return path
        return self._remotely(path, found)

    def _found(self, name: str) -> str:
        """Return the path of the file on the control node.

        :raises AnsibleError: it is nowhere.
        """
        return str(self._find_needle("files", name))

    def _in_clear(self, found: str, made: list[str]) -> str:
        if not is_vaulted(found):
            return found
        # Imported here, because few files are vaulted.
        from .._working_files import in_clear

        try:
            return in_clear(self._loader, found, made)
        except AnsibleError as error:
            name = quoted(os.path.basename(found))
            raise AnsibleError(f"{name} is vaulted and cannot be decrypted: {error}") from None

    def _remotely(self, path: str, found: str) -> str:
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        target = self._connection._shell.join_path(self._connection._shell.tmpdir, os.path.basename(found))
        if os.path.islink(path):  # what is in memory alone has no name that connections could follow
            with open(path, "rb") as stream:
                self._transfer_data(target, stream.read())
        else:
            self._transfer_file(path, target)
        self._fixup_perms2((self._connection._shell.tmpdir, target))
        return str(target)


def _discard(folders: list[str]) -> None:
    if folders:
        from .._working_files import discard

        for folder in folders:
            discard(folder)
