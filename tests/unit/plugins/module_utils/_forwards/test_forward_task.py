# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task fax_forward against a small platform: what is read, what is written, and what becomes of failures."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import LostResponseError, UnreachableError
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task
from ansible_collections.ngcp.fax.tests.unit.support.forward_platform import MAPPINGS, SETS, ForwardPlatform
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure, response, subscriber

pytestmark = pytest.mark.usefixtures("pauses")

TASK, INFO = settings_task(FORWARD), info_task(FORWARD)
BOX = "sip:fax=4313@fax2mail.local"
OLD = "sip:fax=4399@fax2mail.local"
VOICEBOX = "sip:vmu4313@voicebox.local"
PATCH, POST = "PATCH /api/cfmappings/3", "POST /api/cfdestinationsets/"


def fleet(*numbers, **options):
    return ForwardPlatform([subscriber(number) for number in numbers or (3, 9)], **options)


def run(platform, check=False, task=TASK, **given):
    entries = given.get("subscribers")
    names = [name for name in given if name not in ("subscribers", "select")]
    whom = {} if entries or given.get("select") or "subscriber" in names else {"subscriber_id": 3}
    result = task.run(default_params(task.options, **whom, **given), platform.host(check))
    assert json.dumps(result), "a result can be handed over"
    return result


def entry_of(result):
    (entry,) = result["subscribers"]
    return entry


def sets_of(platform, number=3):
    return [one["id"] for one in platform.sets.values() if one["subscriber_id"] == number]


# ---- the good cases


@pytest.mark.parametrize(
    ("word", "short"),
    [
        ("unconditional", "cfu"),
        ("cfb", "cfb"),
        ("TIMEOUT", "cft"),
        ("not_available", "cfna"),
        ("cfs", "cfs"),
        ("on_response", "cfr"),
        ("overflow", "cfo"),
    ],
)
def test_check_apply_apply_check(word, short):
    platform = fleet()
    platform.add(3, VOICEBOX, short="cfb" if short != "cfb" else "cfu", name="vb")
    before = platform.state()
    checked = run(platform, check=True, forward=word)
    assert platform.state() == before and platform.written == []
    done = run(platform, forward=word)
    assert done["changed"] and platform.leads_to(3, short) == [BOX]
    for name in ("status", "changes", "patch", "settings"):
        assert entry_of(checked)[name] == entry_of(done)[name], name
    assert checked["diff"] == done["diff"]
    written = list(platform.written)
    assert not run(platform, forward=word)["changed"]
    assert not run(platform, check=True, forward=word)["changed"]
    assert platform.written == written


def test_one_request_and_a_look():
    platform = fleet()
    result = run(platform, forward="unconditional")
    reads = ["GET /api/cfmappings/3", "GET /api/cfdestinationsets/?page=1&subscriber_id=3"]
    permission = "OPTIONS /api/cfmappings/3"
    assert platform.log == ["GET /api/subscribers/3", *reversed(reads), permission, PATCH, *reads]
    (patch,) = [request for request in platform.sent if request.method == "PATCH"]
    assert "Prefer" not in patch.headers, "after an operation that only adds the response would show empty lists"
    assert [operation["op"] for operation in json.loads(patch.body)] == ["add"]
    assert entry_of(result)["settings"] == {
        "forward": "unconditional",
        "enabled": True,
        "fax_box": "4313",
        "competing": None,
        "surplus": None,
    }


def test_someone_known_by_name_is_looked_up_once():
    platform = fleet()
    run(platform, subscriber="user3@example.org", forward="cfu")
    assert sum("subscribers" in line for line in platform.log) == 1


def test_moved_to_another_type():
    platform = fleet()
    run(platform, forward="busy")
    result = run(platform, forward="unconditional")
    assert entry_of(result)["changes"] == [{"field": "forward", "before": "busy", "after": "unconditional"}]
    assert (platform.leads_to(3, "cfb"), platform.leads_to(3)) == ([], [BOX])
    assert len(sets_of(platform)) == 1


def test_disabled_and_enabled_again():
    platform = fleet()
    run(platform, forward="cfu", enabled=False)
    assert platform.leads_to(3) == [] and platform.mappings[3]["cfu"]
    assert not run(platform, forward="cfu", enabled=False)["changed"]
    result = run(platform, forward="cfu")
    assert entry_of(result)["changes"] == [{"field": "enabled", "before": False, "after": True}]
    assert platform.leads_to(3) == [BOX]


def test_a_forward_that_comes_disabled_says_so():
    changes = entry_of(run(fleet(), forward="cfu", enabled=False))["changes"]
    assert {"field": "enabled", "before": None, "after": False} in changes


