# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which subscriber is meant: what is asked for, and what is made of the answers."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    AmbiguousError,
    InputError,
    LostResponseError,
    NotFoundError,
    ProtocolError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import SubscriberKeys, parse_keys
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.lookup import resolve, select
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import Subscriber, subscriber_of
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, response, subscriber

ALICE = subscriber(
    1,
    username="alice",
    external_id="ext-1",
    primary_number={"cc": "43", "ac": "1", "sn": "9001"},
    alias_numbers=[{"cc": "43", "ac": "", "sn": "800"}, {"cc": 49, "ac": 30, "sn": 7}],
)
BOB = subscriber(2, username="Bob", domain="Example.NET", external_id="ext-2", customer_id=20)
CAROL = subscriber(3, username="c*rol", external_id="shared", primary_number=None)
DAVE = subscriber(4, username="dave", external_id="shared", customer_id=20)
PEOPLE = (ALICE, BOB, CAROL, DAVE)


def look_up(platform, **keys):
    """Return what one entry's keys come to."""
    (found,) = resolve(platform.client(), [parse_keys(keys)])
    return found


def single(path, **filters):
    query = "&".join(f"{name}={value}" for name, value in sorted({**filters, "page": 1}.items()))
    return f"GET /api/{path}/?{query}"


# ---- items of the server


@pytest.mark.parametrize(
    ("item", "numbers"),
    [
        (ALICE, ("4319001", "43800", "49307")),
        (CAROL, ()),
        ({**CAROL, "alias_numbers": None}, ()),
        ({**ALICE, "primary_number": {"cc": "43", "ac": None, "sn": "1"}, "alias_numbers": []}, ("431",)),
    ],
)
def test_numbers_of_a_subscriber(item, numbers):
    assert subscriber_of(item).numbers == numbers


def test_the_rest_of_a_subscriber():
    found = subscriber_of(ALICE)
    assert found[:4] == (1, "alice@example.org", 10, "ext-1")
    assert str(found) == "alice@example.org (1)"
    assert str(Subscriber(1)) == "1"
    without = {name: value for name, value in ALICE.items() if name not in ("customer_id", "external_id")}
    assert subscriber_of(without).customer_id is None, "a subscriber does not see it of itself"


# ---- one by one


@pytest.mark.parametrize(
    ("keys", "name", "requests"),
    [
        ({"subscriber_id": 1}, None, []),
        ({"subscriber": "alice@example.org"}, "alice@example.org", [("alice", "example.org")]),
        ({"subscriber": "ALICE@Example.ORG"}, "alice@example.org", [("ALICE", "Example.ORG")]),
        ({"subscriber": "bob@example.net"}, "Bob@Example.NET", [("bob", "example.net")]),
        ({"subscriber": "c*rol@example.org"}, "c*rol@example.org", [("c\\*rol", "example.org")]),
    ],
)
def test_by_id_and_name(keys, name, requests):
    platform = Platform(PEOPLE)
    assert look_up(platform, **keys).name == name
    assert platform.log == [single("subscribers", username=user, domain=domain) for user, domain in requests]


def test_ids_are_looked_up_where_names_are_wanted():
    platform = Platform(PEOPLE)
    (found, missing) = resolve(platform.client(), [SubscriberKeys(1), SubscriberKeys(99)], trust_ids=False)
    assert found == subscriber_of(ALICE)
    assert isinstance(missing, NotFoundError)
    assert platform.log == ["GET /api/subscribers/1", "GET /api/subscribers/99"]


@pytest.mark.parametrize("number", ["4319001", "+43 1 9001", "43800", "49307"])
def test_by_primary_and_alias_number(number):
    platform = Platform(PEOPLE)
    assert look_up(platform, number=number).id == 1
    assert platform.log == [single("subscribers", alias="".join(filter(str.isdigit, number)))]


def test_primary_numbers_on_servers_whose_filter_alias_finds_aliases_only():
    platform = Platform(PEOPLE)
    platform.meet("GET", "/api/subscribers/", response(200, {"total_count": 0}))
    assert look_up(platform, number="4319001").id == 1
    assert platform.log == [single("subscribers", alias=4319001), single("subscribers", primary_number=4319001)]


def test_primary_numbers_on_servers_whose_filter_alias_finds_parts_of_aliases():
    """Until 2023 the filters were substring matches: others that are found must not hide the one that is meant."""
    other = subscriber(7, alias_numbers=[{"cc": "43", "ac": "1", "sn": "90015"}])
    platform = Platform((*PEOPLE, other))
    platform.meet(
        "GET", "/api/subscribers/", response(200, {"total_count": 1, "_embedded": {"ngcp:subscribers": [other]}})
    )
    assert look_up(platform, number="4319001").id == 1


