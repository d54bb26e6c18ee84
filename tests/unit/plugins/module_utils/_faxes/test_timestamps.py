# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moments: every form that users may write, and what the server's filters make of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.timestamps import (
    Bound,
    may_be_same,
    parse_server_time,
    parse_since,
    parse_until,
    with_offset,
    zone_offset,
)

ZONES = st.builds(lambda quarters: timezone(timedelta(minutes=15 * quarters)), st.integers(-48, 56))
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0))


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("2026-11", "2026-11-01 00:00:00", "2026-11-30 23:59:59"),
        ("2024-02", "2024-02-01 00:00:00", "2024-02-29 23:59:59"),
        ("2026-11-23", "2026-11-23 00:00:00", "2026-11-23 23:59:59"),
        ("2026-11-23 09:12", "2026-11-23 09:12:00", "2026-11-23 09:12:59"),
        ("2026-11-23T09:12:23", "2026-11-23 09:12:23", "2026-11-23 09:12:23"),
        (" 2026-11-23 09:12:23.987 ", "2026-11-23 09:12:23", "2026-11-23 09:12:23"),
        ("2026-11-23T09:12:23Z", "2026-11-23T09:12:23Z", "2026-11-23T09:12:23Z"),
        ("2026-11-23T09:12:23+01:00", "2026-11-23T08:12:23Z", "2026-11-23T08:12:23Z"),
        ("2026-11-23 00:30:00 -0330", "2026-11-23T04:00:00Z", "2026-11-23T04:00:00Z"),
        ("2026-11-23 09:12:23+01", "2026-11-23T08:12:23Z", "2026-11-23T08:12:23Z"),
        ("2026-11-23Z", "2026-11-23T00:00:00Z", "2026-11-23T23:59:59Z"),
    ],
)
def test_forms(text, since, until):
    assert parse_since(text).as_since() == since
    assert parse_until(text).as_since() == until


@pytest.mark.parametrize(
    "text",
    [
        "", "today", "23.11.2026", "2026", "2026-13", "2026-02-30", "2026-11-23 25:00:00", "2026-11-23 09:60",
        "2026-11-23T09", "1795486973", "2026-11-23 09:12:23+99:00", "2026-11-23 09:12:23 CET", "9999-12-31 23:59+00:0",
        "0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-01:00", "²026-11-23", "٢٠٢٦-١١-٢٣", "0000-01-01",
        "2026-00-01", "2026-11-00", "2026-11-23 24:00:00", "-2026-11-23", "20260-11-23", "2026-11-23\x00", "\ud800",
    ],
)  # fmt: skip
@pytest.mark.parametrize("parse", [parse_since, parse_until])
def test_refused(parse, text):
    with pytest.raises(InputError) as caught:
        parse(text)
    assert caught.value.field in ("since", "until")


def test_until_asks_for_one_second_more():
    """Stored times have milliseconds: the server leaves out what it shows with the second of ``time_to``."""
    assert parse_until("2026-11-23").as_until() == "2026-11-24 00:00:00"
    assert parse_until("2026-12-31T23:59:59Z").as_until() == "2027-01-01T00:00:00Z"


@given(MOMENTS, ZONES)
def test_moments_with_a_zone_are_absolute(moment, zone):
    text = moment.replace(tzinfo=zone).isoformat()
    assert parse_since(text) == parse_until(text) == Bound(moment.replace(tzinfo=zone).astimezone(timezone.utc))


@given(MOMENTS, ZONES)
def test_the_offset_is_found_again(utc, zone):
    shown = utc.replace(tzinfo=timezone.utc).astimezone(zone).replace(tzinfo=None)
    assert datetime.fromisoformat(with_offset(shown, zone_offset(shown, utc))) == utc.replace(tzinfo=timezone.utc)
    assert may_be_same(shown, utc.replace(tzinfo=timezone.utc))
    assert not may_be_same(shown + timedelta(seconds=1), utc.replace(tzinfo=timezone.utc))


def test_server_times():
    assert parse_server_time("2026-11-23 09:12:23") == datetime(2026, 11, 23, 9, 12, 23)
    assert parse_server_time("") is None


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("9999-12-31 23:59:59", "9999-12-31 23:59:59", "9999-12-31 23:59:59"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("9999-12", "9999-12-01 00:00:00", "9999-12-31 23:59:59"),
        ("0001-01-01", "0001-01-01 00:00:00", "0001-01-02 00:00:00"),
        ("0999-02", "0999-02-01 00:00:00", "0999-03-01 00:00:00"),
    ],
)
def test_the_ends_of_time(text, since, until):
    """The last second has no next one, and years keep their four digits."""
    assert (parse_since(text).as_since(), parse_until(text).as_until()) == (since, until)


@given(st.text(st.sampled_from("0123456789-:TZ +.²٣"), max_size=30) | st.text(max_size=30))
def test_any_text_is_a_moment_or_refused(text):
    for parse in (parse_since, parse_until):
        try:
            bound = parse(text)
        except InputError as error:
            assert error.field in ("since", "until")
        else:
            assert bound.as_since() and bound.as_until()


@given(st.datetimes(), st.datetimes())
def test_an_offset_that_no_zone_has(shown, utc):
    offset = zone_offset(shown, utc)
    assert offset is None or with_offset(shown, offset)
    assert (offset is None) == (abs(shown - utc) > timedelta(hours=15))