def test_seconds_of_a_timeout():
    platform = fleet()
    result = run(platform, forward="timeout")
    assert "ring_timeout" in result["warnings"][0] and "Subscriber 3" in result["warnings"][0]
    result = run(platform, forward="timeout", ring_timeout=20)
    assert entry_of(result)["changes"] == [{"field": "ring_timeout", "before": None, "after": 20}]
    assert result["diff"][0]["after"] == "ring_timeout: 20\n"
    assert result["warnings"] == [] and platform.mappings[3]["cft_ringtimeout"] == 20
    run(platform, state="absent")
    assert platform.mappings[3]["cft_ringtimeout"] is None


def test_an_old_number_is_put_right_in_our_set_alone():
    platform = fleet()
    ours = platform.add(3, OLD)
    foreign = platform.add(9, OLD, name="fax")
    result = run(platform, forward="cfu")
    assert entry_of(result)["changes"] == [{"field": "fax_box", "before": "4399", "after": "4313"}]
    assert platform.written == [f"PATCH /api/{SETS}/{ours}"]
    assert platform.sets[foreign]["destinations"][0]["destination"] == OLD


@pytest.mark.parametrize("given", [{"state": "absent"}, {"forward": "none"}, {"state": "absent", "forward": "cfu"}])
def test_only_ours_is_removed(given):
    platform = fleet()
    platform.add(3, VOICEBOX, short="cfb", name="vb")
    before = platform.state()
    run(platform, forward="cfu")
    result = run(platform, **given)
    assert result["changed"] and platform.state() == before
    assert not run(platform, **given)["changed"]


def test_what_others_made_stays_and_is_named():
    platform = fleet()
    platform.add(3, name="quickset_cfu")
    before = platform.state()
    result = run(platform, forward="none")
    assert not result["changed"] and platform.state() == before
    assert "Subscriber 3: a call forward to the fax box remains" in result["warnings"][0]
    assert not run(platform, forward="unconditional")["changed"], "its name does not matter"


def test_absent_of_another_type_leaves_it():
    platform = fleet()
    run(platform, forward="cfu")
    result = run(platform, state="absent", forward="busy")
    assert not result["changed"] and result["warnings"] == []
    assert platform.leads_to(3) == [BOX]


def test_what_competes_is_replaced_only_when_asked_for():
    platform = fleet()
    theirs = platform.add(3, VOICEBOX, name="vb")
    before = platform.state()
    result = run(platform, forward="cfu")
    assert result["failed"] and platform.state() == before and platform.written == []
    assert result["error"]["code"] == "competing"
    assert VOICEBOX in result["msg"] and "replace_foreign" in result["msg"]
    result = run(platform, forward="cfu", replace_foreign=True)
    assert [change["field"] for change in entry_of(result)["changes"]] == ["forward", "competing"]
    assert platform.leads_to(3) == [BOX] and theirs in platform.sets, "the set stays"


def test_a_foreign_box_is_never_fine():
    platform = fleet()
    foreign = platform.add_set(9, "fax2mail")
    platform.map(3, foreign)
    result = run(platform, forward="cfu")
    assert result["error"]["code"] == "foreign_box" and "of subscriber 9" in result["msg"]
    assert f"GET /api/{SETS}/{foreign}" in platform.log
    run(platform, forward="cfu", replace_foreign=True)
    assert platform.leads_to(3) == [BOX] and foreign in platform.sets


def test_a_set_that_cannot_be_seen():
    platform = fleet()
    platform.map(3, platform.add_set(9, "fax2mail"))
    platform.meet("GET", f"/api/{SETS}/2", failure(404), again=True)
    result = run(platform, forward="cfu")
    assert result["error"]["code"] == "foreign_box" and "cannot see" in result["msg"]


def test_no_number():
    platform = ForwardPlatform([subscriber(3, primary_number=None)])
    result = run(platform, forward="cfu")
    assert result["error"]["code"] == "no_number" and platform.written == []
    assert not run(platform, forward="none")["changed"]


def test_nobody():
    result = run(ForwardPlatform([]), forward="cfu")
    assert result["error"]["code"] == "not_found"


def test_a_profile_that_forbids_the_type():
    people = [subscriber(3, profile_id=7), subscriber(9, profile_id=8)]
    platform = ForwardPlatform(people, profiles={7: ["cfb", "fax_server"], 8: ["cfu"]})
    result = run(platform, forward="cfu", subscribers=[{"subscriber_id": 3}, {"subscriber_id": 9}])
    assert result["changed"] and len(result["warnings"]) == 1
    assert "Subscriber 3: the subscriber profile" in result["warnings"][0]
    platform.sent.clear()
    again = run(platform, forward="cfu", subscribers=[{"subscriber_id": 3}, {"subscriber_id": 9}])
    assert again["warnings"] == [] and not any("profiles" in line for line in platform.log)


