# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task ``fax_readiness_info`` on a platform in memory: who is checked, what is read, and what is not known."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import LostResponseError
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.table import MAX_ROWS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.journal import item as fax_item
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure, response
from ansible_collections.ngcp.fax.tests.unit.support.readiness import (
    SECRET,
    ReadinessPlatform,
    check_readiness,
    codes_of,
    fax_settings,
)

EVERYTHING = {"receives": "true", "sends": "true", "mails": "true"}


def verdicts(entry):
    return {name: entry[name] for name in EVERYTHING if name in entry}


def only(result):
    (entry,) = result["subscribers"]
    return entry


def test_the_shape_of_a_result():
    platform = ReadinessPlatform()
    result = check_readiness(platform, subscriber_id=1)
    assert result == {
        "changed": False,
        "platform": {"edition": "sppro", "version": "mr26.2.0.0", "fax_server": True, "licence": True, "reasons": []},
        "subscribers": [
            {
                "subscriber_id": 1,
                "subscriber": "user1@example.org",
                **EVERYTHING,
                "primary_number": "4311",
                "reasons": [],
                "mail_key": {"present": True, "modified": None, "age_days": None, "renew": "never"},
            }
        ],
        "fixes": [],
        "summary": {
            "total": 1,
            **{name: {"true": 1, "false": 0, "unknown": 0} for name in EVERYTHING},
            "codes": {},
            "requests": 7,
            "retries": 0,
        },
        "lines": ["1 subscriber: receives 1 yes, 0 no; sends 1 yes, 0 no; mails 1 yes, 0 no"],
        "run": {"module": "fax_readiness_info", "platform": "https://platform.test:1443", "check_mode": False},
    }
    assert platform.log == [
        "GET /api/subscribers/1",
        "GET /api/platforminfo",
        "GET /api/capabilities/?name=faxserver&page=1",
        "GET /api/faxserversettings/1",
        "GET /api/mailtofaxsettings/1",
        "GET /api/cfdestinationsets/?page=1&subscriber_id=1",
        "GET /api/cfmappings/1",
    ]
    assert platform.closed


@pytest.mark.parametrize(
    ("checks", "read"),
    [
        (["receives"], {"faxserversettings", "cfdestinationsets", "cfmappings"}),
        (["sends"], {"faxserversettings"}),
        (["mails"], {"faxserversettings", "mailtofaxsettings"}),
        (["mails", "sends"], {"faxserversettings", "mailtofaxsettings"}),
    ],
)
def test_only_what_the_answer_depends_on_is_read(checks, read):
    platform = ReadinessPlatform()
    entry = only(check_readiness(platform, subscriber_id=1, checks=checks))
    assert set(verdicts(entry)) == set(checks)
    assert ("mail_key" in entry) is ("mails" in checks)
    asked = {request.path.split("/")[2] for request in platform.sent}
    assert asked == {"subscribers", "platforminfo", "capabilities", *read}


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({}, [1, 2, 3]),
        ({"subscriber": "USER2@example.org"}, [2]),
        ({"number": "+43 1 3"}, [3]),
        ({"entries": [{"subscriber_id": 3, "active": "whatever"}, {"subscriber": "user1@example.org"}]}, [1, 3]),
        ({"entries": [{"subscriber_id": 3}, {"number": "4313"}]}, [3]),
        ({"entries": [], "allow_empty": True}, []),
        ({"select": {"domain": "example.org"}}, [1, 2, 3]),
        ({"select": {"domain": "example.net"}, "allow_empty": True}, []),
        ({"entries": [{"number": "4312"}], "hosts": ["two"]}, [2]),
    ],
)
def test_who_is_checked(given, numbers):
    platform = ReadinessPlatform((1, 2, 3))
    result = check_readiness(platform, **given)
    assert "failed" not in result
    assert [entry["subscriber_id"] for entry in result["subscribers"]] == numbers
    assert platform.writes == [] and {request.method for request in platform.sent} == {"GET"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fleet.csv", "subscriber,active,mail2fax_active,_remark\nuser2@example.org,yes,no,x\n"),
        ("fleet.json", '[{"subscriber_id": 2, "fax": {"active": true}}]'),
        ("fleet.yml", "subscribers:\n  - number: '4312'\n    destinations: []\n"),
    ],
)
def test_fleet_files(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    result = check_readiness(ReadinessPlatform((1, 2)), subscribers_file=str(tmp_path / name))
    assert [entry["subscriber_id"] for entry in result["subscribers"]] == [2]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"entries": [{"subscriber_id": "x"}]}, "subscribers[0], subscriber_id: must be a whole number"),
        ({"entries": [5]}, "subscribers[0]: must be a dictionary"),
        ({"entries": [{}], "hosts": ["office"]}, "host office, subscriber_id: does not name a subscriber"),
        ({"entries": [{"subscriber_id": 1}], "hosts": []}, "hosts: must have one host for each entry"),
        ({"hosts": ["office"]}, "hosts: cannot be read without"),
        ({"entries": []}, "subscribers: is an empty list"),
        ({"subscriber_id": 1, "select": {"domain": "x"}}, "cannot be combined"),
        ({"select": {"domain": ""}}, "select, domain: must not be empty"),
        ({"subscriber_id": 1, "checks": []}, "checks: must not be empty"),
        ({"subscribers_file": "/nowhere/fleet.csv"}, "cannot read"),
    ],
)
def test_wrong_input_reads_nothing(given, text):
    platform = ReadinessPlatform()
    result = check_readiness(platform, **given)
    assert result["failed"] and result["error"]["code"] == "invalid_input"
    assert text in result["msg"]
    assert platform.log == []