def test_by_external_id():
    platform = Platform(PEOPLE)
    assert look_up(platform, subscriber_external_id="ext-2").id == 2
    assert platform.log == [single("subscribers", subscriber_external_id="ext-2")]


@pytest.mark.parametrize(
    "keys",
    [
        {"subscriber": "nobody@example.org"},
        {"subscriber": "alice@example.net"},
        {"number": "43190"},
        {"number": "9001"},
        {"subscriber_external_id": "ext"},
        {"subscriber_external_id": "EXT-1"},
        {"subscriber_id": 99, "subscriber": "alice@example.org"},
    ],
)
@pytest.mark.parametrize(
    "ignored",
    [(), ("username", "domain", "alias", "primary_number", "subscriber_external_id")],
    ids=["kept", "ignored"],
)
def test_not_found(keys, ignored):
    """Also on a server that ignores the filters and answers with everybody."""
    found = look_up(Platform(PEOPLE, ignored=ignored), **keys)
    assert isinstance(found, NotFoundError)
    assert found.code == "not_found"
    if "subscriber_id" not in keys:
        assert str(parse_keys(keys)) in found.message


@pytest.mark.parametrize(
    ("keys", "number"),
    [({"subscriber": "alice@example.org"}, 1), ({"number": "43800"}, 1), ({"subscriber_external_id": "ext-2"}, 2)],
)
def test_found_where_the_server_ignores_filters(keys, number):
    ignored = ("username", "domain", "alias", "primary_number", "subscriber_external_id")
    assert look_up(Platform(PEOPLE, ignored=ignored), **keys).id == number


@pytest.mark.parametrize("many", [0, 100])
def test_ambiguous(many):
    people = (*PEOPLE, *(subscriber(number) for number in range(100, 100 + many)))
    wanted = [SubscriberKeys(external_id="shared")] + [
        SubscriberKeys(None, f"user{n}@x") for n in range(100, 100 + many)
    ]
    found = resolve(Platform(people).client(), wanted)[0]
    assert isinstance(found, AmbiguousError)
    assert "c*rol@example.org (3)" in found.message and "dave@example.org (4)" in found.message


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({"subscriber_id": 1, "subscriber": "bob@example.net"}, "subscriber"),
        ({"subscriber_id": 1, "number": "43190"}, "number"),
        ({"subscriber_id": 1, "subscriber_external_id": "ext-2"}, "subscriber_external_id"),
        ({"subscriber": "alice@example.org", "number": "4312"}, "number"),
        ({"number": "43800", "subscriber_external_id": "EXT-1"}, "subscriber_external_id"),
        ({"subscriber": "c*rol@example.org", "number": "4313"}, "number"),
    ],
)
def test_contradictory_keys(keys, field):
    found = look_up(Platform(PEOPLE), **keys)
    assert isinstance(found, InputError)
    assert found.field == field
    assert "does not belong to subscriber" in found.message


@pytest.mark.parametrize(
    "keys",
    [
        {"subscriber_id": 1, "subscriber": "Alice@example.org", "number": "49307", "subscriber_external_id": "ext-1"},
        {"subscriber": "alice@example.org", "number": "43 800"},
        {"number": "4319001", "subscriber_external_id": "ext-1"},
        {"subscriber_external_id": "shared", "subscriber": "dave@example.org"},
    ],
)
def test_keys_that_agree(keys):
    found = look_up(Platform(PEOPLE), **keys)
    assert isinstance(found, Subscriber)
    assert found.id == (4 if keys.get("subscriber_external_id") == "shared" else 1)


def test_an_error_of_one_look_up_is_the_answer_for_that_one():
    platform = Platform(PEOPLE)
    platform.meet("GET", "/api/subscribers/", LostResponseError("gone"))
    lost, found = resolve(
        platform.client(), [parse_keys({"number": "43800"}), parse_keys({"subscriber": "bob@example.net"})]
    )
    assert isinstance(lost, LostResponseError)
    assert found.id == 2


def test_a_refused_user_ends_it():
    platform = Platform(PEOPLE)
    platform.meet("GET", "/api/subscribers/", failure(403, "Invalid user"))
    with pytest.raises(AccessError):
        resolve(platform.client(), [parse_keys({"number": "43800"}), parse_keys({"number": "43801"})])


