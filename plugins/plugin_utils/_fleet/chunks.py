# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""The files through which a fleet gets from step to step: entries that ``subscribers_file`` takes.

They hold secrets, so that they are readable by their owner alone, and sealed unless the user names a folder for them.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._files import file_error, write_whole

from .._protected_files import SEALED
from .._working_files import seal, unseal
from .entries import Member

PATHS = "places.json"


def create_private_folder(path: str) -> None:
    """Make a folder that only its owner can enter, unless it is there.

    :raises FileError: it cannot be made.
    """
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        raise file_error(f"cannot make {path}", error) from None


def write_chunks(
    folder: str, members: Mapping[str, Sequence[Member]], size: int | None, prefix: str = "", sealed: bool = False
) -> list[dict[str, Any]]:
    """Write the members of both parts in chunks of subscribers and return a description of each chunk.

    :param size: most subscribers of a chunk; None for a single one.
    :param prefix: what the files' names begin with.
    :param sealed: whether only this run can read the files.
    :return: for each chunk its ``number``, how many subscribers it has (``total``), and for each module that has
        entries in it a dictionary with ``file``, ``positions`` and ``total``.
    :raises FileError: a file cannot be written.
    """
    chunks = []
    for number, (total, parts) in enumerate(_slices(members, size), start=1):
        chunk: dict[str, Any] = {"number": number, "total": total}
        for module, part in parts.items():
            path = os.path.join(folder, f"{prefix}{module}-{number:04d}{SEALED if sealed else '.json'}")
            write_private(path, [member.values for member in part])
            positions = [member.position for member in part]
            chunk[module] = {"file": path, "positions": positions, "total": len(positions)}
        chunks.append(chunk)
    return chunks


def write_private(path: str, document: Any) -> None:
    """Write a document as JSON into a file that only its owner can read, and only this run if it ends in ``SEALED``.

    :raises FileError: it cannot be written.
    """
    # Dates of YAML and vaulted texts of Ansible are no JSON; as texts they mean the same.
    content = json.dumps(document, default=str).encode("ascii")
    try:
        write_whole(path, seal(content) if path.endswith(SEALED) else content)
    except OSError as error:
        raise file_error(f"cannot write {path}", error) from None


def read_json(path: str) -> Any:
    """Return what one of the files holds.

    :raises FileError: it cannot be read.
    """
    if path.endswith(SEALED):
        return json.loads(unseal(path))
    try:
        with open(path, encoding="ascii") as stream:
            return json.load(stream)
    except OSError as error:
        raise file_error(f"cannot read {path}", error) from None


def _slices(
    members: Mapping[str, Sequence[Member]], size: int | None
) -> Iterator[tuple[int, dict[str, Sequence[Member]]]]:
    """Yield so many subscribers at a time: their number, and what each module that they concern has to do for them."""
    positions = sorted({member.position for part in members.values() for member in part})
    step = size or max(1, len(positions))
    for start in range(0, len(positions), step):
        wanted = positions[start : start + step]
        parts = {}
        for module, part in members.items():
            first = bisect_left(part, wanted[0], key=_position)
            own = part[first : bisect_right(part, wanted[-1], first, key=_position)]
            if own:
                parts[module] = own
        yield len(wanted), parts


def _position(member: Member) -> int:
    return member.position
