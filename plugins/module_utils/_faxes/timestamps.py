# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Moments: what users write for ``since`` and ``until``, and what the journal shows, with a zone or in the server's."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from .._errors import InputError

_BOUND = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)"
    r"(?:-(?P<day>\d\d)(?:[Tt ]+(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?)?)?"
    r" ?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_SERVER_FORM = "%Y-%m-%d %H:%M:%S"
_SECOND = timedelta(seconds=1)
_MAX_ZONE = timedelta(hours=15)
_ZONE_STEP = timedelta(minutes=15)


class Bound(NamedTuple):
    """One end of a span of time, in whole seconds.

    :param moment: without a zone: the server's local time; else UTC.
    """

    moment: datetime

    @property
    def has_zone(self) -> bool:
        """Whether the moment is absolute, and not the server's local time."""
        return self.moment.tzinfo is not None

    def as_since(self) -> str:
        """Return the value for the server's filter ``time_from``, which includes its second."""
        return self._text(self.moment)

    def as_until(self) -> str:
        """Return the value for the server's filter ``time_to``.

        Stored times have milliseconds, so that the server leaves out what it shows with that very second: the next
        second is asked for, and whatever is shown with it has to be dropped.
        """
        return self._text(self.following)

    @property
    def following(self) -> datetime:
        """The next second; the last one that there is has none."""
        try:
            return self.moment + _SECOND
        except OverflowError:
            return self.moment

    def _text(self, moment: datetime) -> str:
        # strftime writes years before 1000 with fewer digits.
        text = moment.replace(tzinfo=None).isoformat("T" if self.has_zone else " ", "seconds")
        return f"{text}Z" if self.has_zone else text


def parse_since(text: str) -> Bound:
    """Return the first second of what a user wrote: a month, a day, a minute or a second, with or without a zone.

    :raises InputError: it is not such a text, or not a valid time.
    """
    return Bound(_parse("since", text, last=False))


def parse_until(text: str) -> Bound:
    """Return the last second of what a user wrote: ``2026-11-23`` means the whole of that day.

    :raises InputError: it is not such a text, or not a valid time.
    """
    return Bound(_parse("until", text, last=True))


def parse_server_time(text: str) -> datetime | None:
    """Return the time that the server shows, without a zone, or None if it is not such a text."""
    try:
        return datetime.strptime(text, _SERVER_FORM)
    except ValueError:
        return None


def zone_offset(shown: datetime, utc: datetime) -> timedelta | None:
    """Return what the server's zone adds to UTC, or None where no zone adds so much.

    :param shown: a moment as the server shows it in its own zone.
    :param utc: the same moment as the server shows it in UTC.
    """
    offset = shown - utc
    return offset if abs(offset) <= _MAX_ZONE else None


def with_offset(shown: datetime, offset: timedelta) -> str:
    """Return a moment as ISO 8601 with the server's offset.

    :param shown: as the server shows it in its own zone.
    :param offset: of that zone, less than a day.
    """
    return shown.replace(tzinfo=timezone(offset)).isoformat()


def may_be_same(shown: datetime, utc: datetime) -> bool:
    """Return whether a time in an unknown zone can be that moment: zones differ by quarters of an hour."""
    difference = shown - utc.replace(tzinfo=None)
    return abs(difference) <= _MAX_ZONE and not difference % _ZONE_STEP


def _parse(field: str, text: str, last: bool) -> datetime:
    match = _BOUND.fullmatch(text.strip())
    if match is None:
        raise InputError(
            f"must be a time such as 2026-11-23, 2026-11-23 09:12:00 or 2026-11-23T09:12:00+01:00, not {text!r}",
            field=field,
        )
    part = match.groupdict()
    try:
        moment = _last_second(part) if last else _first_second(part)
        return moment if part["zone"] is None else (moment - _offset(part["zone"])).replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError) as error:
        raise InputError(f"is not a valid date or time: {text!r} ({error})", field=field) from None


def _first_second(part: dict[str, str | None]) -> datetime:
    return datetime(
        int(part["year"] or 0),
        int(part["month"] or 0),
        int(part["day"] or 1),
        int(part["hour"] or 0),
        int(part["minute"] or 0),
        int(part["second"] or 0),
    )


def _last_second(part: dict[str, str | None]) -> datetime:
    first = _first_second(part)
    if part["second"] is not None:
        return first
    if part["minute"] is not None:
        return first.replace(second=59)
    day = first.day if part["day"] is not None else calendar.monthrange(first.year, first.month)[1]
    return first.replace(day=day, hour=23, minute=59, second=59)


def _offset(zone: str) -> timedelta:
    if zone in "Zz":
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    if offset > _MAX_ZONE:
        raise ValueError("the offset is too large")
    return -offset if zone[0] == "-" else offset
