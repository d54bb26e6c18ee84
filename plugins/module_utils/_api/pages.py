# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Reading of whole lists: several pages at once, or smaller pages and fewer at once if the server is slow.

A page that does not arrive in time is never requested again in the same size. The server continues to work on an
abandoned request, and the same request would then take even longer.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Callable

from .._concurrency import Pace, run_parallel
from .._errors import (
    TIMEOUT,
    TOO_LARGE,
    FaxError,
    ListChangedError,
    LostResponseError,
)
from .hal import PAGE_ROWS, Page

# Each size divides the one before it, so that a page is a whole number of smaller pages.
SIZES = (PAGE_ROWS, 50, 25, 5, 1)

# Reads one page: name of the collection, number of the page, filters, rows, whether the other way round, and whether
# the same page is asked for again when it did not come in time.
ReadPage = Callable[[str, int, "Mapping[str, Any] | None", int, bool, bool], Page]

# Gets the items of a page as soon as it is there, and returns what is kept of each. Then they are in the processor's
# cache: whatever looks at every item takes three times as long afterwards. It may be called in several threads.
Keep = Callable[["Sequence[dict[str, Any]]"], "Sequence[Any]"]


def keep_all(items: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Keep the items as they are."""
    return items


class ListReader:
    """Reads lists of one server, and remembers which page size the server can handle. Safe to use from several threads.

    :param read_page: reads one page.
    :param concurrency: most pages under way at once.
    :param retries: how often in a row a smaller page is tried.
    """

    def __init__(self, read_page: ReadPage, concurrency: int, retries: int) -> None:
        self._read_page = read_page
        self._concurrency = concurrency
        self._retries = retries
        self._rows = PAGE_ROWS
        self._failures = 0
        self._lock = threading.Lock()
        self._pace = Pace(concurrency)

    def first_page(self, name: str, filters: Mapping[str, Any] | None = None) -> Page:
        """Return the first page of a list, of the largest size that comes in time.

        :raises FaxError: none of the sizes that were tried does.
        """
        self._failures = 0
        while True:
            rows = self._rows
            page = self._try(name, 1, filters, rows)
            if page is not None:
                return page

    def complete(
        self, name: str, first: Page, filters: Mapping[str, Any] | None = None, keep: Keep = keep_all
    ) -> list[Any]:
        """Return what is kept of all items of a list whose first page is read already.
        :raises ListChangedError: the list changed meanwhile.
        """
        starts = list(range(first.rows, first.total, first.rows))
        seen = _Seen(name, first)

        def read(start: int) -> Sequence[Any]:
            with self._pace:
                items = self._read_span(name, filters, start, first.rows, seen)
            return keep(items)

        pages = [keep(first.items), *run_parallel(read, starts, self._concurrency)]
        kept = [*chain.from_iterable(pages)]
        seen.check_complete(kept)
        return kept

    def is_shifted(self, name: str, items: list[dict[str, Any]], filters: Mapping[str, Any] | None) -> bool:
        """Return whether the last item of a page is no longer in its place; see :meth:`client.Client.is_shifted`."""
        ends = list(range(PAGE_ROWS, len(items), PAGE_ROWS))

        def is_there(position: int) -> bool:
            try:
                page = self._read_page(name, position, filters, 1, False, True)
            except ListChangedError:
                return False
            return bool(page.items) and page.items[0]["id"] == items[position - 1]["id"]

        return not all(run_parallel(is_there, ends, self._concurrency))

    def _read_span(
        self, name: str, filters: Mapping[str, Any] | None, start: int, count: int, seen: _Seen
    ) -> list[dict[str, Any]]:
        """Return the items from a position on, as one page or, where that is too much at once, as several."""
        items: list[dict[str, Any]] = []
        position = start
        while position < start + count:
            rows = min(self._rows, count)
            page = self._try(name, position // rows + 1, filters, rows)
            if page is None:
                continue
            seen.add(page)
            items += page.items
            position += rows
            if position >= page.total:
                break
        return items

    def _try(self, name: str, number: int, filters: Mapping[str, Any] | None, rows: int) -> Page | None:
        """Return a page, or None where a smaller one should be asked for.

        :raises FaxError: smaller ones did not come in time either.
        """
        try:
            page = self._read_page(name, number, filters, rows, False, False)
        except FaxError as error:
            if not _is_too_much(error):
                raise
            self._note_failure(rows, error)
            return None
        self._failures = 0
        self._pace.succeeded()
        return page

    def _note_failure(self, rows: int, error: FaxError) -> None:
        with self._lock:
            if rows > self._rows:  # pages under way when the first of them failed
                return
            self._failures += 1
            smaller = [size for size in SIZES if size < rows]
            if not smaller or self._failures > max(1, self._retries):
                raise error
            self._rows = smaller[0]
        self._pace.choked()


class _Seen:
    """Notices while pages come in that they cannot be pages of one list."""

    def __init__(self, name: str, first: Page) -> None:
        self._name = name
        self._total = first.total
        self._ids = {item["id"] for item in first.items}
        self._count = len(first.items)
        self._lock = threading.Lock()
        self._check()

    def add(self, page: Page) -> None:
        """Take in a page.

        :raises ListChangedError: an item of it was on another page, or the list has become longer or shorter.
        """
        with self._lock:
            self._ids.update([item["id"] for item in page.items])
            self._count += len(page.items)
            if page.total != self._total:
                raise self._changed(page.total)
            self._check()

    def check_complete(self, items: Sequence[Any]) -> None:
        """Refuse a list that shifted while its pages were read: entries may be missing.

        :raises ListChangedError: it did.
        """
        if len(items) != self._total:
            raise self._changed()

    def _check(self) -> None:
        if len(self._ids) != self._count:
            raise self._changed()

    def _changed(self, total: int | None = None) -> ListChangedError:
        other = f", then {total}" if total is not None else ""
        return ListChangedError(
            f"The list of {self._name} changed while it was read: {len(self._ids)} different items of "
            f"{self._total}{other}",
            hint="Run the task again when no subscribers are being created or deleted.",
        )


def _is_too_much(error: FaxError) -> bool:
    """Return whether a smaller page may succeed where this one failed."""
    if isinstance(error, LostResponseError):
        return error.code == TIMEOUT
    return error.code == TOO_LARGE or error.http_status in (408, 504)