def test_a_profile_binds_a_subscriber():
    platform = ForwardPlatform([subscriber(3, profile_id=7)], profiles={7: ["cfb"]})
    platform.username = "user3@example.org"
    result = run(platform, forward="cfu")
    assert result["error"]["code"] == "forbidden_by_profile" and platform.written == []
    assert run(platform, forward="cfb")["changed"]


def test_a_profile_that_cannot_be_read_forbids_nothing():
    platform = ForwardPlatform([subscriber(3, profile_id=7)])
    result = run(platform, forward="cfu")
    assert result["changed"] and result["warnings"] == []


# ---- wrong input


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"state": "present"}, "forward: is missing"),
        ({"enabled": True}, "forward: is missing"),
        ({"select": {"domain": "example.org"}}, "select, forward: is missing"),
        ({"forward": "sometimes"}, "forward: must be one of unconditional, busy"),
        ({"forward": "unconditional, busy"}, "forward: must be one of"),
        ({"forward": "cfu", "ring_timeout": 0}, "ring_timeout: must be a whole number from 1"),
        ({"subscribers": [{"subscriber_id": 3, "forward": "all"}]}, "subscribers[0] (3), forward: must be one of"),
        ({"subscribers": [{"subscriber_id": 3}]}, "subscribers[0] (3), forward: is missing"),
        ({"forward": "cfu", "subscribers": [{"subscriber_id": 3, "forwards": "cfb"}]}, "did you mean 'forward'?"),
    ],
)
def test_wrong_input(given, text):
    platform = fleet()
    result = run(platform, **given)
    assert result["failed"] and text in result["msg"]
    assert platform.log == []


# ---- many


def test_defaults_and_entries():
    platform = fleet(1, 2, 3)
    entries = [{"subscriber_id": 1}, {"subscriber_id": 2, "forward": "busy"}, {"subscriber_id": 3, "enabled": False}]
    run(platform, forward="cfu", subscribers=entries)
    assert [platform.leads_to(1), platform.leads_to(2, "cfb"), platform.leads_to(3)] == [
        ["sip:fax=4311@fax2mail.local"],
        ["sip:fax=4312@fax2mail.local"],
        [],
    ]


def test_one_failure_does_not_lose_the_others():
    platform = fleet(1, 2, 3)
    platform.add(2, VOICEBOX, name="vb")
    result = run(platform, select={"domain": "example.org"}, forward="cfu")
    assert result["summary"]["changed"] == 2 and result["summary"]["failed"] == 1
    assert "Of 3 subscribers: 2 changed, 1 failed." in result["msg"]


def test_max_changes():
    platform = fleet(1, 2, 3)
    result = run(platform, select={"domain": "example.org"}, forward="cfu", max_changes="2")
    assert result["error"]["code"] == "too_many_changes" and platform.written == []


def test_lists_are_read_once_and_writes_are_not_parallel():
    numbers = range(1, 151)
    platform = fleet(*numbers, concurrency=8)
    for number in numbers:
        if number > 20:
            platform.add(number)
    result = run(platform, forward="cfu", subscribers=[{"subscriber_id": number} for number in numbers])
    assert result["summary"]["changed"] == 20
    reads = [line for line in platform.log if line.startswith("GET") and line.count("/") == 3]
    assert sorted(reads)[:4] == [
        "GET /api/cfdestinationsets/?page=1",
        "GET /api/cfdestinationsets/?page=1&subscriber_id=1",
        "GET /api/cfdestinationsets/?page=1&subscriber_id=10",
        "GET /api/cfdestinationsets/?page=1&subscriber_id=11",
    ]
    written = [request.path for request in platform.sent if request.method == "PATCH"]
    assert written == [f"/api/{MAPPINGS}/{number}" for number in range(1, 21)], "in their order: one at a time"
    platform.sent.clear()
    run(platform, forward="cfu", subscribers=[{"subscriber_id": number} for number in numbers])
    assert sorted(platform.log) == [
        f"GET /api/{name}/?page={page}" for name in (SETS, MAPPINGS, "subscribers") for page in (1, 2)
    ]


