# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whole lists: page by page, smaller pages where the server is slow, and none that shifted."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.lists import has_missing
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    FaxError,
    ListChangedError,
    LostResponseError,
    NotFoundError,
    ProtocolError,
    ServerError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.requests import read_settings
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.lookup import select_and_read
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, response, subscriber

SILENT = LostResponseError("No answer in time", code="timeout")


def fleet(count, **options):
    return Platform([subscriber(number) for number in range(1, count + 1)], **options)


def pages(platform):
    """Return number and size of the pages that were asked for."""
    return [(request.params["page"], request.params["rows"]) for request in platform.sent]


def slower_than(rows, error=SILENT):
    """Let pages with more rows than this not come in time."""
    return lambda _platform, request: error if request.params["rows"] > rows else None


@pytest.mark.parametrize(
    ("rows", "asked"),
    [
        (99, [(1, 100), (1, 50), (2, 50), (3, 50), (4, 50), (5, 50)]),
        (49, [(1, 100), (1, 50), *[(number, 25) for number in range(1, 10)]]),
        (24, [(1, 100), (1, 50), (1, 25), *[(number, 5) for number in range(1, 44)]]),
    ],
)
@pytest.mark.parametrize("error", [SILENT, failure(504), failure(408)], ids=["silent", "504", "408"])
def test_pages_that_do_not_come_in_time_are_followed_by_smaller_ones(rows, asked, error):
    platform = fleet(213)
    platform.meet("GET", "/api/subscribers/", slower_than(rows, error), again=True)
    assert [item["id"] for item in platform.client().list_all("subscribers")] == list(range(1, 214))
    assert pages(platform) == asked, "the same page is never asked for again"
    assert platform.counters.retries == 0


def test_pages_that_are_too_long_are_followed_by_smaller_ones():
    def effect(_platform, request):
        return ProtocolError("too long", code="answer_too_large") if request.params["rows"] > 50 else None

    platform = fleet(120)
    platform.meet("GET", "/api/subscribers/", effect, again=True)
    assert len(platform.client().list_all("subscribers")) == 120
    assert pages(platform) == [(1, 100), (1, 50), (2, 50), (3, 50)]


def test_a_page_in_the_middle_is_split():
    platform = fleet(250)
    platform.meet("GET", "/api/subscribers/", None, SILENT, SILENT)
    assert [item["id"] for item in platform.client().list_all("subscribers")] == list(range(1, 251))
    assert pages(platform) == [(1, 100), (2, 100), (3, 50), (5, 25), (6, 25), (7, 25), (8, 25), (9, 25), (10, 25)]


def test_the_size_is_remembered_for_the_next_list():
    platform = fleet(120)
    platform.meet("GET", "/api/", slower_than(50), again=True)
    client = platform.client()
    client.list_all("subscribers")
    platform.sent.clear()
    client.list_all("faxserversettings")
    assert pages(platform) == [(1, 50), (2, 50), (3, 50)]


@pytest.mark.parametrize(("retries", "sent"), [(0, 2), (1, 2), (2, 3), (3, 4)])
def test_a_silent_server_ends_it_soon(retries, sent):
    platform = fleet(500, retries=retries)
    platform.meet("GET", "/api/", SILENT, again=True)
    with pytest.raises(LostResponseError):
        platform.client().list_all("subscribers")
    assert len(pages(platform)) == sent


def test_a_server_that_falls_silent_ends_it_soon():
    platform = fleet(2000, concurrency=4)
    platform.meet("GET", "/api/", *[None] * 5, SILENT, again=True)
    with pytest.raises(LostResponseError):
        platform.client().list_all("subscribers")
    assert len(pages(platform)) < 25


def test_after_trouble_fewer_pages_are_under_way_at_once():
    under_way, most = [0], [0]
    lock = threading.Lock()

    class Slow(Platform):
        def send(self, *arguments, **options):
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            time.sleep(0.01)
            try:
                return super().send(*arguments, **options)
            finally:
                with lock:
                    under_way[0] -= 1

    platform = Slow([subscriber(number) for number in range(1, 1001)], concurrency=8)
    client = platform.client()
    first = client.first_page("subscribers")
    platform.meet("GET", "/api/", slower_than(99), again=True)
    most[0] = 0
    assert len(client.complete_list("subscribers", first)) == 1000
    assert most[0] <= 8
    most[0] = 0
    assert len(client.list_all("subscribers")) == 1000
    assert most[0] <= 6


