# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading call forwards: what is asked for, from lists or singly, and whose error it is when something is wrong."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    FaxError,
    LostResponseError,
    NotFoundError,
    ProtocolError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.kinds import BY_WORD, UNCONDITIONAL
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.reading import (
    read_set,
    read_situation,
    read_situations,
    where_a_box_is,
)
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.situation import Situation
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import Subscriber
from ansible_collections.ngcp.fax.tests.unit.support.forward_platform import MAPPINGS, SETS, ForwardPlatform
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure, response, subscriber

pytestmark = pytest.mark.usefixtures("pauses")


def platform_of(count, **options):
    return ForwardPlatform([subscriber(number) for number in range(1, count + 1)], **options)


def known(number):
    return Subscriber(number, f"user{number}@example.org", primary_number=f"431{number}")


def read(platform, count, **options):
    return read_situations(platform.client(), [Subscriber(number) for number in range(1, count + 1)], **options)


def test_whoever_has_no_name_is_read_as_well():
    platform = platform_of(3)
    found = read_situations(platform.client(), [Subscriber(1), known(2)])
    assert [one.number for one in found.values()] == ["4311", "4312"]
    assert [line for line in platform.log if "subscribers" in line] == ["GET /api/subscribers/1"]


def test_sets_come_from_their_list_once_where_that_is_cheaper():
    platform = platform_of(30)
    platform.add(7)
    found = read(platform, 30, need=where_a_box_is)
    assert [line for line in platform.log if SETS in line] == [f"GET /api/{SETS}/?page=1"]
    assert [line for line in platform.log if MAPPINGS in line] == [f"GET /api/{MAPPINGS}/7"]
    assert found[7].entries("cfu") and not found[8].entries("cfu")


def test_sets_come_singly_where_their_list_is_long():
    platform = platform_of(400)
    for number in range(1, 401):
        platform.add(number)
    read(platform, 25, need=where_a_box_is)
    lists = [line for line in platform.log if SETS in line]
    assert lists[0] == f"GET /api/{SETS}/?page=1" and len(lists) == 26


@pytest.mark.parametrize("times", [1, 2])
def test_a_list_of_sets_that_shifts_is_read_again(times):
    platform = platform_of(150)
    for number in range(1, 151):
        platform.add(number)
    shifted = [response(200, {"total_count": 150 + number, "_embedded": {}}) for number in range(1, 5)]
    platform.meet("GET", f"/api/{SETS}/", None, *shifted[: 2 * times - 1])
    if times == 1:
        assert len(read(platform, 150)) == 150
        return
    with pytest.raises(FaxError):
        read(platform, 150)


def test_an_unknown_subscriber_is_an_error_of_its_own():
    found = read(platform_of(1), 2)
    assert isinstance(found[1], Situation) and isinstance(found[2], NotFoundError)


@pytest.mark.parametrize(
    ("path", "effect"),
    [
        ("/api/subscribers/1", response(200, {"id": 1, "username": None})),
        (f"/api/{MAPPINGS}/1", failure(404)),
        (f"/api/{MAPPINGS}/1", response(200, {"id": 1, "cfu": {}})),
        (f"/api/{MAPPINGS}/1", response(200, {"id": 1, "cfu": [{"destinationset_id": "x"}]})),
    ],
)
def test_what_is_wrong_with_one_is_its_own_error(path, effect):
    platform = platform_of(2)
    platform.meet("GET", path, effect)
    found = read(platform, 2)
    assert isinstance(found[1], (ProtocolError, NotFoundError)) and isinstance(found[2], Situation)


@pytest.mark.parametrize("count", [2, 30], ids=["singly", "from the list"])
def test_a_set_that_is_wrong_is_its_owner_s_error(count):
    platform = platform_of(count)
    platform.sets[platform.add(1)]["name"] = None
    found = read(platform, count)
    assert isinstance(found[1], ProtocolError) and isinstance(found[2], Situation)


def test_a_wrong_set_of_nobody_is_looked_at_only_where_it_is_used():
    platform = platform_of(30)
    platform.sets[5] = {"id": 5, "name": "x", "subscriber_id": "1", "destinations": []}
    assert all(isinstance(one, Situation) for one in read(platform, 30).values())


@pytest.mark.parametrize(
    "change",
    [{"subscriber_id": None}, {"subscriber_id": "7"}, {"subscriber_id": None, "name": 5}],
    ids=["nobody", "text", "odd"],
)
def test_a_list_that_does_not_say_whose_a_set_is_settles_nothing(change):
    """It may be anybody's: those whose mappings are read only because of their sets, too, are read singly."""
    platform = platform_of(30)
    ours = platform.add(7)
    items = [{**one, **change} for one in platform.sets.values()]
    platform.meet("GET", f"/api/{SETS}/", response(200, {"total_count": 1, "_embedded": {f"ngcp:{SETS}": items}}))
    found = read(platform, 30, need=where_a_box_is)
    assert found[7].leads_to_own_box(ours) and len(found[7].entries("cfu")) == 1
    assert len([line for line in platform.log if f"GET /api/{SETS}/" in line]) == 31


def test_a_foreign_set_that_cannot_be_read_is_an_error_of_whoever_uses_it():
    platform = platform_of(3)
    foreign = platform.add_set(3, "fax2mail")
    platform.map(1, foreign)
    platform.meet("GET", f"/api/{SETS}/{foreign}", failure(422), again=True)
    found = read_situations(platform.client(), [known(1), known(2)])
    assert isinstance(found[1], FaxError) and isinstance(found[2], Situation)


def test_foreign_sets_are_read_for_the_types_that_matter():
    platform = platform_of(3)
    foreign = platform.add_set(3, "fax2mail")
    platform.map(1, foreign, short="cfb")
    for kinds, asked in (((UNCONDITIONAL,), 0), ((BY_WORD["busy"],), 1)):
        platform.sent.clear()
        found = read_situations(platform.client(), [known(1)], kinds=kinds)
        assert platform.log.count(f"GET /api/{SETS}/{foreign}") == asked
        assert (found[1].sets[foreign] is None) is (asked == 0)


def test_a_server_that_ignores_the_filter():
    platform = platform_of(2)
    mine, theirs = platform.add(1), platform.add(2)
    every = response(
        200, {"total_count": 2, "_embedded": {f"ngcp:{SETS}": [platform.sets[mine], platform.sets[theirs]]}}
    )
    platform.meet("GET", f"/api/{SETS}/", every)
    found = read_situations(platform.client(), [known(1)])[1]
    assert [one.id for one in found.our_sets] == [mine] and theirs not in found.sets


def test_a_platform_that_is_down_ends_the_reading():
    platform = platform_of(6, retries=0)
    platform.meet("GET", f"/api/{SETS}/", LostResponseError("No answer"), again=True)
    with pytest.raises(LostResponseError):
        read_situations(platform.client(), [known(number) for number in range(1, 7)])
    assert len(platform.log) == 3


def test_one_subscriber_again():
    platform = platform_of(2)
    ours = platform.add(1)
    assert read_situation(platform.client(), known(1)).leads_to_own_box(ours)
    platform.mappings[1]["cfu"] = "x"
    with pytest.raises(ProtocolError):
        read_situation(platform.client(), known(1))


def test_one_set_again():
    platform = platform_of(1)
    ours = platform.add(1)
    assert read_set(platform.client(), known(1), ours).owner == 1
    assert read_set(platform.client(), known(1), 99) is None
