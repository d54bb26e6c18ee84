# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift document: one row for each subscriber, and figures that add up."""

from __future__ import annotations

import json
import pathlib
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.members import STATUSES as FLEET_STATUSES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.outcomes import STATUSES as RESULT_STATUSES
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift import document as drift
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import TaskResult, is_complete
from ansible_collections.ngcp.fax.tests.unit.support.drift import (
    ERROR,
    FAX,
    MAIL,
    NAME,
    PLATFORM,
    document,
    entry,
    result,
)

ACTIVE = {"field": "active", "before": False, "after": True}
ROOT = pathlib.Path(__file__).parents[5]


def counts(made, module=None):
    """Return the counts that are not 0."""
    summary = made["summary"] if module is None else made["summary"]["resources"][module]
    return {name: number for name, number in summary["subscribers"].items() if number}


def only(made):
    (row,) = made["subscribers"]
    return row


def test_the_words_of_results_are_all_known():
    assert set(drift._STATUS_OF) == {*RESULT_STATUSES, *FLEET_STATUSES}


def test_one_drifted_subscriber():
    made = document(result(entry(7), total=300))
    assert counts(made) == {"total": 300, "drifted": 1, "in_sync": 299}
    assert made["summary"]["exact"] and made["mode"] == "check"
    assert made["platforms"] == [PLATFORM]
    assert made["generated"] == "2026-11-24T17:30:00Z"
    assert only(made) == {
        "subscriber_id": 7,
        "subscriber": "user7@example.org",
        "entry": None,
        "platform": PLATFORM,
        "status": "drifted",
        "settings": [
            {"module": FAX, "status": "drifted", "changes": [NAME], "error": None, "host": None, "task": None}
        ],
    }


def test_where_a_subscriber_is_declared_and_what_was_warned_of():
    row = {**entry(7), "entry": "fleet.csv row 5"}
    warned = {**result(row), "warnings": ["One.", "Two."]}
    made = document(warned, {**result(entry(7), module=MAIL), "warnings": ["Two."]}, result(entry(8)))
    assert [found["entry"] for found in made["subscribers"]] == ["fleet.csv row 5", None]
    assert made["warnings"] == ["One.", "Two."]
    assert made["plan"] is False


def test_both_modules_on_one_subscriber_are_one_row():
    made = document(result(entry(7), entry(8)), result(entry(7, "failed", ()), entry(9), module=MAIL))
    assert [row["subscriber_id"] for row in made["subscribers"]] == [7, 8, 9]
    assert counts(made) == {"total": 3, "failed": 1, "drifted": 2}
    assert counts(made, FAX) == {"total": 2, "drifted": 2}
    assert counts(made, MAIL) == {"total": 2, "failed": 1, "drifted": 1}
    first = made["subscribers"][0]
    assert first["status"] == "failed"
    assert [(part["module"], part["status"], part["error"]) for part in first["settings"]] == [
        (FAX, "drifted", None),
        (MAIL, "failed", ERROR),
    ]


def test_a_subscriber_is_known_by_id_or_name_whatever_comes_first():
    with_id, without_id = entry(7), entry(None, "not_attempted", (), name="user7@example.org")
    for results in ([with_id, without_id], [without_id, with_id]):
        made = document(result(results[0]), result(results[1], module=MAIL))
        assert only(made)["subscriber_id"] == 7
        assert only(made)["status"] == "not_attempted"
    made = document(result(entry(7, name=None)), result(entry(7), module=MAIL))
    assert only(made)["subscriber"] == "user7@example.org"


def test_the_same_name_with_another_id_or_on_another_platform_is_somebody_else():
    twice = document(result(entry(7, subscriber="a@b.org")), result(entry(8, subscriber="a@b.org"), module=MAIL))
    assert len(twice["subscribers"]) == 2
    elsewhere = document(result(entry(7)), result(entry(7), platform="https://other.example.org"))
    assert [row["platform"] for row in elsewhere["subscribers"]] == [PLATFORM, "https://other.example.org"]
    assert len(elsewhere["platforms"]) == 2


def test_an_entry_that_names_nobody_is_one_row_for_both_modules():
    nobody = entry(None, "failed", (), name=None)
    other = entry(None, "failed", (), name=None, error={**ERROR, "message": "Another number"})
    made = document(result(nobody, other), result(nobody, module=MAIL))
    assert counts(made) == {"total": 2, "failed": 2}
    assert counts(made, MAIL) == {"total": 1, "failed": 1}


def test_items_of_a_loop_and_inventory_hosts():
    loop = {"changed": True, "results": [result(entry(1)), {"skipped": True}, result(entry(2, "unchanged"))]}
    made = document(TaskResult(loop, "Settings", "host1"), TaskResult(result(entry(3)), "Settings", "host3"))
    assert counts(made) == {"total": 3, "drifted": 2, "in_sync": 1}
    assert [row["settings"][0]["host"] for row in made["subscribers"]] == ["host1", "host1", "host3"]
    assert made["summary"]["tasks"] == 3 and made["summary"]["requests"] == 9
    assert made["summary"]["exact"]


def test_two_tasks_on_the_same_settings():
    later = {"field": "name", "before": "Branch", "after": "Office"}
    made = document(result(entry(1), check=False), result(entry(1, changes=[later, ACTIVE]), check=False))
    (part,) = only(made)["settings"]
    assert part["changes"] == [{"field": "name", "before": "Changed by hand", "after": "Office"}, ACTIVE]
    assert made["summary"]["changed_fields"] == 2
    again = document(result(entry(1, "failed")), result(entry(1, "unchanged")))
    assert only(again)["status"] == "failed"


