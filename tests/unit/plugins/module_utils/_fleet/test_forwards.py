# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call forwards as the third kind in a fleet: planned, approved, written, and taken back beside the settings."""

from __future__ import annotations

import json
import pathlib

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.plan_document import checksum
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.fleet_platform import run_fleet_task
from ansible_collections.ngcp.fax.tests.unit.support.forward_platform import MAPPINGS, SETS, ForwardPlatform
from ansible_collections.ngcp.fax.tests.unit.support.platform import subscriber

pytestmark = pytest.mark.usefixtures("pauses")

ROOT = pathlib.Path(__file__).parents[5]
FAX = FAX_SETTINGS.name
VOICEBOX = "sip:vmu4313@voicebox.local"


def people(*numbers, **more):
    others = {FAX_SETTINGS: None, MAIL2FAX_SETTINGS: None}
    return ForwardPlatform([subscriber(number, **more) for number in numbers or (1, 2, 3)], others=others)


def box(number):
    return f"sip:fax=431{number}@fax2mail.local"


def run(platform, *entries, check=False, **params):
    given = {"subscribers": list(entries)} if entries else {}
    result = run_fleet_task(platform, check, **given, **params)
    assert json.dumps(result), "a result can be handed over"
    return result


def fax(number, **fields):
    return {"subscriber_id": number, **fields}


def test_both_kinds_in_one_run():
    platform = people()
    platform.add(3, VOICEBOX, short="cfb", name="vb")
    entries = [fax(1, active=True, forward="unconditional"), fax(2, name="x"), fax(3, forward="cfna")]
    before = platform.state()
    checked = run(platform, *entries, check=True)
    assert platform.state() == before and platform.written == []
    done = run(platform, *entries)
    assert [one["changes"] for one in checked["subscribers"]] == [one["changes"] for one in done["subscribers"]]
    assert checked["diff"] == done["diff"]
    assert platform.leads_to(1) == [box(1)] and platform.leads_to(3, "cfna") == [box(3)]
    assert platform.stores[FAX][1]["active"] and platform.mappings[2] == people().mappings[2]
    counts = done["summary"]["fax_forward"]
    assert (counts["total"], counts["changed"]) == (2, 2) and done["summary"]["changed"] == 3
    assert {"module": "fax_forward", "field": "forward", "before": "none", "after": "unconditional"} in done[
        "subscribers"
    ][0]["changes"]
    assert any(header["before_header"].endswith(", call forwards") for header in done["diff"])
    assert not run(platform, *entries)["changed"]


def test_call_forwards_are_read_only_where_an_entry_has_one():
    platform = people()
    run(platform, fax(1, active=True), fax(2, name="x"))
    assert not any(name in line for line in platform.log for name in (MAPPINGS, SETS))
    run(platform, fax(1, active=True), fax(2, forward="none"))
    assert [line for line in platform.log if SETS in line] == [f"GET /api/{SETS}/?page=1&subscriber_id=2"]
    assert not any(MAPPINGS in line for line in platform.log)


def test_a_forward_without_a_number_stops_the_run_before_it_writes():
    platform = people(1, 2)
    platform.subscribers[2]["primary_number"] = None
    entries = [fax(1, forward="cfu"), fax(2, forward="cfu")]
    result = run(platform, *entries)
    assert result["error"]["code"] == "not_planned" and "has no primary number" in result["msg"]
    assert "[fax_forward]" in result["msg"] and platform.written == []
    assert run(platform, *entries, on_plan_error="continue")["summary"]["changed"] == 1