def test_answers_are_in_the_order_of_the_keys():
    wanted = [{"subscriber_id": 9}, {"number": "43800"}, {"subscriber_id": 8}, {"subscriber": "bob@example.net"}]
    found = resolve(Platform(PEOPLE, concurrency=4).client(), [parse_keys(keys) for keys in wanted])
    assert [subscriber.id for subscriber in found] == [9, 1, 8, 2]


# ---- the cost model: single look-ups (45 ms each) or the list of all subscribers (29 ms for each item)


def people(count):
    return [subscriber(number, external_id=f"e{number}") for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("wanted", "of", "singles", "pages"),
    [
        (0, 500, 0, 0),
        (1, 1, 1, 0),
        (64, 64, 64, 0),
        (65, 65, 0, 1),
        (65, 100, 0, 1),
        (65, 200, 0, 2),
        (65, 201, 65, 1),
        (100, 255, 0, 3),
        (100, 256, 100, 1),
        (300, 500, 0, 5),
        (300, 1000, 300, 1),
    ],
)
@pytest.mark.parametrize("key", ["subscriber", "external_id"])
def test_what_is_read_for_how_many_of_how_many(wanted, of, singles, pages, key):
    platform = Platform(people(of))
    keys = [
        SubscriberKeys(subscriber=f"user{number}@example.org")
        if key == "subscriber"
        else SubscriberKeys(None, None, None, f"e{number}")
        for number in range(1, wanted + 1)
    ]
    found = resolve(platform.client(), keys)
    assert [subscriber.id for subscriber in found] == list(range(1, wanted + 1))
    listed = [request for request in platform.sent if set(request.params) == {"page", "rows", "order_by"}]
    assert (len(platform.sent) - len(listed), len(listed)) == (singles, pages)


def test_ids_alone_cost_nothing():
    platform = Platform(people(300))
    assert len(resolve(platform.client(), [SubscriberKeys(number) for number in range(1, 301)])) == 300
    assert platform.log == []


@pytest.mark.parametrize(
    ("keys", "outcome"),
    [
        ({"subscriber": "USER5@example.org"}, 5),
        ({"number": "43 1 5"}, 5),
        ({"subscriber_external_id": "e5"}, 5),
        ({"subscriber_id": 5, "number": "4315"}, 5),
        ({"subscriber_id": 5, "number": "4316"}, InputError),
        ({"subscriber_id": 999, "number": "4316"}, NotFoundError),
        ({"subscriber": "nobody@example.org"}, NotFoundError),
        ({"number": "999"}, NotFoundError),
        ({"subscriber_external_id": "E5"}, NotFoundError),
    ],
)
def test_the_list_answers_like_single_look_ups(keys, outcome):
    rest = [{"subscriber": f"user{number}@example.org"} for number in range(10, 90)]
    platform = Platform(people(90))
    found = resolve(platform.client(), [parse_keys(entry) for entry in (keys, *rest)])[0]
    assert platform.log == ["GET /api/subscribers/?page=1"]
    alone = look_up(Platform(people(90)), **keys)
    if isinstance(outcome, int):
        assert found.id == alone.id == outcome
    else:
        assert isinstance(found, outcome) and isinstance(alone, outcome)


def test_the_list_is_read_again_when_it_shifted():
    platform = Platform(people(150))

    def shrink(platform, _request):
        del platform.subscribers[1]

    platform.meet("GET", "/api/subscribers/", None, shrink)
    keys = [SubscriberKeys(subscriber=f"user{number}@example.org") for number in range(2, 151)]
    assert [subscriber.id for subscriber in resolve(platform.client(), keys)] == list(range(2, 151))


# ---- selections

CUSTOMERS = (
    {"id": 10, "external_id": "c-10", "status": "active"},
    {"id": 20, "external_id": "c-20", "status": "locked"},
    {"id": 30, "external_id": "c-20", "status": "terminated"},
    {"id": 40, "external_id": "twice", "status": "active"},
    {"id": 50, "external_id": "twice", "status": "active"},
    {"id": 60, "external_id": "x*", "status": "active"},
)
ALL_FILTERS = ("domain", "customer_id", "external_id", "not_status")


@pytest.mark.parametrize("ignored", [(), ALL_FILTERS], ids=["kept", "ignored"])
@pytest.mark.parametrize(
    ("criteria", "ids"),
    [
        ({}, [1, 2, 3, 4]),
        ({"domain": "example.org"}, [1, 3, 4]),
        ({"domain": "EXAMPLE.net"}, [2]),
        ({"domain": "*"}, []),
        ({"customer_id": 20}, [2, 4]),
        ({"customer_id": 99}, []),
        ({"customer_id": 0}, []),
        ({"customer_external_id": "c-20"}, [2, 4]),
        ({"customer_external_id": "c-20", "customer_id": 20}, [2, 4]),
        ({"customer_id": 20, "domain": "example.org"}, [4]),
        ({"customer_external_id": "c-10", "domain": "example.net"}, []),
        ({"customer_external_id": "x*"}, []),
    ],
)
def test_selections(criteria, ids, ignored):
    platform = Platform(PEOPLE, customers=CUSTOMERS, ignored=ignored)
    assert [subscriber.id for subscriber in select(platform.client(), criteria)] == ids


