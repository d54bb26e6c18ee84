# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report as a result: its shape, its counts, its messages, and no secret in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Counters
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, NotFoundError, ServerError
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Declaration
from ansible_collections.ngcp.fax.plugins.module_utils._settings.outcomes import Outcome, Report
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import Policy, create_plan
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.result import build_result, failure_message
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import SubscriberKeys
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import Subscriber
from ansible_collections.ngcp.fax.tests.unit.support.strategies import SECRET_MARK, cases, parsed

BEFORE = {"active": False, "name": None, "password": "Geheim1", "t38": True, "ecm": True, "destinations": []}
PLAN = create_plan(FAX_SETTINGS, BEFORE, {"active": True, "password": "Geheim2"}, Policy())
SAME = create_plan(FAX_SETTINGS, BEFORE, {}, Policy())
STATUSES = ("changed", "unchanged", "failed", "unverified", "not_attempted")


def outcome(status, index=0, name="alice@example.org", found=True):
    """Return an outcome as a run leaves it behind."""
    keys = SubscriberKeys(subscriber_id=4711 + index)
    made = Outcome(FAX_SETTINGS, Declaration(index, f"subscribers[{index}]", keys, {}), status=status)
    if found:
        made.subscriber = Subscriber(4711 + index, name)
        made.plan = SAME if status == "unchanged" else PLAN
        made.stored = dict(PLAN.after if status == "changed" else BEFORE)
    if status in ("failed", "unverified"):
        made.error = ServerError(f"Error {index}", http_status=500)
    return made


def result(*outcomes, error=None, return_unchanged=False):
    return build_result(FAX_SETTINGS, Report(list(outcomes), error), Counters(), return_unchanged)


MASKED = {"active": False, "name": None, "password": "********", "t38": True, "ecm": True, "destinations": []}


def test_a_changed_subscriber():
    assert result(outcome("changed")) == {
        "changed": True,
        "subscribers": [
            {
                "index": 0,
                "subscriber_id": 4711,
                "subscriber": "alice@example.org",
                "status": "changed",
                "changes": [
                    {"field": "active", "before": False, "after": True},
                    {"field": "password", "before": "********", "after": "********"},
                ],
                "patch": [
                    {"op": "replace", "path": "/active", "value": True},
                    {"op": "replace", "path": "/password", "value": "********"},
                ],
                "settings": {**MASKED, "active": True},
            }
        ],
        "summary": {
            "total": 1,
            "changed": 1,
            "unchanged": 0,
            "failed": 0,
            "unverified": 0,
            "not_attempted": 0,
            "requests": 0,
            "retries": 0,
        },
        "diff": [
            {
                "before_header": "alice@example.org (4711)",
                "after_header": "alice@example.org (4711)",
                "before": 'active: false\npassword: "********"  # old value\n',
                "after": 'active: true\npassword: "********"  # new value\n',
            }
        ],
    }


@pytest.mark.parametrize(
    ("status", "changes", "patch", "settings", "error"),
    [
        ("changed", 2, 2, {**MASKED, "active": True}, False),
        ("unchanged", 0, 0, MASKED, False),
        ("failed", 2, 2, MASKED, True),
        ("unverified", 2, 2, MASKED, True),
        ("not_attempted", 2, 0, MASKED, False),
    ],
)
def test_what_is_shown_of_which_status(status, changes, patch, settings, error):
    (shown,) = result(outcome(status), return_unchanged=True)["subscribers"]
    assert (len(shown["changes"]), len(shown["patch"]), shown["settings"]) == (changes, patch, settings)
    assert ("error" in shown) is error
    if error:
        assert set(shown["error"]) == {"code", "http_status", "message", "retryable", "hint"}


def test_one_that_was_not_found():
    missing = outcome("failed", found=False)
    missing.error = NotFoundError("There is no subscriber 4711", http_status=404)
    (shown,) = result(missing)["subscribers"]
    assert shown == {
        "index": 0,
        "subscriber_id": 4711,
        "subscriber": None,
        "status": "failed",
        "changes": [],
        "patch": [],
        "settings": None,
        "error": missing.error.as_dict(),
    }


