# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subscribers as inventory hosts: who is one, how they are called, what variables they have, and what fails."""

from __future__ import annotations

import hashlib
import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    AmbiguousError,
    FaxError,
    InputError,
    NotFoundError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.plugin_utils._inventory.hosts import (
    HostList,
    cached_hosts,
    identity,
    read_hosts,
)
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, subscriber

CUSTOMERS = [
    {"id": 10, "external_id": "CUST-10", "status": "active"},
    {"id": 11, "external_id": None, "status": "active"},
]


def hosts(platform, details=(), **given):
    found = read_hosts({"details": list(details), **given}, platform.host().connect)
    assert platform.closed
    return found


def people(*numbers, **fields):
    return [subscriber(number, **fields) for number in numbers]


def test_variables_of_the_list_alone():
    alias = {"cc": "43", "ac": "1", "sn": "99"}
    item = subscriber(1, external_id="EXT-1", alias_numbers=[alias], status="active", administrative=True)
    platform = Platform([item])
    assert hosts(platform) == HostList(
        hosts={
            "user1@example.org": {
                "ngcp_subscriber_id": 1,
                "ngcp_subscriber_external_id": "EXT-1",
                "ngcp_domain": "example.org",
                "ngcp_customer_id": 10,
                "ngcp_primary_number": "4311",
                "ngcp_alias_numbers": ["43199"],
                "ngcp_status": "active",
                "ngcp_administrative": True,
            }
        },
        left_out=[],
        warnings=[],
    )
    assert platform.log == ["GET /api/subscribers/?page=1"]


def test_without_a_primary_number_all_are_aliases():
    alias = {"cc": "43", "ac": "1", "sn": "99"}
    (variables,) = hosts(Platform([subscriber(1, primary_number=None, alias_numbers=[alias])])).hosts.values()
    assert (variables["ngcp_primary_number"], variables["ngcp_alias_numbers"]) == (None, ["43199"])


@pytest.mark.parametrize(
    ("resource", "detail", "secret"),
    [(FAX_SETTINGS, "fax", "password"), (MAIL2FAX_SETTINGS, "mail2fax", "secret_key")],
    ids=["fax", "mail2fax"],
)
def test_settings_without_secrets(resource, detail, secret):
    platform = Platform(people(1, 2), {1: {secret: "CANARY", "active": 1}, 2: {}}, resource=resource)
    found = hosts(platform, [detail])
    settings = found.hosts["user1@example.org"][f"ngcp_{detail}"]
    assert set(settings) == {field.name for field in resource.fields} - {secret}
    assert settings["active"] is True
    assert "CANARY" not in json.dumps(found)


def test_a_host_list_survives_the_cache():
    found = hosts(Platform(people(1, 2), customers=CUSTOMERS), ["customer", "fax"])
    assert cached_hosts(json.loads(json.dumps(found._asdict()))) == found


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [1, 2, 3, 4]),
        ({"active": True}, [2, 3]),
        ({"active": False}, [1, 4]),
        ({"status": "locked"}, [3]),
        ({"status": "active", "active": True}, [2]),
        ({"customer_id": 11}, [4]),
        ({"customer_external_id": "CUST-10"}, [1, 2, 3]),
        ({"domain": "EXAMPLE.ORG"}, [1, 2]),
        ({"domain": "example.net", "customer_id": 10}, [3]),
        ({"domain": "nowhere.example", "allow_empty": True}, []),
    ],
    ids=str,
)
def test_filters(options, expected):
    items = [
        subscriber(1, status="active"),
        subscriber(2, status="active"),
        subscriber(3, status="locked", domain="example.net"),
        subscriber(4, status="active", domain="example.net", customer_id=11),
    ]
    settings = {1: {}, 2: {"active": True}, 3: {"active": 1}, 4: {"active": 0}}
    found = hosts(Platform(items, settings, customers=CUSTOMERS), **options)
    assert [variables["ngcp_subscriber_id"] for variables in found.hosts.values()] == expected
    assert all("ngcp_fax" not in variables for variables in found.hosts.values()), "only asked for to filter"
    assert found.warnings == ([] if expected else ["No subscriber matches the inventory's options."])


@pytest.mark.parametrize("name", ["customer_external_id", "domain"])
@pytest.mark.parametrize("value", ["", " ", "\t\n"])
def test_an_empty_filter_does_not_mean_everybody(name, value):
    with pytest.raises(InputError, match=f"{name}: must not be empty"):
        read_hosts({"details": [], name: value})


@pytest.mark.parametrize(
    "options", [{"domain": "exmaple.org"}, {"status": "locked"}, {"active": True}, {"customer_id": 99}], ids=str
)
def test_an_inventory_of_nobody_is_an_error(options):
    with pytest.raises(NotFoundError, match="No subscriber matches") as caught:
        hosts(Platform(people(1, 2), {1: {}, 2: {}}), **options)
    assert "allow_empty" in caught.value.hint
    assert hosts(Platform(people(1, 2), {1: {}, 2: {}}), allow_empty=True, **options).hosts == {}


