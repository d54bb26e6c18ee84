# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all resources have in common: types of responses, pages, what a write responds with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import hal, paging
from .answers import HAL, JSON, Answer, document, refuse
from .call import Call


def content_type(call: Call) -> str:
    """Return the type of an answer: plain JSON only for those who ask for exactly that."""
    return JSON if call.headers.get("Accept") == JSON else HAL


def check_accept(call: Call) -> None:
    """Refuse what an item cannot be shown as."""
    accept = call.headers.get("Accept")
    if accept and "*/*" not in accept and JSON not in accept:
        raise refuse(500, f"Requested unknown type '{accept}', supported types: {JSON}.")


def refuse_csv(call: Call, controller: str) -> None:
    """Refuse a page as CSV in the words of the platform's language."""
    if call.headers.get("Accept") == "text/csv":
        package = f"NGCP::Panel::Controller::API::{controller}"
        raise refuse(400, f'Can\'t locate object method "check_create_csv" via package "{package}" at ...')


def expand_status(call: Call) -> int:
    """Return 409 for an unknown `expand`, which comes with the full body all the same; `all` is known everywhere."""
    wanted = call.query.get("expand")
    return 409 if wanted and wanted != "all" and not call.query.get("soft_expand") else 200


def wants_representation(call: Call) -> bool:
    """Tell whether a write shall respond with what it has written."""
    return "return=representation" in call.headers.get("Prefer", "")


def empty(call: Call, status: int, headers: dict[str, str] | None = None) -> Answer:
    """Return an answer without a body."""
    return Answer(status, b"", JSON if call.headers.get("Accept") == JSON else None, headers or {})


def written(call: Call, shown: Callable[[], dict[str, Any]]) -> Answer:
    """Return the answer to a PUT or PATCH: nothing, or what is stored now, as preferred."""
    if not wants_representation(call):
        return empty(call, 204, {"Preference-Applied": "return=minimal"})
    answer = document(shown(), content_type(call))
    answer.headers["Preference-Applied"] = "return=representation"
    return answer


def after_repetition(answer: Answer) -> Answer:
    """Return what the platform answers when it has repeated a write: it is applied, but a representation is a 500."""
    if answer.status == 204:
        return answer
    return Answer(500, answer.body, HAL, answer.headers)


def listed(
    call: Call,
    resource: str,
    page: paging.Page,
    total: int,
    items: list[dict[str, Any]],
    old: bool,
    status: int | None = None,
) -> Answer:
    """Return one page of a collection.

    :param total: how many items there are on all pages.
    :param old: whether the platform has the shape of older releases.
    :param status: of the answer; as `expand` has it if it is left out.
    """
    links = paging.links(call, resource, page, total > page.number * page.size)
    hrefs = [item["_links"]["self"]["href"] for item in items]
    shown = hal.page(resource, items, hrefs, links, total if page.counted else None, old)
    return document(shown, content_type(call), expand_status(call) if status is None else status)