def test_what_competes_is_replaced_only_when_asked_for():
    platform = people(3)
    platform.add(3, VOICEBOX, name="vb")
    result = run(platform, fax(3, forward="cfu"))
    assert VOICEBOX in result["msg"] and platform.written == []
    assert run(platform, fax(3, forward="cfu"), replace_foreign=True)["changed"]
    assert platform.leads_to(3) == [box(3)]


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        (fax(1, active=False, forward="unconditional"), ["forward is unconditional", "active is false"]),
        (fax(1, fax={"active": "no"}, fax_forward={"forward": "cfb"}), ["forward is busy", "active is false"]),
        (fax(1, active=False, forward="none"), []),
        (fax(1, active=True, forward="unconditional"), []),
        (fax(1, forward="unconditional"), []),
        (fax(1, active=False), []),
    ],
)
def test_a_forward_while_the_service_is_off_is_a_warning(entry, names):
    result = run(people(), entry)
    assert len(result["warnings"]) == bool(names)
    assert all(name in result["warnings"][0] for name in names)
    assert not names or "subscribers[0] (1)" in result["warnings"][0]


def test_many_such_warnings_are_one():
    numbers = range(1, 9)
    entries = [fax(number, active=False, forward="unconditional") for number in numbers]
    (warning,) = run(people(*numbers), *entries, check=True)["warnings"]
    assert "and 5 more" in warning


def test_warnings_of_the_module_are_those_of_the_fleet():
    result = run(people(), fax(1, forward="timeout"))
    assert "ring_timeout" in result["warnings"][0]


def test_forwards_that_go_count_as_services_that_go_off():
    platform = people()
    run(platform, fax(1, forward="cfu"), fax(2, forward="cfu"), fax(3, forward="cfu"))
    entries = [fax(1, forward="none"), fax(2, forward="cfu", fax_forward_enabled=False), fax(3, forward="cfb")]
    assert run(platform, *entries, check=True)["summary"]["deactivated"] == 2
    result = run(platform, *entries, max_deactivated="1")
    assert result["error"]["code"] == "too_many_changes"


# ---- plans


@pytest.fixture
def fleet_file(tmp_path):
    """Return a function that writes a fleet file and returns its path."""

    def write(*entries):
        path = tmp_path / "fleet.json"
        path.write_text(json.dumps(list(entries)))
        return str(path)

    return write


def test_what_was_approved_is_written(fleet_file, tmp_path):
    platform, plan = people(), str(tmp_path / "plan.json")
    run(platform, fax(2, forward="cfb"), fax(3, forward="cft", ring_timeout=20))
    src = fleet_file(fax(1, forward="cfu"), fax(2, forward="cfu"), fax(3, forward="none"))
    made = run(platform, src=src, plan_out=plan, plan_only=True)
    document = json.loads((tmp_path / "plan.json").read_text())
    assert document["subscribers"][2]["settings"]["fax_forward"]["before"] == {"forward": "timeout", "ring_timeout": 20}
    assert document["subscribers"][2]["settings"]["fax_forward"]["after"] == {"forward": "none", "ring_timeout": None}
    schema = json.loads((ROOT / "docs/fleet-plan.schema.json").read_text())
    pytest.importorskip("jsonschema").Draft202012Validator(schema).validate(document)
    assert document["options"]["replace_foreign"] == "false"
    platform.sent.clear()
    done = run(platform, src=src, plan=plan)
    assert done["summary"]["changed"] == made["summary"]["changed"] == 3
    assert platform.leads_to(1) == [box(1)] and platform.leads_to(2) == [box(2)] and platform.leads_to(3, "cft") == []


@pytest.mark.parametrize("after", [None, {}, {"forward": []}, {"forward": "x", "enabled": True}, {"other": 1}])
def test_a_plan_says_what_its_requests_lead_to(fleet_file, tmp_path, after):
    platform, path = people(1), tmp_path / "plan.json"
    src = fleet_file(fax(1, forward="cfu"))
    run(platform, src=src, plan_out=str(path), plan_only=True)
    document = json.loads(path.read_text())
    document["subscribers"][0]["settings"]["fax_forward"]["after"] = after
    path.write_text(json.dumps({**document, "checksum": checksum(document)}))
    platform.sent.clear()
    result = run(platform, src=src, plan=str(path))
    assert "does not have the form of a plan: subscribers[0].settings.fax_forward.after" in result["msg"]
    assert platform.sent == []


