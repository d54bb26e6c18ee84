# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""How the settings modules get their ``subscribers_file`` from the control node to the host that runs them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase


class SettingsAction(ActionBase):
    """Runs the module of the same name, after its ``subscribers_file`` was found like the ``src`` of ``copy``: in the
    ``files`` folders on the control node, decrypted where it is vaulted. YAML is turned into JSON, because the managed
    host may have no YAML library."""

    TRANSFERS_FILES = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Run the module and return its result."""
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        made: list[str] = []
        try:
            name = arguments.get("subscribers_file")
            if name:
                arguments["subscribers_file"] = self._provide(str(name), made)
            result.update(self._execute_module(module_args=arguments, task_vars=task_vars))
            return result
        except AnsibleError as error:
            return {**result, "failed": True, "changed": False, "msg": str(error)}
        finally:
            for folder in made:
                shutil.rmtree(folder, ignore_errors=True)
            self._remove_tmp_path(self._connection._shell.tmpdir)

    def _provide(self, name: str, made: list[str]) -> str:
        """Return the path of the file on the host that runs the module; new folders are added to ``made``."""
        found = self._find_needle("files", name)
        path = self._loader.get_real_file(found, decrypt=True)
        if found.lower().endswith((".yml", ".yaml")):
            path = _as_json(path, found, made)
        if self._connection.transport.endswith("local") and not self._play_context.become:
            return self._locally(path, found, made)
        return self._remotely(path, found)

    def _locally(self, path: str, found: str, made: list[str]) -> str:
        """Return a path with the original's name: its ending tells the kind of file, and messages show it."""
        if os.path.basename(path) == os.path.basename(found):
            return path
        with open(path, "rb") as stream:
            return _private_copy(stream.read(), found, made)

    def _remotely(self, path: str, found: str) -> str:
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        target = self._connection._shell.join_path(self._connection._shell.tmpdir, os.path.basename(found))
        self._transfer_file(path, target)
        self._fixup_perms2((self._connection._shell.tmpdir, target))
        return target


def _as_json(path: str, found: str, made: list[str]) -> str:
    """Return the path of a copy of a YAML file that holds JSON, which is YAML too."""
    with open(path, encoding="utf-8-sig") as stream:
        try:
            document = yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except yaml.YAMLError as error:
            raise AnsibleError(f"{os.path.basename(found)} is no YAML: {_place(error)}") from None
    return _private_copy(json.dumps(document, default=str).encode("ascii"), found, made)


def _place(error: yaml.YAMLError) -> str:
    """Return where the error is, without the quoted line: it may hold a secret."""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "unreadable"


def _private_copy(content: bytes, found: str, made: list[str]) -> str:
    """Return the path of a new file of the original's name, in a new folder that only its owner can enter."""
    folder = tempfile.mkdtemp(prefix="ngcp-fax-")
    made.append(folder)
    path = os.path.join(folder, os.path.basename(found))
    with open(path, "wb") as stream:
        stream.write(content)
    return path
