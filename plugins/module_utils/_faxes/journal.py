# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The fax journal: its entries, their selection, and paging from the newest one without losing any."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Callable

from .._api.client import Client
from .._api.hal import PAGE_ROWS
from .._errors import (
    ListChangedError,
    NotFoundError,
    ProtocolError,
)
from .._wording import counted
from .timestamps import (
    Bound,
    may_be_same,
    parse_server_time,
    with_offset,
    zone_offset,
)

JOURNAL = "faxes"
INCOMING, OUTGOING, MAIL_TO_FAX, ANY = "in", "out", "mtf", "any"
DIRECTIONS = (INCOMING, OUTGOING, MAIL_TO_FAX, ANY)

# How far a fax is. The platform writes the last two, which end its life; what its closed part writes before is not
# documented.
QUEUED, SENDING, SUCCESS, FAILED = "queued", "sending", "success", "failed"

_NUMBERS = ("duration", "pages", "signal_rate")
# What every entry has (contract: faxes), and what decides whether it is meant: without it one would be passed over.
_MANDATORY = ("subscriber_id", "direction", "status", "time")
_TEXTS = ("time", "direction", "caller", "callee", "quality", "reason", "status", "filename")

# Older servers write numbers as text. The database has no larger ones.
_DIGITS = re.compile(r"[0-9]{1,18}", re.ASCII)
_MAX_NUMBER = 10**18 - 1
_LONGEST_TEXT = 1000
# What no text of the journal has and a terminal would act on: control characters, line and paragraph separators,
# changes of the writing direction, and halves of characters, which cannot be encoded.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_READINGS = 3
# A journal of a million entries; a server that goes on for ever is not read for ever.
_MAX_PAGES = 10_000
_MAX_ARRIVALS = 10_000
_STEADY_ZONE = timedelta(days=60)


@dataclass(frozen=True)
class Fax:
    """One entry of the journal.

    :param id: the journal's id, which is also the recording's.
    :param subscriber_id: whose fax it is.
    :param time: as the server shows it, in its own zone and without naming it.
    :param direction: ``in``, ``out`` or ``mtf`` (sent by mail).
    :param status: the platform's word; empty while nothing is known yet.
    """

    id: int
    subscriber_id: int
    time: str
    direction: str
    caller: str
    callee: str
    duration: int
    pages: int
    signal_rate: int
    quality: str
    reason: str
    status: str
    filename: str

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> Fax:
        """Return the entry that an item of ``/api/faxes/`` describes. Older servers write numbers as text.

        Values that are not numbers, or that no fax can have, become 0, and texts become printable: one odd entry does
        not keep the others from being read. Only an entry without usable ids, or without what decides whether it is
        meant, is refused.

        :raises ProtocolError: it has no id, or an id that cannot be one, or it is not an entry of the journal.
        """
        missing = [name for name in _MANDATORY if name not in item]
        if missing:
            raise ProtocolError(f"An entry of the server's journal lacks {', '.join(missing)}")
        values: dict[str, Any] = {
            "id": _identifier(item.get("id"), "id"),
            "subscriber_id": _identifier(item.get("subscriber_id") or 0, "subscriber_id", least=0),
        }
        values.update((name, _number(item.get(name)) or 0) for name in _NUMBERS)
        values.update((name, _text(item.get(name))) for name in _TEXTS)
        return cls(**values)

    @property
    def is_final(self) -> bool:
        """Whether its status will not change any more."""
        return self.status.casefold() in (SUCCESS, FAILED)

    @property
    def has_failed(self) -> bool:
        """Whether it did not get through."""
        return self.status.casefold() == FAILED

    @property
    def progress(self) -> str:
        """How far it is, in the collection's words: ``queued``, ``sending``, ``success`` or ``failed``."""
        word = self.status.casefold()
        if self.is_final:
            return word
        return QUEUED if word in ("", QUEUED) else SENDING

    def as_dict(self) -> dict[str, Any]:
        """Return the entry in the shape that results carry."""
        values = asdict(self)
        return {"fax_id": values.pop("id"), **values}