def test_mappings_are_read_only_where_there_can_be_something():
    numbers = range(1, 41)
    platform = fleet(*numbers)
    platform.add(7)
    platform.add(8, VOICEBOX, name="vb")
    run(platform, forward="none", subscribers=[{"subscriber": f"user{number}@example.org"} for number in numbers])
    assert [line for line in platform.log if f"GET /api/{MAPPINGS}" in line] == ["GET /api/cfmappings/7"] * 2


def test_odd_answers_are_errors_of_their_subscribers_alone():
    numbers = range(1, 31)
    platform = fleet(*numbers)
    broken = platform.add(4)
    platform.sets[broken]["destinations"] = "x"
    platform.mappings[5]["cfu"] = ["x"]
    platform.map(6, platform.add_set(9, "fax2mail", name="y"))
    result = run(platform, forward="cfu", subscribers=[{"subscriber_id": number} for number in numbers])
    failed = {entry["subscriber_id"]: entry["error"]["code"] for entry in result["subscribers"] if "error" in entry}
    assert failed == {4: "unexpected_answer", 5: "unexpected_answer", 6: "foreign_box"}
    assert result["summary"]["changed"] == 27


# ---- failures of writes


def lost(_platform, _request):
    return LostResponseError("The connection broke")


def lost_after(platform, request):
    platform._answer(request)
    return LostResponseError("The connection broke")


DEADLOCK = failure(500, "Internal Server Error")
COLLISION = failure(422, "Failed to create cfmapping.")
GATEWAY = response(504)


@pytest.mark.parametrize("effect", [DEADLOCK, COLLISION, lost, GATEWAY], ids=["deadlock", "collision", "lost", "504"])
def test_read_again_and_repeated_once_in_the_way_that_cannot_deadlock(effect, pauses):
    platform = fleet()
    platform.meet("PATCH", "/api/", effect)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "changed" and platform.leads_to(3) == [BOX]
    assert platform.written == [PATCH, POST, PATCH]
    assert len(pauses) == 1 and result["summary"]["retries"] == 1
    assert len(sets_of(platform)) == 1


@pytest.mark.parametrize(
    ("effect", "status", "code"),
    [
        (DEADLOCK, "failed", "server_error"),
        (COLLISION, "failed", "validation_failed"),
        (failure(422, "No."), "failed", "validation_failed"),
        (lost, "unverified", "unverified"),
        (GATEWAY, "unverified", "unverified"),
    ],
    ids=["deadlock", "collision", "refused", "lost", "504"],
)
def test_repeated_in_vain(effect, status, code):
    """Where the platform itself says that nothing was written, the set that was created for it goes. Where a write may
    still be processed, it would take the new mapping with it."""
    platform = fleet()
    platform.meet("PATCH", "/api/", DEADLOCK, effect)
    result = run(platform, forward="cfu")
    assert (entry_of(result)["status"], entry_of(result)["error"]["code"]) == (status, code)
    removed = [f"DELETE /api/{SETS}/2"] if status == "failed" else []
    assert platform.written == [PATCH, POST, PATCH, *removed]
    assert len(sets_of(platform)) == (0 if removed else 1)
    healthy = fleet()
    healthy.mappings, healthy.sets = platform.state()
    run(healthy, forward="cfu")
    assert healthy.leads_to(3) == [BOX] and len(sets_of(healthy)) == 1, "the next run uses the set"


def test_a_set_that_was_created_although_the_platform_says_that_it_failed():
    platform = fleet()
    platform.meet("PATCH", "/api/", DEADLOCK)

    def created(one, request):
        one._answer(request)
        return failure(500, "Failed to create cfdestinationset.")

    platform.meet("POST", "/api/", created)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and platform.written == [PATCH, POST]
    run(platform, forward="cfu")
    assert platform.leads_to(3) == [BOX] and len(sets_of(platform)) == 1, "the next run uses the set"


@pytest.mark.parametrize("shown", [{"subscriber_id": 9}, {"subscriber_id": 3}, {"subscriber_id": 3, "name": "box"}])
def test_a_response_to_the_creation_of_a_set_that_shows_another_one(shown):
    """The platform lets anybody's set be used; its owner would get the faxes."""
    platform = fleet()
    foreign = platform.add_set(9, "fax2mail")
    platform.meet("PATCH", "/api/", DEADLOCK)

    def mixed_up(one, request):
        one._answer(request)
        return response(201, {**one.sets[foreign], **shown})

    platform.meet("POST", "/api/", mixed_up)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and platform.written == [PATCH, POST]
    assert platform.mappings[3]["cfu"] == [] and foreign in platform.sets
    assert entry_of(run(platform, forward="cfu"))["status"] == "changed"
    assert platform.leads_to(3) == [BOX] and len(sets_of(platform)) == 1


