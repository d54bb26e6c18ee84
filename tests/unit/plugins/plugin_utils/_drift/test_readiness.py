# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Readiness reports: one row for each subscriber, in words for people, and hostile values that stay text."""

from __future__ import annotations

import html.parser
import json
import os
import re
import stat
from datetime import datetime, timezone

import pytest
import yaml

from ansible_collections.ngcp.fax.plugins.module_utils._readiness.verdicts import CODES, reason
from ansible_collections.ngcp.fax.plugins.modules import drift_report
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift import files, readiness, readiness_files
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import TaskResult
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.reports import Reports
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.writing import MAX_ROWS

NOW = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)
PLATFORM = "https://ngcp.example.org:1443"
HOSTILE = "</script><img src=x onerror=alert(1)>|`*_\x00\u202e"
FACTS = {"edition": "sppro", "version": "mr26.2.0.0", "fax_server": True, "licence": True, "reasons": []}


def entry(number, verdicts="true true true", *codes, message="Something is wrong.", fix=None, **more):
    """Return a subscriber of a result.

    :param verdicts: about receiving, sending and mailing, a dash where that was not asked for.
    """
    given = zip(("receives", "sends", "mails"), verdicts.split())
    found = {ability: verdict for ability, verdict in given if verdict != "-"}
    reasons = [{**reason(code, message).as_dict(found), "fix": fix} for code in codes]
    return {"subscriber_id": number, "subscriber": f"user{number}@example.org", **found, "reasons": reasons, **more}


def result(*entries, platform=PLATFORM, **more):
    run = {"module": "fax_readiness_info", "platform": platform, "check_mode": False}
    return {"subscribers": list(entries), "platform": FACTS, "summary": {"requests": 7}, "run": run, **more}


def build(*results):
    return readiness.build_readiness(
        [TaskResult(one, "Check", "localhost") for one in results], title="T", generated=NOW
    )


def headline(*entries):
    return " ".join(readiness_files.headline(build(result(*entries))))


class Elements(html.parser.HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


# ---- the document


def test_the_shape_of_a_document():
    document = build(result(entry(2, "false true unknown", "forward_missing", fix="- x\n"), entry(1)))
    assert document == {
        "schema_version": 1,
        "title": "T",
        "generated": "2026-11-26T12:00:00Z",
        "started": None,
        "platforms": [PLATFORM],
        "platform_facts": [{"address": PLATFORM, **FACTS}],
        "summary": {
            "subscribers": {"total": 2, "ready": 1, "unknown": 0, "not_ready": 1},
            "receives": {"true": 1, "false": 1, "unknown": 0},
            "sends": {"true": 2, "false": 0, "unknown": 0},
            "mails": {"true": 1, "false": 0, "unknown": 1},
            "codes": [{"code": "forward_missing", "subscribers": 1}],
            "tasks": 1,
            "requests": 7,
            "problems": 0,
        },
        "problems": [],
        "fixes": [],
        "subscribers": [
            {**entry(1), "platform": PLATFORM, "status": "ready"},
            {
                **entry(2, "false true unknown", "forward_missing", fix="- x\n"),
                "platform": PLATFORM,
                "status": "not_ready",
            },
        ],
    }
    sample = yaml.safe_load(drift_report.RETURN)["readiness"]["sample"]
    assert set(sample) == set(document["summary"])
    assert set(sample["subscribers"]) == set(document["summary"]["subscribers"])


def test_a_later_result_counts_for_what_it_is_about():
    first = result(entry(1, "false true -", "forward_missing", "caller_id_missing"))
    then = result(entry(1, "true - -"), entry(2, "- - false", "mail_inactive"))
    document = build(first, {"results": [then, {"skipped": True}]})
    one, two = document["subscribers"]
    assert (one["receives"], one["sends"], one["status"]) == ("true", "true", "ready")
    assert [item["code"] for item in one["reasons"]] == ["caller_id_missing"]
    assert "receives" not in two and two["status"] == "not_ready"
    assert document["summary"]["requests"] == 14 and document["summary"]["tasks"] == 2


def test_the_same_id_on_two_platforms_is_two_subscribers():
    document = build(result(entry(1)), result(entry(1, "false true true", "forward_missing"), platform="https://b"))
    assert [row["platform"] for row in document["subscribers"]] == ["https://b", PLATFORM]
    assert "https://b" in readiness_files.render(document)["readiness_html"]


def test_what_could_not_be_reported():
    missing = [{"index": n, "subscriber": str(n), "error": {"message": "There is no such."}} for n in range(90)]
    document = build(
        result(entry(1), errors=missing),
        {"failed": True, "msg": "No connection"},
        {"censored": "hidden"},
        result(error={"message": "The user is locked"}, failed=True),
    )
    messages = [problem["message"] for problem in document["problems"]]
    assert len(messages) == 50 and messages[0] == "0: There is no such."
    assert document["summary"]["problems"] == 93
    assert "There were 93 problems." in readiness_files.headline(document)
    short = build(
        {"failed": True, "msg": "No connection"}, result(error={"message": "The user is locked"}, failed=True)
    )
    assert [problem["message"] for problem in short["problems"]] == ["No connection", "The user is locked"]


# ---- words


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([], "No subscribers were checked."),
        ([entry(1)], "It is ready."),
        ([entry(1), entry(2)], "All of 2 subscribers are ready."),
        ([entry(1, "false true true"), entry(2)], "1 of 2 subscribers does not receive faxes."),
        (
            [entry(1, "false false false"), entry(2, "false true true"), entry(3, "unknown true true")],
            "2 of 3 subscribers do not receive faxes. 1 cannot send faxes. 1 cannot send faxes by e-mail. "
            "The readiness of 1 is not fully known.",
        ),
        ([entry(1, "- - false")], "1 of 1 subscriber cannot send faxes by e-mail."),
        ([entry(1, "unknown - -"), entry(2, "true - -")], "The readiness of 1 of 2 subscribers is not fully known."),
    ],
)
def test_headlines(entries, words):
    assert headline(*entries) == words