@dataclass(frozen=True)
class Filter:
    """Which entries are selected. The server filters only by subscriber and time; the rest is done here.

    :param statuses: in lower case; empty for any.
    """

    subscriber_id: int | None = None
    direction: str = ANY
    statuses: frozenset[str] = frozenset()
    since: Bound | None = None
    until: Bound | None = None

    @property
    def params(self) -> dict[str, Any]:
        """The part that the server does."""
        params: dict[str, Any] = {}
        if self.subscriber_id is not None:
            params["subscriber_id"] = self.subscriber_id
        if self.since is not None:
            params["time_from"] = self.since.as_since()
        if self.until is not None:
            params["time_to"] = self.until.as_until()
        return params

    @property
    def is_server_side(self) -> bool:
        """Whether the server's response needs no sorting out, so that no more has to be read than is wanted."""
        return self.direction == ANY and not self.statuses and self.until is None

    def matches(self, fax: Fax) -> bool:
        """Return whether an entry is selected, as far as it shows; the server ignores unknown filters."""
        return (
            self.subscriber_id in (None, fax.subscriber_id)
            and self.direction in (ANY, fax.direction)
            and (not self.statuses or fax.status.casefold() in self.statuses)
            and self._matches_time(parse_server_time(fax.time))
        )

    def _matches_time(self, shown: datetime | None) -> bool:
        if shown is None:
            return True
        since, until = self.since, self.until
        too_early = since is not None and not since.has_zone and shown < since.moment
        too_late = until is not None and not until.has_zone and shown > until.moment
        return not (too_early or too_late)


