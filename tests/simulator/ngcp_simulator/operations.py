# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests do to the platform behind the clients' back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .columns import RESOURCES, Resource
from .fax_layer import FaxLayer
from .forwards.operations import ForwardOperations
from .platform import Platform

Document = dict[str, Any]


class Operations(ForwardOperations):
    """Direct access to the data of the platform, without a request."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._layer = FaxLayer(platform.database, platform.switches, platform.clock)

    def settings(self, resource: str, identifier: int) -> Document | None:
        """Return settings straight from the database; None if there is no row, and none is created."""
        with self._platform.database.lock:
            return self._platform.settings.document(_resource(resource), identifier)

    def all_settings(self, resource: str, identifiers: Iterable[int]) -> dict[int, Document]:
        """Return the settings of many subscribers, of those that have a row."""
        with self._platform.database.lock:
            return self._platform.settings.documents(_resource(resource), list(identifiers))

    def put_settings(self, resource: str, identifier: int, document: Document) -> None:
        """Store a whole document like a PUT does, unchecked; what is left out takes the defaults."""
        self._platform.settings.write(_resource(resource), identifier, document)

    def put_many(self, resource: str, documents: Mapping[int, Document]) -> None:
        """Store many documents."""
        for identifier, document in documents.items():
            self.put_settings(resource, identifier, document)

    def change_settings(self, resource: str, identifier: int, **changes: Any) -> Document:
        """Change some members of the settings of a subscriber (drift); return the new document."""
        found = _resource(resource)
        with self._platform.database.lock:
            document = self._platform.settings.document(found, identifier) or {}
            self._platform.settings.write(found, identifier, {**document, **changes})
            return self._platform.settings.document(found, identifier) or {}

    def receive_fax(self, subscriber_id: int, count: int = 1, **wanted: Any) -> list[int]:
        """Put received faxes into the journal; return their ids.

        `size` (bytes, up to 16 MiB), `pages`, `image` (False for none, or the bytes), `time` (seconds since the epoch),
        `direction`, `caller`, `callee`, `status`, `reason`, `quality`, `duration`, `filename`, `sid`.
        """
        with self._platform.database.lock:
            return [self._layer.receive(subscriber_id, **wanted) for _number in range(count)]

    def journal(self, subscriber_id: int | None = None) -> list[Document]:
        """Return the journal, with the columns that no client sees."""
        with self._platform.database.lock:
            self._layer.settle()
            clause, values = ("1 = 1", ()) if subscriber_id is None else ("subscriber_id = ?", (subscriber_id,))
            rows = self._platform.database.rows(f"SELECT * FROM fax_journal WHERE {clause} ORDER BY id", values)
        return [dict(row) for row in rows]

    def sent_faxes(self, subscriber_id: int | None = None) -> list[Document]:
        """Return what was handed to the fax layer: destination, text, file name, file."""
        clause, values = ("1 = 1", ()) if subscriber_id is None else ("subscriber_id = ?", (subscriber_id,))
        rows = self._platform.database.rows(f"SELECT * FROM fax_jobs WHERE {clause} ORDER BY journal_id", values)
        return [dict(row) for row in rows]

    def terminate(self, identifier: int) -> None:
        """Terminate a subscriber: its settings, faxes, numbers and sets are gone, and all forwards that use them."""
        self.clear_forwards([identifier])
        database = self._platform.database
        with database.transaction():
            tables = ("fax_preferences", "fax_destinations", "mail_preferences", "mail_notify", "mail_acl")
            for table in (*tables, "fax_journal", "numbers"):
                database.execute(f"DELETE FROM {table} WHERE subscriber_id = ?", (identifier,))
            database.execute("UPDATE subscribers SET status = 'terminated' WHERE id = ?", (identifier,))
        self._platform.subscribers_version += 1

    def lock_subscriber(self, identifier: int, status: str = "locked") -> None:
        """Give a subscriber another status; locked ones are listed and written normally."""
        self._platform.database.execute("UPDATE subscribers SET status = ? WHERE id = ?", (status, identifier))
        self._platform.subscribers_version += 1

    def change_subscriber(self, identifier: int, **changes: Any) -> None:
        """Change columns of a subscriber (external_id, display_name, username, status, lock, profile_id, …)."""
        for name, value in changes.items():
            if not name.isidentifier():
                raise ValueError(name)
            self._platform.database.execute(f"UPDATE subscribers SET {name} = ? WHERE id = ?", (value, identifier))
        self._platform.subscribers_version += 1

    def set_primary_number(self, identifier: int, number: tuple[str, str, str] | None) -> None:
        """Give a subscriber another primary number (country code, area code, subscriber number), or none at all.

        No client could do the latter. Two subscribers can have numbers of the same digits. Forwards are not changed,
        while the platform points them to the new number when a client writes it.
        """
        database = self._platform.database
        with database.transaction():
            database.execute("DELETE FROM numbers WHERE subscriber_id = ? AND is_primary", (identifier,))
            if number is not None:
                values: Document = dict(zip(("cc", "ac", "sn"), number, strict=True))
                database.insert(
                    "numbers",
                    {"subscriber_id": identifier, "number": "".join(number), "is_primary": 1, **values},
                )
        self._platform.subscribers_version += 1

    def after_page(self, resource: str, page: int, action: Callable[[], Any], times: int = 1) -> None:
        """Do something after a page of a list has been answered: data that change while a client pages."""
        left = [times]

        def hook(asked: str, number: int) -> None:
            if asked == resource and number == page and left[0] > 0:
                left[0] -= 1
                action()

        self._platform.page_hooks.append(hook)

    def clear_hooks(self) -> None:
        """Forget what shall be done after pages."""
        self._platform.page_hooks.clear()


def _resource(name: str) -> Resource:
    if name not in RESOURCES:
        raise ValueError(f"unknown resource {name!r}; there are: {', '.join(RESOURCES)}")
    return RESOURCES[name]