def test_a_real_run_has_changed_things():
    made = document(result(entry(1), entry(2, "unchanged"), check=False))
    assert made["mode"] == "run"
    assert counts(made) == {"total": 2, "corrected": 1, "in_sync": 1}
    mixed = document(result(entry(1), check=False), result(entry(2)))
    assert mixed["mode"] == "mixed"
    assert [row["status"] for row in mixed["subscribers"]] == ["corrected", "drifted"]
    assert document()["mode"] is None


def test_subscribers_that_are_only_counted():
    """Both modules look at the same 300; whether the others of one are those of the other cannot be known."""
    made = document(result(entry(1), total=300), result(entry(2), total=300, module=MAIL))
    assert counts(made) == {"total": 300, "drifted": 2, "in_sync": 298}
    assert counts(made, FAX) == {"total": 300, "drifted": 1, "in_sync": 299}
    assert not made["summary"]["exact"]
    parts = document(result(entry(1), total=100), result(entry(200), total=100))
    assert counts(parts) == {"total": 200, "drifted": 2, "in_sync": 198}


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"censored": "the output has been hidden", "changed": True}, "censored", "no_log"),
        ({"failed": True, "msg": "api_url is missing"}, "failed", "api_url is missing"),
        ({"unreachable": True, "msg": "No route"}, "unreachable", "No route"),
        ({"changed": False, "ping": "pong"}, "no_result", "not the result"),
        (
            {"changed": True, "subscribers": [], "summary": {}, "run": {"module": "other"}},
            "no_result",
            "not the result",
        ),
        ({}, "no_result", "not the result"),
    ],
)
def test_what_is_missing_is_told(given, kind, words):
    made = document(TaskResult(given, "Set", "localhost", MAIL))
    (problem,) = made["problems"]
    assert (problem["kind"], problem["host"], problem["task"], problem["module"]) == (kind, "localhost", "Set", MAIL)
    assert words in problem["message"]
    assert made["summary"]["problems"] == 1
    assert not is_complete(made)


def test_a_run_that_stopped_is_a_problem_beside_its_subscribers():
    stopped = result(entry(1, "not_attempted"), failed=True, error={"message": "The server refuses the log-in"})
    made = document(stopped)
    assert made["problems"][0]["kind"] == "stopped"
    assert only(made)["settings"][0]["changes"] == [NAME], "what was planned is shown"


def test_skipped_tasks_are_left_out():
    made = document({"skipped": True, "changed": False})
    assert made["problems"] == [] and made["subscribers"] == [] and is_complete(made)


@pytest.mark.parametrize(("status", "complete"), [("changed", True), ("unchanged", True), ("failed", False)])
def test_completeness(status, complete):
    assert is_complete(document(result(entry(1, status)))) is complete


def test_fields_are_counted_over_subscribers():
    made = document(result(entry(1, changes=[NAME, ACTIVE]), entry(2, changes=[ACTIVE])), result(entry(3), module=MAIL))
    assert made["summary"]["fields"] == [
        {"module": FAX, "field": "active", "subscribers": 2},
        {"module": FAX, "field": "name", "subscribers": 1},
        {"module": MAIL, "field": "name", "subscribers": 1},
    ]


def test_moments_are_utc():
    vienna = timezone(timedelta(hours=1))
    made = document(result(), started=datetime(2026, 11, 24, 18, 0, tzinfo=vienna))
    assert made["started"] == "2026-11-24T17:00:00Z"


# ---- properties

ENTRIES = st.builds(
    lambda number, status, changes: entry(number, status, changes if status != "failed" else ()),
    st.integers(1, 6),
    st.sampled_from(RESULT_STATUSES),
    st.lists(st.sampled_from((NAME, ACTIVE)), min_size=1, max_size=2, unique_by=lambda change: change["field"]),
)
RESULTS = st.lists(
    st.builds(
        lambda entries, unlisted, module, check: result(
            *entries, total=len(entries) + unlisted, module=module, check=check
        ),
        st.lists(ENTRIES, max_size=5, unique_by=lambda made: made["subscriber_id"]),
        st.integers(0, 9),
        st.sampled_from((FAX, MAIL)),
        st.booleans(),
    ),
    max_size=5,
)


@given(RESULTS)
def test_figures_add_up(results):
    made = document(*results)
    rows, summary = made["subscribers"], made["summary"]
    assert len({row["subscriber_id"] for row in rows}) == len(rows)
    for of in (summary["subscribers"], *(part["subscribers"] for part in summary["resources"].values())):
        assert of["total"] == sum(number for name, number in of.items() if name != "total")
        assert all(number >= 0 for number in of.values())
    listed = Counter(row["status"] for row in rows)
    for status, number in summary["subscribers"].items():
        if status not in ("total", "in_sync"):
            assert number == listed[status]
    changes = [change for row in rows for part in row["settings"] for change in part["changes"]]
    assert summary["changed_fields"] == len(changes) == sum(item["subscribers"] for item in summary["fields"])
    for module, part in summary["resources"].items():
        of_module = [item for row in rows for item in row["settings"] if item["module"] == module]
        assert part["subscribers"]["drifted"] == sum(item["status"] == "drifted" for item in of_module)
        assert part["subscribers"]["total"] <= summary["subscribers"]["total"]


@given(RESULTS)
def test_the_order_of_the_tasks_does_not_matter(results):
    forth, back = document(*results), document(*reversed(results))
    assert forth["summary"] == back["summary"]
    assert [row["status"] for row in forth["subscribers"]] == [row["status"] for row in back["subscribers"]]


@given(RESULTS)
def test_the_document_has_the_documented_form(results):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs/drift-report.schema.json").read_text())
    made = document(*results, TaskResult({"censored": "x"}, "Keys", "localhost", MAIL))
    jsonschema.Draft202012Validator(schema).validate(json.loads(json.dumps(made)))
