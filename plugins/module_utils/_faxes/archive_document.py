# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The files that hold an archive's index, as text: ``index.json``, and lines of ``.index.log``.

Their content is not trusted; they may be damaged, or come from another platform or a later version of the collection.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timezone
from typing import Any

from .._errors import InputError, ProtocolError
from .archive_index import ArchivedFile, Index
from .archive_names import INDEX, is_reserved
from .download import Format, Stored
from .journal import Fax

_COLLECTION = "ngcp.fax"
_VERSION = 1
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_MAX_NUMBER = 2**63 - 1
_MEMBERS = frozenset(member.name for member in fields(Fax))

# What reading a file that anybody may have written can end in. RecursionError: very deep JSON.
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError, ProtocolError)


def file_line(fax_id: int, form: Format, path: str, stored: Stored) -> dict[str, Any]:
    """Return the line of the log that says where a recording is."""
    return {"fax_id": fax_id, "format": form.name, "path": path, "size": stored.size, "sha256": stored.sha256}


def unavailable_line(index: Index, fax_id: int) -> dict[str, Any]:
    """Return the line of the log that says that there is no recording of a fax. The time when that was first found is
    kept."""
    return {"unavailable": fax_id, "since": index.unavailable_since(fax_id).strftime(_MOMENT)}


def deleted_line(fax_id: int) -> dict[str, Any]:
    """Return the line of the log that says that a fax was deleted on the server."""
    return {"deleted": fax_id}


def apply_line(index: Index, line: Mapping[str, Any]) -> None:
    """Take in a line of the log.

    :raises ValueError: it is not one.
    """
    if "unavailable" in line:
        index.note_unavailable(_number(line["unavailable"]), _moment(line.get("since")))
    elif "deleted" in line:
        index.deleted.add(_number(line["deleted"]))
    else:
        key = (_number(line["fax_id"]), str(line["format"]))
        index.put(key, _file_of(line))
    index.changed = True


def replay(index: Index, log: bytes) -> None:
    """Take in what an interrupted run noted; its last line may be incomplete."""
    for line in log.split(b"\n"):
        with contextlib.suppress(*_UNREADABLE):
            apply_line(index, json.loads(line))


def parse_index(content: bytes, server: str) -> Index:
    """Return what an index file says.

    :param server: the platform's address.
    :raises InputError: it is damaged, or an index of something else.
    """
    try:
        document = json.loads(content.decode("utf-8"))
        _check_kind(document, server)
        return _index_of(document)
    except _UNREADABLE:
        if content.startswith(_BEGINNING):
            raise _damaged_index() from None
        raise _foreign_index() from None


def index_content(index: Index, server: str) -> bytes:
    """Return the whole content of an index file."""
    with_file = [
        {
            **_shown(index, fax_id),
            "format": form,
            "path": found.path,
            "size": found.size,
            "sha256": found.sha256,
            "stamp": found.stamp,
            "deleted": fax_id in index.deleted,
        }
        for (fax_id, form), found in sorted(index.files.items())
    ]
    filed = {fax_id for fax_id, _form in index.files}
    without_file = [
        {**_shown(index, fax_id), **_availability(index, fax_id)}
        for fax_id in sorted(index.all_faxes)
        if fax_id not in filed
    ]
    document = {
        "collection": _COLLECTION,
        "version": _VERSION,
        "server": server,
        "known_up_to": index.known,
    }
    # One line for each fax: the file stays readable, and a quarter of the size of indented JSON.
    parts = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in document.items()]
    parts += [f'"faxes": {_lines(with_file)}', f'"without_file": {_lines(without_file)}']
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")


def _shown(index: Index, fax_id: int) -> dict[str, Any]:
    fax = index.all_faxes.get(fax_id)
    return fax.as_dict() if fax is not None else {"fax_id": fax_id}


def _availability(index: Index, fax_id: int) -> dict[str, Any]:
    since = index.unavailable.get(fax_id)
    if since is None:
        return {"unavailable": False}
    return {"unavailable": True, "unavailable_since": since.strftime(_MOMENT)}


