# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Folders for what a run leaves behind: checked before anything is read, created before the first write."""

from __future__ import annotations

import os

from .._errors import InputError
from .._files import file_error, is_path, sync_folder
from .._wording import quoted


def checked_folder(path: str, option: str) -> str:
    """Return the absolute path of a folder in which something can be written, as far as that can be known without
    doing it; it need not be there yet.

    :param option: which names it, for messages.
    :raises InputError: it cannot be written to.
    """
    if not path.strip():
        raise InputError("must not be empty", field=option)
    if not is_path(path):
        raise InputError(f"{quoted(path)} is not a valid path of a directory", field=option)
    folder = there = os.path.abspath(path)
    while not os.path.lexists(there):
        there = os.path.dirname(there)
    if not os.path.isdir(there):
        raise InputError(f"{quoted(there)} is not a directory", field=option)
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"{quoted(there)} cannot be written to", field=option)
    return folder


def create_folder(path: str) -> None:
    """Create a folder that only its owner can enter, if it is missing, on disk when this returns.

    :raises FileError: that is not possible.
    """
    if os.path.isdir(path):
        return
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
        sync_folder(os.path.dirname(path))
    except OSError as error:
        raise file_error(f"Cannot create {quoted(path)}", error) from None
