# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cost model of reading settings, and lists that shift or lack somebody."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.lists import worth_a_page, worth_the_list
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    NotFoundError,
    ProtocolError,
    ServerError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.requests import read_settings
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure

BOTH = pytest.mark.parametrize("resource", [FAX_SETTINGS, MAIL2FAX_SETTINGS], ids=lambda resource: resource.name)


def fleet(count, resource=FAX_SETTINGS, **options):
    settings = {number: {"active": number % 2 == 1} for number in range(1, count + 1)}
    return Platform(settings=settings, resource=resource, **options)


def requests(platform):
    """Return how many single items and how many pages were read."""
    pages = [request for request in platform.sent if "page" in request.params]
    return len(platform.sent) - len(pages), len(pages)


@pytest.mark.parametrize(
    ("wanted", "cost", "worth"), [(0, 13, False), (28, 13, False), (29, 13, True), (64, 29, False), (65, 29, True)]
)
def test_when_a_page_is_worth_it(wanted, cost, worth):
    assert worth_a_page(wanted, cost) is worth


@pytest.mark.parametrize(
    ("missing", "unread", "worth"),
    [(0, 0, False), (0, 5, False), (1, 0, True), (1, 3, True), (1, 4, False), (100, 346, True), (100, 347, False)],
)
def test_when_the_rest_of_a_list_is_worth_it(missing, unread, worth):
    assert worth_the_list(missing, unread, 13) is worth


@pytest.mark.parametrize(
    ("wanted", "of", "singles", "pages"),
    [
        ([], 500, 0, 0),
        ([1], 500, 1, 0),
        (range(1, 29), 28, 28, 0),
        (range(1, 30), 29, 0, 1),
        (range(1, 30), 5000, 0, 1),
        (range(1, 101), 5000, 0, 1),
        (range(1, 131), 5000, 30, 1),
        (range(1, 131), 200, 0, 2),
        (range(1, 131), 203, 0, 3),
        (range(1, 131), 204, 30, 1),
        (range(172, 201), 200, 0, 2),
        (range(1, 501), 500, 0, 5),
        (range(1, 1001, 2), 1000, 0, 10),
        (range(1, 1001, 5), 1000, 180, 1),
    ],
)
@BOTH
def test_what_is_read_for_how_many_of_how_many(wanted, of, singles, pages, resource):
    platform = fleet(of, resource)
    readings = read_settings(platform.client(), resource, list(wanted))
    assert sorted(readings) == sorted(wanted)
    assert all(readings[number]["active"] is (number % 2 == 1) for number in wanted)
    assert requests(platform) == (singles, pages)


@BOTH
def test_unknown_subscribers_show(resource):
    platform = fleet(100, resource)
    readings = read_settings(platform.client(), resource, [*range(1, 40), 999])
    assert isinstance(readings[999], NotFoundError)
    assert not [number for number in range(1, 40) if isinstance(readings[number], FaxError)]
    assert requests(platform) == (1, 1)


def test_what_a_shifting_list_lacks_is_read_singly():
    platform = fleet(300)

    def shrink(platform, _request):
        del platform.settings[1]

    platform.meet("GET", "/api/faxserversettings/", None, shrink)
    readings = read_settings(platform.client(), FAX_SETTINGS, list(range(2, 301)))
    assert [number for number in readings if isinstance(readings[number], FaxError)] == []
    assert sorted(readings) == list(range(2, 301))
    assert requests(platform) == (200, 2), "the first page counts; the rest is read one by one"
    assert platform.counters.retries == 1


@pytest.mark.parametrize("wanted", [3, 40])
def test_one_that_cannot_be_read_does_not_stop_the_others(wanted):
    platform = fleet(5000)
    numbers = list(range(1000, 1000 + wanted))
    platform.meet("GET", "/api/faxserversettings/1001", failure(500))
    readings = read_settings(platform.client(), FAX_SETTINGS, numbers)
    assert isinstance(readings[1001], ServerError)
    assert [number for number in numbers if isinstance(readings[number], FaxError)] == [1001]


@pytest.mark.parametrize("odd", [1, 250, 4999])
@pytest.mark.parametrize("wanted", [5, 400])
def test_what_is_not_settings_is_the_error_of_its_subscriber_alone(odd, wanted):
    platform = fleet(5000 if wanted == 5 else 400)
    odd = min(odd, len(platform.settings))
    platform.settings[odd] = {**platform.settings[odd], "destinations": "none"}
    numbers = sorted({odd, *range(1, wanted)})
    readings = read_settings(platform.client(), FAX_SETTINGS, numbers)
    assert [number for number in numbers if isinstance(readings[number], FaxError)] == [odd]
    assert isinstance(readings[odd], ProtocolError)
    assert "destinations is not a list" in readings[odd].message


def test_a_refused_user_ends_it():
    platform = fleet(5)
    platform.meet("GET", "/api/faxserversettings/2", failure(403, "Forbidden"))
    with pytest.raises(AccessError):
        read_settings(platform.client(), FAX_SETTINGS, [1, 2, 3])
    assert len(platform.sent) == 2


def test_threads_come_to_the_same():
    readings = read_settings(fleet(30, concurrency=8).client(), FAX_SETTINGS, list(range(28, 0, -1)))
    assert [(number, readings[number]["active"]) for number in readings] == [
        (number, number % 2 == 1) for number in range(28, 0, -1)
    ]