def test_what_has_changed_since_is_stale(fleet_file, tmp_path):
    platform, plan = people(1, 2), str(tmp_path / "plan.json")
    src = fleet_file(fax(1, forward="cfu"), fax(2, forward="cfu"))
    run(platform, src=src, plan_out=plan, plan_only=True)
    platform.add_set(2, "fax2mail")
    result = run(platform, src=src, plan=plan, on_stale="skip")
    assert [entry["status"] for entry in result["subscribers"]] == ["changed", "stale"]
    assert "fax_forward api/cfmappings/2/cfu/-" in result["subscribers"][1]["error"]["message"]
    other = run(platform, src=src, plan=plan, replace_foreign=True)
    assert "replace_foreign 'false', not 'true'" in other["msg"]


def test_a_removal_is_named_as_one(fleet_file, tmp_path):
    platform, plan = people(1), str(tmp_path / "plan.json")
    run(platform, fax(1, forward="cfu"))
    src = fleet_file(fax(1, forward="none"))
    run(platform, src=src, plan_out=plan, plan_only=True)
    run(platform, fax(1, forward="cfb"))
    message = run(platform, src=src, plan=plan)["error"]["message"]
    assert 'api/cfmappings/1/cfb: now planned remove {"destinationset_id": ' in message and "null" not in message


@pytest.mark.parametrize("reorder", [lambda patch: patch[::-1], lambda patch: [*patch, patch[-1]]])
def test_what_is_different_is_always_named(fleet_file, tmp_path, reorder):
    """Also where the operations are the same ones in another order, or one of them is there twice."""
    platform, path = people(1), tmp_path / "plan.json"
    run(platform, fax(1, forward="cfu"))
    src = fleet_file(fax(1, forward="none"))
    run(platform, src=src, plan_out=str(path), plan_only=True)
    document = json.loads(path.read_text())
    part = document["subscribers"][0]["settings"]["fax_forward"]
    assert len(part["patch"]) == 2
    part["patch"] = reorder(part["patch"])
    path.write_text(json.dumps({**document, "checksum": checksum(document)}))
    (entry,) = run(platform, src=src, plan=str(path))["subscribers"]
    assert entry["status"] == "stale" and entry["error"]["message"] in (
        "the same changes, but in another order",
        f"fax_forward {part['patch'][-1]['path'].lstrip('/')}: now planned nothing, approved remove",
    )


def test_a_plan_that_is_not_fresh_is_compared_again(monkeypatch):
    monkeypatch.setattr("ansible_collections.ngcp.fax.plugins.module_utils._fleet.run.FRESH", 0)
    platform = people()
    result = run(platform, fax(1, forward="cfu"), fax(2, forward="cfu"))
    assert result["summary"]["changed"] == 2
    assert [line for line in platform.log if "subscribers/1" in line] == ["GET /api/subscribers/1"] * 2


# ---- undo


STARTS = {
    "nothing": lambda one: None,
    "another type": lambda one: one.add(1, short="cfb"),
    "disabled": lambda one: one.add(1, enabled=False),
    "a timeout": lambda one: [one.add(1, short="cft"), one.mappings[1].update(cft_ringtimeout=25)],
    "a disabled timeout": lambda one: [
        one.add(1, short="cft", enabled=False),
        one.mappings[1].update(cft_ringtimeout=9),
    ],
}
ENDS = [
    {"forward": "unconditional"},
    {"forward": "none"},
    {"forward": "timeout", "ring_timeout": 40},
    {"forward": "busy", "fax_forward_enabled": False},
]


def seen(platform):
    """Return the forwards of the first subscriber without the ids of their sets."""
    types = {
        short: [(one["enabled"], platform.sets[one["destinationset_id"]]["destinations"]) for one in mappings]
        for short, mappings in platform.mappings[1].items()
        if short != "cft_ringtimeout"
    }
    return types, platform.mappings[1]["cft_ringtimeout"] if types["cft"] else None


