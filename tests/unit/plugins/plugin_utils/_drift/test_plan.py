# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift reports of plans: they say what the result of the same run says, and no plan can break them."""

from __future__ import annotations

import json
import pathlib
from datetime import datetime, timezone

import pytest

from ansible_collections.ngcp.fax.plugins.action.drift_report import ActionModule
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.plan_document import checksum, parse_document
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.files import render
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.plan import result_of_plan
from ansible_collections.ngcp.fax.tests.unit.support import fleet_platform
from ansible_collections.ngcp.fax.tests.unit.support.drift import document
from ansible_collections.ngcp.fax.tests.unit.support.fleet_plans import FAX, MAIL, FleetPlatform, run, write_fleet
from ansible_collections.ngcp.fax.tests.unit.support.forward_platform import ForwardPlatform
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure, subscriber

ROOT = pathlib.Path(__file__).parents[5]
SETTINGS = (FAX_SETTINGS, MAIL2FAX_SETTINGS)


@pytest.fixture
def planned(tmp_path):
    """Return a function that runs the fleet in check mode and returns its result and its plan."""

    def run_fleet(platform=None, **given):
        src, path = write_fleet(tmp_path / "fleet.csv"), tmp_path / "plan.json"
        result = run(platform or FleetPlatform(), True, src=src, plan_out=str(path), **given)
        return result, parse_document(path.read_bytes(), "plan.json")

    return run_fleet


def test_a_plan_gives_the_document_of_its_run(planned):
    result, plan = planned()
    ours, theirs = document(result_of_plan(plan)), document(result)
    assert ours == {**theirs, "plan": True}
    assert [row["entry"] for row in ours["subscribers"]] == [f"fleet.csv row {number}" for number in (2, 3, 4, 6)]
    assert ours["summary"]["subscribers"]["drifted"] == 4 and ours["summary"]["subscribers"]["in_sync"] == 1
    assert ours["summary"]["requests"] == result["summary"]["requests"] > 0
    assert ours["platforms"] == ["https://platform.test:1443"] and ours["mode"] == "check"


def test_call_forwards_are_in_the_report(tmp_path, pauses):
    platform = ForwardPlatform([subscriber(number) for number in (1, 2, 3, 4)], others=dict.fromkeys(SETTINGS))
    declared = {"subscribers": [{"subscriber_id": n, "forward": f} for n, f in enumerate(("none", "cfu", "cfb"), 1)]}
    fleet_platform.run_fleet_task(platform, subscribers=[{"subscriber_id": 1, "forward": "cft", "ring_timeout": 20}])
    declared["subscribers"][1]["name"] = "Two"
    path = tmp_path / "plan.json"
    result = fleet_platform.run_fleet_task(platform, True, plan_out=str(path), max_deactivated="1", **declared)
    plan = parse_document(path.read_bytes(), "plan.json")
    ours, theirs = document(result_of_plan(plan)), document(result)
    assert ours == {**theirs, "plan": True}
    parts = {row["subscriber_id"]: row["settings"] for row in ours["subscribers"]}
    assert parts[1][0]["changes"] == [
        {"field": "forward", "before": "timeout", "after": "none"},
        {"field": "ring_timeout", "before": 20, "after": None},
    ]
    assert [(part["module"], part["status"]) for part in parts[2]] == [("fax_forward", "drifted"), (FAX, "drifted")]
    assert len(parts) == 3
    assert "unconditional" in render(ours)["html"]


def test_who_cannot_be_planned_is_in_the_report(planned):
    platform = FleetPlatform()
    platform.meet("GET", "/api/mailtofaxsettings/", failure(404, "Not found."), again=True)
    result, plan = planned(platform, on_plan_error="continue")
    ours, theirs = document(result_of_plan(plan)), document(result)
    assert ours["summary"]["subscribers"] == theirs["summary"]["subscribers"]
    rows = {row["subscriber_id"]: row for row in ours["subscribers"]}
    assert {number: row["status"] for number, row in rows.items()} == {
        1: "drifted",
        2: "failed",
        3: "failed",
        5: "drifted",
    }
    assert [(part["module"], part["status"]) for part in rows[2]["settings"]] == [
        (FAX, "not_attempted"),
        (MAIL, "failed"),
    ]


def test_the_reports_show_the_plan_and_no_secrets(planned):
    texts = render(document(result_of_plan(planned()[1])))
    for text in texts.values():
        assert "two@example.org" in text and "Three" in text and "CANARY" not in text
    schema = json.loads((ROOT / "docs/drift-report.schema.json").read_text())
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(schema).validate(json.loads(texts["json"]))


@pytest.mark.parametrize(
    "value", [None, -1, "x", True, [], [1], [{}], [{"destination": "x"}], {}, {"fax_settings": {}}]
)
def test_no_plan_breaks_the_reports(planned, value):
    """Every value of a plan is another one, with the right checksum: it is an error, or a report."""
    made = planned()[1].document
    shown = 0
    for position, changing in enumerate(made["subscribers"]):
        for module, part in changing["settings"].items():
            for name in part["before"]:
                copy = json.loads(json.dumps(made))
                copy["subscribers"][position]["settings"][module]["before"][name] = value
                copy["checksum"] = checksum(copy)
                try:
                    plan = parse_document(json.dumps(copy).encode(), "plan.json")
                except InputError:
                    continue
                assert set(render(document(result_of_plan(plan)))) == {"json", "html", "md", "junit"}
                shown += 1
    assert bool(shown) == (value is None or isinstance(value, (str, bool)) or value == [])


def work(**given):
    action = ActionModule.__new__(ActionModule)
    arguments = default_params(ActionModule.argument_spec)
    return action.work({**arguments, **given}, {})


def test_the_module_takes_a_plan(planned, tmp_path):
    planned()
    result = work(plan=str(tmp_path / "plan.json"), dir=str(tmp_path / "reports"))
    assert result["drift"]["subscribers"]["drifted"] == 4
    report = json.loads((tmp_path / "reports/drift.json").read_text())
    assert report["started"] == json.loads((tmp_path / "plan.json").read_text())["created"]
    assert abs(datetime.now(timezone.utc) - datetime.fromisoformat(report["generated"][:-1] + "+00:00")).seconds < 60


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "exactly one of results, plan is needed, none given"),
        ({"results": [{}], "plan": "plan.json"}, "results and plan given"),
        ({"plan": "none.json"}, "cannot read"),
    ],
)
def test_what_the_module_refuses(tmp_path, given, message):
    with pytest.raises(InputError, match=message):
        work(dir=str(tmp_path), **given)
