# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An undo gives back what still is as the run left it, and nothing else; and it believes nothing of its file."""

from __future__ import annotations

import copy
import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._fleet import run
from ansible_collections.ngcp.fax.tests.unit.plugins.module_utils._fleet.test_undo_file import (
    DELIVERY,
    fleet,
    only_file,
    platform,
    without_keys,
)
from ansible_collections.ngcp.fax.tests.unit.support.fleet_platform import FAX, MAIL2FAX, run_fleet_task

MASK = "********"


def changed(folder, entries, count=4, prepare=None, secrets=True, **options):
    """Return a platform on which a run has written an undo file (with secrets), its settings before, and the file."""
    made = platform(count)
    if prepare:
        prepare(made)
    before = made.snapshot()
    if secrets:
        options["undo_secrets"] = "vault"
    host = made.host(encrypt=lambda content: content)
    result = run_fleet_task(made, host=host, subscribers=entries, undo_dir=str(folder), **options)
    assert "failed" not in result, result["msg"]
    made.sent.clear()
    return made, before, only_file(folder)


def undone(made, path, **options):
    result = run_fleet_task(made, undo=str(path), **options)
    assert "failed" not in result, result["msg"]
    return result


def conflicts(result):
    return {
        entry["subscriber_id"]: {
            (one["module"], one["field"]): (one["before"], one["set"], one["now"]) for one in found
        }
        for entry in result["subscribers"]
        if (found := entry["conflicts"])
    }


# What every undo of mail to fax settings says.
KEY_MOMENT = "Not restored, because only the platform sets it: mail2fax.last_secret_key_modify of {} subscribers."


def switched_off(count):
    """Return the warnings of a run that switches services off and empties a list of each subscriber."""
    where = f"(in a fleet of {count} subscribers)"
    return [
        f"The service of {count} subscribers would be switched off {where}. Use max_deactivated to limit this.",
        f"{count} lists would become empty {where}. Use max_emptied to limit this.",
    ]