@pytest.mark.parametrize("end", ENDS, ids=lambda end: " ".join(map(str, end.values())))
@pytest.mark.parametrize("start", STARTS)
def test_undone(start, end, tmp_path):
    platform = people()
    STARTS[start](platform)
    before = seen(platform)
    done = run(platform, fax(1, active=True, **end), undo_dir=str(tmp_path))
    if not any(change["module"] == "fax_forward" for one in done["subscribers"] for change in one["changes"]):
        return
    assert seen(platform) != before
    undone = run(platform, undo=done["undo"])
    assert not undone.get("failed"), undone["msg"]
    assert seen(platform) == before and undone["warnings"] == []
    assert not platform.stores[FAX][1]["active"]
    assert not run(platform, undo=done["undo"])["changed"]


def test_what_somebody_has_changed_since_is_left(tmp_path):
    platform = people()
    done = run(platform, fax(1, forward="cfu"), undo_dir=str(tmp_path))
    run(platform, fax(1, forward="cfb"))
    result = run(platform, undo=done["undo"])
    assert not result["changed"] and platform.leads_to(1, "cfb") == [box(1)]
    (entry,) = result["subscribers"]
    assert entry["conflicts"] == [
        {"module": "fax_forward", "field": "forward", "before": "none", "set": "unconditional", "now": "busy"}
    ]


def test_what_was_replaced_does_not_come_back_and_is_named(tmp_path):
    platform = people(3)
    platform.add(3, VOICEBOX, name="vb")
    done = run(platform, fax(3, forward="cfu"), replace_foreign=True, undo_dir=str(tmp_path))
    result = run(platform, undo=done["undo"])
    assert result["changed"] and platform.leads_to(3) == []
    assert "somebody else had set it up: fax_forward.competing of 1 subscriber" in result["warnings"][0]


def test_a_number_that_was_put_right_stays_right(tmp_path):
    platform = people(3)
    platform.add(3, "sip:fax=4399@fax2mail.local")
    done = run(platform, fax(3, forward="cfu"), undo_dir=str(tmp_path))
    assert done["changed"]
    result = run(platform, undo=done["undo"])
    assert not result["changed"] and platform.leads_to(3) == [box(3)]


@pytest.mark.parametrize(
    "fields",
    [
        {"forward": None},
        {"forward": "sometimes"},
        {"enabled": "x"},
        {"ring_timeout": "soon"},
        {"ring_timeout": 0},
        {"fax_box": "4313"},
    ],
)
def test_an_undo_file_that_was_edited_is_refused(fields, tmp_path):
    platform = people()
    done = run(platform, fax(1, forward="cft", ring_timeout=20), undo_dir=str(tmp_path))
    path = tmp_path / done["undo"].rsplit("/", 1)[1]
    document = json.loads(path.read_text())
    entry = document["subscribers"][0]
    entry["fax_forward"] = {**entry["fax_forward"], **fields}
    entry["_set"]["fax_forward"] = {**dict.fromkeys(fields, "x"), **entry["_set"]["fax_forward"]}
    path.write_text(json.dumps(document))
    written = list(platform.written)
    result = run(platform, undo=str(path))
    assert result["error"]["code"] == "invalid_input" and "fax_forward" in result["msg"]
    assert platform.written == written


def test_a_word_that_the_run_cannot_have_set_is_refused(tmp_path):
    platform = people()
    done = run(platform, fax(1, forward="cft", ring_timeout=20), undo_dir=str(tmp_path))
    path = pathlib.Path(done["undo"])
    path.write_text(
        path.read_text().replace(
            '"_set": {"fax_forward": {"forward": "timeout"', '"_set": {"fax_forward": {"forward": "odd"'
        )
    )
    result = run(platform, undo=str(path))
    assert "_set.fax_forward.forward: must be one of unconditional, " in result["msg"]