def test_a_selection_that_matches_nobody():
    result = check_readiness(ReadinessPlatform(), select={"domain": "example.net"})
    assert result["failed"] and "matches no subscriber" in result["msg"]


def test_those_that_are_not_there_are_errors_beside_the_others():
    result = check_readiness(ReadinessPlatform(), entries=[{"subscriber_id": 99}, {"subscriber_id": 1}])
    assert [entry["subscriber_id"] for entry in result["subscribers"]] == [1]
    assert [(one["index"], one["subscriber"], one["error"]["code"]) for one in result["errors"]] == [
        (0, "99", "not_found")
    ]
    assert result["failed"] and "99" in result["msg"]


# ---- what the platform does not show

REFUSED = failure(403, "Invalid user")
BROKEN = failure(500, "Internal Server Error")


def test_every_request_is_repeated_after_passing_trouble():
    platform = ReadinessPlatform()
    check_readiness(platform, subscriber_id=1, journal=True)
    assert len(platform.sent) == 8 and all(request.retryable for request in platform.sent)


@pytest.mark.parametrize("answer", [REFUSED, BROKEN, response(200, {"odd": True})], ids=["refused", "broken", "odd"])
@pytest.mark.parametrize(
    ("path", "code", "unknown"),
    [
        ("/api/platforminfo", "edition_unknown", ["receives", "sends", "mails"]),
        ("/api/capabilities/", "feature_unknown", ["receives", "sends", "mails"]),
        ("/api/faxserversettings/", "service_unknown", ["receives", "sends", "mails"]),
        ("/api/mailtofaxsettings/", "mail_unknown", ["mails"]),
        ("/api/cfmappings/", "forward_unknown", ["receives"]),
        ("/api/cfdestinationsets/", "forward_unknown", ["receives"]),
    ],
)
def test_what_is_not_shown_is_not_guessed(pauses, path, code, unknown, answer):
    platform = ReadinessPlatform(retries=0)
    platform.meet("GET", path, answer, again=True)
    result = check_readiness(platform, subscriber_id=1)
    assert "failed" not in result
    entry = only(result)
    assert codes_of(entry) == [code]
    assert verdicts(entry) == {name: "unknown" if name in unknown else "true" for name in EVERYTHING}


def test_a_list_that_is_refused_is_not_known_for_anybody():
    count = 60
    platform = ReadinessPlatform(range(1, count + 1))
    platform.meet("GET", "/api/cfmappings/", REFUSED, again=True)
    result = check_readiness(platform)
    assert {tuple(codes_of(entry)) for entry in result["subscribers"]} == {("forward_unknown",)}
    assert result["summary"]["receives"] == {"true": 0, "false": 0, "unknown": count}
    asked = [line for line in platform.log if "cfmappings" in line]
    assert len(asked) == 1, "once refused, it is not asked again"


