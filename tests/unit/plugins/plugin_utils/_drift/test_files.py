# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The four reports: they say the same, whatever is in the values, and are on disk whole or not at all."""

from __future__ import annotations

import html.parser
import json
import os
import re
import stat
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils import _files
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift import files, text, writing
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import TaskResult
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

HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    "<!--",
    "]]></failure>",
    '" onload="x',
    "a | b | c",
    "`code` **bold** [link](https://evil.example) ![i](x)",
    "\\| <b>&amp;",
    "line\nbreak\r\ttab",
    "\x00\x01\x1b[31m",
    "\u202egnp.exe",
    "\ud800",
    "\ufffe\uffff",
    "{{ 7 * 7 }}{% raw %}",
    "=HYPERLINK(1)",
    "__init__ _x_ snake_case @everyone www.evil.example",
)
DESTINATION = {"destination": "fax@example.org", "filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}


class Page(html.parser.HTMLParser):
    """What a browser makes of the page: its elements, and the cells of its rows."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.rows = []
        self.text = ""
        self._inside = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append({"attributes": dict(attrs), "text": ""})
        self._inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data):
        if self._inside[-1:] in (["script"], ["style"]):
            return
        self.text += data
        if "tr" in self._inside:
            self.rows[-1]["text"] += data

    @property
    def subscribers(self):
        """The rows of the table's body."""
        return [row for row in self.rows if "data-s" in row["attributes"]]


def cases(source):
    """Return the test cases of a JUnit report by their names."""
    return {case.get("name"): case for case in ET.fromstring(source).iter("testcase")}


def shown(*results, **more):
    made = document(*results, **more)
    return made, files.render(made)


# ---- what the reports say


def test_the_four_reports_agree():
    broken = entry(3, "failed", (), error={**ERROR, "message": "There is no subscriber 3"})
    made, reports = shown(
        result(entry(1), entry(2, "unchanged"), broken, entry(4, "not_attempted", ())),
        result(entry(1, changes=[{"field": "secret_key_renew", "before": "daily", "after": "never"}]), module=MAIL),
        TaskResult({"censored": "x"}, "Set the keys", "localhost", MAIL),
    )
    assert json.loads(reports["json"]) == json.loads(json.dumps(made))

    page = Page(reports["html"])
    assert [row["attributes"]["data-s"] for row in page.subscribers] == [
        "failed",
        "not_attempted",
        "drifted",
        "in_sync",
    ]
    assert page.subscribers[2]["attributes"]["data-f"] == f"{FAX}.name {MAIL}.secret_key_renew"
    assert "Changed by hand" in page.subscribers[2]["text"] and "never" in page.subscribers[2]["text"]
    assert "There is no subscriber 3" in page.text and "Set the keys" in page.text
    assert "1 of 4 subscribers differs from what is declared." in page.text

    suite = ET.fromstring(reports["junit"])
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "1", "3")
    found = cases(reports["junit"])
    failure = found["user1@example.org (1)"].find("failure")
    assert "name: Changed by hand → Branch" in failure.text
    assert "secret_key_renew: daily → never" in failure.text
    assert list(found["user2@example.org (2)"]) == []
    assert found["user3@example.org (3)"].find("error").get("type") == "failed"
    assert found["user4@example.org (4)"].find("error").get("type") == "not_attempted"

    table = reports["md"]
    assert "| user1@example.org (1) | drifted | *fax settings*<br>name: Changed by hand → Branch" in table
    assert "| **all** | 4 | 1 | 0 | 1 | 1 | 0 | 1 | 2 |" in table
    assert "user2" not in table and "Set the keys" in table


def test_subscribers_that_are_only_counted_are_one_test_case():
    _made, reports = shown(result(entry(1), total=300))
    found = cases(reports["junit"])
    assert len(found) == 2
    assert "299 subscribers in sync, not named in the results" in found
    _made, two = shown(result(entry(1), total=2))
    assert "1 subscriber in sync, not named in the results" in cases(two["junit"])
    suite = ET.fromstring(reports["junit"]).find("testsuite")
    properties = {item.get("name"): item.get("value") for item in suite.iter("property")}
    assert (properties["subscribers.only_counted"], properties["subscribers.total"]) == ("299", "300")