def _lines(entries: list[dict[str, Any]]) -> str:
    return "[" + ",".join(f"\n {json.dumps(entry)}" for entry in entries) + "]"


def _index_of(document: Mapping[str, Any]) -> Index:
    index = Index(known={str(scope): _number(up_to) for scope, up_to in document["known_up_to"].items()})
    for entry in document["faxes"]:
        fax_id = _take_in_fax(index, entry)
        index.put((fax_id, str(entry["format"])), _file_of(entry))
        if entry.get("deleted"):
            index.deleted.add(fax_id)
    for entry in document["without_file"]:
        fax_id = _take_in_fax(index, entry)
        if entry.get("unavailable"):
            index.note_unavailable(fax_id, _moment(entry.get("unavailable_since")))
            # Indexes of earlier versions do not say since when: it counts from now on.
            index.changed = index.changed or "unavailable_since" not in entry
    return index


def _take_in_fax(index: Index, entry: Mapping[str, Any]) -> int:
    """Take in what an entry of the index says about a fax; return its id.

    It says nothing about a fax that only the log has named, as when the index was restored from a backup.
    """
    fax_id = _number(entry["fax_id"])
    if not _MEMBERS.isdisjoint(entry):
        index.all_faxes[fax_id] = Fax.of({**entry, "id": fax_id})
    return fax_id


# How every index of this collection begins.
_BEGINNING = b'{\n"collection": "ngcp.fax",\n'


def _check_kind(document: Mapping[str, Any], server: str) -> None:
    """Refuse an index that is not one of this collection and platform.

    :raises InputError: it is of another platform, or a later version.
    :raises ValueError: it is of something else.
    """
    if document["collection"] != _COLLECTION:
        raise ValueError
    version = _number(document["version"])
    if version > _VERSION:
        raise InputError(
            f"has an {INDEX} of version {version}, written by a later version of the collection "
            f"(this version reads up to {_VERSION})",
            field="dest",
            hint="Use the later version of the collection, or another directory.",
        )
    if document["server"] != server:
        raise InputError(
            f"is the archive of {str(document['server'])[:200]}, not of {server}",
            field="dest",
            hint="Fax ids are valid on one platform only. Use another directory.",
        )


def _foreign_index() -> InputError:
    return InputError(
        f"has an {INDEX} that does not belong to this collection",
        field="dest",
        hint="Use another directory, or set index to false.",
    )


def _damaged_index() -> InputError:
    return InputError(
        f"has an {INDEX} of this collection that is damaged or cut off",
        field="dest",
        hint="Restore it from a backup. Without it, recordings that the platform still has are fetched again; files "
        "whose recordings it no longer has are not overwritten.",
    )


def _file_of(entry: Mapping[str, Any]) -> ArchivedFile:
    """Return the file that an entry of the index or a line of the log is about.

    :raises ValueError: it is not about one, or leads out of the archive.
    """
    sha256, stamp = str(entry["sha256"]), entry.get("stamp")
    if not _SHA256.fullmatch(sha256):
        raise ValueError
    if stamp is not None and not (isinstance(stamp, list) and all(isinstance(part, int) for part in stamp)):
        raise ValueError
    return ArchivedFile(_safe_path(entry["path"]), _number(entry["size"], 0), sha256, stamp)


def _number(value: Any, least: int = 1) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MAX_NUMBER:
        raise ValueError
    return value


def _safe_path(path: Any) -> str:
    """Return a path of the index if it is one of a recording below the archive's folder.

    :raises ValueError: it is not.
    """
    if not isinstance(path, str) or "\0" in path:
        raise ValueError
    os.fsencode(path)
    if any(part in ("", ".", "..") for part in path.split(os.sep)) or is_reserved(path):
        raise ValueError
    return path


def _moment(text: Any) -> datetime | None:
    """Return when something was noted; None where that is not known."""
    with contextlib.suppress(ValueError, TypeError):
        return datetime.strptime(text, _MOMENT).replace(tzinfo=timezone.utc)
    return None
