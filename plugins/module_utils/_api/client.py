# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The operations of the platform's API: one method for each, with errors in the collection's own terms."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .._errors import (
    FaxError,
    ListChangedError,
    LostResponseError,
    NotFoundError,
    ServerError,
    UnreachableError,
)
from .authentication import Credentials
from .hal import (
    PAGE_ROWS,
    Page,
    check_identity,
    parse_page,
)
from .pages import Keep, ListReader, keep_all
from .responses import check_status, object_of
from .session import Session
from .transport import FaxBody, Reader, Response, Transport

_PATCH_HEADERS = {"Content-Type": "application/json-patch+json", "Prefer": "return=representation"}


class Client(Session):
    """The API of one platform as one user sees it. Safe to use from several threads.

    :param transport: the connection.
    :param credentials: who is calling.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        super().__init__(transport, credentials)
        self._lists = ListReader(self.list_page, transport.options.concurrency, transport.options.retries)

    def patch_item(
        self, name: str, item_id: int, patch: list[dict[str, Any]], secrets: Collection[Any] = ()
    ) -> dict[str, Any] | None:
        """Apply a JSON Patch document to an item of a collection, and return the item as stored, or None if the server
        accepts the patch without showing the stored item.

        :param secrets: values that must not appear in error messages; the server echoes what it refuses.
        :raises RefusedError: the API refuses the content; nothing was written.
        :raises ServerError: the server failed; after a deadlock the write is rolled back, otherwise it may be applied.
        :raises LostResponseError: no response came back; the write may be applied.
        :raises ProtocolError: a response that the API does not promise; the write may be applied.
        """
        response = self.request(
            "PATCH",
            f"/api/{name}/{item_id}",
            headers=_PATCH_HEADERS,
            body=json.dumps(patch).encode("ascii"),
            secrets=secrets,
            is_success=_is_written,
        )
        if response.status == 204:
            return None
        # 500: see _is_written.
        document = object_of(response, 200, 500)
        check_identity(document, item_id)
        return document

    def list_page(
        self,
        name: str,
        page: int,
        filters: Mapping[str, Any] | None = None,
        rows: int = PAGE_ROWS,
        descending: bool = False,
        patient: bool = True,
    ) -> Page:
        """Return one page of a collection in the order of ids, or (``descending``) the other way round.

        The server ignores unknown filters; check each item.

        :param name: the collection's name, for example ``subscribers``.
        :param page: number of the page, from 1.
        :param patient: whether the same page is requested again if it did not arrive in time.
        :raises ListChangedError: the page does not match the total that the server reports for the list.
        """
        params = {**(filters or {}), "page": page, "rows": rows, "order_by": "id"}
        if descending:
            params["order_by_direction"] = "desc"
        response = self.request(
            "GET",
            f"/api/{name}/",
            params=params,
            retryable=True,
            repeat_silent=patient,
            final=None if patient else _is_gateway_timeout,
        )
        return parse_page(object_of(response, 200), name, page, rows)

    def first_page(self, name: str, filters: Mapping[str, Any] | None = None) -> Page:
        """Return the first page of a collection, or a smaller page if the server cannot deliver a usual one in time."""
        return self._lists.first_page(name, filters)

    def list_all(self, name: str, filters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return all items of a collection in the order of ids, read page by page, several pages at once.

        :raises ListChangedError: the list changed meanwhile, twice.
        """
        try:
            return self._list_once(name, filters)
        except ListChangedError:
            self.counters.count_retry()
            return self._list_once(name, filters)

    def complete_list(
        self, name: str, first: Page, filters: Mapping[str, Any] | None = None, keep: Keep = keep_all
    ) -> list[Any]:
        """Return what is kept of all items of a collection whose first page is read already.

        :raises ListChangedError: the list changed meanwhile.
        """
        return self._lists.complete(name, first, filters, keep)

    def is_shifted(self, name: str, items: list[dict[str, Any]], filters: Mapping[str, Any] | None = None) -> bool:
        """Return whether a list shifted while it was read page by page, so that an item may be missing. It has shifted
        if an item at the end of a page is no longer in its place. This takes a request for each page but the last."""
        return self._lists.is_shifted(name, items, filters)

    def get_item(
        self,
        name: str,
        item_id: int,
        params: Mapping[str, Any] | None = None,
        tries: int | None = None,
        secrets: Collection[Any] = (),
    ) -> dict[str, Any]:
        """Return one item of a collection.

        :param secrets: values that must not appear in error messages.
        :raises NotFoundError: there is none with this id for this user.
        :raises ProtocolError: the response is another item, or not an item.
        """
        path = f"/api/{name}/{item_id}"
        response = self.request("GET", path, params=params, retryable=True, tries=tries, secrets=secrets)
        document = object_of(response, 200)
        check_identity(document, item_id)
        return document

    def post_fax(self, body: FaxBody) -> None:
        """Submit a fax. The server responds without an id; only the journal shows the outcome.

        :raises RefusedError: the API refuses it; it was not sent.
        :raises AccessError: the user is refused; the fax was not sent if the response is the API's own.
        :raises UnreachableError: the server did not receive all of it; it was not sent.
        :raises ServerError: the server failed; whether it was sent is not known.
        :raises LostResponseError: no response came back; whether it was sent is not known.
        :raises ProtocolError: a response that the API does not promise; whether it was sent is not known.
        """
        headers = {"Content-Type": body.content_type}
        try:
            response = self.request("POST", "/api/faxes/", headers=headers, body=body, reader=_skip_body)
        except (UnreachableError, LostResponseError) as error:
            raise _by_what_was_sent(error, body) from None
        check_status(response, 201)

    def delete_fax(self, fax_id: int) -> None:
        """Delete an entry of the journal with its recording. An entry that no longer exists is not an error.

        :raises RefusedError: the platform is too old to delete faxes (before mr11.5), or refuses.
        :raises FaxError: whether it was deleted is not known.
        """
        try:
            response = self.request("DELETE", f"/api/faxes/{fax_id}", retryable=True)
        except NotFoundError:
            return
        check_status(response, 204)

    def get_recording(self, fax_id: int, params: Mapping[str, Any], reader: Reader, retries: int | None = None) -> None:
        """Read the recording of a fax piece by piece.

        :param params: ``format``, or nothing for the original.
        :param retries: number of retries, instead of that from the options.
        :raises NotFoundError: there is none; current servers return a page instead.
        :raises ServerError: every error is a 500 for this resource; with ``page`` where it is the panel's own page.
        """
        response = self.request(
            "GET",
            f"/api/faxrecordings/{fax_id}",
            params=params,
            headers={"Accept": "*/*"},
            reader=reader,
            retryable=True,
            final=_is_server_error,
            tries=None if retries is None else retries + 1,
        )
        check_status(response, 200)

    def has_recording(self, fax_id: int) -> bool:
        """Return whether there is a recording of a fax in its original format."""
        try:
            self.request("HEAD", f"/api/faxrecordings/{fax_id}", retryable=True, final=_is_server_error)
        except ServerError as error:
            if error.http_status != 500:
                raise
            return False
        return True

    def platform_info(self) -> dict[str, Any]:
        """Return what the platform reports about itself (since mr9.5).

        :raises FaxError: it reports nothing.
        """
        return object_of(self.request("GET", "/api/platforminfo", retryable=True), 200)

    def _list_once(self, name: str, filters: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        return self.complete_list(name, self.first_page(name, filters), filters)


def _is_server_error(response: Response) -> bool:
    return response.status == 500


def _is_gateway_timeout(response: Response) -> bool:
    return response.status in (408, 504)


def _is_written(response: Response) -> bool:
    """Return whether a PATCH was applied although the status says that it failed.

    A write that deadlocks and is repeated inside the server keeps the status of the first try, but comes with the new
    entity and with ``Preference-Applied`` (contract: observed, section 13).
    """
    return response.status == 500 and "return=representation" in response.headers.get("Preference-Applied", "")


# Bytes to read of a body without information.
_SKIPPED = 64 * 1024


def _skip_body(_headers: Mapping[str, str], pieces: Iterator[bytes]) -> None:
    """Read past a body without information, as long as it is short. Only the status counts, even if the connection
    breaks after it."""
    size = 0
    try:
        for piece in pieces:
            size += len(piece)
            if size > _SKIPPED:
                return
    except FaxError:
        return


def _by_what_was_sent(error: FaxError, body: FaxBody) -> FaxError:
    """Return the error for a fax without a response: one of which the server did not get all was not sent."""
    if body.complete:
        return LostResponseError(error.message, code=error.code, hint=error.hint)
    if body.untouched and isinstance(error, UnreachableError):
        return error
    return UnreachableError(
        f"{error.message}; the fax was not submitted", code="not_sent", hint=error.hint, halts=False
    )
