# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What results of the settings modules mean for a fleet: places, counts, and whether to go on."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.results import (
    advanced_summary,
    applied_summary,
    failure_line,
    planned_summary,
    read_results,
    report_lines,
    should_stop,
)

FAX, MAIL2FAX = (resource.module for resource in RESOURCES)
PATHS = [f"fleet.csv row {row}" for row in range(2, 12)]
PREPARED = {FAX: {"positions": [0, 2, 4]}, MAIL2FAX: {"positions": [0, 1, 4]}}
NOT_FOUND = {"code": "not_found", "message": "No such subscriber", "hint": None}


def subscriber(index, status, **more):
    return {"index": index, "status": status, "subscriber_id": None, "subscriber": None, **more}


def result(*subscribers, **more):
    return {"subscribers": list(subscribers), "summary": {"requests": 3, "retries": 1}, **more}


def counts(summary):
    return {name: value for name, value in summary.items() if isinstance(value, int) and value}


def test_a_plan():
    reading = read_results(
        {
            FAX: result(subscriber(0, "changed"), subscriber(2, "failed", subscriber="x@y.z", error=NOT_FOUND)),
            MAIL2FAX: result(subscriber(1, "changed"), subscriber(2, "failed", subscriber="x@y.z", error=NOT_FOUND)),
        },
        PREPARED,
        PATHS,
    )
    (failure,) = reading.failures
    assert failure_line(failure) == "fleet.csv row 6 (x@y.z): No such subscriber [fax_settings, mail2fax_settings]"
    assert (reading.due(FAX), reading.due(MAIL2FAX)) == ([0], [1])
    summary = planned_summary(reading, 10)
    assert counts(summary) == {
        "total": 10,
        "not_attempted": 2,
        "failed": 1,
        "unchanged": 7,
        "requests": 6,
        "retries": 2,
    }
    assert counts(summary[FAX]) == {"total": 3, "not_attempted": 1, "failed": 1, "unchanged": 1}
    assert not reading.halted
    assert (should_stop(reading, "continue"), should_stop(reading, "stop")) == (False, True)


def test_messages_have_the_words_of_the_input():
    error = {"code": "invalid_input", "message": "subscribers[1]: max_changes, acl_mode", "hint": "See subscribers[0]."}
    reading = read_results({FAX: result(subscriber(1, "failed", error=error))}, PREPARED, PATHS)
    (failure,) = reading.failures
    assert failure["message"] == "fleet.csv row 4: fleet_max_changes, fleet_acl_mode"
    assert failure["hint"] == "See fleet.csv row 2."
    details = [{"entry": "fax_settings-0001.json entry 3", "message": "is the same subscriber as subscribers[0]"}]
    run = {"msg": "", "error": {"code": "invalid_input", "details": details}}
    (failure,) = read_results({FAX: run}, PREPARED, PATHS).failures
    assert failure["message"] == "fleet.csv row 6: is the same subscriber as fleet.csv row 2"
    run["error"]["details_left_out"] = 7
    assert read_results({FAX: run}, PREPARED, PATHS).failures[-1]["message"] == "and 7 more"


def test_each_hint_is_told_once():
    error = {"code": "refused", "message": "The fax service is off", "hint": "Switch it on."}
    failed = result(*(subscriber(index, "failed", error=error) for index in range(3)))
    lines = report_lines(applied_summary(read_results({FAX: failed}, PREPARED, PATHS), 3), False)
    assert lines[-2:] == ["fleet.csv row 6: The fax service is off [fax_settings]", "Switch it on."]
    assert lines.count("Switch it on.") == 1


def test_summaries_of_thousands_of_failures_stay_short():
    paths = [f"fleet.csv row {row}" for row in range(2, 2002)]
    prepared = {FAX: {"positions": list(range(2000))}}
    error = {"code": "refused", "message": "x" * 10_000, "hint": None}
    reading = read_results(
        {FAX: result(*(subscriber(index, "failed", error=error) for index in range(2000)))}, prepared, paths
    )
    summary = applied_summary(reading, 2000)
    assert (summary["failed"], len(summary["failures"]), summary["more_failures"]) == (2000, 50, 1950)
    assert report_lines(summary, False)[-1] == "and 1950 more"
    assert sum(map(len, report_lines(summary, False))) < 40_000
    so_far = planned_summary(read_results({}, prepared, paths), 4000)
    summary = advanced_summary(advanced_summary(so_far, reading), reading)
    assert (len(summary["failures"]), summary["more_failures"]) == (50, 3950)


