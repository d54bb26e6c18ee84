# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``drift.html`` in a real browser: search, sort, filters, pages of thousands of rows, on a phone, in the dark, without
scripts; no message on the console and no request to anywhere."""

from __future__ import annotations

import itertools
import pathlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.keys import Keys

from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import TaskResult, build_document
from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.files import write_reports
from ansible_collections.ngcp.fax.tests.integration.support.pages import (
    LOW_CONTRAST,
    Page,
    needs_browser,
    started_browser,
)

pytestmark = needs_browser

HOSTILE = "</script><img src=x onerror=alert(1)><b>"
LARGE = 5000
PAGE = 100


def entry(number: int, status: str = "changed", **more: Any) -> dict[str, Any]:
    made = {"subscriber_id": number, "subscriber": f"user{number:04d}@example.org", "status": status, "changes": []}
    if status == "changed":
        made["changes"] = [{"field": "name", "before": "Changed by hand", "after": f"Branch {number}"}]
    if status in ("failed", "unverified"):
        made["error"] = {"code": "not_found", "message": f"There is no subscriber {number}", "hint": "Look again."}
    return {**made, **more}


def result(entries: list[dict[str, Any]], module: str = "fax_settings") -> TaskResult:
    run = {"module": module, "platform": "https://ngcp.example.org:1443", "check_mode": True}
    return TaskResult({"subscribers": entries, "summary": {"total": len(entries), "requests": 5}, "run": run})


def small() -> list[TaskResult]:
    """Twenty that drifted, a few in sync, some that failed, and hostile values everywhere."""
    entries = [entry(number) for number in range(1, 21)] + [entry(number, "unchanged") for number in range(21, 26)]
    more = [
        {"field": "active", "before": False, "after": True},
        {"field": "password", "before": "********", "after": None},
    ]
    entries[9]["changes"] += more
    entries += [entry(26, "failed"), entry(27, "unverified"), entry(28, "not_attempted")]
    hostile = {"field": "name", "before": HOSTILE, "after": f"{HOSTILE}\x00\u202e"}
    entries.append(entry(29, subscriber=HOSTILE, changes=[hostile]))
    entries.append(entry(30, subscriber="a-name-without-any-place-to-break-it" * 6))
    mail = [
        entry(number, changes=[{"field": "secret_key_renew", "before": "daily", "after": "never"}]) for number in (1, 2)
    ]
    return [result(entries), result(mail, "mail2fax_settings"), TaskResult({"censored": "x"}, "Keys", "localhost")]


def large() -> list[TaskResult]:
    return [result([entry(number) for number in range(1, LARGE + 1)])]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with started_browser(tmp_path_factory.mktemp("browser")) as driver:
        yield driver


@pytest.fixture
def show(browser: webdriver.Chrome, tmp_path: pathlib.Path) -> Iterator[Callable[[list[TaskResult]], Page]]:
    """Return a function that writes reports and opens the page; whatever a test does, the page has to stay quiet."""
    pages = []

    def open_page(results: list[TaskResult]) -> Page:
        document = build_document(results, title="Nightly", generated=datetime(2026, 11, 24, tzinfo=UTC))
        pages.append(Page(browser, write_reports(document, str(tmp_path))["html"]))
        return pages[-1]

    yield open_page
    for page in pages:
        page.is_quiet()


@pytest.fixture
def page(show: Callable[[list[TaskResult]], Page]) -> Page:
    return show(small())


def test_what_is_seen_first(page: Page) -> None:
    assert page.find(".headline").text == "22 of 30 subscribers differ from what is declared."
    assert "3 could not be checked" in page.find(".more").text
    assert len(page.names) == 25 and page.count == "1–25 of 25 subscribers"
    assert page.names[0].startswith("user0026"), "failures come first"
    assert "https://ngcp.example.org:1443" in page.find(".facts").text
    assert not page.find("#pages").is_displayed()


def test_search(page: Page) -> None:
    page.search("USER0007")
    assert page.names == ["user0007@example.org"] and page.count == "1–1 of 1 subscriber"
    page.search("branch 12 hand")
    assert page.names == ["user0012@example.org"]
    page.search("there is no")
    assert len(page.names) == 2
    page.search("daily")
    assert page.names == ["user0001@example.org", "user0002@example.org"]
    page.search("nothing of the kind")
    assert page.names == [] and page.count == "No subscriber matches."
    page.search("")
    assert len(page.names) == 25


def test_filters(page: Page) -> None:
    page.choose("status", "In sync")
    assert page.names == [f"user{number:04d}@example.org" for number in range(21, 26)]
    page.choose("status", "Failed")
    assert page.names == ["user0026@example.org"]
    page.choose("status", "All")
    assert len(page.names) == 30
    page.choose("resource", "Mail to fax settings")
    assert page.names == ["user0001@example.org", "user0002@example.org"]
    page.choose("field", "active (fax settings)")
    assert page.names == []
    page.choose("resource", "Fax settings")
    assert page.names == ["user0010@example.org"]
    page.search("user0011")
    assert page.names == []


def test_sorting_by_mouse_and_keyboard(page: Page) -> None:
    assert {head.get_attribute("aria-sort") for head in page.all("thead th")} == {"none"}
    assert page.sort("Differences") == "descending"
    assert page.names[0] == "user0010@example.org"
    assert page.sort("Subscriber") == "ascending"
    users = [name for name in page.names if name.startswith("user")]
    assert users == sorted(users)
    assert page.sort("Subscriber") == "descending"
    assert [name for name in page.names if name.startswith("user")] == users[::-1]
    assert sorted(head.get_attribute("aria-sort") for head in page.all("thead th")) == ["descending", "none", "none"]
    page.find("thead th:nth-child(2) button").send_keys(Keys.ENTER)
    assert page.texts(".pill")[:4] == ["failed", "unverified", "not attempted", "drifted"]


def test_hostile_values_are_only_text(page: Page) -> None:
    assert HOSTILE in page.names
    assert page.all("img") == [] and page.all("tbody b b") == []
    page.search("onerror")
    shown = page.texts("tbody tr")
    assert len(shown) == 1 and "\\u0000\\u202e" in shown[0]
    assert page.evaluate("return document.scripts.length") == 2


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_every_screen(page: Page, width: int, dark: bool) -> None:
    page.look(width, dark)
    assert page.evaluate("return document.documentElement.scrollWidth") <= width, "nothing to scroll sideways"
    brightness = page.evaluate("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert (brightness < 60) is dark
    assert page.evaluate(LOW_CONTRAST) == []


def test_assistive_technology_finds_its_way(page: Page) -> None:
    shown = [field for field in page.all("input, select, button") if field.is_displayed()]
    assert shown
    for field in shown:
        assert field.accessible_name, field.get_attribute("outerHTML")
    assert page.evaluate("return document.documentElement.lang") == "en"
    levels = page.evaluate("return [...document.querySelectorAll('h1, h2, h3')].map((head) => Number(head.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert len(page.all("main")) == len(page.all("caption")) == len(page.all("[aria-live=polite]")) == 1
    assert page.find("svg[role=img]").accessible_name.startswith("5 in sync, 22 drifted")
    for width in (1280, 390):
        page.look(width)
        assert page.find("#rows").aria_role == "table"
        assert page.find("tbody tr").aria_role == "row"
        assert page.find("tbody th").aria_role == "rowheader" and page.find("thead th").aria_role == "columnheader"


def test_keyboard_alone(page: Page) -> None:
    page.find("body").click()
    reached = []
    for _step in range(7):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        active = page.browser.switch_to.active_element
        reached.append(active.get_attribute("id") or active.text)
        assert page.evaluate("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert reached == ["search", "status", "resource", "field", "Subscriber", "Status", "Differences"]


def test_without_scripts(page: Page) -> None:
    page.look(scripts=False)
    source = page.browser.page_source  # scripts of the test do not run either
    assert source.count("<tr data-s=") == 25
    tree = page.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    names = [node["name"]["value"] for node in tree if node.get("role", {}).get("value") == "rowheader"]
    assert len(names) == 25, "subscribers in sync are only counted"
    boxes = [node for node in tree if node.get("role", {}).get("value") in ("searchbox", "combobox")]
    assert boxes == []
    page.look()


def test_thousands_of_rows(show: Callable[[list[TaskResult]], Page]) -> None:
    page = show(large())
    assert len(page.names) == PAGE and page.count == "1–100 of 5,000 subscribers"
    page.find("#next").click()
    assert page.names[0] == "user0101@example.org" and page.count == "101–200 of 5,000 subscribers"
    page.find("#previous").click()
    assert page.names[0] == "user0001@example.org" and not page.find("#previous").is_enabled()
    page.sort("Subscriber")
    page.sort("Subscriber")
    assert page.names[0] == f"user{LARGE}@example.org"
    page.search("user4999")
    assert page.names == ["user4999@example.org"]
    page.search("branch")
    assert page.count == "1–100 of 5,000 subscribers"
    milliseconds = page.evaluate(
        "const from = performance.now(); document.querySelector('thead button').click();return performance.now() - from"
    )
    assert milliseconds < 2000
    assert page.evaluate("return document.querySelectorAll('tbody tr').length") == PAGE
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("return document.querySelectorAll('tbody tr').length") == LARGE, "all of them are printed"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("return document.querySelectorAll('tbody tr').length") == PAGE


def test_printing(page: Page) -> None:
    document = page.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    assert len(document["data"]) > 10_000


def test_nothing_drifted(show: Callable[[list[TaskResult]], Page]) -> None:
    page = show([result([entry(1, "unchanged"), entry(2, "unchanged")])])
    assert page.find(".headline").text == "All of 2 subscribers are in sync."
    assert len(page.names) == 2
    counted = TaskResult({**result([]).result, "summary": {"total": 300, "requests": 5}})
    page = show([counted])
    assert page.find(".headline").text == "All of 300 subscribers are in sync." and page.all("#rows") == []