def test_a_set_that_was_created_in_vain_and_stays():
    platform = fleet()
    platform.meet("PATCH", "/api/", DEADLOCK, again=True)
    platform.meet("DELETE", "/api/", GATEWAY, again=True)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and len(sets_of(platform)) == 1
    assert "500 Internal Server Error, but destination set 2, which is not used, may still be there" in result["msg"]


def test_a_set_that_was_created_in_vain_and_is_used_by_then():
    platform = fleet()

    def used(one, _request):
        one.map(3, *sets_of(one), short="cfna")
        return DEADLOCK

    platform.meet("PATCH", "/api/", DEADLOCK, used)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified"
    assert len(sets_of(platform)) == 1 and platform.mappings[3]["cfna"], "its deletion would take the mapping along"


def test_refused_for_good_after_a_set_was_created():
    """The user was denied all writes in the meantime: nothing more is sent."""
    platform = fleet()
    platform.meet("PATCH", "/api/", DEADLOCK, failure(403, "Forbidden"))
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and platform.written == [PATCH, POST, PATCH]


@pytest.mark.parametrize(
    "effect",
    [failure(500), GATEWAY, lost, response(200, "x"), failure(403, "Forbidden"), UnreachableError("No connection")],
    ids=["500", "504", "lost", "odd", "403", "no connection"],
)
def test_a_set_that_cannot_be_looked_at_before_the_first_write(effect):
    platform = fleet()
    ours = platform.add(3, OLD)
    platform.meet("GET", f"/api/{SETS}/{ours}", effect, again=True)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "failed" and platform.written == []


def test_a_set_that_somebody_else_has_at_each_look():
    platform = fleet()
    ours = platform.add(3, OLD)
    platform.meet("GET", f"/api/{SETS}/{ours}", failure(404, "Entity 'cfdestinationset' not found."), again=True)
    result = run(platform, forward="cfu")
    assert (entry_of(result)["status"], entry_of(result)["error"]["code"]) == ("failed", "set_changed")
    assert platform.written == []


@pytest.mark.parametrize("found", ["nothing", "a competitor"])
def test_a_look_without_a_write_before(found):
    """The set has changed hands: what the next look comes to is a failure, because nothing was written."""
    platform = fleet()
    ours = platform.add(3, OLD)

    def gone(one, _request):
        if found == "nothing":
            one.meet("GET", f"/api/{MAPPINGS}", failure(500), again=True)
        else:
            one.add(3, VOICEBOX, name="vb")
        return failure(404, "Entity 'cfdestinationset' not found.")

    platform.meet("GET", f"/api/{SETS}/{ours}", gone)
    result = run(platform, forward="cfu")
    code = "server_error" if found == "nothing" else "competing"
    assert (entry_of(result)["status"], entry_of(result)["error"]["code"]) == ("failed", code)
    assert platform.written == []


def test_a_set_that_cannot_be_looked_at_after_a_write_that_was_lost():
    platform = fleet()
    ours = platform.add(3, OLD)
    platform.meet("PATCH", "/api/", lost)
    platform.meet("GET", f"/api/{SETS}/{ours}", None, failure(403, "Forbidden"))
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and len(platform.written) == 1


def test_a_lost_response_of_a_write_that_was_applied():
    platform = fleet()
    platform.meet("PATCH", "/api/", lost_after)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "changed" and platform.written == [PATCH]


def test_refused_for_good():
    platform = fleet()
    platform.meet("PATCH", "/api/", failure(422, "Invalid field 'cfu'."))
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "failed" and platform.log[-1] == PATCH


def test_a_role_that_may_not_write_is_refused_before_anything_is_written():
    platform = fleet(1, 2, 3)
    platform.meet("PATCH", "/api/", failure(403, "Forbidden"), again=True)
    result = run(platform, select={"domain": "example.org"}, forward="cfu")
    assert result["error"]["code"] == "read_only"
    assert result["summary"]["not_attempted"] == 2 and len(platform.written) == 1


def test_no_connection():
    platform = fleet()
    platform.meet("PATCH", "/api/", UnreachableError("No connection"), again=True)
    assert run(platform, forward="cfu")["error"]["code"] == "connection_failed"


def test_refused_after_the_first_request():
    """The forward is there, and the one of the other type could not be removed."""
    platform = fleet()
    run(platform, forward="busy")
    platform.meet("PATCH", "/api/", None, failure(422, "No."))
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified"
    assert platform.leads_to(3) == platform.leads_to(3, "cfb") == [BOX]
    assert entry_of(run(platform, forward="cfu"))["changes"] == [
        {"field": "surplus", "before": "forward of type busy", "after": None}
    ]
    assert platform.leads_to(3, "cfb") == []


