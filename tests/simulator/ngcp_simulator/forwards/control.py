# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The part of the control interface that is about forwards and sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .operations import ForwardOperations

Handler = Callable[[list[str], dict[str, str], Any], Any]


def handlers(operations: ForwardOperations) -> dict[tuple[str, str], Handler]:
    """Return the handlers by method and first part of the path."""
    control = ForwardControl(operations)
    return {
        ("GET", "forwards"): control.show,
        ("PUT", "forwards"): control.put,
        ("POST", "forwards"): control.add,
        ("DELETE", "forwards"): control.clear,
        ("GET", "sets"): control.show_sets,
        ("POST", "sets"): control.add_set,
        ("GET", "tables"): control.show_tables,
        ("POST", "profiles"): lambda parts, query, body: {"id": operations.add_profile(**body)},
    }


class ForwardControl:
    """Answers such requests."""

    def __init__(self, operations: ForwardOperations) -> None:
        self._operations = operations

    def show(self, parts: list[str], query: dict[str, str], _body: Any) -> Any:
        """GET forwards/{id}, or forwards?ids=1,2, or those of all who have any."""
        if parts:
            return {"forwards": self._operations.forwards(int(parts[0]))}
        identifiers = [int(one) for one in query["ids"].split(",") if one] if "ids" in query else None
        return {"forwards": self._operations.all_forwards(identifiers)}

    def put(self, parts: list[str], _query: dict[str, str], body: Any) -> None:
        """PUT forwards/{id} with a document, or forwards with documents by id."""
        documents = {parts[0]: body} if parts else body
        self._operations.put_many_forwards({int(one): document for one, document in documents.items()})

    def add(self, parts: list[str], _query: dict[str, str], body: Any) -> None:
        """POST forwards/{id} with mappings to add, or forwards for the fax boxes of several: `{"fax_box": [1, 2]}`."""
        if parts:
            self._operations.add_forwards(int(parts[0]), body)
        else:
            identifiers = [int(one) for one in body.pop("fax_box")]
            self._operations.add_fax_forwards(
                identifiers, body.pop("type", "cfu"), body.pop("set_name", "ngcp.fax"), **body
            )

    def clear(self, parts: list[str], _query: dict[str, str], _body: Any) -> None:
        """DELETE forwards/{id}, or those of all."""
        self._operations.clear_forwards([int(parts[0])] if parts else None)

    def show_sets(self, parts: list[str], query: dict[str, str], _body: Any) -> Any:
        """GET sets/{resource}, of all or of one `subscriber_id`."""
        owner = int(query["subscriber_id"]) if "subscriber_id" in query else None
        return {"sets": self._operations.sets(parts[0], owner)}

    def add_set(self, parts: list[str], _query: dict[str, str], body: Any) -> Any:
        """POST sets/{resource} with a set and its `subscriber_id`."""
        return {"id": self._operations.add_set(parts[0], int(body.pop("subscriber_id")), body)}

    def show_tables(self, _parts: list[str], query: dict[str, str], _body: Any) -> Any:
        """GET tables, or tables?names=cf_mappings,numbers."""
        return {"tables": self._operations.tables(*filter(None, query.get("names", "").split(",")))}