def test_an_inventory_of_names_that_no_host_can_have_is_an_error():
    with pytest.raises(
        NotFoundError, match=r"The names of the subscribers .* cannot be host names: '-x@example.org' \(1\)"
    ):
        hosts(Platform(people(1, username="-x")))


def test_unknown_and_ambiguous_customers():
    with pytest.raises(NotFoundError):
        hosts(Platform(people(1), customers=CUSTOMERS), customer_external_id="CUST-99")
    twice = [*CUSTOMERS, {"id": 12, "external_id": "CUST-10", "status": "active"}]
    with pytest.raises(AmbiguousError):
        hosts(Platform(people(1), customers=twice), customer_external_id="CUST-10")


@pytest.mark.parametrize("user", ["plain", "x.y-z_1", "=+,;~'()!*", "héloïse"])
def test_names_that_hosts_can_have(user):
    found = hosts(Platform(people(1, username=user)))
    assert list(found.hosts) == [f"{user}@example.org"]


@pytest.mark.parametrize(
    "domain", ["example.org", "pbx-1.example.org", "localhost", "192.0.2.1", "[2001:db8::1]", "2001:db8::1", "a_b.org."]
)
def test_domains_that_hosts_can_have(domain):
    assert list(hosts(Platform(people(1, domain=domain))).hosts) == [f"user1@{domain}"]


@pytest.mark.parametrize("user", ["a b", "../../etc/x", "{{ 7 * 7 }}", "a\nb", "a\\b", "", "a@b", "a|b", "$(x)", "a\n"])
def test_names_that_no_host_can_have(user):
    found = hosts(Platform([*people(1, username=user), *people(2)]), ["fax"])
    assert list(found.hosts) == ["user2@example.org"]
    assert found.left_out == [f"{user + '@example.org'!r} (1)"]


@pytest.mark.parametrize(
    ("user", "domain"),
    [
        ("-oProxyCommand=touch pwned;", "x.example"),  # options of ssh
        ("-oProxyCommand=id;", "x.example"),
        ("-F", "example.org"),
        ("--", "example.org"),
        ("!alice", "example.org"),  # patterns for other hosts
        ("~.*", "example.org"),
        ("*", "example.org"),
        ("&all", "example.org"),
        ("alice", "-oProxyCommand"),
        ("alice", "-x.example.org"),
        ("alice", "x-.example.org"),
        ("alice", "x..example.org"),
        ("alice", ".example.org"),
        ("alice", ""),
        ("alice", "example.org,all"),
        ("alice", "example.org:!x"),
        ("alice", "[1:9]"),
        ("alice", "example.org/../x"),
        ("alice", "x" * 64 + ".org"),
        ("a" * 127, "x." * 70 + "org"),
    ],
)
def test_names_that_mean_something_else(user, domain):
    found = hosts(Platform([*people(1, username=user, domain=domain), *people(2)]))
    assert list(found.hosts) == ["user2@example.org"]
    assert found.left_out == [f"{f'{user}@{domain}'!r} (1)"]


def damaged(**changes):
    found = hosts(Platform(people(1)))._asdict()
    return {**found, **changes}


@pytest.mark.parametrize(
    "cached",
    [
        None,
        "text",
        [],
        {},
        {"hosts": {}},
        damaged(more=1),
        damaged(hosts=[]),
        damaged(hosts={"user1@example.org": None}),
        damaged(hosts={"user1@example.org": {}}),
        damaged(hosts={"user1@example.org": {"ngcp_subscriber_id": "1"}}),
        damaged(hosts={"user1@example.org": {"ngcp_subscriber_id": 1, "ansible_connection": "local"}}),
        damaged(hosts={"-oProxyCommand=id;@example.org": {"ngcp_subscriber_id": 1}}),
        damaged(hosts={"localhost": {"ngcp_subscriber_id": 1}}),
        damaged(left_out=None),
        damaged(warnings=[1]),
    ],
    ids=str,
)
def test_a_damaged_cache_is_none(cached):
    assert cached_hosts(cached) is None


def test_customers_one_by_one_or_from_the_list():
    few = Platform([*people(1), *people(2, customer_id=11), *people(3, customer_id=None)], customers=CUSTOMERS)
    found = hosts(few, ["customer"])
    assert [item["ngcp_customer_external_id"] for item in found.hosts.values()] == ["CUST-10", None, None]
    assert few.log[1:] == ["GET /api/customers/10", "GET /api/customers/11"]

    many = range(1, 81)
    customers = [{"id": number, "external_id": f"CUST-{number}", "status": "active"} for number in many]
    platform = Platform([subscriber(number, customer_id=number) for number in many], customers=customers)
    found = hosts(platform, ["customer"])
    assert [item["ngcp_customer_external_id"] for item in found.hosts.values()] == [f"CUST-{item}" for item in many]
    assert platform.log[1:] == ["GET /api/customers/?page=1"]


