# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The audit log: what was really asked, how often, by whom, over which connection."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

KEPT_BODY = 65536
"""How many bytes of a body are kept."""


@dataclass
class Record:
    """One request. `status` is None while it is under way, 0 if no answer was sent."""

    number: int
    time: float
    method: str
    path: str
    query: str
    realm: str
    connection: int
    status: int | None = None
    account: str | None = None
    scheme: str | None = None
    body: str = ""
    body_size: int = 0
    duration: float = 0.0
    fault: str | None = None
    concurrent: int = 0
    """How many requests were under way when it came, itself included."""


class Audit:
    """The list of all requests; iterate over it, count in it, clear it."""

    def __init__(self, path: Path | None = None) -> None:
        self._records: list[Record] = []
        self._lock = threading.Lock()
        self._number = 0
        self._file = path.open("a", encoding="utf-8") if path else None
        self.enabled = True

    def __iter__(self) -> Iterator[Record]:
        return iter(list(self._records))

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: Any) -> Any:
        return self._records[index]

    def begin(self, record: Record, body: bytes) -> None:
        """Note a request when it comes."""
        with self._lock:
            self._number += 1
            record.number = self._number
            record.body_size = len(body)
            record.body = body[:KEPT_BODY].decode("utf-8", "replace")
            if self.enabled:
                self._records.append(record)

    def end(self, record: Record, status: int, now: float) -> None:
        """Note how a request ended."""
        record.status = status
        record.duration = now - record.time
        if self._file:
            self._file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
            self._file.flush()

    def find(self, method: str | None = None, path: str | None = None, **wanted: Any) -> list[Record]:
        """Return the records with this method, a path that the expression is found in, and these attributes."""
        expression = re.compile(path) if path else None
        return [
            record
            for record in list(self._records)
            if (method is None or record.method == method)
            and (expression is None or expression.search(record.path))
            and all(getattr(record, name) == value for name, value in wanted.items())
        ]

    def count(self, method: str | None = None, path: str | None = None, **wanted: Any) -> int:
        """Count such records."""
        return len(self.find(method, path, **wanted))

    def clear(self) -> None:
        """Forget everything that was noted."""
        with self._lock:
            self._records.clear()

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
