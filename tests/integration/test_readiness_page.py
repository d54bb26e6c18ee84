# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``readiness.html`` in a real browser: filters by verdict, ability and reason, fixes that open, on every screen."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from selenium import webdriver

from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import TaskResult
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.readiness import build_readiness
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.readiness_files import write_readiness
from ansible_collections.ngcp.fax.tests.integration.support.pages import (
    LOW_CONTRAST,
    Page,
    needs_browser,
    started_browser,
)

pytestmark = needs_browser

HOSTILE = "</script><img src=x onerror=alert(1)><b>"
# How many cells are too narrow for what is in them.
OVERFLOWING = """
const cells = [...document.querySelectorAll("tbody td, tbody th")];
return cells.filter((one) => one.scrollWidth > one.clientWidth + 1).length;
"""
FIX = (
    "- name: Forward all calls to the fax box\n  ngcp.fax.fax_forward:\n    subscriber_id: 1\n"
    "    forward: unconditional\n"
)


def reason(code: str, level: str, *affects: str, fix: str | None = None, message: str = "") -> dict[str, Any]:
    text = message or f"This is what {code} means, in a sentence that is long enough to need a second line."
    return {"code": code, "level": level, "affects": list(affects), "message": text, "fix": fix}


def entry(number: int, verdicts: str, *reasons: dict[str, Any], name: str = "") -> dict[str, Any]:
    words = dict(zip(("receives", "sends", "mails"), verdicts.split(), strict=True))
    subscriber = name or f"user{number:04d}@voip.example.net"
    return {"subscriber_id": number, "subscriber": subscriber, **words, "reasons": list(reasons)}


def results() -> list[TaskResult]:
    """Ten who lack a call forward, five who are locked, some others, and hostile values."""
    missing = reason("forward_missing", "blocks", "receives", fix=FIX)
    locked = reason("subscriber_not_active", "unknown", "receives", "sends", "mails")
    note = reason("key_renewal_overdue", "note", "mails")
    entries = [entry(number, "false true true", missing) for number in range(1, 11)]
    entries += [entry(number, "unknown unknown unknown", locked) for number in range(11, 16)]
    entries.append(entry(16, "true true false", reason("mail_inactive", "blocks", "mails"), note))
    entries += [entry(number, "true true true", note) for number in range(17, 21)]
    entries.append(
        entry(21, "false true true", reason("x", "blocks", "receives", fix=HOSTILE, message=HOSTILE), name=HOSTILE)
    )
    entries.append(entry(22, "false true true", missing, name="a-name-without-any-place-to-break-it" * 6))
    run = {"module": "fax_readiness_info", "platform": "https://ngcp.example.org:1443", "check_mode": False}
    facts = {"edition": "sppro", "version": "mr26.2.0.0", "fax_server": True, "licence": True, "reasons": []}
    lost = {"index": 22, "subscriber": "nobody@example.org", "error": {"message": "There is no subscriber nobody."}}
    return [
        TaskResult(
            {"subscribers": entries, "platform": facts, "summary": {"requests": 7}, "run": run, "errors": [lost]}
        )
    ]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with started_browser(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture
def page(browser: webdriver.Chrome, tmp_path: pathlib.Path) -> Iterator[Page]:
    """The page; whatever a test does, it has to stay quiet."""
    document = build_readiness(results(), title="Nightly", generated=datetime(2026, 11, 24, tzinfo=UTC))
    shown = Page(browser, write_readiness(document, str(tmp_path))["readiness_html"])
    yield shown
    shown.is_quiet()


def test_what_is_seen_first(page: Page) -> None:
    assert page.find(".headline").text == "12 of 22 subscribers do not receive faxes."
    assert (
        page.find(".more").text
        == "1 cannot send faxes by e-mail. The readiness of 5 is not fully known. There was 1 problem."
    )
    assert "There is no subscriber nobody." in page.find(".problems").text
    assert "licence present" in page.find(".facts").text
    assert page.count == "1–18 of 18 subscribers", "those who are ready are not shown at first"
    assert page.names[0] == "user0001@voip.example.net", "who lacks something comes before who may lack it"
    assert page.names[-1] == "user0015@voip.example.net"


def test_filters_and_sorting(page: Page) -> None:
    page.choose("status", "Ready")
    assert page.names == [f"user{number:04d}@voip.example.net" for number in range(17, 21)]
    page.choose("status", "Unknown")
    assert len(page.names) == 5
    page.choose("status", "All")
    assert len(page.names) == 22
    page.choose("resource", "Mails")
    assert len(page.names) == 6
    page.choose("field", "mail_inactive")
    assert page.names == ["user0016@voip.example.net"]
    page.choose("resource", "All")
    page.choose("field", "forward_missing")
    assert len(page.names) == 11
    page.search("user0004 fax box")
    assert page.names == ["user0004@voip.example.net"]
    page.search("")
    page.choose("field", "All")
    page.sort("Verdicts")
    assert page.texts("tbody tr:last-child .pill")[0] == "receives: yes"
    assert page.sort("Reasons") == "descending" and page.names[0] == "user0016@voip.example.net"


def test_fixes_open_and_can_be_copied(page: Page) -> None:
    first = page.find("details")
    assert not first.find_element("css selector", "pre").is_displayed()
    first.find_element("css selector", "summary").click()
    assert page.evaluate("return document.querySelector('pre').textContent") == FIX.rstrip()


def test_hostile_values_are_only_text(page: Page) -> None:
    assert HOSTILE in page.names
    assert page.all("img") == [] and page.evaluate("return document.scripts.length") == 2


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1400])
def test_every_screen(page: Page, width: int, dark: bool) -> None:
    page.look(width, dark)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("return document.documentElement.scrollWidth") <= width, "nothing to scroll sideways"
    assert page.evaluate(LOW_CONTRAST) == []
    assert page.evaluate(OVERFLOWING) == 0, "no text of a cell runs into the next one"


def test_assistive_technology_finds_its_way(page: Page) -> None:
    shown = [field for field in page.all("input, select, button, summary") if field.is_displayed()]
    assert all(field.accessible_name for field in shown)
    levels = page.evaluate("return [...document.querySelectorAll('h1, h2, h3')].map((head) => Number(head.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    names = [chart.accessible_name for chart in page.all("svg[role=img]")]
    assert names == ["5 yes, 5 unknown, 12 no", "17 yes, 5 unknown", "16 yes, 5 unknown, 1 no"]


def test_without_scripts(page: Page) -> None:
    page.look(scripts=False)
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    names = [node for node in tree if node.get("role", {}).get("value") == "rowheader"]
    assert len(names) == 18, "those who are ready are only counted"
    page.look()