@pytest.mark.parametrize(
    ("info", "codes"),
    [
        ({"error": "cannot open file"}, ["edition_unknown"]),
        ({}, ["edition_unknown"]),
        ({"type": None}, ["edition_unknown"]),
        ({"type": ["sppro"]}, ["edition_unknown"]),
        ({"type": "sppro"}, []),
        ({"type": "sppro", "licenses": "fax", "faxserver": "yes", "ngcp_version": 5}, []),
        ({"type": "spce"}, ["edition_without_fax"]),
        ({"type": "\x1b[31m"}, ["edition_unknown"]),
    ],
)
def test_what_the_platform_says_about_itself(info, codes):
    platform = ReadinessPlatform()
    platform.info = info
    result = check_readiness(platform, subscriber_id=1)
    assert codes_of(only(result)) == codes
    assert [one["code"] for one in result["platform"]["reasons"]] == codes
    assert "\x1b" not in json.dumps(result["subscribers"], ensure_ascii=False)


def test_an_older_platform_without_a_description_of_itself():
    platform = ReadinessPlatform()
    platform.meet("GET", "/api/platforminfo", failure(404, "Path not found"))
    result = check_readiness(platform, subscriber_id=1)
    assert codes_of(only(result)) == ["edition_unknown"]
    assert result["platform"]["edition"] is None


@pytest.mark.parametrize("enabled", [False, 0])
def test_a_fax_server_that_is_off(enabled):
    platform = ReadinessPlatform()
    platform.info["faxserver"] = False
    platform.extra["capabilities"][3]["enabled"] = enabled
    result = check_readiness(platform, subscriber_id=1)
    assert codes_of(only(result)) == ["feature_off"]
    assert set(verdicts(only(result)).values()) == {"false"}


@pytest.mark.parametrize("enabled", [None, "yes", 2])
def test_a_capability_of_no_known_form(enabled):
    platform = ReadinessPlatform()
    platform.extra["capabilities"][3]["enabled"] = enabled
    assert codes_of(only(check_readiness(platform, subscriber_id=1))) == ["feature_unknown"]


def test_capabilities_of_a_server_that_ignores_the_filter():
    platform = ReadinessPlatform()
    platform.extra["capabilities"][1] = {"id": 1, "name": "cloudpbx", "enabled": False}
    assert codes_of(only(check_readiness(platform, subscriber_id=1))) == []


def test_a_missing_licence_says_so_once_and_leaves_the_rest_readable():
    platform = ReadinessPlatform((1, 2))
    for name in (FAX_SETTINGS.name, MAIL2FAX_SETTINGS.name):
        platform.meet("GET", f"/api/{name}/", failure(403, "Invalid license"), again=True)
    platform.extra["cfmappings"][2]["cfu"] = []
    result = check_readiness(platform)
    assert [codes_of(entry) for entry in result["subscribers"]] == [
        ["licence_missing"],
        ["licence_missing", "forward_missing"],
    ]
    assert result["platform"]["licence"] is False
    assert result["subscribers"][0]["mail_key"] is None


@pytest.mark.parametrize("message", ["Banned", "Password expired"])
def test_credentials_that_are_not_valid_end_the_run(message):
    platform = ReadinessPlatform()
    platform.meet("GET", "/api/faxserversettings/", failure(403, message))
    result = check_readiness(platform, subscriber_id=1)
    assert result["failed"] and result["error"]["http_status"] == 403
    assert result["subscribers"] == [] and result["summary"]["requests"] > 0


def test_a_proxy_that_refuses_everything_ends_the_run():
    platform = ReadinessPlatform()
    platform.meet("GET", "/api/faxserversettings/", response(403))
    assert check_readiness(platform, subscriber_id=1)["failed"]


@pytest.mark.parametrize("effect", [failure(503), LostResponseError("gone")])
def test_a_platform_that_is_down_ends_the_run(pauses, effect):
    platform = ReadinessPlatform((1, 2, 3, 4), retries=0)
    platform.meet("GET", "/api/mailtofaxsettings/", effect, again=True)
    result = check_readiness(platform)
    assert result["failed"] and result["subscribers"] == []