def test_a_real_run_has_no_failures():
    _made, reports = shown(result(entry(1), check=False))
    case = cases(reports["junit"])["user1@example.org (1)"]
    assert [child.tag for child in case] == ["system-out"]
    assert "name: Changed by hand → Branch" in case.find("system-out").text
    assert "1 of 1 subscriber was corrected." in reports["html"] and "was written to the platform" in reports["html"]


def test_nothing_to_report():
    _made, reports = shown(result(entry(1, "unchanged")))
    assert "The subscriber is in sync." in Page(reports["html"]).text
    assert "3 requests in 1 task." in reports["html"]
    _made, twice = shown(*[{**result(), "summary": {"total": 0, "requests": number}} for number in (0, 1)])
    assert "1 request in 2 tasks." in twice["html"]
    _made, empty = shown()
    assert "No subscribers were checked." in Page(empty["html"]).text
    assert ET.fromstring(empty["junit"]).get("tests") == "0"


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([result(entry(1), total=300)], "1 of 300 subscribers differs from what is declared."),
        ([result(entry(1), entry(2))], "2 of 2 subscribers differ from what is declared."),
        ([result(total=300)], "All of 300 subscribers are in sync."),
        ([result(entry(1), entry(2, "unchanged"), check=False)], "1 of 2 subscribers was corrected."),
        ([result(entry(1, "failed"), total=3)], "2 of 3 subscribers are in sync. 1 could not be checked."),
        ([{"censored": "x"}], "No subscribers were checked. 1 task could not be reported in full."),
        (
            [result(entry(1), total=1500), result(total=1500, module=MAIL)],
            "1 of about 1,500 subscribers differs from what is declared.",
        ),
    ],
)
def test_headline(results, words):
    assert " ".join(files.headline(document(*results))) == words


# ---- values


@pytest.mark.parametrize("status", ["changed", "failed", "unchanged"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_values_are_only_text(hostile, status):
    change = {"field": hostile, "before": hostile, "after": [hostile]}
    name = {"field": "name", "before": hostile, "after": None}
    given = entry(
        1, status, [change, name], subscriber=hostile, error={"code": hostile, "message": hostile, "hint": hostile}
    )
    plain = result(entry(1, status, subscriber="plain"))
    _made, reports = shown(
        result(given, platform=hostile), TaskResult({"failed": True, "msg": hostile}, hostile, hostile), title=hostile
    )
    _made, plain_reports = shown(plain, TaskResult({"failed": True, "msg": "plain"}, "plain", "plain"), title="plain")

    page, plain_page = Page(reports["html"]), Page(plain_reports["html"])
    scripts = [tag for tag, _attributes in page.elements if tag in ("script", "img", "iframe", "b")]
    assert scripts.count("script") == 2 and "img" not in scripts
    assert len(page.subscribers) == len(plain_page.subscribers) == 1
    for _tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes)

    assert len(cases(reports["junit"])) == 2
    assert json.loads(reports["json"])["title"] == hostile

    rows = [line for line in reports["md"].splitlines() if line.startswith("|")]
    widths = [line.replace("\\|", "").count("|") for line in rows]
    plain_rows = [line for line in plain_reports["md"].splitlines() if line.startswith("|")]
    assert sorted(set(widths)) == sorted({line.count("|") for line in plain_rows})
    assert re.sub(r"<br>", "", reports["md"]).count("<") == 0
    for content in (reports["html"], reports["md"], reports["junit"]):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e\ud800-\udfff\ufffe\uffff]", content)


TEXTS = st.text(st.characters(), max_size=20)


@given(TEXTS, TEXTS, st.one_of(TEXTS, st.none(), st.booleans(), st.lists(st.dictionaries(TEXTS, TEXTS))))
def test_any_value_gives_well_formed_reports(name, message, value):
    changes = [{"field": "name", "before": value, "after": name}]
    given = [
        entry(1, "changed", changes, subscriber=name),
        entry(2, "failed", (), error={"code": "x", "message": message, "hint": None}),
    ]
    made, reports = shown(result(*given), TaskResult({"failed": True, "msg": message}, name), title=name)
    assert json.loads(reports["json"]) == made
    assert len(cases(reports["junit"])) == 3
    page = Page(reports["html"])
    assert [row["attributes"]["data-s"] for row in page.subscribers] == ["failed", "drifted"]
    for kind in ("html", "md", "junit"):
        reports[kind].encode("utf-8")


