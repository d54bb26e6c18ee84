# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The archive: which faxes a folder holds, where, and how to tell that they are intact.

``index.json`` is replaced as a whole now and then; between two of these, what happens is appended to ``.index.log``
first, so that a run that is killed at any moment loses nothing. The log is gone after a run that came to its end.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import Fax
from ansible_collections.ngcp.fax.plugins.module_utils._files import file_error, hash_of, remove, sync, write_whole
from ansible_collections.ngcp.fax.plugins.module_utils._recordings import Format, Stored

INDEX = "index.json"
FLAT, BY_SUBSCRIBER, BY_DATE = "flat", "by_subscriber", "by_date"
LAYOUTS = (FLAT, BY_SUBSCRIBER, BY_DATE)

_LOG = ".index.log"
_ENDING = ".ngcp-fax-part"
_COLLECTION = "ngcp.fax"
_VERSION = 1
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d) ")

# The index is written anew after so many lines of the log, or after this share of what it holds: its cost then stays
# in proportion to the archive.
_LEAST_LINES = 50
_SHARE = 20


@dataclass
class ArchivedFile:
    """A recording in the archive.

    :param path: relative to the archive's folder.
    :param stamp: size and times of the file when it was last found intact; while they stay, it is taken to be.
    """

    path: str
    size: int
    sha256: str
    stamp: list[int] | None = None

    @property
    def stored(self) -> Stored:
        """Size and hash."""
        return Stored(self.size, self.sha256)


def file_name(fax: Fax, form: Format, layout: str) -> str:
    """Return the path of a fax below the archive's folder. It comes from the id, never from texts of the server."""
    name = f"{fax.id}.{form.extension}"
    if layout == BY_SUBSCRIBER:
        return os.path.join(str(fax.subscriber_id), name)
    if layout == BY_DATE:
        day = _DAY.match(fax.time)
        return os.path.join(*day.groups(), name) if day else os.path.join("undated", name)
    return name


def temporary_name(path: str) -> str:
    """Return where a file is put together before it gets its name: beside it, under a name that the next run finds."""
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{_ENDING}")