def test_a_subscriber_that_goes_while_it_is_read():
    """The list is compared with the platform again; what is known of the others is complete."""
    platform = ReadinessPlatform((1, 2, 3))
    platform.meet("GET", "/api/faxserversettings/2", failure(404, "Entity 'faxserversetting' not found."))
    result = check_readiness(platform)
    assert [codes_of(entry) for entry in result["subscribers"]] == [[], ["service_unknown"], []]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 7) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PATHS = (
    "subscribers/1",
    "platforminfo",
    "capabilities/",
    "faxserversettings/1",
    "mailtofaxsettings/1",
    "cfmappings/1",
    "cfdestinationsets/",
    "subscriberprofiles/5",
    "faxes/",
)


@given(st.data())
def test_whatever_a_server_answers_is_not_a_bug(data):
    """One member of one answer has another value, or the whole answer is something else."""
    platform = ReadinessPlatform(retries=0)
    platform.change(1, profile_id=5)
    platform.extra["subscriberprofiles"][5] = {"id": 5, "name": "p", "attributes": ["fax_server"]}
    platform.extra["faxes"][1] = fax_item(1, 1, status="FAILED")
    path, value = data.draw(st.sampled_from(PATHS)), data.draw(JSON)

    def odd(_platform, request):
        document = json.loads(_platform._answer(request).body)
        items = (document.get("_embedded") or {}).get(f"ngcp:{path.split('/')[0]}")
        place = data.draw(st.sampled_from([document, *(items or []), None]))
        if place is None:
            return response(200, value)
        place[data.draw(st.sampled_from(sorted(place)))] = value
        return response(200, document)

    platform.meet("GET", f"/api/{path}", odd, again=True)
    result = check_readiness(platform, subscriber_id=1, journal=True)
    assert result.get("error", {}).get("code") != "unexpected", result
    assert all(error["error"]["code"] != "unexpected" for error in result.get("errors", ()))
    assert json.dumps(result).isascii()
    for entry in result["subscribers"]:
        assert all(verdict in ("true", "false", "unknown") for verdict in verdicts(entry).values())
        assert all(reason["message"].isprintable() for reason in entry["reasons"])


# ---- profiles


def test_profiles_are_read_once_for_all_that_have_them():
    platform = ReadinessPlatform((1, 2, 3))
    platform.extra["subscriberprofiles"] = {
        5: {"id": 5, "name": "with fax", "attributes": ["fax_server"]},
        6: {"id": 6, "name": "without", "attributes": []},
    }
    for number, profile in ((1, 5), (2, 6), (3, 6)):
        platform.change(number, profile_id=profile)
    result = check_readiness(platform)
    assert [codes_of(entry) for entry in result["subscribers"]] == [
        [],
        ["profile_without_fax"],
        ["profile_without_fax"],
    ]
    assert all(verdicts(entry) == EVERYTHING for entry in result["subscribers"])
    assert sum("subscriberprofiles" in line for line in platform.log) == 2


def test_a_profile_that_is_refused():
    platform = ReadinessPlatform()
    platform.change(1, profile_id=5)
    platform.meet("GET", "/api/subscriberprofiles/", REFUSED)
    assert codes_of(only(check_readiness(platform, subscriber_id=1))) == ["profile_unknown"]


# ---- the journal


def test_the_last_faxes():
    platform = ReadinessPlatform((1, 2))
    platform.extra["faxes"] = {
        1: fax_item(1, 1),
        2: fax_item(2, 1, status="FAILED", reason="No carrier [3/3]"),
        3: fax_item(3, 2, direction="out"),
    }
    one, two = check_readiness(platform, journal=True)["subscribers"]
    assert codes_of(one) == ["last_fax_failed"] and codes_of(two) == []
    assert one["last_faxes"]["receives"]["success"]["fax_id"] == 1
    assert one["last_faxes"]["receives"]["failure"]["reason"] == "No carrier [3/3]"
    assert one["last_faxes"]["sends"] == {"success": None, "failure": None}
    assert two["last_faxes"]["sends"]["success"]["fax_id"] == 3
    assert [line for line in platform.log if "faxes" in line] == [
        f"GET /api/faxes/?order_by_direction=desc&page=1&subscriber_id={number}" for number in (1, 2)
    ]