def test_who_may_not_see_customers_gets_none():
    platform = Platform(people(1), customers=CUSTOMERS)
    platform.meet("GET", "/api/customers/", failure(403, "Invalid user"))
    assert hosts(platform, ["customer"]).hosts["user1@example.org"]["ngcp_customer_external_id"] is None


def test_a_ban_among_the_customers_is_no_missing_permission():
    platform = Platform(people(1), customers=CUSTOMERS)
    platform.meet("GET", "/api/customers/", failure(403, "Banned"))
    with pytest.raises(AccessError, match="locked"):
        hosts(platform, ["customer"])


def test_settings_that_the_user_may_not_see_are_null_and_told():
    platform = Platform(people(1, 2, 3), {1: {"active": True}})
    found = hosts(platform, ["fax"])
    assert [item["ngcp_fax"] is None for item in found.hosts.values()] == [False, True, True]
    assert found.warnings == ["The user cannot see the fax settings of 2 of 3 subscribers: their ngcp_fax is null."]
    only = hosts(Platform(people(1), {2: {"active": True}}), ["fax"])
    assert only.warnings == ["The user cannot see the fax settings of 1 of 1 subscriber: their ngcp_fax is null."]
    platform.closed = False
    assert list(hosts(platform, active=False, allow_empty=True).hosts) == [], "nobody knows whether they are off"


def shifting(platform, gone, new):
    """Let a subscriber go and another one come after the first page of subscribers was read."""

    def shift(_platform, request):
        if request.params["page"] == 2:
            del platform.subscribers[gone]
            platform.settings.pop(gone, None)
            platform.subscribers[new] = subscriber(new, status="active")
            platform.settings[new] = {**platform.settings[1], "id": new}
        return None

    platform.meet("GET", "/api/subscribers/", None, shift)


@pytest.mark.parametrize(
    ("details", "options"),
    [
        (["fax"], {}),
        (["mail2fax"], {}),
        ([], {}),
        (["fax"], {"status": "active"}),
        ([], {"active": False}),
    ],
    ids=str,
)
def test_a_subscriber_that_is_pulled_to_a_page_that_was_read_is_not_lost(details, options):
    resource = MAIL2FAX_SETTINGS if "mail2fax" in details else FAX_SETTINGS
    items = people(*range(1, 206), status="active")
    items[49]["status"] = "locked"  # the one that goes
    platform = Platform(items, resource=resource)
    shifting(platform, 50, 999)
    found = hosts(platform, details, **options)
    assert {variables["ngcp_subscriber_id"] for variables in found.hosts.values()} == {*range(1, 206), 999} - {50}


def test_an_incomplete_inventory_is_none():
    platform = Platform(people(*range(1, 9)), retries=0)
    for number in (3, 4, 5, 6):
        platform.meet("GET", f"/api/faxserversettings/{number}", failure(500, "Internal"), again=True)
    with pytest.raises(FaxError) as caught:
        hosts(platform, ["fax"])
    assert caught.value.code == "server_error" and caught.value.retryable
    assert "user3@example.org (3)" in caught.value.message and "and 1 more" in caught.value.message
    assert platform.closed


def test_a_refused_user_ends_it_at_once():
    platform = Platform(people(1))
    platform.meet("GET", "/api/subscribers/", failure(401))
    with pytest.raises(AccessError):
        hosts(platform, ["customer", "fax"])
    assert len(platform.log) == 1


def test_the_identity_knows_what_decides_about_the_data_and_who_is_asking(tmp_path):
    certificate = tmp_path / "client.pem"
    certificate.write_text("one")
    base = {"api_url": "https://a", "api_username": "u", "api_password": "p", "details": ["fax"]}
    assert identity(base) == identity({**base, "api_password": "q", "compose": {"a": "b"}})
    by_certificate = {**base, "client_cert": str(certificate)}
    one = identity(by_certificate)
    assert one == identity(by_certificate)
    certificate.write_text("two")
    assert one != identity(by_certificate), "the same file with somebody else's certificate"
    others = [
        {"api_token": "t"},
        {"api_token": "s"},
        {"auth_method": "basic"},
        {"api_url": "https://b"},
        {"api_username": "v"},
        {"client_cert": str(certificate)},
        {"customer_id": 1},
        {"customer_external_id": "1"},
        {"domain": "d"},
        {"active": True},
        {"active": False},
        {"status": "locked"},
        {"details": []},
    ]
    found = {identity({**base, **other}) for other in [{}, *others]}
    assert len(found) == len(others) + 1
    digests = [hashlib.sha256(secret).hexdigest()[:8] for secret in (b"t", b"s", b"p", b"two")]
    assert not [text for text in found for secret in digests if secret in text]
    with pytest.raises(FaxError, match="cannot read the certificate"):
        identity({**base, "client_cert": str(tmp_path / "missing.pem")})