def test_a_legend_where_it_is_declared_and_warnings():
    row = {**entry(7), "entry": "a|b.csv row 5"}
    _made, reports = shown({**result(row), "warnings": ["max_emptied <can> limit that."]})
    page = Page(reports["html"])
    assert "is on the platform" in page.text and "is declared" in page.text
    assert "id 7" in page.subscribers[0]["text"] and "a|b.csv row 5" in page.subscribers[0]["text"]
    assert "max_emptied <can> limit that." in page.text
    assert "a&#124;b.csv row 5" in reports["md"] and "## Warnings" in reports["md"]
    assert "− is on the platform" in reports["md"]


def test_without_differences_there_is_no_legend():
    _made, reports = shown(result(entry(2, "failed", ())))
    assert "is declared" not in Page(reports["html"]).text and "## Warnings" not in reports["md"]


def test_the_report_on_a_plan_says_so():
    plan = result(entry(1))
    plan["run"]["plan"] = True
    _made, reports = shown(plan)
    assert "a plan, nothing has been written" in Page(reports["html"]).text


def test_the_page_asks_nobody_for_anything():
    _made, reports = shown(result(entry(1)))
    page = Page(reports["html"])
    policy = next(attributes["content"] for tag, attributes in page.elements if attributes.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    links = [
        value for _tag, attributes in page.elements for name, value in attributes.items() if name in ("src", "href")
    ]
    assert links == ["data:,"]
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest|https?:", reports["html"].replace(PLATFORM, ""))


def test_only_what_differs_in_a_list_is_shown():
    other = {**DESTINATION, "destination": "other@example.org"}
    changed = {
        "field": "destinations",
        "before": [DESTINATION, other],
        "after": [{**DESTINATION, "filetype": "PDF"}, other],
    }
    (shown_change,) = text.shown_changes({"module": FAX, "changes": [changed]})
    assert text.change_text(shown_change) == (
        "destinations: fax@example.org filetype=TIFF → fax@example.org filetype=PDF"
    )
    whole = "other@example.org filetype=TIFF incoming=true outgoing=true status=true"
    added = {"field": "destinations", "before": [DESTINATION], "after": [DESTINATION, other]}
    assert text.change_text(text.shown_changes({"module": FAX, "changes": [added]})[0]) == f"destinations: + {whole}"
    removed = {"field": "destinations", "before": [DESTINATION, other], "after": [DESTINATION]}
    assert text.change_text(text.shown_changes({"module": FAX, "changes": [removed]})[0]) == f"destinations: − {whole}"
    first = {"field": "destinations", "before": [], "after": [other]}
    assert text.change_text(text.shown_changes({"module": FAX, "changes": [first]})[0]) == (
        f"destinations: (empty) → {whole}"
    )
    rule = {"from_email": "a@b.org", "received_from": None, "destination": None, "use_regex": False}
    acl = {"field": "acl", "before": [], "after": [rule]}
    (shown_change,) = text.shown_changes({"module": MAIL, "changes": [acl]})
    assert shown_change.after == ["from_email=a@b.org use_regex=false"]


def test_secrets_stay_masked():
    for field, module in (("password", FAX), ("secret_key", MAIL)):
        mask = "********"
        (changed,) = text.shown_changes(
            {"module": module, "changes": [{"field": field, "before": mask, "after": mask}]}
        )
        assert text.change_text(changed) == f"{field}: {mask} (old value) → {mask} (new value)"
        unmasked = {"field": field, "before": None, "after": "CANARY"}
        _made, reports = shown(result(entry(1, changes=[unmasked]), module=module))
        assert all("CANARY" not in reports[kind] for kind in ("html", "md", "junit"))


def test_long_lists_are_cut_in_reports_for_people():
    many = [{**DESTINATION, "destination": f"fax{number}@example.org"} for number in range(100)]
    _made, reports = shown(result(entry(1, changes=[{"field": "destinations", "before": [], "after": many}])))
    assert "(and 75 more)" in reports["md"] and "fax99@" not in reports["html"]
    assert "fax99@" in reports["json"]
    assert text.max_elements(5000) == 2 and text.max_elements(1) == 25 and text.max_elements(1000) == 10


def test_more_rows_than_anybody_reads_are_cut(monkeypatch):
    monkeypatch.setattr(files, "MAX_ROWS", 3)
    _made, reports = shown(result(*(entry(number) for number in range(5))))
    assert len(Page(reports["html"]).subscribers) == 3
    assert "2 more subscribers are in drift.json" in Page(reports["html"]).text
    assert "2 more subscribers are in `drift.json`" in reports["md"]
    assert len(cases(reports["junit"])) == len(json.loads(reports["json"])["subscribers"]) == 5
    _made, reports = shown(result(*(entry(number) for number in range(4))))
    assert "1 more subscriber is in drift.json" in Page(reports["html"]).text
    assert "1 more subscriber is in `drift.json`" in reports["md"]


def test_a_page_of_5000_drifted_subscribers_is_small():
    """Each with several differences and long lists on both sides."""
    lists = [[{**DESTINATION, "destination": f"{side}{number}@example.org"} for number in range(8)] for side in "ab"]
    changes = [NAME, {"field": "destinations", "before": lists[0], "after": lists[1]}]
    renewed = [{"field": "secret_key_renew", "before": "daily", "after": "never"}]
    numbers = range(100_000, 105_000)
    made, reports = shown(
        result(*(entry(number, changes=changes) for number in numbers)),
        result(*(entry(number, changes=renewed) for number in numbers), module=MAIL),
    )
    assert made["summary"]["subscribers"]["drifted"] == 5000
    assert len(reports["html"].encode()) < 5_000_000


# ---- on disk


def test_files_are_private_and_whole(tmp_path):
    folder = tmp_path / "new" / "reports"
    paths = files.write_reports(document(result(entry(1))), str(folder))
    assert sorted(os.listdir(folder)) == ["drift.html", "drift.json", "drift.junit.xml", "drift.md"]
    assert sorted(paths) == ["html", "json", "junit", "md"]
    assert {stat.S_IMODE(os.stat(path).st_mode) for path in paths.values()} == {0o600}
    before = {path: os.stat(path).st_ino for path in paths.values()}
    files.write_reports(document(result(entry(2))), str(folder), 0o644)
    assert {stat.S_IMODE(os.stat(path).st_mode) for path in paths.values()} == {0o644}
    assert all(os.stat(path).st_ino != number for path, number in before.items()), "replaced, not written over"


def test_a_failed_write_leaves_the_old_files(tmp_path, monkeypatch):
    paths = files.write_reports(document(result(entry(1))), str(tmp_path))
    with open(paths["json"], encoding="utf-8") as stream:
        before = stream.read()

    def full(_stream):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_files, "sync", full)
    with pytest.raises(OSError):
        files.write_reports(document(result(entry(2))), str(tmp_path))
    with open(paths["json"], encoding="utf-8") as stream:
        assert stream.read() == before
    assert sorted(os.listdir(tmp_path)) == ["drift.html", "drift.json", "drift.junit.xml", "drift.md"]


def test_the_json_has_a_line_for_each_subscriber():
    _made, reports = shown(result(entry(1), entry(2)))
    lines = [line for line in reports["json"].splitlines() if '"subscriber_id"' in line]
    assert [json.loads(line.rstrip(","))["subscriber_id"] for line in lines] == [1, 2]


@pytest.mark.parametrize(("given", "mode"), [("0600", 0o600), ("640", 0o640), (0o644, 0o644), ("0o600", 0o600)])
def test_modes(given, mode):
    assert writing.parse_mode(given) == mode


@pytest.mark.parametrize("given", ["rw", "", "0999", "7777", None, True, -1])
def test_wrong_modes(given):
    with pytest.raises(ValueError):
        writing.parse_mode(given)