class Journal:
    """The fax journal of one platform.

    :param patient: whether what does not come in time is asked for again, as often as the options say.
    """

    def __init__(self, client: Client, patient: bool = True) -> None:
        self._client = client
        self._for_pages: dict[str, Any] = {} if patient else {"patient": False}
        self._for_items: dict[str, Any] = {} if patient else {"tries": 1}

    def impatient(self) -> Journal:
        """Return the journal for looks that are repeated anyway."""
        return Journal(self._client, patient=False)

    def get(self, fax_id: int) -> Fax:
        """Return one entry.

        :raises NotFoundError: there is none with this id for this user.
        :raises ProtocolError: the response is about another one.
        """
        return self._entry(fax_id, None)

    def newest_id(self, subscriber_id: int) -> int:
        """Return the id of the subscriber's newest entry, 0 where there is none.

        :raises ProtocolError: the server returns something else; an id that is too low would make old faxes pass for
            new ones.
        """
        wanted = Filter(subscriber_id)
        page = self._client.list_page(JOURNAL, 1, wanted.params, rows=1, descending=True)
        found = [Fax.of(item) for item in page.items]
        if bool(found) is not bool(page.total) or not all(fax.id > 0 and wanted.matches(fax) for fax in found):
            raise ProtocolError("The server did not return the newest entry of the subscriber's journal")
        return max((fax.id for fax in found), default=0)

    def newer_than(self, fax_id: int, subscriber_id: int, rows: int = 10) -> list[Fax]:
        """Return the subscriber's entries whose id is greater, in the order of ids."""
        wanted = Filter(subscriber_id)
        found = self._repeatedly(lambda: self._collect_newer(wanted, fax_id, rows))
        return [fax for fax in _by_id(found, descending=False) if fax.id > fax_id and wanted.matches(fax)]

    def read(self, wanted: Filter, limit: int | None = None, descending: bool = True) -> list[Fax]:
        """Return the selected entries, up to a limit, ordered by id or in reverse order.

        :raises ListChangedError: entries were deleted while the pages were read, several times.
        """
        rows = PAGE_ROWS if limit is None or not wanted.is_server_side else min(limit, PAGE_ROWS)
        return self._repeatedly(lambda: self._collect(wanted, limit, descending, rows))

    def read_down_to(self, wanted: Filter, fax_id: int) -> list[Fax]:
        """Return entries newest first, down to the page that reaches an id (0: all), as the server filters them.

        Whole pages are returned: an entry with a smaller id may have appeared after one with a greater id.
        """
        return self._repeatedly(lambda: self._collect_newer(wanted, fax_id))

    def iso_times(self, faxes: Sequence[Fax]) -> dict[int, str]:
        """Return the times of entries (in the order of ids, either way) as ISO 8601 with the server's offset.

        The journal shows local times without a zone. The server is asked for single entries in UTC, and between two of
        the same offset that are close together all others have it too.
        """
        return _Offsets(self, faxes).times()

    def utc_time(self, fax_id: int) -> datetime | None:
        """Return when an entry came, in UTC; None where it is gone."""
        try:
            return parse_server_time(self._entry(fax_id, {"tz": "UTC"}).time)
        except NotFoundError:
            return None

    def _entry(self, fax_id: int, params: Mapping[str, Any] | None) -> Fax:
        fax = Fax.of(self._client.get_item(JOURNAL, fax_id, params, **self._for_items))
        if fax.id != fax_id:
            raise ProtocolError(f"The server returned fax {fax.id} instead of fax {fax_id}")
        return fax

    def _repeatedly(self, reading: Callable[[], list[Fax]]) -> list[Fax]:
        for _again in range(_READINGS - 1):
            try:
                return reading()
            except ListChangedError:
                self._client.counters.count_retry()
        return reading()

    def _collect(self, wanted: Filter, limit: int | None, descending: bool, rows: int) -> list[Fax]:
        found: list[Fax] = []
        for page in self._pages(wanted.params, descending, rows):
            found += [fax for fax in page if wanted.matches(fax) and self._is_in_time(wanted.until, fax)]
            if limit is not None and len(found) >= limit:
                break
        return _by_id(found, descending)[:limit]

    def _collect_newer(self, wanted: Filter, fax_id: int, rows: int = PAGE_ROWS) -> list[Fax]:
        found: list[Fax] = []
        for page in self._pages(wanted.params, True, rows):
            found += page
            if page and page[-1].id <= fax_id:
                break
        return _by_id(found, descending=True)

    def _pages(self, params: Mapping[str, Any], descending: bool, rows: int) -> Iterator[list[Fax]]:
        """Yield the pages, each entry once.

        New entries push others to later pages, where they come once more; that is harmless. A deleted one pulls
        others to pages that are read already: the count tells.

        :raises ListChangedError: entries were deleted meanwhile, or the pages do not fit each other.
        :raises ProtocolError: the pages are not what was asked for, or there is no end to them.
        """
        walk = _Walk(descending)
        for number in range(1, _MAX_PAGES + 1):
            page = self._client.list_page(JOURNAL, number, params, rows=rows, descending=descending)
            yield walk.take(number, page.total, [Fax.of(item) for item in page.items])
            if number * rows >= page.total:
                return
        raise ProtocolError(f"The journal has more than {_MAX_PAGES} pages", hint="Use since to read less of it.")

    def _is_in_time(self, until: Bound | None, fax: Fax) -> bool:
        """Return whether an entry is not later than an absolute bound; see :meth:`Bound.as_until`."""
        shown = parse_server_time(fax.time)
        if until is None or not until.has_zone or shown is None:
            return True
        if not may_be_same(shown, until.following):
            return True
        utc = self.utc_time(fax.id)
        return utc is None or utc <= until.moment.replace(tzinfo=None)


