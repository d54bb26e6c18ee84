# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The settings of subscribers, read and written: every response is checked to be settings of the resource."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from .._api.client import Client
from .._api.lists import LISTED_SETTINGS_COST, Reading, read_items
from .._api.pages import Keep, keep_all
from .._errors import FaxError
from .resources import Resource
from .values import are_usual, check_document


def get_settings(
    client: Client,
    resource: Resource,
    subscriber_id: int,
    tries: int | None = None,
    secrets: Collection[Any] = (),
) -> dict[str, Any]:
    """Return the settings of one subscriber as the server has them. The server creates missing ones.

    :param tries: maximum number of tries, instead of that from the options.
    :param secrets: values that must not appear in error messages.
    :raises NotFoundError: there is no such subscriber for this user.
    :raises ProtocolError: the response is not about this subscriber, or lacks what settings have.
    """
    document = client.get_item(resource.name, subscriber_id, tries=tries, secrets=secrets)
    check_document(resource, document)
    return document


def patch_settings(
    client: Client,
    resource: Resource,
    subscriber_id: int,
    patch: list[dict[str, Any]],
    secrets: Collection[Any] = (),
) -> dict[str, Any] | None:
    """Apply a JSON Patch document and return the settings as stored, or None where the server accepts it without
    showing them; see :meth:`_api.client.Client.patch_item`.

    :param secrets: values that must not appear in error messages; the server echoes what it refuses.
    :raises ProtocolError: a response that the API does not promise; the write may be applied.
    :raises FaxError: as :meth:`_api.client.Client.patch_item` does.
    """
    document = client.patch_item(resource.name, subscriber_id, patch, secrets)
    if document is not None:
        check_document(resource, document)
    return document


def read_settings(
    client: Client, resource: Resource, subscriber_ids: Sequence[int], keep: Keep = keep_all
) -> dict[int, Any]:
    """Return the settings (or the error) of each subscriber, as :func:`read_items` does. Every one of them is checked
    to be settings of the resource.

    :param keep: gets settings that came together, and returns what is returned in place of each.
    """

    def check(items: Sequence[dict[str, Any]]) -> Sequence[Any]:
        return keep(items) if are_usual(resource, items) else [_checked(resource, item) for item in items]

    return read_items(client, resource.name, subscriber_ids, LISTED_SETTINGS_COST, check)


def _checked(resource: Resource, document: dict[str, Any]) -> Reading:
    try:
        check_document(resource, document)
    except FaxError as error:
        return error
    return document
