# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What is known of an archive: its faxes, where their recordings are, and their state. In memory, without files."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from .archive_names import file_name
from .download import Format, Stored
from .journal import Fax


@dataclass
class ArchivedFile:
    """A recording in the archive.

    :param path: relative to the archive's folder.
    :param stamp: size and times of the file when it was last found intact; while these are unchanged, the file counts
        as intact.
    """

    path: str
    size: int
    sha256: str
    stamp: list[int] | None = None

    @property
    def stored(self) -> Stored:
        """Size and hash."""
        return Stored(self.size, self.sha256)


@dataclass
class Index:
    """What is known of the faxes of a folder.

    :param all_faxes: entries of the journal by id.
    :param files: recordings by the fax's id and the format's name; see :meth:`put`.
    :param unavailable: when it was first found that a fax has no recording.
    :param deleted: ids of faxes that were deleted on the server.
    :param known: for each filter of the journal the id up to which all its entries are known.
    :param changed: whether something was learned since it was read or written.
    """

    all_faxes: dict[int, Fax] = field(default_factory=dict)
    files: dict[tuple[int, str], ArchivedFile] = field(default_factory=dict)
    unavailable: dict[int, datetime] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    known: dict[str, int] = field(default_factory=dict)
    changed: bool = False
    _paths: dict[str, tuple[int, str]] = field(default_factory=dict)

    def faxes(self) -> list[Fax]:
        """Return all faxes, newest first."""
        return [self.all_faxes[fax_id] for fax_id in sorted(self.all_faxes, reverse=True)]

    def unavailable_for(self, fax_id: int) -> timedelta | None:
        """Return how long ago a run first found no recording of a fax, or None if none has."""
        since = self.unavailable.get(fax_id)
        return max(timedelta(0), _now() - since) if since is not None else None

    def unavailable_since(self, fax_id: int) -> datetime:
        """Return when it was first found that there is no recording of a fax, or the current time if that is new."""
        return self.unavailable.get(fax_id) or _now()

    def path_for(self, fax: Fax, form: Format, layout: str) -> str:
        """Return where a fax is or will be stored, relative to the folder. PDF and PDF 1.4 have different names."""
        key = (fax.id, form.name)
        if key in self.files:
            return self.files[key].path
        path = file_name(fax, form, layout)
        if self._paths.get(path, key) == key:
            return path
        root, ending = os.path.splitext(path)
        return f"{root}.{form.name}{ending}"

    def add(self, faxes: Iterable[Fax], scope: str | None, up_to: int) -> None:
        """Take in entries of the journal.

        :param scope: a filter whose entries are now all known ``up_to`` an id.
        """
        for fax in faxes:
            if self.all_faxes.get(fax.id) != fax:
                self.all_faxes[fax.id] = fax
                self.changed = True
        if scope is not None and up_to > self.known.get(scope, 0):
            self.known[scope] = up_to
            self.changed = True

    def note_unavailable(self, fax_id: int, since: datetime | None) -> None:
        """Note that there is no recording of a fax.

        :param since: when that was found; None if unknown, which then counts from now on.
        """
        self.unavailable[fax_id] = since or _now()

    def put(self, key: tuple[int, str], found: ArchivedFile) -> None:
        """Note where a recording is, replacing its previous place and whatever was there."""
        former = self.files.pop(key, None)
        if former is not None:
            del self._paths[former.path]
        replaced = self._paths.pop(found.path, None)
        if replaced is not None:
            del self.files[replaced]
        self.files[key] = found
        self._paths[found.path] = key
        self.unavailable.pop(key[0], None)


def _now() -> datetime:
    return datetime.fromtimestamp(int(time.time()), timezone.utc)