@pytest.mark.parametrize("error", [ServerError("no", http_status=500), LostResponseError("broken")])
def test_other_failures_are_not_cured_by_smaller_pages(error):
    platform = fleet(120)
    platform.meet("GET", "/api/", error, again=True)
    with pytest.raises(FaxError):
        platform.client().list_all("subscribers")
    assert pages(platform) == [(1, 100)]


# ---- contradictions


def page_of(numbers, total):
    document = {"total_count": total, "_embedded": {"ngcp:subscribers": [subscriber(number) for number in numbers]}}
    return response(200, document)


@pytest.mark.parametrize(
    ("effects", "sent"),
    [
        pytest.param([page_of(range(1, 31), 1_000_000)], 2, id="a million are promised, 30 come"),
        pytest.param([page_of(range(1, 101), 10_000)], 3, id="the same page for ever"),
        pytest.param([page_of(range(1, 102), 200)], 2, id="more than asked for"),
        pytest.param([page_of([], 5)], 2, id="none of five"),
        pytest.param([page_of([1, 1, 2], 3)], 2, id="one of them twice"),
    ],
)
def test_reading_stops_at_the_first_contradiction(effects, sent):
    platform = fleet(1)
    platform.meet("GET", "/api/", *effects, again=True)
    with pytest.raises(ListChangedError):
        platform.client().list_all("subscribers")
    assert len(platform.sent) <= 2 * sent


def test_a_number_that_no_list_has():
    platform = fleet(1)
    platform.meet("GET", "/api/", page_of(range(1, 101), 10**9), again=True)
    with pytest.raises(ProtocolError) as caught:
        platform.client().list_all("subscribers")
    assert caught.value.code == "too_many_items"
    assert len(platform.sent) == 1


# ---- shifted without a trace


def swap(platform, _request):
    """Somebody deletes a subscriber of the first page and creates another one behind all others."""
    del platform.subscribers[50], platform.settings[50]
    number = max(platform.subscribers) + 1
    platform.subscribers[number] = subscriber(number)
    platform.settings[number] = platform.settings[1]


def read_all(platform):
    client = platform.client()
    return select_and_read(
        client, {}, lambda found: read_settings(client, FAX_SETTINGS, [item.id for item in found]), has_missing
    )


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_subscriber_that_slipped_through_is_found(concurrency):
    platform = fleet(250, concurrency=concurrency)
    platform.meet("GET", "/api/subscribers/", None, swap)
    subscribers, readings = read_all(platform)
    assert [item.id for item in subscribers] == sorted(platform.subscribers)
    assert sorted(readings) == sorted(platform.subscribers)


def test_nothing_is_asked_twice_where_nobody_is_missing():
    platform = fleet(250)
    read_all(platform)
    assert len(platform.sent) == 6


def test_somebody_who_was_deleted_later_is_reported():
    """The list did not shift before the last page was read."""
    platform = fleet(250)
    platform.meet("GET", "/api/subscribers/", None, None, None)
    platform.meet("GET", "/api/faxserversettings/", swap_last)
    subscribers, readings = read_all(platform)
    assert len(subscribers) == 250
    assert isinstance(readings[250], NotFoundError)


def swap_last(platform, _request):
    del platform.subscribers[250], platform.settings[250]


def test_a_list_that_shifts_again_and_again_is_an_error():
    platform = fleet(250)

    def again(platform, _request):
        number = min(platform.subscribers)
        del platform.subscribers[number], platform.settings[number]
        number = max(platform.subscribers) + 1
        platform.subscribers[number] = subscriber(number)
        platform.settings[number] = platform.settings[200]

    for _index in range(2):
        platform.meet("GET", "/api/subscribers/?page=2", again)
    platform.meet("GET", "/api/subscribers/", None, again, None, None, None, None, again, None, None, None)
    with pytest.raises(ListChangedError):
        read_all(platform)
