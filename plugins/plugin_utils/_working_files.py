# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""Working files with secrets on the control node, of which nothing readable stays behind, however a run ends.

What one task leaves for the next is sealed: encrypted with a key that only the processes of one run of Ansible have,
in their memory. What a task hands to itself or to its module lies in memory and has a name in the file system; where
that is not possible, it is a file in Ansible's own temporary folder. Folders of runs that were killed are removed by
the next run.
"""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import re
import shutil
import socket
import tempfile
import time
from typing import Any

from ansible import constants as C

from ansible_collections.ngcp.fax.plugins.module_utils._files import file_error

from ._protected_files import is_vaulted

_PREFIX = "ngcp-fax-"
_NAME = re.compile(rf"{_PREFIX}(?P<place>[0-9a-f]{{8}})-(?P<process>\d+)-\w+")
_NAME_BEFORE = re.compile(rf"{_PREFIX}(?:fleet-|archive-)?\w{{8}}")  # of earlier versions
_DAY = 24 * 3600  # seconds
_LONGEST_RUN = 7 * _DAY


def create_folder() -> str:
    """Return a new folder that only its owner can enter, in Ansible's temporary folder, which Ansible itself removes
    unless it is killed.

    :raises FileError: it cannot be made.
    """
    try:
        return tempfile.mkdtemp(prefix=f"{_PREFIX}{_place()}-{_run()}-", dir=C.DEFAULT_LOCAL_TMP)
    except OSError as error:
        raise file_error(f"cannot create a directory in {C.DEFAULT_LOCAL_TMP}", error) from None


def private_copy(content: bytes, found: str, made: list[str]) -> str:
    """Return a path of the original's name under which there is this content, readable by this user alone and no
    longer than this process lives.

    :param made: takes the new folder, for :func:`discard`.
    """
    remove_leftovers()
    folder = create_folder()
    made.append(folder)
    path = os.path.join(folder, os.path.basename(found))
    if not _in_memory(content, path):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(content)
    return path


def in_clear(loader: Any, found: str, made: list[str]) -> str:
    """Return the path of a file, or of a private copy in clear text if it is vaulted.

    :param loader: of the action plugin.
    :raises AnsibleError: it cannot be decrypted.
    """
    if not is_vaulted(found):
        return found
    content, _shown = loader._get_file_contents(found)
    return private_copy(content, found, made)


def discard(folder: str) -> None:
    """Remove a folder of :func:`private_copy` and what it names."""
    own = f"/proc/{os.getpid()}/fd/"
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            target = os.readlink(entry.path) if entry.is_symlink() else ""
            if target.startswith(own):
                os.close(int(target[len(own) :]))
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Remove working folders of this user that no run needs any more, because it is dead."""
    parents = {os.path.dirname(os.path.realpath(C.DEFAULT_LOCAL_TMP)), os.path.realpath(tempfile.gettempdir())}
    for parent in parents:
        for folder in (parent, *(path for path in _folders(parent) if _base(path).startswith("ansible-local-"))):
            for path in _folders(folder):
                if _is_left_behind(path):
                    shutil.rmtree(path, ignore_errors=True)


def _folders(parent: str) -> list[str]:
    """Return this user's folders in a folder, without links."""
    with contextlib.suppress(OSError), os.scandir(parent) as entries:
        return [
            entry.path
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_uid == os.getuid()
        ]
    return []


def _is_left_behind(path: str) -> bool:
    name = _NAME.fullmatch(_base(path))
    try:
        age = time.time() - os.lstat(path).st_mtime
    except OSError:
        return False
    if name is None:
        return age > _DAY and _NAME_BEFORE.fullmatch(_base(path)) is not None
    return age > _LONGEST_RUN or (name["place"] == _place() and not _is_alive(int(name["process"])))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def _place() -> str:
    """Return a short text for where numbers of processes mean the same: the machine and its name space."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return hashlib.sha256(f"{socket.gethostname()} {space}".encode()).hexdigest()[:8]


def _run() -> int:
    """Return the process of the whole run; tasks are its children."""
    return os.getpid() if multiprocessing.parent_process() is None else os.getppid()


def _in_memory(content: bytes, path: str) -> bool:
    """Return whether the content is in memory now, with a link to it under the path. That is possible on Linux."""
    if not hasattr(os, "memfd_create"):
        return False
    try:
        descriptor = os.memfd_create("ngcp-fax")
    except OSError:
        return False
    target = f"/proc/{os.getpid()}/fd/{descriptor}"
    if not os.path.exists(target):
        os.close(descriptor)
        return False
    with os.fdopen(descriptor, "wb", closefd=False) as stream:
        stream.write(content)
    os.symlink(target, path)
    return True


def _base(path: str) -> str:
    return os.path.basename(path)
