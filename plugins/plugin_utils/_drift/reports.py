# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""All reports about the results of some tasks: about drift, about readiness, or about both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._readiness.task import NAME as READINESS

from . import files, readiness_files
from .document import TaskResult, build_document, is_complete
from .readiness import build_readiness, is_about_readiness

__all__ = ["READINESS", "Reports"]


class Reports:
    """The documents that results come to. Without any result there is one about drift, which says so.

    :param results: of settings tasks, and of tasks that check readiness.
    :param title: of all reports; the usual one of drift reports stands for the usual one of each.
    :param generated: now.
    :param started: when the tasks began, where known.
    """

    def __init__(
        self, results: Iterable[TaskResult], *, title: str, generated: datetime, started: datetime | None
    ) -> None:
        about_readiness: list[TaskResult] = []
        others: list[TaskResult] = []
        for one in results:
            is_its = one.module == READINESS or is_about_readiness(one.result)
            (about_readiness if is_its else others).append(one)
        self.drift: dict[str, Any] | None = None
        self.readiness: dict[str, Any] | None = None
        if others or not about_readiness:
            self.drift = build_document(others, title=title, generated=generated, started=started)
        if about_readiness:
            own = readiness_files.DEFAULT_TITLE if title == files.DEFAULT_TITLE else title
            self.readiness = build_readiness(about_readiness, title=own, generated=generated, started=started)

    @property
    def is_complete(self) -> bool:
        """Whether the reports say about every subscriber what they are about."""
        drift_is = self.drift is None or is_complete(self.drift)
        return drift_is and (self.readiness is None or not self.readiness["problems"])

    def write(self, folder: str, mode: int) -> dict[str, str]:
        """Write the files of all reports and return their paths by kind.

        :raises FileError: another run has been writing for too long.
        :raises OSError: a file cannot be written.
        """
        paths: dict[str, str] = {}
        if self.drift is not None:
            paths.update(files.write_reports(self.drift, folder, mode))
        if self.readiness is not None:
            paths.update(readiness_files.write_readiness(self.readiness, folder, mode))
        return paths

    @property
    def summaries(self) -> Mapping[str, Any]:
        """The counts of each report."""
        found = {"drift": self.drift, "readiness": self.readiness}
        return {name: document["summary"] for name, document in found.items() if document is not None}

    @property
    def text(self) -> str:
        """What came out, in a few sentences."""
        sentences = [] if self.drift is None else files.headline(self.drift)
        sentences += [] if self.readiness is None else readiness_files.headline(self.readiness)
        return " ".join(sentences)