def test_failed_between_two_requests_and_finished_after_a_look():
    platform = fleet()
    run(platform, forward="busy")
    platform.meet("PATCH", "/api/", None, DEADLOCK)
    assert entry_of(run(platform, forward="cfu"))["status"] == "changed"
    assert platform.leads_to(3) == [BOX] and platform.leads_to(3, "cfb") == []


def test_what_cannot_be_read_back_is_unverified():
    platform = fleet()

    def patched(one, request):
        one.meet("GET", f"/api/{MAPPINGS}", failure(500), again=True)
        return one._answer(request)

    platform.meet("PATCH", "/api/", patched)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified"
    assert "The server accepted the write; reading the call forwards failed" in result["msg"]


def test_a_competitor_that_comes_at_the_same_time_is_seen():
    platform = fleet()

    def patched(one, request):
        one.add(3, VOICEBOX, name="vb")
        return one._answer(request)

    platform.meet("PATCH", "/api/", patched)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and VOICEBOX in result["msg"]
    assert result["error"]["code"] == "stored_differently"


def test_somebody_who_writes_back_what_was_there_is_seen():
    platform = fleet()

    def patched(one, _request):
        return response(204)

    platform.meet("PATCH", "/api/", patched)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and result["error"]["code"] == "stored_differently"


def test_a_competitor_that_is_found_after_a_failure():
    platform = fleet()

    def failed(one, _request):
        one.add(3, VOICEBOX, name="vb")
        return DEADLOCK

    platform.meet("PATCH", "/api/", failed)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and platform.written == [PATCH]


def test_an_id_that_came_back_for_somebody_else_is_not_touched():
    platform = fleet()
    ours = platform.add(3, OLD)

    def gone(one, _request):
        one._delete(ours)
        one.sets[ours] = {"id": ours, "subscriber_id": 9, "name": "ngcp.fax", "destinations": []}

    platform.meet("GET", f"/api/{SETS}/{ours}", gone)
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "changed" and platform.leads_to(3) == [BOX]
    assert platform.sets[ours]["destinations"] == []


def test_an_answer_that_the_api_does_not_promise():
    """To the creation of the set: what became of it is told by the next look."""
    platform = fleet()
    platform.meet("PATCH", "/api/", DEADLOCK)
    platform.meet("POST", "/api/", response(201, ["x"]))
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and platform.written == [PATCH, POST]
    platform.meet("PATCH", "/api/", response(299))
    assert entry_of(run(platform, forward="cfu"))["status"] == "unverified"
    assert entry_of(run(platform, forward="cfu"))["status"] == "changed"


def test_a_failure_that_stops_the_run():
    platform = fleet()
    run(platform, forward="busy")
    platform.meet("PATCH", "/api/", None, failure(403, "Forbidden"))
    result = run(platform, forward="cfu")
    assert entry_of(result)["status"] == "unverified" and platform.log[-1] == PATCH


READ_ONLY = ["GET", "OPTIONS", "HEAD"]


@pytest.mark.parametrize("declared", [{"forward": "cfu"}, {"state": "absent"}])
@pytest.mark.parametrize("check", [False, True])
def test_a_user_who_can_only_read_is_refused_before_the_first_write(declared, check):
    platform = fleet()
    if "state" in declared:
        run(platform, forward="busy")
    platform.methods = READ_ONLY
    platform.sent.clear()
    result = run(platform, check, **declared)
    assert result["failed"] and result["error"]["code"] == "read_only" and not platform.written


def test_a_user_who_can_only_read_sees_that_nothing_differs():
    platform = fleet()
    run(platform, forward="cfu")
    platform.methods = READ_ONLY
    result = run(platform, forward="cfu")
    assert not result["changed"] and not result.get("failed")


@pytest.mark.parametrize(
    "effect",
    [
        failure(500, "Internal Server Error"),
        failure(404, "Not found."),
        response(200, {}),
        response(200, {"methods": "GET"}),
        response(200, {"methods": ["PUT"]}),
        response(200, []),
    ],
)
def test_where_the_permission_cannot_be_told_the_write_shows_it(effect):
    platform = fleet()
    platform.meet("OPTIONS", "/api/cfmappings/", effect, again=True)
    assert run(platform, forward="cfu")["changed"]


def test_without_a_connection_for_the_permission_nothing_is_written():
    platform = fleet()
    platform.meet("OPTIONS", "/api/cfmappings/", UnreachableError("No connection"), again=True)
    result = run(platform, forward="cfu")
    assert result["error"]["code"] == "connection_failed" and not platform.written