@pytest.mark.parametrize("ignored", [(), ALL_FILTERS], ids=["kept", "ignored"])
@pytest.mark.parametrize(
    ("criteria", "kind"),
    [
        ({"customer_external_id": "none"}, NotFoundError),
        ({"customer_external_id": "C-20"}, NotFoundError),
        ({"customer_external_id": "twice"}, AmbiguousError),
        ({"customer_external_id": "c-20", "customer_id": 10}, InputError),
    ],
)
def test_refused_selections(criteria, kind, ignored):
    with pytest.raises(kind):
        select(Platform(PEOPLE, customers=CUSTOMERS, ignored=ignored).client(), criteria)


def test_what_a_selection_asks_for():
    platform = Platform(PEOPLE, customers=CUSTOMERS)
    select(platform.client(), {"customer_external_id": "c-20", "domain": "a*b"})
    assert platform.log == [
        single("customers", external_id="c-20", not_status="terminated"),
        single("subscribers", customer_id=20, domain="a*b"),
    ]


# ---- what a star means


STAR = subscriber(5, username="eve", external_id="EXT*", domain="d*.example.org")


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        ({"subscriber_external_id": "EXT*"}, {"subscriber_external_id": "EXT*"}),
        ({"subscriber": "eve@d*.example.org"}, {"username": "eve", "domain": "d*.example.org"}),
        ({"subscriber": "c*rol@example.org"}, {"username": "c\\*rol", "domain": "example.org"}),
    ],
)
def test_only_some_filters_take_the_meaning_from_a_star(keys, asked):
    """The others keep the backslash and then find nothing (observed.md, 13)."""
    platform = Platform((*PEOPLE, STAR))
    found = look_up(platform, **keys)
    assert isinstance(found, Subscriber)
    assert platform.log == [single("subscribers", **asked)]


def test_whoever_else_a_star_finds_is_sorted_out():
    others = [subscriber(number, external_id=f"EXT{number}") for number in range(10, 20)]
    platform = Platform((*others, STAR))
    found = response(200, {"total_count": 11, "_embedded": {"ngcp:subscribers": [*others, STAR]}})
    platform.meet("GET", "/api/subscribers/", found)
    assert look_up(platform, subscriber_external_id="EXT*").id == 5


# ---- odd subscribers


ODD = (
    {"username": None},
    {"domain": 5},
    {"primary_number": "4319001"},
    {"alias_numbers": "none"},
    {"alias_numbers": [7]},
    {"primary_number": {"cc": [], "ac": {}, "sn": None}},
    {"customer_id": "x"},
    {"external_id": {}},
)


@pytest.mark.parametrize("members", ODD, ids=str)
def test_a_subscriber_in_an_odd_form_is_an_error_of_its_own(members):
    platform = Platform([subscriber(1), {**subscriber(2), **members}])
    found, odd = resolve(platform.client(), [SubscriberKeys(1), SubscriberKeys(2)], trust_ids=False)
    assert found == subscriber_of(subscriber(1))
    assert isinstance(odd, ProtocolError)


@pytest.mark.parametrize("identifier", [None, "1", [], 0])
def test_a_subscriber_is_known_by_its_link_where_its_id_is_odd(identifier):
    platform = Platform([subscriber(1)])
    links = {"_links": {"self": {"href": "/api/subscribers/1"}}}
    platform.meet("GET", "/api/subscribers/1", response(200, {**subscriber(1), "id": identifier, **links}))
    (found,) = resolve(platform.client(), [SubscriberKeys(1)], trust_ids=False)
    assert found.id == 1


@pytest.mark.parametrize("members", ODD, ids=str)
def test_an_odd_subscriber_in_a_list_does_not_lose_the_others(members):
    people = [subscriber(number) for number in range(1, 101)]
    platform = Platform([*people[:-1], {**people[-1], **members}])
    keys = [SubscriberKeys(number) for number in range(1, 101)]
    found = resolve(platform.client(), keys, trust_ids=False)
    assert [item.id for item in found[:-1]] == list(range(1, 100))
    assert isinstance(found[-1], ProtocolError), "it may be there"