# ---- files


def test_hostile_values_are_only_text():
    row = entry(
        1, "false true true", "forward_missing", message=HOSTILE, fix=f"- name: {HOSTILE}\n", subscriber=HOSTILE
    )
    facts = {**FACTS, "edition": HOSTILE, "version": HOSTILE}
    reports = readiness_files.render(build(result(row, platform=f"https://x/{HOSTILE}") | {"platform": facts}))
    page = Elements(reports["readiness_html"])
    assert not [tag for tag, _attributes in page.tags if tag == "img"]
    assert sum(tag == "script" for tag, _attributes in page.tags) == 2
    assert "\x00" not in reports["readiness_html"] and "\u202e" not in reports["readiness_html"]
    table = [line for line in reports["readiness_md"].splitlines() if line.startswith("|")]
    assert not any(re.search(r"(?<!&#124;)<img|`\*_", line) for line in table)
    assert json.loads(reports["readiness_json"])["subscribers"][0]["subscriber"] == HOSTILE


def test_a_page_that_asks_nobody_for_anything():
    page = readiness_files.render(build(result(entry(1, "false true true", "forward_missing"))))["readiness_html"]
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|https?:", page.replace(PLATFORM, ""))
    assert "default-src 'none'" in page


def test_what_is_on_the_page():
    rows = [entry(1, "unknown true true", "calls_locked"), entry(2, "false true true", "forward_missing", fix="- x\n")]
    page = Elements(readiness_files.render(build(result(*rows, entry(3))))["readiness_html"])
    shown = [attributes for tag, attributes in page.tags if tag == "tr" and "data-s" in attributes]
    assert [one["data-s"] for one in shown] == ["not_ready", "unknown", "ready"], "the worst comes first"
    assert [one["data-r"] for one in shown] == ["receives", "receives", ""]
    assert [one["data-f"] for one in shown] == ["forward_missing", "calls_locked", ""]
    assert "licence present" in page.text and "- x" in page.text
    options = [attributes["value"] for tag, attributes in page.tags if tag == "option"]
    assert {"different", "ready", "not_ready", "receives", "sends", "mails", "forward_missing"} <= set(options)


def test_fixes_for_several_at_once():
    """They are on the page and in the JSON file; in Markdown they would be longer than all the rest."""
    shared = {"code": "forward_missing", "subscribers": 1200, "fix": f"- name: {HOSTILE}\n"}
    document = build(result(entry(1), fixes=[shared]), result(entry(2), fixes=[{**shared, "more": "x"}]))
    assert document["fixes"] == [shared, shared]
    reports = readiness_files.render(document)
    assert "forward_missing: 1,200 subscribers" in Elements(reports["readiness_html"]).text
    assert "\x00" not in reports["readiness_html"]
    assert "- name" not in reports["readiness_md"]


