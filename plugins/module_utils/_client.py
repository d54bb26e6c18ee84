# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What the platform's API can do: one method for each thing, with errors in the collection's own terms."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._authentication import Authenticator, Credentials, access_error
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    ListChangedError,
    LostAnswerError,
    NotFoundError,
    ProtocolError,
    RefusedError,
    ServerError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._parallel import run_parallel
from ansible_collections.ngcp.fax.plugins.module_utils._redact import mask_text
from ansible_collections.ngcp.fax.plugins.module_utils._resources import Resource
from ansible_collections.ngcp.fax.plugins.module_utils._transport import Answer, Counters, Reader, Transport

if TYPE_CHECKING:  # modules for settings need not compile what is about documents
    from ansible_collections.ngcp.fax.plugins.module_utils._documents import FaxBody

# The server needs 12 to 15 ms for each listed item, whatever the page's size, and proxies cut at about 60 s.
PAGE_ROWS = 100

_LONGEST_MESSAGE = 500

_PATCH_HEADERS = {"Content-Type": "application/json-patch+json", "Prefer": "return=representation"}


class Page(NamedTuple):
    """One page of a list: its items, each with an ``id`` and without its links, and how many items all pages have."""

    items: list[dict[str, Any]]
    total: int


class Client:
    """The API of one platform as one user sees it. Safe to use from several threads.

    :param transport: the connection.
    :param credentials: who is calling.
    """

    def __init__(self, transport: Transport, credentials: Credentials) -> None:
        self._transport = transport
        self._authenticator = Authenticator(credentials, transport)
        self._first = threading.Lock()
        self._accepted = False
        self._refusal: AccessError | None = None

    @property
    def counters(self) -> Counters:
        """How many requests were sent."""
        return self._transport.counters

    @property
    def concurrency(self) -> int:
        """Most requests that may be under way at once."""
        return self._transport.options.concurrency

    @property
    def retries(self) -> int:
        """How often something that is safe to repeat may be repeated."""
        return self._transport.options.retries

    @property
    def is_accepted(self) -> bool:
        """Whether the server has accepted the user at least once."""
        return self._accepted

    @property
    def is_refused(self) -> bool:
        """Whether the server has refused the user at least once. One that it never accepted is not sent to it again."""
        return self._refusal is not None

    def begin(self) -> None:
        """Count anew, for another task."""
        self._transport.counters = Counters()

    @property
    def address(self) -> str:
        """Where the platform is: scheme, host and port."""
        return self._transport.address.url

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def get_settings(self, resource: Resource, subscriber_id: int) -> dict[str, Any]:
        """Return the settings of one subscriber as the server has them. The server creates missing ones.

        :raises NotFoundError: there is no such subscriber for this user.
        """
        return self.get_item(resource.name, subscriber_id)

    def patch_settings(
        self, resource: Resource, subscriber_id: int, patch: list[dict[str, Any]], secrets: Iterable[Any] = ()
    ) -> dict[str, Any] | None:
        """Apply a JSON Patch document and return the settings as stored, or None where the server does not tell.

        :param secrets: values that must not appear in error messages; the server echoes what it refuses.
        :raises RefusedError: the server refuses the content; nothing was written.
        :raises ServerError: the server failed; a write of a deadlock is rolled back, other ones may be applied.
        :raises LostAnswerError: no answer came back; the write may be applied.
        """
        answer = self._request(
            "PATCH",
            f"/api/{resource.name}/{subscriber_id}",
            headers=_PATCH_HEADERS,
            body=json.dumps(patch).encode("ascii"),
            secrets=secrets,
        )
        return self._document(answer) if answer.status == 200 else None

    def list_page(
        self,
        name: str,
        page: int,
        filters: Mapping[str, Any] | None = None,
        rows: int = PAGE_ROWS,
        descending: bool = False,
    ) -> Page:
        """Return one page of a collection in the order of ids, or (``descending``) the other way round.

        Filters that the server does not know are ignored by it: check each item.

        :param name: the collection's name, for example ``subscribers``.
        :param page: number of the page, from 1.
        """
        params = {**(filters or {}), "page": page, "rows": rows, "order_by": "id"}
        if descending:
            params["order_by_direction"] = "desc"
        document = self._document(self._request("GET", f"/api/{name}/", params=params, repeatable=True))
        return Page([_without_links(item) for item in embedded_items(document, name)], total_count(document))

    def list_all(self, name: str, filters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return all items of a collection in the order of ids, read page by page, several pages at once.

        :raises ListChangedError: the list changed meanwhile, twice.
        """
        try:
            return self._list_once(name, filters)
        except ListChangedError:
            self.counters.count_retry()
            return self._list_once(name, filters)

    def complete_list(self, name: str, first: Page, filters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return all items of a collection whose first page is read already.

        :raises ListChangedError: the list changed meanwhile.
        """
        numbers = range(2, -(-first.total // PAGE_ROWS) + 1)
        pages = [first] + run_parallel(
            lambda number: self.list_page(name, number, filters), list(numbers), self.concurrency
        )
        items = [item for page in pages for item in page.items]
        _check_complete(name, pages, items)
        return items

    def get_item(self, name: str, item_id: int, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return one item of a collection.

        :raises NotFoundError: there is none with this id for this user.
        """
        return self._document(self._request("GET", f"/api/{name}/{item_id}", params=params, repeatable=True))

    def post_fax(self, body: FaxBody) -> None:
        """Hand a fax over. The server answers without an id: the journal has to tell what becomes of it.

        :raises RefusedError: the server refuses it; it was not sent.
        :raises UnreachableError: the server did not get all of it, so that it was not sent.
        :raises ServerError: the server failed; whether it was sent is not known.
        :raises LostAnswerError: no answer came back; whether it was sent is not known.
        :raises ProtocolError: an answer that the API does not promise; whether it was sent is not known.
        """
        headers = {"Content-Type": body.content_type}
        try:
            answer = self._request("POST", "/api/faxes/", headers=headers, body=body, reader=_skip_body)
        except (UnreachableError, LostAnswerError) as error:
            raise _by_what_was_sent(error, body) from None
        if answer.status != 201:
            raise ProtocolError(f"The server answered {answer.status} to a fax, not 201", http_status=answer.status)

    def delete_fax(self, fax_id: int) -> None:
        """Delete an entry of the journal with its recording. One that is gone already is fine.

        :raises RefusedError: the platform is too old to delete faxes (before mr11.5), or refuses.
        """
        with contextlib.suppress(NotFoundError):
            self._request("DELETE", f"/api/faxes/{fax_id}", repeatable=True)

    def get_recording(self, fax_id: int, params: Mapping[str, Any], reader: Reader) -> None:
        """Read the recording of a fax piece by piece.

        :param params: ``format``, or nothing for the original.
        :raises ServerError: every error is a 500 for this resource; with ``page`` where it is the panel's own page.
        """
        self._request(
            "GET",
            f"/api/faxrecordings/{fax_id}",
            params=params,
            headers={"Accept": "*/*"},
            reader=reader,
            repeatable=True,
            final=_SERVER_ERROR,
        )

    def has_recording(self, fax_id: int) -> bool:
        """Return whether there is a recording of a fax in its original format."""
        try:
            self._request("HEAD", f"/api/faxrecordings/{fax_id}", repeatable=True, final=_SERVER_ERROR)
        except ServerError as error:
            if error.http_status != 500:
                raise
            return False
        return True

    def platform_info(self) -> dict[str, Any]:
        """Return what the platform tells about itself (since mr9.5).

        :raises FaxError: it tells nothing.
        """
        return self._document(self._request("GET", "/api/platforminfo"))

    def _list_once(self, name: str, filters: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        return self.complete_list(name, self.list_page(name, 1, filters), filters)

    def _document(self, answer: Answer) -> dict[str, Any]:
        document = answer.document()
        if not isinstance(document, dict):
            raise ProtocolError("The server's answer is no JSON object", http_status=answer.status)
        return document

    def _request(self, method: str, path: str, **options: Any) -> Answer:
        """Send a request, alone until the server accepted the user, and none once it refused him: several at once
        would spend several of the failed log-ins after which the server locks a user."""
        if self._accepted:
            return self._noting_refusals(method, path, **options)
        with self._first:
            if self._refusal is not None and not self._accepted:
                raise self._refusal
            return self._noting_refusals(method, path, **options)

    def _noting_refusals(self, method: str, path: str, **options: Any) -> Answer:
        try:
            return self._send(method, path, **options)
        except AccessError as refusal:
            self._refusal = refusal
            raise

    def _send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        secrets: Iterable[Any] = (),
        **options: Any,
    ) -> Answer:
        credentials = self._authenticator.headers()
        answer = self._transport.send(method, path, headers={**credentials, **(headers or {})}, **options)
        may_renew = self._accepted or self._authenticator.token_is_given
        if may_renew and _token_ran_out(answer) and self._authenticator.renew(credentials):
            credentials = self._authenticator.headers()
            answer = self._transport.send(method, path, headers={**credentials, **(headers or {})}, **options)
        self._accepted = self._accepted or not (answer.status in (401, 403) or answer.status >= 500)
        if answer.status >= 400:
            raise _error_of(answer, _shown_message(answer, (*secrets, *self._authenticator.secrets)))
        return answer


_SERVER_ERROR = frozenset((500,))


def _skip_body(_headers: Mapping[str, str], pieces: Iterator[bytes]) -> None:
    """Read past a body that has nothing to tell: the status alone counts, even if the connection breaks behind it."""
    with contextlib.suppress(OSError):
        for _piece in pieces:
            pass


def _by_what_was_sent(error: FaxError, body: FaxBody) -> FaxError:
    """Return the error for a fax without an answer: one of which the server did not get all was not sent."""
    if body.complete:
        return LostAnswerError(error.message, code=error.code, hint=error.hint)
    if body.untouched and isinstance(error, UnreachableError):
        return error
    return UnreachableError(f"{error.message}; the fax was not handed over", code="not_sent", hint=error.hint)


def embedded_items(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the items of a HAL list, always as a list.

    An empty list has no ``_embedded``; before mr12.1 a single item may be an object instead of a list.
    """
    items = document.get("_embedded", {}).get(f"ngcp:{name}", [])
    return items if isinstance(items, list) else [items]


def item_id(item: Mapping[str, Any]) -> int:
    """Return the id of a HAL item: from ``id``, or from its own link, because ``mailtofaxsettings`` has no id.

    :raises ProtocolError: there is neither.
    """
    identifier = item.get("id")
    if isinstance(identifier, int):
        return identifier
    try:
        return int(item["_links"]["self"]["href"].rstrip("/").rsplit("/", 1)[1])
    except (KeyError, IndexError, TypeError, ValueError):
        raise ProtocolError("An item of the server's list has neither an id nor a link to itself") from None


def _without_links(item: dict[str, Any]) -> dict[str, Any]:
    """Keep the id of an item, but not its links: they are most of its size, and nothing else of them is of use."""
    item["id"] = item_id(item)
    item.pop("_links", None)
    return item


def total_count(document: Mapping[str, Any]) -> int:
    """Return how many items a HAL list has on all pages.

    :raises ProtocolError: the server does not tell.
    """
    try:
        return int(document["total_count"])
    except (KeyError, TypeError, ValueError):
        raise ProtocolError("The server's list has no total_count") from None


def _check_complete(name: str, pages: list[Page], items: list[dict[str, Any]]) -> None:
    """Refuse a list that shifted while its pages were read: entries may be missing or there twice."""
    identifiers = {item["id"] for item in items}
    totals = {page.total for page in pages}
    if len(totals) > 1 or len(identifiers) != len(items) or len(items) != pages[0].total:
        raise ListChangedError(
            f"The list of {name} changed while it was read: {len(identifiers)} different items of "
            f"{', '.join(str(total) for total in sorted(totals))}",
            hint="Run the task again when nobody creates or deletes subscribers.",
        )


def _is_panel_page(answer: Answer) -> bool:
    """Tell the page that the panel makes of an error from the one of a proxy in front of it."""
    return answer.is_page and answer.body.lstrip().startswith(b"<!DOCTYPE")


def _token_ran_out(answer: Answer) -> bool:
    """Tell whether the answer is the one that an expired token gets (403, not 401)."""
    return answer.status == 403 and answer.message() == "Invalid user"


def _shown_message(answer: Answer, secrets: Iterable[Any]) -> str:
    """Return the server's message without the secrets, and not too long: it is masked whole before it is cut."""
    message = mask_text(answer.message(), secrets)
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]} …"


def _error_of(answer: Answer, message: str) -> FaxError:
    status = answer.status
    if status in (401, 403):
        return access_error(answer, message)
    if status >= 500:
        return ServerError(
            f"The server failed: {status} {message}".rstrip(), http_status=status, page=_is_panel_page(answer)
        )
    kind: Callable[..., FaxError] = NotFoundError if status == 404 else RefusedError
    code, hint = _REFUSALS.get(status, (None, None))
    if status == 404 and message == "Path not found":
        code, hint = "not_supported", "The platform does not have this resource or method (or api_url is wrong)."
        kind = RefusedError
    return kind(f"The server answered {status}: {message}".rstrip(": "), code=code, http_status=status, hint=hint)


_REFUSALS: dict[int, tuple[str | None, str | None]] = {
    404: (None, "It does not exist, is terminated, or belongs to somebody else."),
    413: ("too_large", "A proxy in front of the platform limits the size of requests."),
    422: (
        "validation_failed",
        "The server checks the whole stored entity with every write: when the field it names is not one of the task's, "
        "declare that field too, so that it is repaired in the same request.",
    ),
    429: ("too_many_requests", "Lower concurrency."),
}