class _Walk:
    """A walk over pages, which have to fit each other. Each of them fits the total that it names (:mod:`_api.hal`)."""

    def __init__(self, descending: bool) -> None:
        self._descending = descending
        self._seen: set[int] = set()
        self._first_total: int | None = None
        self._total = 0
        self._repeated = 0
        self._arrived = 0
        self._least, self._greatest = _MAX_NUMBER + 1, 0

    def take(self, number: int, total: int, faxes: Sequence[Fax]) -> list[Fax]:
        """Return those entries of a page that are new.

        :param number: the page's, from 1.
        :param total: how many entries the server counts on all pages.
        :raises ListChangedError: an entry may be missing.
        :raises ProtocolError: the entries of the page are not in the order of ids, or there is no end to the journal.
        """
        self._check_total(total)
        self._check_page(number, [fax.id for fax in faxes])
        fresh = [fax for fax in faxes if fax.id not in self._seen]
        self._repeated += len(faxes) - len(fresh)
        if self._repeated > self._growth:
            raise _shifted(f"page {number} repeats entries of earlier pages")
        self._check_position(number, [fax.id for fax in fresh])
        return fresh

    @property
    def _growth(self) -> int:
        return self._total - (self._first_total or 0)

    def _check_total(self, total: int) -> None:
        if total < self._total:
            raise _shifted(f"it shrank from {self._total} to {counted(total, 'entry', 'entries')}")
        if self._first_total is None:
            self._first_total = total
        if total > 2 * self._first_total + _MAX_ARRIVALS:
            raise ProtocolError(
                f"The journal grew from {self._first_total} to {counted(total, 'entry', 'entries')} while it was read"
            )
        self._total = total

    def _check_page(self, number: int, fax_ids: Sequence[int]) -> None:
        if any((one <= other) if self._descending else (one >= other) for one, other in zip(fax_ids, fax_ids[1:])):
            raise ProtocolError(f"Page {number} of the journal is not ordered by id")

    def _check_position(self, number: int, fax_ids: Sequence[int]) -> None:
        """Check that new entries lie behind those of the pages before: only what arrived meanwhile lies before them."""
        arrived = [fax_id for fax_id in fax_ids if fax_id > self._greatest]
        expected = [fax_id for fax_id in fax_ids if fax_id < self._least]
        if self._seen and self._descending:
            self._arrived += len(arrived)
        misplaced = self._seen and len(arrived if not self._descending else arrived + expected) < len(fax_ids)
        if misplaced or self._arrived > self._growth:
            raise _shifted(f"page {number} does not continue where the previous page ended")
        self._seen.update(fax_ids)
        if fax_ids:
            self._least, self._greatest = min(self._least, *fax_ids), max(self._greatest, *fax_ids)


def _shifted(what: str) -> ListChangedError:
    return ListChangedError(
        f"The journal changed while it was read: {what}", hint="Run the task again when no faxes are being deleted."
    )


class _Offsets:
    """The server's offset from UTC at the time of each of some entries, with few questions."""

    def __init__(self, journal: Journal, faxes: Sequence[Fax]) -> None:
        self._journal = journal
        self._shown = [(fax.id, parse_server_time(fax.time)) for fax in faxes]
        self._offsets: dict[int, timedelta | None] = {}

    def times(self) -> dict[int, str]:
        if self._shown:
            self._fill(0, len(self._shown) - 1)
        found = {}
        for position, (fax_id, shown) in enumerate(self._shown):
            offset = self._offsets.get(position)
            if shown is not None and offset is not None:
                found[fax_id] = with_offset(shown, offset)
        return found

    def _fill(self, first: int, last: int) -> None:
        offset = self._ask(first)
        if self._ask(last) == offset and self._is_close(first, last):
            self._offsets.update(dict.fromkeys(range(first, last + 1), offset))
        elif last - first > 1:
            middle = (first + last) // 2
            self._fill(first, middle)
            self._fill(middle, last)

    def _is_close(self, first: int, last: int) -> bool:
        one, other = self._shown[first][1], self._shown[last][1]
        return one is not None and other is not None and abs(one - other) <= _STEADY_ZONE

    def _ask(self, position: int) -> timedelta | None:
        if position not in self._offsets:
            fax_id, shown = self._shown[position]
            utc = self._journal.utc_time(fax_id) if shown is not None else None
            self._offsets[position] = zone_offset(shown, utc) if shown is not None and utc is not None else None
        return self._offsets[position]


def _by_id(faxes: list[Fax], descending: bool) -> list[Fax]:
    """Return entries in the order of ids: new ones that came while pages were read stand on later pages."""
    return sorted(faxes, key=lambda fax: fax.id, reverse=descending)


def _identifier(value: Any, field: str, least: int = 1) -> int:
    number = _number(value)
    if number is None or number < least:
        raise ProtocolError(f"An entry of the server's journal has no usable {field}")
    return number


def _number(value: Any) -> int | None:
    """Return a whole number that is not negative, and None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and 0 <= value <= _MAX_NUMBER else None


def _text(value: Any) -> str:
    """Return a text as it can be shown; other values than texts and numbers are none."""
    if isinstance(value, float):
        value = str(value)
    elif not isinstance(value, str):
        number = _number(value)
        value = "" if number is None else str(number)
    text = _UNPRINTABLE.sub("\ufffd", value)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
