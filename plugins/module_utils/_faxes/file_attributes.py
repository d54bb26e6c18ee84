# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Mode, owner and group of files as users write them: checked before anything is downloaded.

Ansible sets them (:class:`_task.Host`) and refuses wrong ones, but only when there is a file to set them for.
And it takes ``mode: 644`` without a word: YAML reads that as the decimal number 644, which is the mode 01204.
"""

from __future__ import annotations

import contextlib
import grp
import pwd
import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Callable

from .._errors import InputError
from .._task import ATTRIBUTES

_PLAIN = 0o777
_OWNER_READS = 0o400
_MAX_ID = 2**32 - 2

_OCTAL = re.compile(r"(?:0o)?0*[0-7]{1,4}", re.ASCII)
_CLAUSE = re.compile(r"(a|[ugo]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)", re.ASCII)
_OPERATION = re.compile(r"([-+=])([rwxXstugo]*)")

_QUOTE = 'Quote it, for example mode: "0640".'
_FORMS = 'must be an octal number in quotes such as "0640", or symbolic such as "u=rw,g=r,o="'


class FileAttributes:
    """Sets mode, owner and group of files, one file after the other. Safe to use from several threads.

    :param params: the task's options.
    :param set_attributes: see :class:`_task.Host`.
    """

    def __init__(self, params: Mapping[str, Any], set_attributes: Callable[[str], bool]) -> None:
        self._set = set_attributes
        self._lock = threading.RLock()
        self._work = not any(params.get(name) is not None for name in ATTRIBUTES)

    def set(self, path: str) -> bool:
        """Give a file the attributes; return whether that changes something.

        :raises FaxError: they cannot be set.
        """
        with self._lock:
            return self._set(path)

    @contextlib.contextmanager
    def trying(self) -> Iterator[bool]:
        """Keep other threads away while the attributes are tried, and yield whether that is needed: not if there are
        none, or if it went well before. What does not raise an error has gone well."""
        with self._lock:
            yield not self._work
            self._work = True


def check_attributes(params: Mapping[str, Any]) -> None:
    """Check ``mode``, ``owner`` and ``group`` of a task; None for those that are not given.

    :raises InputError: a value is wrong, would give files that their owner cannot read, or names somebody that this
        host does not know.
    """
    _check_mode(params.get("mode"))
    _check_name("owner", "user", params.get("owner"), pwd.getpwnam)
    _check_name("group", "group", params.get("group"), grp.getgrnam)


def _check_mode(mode: Any) -> None:
    if mode is None:
        return
    if isinstance(mode, int) and not isinstance(mode, bool):
        if not _is_sensible(mode):
            raise InputError(
                f"must not be the unquoted number {mode}, which is the mode {mode:#o}", field="mode", hint=_QUOTE
            )
        return
    if not isinstance(mode, str):
        raise InputError(f"{_FORMS}, not {mode!r}"[:200], field="mode")
    text = mode.strip()
    readable = bool(int(text, 8) & _OWNER_READS) if _OCTAL.fullmatch(text) else _is_readable_after(text)
    if not readable:
        raise InputError(f"would create files that their owner cannot read: {text!r}", field="mode", hint=_QUOTE)


def _is_sensible(mode: int) -> bool:
    """Return whether a number is likely to be meant as the mode that it is, and not written in decimal by mistake.

    YAML reads ``0640`` as 416, which is right, and ``640`` as 640, which is the mode 01200. A mode that anybody wants
    for a document lets the owner read, has no special bits, lets nobody write who cannot read, and gives nobody more
    rights than the owner has.
    """
    owner, group, others = mode >> 6 & 7, mode >> 3 & 7, mode & 7
    nested = group | owner == owner and others | group == group
    return 0 <= mode <= _PLAIN and bool(mode & _OWNER_READS) and nested and 2 not in (group & 6, others & 6)


def _is_readable_after(text: str) -> bool:
    """Return whether a symbolic mode lets the owner read a file that had the mode 0600 before.

    :raises InputError: it is not a symbolic mode.
    """
    readers = {"u": True, "g": False, "o": False}
    for clause in text.split(","):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise InputError(f"{_FORMS}, not {text[:100]!r}", field="mode")
        users = "ugo" if match.group(1) in ("", "a") else match.group(1)
        for operator, permissions in _OPERATION.findall(match.group(2)):
            grants = readers.get(permissions, "r" in permissions)
            for user in users:
                if operator == "=":
                    readers[user] = grants
                elif grants:
                    readers[user] = operator == "+"
    return readers["u"]


def _check_name(field: str, kind: str, name: Any, look_up: Any) -> None:
    if name is None:
        return
    text = str(name)
    if not text.strip():
        raise InputError("must not be empty", field=field)
    if text.isascii() and text.isdigit():
        if len(text) > 10 or int(text) > _MAX_ID:
            raise InputError(f"is not a valid {kind} id: {text[:20]}", field=field)
        return
    try:
        look_up(text)
    except (KeyError, ValueError):  # ValueError: a name that cannot be handed to the system
        raise InputError(f"is not a {kind} on this host: {text[:100]!r}", field=field) from None