def edited(path, change):
    """Change the document in a file."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


# ---- giving back


def test_everything_comes_back(tmp_path):
    made, before, path = changed(tmp_path, fleet([1, 2, 3]))
    check = undone(made, path, check=True)
    assert made.written == [] and check["changed"]
    result = undone(made, path)
    assert made.snapshot() == before
    assert result["diff"] == check["diff"] and result["summary"]["changed"] == 3
    assert "CANARY" not in json.dumps([check, result])
    assert check["warnings"] == result["warnings"] == [*switched_off(3), KEY_MOMENT.format(3)]


def test_four_times_the_same(tmp_path):
    """Run and undo, each twice: the second of each changes nothing, and an undo can be undone."""
    made, before, path = changed(tmp_path / "a", fleet([1, 2, 3]))
    after = made.snapshot()
    host = made.host(encrypt=lambda content: content)
    assert run_fleet_task(made, subscribers=fleet([1, 2, 3]))["changed"] is False
    first = run_fleet_task(made, host=host, undo=str(path), undo_dir=str(tmp_path / "b"), undo_secrets="vault")
    assert made.snapshot() == before and first["summary"]["changed"] == 3
    second = run_fleet_task(made, host=host, undo=str(path), undo_dir=str(tmp_path / "c"))
    assert second["changed"] is False and "undo" not in second and second["subscribers"] == []
    undone(made, first["undo"])
    assert made.snapshot() == after
    assert undone(made, first["undo"])["changed"] is False


def test_secrets_that_were_left_out_stay_and_are_named(tmp_path):
    made, before, path = changed(tmp_path, fleet([1, 2]), secrets=False)
    assert "CANARY" not in path.read_text()
    result = undone(made, path)
    assert without_keys(made.snapshot()) == without_keys(before)
    assert made.stores[FAX][1]["password"] == "CANARY-new-1"
    assert result["warnings"] == [
        *switched_off(2),
        "Not restored, because secrets were left out of the undo file: fax.password of 2 subscribers, "
        "mail2fax.secret_key of 2 subscribers.",
        KEY_MOMENT.format(2),
    ]
    assert {"field": "fax.password", "reason": "secret"} in result["subscribers"][0]["left_out"]


def test_a_subscriber_of_whom_only_a_secret_changed(tmp_path):
    made, _before, path = changed(tmp_path, [{"subscriber_id": 1, "password": "CANARY-other"}], secrets=False)
    result = undone(made, path)
    assert made.sent == [] and result["summary"]["unchanged"] == 1
    assert result["subscribers"][0]["left_out"] == [{"field": "fax.password", "reason": "secret"}]
    assert not any("declare nothing" in warning for warning in result["warnings"])


def test_odd_values_come_back_as_they_were(tmp_path):
    """What nobody could declare: addresses that are none, spellings, the same rule twice, and the mask as a name."""

    def prepare(made):
        rule = {"from_email": "(", "received_from": None, "destination": None, "use_regex": True}
        made.put(MAIL2FAX, 1, secret_renew_notify=[{"destination": "not an address"}], acl=[rule, rule])
        made.put(FAX, 1, name=MASK, destinations=[{**DELIVERY, "destination": "UPPER@Example.org"}])
        made.put(FAX, 2, name="0123")

    entries = [
        {
            "subscriber_id": 1,
            "name": "x",
            "destinations": [{"destination": "upper@example.org", "filetype": "PS"}],
            "secret_renew_notify": [],
            "acl": [],
        },
        {"subscriber_id": 2, "name": "12:30"},
    ]
    made, before, path = changed(tmp_path, entries, prepare=prepare)
    undone(made, path)
    assert made.snapshot() == before


@pytest.mark.parametrize("state", ["present", "absent"])
def test_lists_of_a_run_that_merged_come_back_whole(tmp_path, state):
    def prepare(made):
        kept = [{**DELIVERY, "destination": f"{name}@example.org"} for name in "abc"]
        made.put(FAX, 1, destinations=kept)

    element = {"destination": "B@example.org", "filetype": "PS", "state": state}
    entries = [{"subscriber_id": 1, "destinations": [element]}]
    made, before, path = changed(tmp_path, entries, prepare=prepare, destinations_mode="merge")
    assert made.snapshot() != before
    undone(made, path)
    assert made.snapshot() == before


# ---- conflicts


OTHER_RULE = {"from_email": "c@d.org", "received_from": None, "destination": None, "use_regex": False}


@pytest.mark.parametrize(
    ("resource", "field", "value"),
    [
        (FAX, "name", "By somebody"),
        (FAX, "name", None),
        (FAX, "password", "CANARY-somebody"),
        (FAX, "destinations", []),
        (FAX, "destinations", [{**DELIVERY, "destination": "new1@example.org", "filetype": "PS"}]),
        (MAIL2FAX, "secret_key", "CANARY-renewed"),
        (MAIL2FAX, "secret_renew_notify", [{"destination": "c@d.org"}]),
        (MAIL2FAX, "secret_key_renew", "weekly"),
        (MAIL2FAX, "acl", [OTHER_RULE]),
    ],
    ids=str,
)
def test_what_somebody_has_changed_since_is_left(tmp_path, resource, field, value):
    entry = fleet([1])[0]
    entry["mail2fax"].update({"secret_renew_notify": [{"destination": "a@b.org"}], "secret_key_renew": "daily"})
    made, before, path = changed(tmp_path, [entry])
    ran = made.stores[resource][1][field]
    made.put(resource, 1, **{field: value})
    result = undone(made, path)
    before[resource][1][field] = value
    assert made.snapshot() == before, "all the others came back"
    module = {FAX: "fax_settings", MAIL2FAX: "mail2fax_settings"}[resource]
    ((where, shown),) = conflicts(result)[1].items()
    assert where == (module, field)
    secret = field in ("password", "secret_key")
    assert shown[1:] == ((MASK, MASK) if secret else (ran, value))
    (warning,) = [text for text in result["warnings"] if "left unchanged" in text]
    assert f"entry 1 (1), {'fax' if resource == FAX else 'mail2fax'}.{field}" in warning
    assert "CANARY" not in json.dumps(result)
    again = undone(made, path)
    assert again["changed"] is False and conflicts(again) == conflicts(result), "also where nothing else changes"


def test_a_flag_has_no_third_value(tmp_path):
    made, before, path = changed(tmp_path, [{"subscriber_id": 1, "active": True}])
    made.put(FAX, 1, active=False)
    result = undone(made, path)
    assert made.snapshot() == before and result["changed"] is False and result["subscribers"] == []


def test_a_conflict_that_arises_between_plan_and_write(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "FRESH", -1.0)
    made, before, path = changed(tmp_path, [{"subscriber_id": 1, "name": "x", "active": True}])
    made.meet("GET", f"/api/{FAX}/1", None, lambda one, _request: one.put(FAX, 1, name="By somebody"))
    result = undone(made, path)
    before[FAX][1]["name"] = "By somebody"
    assert made.snapshot() == before and conflicts(result) == {
        1: {("fax_settings", "name"): ("Former 1", "x", "By somebody")}
    }


def test_a_case_that_does_not_count_is_no_conflict(tmp_path):
    made, before, path = changed(tmp_path, fleet([1]))
    made.stores[FAX][1]["destinations"][0]["destination"] = "NEW1@example.org"
    assert conflicts(undone(made, path)) == {} and made.snapshot() == before


def test_many_conflicts_are_counted(tmp_path):
    numbers = range(1, 16)
    made, _before, path = changed(tmp_path, [{"subscriber_id": number, "name": "x"} for number in numbers], count=15)
    for number in numbers:
        made.put(FAX, number, name="y")
    (warning,) = undone(made, path)["warnings"]
    assert warning.startswith("15 fields left unchanged") and warning.endswith("and 5 more")


def test_a_value_that_the_platform_would_refuse_now(tmp_path):
    """An address from earlier that no PATCH could bring back: the other fields come back all the same."""

    def prepare(made):
        made.put(FAX, 1, destinations=[{**DELIVERY, "destination": ""}])

    entries = [{"subscriber_id": 1, "name": "x", "destinations": []}]
    made, before, path = changed(tmp_path, entries, prepare=prepare)
    result = undone(made, path)
    before[FAX][1]["destinations"] = []
    assert made.snapshot() == before
    assert result["subscribers"][0]["left_out"] == [{"field": "fax.destinations", "reason": "refused"}]
    assert "no longer accepts the previous value: fax.destinations" in result["warnings"][0]


# ---- which runs


def test_what_was_surely_not_written_is_not_looked_at(tmp_path):
    made, _before, path = changed(tmp_path, [{"subscriber_id": number, "name": "x"} for number in (1, 2, 3, 4)])
    states = ["failed", "not_attempted", "planned", "unverified"]

    def note(document):
        for entry, status in zip(document["subscribers"], states):
            entry["_status"]["fax"] = status

    edited(path, note)
    result = undone(made, path)
    assert sorted(made.written) == [(FAX, 3), (FAX, 4)] and result["summary"]["total"] == 2
    edited(path, lambda document: document["subscribers"].clear())
    assert undone(made, path)["summary"]["total"] == 0


def test_the_limits_of_a_run_hold(tmp_path):
    made, _before, path = changed(tmp_path, fleet([1, 2, 3]))
    result = run_fleet_task(made, undo=str(path), max_changes="2")
    assert result["error"]["code"] == "too_many_changes" and made.written == []
    result = run_fleet_task(made, undo=str(path), max_deactivated="0")
    assert result["failed"] and made.written == []
    del made.stores[FAX][2]
    result = run_fleet_task(made, undo=str(path))
    assert result["error"]["code"] == "not_planned" and made.written == []
    result = run_fleet_task(made, undo=str(path), on_plan_error="continue")
    assert result["summary"]["failed"] == 1 and result["summary"]["changed"] == 2


def test_subscribers_are_found_by_id_and_shown_by_name(tmp_path):
    declared = [{"subscriber": "user1@example.org", "name": "x"}]
    made, before, path = changed(tmp_path, declared)
    assert json.loads(path.read_text())["subscribers"][0]["subscriber"] == "user1@example.org"
    result = undone(made, path)
    assert made.log == [f"GET /api/{FAX}/1", f"PATCH /api/{FAX}/1"] and made.snapshot() == before
    assert result["subscribers"][0]["subscriber"] == "user1@example.org"


def test_an_undo_file_is_a_fleet_file(tmp_path):
    made, before, path = changed(tmp_path, fleet([1, 2, 3]))
    for number in (1, 2, 3):
        made.put(FAX, number, name="By somebody")
    run_fleet_task(made, src=str(path))
    assert made.snapshot() == before


# ---- files that are something else


def _set(*path, value):
    def change(document):
        for name in path[:-1]:
            document = document[name]
        document[path[-1]] = value

    return change


def _delete(*path):
    def change(document):
        for name in path[:-1]:
            document = document[name]
        del document[path[-1]]

    return change


ENTRY = ("subscribers", 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_set("_run", value=[]), "is not an undo file of ngcp.fax"),
        (_delete("_run"), "is not an undo file of ngcp.fax"),
        (_set("_run", "collection", value="other"), "is not an undo file of ngcp.fax"),
        (_set("_run", "format", value=2), "has the format version '2', but this version of the collection reads 1"),
        (_set("_run", "format", value=None), "has the format version"),
        (
            _set("_run", "platform", value="https://other.test:1443"),
            "belongs to the platform 'https://other.test:1443'",
        ),
        (_set("_run", "platform", value=[]), "is damaged"),
        (_set("subscribers", value={}), "is damaged"),
        (_set(*ENTRY, value="x"), "entry 1: must be a dictionary"),
        (_set(*ENTRY, value=None), "entry 1: must be a dictionary"),
        (_set(*ENTRY, "subscriber_id", value="x"), "subscriber_id: must be a whole number"),
        (_delete(*ENTRY, "subscriber_id"), "subscriber_id: does not name a subscriber"),
        (_set(*ENTRY, "subscriber", value=[]), "entry 1 (1), subscriber: must be a string"),
        (_set(*ENTRY, "name", value="x"), "member"),
        (_set(*ENTRY, "fax", value=[]), "fax: must be a dictionary"),
        (_set(*ENTRY, "fax", "nmae", value=""), "fax: has a name that is not a field"),
        (_set(*ENTRY, "fax", "name", value=None), "fax.name: must not be null"),
        (_set(*ENTRY, "fax", "name", value=[]), "fax.name: must be a string"),
        (_set(*ENTRY, "fax", "name", value="x" * 65), "fax.name: has 65 characters; the maximum is 64"),
        (_set(*ENTRY, "fax", "active", value="yes"), "fax.active: must be true or false"),
        (_set(*ENTRY, "fax", "destinations", value="x"), "fax.destinations: must be a list"),
        (_set(*ENTRY, "fax", "destinations", 0, value="x"), "fax.destinations[0]: must be a dictionary"),
        (_delete(*ENTRY, "fax", "destinations", 0, "filetype"), "fax.destinations[0]: must have the fields"),
        (_set(*ENTRY, "fax", "destinations", 0, "filetype", value=""), "destinations[0].filetype: must not be empty"),
        (_set(*ENTRY, "fax", "destinations", 0, "incoming", value="1"), "destinations[0].incoming: must be true or"),
        (_delete(*ENTRY, "fax", "name"), "fax: must have the same fields as _set.fax"),
        (_delete(*ENTRY, "_set"), "must have the same fields as _set.fax"),
        (_set(*ENTRY, "_set", value="x"), "_set: must be a dictionary"),
        (_set(*ENTRY, "_set", "mail2fax", "active", value=3), "_set.mail2fax.active: must be true or false"),
        (_set(*ENTRY, "_status", "fax", value="odd"), "_status.fax: must be one of planned, changed"),
        (_set(*ENTRY, "_status", "fax", value=["odd"]), "_status.fax: must be one of planned, changed"),
        (_delete(*ENTRY, "_status"), "_status.fax: must be one of planned, changed"),
        (_set(*ENTRY, "_left_out", value={"fax.name": "odd"}), "_left_out: must have names of fields"),
        (_set(*ENTRY, "_left_out", value={"odd": "secret"}), "_left_out: must have names of fields"),
        (_set(*ENTRY, "_left_out", value=[]), "_left_out: must be a dictionary"),
        (_set("subscribers", 1, "subscriber_id", value=1), "is the same subscriber as"),
    ],
)
def test_edited_into_nonsense(tmp_path, change, words):
    made, _before, path = changed(tmp_path, fleet([1, 2]))
    edited(path, change)
    result = run_fleet_task(made, undo=str(path))
    assert result["failed"] and words in result["msg"] and "bug" not in result["msg"]
    assert result["error"]["code"] == "invalid_input" and made.sent == []
    assert "CANARY" not in json.dumps(result)


def test_cut_off_anywhere(tmp_path):
    made, before, path = changed(tmp_path, fleet([1]))
    content = path.read_bytes()
    for end in range(len(content) - 1):
        path.write_bytes(content[:end])
        result = run_fleet_task(made, undo=str(path))
        if end < len(content.rstrip()):
            assert result["failed"] and result["error"]["field"] == "undo" and made.sent == [], end
            assert "CANARY" not in json.dumps(result)
    path.write_bytes(content)
    undone(made, path)
    assert made.snapshot() == before


def test_files_of_other_kinds(tmp_path):
    made = platform()
    for content in (b"", b"\xff\xfe\x00", b"PK\x03\x04", b"$ANSIBLE_VAULT;1.1;AES256\n33", b"[]", b"1", b"[" * 5000):
        (tmp_path / "x.json").write_bytes(content)
        result = run_fleet_task(made, undo=str(tmp_path / "x.json"))
        assert result["error"]["code"] == "invalid_input" and result["error"]["field"] == "undo", content
    for path in ("", " ", str(tmp_path), str(tmp_path / "missing.json")):
        result = run_fleet_task(made, undo=path)
        assert result["error"]["code"] == "invalid_input" and result["error"]["field"] == "undo", path
    assert made.sent == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"subscribers": []}, "exactly one of src, subscribers, hosts, undo is needed, subscribers and undo given"),
        ({"src": "x.csv"}, "exactly one of src, subscribers, hosts, undo is needed, src and undo given"),
        ({"state": "replaced"}, "state: replaced is not possible with undo"),
        ({"acl_mode": "merge"}, "acl_mode: merge is not possible with undo"),
        ({"update_password": "on_create"}, "update_password: on_create is not possible with undo"),
    ],
    ids=str,
)
def test_options_that_contradict(tmp_path, options, words):
    made, before, path = changed(tmp_path, fleet([1]))
    after = copy.deepcopy(made.stores)
    result = run_fleet_task(made, undo=str(path), **options)
    assert words in result["msg"] and made.sent == [] and made.stores == after != before