def test_the_role_of_a_user_who_may_not_read_profiles():
    platform = ForwardPlatform([subscriber(3, profile_id=7)])
    platform.meet("GET", "/api/subscriberprofiles", failure(403, "Forbidden"))
    assert run(platform, forward="cfu")["changed"]
    platform = ForwardPlatform([subscriber(3, profile_id=7)], profiles={7: "x"})
    assert run(platform, forward="cfu")["changed"]
    platform = ForwardPlatform([subscriber(3, profile_id=7)])
    platform.meet("GET", "/api/subscriberprofiles", UnreachableError("No connection"), again=True)
    assert run(platform, forward="cfu")["error"]["code"] == "connection_failed"


# ---- deletions


@pytest.mark.parametrize("effect", [DEADLOCK, lost], ids=["deadlock", "lost"])
def test_a_deletion_is_repeated_after_a_look(effect):
    platform = fleet()
    run(platform, forward="cfu")
    platform.meet("DELETE", "/api/", effect)
    assert entry_of(run(platform, forward="none"))["status"] == "changed"
    assert platform.sets == {}


def test_a_deletion_whose_response_is_lost():
    platform = fleet()
    run(platform, forward="cfu")
    platform.meet("DELETE", "/api/", lost_after)
    assert entry_of(run(platform, forward="none"))["status"] == "changed"
    assert sum("DELETE" in line for line in platform.log) == 1


def test_a_set_that_is_gone_already():
    platform = fleet()
    run(platform, forward="cfu")
    platform.meet("DELETE", "/api/", failure(404, "Entity 'cfdestinationset' not found."))
    assert entry_of(run(platform, forward="none"))["status"] == "changed"


@pytest.mark.parametrize("effect", [response(200, []), response(202), response(299)], ids=["200", "202", "299"])
def test_a_response_that_the_api_does_not_have_for_deletions(effect):
    platform = fleet()
    run(platform, forward="cfu")
    platform.meet("DELETE", "/api/", effect)
    assert entry_of(run(platform, forward="none"))["status"] == "changed" and platform.sets == {}
    run(platform, forward="cfu")
    platform.meet("DELETE", "/api/", effect, again=True)
    assert entry_of(run(platform, forward="none"))["status"] == "unverified" and platform.sets


def test_a_set_that_stays():
    platform = fleet()
    run(platform, forward="cfu")
    platform.meet("DELETE", "/api/", DEADLOCK, again=True)
    result = run(platform, forward="none")
    assert entry_of(result)["status"] == "unverified" and "may still be there" in result["msg"]
    assert len(platform.sets) == 1


def test_a_set_that_somebody_uses_by_then():
    platform = fleet()
    run(platform, forward="cfu")
    (ours,) = platform.sets

    def used(one, _request):
        one.sets[ours]["usage_count"] = 1
        return DEADLOCK

    platform.meet("DELETE", "/api/", used)
    run(platform, forward="none")
    assert ours in platform.sets, "its deletion would take somebody's mapping along"


def test_a_look_after_a_deletion_that_fails():
    platform = fleet()
    run(platform, forward="cfu")
    platform.meet("DELETE", "/api/", DEADLOCK)
    platform.meet("GET", f"/api/{SETS}/2", failure(500), again=True)
    assert entry_of(run(platform, forward="none"))["status"] == "unverified"


# ---- the info task


def test_what_is_read_can_be_declared_as_it_is():
    platform = fleet(1, 2, 3, 4)
    run(platform, forward="cfu", subscribers=[{"subscriber_id": 1}, {"subscriber_id": 2, "enabled": False}])
    platform.add(4, VOICEBOX, name="vb")
    result = run(platform, task=INFO, select={"domain": "example.org"}, include_competing=True)
    assert [(entry["subscriber_id"], entry["forward"]) for entry in result["subscribers"]] == [
        (1, "unconditional"),
        (2, "unconditional"),
        (3, "none"),
        (4, "none"),
    ]
    assert VOICEBOX in result["subscribers"][3]["competing"]
    written = list(platform.written)
    again = run(platform, subscribers=result["subscribers"])
    assert again["summary"]["unchanged"] == 4 and platform.written == written


def test_reading_one():
    platform = fleet()
    platform.add(3, short="cft", name="fax")
    platform.mappings[3]["cft_ringtimeout"] = 25
    (entry,) = run(platform, task=INFO)["subscribers"]
    assert entry == {
        "subscriber_id": 3,
        "subscriber": "user3@example.org",
        "forward": "timeout",
        "enabled": True,
        "ring_timeout": 25,
        "fax_box": "4313",
        "competing": None,
        "surplus": None,
        "problem": None,
    }


