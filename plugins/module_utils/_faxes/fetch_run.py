# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What one run of a task that fetches faxes works with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._api.client import Client
from .._concurrency import Outage
from .._errors import FaxError
from .._files import FileError
from .archive import Archive
from .download import Format
from .fetch_target import Target
from .file_attributes import FileAttributes
from .folder import Folder
from .journal import Journal


class NotAttemptedError(Exception):
    """The run has ended for whatever needs the server, or space on the disk."""


@dataclass
class FetchRun:
    """One run of the task.

    :param params: options as :func:`options.fetch_options` describes them.
    :param folder: None where it does not exist, which check mode alone accepts.
    :param check: whether the run only predicts.
    :param outage: whether the server can still be asked.
    :param full: whether the disk is full.
    """

    client: Client
    params: Mapping[str, Any]
    target: Target
    folder: Folder | None
    archive: Archive
    journal: Journal
    form: Format
    attributes: FileAttributes
    check: bool
    outage: Outage = field(default_factory=Outage)
    full: bool = False

    @property
    def disk(self) -> Folder:
        """The folder, where it has to exist.

        :raises FileError: it does not.
        """
        if self.folder is None:
            raise FileError(f"The directory {self.target.folder!r} does not exist")
        return self.folder

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Note how a request for one fax ends.

        :raises NotAttemptedError: the server is known to be down, so that it is not asked any more.
        """
        if self.outage.certain:
            raise NotAttemptedError
        try:
            yield
        except FaxError as error:
            self.outage.note(error.__cause__ if isinstance(error.__cause__, FaxError) else error)
            raise
        self.outage.note(None)
