# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What one run of a task that sends a fax works with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._api.client import Client
from .._errors import FaxError
from .._subscribers.subscriber import Subscriber
from .journal import Journal
from .receipts import Receipt, Receipts
from .send_report import SendReport
from .tracking import Tracker
from .wishes import Wish


@dataclass(frozen=True)
class SendRun:
    """One run of the task.

    :param params: options as :func:`options.send_options` describes them.
    :param wish: what they ask for.
    :param report: what the run has come to so far.
    :param patience: seconds to wait for another run of the same family.
    """

    client: Client
    params: Mapping[str, Any]
    wish: Wish
    receipts: Receipts
    subscriber: Subscriber
    journal: Journal
    tracker: Tracker
    report: SendReport
    patience: float

    @property
    def destination(self) -> str:
        """Where the fax goes, as the user wrote it."""
        return self.wish.destination.text

    def complete(self, receipt: Receipt) -> None:
        """Write down what is known now."""
        with self.completing():
            self.receipts.save(receipt)

    @contextlib.contextmanager
    def completing(self) -> Iterator[None]:
        """Complete a receipt. Where that fails, the one on disk says less, and a later run asks the journal again."""
        try:
            yield
        except FaxError as error:
            self.report.warn(f"The receipt could not be completed: {error.message}")
