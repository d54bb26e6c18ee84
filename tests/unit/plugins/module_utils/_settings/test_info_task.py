# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The info tasks: what they return can be fed back and changes nothing."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import read_info
from ansible_collections.ngcp.fax.plugins.module_utils._settings.options import info_options, settings_options
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import apply_settings
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import (
    Platform,
    defaults as untouched,
    failure,
    subscriber,
)
from ansible_collections.ngcp.fax.tests.unit.support.strategies import documents, resources

BOTH = pytest.mark.parametrize(
    ("resource", "secret"), [(FAX_SETTINGS, "password"), (MAIL2FAX_SETTINGS, "secret_key")], ids=["fax", "mail2fax"]
)


def defaults(options):
    return default_params(options)


def read(platform, entries=None, **given):
    return read_info(
        platform.resource,
        {**defaults(info_options(platform.resource)), **given, "subscribers": entries},
        platform.host(),
    )


def feed_back(platform, entries, **given):
    params = {**defaults(settings_options(platform.resource)), **given, "subscribers": json.loads(json.dumps(entries))}
    return apply_settings(platform.resource, params, platform.host())


def fleet(resource=FAX_SETTINGS, **settings):
    given = {number: settings.get(f"s{number}", {}) for number in range(1, 5)}
    people = [subscriber(number, domain="example.org" if number < 3 else "example.net") for number in given]
    return Platform(people, given, resource=resource)


def test_the_shape_of_an_entry():
    assert read(fleet(s3={"name": "Example"}), subscriber_id=3)["subscribers"] == [
        {
            "subscriber_id": 3,
            "subscriber": "user3@example.net",
            **{field.name: field.reset_value for field in FAX_SETTINGS.managed if not field.secret},
            "active": False,
            "name": "Example",
            "t38": True,
            "ecm": True,
            "destinations": [],
        }
    ]
    entry = read(fleet(MAIL2FAX_SETTINGS, s3={"last_secret_key_modify": "2026-01-02 03:04:05"}), subscriber_id=3)
    assert entry["subscribers"] == [
        {
            "subscriber_id": 3,
            "subscriber": "user3@example.net",
            "active": False,
            "secret_key_renew": "never",
            "secret_renew_notify": [],
            "acl": [],
            "last_secret_key_modify": "2026-01-02 03:04:05",
        }
    ]


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({}, [1, 2, 3, 4]),
        ({"subscriber_id": 3}, [3]),
        ({"subscriber": "USER2@example.org"}, [2]),
        ({"number": "4314"}, [4]),
        ({"entries": [{"subscriber_id": 4}, {"number": "4311"}]}, [1, 4]),
        ({"entries": [{"subscriber_id": 4}, {"subscriber": "user4@example.net"}]}, [4]),
        ({"entries": [], "allow_empty": True}, []),
        ({"select": {"domain": "example.net"}}, [3, 4]),
        ({"active": True}, [2]),
        ({"active": False}, [1, 3, 4]),
        ({"select": {"domain": "example.org"}, "active": True}, [2]),
    ],
)
def test_who_is_returned(given, numbers):
    platform = fleet(s2={"active": True})
    result = read(platform, **given)
    assert [entry["subscriber_id"] for entry in result["subscribers"]] == numbers
    assert result["changed"] is False
    assert "failed" not in result
    assert platform.writes == []
    assert platform.closed


@BOTH
def test_secrets_are_left_out_unless_they_are_asked_for(resource, secret):
    platform = fleet(resource, s1={secret: "Geheim"})
    without = read(platform, subscriber_id=1)
    assert "Geheim" not in json.dumps(without)
    assert secret not in without["subscribers"][0], "a mask could not be fed back"
    assert read(platform, subscriber_id=1, include_secrets=True)["subscribers"][0][secret] == "Geheim"