def test_a_journal_of_a_server_that_ignores_the_filter():
    platform = ReadinessPlatform((1, 2), ignored=("faxes",))
    platform.extra["faxes"] = {1: fax_item(1, 2, status="FAILED")}
    one, two = check_readiness(platform, journal=True)["subscribers"]
    assert (codes_of(one), codes_of(two)) == ([], ["last_fax_failed"])


@pytest.mark.parametrize("answer", [REFUSED, BROKEN])
def test_a_journal_that_is_not_shown(pauses, answer):
    platform = ReadinessPlatform(retries=0)
    platform.meet("GET", "/api/faxes/", answer, again=True)
    entry = only(check_readiness(platform, subscriber_id=1, journal=True))
    assert codes_of(entry) == ["journal_unknown"] and entry["last_faxes"] is None
    assert verdicts(entry) == EVERYTHING


# ---- what is shown


def test_the_key_never_appears():
    platform = ReadinessPlatform()
    platform.stores[MAIL2FAX_SETTINGS.name][1].update(
        last_secret_key_modify="2026-01-02 03:04:05", secret_key_renew="daily", secret_renew_notify=[]
    )
    result = check_readiness(platform, subscriber_id=1, journal=True)
    assert codes_of(only(result)) == ["key_renewal_overdue", "key_renewal_unnoticed"]
    assert only(result)["mail_key"]["present"] is True
    assert SECRET not in json.dumps(result)


def test_the_table_shows_those_that_lack_something_the_worst_first():
    platform = ReadinessPlatform((1, 2, 3))
    platform.change(1, status="locked")
    platform.stores[FAX_SETTINGS.name][3] = fax_settings(active=False)
    platform.stores[FAX_SETTINGS.name][3]["destinations"] = []
    assert check_readiness(platform, checks=["receives", "sends"])["lines"] == [
        "3 subscribers: receives 1 yes, 1 no, 1 unknown; sends 1 yes, 1 no, 1 unknown",
        "subscriber             receives  sends    why",
        "user3@example.org (3)  no        no       service_inactive, incoming_destination_missing",
        "user1@example.org (1)  unknown   unknown  subscriber_not_active",
    ]


def test_a_table_of_many_shows_the_first():
    platform = ReadinessPlatform(range(1, MAX_ROWS + 11))
    for number in platform.subscribers:
        platform.change(number, status="locked", username=f"\x1b[31m{'x' * 200}{number}")
    lines = check_readiness(platform)["lines"]
    assert len(lines) == MAX_ROWS + 3 and lines[-1] == "and 10 more"
    assert all(line.isprintable() for line in lines)


def test_one_fix_for_all_who_lack_the_same():
    """But for what only the user knows, such as a key, which is hardly the same for several subscribers."""
    platform = ReadinessPlatform((1, 2, 3, 4))
    for number in (2, 3, 4):
        platform.extra["cfmappings"][number]["cfu"] = []
        platform.stores[MAIL2FAX_SETTINGS.name][number]["secret_key"] = None
    platform.stores[FAX_SETTINGS.name][1] = fax_settings(active=False)
    result = check_readiness(platform)
    (fix,) = result["fixes"]
    assert (fix["code"], fix["subscribers"]) == ("forward_missing", 3)
    assert [line.strip() for line in fix["fix"].splitlines() if "subscriber_id" in line] == [
        f"- subscriber_id: {number}" for number in (2, 3, 4)
    ]


def test_the_counts():
    platform = ReadinessPlatform((1, 2, 3))
    platform.change(1, status="locked")
    platform.extra["cfmappings"][1]["cfu"] = []
    platform.extra["cfmappings"][2]["cfu"] = []
    summary = check_readiness(platform)["summary"]
    assert summary["receives"] == {"true": 1, "false": 2, "unknown": 0}
    assert summary["sends"] == {"true": 2, "false": 0, "unknown": 1}
    assert summary["codes"] == {"forward_missing": 2, "subscriber_not_active": 1}