class Archive:
    """The index of a folder. Safe to use from several threads.

    :param folder: has to exist.
    :param server: the platform's address: ids mean nothing elsewhere.
    :param kept: whether there is an index at all.
    :param read_only: for check mode: nothing is written.
    :raises InputError: there is an index of something else.
    :raises FileError: the index cannot be read.
    """

    def __init__(self, folder: str, server: str, kept: bool = True, read_only: bool = False) -> None:
        self._folder = folder
        self._server = server
        self._kept = kept
        self._writes = kept and not read_only
        self._lock = threading.RLock()
        self._faxes: dict[int, Fax] = {}
        self._files: dict[tuple[int, str], ArchivedFile] = {}
        self._paths: dict[str, tuple[int, str]] = {}
        self._unavailable: set[int] = set()
        self._deleted: set[int] = set()
        self._known_up_to: dict[str, int] = {}
        self._log: BinaryIO | None = None
        self._lines = 0
        self._changed = False
        self.was_interrupted = False
        if kept:
            self._load()

    # What it knows

    def known_up_to(self, scope: str) -> int:
        """Return the id up to which all entries of the journal that a filter admits are known."""
        return self._known_up_to.get(scope, 0)

    def faxes(self) -> list[Fax]:
        """Return all faxes that it knows, newest first."""
        return [self._faxes[fax_id] for fax_id in sorted(self._faxes, reverse=True)]

    def file_of(self, fax_id: int, form: Format) -> ArchivedFile | None:
        """Return the recording of a fax in a format, as far as the index knows."""
        return self._files.get((fax_id, form.name))

    def is_unavailable(self, fax_id: int) -> bool:
        """Return whether an earlier run found out that there is no recording and never will be."""
        return fax_id in self._unavailable

    def is_deleted(self, fax_id: int) -> bool:
        """Return whether an earlier run deleted the fax on the server."""
        return fax_id in self._deleted

    def path_for(self, fax: Fax, form: Format, layout: str) -> str:
        """Return where a fax is or will be, relative to the folder. PDF and PDF 1.4 do not get in each other's way."""
        found = self.file_of(fax.id, form)
        if found is not None:
            return found.path
        path = file_name(fax, form, layout)
        if self._paths.get(path, (fax.id, form.name)) == (fax.id, form.name):
            return path
        root, ending = os.path.splitext(path)
        return f"{root}.{form.name}{ending}"

    def is_intact(self, found: ArchivedFile, thorough: bool = False) -> bool:
        """Return whether a file is there and holds what it held when it was stored.

        :param thorough: hash it even if size and times have not changed since it was last found intact.
        """
        path = os.path.join(self._folder, found.path)
        try:
            stamp = stamp_of(path)
            if stamp == found.stamp and not thorough:
                return True
            if stamp[0] != found.size or hash_of(path) != found.sha256:
                return False
        except OSError:
            return False
        if stamp != found.stamp:
            found.stamp = stamp
            self._changed = True
        return True

    # What it learns

    def learn(self, faxes: Iterable[Fax], scope: str | None = None, up_to: int = 0) -> None:
        """Take in entries of the journal; once this is saved, they need not be read again.

        :param scope: a filter whose entries are now all known ``up_to`` an id.
        """
        with self._lock:
            for fax in faxes:
                if self._faxes.get(fax.id) != fax:
                    self._faxes[fax.id] = fax
                    self._changed = True
            if scope is not None and up_to > self._known_up_to.get(scope, 0):
                self._known_up_to[scope] = up_to
                self._changed = True

    def add_file(self, fax_id: int, form: Format, path: str, stored: Stored) -> None:
        """Note a recording, before it gets its final name.

        :raises OSError: it could not be noted; it must not get its name then.
        """
        self._note({"fax_id": fax_id, "format": form.name, "path": path, "size": stored.size, "sha256": stored.sha256})

    def add_unavailable(self, fax_id: int) -> None:
        """Note that there is no recording of a fax and never will be."""
        self._note({"unavailable": fax_id})

    def add_deleted(self, fax_id: int) -> None:
        """Note that a fax was deleted on the server."""
        self._note({"deleted": fax_id})

    def restamp(self, fax_id: int, form: Format) -> None:
        """Note size and times of a recording that has just got its final name."""
        found = self._files[fax_id, form.name]
        found.stamp = stamp_of(os.path.join(self._folder, found.path))

    def save(self) -> None:
        """Write the index anew if anything changed, and end the log.

        :raises FileError: the old index and the log are still there.
        """
        with self._lock:
            if not self._writes:
                return
            try:
                if self._changed:
                    write_whole(os.path.join(self._folder, INDEX), self._document())
                    self._changed = False
                self._end_log()
            except OSError as error:
                raise file_error(f"Cannot write the index in {self._folder!r}", error) from None

    def begin(self) -> None:
        """Save, and begin the log: from here on an interrupted run can be told.

        :raises FileError: nothing can be written.
        """
        self.save()
        if not self._writes:
            return
        try:
            self._log = open(os.path.join(self._folder, _LOG), "ab")  # noqa: SIM115  save() closes it
        except OSError as error:
            raise file_error(f"Cannot write into {self._folder!r}", error) from None

    def _note(self, line: dict[str, Any]) -> None:
        with self._lock:
            self._apply(line)
            if self._log is None:
                return
            self._log.write(json.dumps(line).encode("ascii") + b"\n")
            sync(self._log)
            self._lines += 1
            if self._lines >= max(_LEAST_LINES, len(self._faxes) // _SHARE):
                self.begin()

    def _apply(self, line: dict[str, Any]) -> None:
        self._changed = True
        if "unavailable" in line:
            self._unavailable.add(int(line["unavailable"]))
        elif "deleted" in line:
            self._deleted.add(int(line["deleted"]))
        else:
            key = (int(line["fax_id"]), str(line["format"]))
            self._put(key, ArchivedFile(str(line["path"]), int(line["size"]), str(line["sha256"])))

    def _put(self, key: tuple[int, str], found: ArchivedFile) -> None:
        former = self._paths.get(found.path)
        if former is not None and former != key:
            self._files.pop(former, None)
        self._files[key] = found
        self._paths[found.path] = key
        self._unavailable.discard(key[0])

    # On disk

    def _load(self) -> None:
        try:
            with open(os.path.join(self._folder, INDEX), encoding="utf-8") as stream:
                self._parse(json.load(stream))
        except FileNotFoundError:
            pass
        except OSError as error:
            raise file_error(f"Cannot read the index in {self._folder!r}", error) from None
        except (ValueError, TypeError, KeyError, AttributeError):
            raise InputError(
                f"has an {INDEX} that is not one of this collection",
                field="dest",
                hint="Use another folder, or set index to false.",
            ) from None
        self._replay()

    def _parse(self, document: dict[str, Any]) -> None:
        if document["collection"] != _COLLECTION or document["version"] != _VERSION:
            raise ValueError("another kind of index")
        if document["server"] != self._server:
            raise InputError(
                f"is the archive of {document['server']}, not of {self._server}",
                field="dest",
                hint="Ids of faxes mean something on one platform only: use another folder.",
            )
        self._known_up_to = {str(scope): int(up_to) for scope, up_to in document["known_up_to"].items()}
        for entry in document["faxes"]:
            fax = _fax_of(entry)
            self._faxes[fax.id] = fax
            found = ArchivedFile(_safe_path(entry["path"]), entry["size"], entry["sha256"], entry.get("stamp"))
            self._put((fax.id, str(entry["format"])), found)
            if entry.get("deleted"):
                self._deleted.add(fax.id)
        for entry in document["without_file"]:
            fax = _fax_of(entry)
            self._faxes[fax.id] = fax
            if entry.get("unavailable"):
                self._unavailable.add(fax.id)

    def _replay(self) -> None:
        """Take in what an interrupted run noted; its last line may be torn."""
        try:
            with open(os.path.join(self._folder, _LOG), "rb") as stream:
                lines = stream.read().split(b"\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise file_error(f"Cannot read the index in {self._folder!r}", error) from None
        self.was_interrupted = True
        for line in lines:
            try:
                document = json.loads(line)
                if "path" in document:
                    _safe_path(document["path"])
                self._apply(document)
            except (ValueError, TypeError, KeyError):
                continue

    def _document(self) -> bytes:
        with_file = [
            {
                **self._shown(fax_id),
                "format": form,
                "path": found.path,
                "size": found.size,
                "sha256": found.sha256,
                "stamp": found.stamp,
                "deleted": fax_id in self._deleted,
            }
            for (fax_id, form), found in sorted(self._files.items())
        ]
        filed = {fax_id for fax_id, _form in self._files}
        without_file = [
            {**self._shown(fax_id), "unavailable": fax_id in self._unavailable}
            for fax_id in sorted(self._faxes)
            if fax_id not in filed
        ]
        document = {
            "collection": _COLLECTION,
            "version": _VERSION,
            "server": self._server,
            "known_up_to": self._known_up_to,
        }
        # One line for each fax: the file stays readable, and a quarter of the size of indented JSON.
        parts = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in document.items()]
        parts += [f'"faxes": {_lines(with_file)}', f'"without_file": {_lines(without_file)}']
        return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")

    def _shown(self, fax_id: int) -> dict[str, Any]:
        fax = self._faxes.get(fax_id)
        return fax.as_dict() if fax is not None else {"fax_id": fax_id}

    def _end_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
        self._lines = 0
        remove(os.path.join(self._folder, _LOG))


def stamp_of(path: str) -> list[int]:
    """Return what changes when a file changes: its size and times."""
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def sweep(folder: str) -> None:
    """Remove the temporary files that an interrupted run left below a folder."""
    for root, _folders, names in os.walk(folder):
        for name in names:
            if name.endswith(_ENDING):
                remove(os.path.join(root, name))


def _lines(entries: list[dict[str, Any]]) -> str:
    return "[" + ",".join(f"\n {json.dumps(entry)}" for entry in entries) + "]"


def _fax_of(entry: dict[str, Any]) -> Fax:
    return Fax.of({**entry, "id": entry["fax_id"]})


def _safe_path(path: Any) -> str:
    """Return a path of the index if it stays below the archive's folder."""
    text = str(path)
    if os.path.isabs(text) or ".." in text.split(os.sep):
        raise ValueError("a path outside the archive")
    return text