def test_what_is_in_markdown():
    rows = [entry(number, "false true -", "forward_missing", fix="- name: x\n  y:\n    z: 1\n") for number in range(30)]
    text = readiness_files.render(build(result(*rows)))["readiness_md"]
    assert "| user1@example.org (1) | no | yes | *forward&#95;missing* Something is wrong. |" in text.replace(
        "forward_missing", "forward&#95;missing"
    )
    assert text.count("    - name: x\n      y:\n        z: 1\n") == readiness_files.MAX_FIXES
    assert "| receives | 0 | 30 | 0 |" in text


def test_facts_that_are_not_known():
    unknown = {"edition": None, "version": None, "fax_server": None, "licence": None, "reasons": []}
    text = readiness_files.render(build({**result(entry(1)), "platform": unknown}))["readiness_md"]
    assert "edition unknown, version unknown, licence unknown and fax server unknown" in text
    off = {**FACTS, "fax_server": False, "licence": False}
    assert (
        "licence missing and fax server off"
        in readiness_files.render(build({**result(entry(1)), "platform": off}))["readiness_html"]
    )


def test_thousands_of_rows_are_left_out_of_what_is_for_people():
    rows = [entry(number, "false true true", "forward_missing") for number in range(MAX_ROWS + 5)]
    reports = readiness_files.render(build(result(*rows)))
    assert reports["readiness_html"].count("<tr class=") == MAX_ROWS
    assert "5 more subscribers are in readiness.json." in reports["readiness_html"]
    assert len(json.loads(reports["readiness_json"])["subscribers"]) == MAX_ROWS + 5


def test_files_are_private(tmp_path):
    paths = readiness_files.write_readiness(build(result(entry(1))), str(tmp_path / "new"))
    assert sorted(map(os.path.basename, paths.values())) == ["readiness.html", "readiness.json", "readiness.md"]
    assert {stat.S_IMODE(os.stat(path).st_mode) for path in paths.values()} == {0o600}


# ---- both kinds together


def reports(*results, title=files.DEFAULT_TITLE, modules=()):
    given = [TaskResult(one, "Check", "localhost", module) for one, module in zip(results, modules or [None] * 9)]
    return Reports(given, title=title, generated=NOW, started=None)


def drift_result():
    run = {"module": "fax_settings", "platform": PLATFORM, "check_mode": True}
    return {"subscribers": [], "summary": {"total": 3, "requests": 1}, "run": run}


def test_which_reports_there_are():
    both = reports(drift_result(), result(entry(1)))
    assert both.drift["title"] == "Fax settings: drift report" and both.readiness["title"] == "Fax readiness"
    assert both.text == "All of 3 subscribers are in sync. It is ready."
    assert set(both.summaries) == {"drift", "readiness"} and both.is_complete
    assert reports(result(entry(1))).drift is None
    assert reports(drift_result()).readiness is None
    assert reports().drift is not None, "that there is nothing is told by a report about drift"
    assert reports(result(entry(1)), title="Mine").readiness["title"] == "Mine"


def test_a_failed_task_is_a_problem_of_its_own_report():
    failed = {"failed": True, "msg": "No connection"}
    one = reports(failed, modules=["fax_readiness_info"])
    assert one.drift is None and one.readiness["summary"]["problems"] == 1 and not one.is_complete
    assert reports(failed).readiness is None
    assert not reports(failed).is_complete


@pytest.mark.parametrize(
    "changed",
    [
        {"reasons": None},
        {"reasons": ["forward_missing"]},
        {"reasons": [{"code": "x"}]},
        {"subscriber_id": "1"},
        {"receives": True},
    ],
)
def test_results_that_a_playbook_has_changed_are_no_reports(changed):
    given = reports(result({**entry(1), **changed}))
    assert given.readiness is None and given.drift["summary"]["problems"] == 1
    assert reports(result("user1")).readiness is None


def test_every_code_can_be_shown():
    rows = [entry(number, "false false false", code) for number, code in enumerate(CODES, 1)]
    page = readiness_files.render(build(result(*rows)))["readiness_html"]
    assert all(f"{code}</b>" in page for code in CODES)
