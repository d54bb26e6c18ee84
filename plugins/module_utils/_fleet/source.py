# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Where the entries of a fleet come from: a file, a list, or the variables of inventory hosts."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Callable, NamedTuple

from .._errors import InputError
from .._settings.declarations import Entries, Entry
from .._settings.fleet_file import read_table
from .._settings.fleet_text import MAX_FILE_SIZE
from .._wording import counted, quoted
from .entries import FleetEntries, check_fleet
from .options import HOSTS, SRC, SUBSCRIBERS, UNDO
from .schema import COLUMNS
from .undo_source import read_undo

# Checks the entries of a source, see :func:`entries.check_fleet`.
_Check = Callable[[Sequence[Entry], Sequence[InputError], str], FleetEntries]


class Source(NamedTuple):
    """The entries of a fleet and what they come from.

    :param name: how messages call it: the name of a file, or of an option.
    :param option: the option that named it.
    :param raw: the entries as they were written.
    :param entries: the same, checked.
    :param digest: SHA-256 of the file, or of the list as JSON.
    :param platform: address of the only platform that the entries are for; None for any.
    """

    name: str
    option: str
    raw: Sequence[Entry]
    entries: FleetEntries
    digest: bytes
    platform: str | None = None

    def check_platform(self, address: str) -> None:
        """Refuse entries that are for another platform.

        :raises InputError: they are.
        """
        if self.platform is not None and self.platform != address:
            raise InputError(
                f"{quoted(self.name)} belongs to the platform {quoted(self.platform)}, not to {quoted(address)}",
                field=self.option,
            )


def read_source(params: Mapping[str, Any], modes: Mapping[str, str], in_batches: bool = False) -> Source:
    """Return the fleet that a task is about.

    :param params: the task's options.
    :param modes: how lists are interpreted.
    :param in_batches: whether entries may be looked at together.
    :raises InputError: there is no such fleet, more than one, or one without entries.
    :raises FleetErrors: everything that is wrong with its entries.
    """
    given = [name for name in (SRC, SUBSCRIBERS, UNDO) if params.get(name) is not None]
    if len(given) != 1:
        found = " and ".join(given) if given else "none"
        raise InputError(f"exactly one of {SRC}, {SUBSCRIBERS}, {HOSTS}, {UNDO} is needed, {found} given")
    if given == [UNDO]:
        return _read_undo(params[UNDO])
    check = partial(check_fleet, modes=modes, in_batches=in_batches)
    source = _read_file(params[SRC], check) if given == [SRC] else _read_list(params, check)
    if not source.entries and not params.get("allow_empty"):
        raise _nobody(source, params)
    return source


def _read_file(path: str, check: _Check) -> Source:
    if not path.strip():
        raise InputError("must not be empty", field=SRC)
    name = os.path.basename(path)
    try:
        digest = _digest(path)  # before it is read, so that whoever reads it again can tell whether it is the same
        raw, errors = read_table(COLUMNS, path)
    except InputError as error:
        error.field = SRC
        raise
    except OSError as error:
        raise InputError(f"cannot read {name!r}: {error.strerror}", field=SRC) from None
    return Source(name, SRC, raw, check(raw, errors, name), digest)


def _digest(path: str) -> bytes:
    with open(path, "rb") as stream:
        return hashlib.sha256(stream.read(MAX_FILE_SIZE + 1)).digest()  # larger ones are refused when they are read


def _read_undo(path: str) -> Source:
    if not path.strip():
        raise InputError("must not be empty", field=UNDO)
    name = os.path.basename(path)
    try:
        content = read_undo(path, name)
    except InputError as error:
        error.field = UNDO
        raise
    return Source(name, UNDO, content.raw, FleetEntries(content.entries), content.digest, content.platform)


def _read_list(params: Mapping[str, Any], check: _Check) -> Source:
    values, hosts = params[SUBSCRIBERS], params.get(HOSTS)
    if not isinstance(values, list):
        raise InputError("must be a list of dictionaries", field=SUBSCRIBERS)
    if hosts is not None and len(hosts) != len(values):
        raise InputError(f"must have one host for each of the {counted(len(values), 'entry', 'entries')}", field=HOSTS)
    name = SUBSCRIBERS if hosts is None else "the inventory"
    paths = [f"host {host}" for host in hosts] if hosts is not None else _positions(len(values))
    raw = Entries(values, paths.__getitem__)
    option = SUBSCRIBERS if hosts is None else HOSTS
    # An inventory has no order of its own, and a dynamic one may come in another order each time.
    order = range(len(values)) if hosts is None else sorted(range(len(values)), key=paths.__getitem__)
    digested = [[paths[number] for number in order], [values[number] for number in order]]
    content = json.dumps(digested, sort_keys=True, default=str).encode()
    return Source(name, option, raw, check(raw, [], name), hashlib.sha256(content).digest())


def _positions(count: int) -> list[str]:
    return [f"{SUBSCRIBERS}[{index}]" for index in range(count)]


def _nobody(source: Source, params: Mapping[str, Any]) -> InputError:
    """Return the error for a fleet without entries: that nobody differs would be no comfort."""
    message = f"{quoted(source.name)} has no entries" if source.option == SRC else "has no entries"
    return InputError(
        message, field=source.option, hint="Set allow_empty to true if a fleet without subscribers is intended."
    )