def test_one_subscriber_is_one_subscriber():
    reading = read_results({FAX: result(subscriber(0, "changed"))}, {FAX: {"positions": [0]}}, PATHS)
    reading.requests = 1
    assert report_lines(applied_summary(reading, 1), False)[0] == "1 subscriber: 1 changed (1 request)"


def test_who_fails_with_one_module_is_not_due_for_the_other():
    reading = read_results(
        {FAX: result(subscriber(0, "changed")), MAIL2FAX: result(subscriber(0, "failed", error=NOT_FOUND))},
        PREPARED,
        PATHS,
    )
    assert reading.due(FAX) == []
    assert counts(planned_summary(reading, 10))["failed"] == 1


def test_chunks_add_up():
    planned = read_results(
        {FAX: result(*(subscriber(index, "changed") for index in range(3)))}, {FAX: PREPARED[FAX]}, PATHS
    )
    summary = planned_summary(planned, 10)
    steps = [
        ({FAX: {"positions": [0, 2]}}, {FAX: result(subscriber(0, "changed"), subscriber(1, "unverified"))}),
        ({FAX: {"positions": [4]}}, {FAX: result()}),
    ]
    for prepared, results in steps:
        reading = read_results(results, prepared, PATHS)
        before = dict(summary)
        summary = advanced_summary(summary, reading)
        assert before["not_attempted"] - summary["not_attempted"] == len(prepared[FAX]["positions"])
        assert sum(summary[name] for name in ("changed", "unchanged", "failed", "unverified", "not_attempted")) == 10
    assert counts(summary) == {"total": 10, "changed": 1, "unverified": 1, "unchanged": 8, "requests": 9, "retries": 3}
    assert len(summary["failures"]) == 1
    assert report_lines(summary, False)[0] == "10 subscribers: 1 changed, 8 unchanged, 1 unverified (9 requests)"
    assert report_lines(summary, True)[1] == "fax_settings: 1 would change, 1 unchanged, 1 unverified"


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"failed": True, "msg": "The server refuses", "error": {"code": "unauthorized"}}, "The server refuses"),
        ({"failed": True, "msg": "MODULE FAILURE"}, "MODULE FAILURE"),
        (
            {
                "failed": True,
                "msg": "x",
                "error": {
                    "code": "invalid_input",
                    "details": [
                        {
                            "entry": "fax_settings-0001.json entry 3 (b)",
                            "field": "subscriber",
                            "message": "is the same subscriber as fax_settings-0001.json entry 2 (a)",
                        }
                    ],
                },
            },
            "fleet.csv row 6 (b): is the same subscriber as fleet.csv row 4 (a)",
        ),
        (result(subscriber(0, "not_attempted"), failed=True, msg="gone", error={"code": "lost_answer"}), "gone"),
    ],
)
def test_a_run_that_broke_off(broken, message):
    reading = read_results({FAX: broken}, {FAX: PREPARED[FAX]}, PATHS)
    assert [failure["message"] for failure in reading.failures] == [message]
    assert reading.halted and should_stop(reading, "continue")
    assert planned_summary(reading, 10)["not_attempted"] >= 1


def test_a_module_that_stopped_as_it_was_told_to():
    stopped = result(
        subscriber(0, "failed", error=NOT_FOUND), subscriber(1, "not_attempted"), failed=True, error={"code": "stopped"}
    )
    reading = read_results({FAX: stopped}, {FAX: PREPARED[FAX]}, PATHS)
    assert [failure["place"] for failure in reading.failures] == ["fleet.csv row 2"]
    assert not reading.halted


def test_a_task_that_was_skipped_has_done_nothing():
    reading = read_results({FAX: {"skipped": True, "changed": False}}, {FAX: PREPARED[FAX]}, PATHS)
    assert counts(applied_summary(reading, 3)) == {"total": 3, "not_attempted": 3}
    assert reading.failures == []


def test_what_counts_for_a_subscriber_with_two_ends():
    for one, other, whole in (
        ("changed", "unchanged", "changed"),
        ("changed", "failed", "failed"),
        ("changed", "not_attempted", "not_attempted"),
        ("unverified", "changed", "unverified"),
    ):
        more = {"error": NOT_FOUND}
        for pair in ((one, other), (other, one)):
            results = {module: result(subscriber(0, s, **more)) for module, s in zip((FAX, MAIL2FAX), pair)}
            reading = read_results(results, {FAX: {"positions": [3]}, MAIL2FAX: {"positions": [3]}}, PATHS)
            assert reading.combined() == {3: whole}