@pytest.mark.parametrize(
    ("keys", "known", "shown", "header"),
    [
        (SubscriberKeys(5), Subscriber(5), (5, None), "subscriber 5"),
        (SubscriberKeys(5), Subscriber(5, "a@b"), (5, "a@b"), "a@b (5)"),
        (SubscriberKeys(subscriber="A@b"), Subscriber(5, "a@b"), (5, "a@b"), "a@b (5)"),
        (SubscriberKeys(5, "A@b"), Subscriber(5), (5, "A@b"), "A@b (5)"),
    ],
)
def test_names(keys, known, shown, header):
    made = outcome("changed")
    made.declaration, made.subscriber = Declaration(0, "task", keys, {}), known
    built = result(made)
    assert (built["subscribers"][0]["subscriber_id"], built["subscribers"][0]["subscriber"]) == shown
    assert built["diff"][0]["before_header"] == built["diff"][0]["after_header"] == header


@pytest.mark.parametrize("return_unchanged", [False, True])
def test_who_is_listed(return_unchanged):
    outcomes = [outcome(status, index) for index, status in enumerate(STATUSES)]
    built = result(*outcomes, return_unchanged=return_unchanged)
    expected = [status for status in STATUSES if return_unchanged or status != "unchanged"]
    assert [entry["status"] for entry in built["subscribers"]] == expected
    assert [entry["index"] for entry in built["subscribers"]] == [STATUSES.index(status) for status in expected]
    assert len(built["diff"]) == 1, "one entry for each changed subscriber"
    assert built["summary"] == {**dict.fromkeys(STATUSES, 1), "total": 5, "requests": 0, "retries": 0}


@pytest.mark.parametrize(
    ("statuses", "changed", "failed"),
    [
        ([], False, False),
        (["unchanged"], False, False),
        (["changed", "unchanged"], True, False),
        (["changed", "failed"], True, True),
        (["unchanged", "failed"], False, True),
        (["unverified"], False, True),
        (["unchanged", "not_attempted"], False, True),
    ],
)
def test_changed_and_failed(statuses, changed, failed):
    built = result(*(outcome(status, index) for index, status in enumerate(statuses)))
    assert built["changed"] is changed
    assert built.get("failed", False) is failed
    assert ("msg" in built) is failed
    assert "error" not in built


@pytest.mark.parametrize(
    ("statuses", "error", "message"),
    [
        ("", None, ""),
        ("cu", None, ""),
        ("f", None, "subscribers[0] (4711): Error 0"),
        ("v", None, "subscribers[0] (4711): Error 0"),
        ("cuf", None, "Of 3 subscribers: 1 changed, 1 unchanged, 1 failed. subscribers[2] (4713): Error 2"),
        (
            "ffvff",
            None,
            "Of 5 subscribers: 4 failed, 1 unverified. subscribers[0] (4711): Error 0; subscribers[1] (4712): Error 1; "
            "subscribers[2] (4713): Error 2; and 2 more",
        ),
        ("n", "Stopped", "Stopped"),
        ("cfnn", "Stopped", "Stopped (of 4 subscribers: 1 changed, 1 failed, 2 not attempted)"),
        ("", "Stopped", "Stopped"),
    ],
)
def test_messages(statuses, error, message):
    words = {"c": "changed", "u": "unchanged", "f": "failed", "v": "unverified", "n": "not_attempted"}
    outcomes = [outcome(words[letter], index) for index, letter in enumerate(statuses)]
    report = Report(outcomes, FaxError(error, code="stopped") if error else None)
    assert failure_message(report) == message
    built = result(*outcomes, error=report.error)
    assert built.get("msg", "") == message
    assert (built["error"]["code"] if error else built.get("error")) == ("stopped" if error else None)


@pytest.mark.parametrize("statuses", [[], ["changed"], ["not_attempted"]])
def test_an_error_of_the_whole_run_fails_the_task(statuses):
    built = result(*map(outcome, statuses), error=FaxError("Stopped", code="stopped"))
    assert (built["failed"], built["msg"]) == (True, "Stopped")


def test_counters_are_told():
    counters = Counters()
    counters.count()
    counters.count(retry=True)
    counters.count_retry()
    summary = build_result(FAX_SETTINGS, Report([]), counters, False)["summary"]
    assert (summary["requests"], summary["retries"]) == (2, 2)


@given(cases())
def test_no_result_holds_a_secret(case):
    resource, before, declared, policy = case
    plan = create_plan(resource, before, parsed(resource, declared), policy)
    outcomes = []
    for index, status in enumerate(STATUSES if plan.changes else ("unchanged",)):
        made = outcome(status, index)
        made.plan, made.stored = plan, dict(plan.after if status == "changed" else before)
        outcomes.append(made)
    built = build_result(resource, Report(outcomes), Counters(), True)
    assert SECRET_MARK not in json.dumps(built)
    assert not set(built) & {"results", "items", "values", "keys", "get", "update"}, "names that Jinja cannot reach"