@given(st.data(), st.booleans())
def test_what_is_returned_can_be_fed_back_and_changes_nothing(data, include_secrets):
    resource = data.draw(resources())
    optional = {field.name for field in resource.fields if field.since or field.hidden_from_subscribers}
    settings = {}
    for number in (1, 2):
        document = data.draw(documents(resource))
        settings[number] = {**untouched(resource), **{n: v for n, v in document.items() if n not in ("id", "_links")}}
        for name in optional - set(document):
            del settings[number][name]
    platform = Platform([subscriber(1), subscriber(2)], settings, resource=resource)
    platform.settings = settings
    entries = read(platform, include_secrets=include_secrets)["subscribers"]
    assert len(entries) == 2
    result = feed_back(platform, entries)
    assert result["changed"] is False
    assert (result["summary"]["unchanged"], platform.writes) == (2, [])


@pytest.mark.parametrize(
    "stored",
    [
        {"acl": [{"from_email": "a", "received_from": None, "destination": None, "use_regex": False}] * 2},
    ],
    ids=["the same rule twice"],
)
def test_what_the_server_took_without_a_check_can_be_fed_back_too(stored):
    """Nothing would be written, so that nobody has to mend it first (observed.md, 18 and 21)."""
    platform = fleet(MAIL2FAX_SETTINGS, s1=stored)
    result = feed_back(platform, read(platform, subscriber_id=1)["subscribers"])
    assert result["summary"]["unchanged"] == 1


@pytest.mark.parametrize(
    ("given", "index", "name", "code"),
    [
        ({"subscriber_id": 99}, 0, "99", "not_found"),
        ({"entries": [{"subscriber_id": 1}, {"number": "999"}]}, 1, "number 999", "not_found"),
        ({"entries": [{"subscriber_id": 1, "number": "4312"}]}, 0, "1", "invalid_input"),
    ],
)
def test_those_that_cannot_be_read(given, index, name, code):
    result = read(fleet(), **given)
    (error,) = result["errors"]
    assert (error["index"], error["subscriber"], error["error"]["code"]) == (index, name, code)
    assert (result["failed"], result["changed"]) == (True, False)
    assert name in result["msg"]
    assert len(result["subscribers"]) == index


def test_settings_that_cannot_be_read():
    platform = fleet()
    platform.meet("GET", "/api/faxserversettings/2", failure(500, "Internal Server Error"))
    result = read(platform)
    assert [entry["subscriber_id"] for entry in result["subscribers"]] == [1, 3, 4]
    assert [(error["index"], error["error"]["http_status"]) for error in result["errors"]] == [(1, 500)]


def test_many_errors_are_summed_up():
    result = read(fleet(), entries=[{"subscriber_id": number} for number in range(90, 97)])
    assert len(result["errors"]) == 7
    assert result["msg"].startswith("7 subscribers cannot be read: 90: ")
    assert "; and 4 more. It does not exist, is" in result["msg"]
    assert result["msg"].count("belongs to somebody else") == 1, "a hint once, not for each subscriber"


def test_one_error_is_one_subscriber():
    result = read(fleet(), entries=[{"subscriber_id": 90}])
    assert result["msg"].startswith("1 subscriber cannot be read: 90: ")


@pytest.mark.parametrize(
    "given",
    [
        {"entries": "a@b"},
        {"entries": [{"subscriber_id": "x"}]},
        {"entries": [{}]},
        {"entries": [5]},
        {"subscriber_id": 1, "entries": []},
        {"subscriber_id": 1, "select": {"domain": "x"}},
    ],
)
def test_wrong_input_reads_nothing(given):
    platform = fleet()
    with pytest.raises((InputError, InputErrors)):
        read(platform, **given)
    assert platform.log == []


def test_a_refused_user():
    platform = fleet()
    platform.meet("GET", "/api/", failure(403, "Invalid user"))
    result = read(platform)
    assert (result["failed"], result["error"]["code"]) == (True, "forbidden")
    assert (result["subscribers"], result["summary"]["requests"]) == ([], 1)
    assert platform.closed