def test_reading_what_competes_costs_everybody_s_mappings():
    numbers = range(1, 31)
    platform = fleet(*numbers)
    platform.add(7)
    platform.add(8, VOICEBOX, name="vb")
    platform.map(9, platform.add_set(7, "fax2mail"))
    cheap = run(platform, task=INFO, select={"domain": "example.org"})
    assert [line for line in platform.log if MAPPINGS in line] == ["GET /api/cfmappings/7"]
    assert [entry["subscriber_id"] for entry in cheap["subscribers"] if "competing" in entry] == [7]
    whole = run(platform, task=INFO, select={"domain": "example.org"}, include_competing=True)
    competing = {entry["subscriber_id"]: entry["competing"] for entry in whole["subscribers"] if entry["competing"]}
    assert sorted(competing) == [8, 9] and "of subscriber 7" in competing[9]
    assert {one["subscriber_id"]: one["forward"] for one in cheap["subscribers"]} == {
        one["subscriber_id"]: one["forward"] for one in whole["subscribers"]
    }


@pytest.mark.parametrize(
    ("start", "problem"),
    [
        (lambda one: None, None),
        (lambda one: one.add(3), None),
        (lambda one: one.add(3, name="by hand", enabled=False), None),
        (lambda one: one.add(3, VOICEBOX, name="vb"), None),
        (lambda one: one.add(3, OLD), "fax_box would change"),
        (lambda one: [one.add(3), one.add(3)], "surplus would change"),
        (lambda one: [one.add(3), one.add(3, short="cfb")], "surplus would change"),
        (lambda one: one.add_set(3, OLD), "surplus would change"),
        (lambda one: [one.add(3), one.add(3, VOICEBOX, name="vb")], "has another call forward of type unconditional"),
        (lambda one: one.add(3, timeset="office", timeset_id=4), "only sometimes"),
    ],
)
def test_the_problem_with_declaring_what_there_is(start, problem):
    platform = fleet()
    start(platform)
    (entry,) = run(platform, task=INFO)["subscribers"]
    assert entry["problem"] is None if problem is None else problem in entry["problem"]
    result = run(platform, check=True, subscribers=[entry])
    assert bool(result["changed"] or result.get("failed")) is (problem is not None)


# ---- killed


class Killed(BaseException):
    """The end of a process."""


def kill_after(platform, count):
    """Let the process end after so many requests: the next one is not sent."""
    send = platform.send
    left = iter(range(count))

    def sending(*request, **options):
        if next(left, None) is None:
            raise Killed
        return send(*request, **options)

    platform.send = sending
    return send


STARTS = {
    "nothing": lambda one: None,
    "another type": lambda one: one.add(3, short="cfb"),
    "twice": lambda one: [one.add(3), one.add(3)],
    "an old number for another type": lambda one: one.add(3, OLD, short="cfna"),
    "disabled, and a set": lambda one: [one.add(3, enabled=False), one.add_set(3, OLD)],
    "a voicebox": lambda one: one.add(3, VOICEBOX, name="vb"),
}


@pytest.mark.parametrize("word", ["unconditional", "timeout", "none"])
@pytest.mark.parametrize("start", STARTS)
def test_a_run_that_is_killed_is_healed_by_the_next(start, word):
    given = {"forward": word, "ring_timeout": 20, "replace_foreign": True}
    requests = 0
    while True:
        platform = fleet()
        platform.add(3, VOICEBOX, short="cfo", name="mine")
        platform.add(9, name="theirs")
        STARTS[start](platform)
        foreign = {number: one for number, one in platform.state()[1].items() if one["name"] != "ngcp.fax"}
        send = kill_after(platform, requests)
        try:
            run(platform, **given)
            break
        except Killed:
            requests += 1
        platform.send = send
        run(platform, **given)
        assert not run(platform, check=True, **given)["changed"]
        types = [one for short, one in platform.mappings[3].items() if short != "cft_ringtimeout"]
        used = {mapping["destinationset_id"] for mappings in types for mapping in mappings}
        ours = [number for number, one in platform.sets.items() if one["name"] == "ngcp.fax"]
        assert len(ours) == (word != "none") and set(ours) <= used
        assert {number: one for number, one in platform.sets.items() if number not in ours} == foreign
        assert platform.leads_to(3, "cfo") == [VOICEBOX] and platform.leads_to(9) == ["sip:fax=4319@fax2mail.local"]
    assert requests >= 2
