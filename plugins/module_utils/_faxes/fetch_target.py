# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Where ``fax_fetch`` puts recordings: the folder or file that ``dest`` names, checked before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import InputError
from .._files import is_path
from .archive_names import is_reserved
from .folder import kind_of

_HINT_FOLDER = "Create it with ansible.builtin.file and state: directory."


@dataclass(frozen=True)
class Target:
    """Where recordings go.

    :param folder: the folder, without links in its path.
    :param name: name of the one file, where the task names a file.
    :param exists: whether the folder is there; in check mode it may be missing, because a task before would make it.
    """

    folder: str
    name: str | None = None
    exists: bool = True


def find_target(params: Mapping[str, Any], check: bool) -> Target:
    """Return where to put the recordings. A link to a folder is resolved here, once; below it none is followed.

    :param check: whether the folder may be missing.
    :raises InputError: there is no such folder, or something else than a regular file has the file's name.
    """
    dest = params["dest"]
    _check_path(dest)
    if os.path.isdir(dest):
        return Target(os.path.realpath(dest))
    is_file = params.get("fax_id") is not None and not dest.endswith(os.sep)
    _check_kind(dest, is_file)
    folder, name = os.path.split(os.path.abspath(dest))
    if is_file and is_reserved(name):
        raise InputError(f"must not be called {name}, which is reserved for the index", field="dest")
    if is_file and os.path.isdir(folder):
        return Target(os.path.realpath(folder), name)
    if check and _can_be_made(folder):
        return Target(folder, name, exists=False) if is_file else Target(os.path.abspath(dest), exists=False)
    if is_file:
        raise InputError(f"the directory of {dest!r} does not exist", field="dest", hint=_HINT_FOLDER)
    raise InputError(f"{dest!r} does not exist; name an existing directory", field="dest", hint=_HINT_FOLDER)


def _check_path(dest: str) -> None:
    """Refuse what the system would not take as a path."""
    if not dest.strip():
        raise InputError("must not be empty", field="dest")
    if not is_path(dest):
        raise InputError("has characters that a path cannot have", field="dest")


def _check_kind(dest: str, is_file: bool) -> None:
    """Refuse a ``dest`` that is there, but not what it has to be."""
    try:
        mode = os.lstat(dest).st_mode
    except OSError:
        return
    kind = kind_of(mode)
    if not is_file:
        raise InputError(f"{dest!r} is {kind or 'a file'}, not a directory", field="dest", hint=_HINT_FOLDER)
    if kind is not None:
        raise InputError(f"{dest!r} is {kind}, not a regular file", field="dest")


def _can_be_made(path: str) -> bool:
    """Return whether only folders are missing."""
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    return os.path.isdir(path)
