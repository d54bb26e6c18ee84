# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of reports in a real browser, as somebody sees and uses them."""

from __future__ import annotations

import contextlib
import json
import pathlib
import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="SKIPPED: no chromium and chromedriver on this machine (apt install chromium-driver)",
)

# Relative luminance and contrast as WCAG defines them, for every element that shows text of its own.
LOW_CONTRAST = """
const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const parts = (color) => color.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = parts(getComputedStyle(at).backgroundColor);
    if (color.length === 3 || color[3] > 0) return color;
  }
  return parts(getComputedStyle(document.documentElement).backgroundColor);
};
const wrong = [];
for (const element of document.querySelectorAll("body *")) {
  const text = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!text || !element.checkVisibility() || element.closest("script") || element.disabled) continue;
  const [one, two] = [light(parts(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (two + 0.05);
  if (ratio < 4.5) wrong.push(`${element.outerHTML.slice(0, 80)} ${ratio.toFixed(2)}`);
}
return wrong;
"""


@contextlib.contextmanager
def started_browser(profile: pathlib.Path) -> Iterator[webdriver.Chrome]:
    """Start a browser without a window, and end it.

    :param profile: a folder for it.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    driver.set_page_load_timeout(120)
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """The page as somebody sees and uses it."""

    def __init__(self, browser: webdriver.Chrome, path: str) -> None:
        self.browser = browser
        self.url = pathlib.Path(path).as_uri()
        self.look()

    def look(self, width: int = 1280, dark: bool = False, scripts: bool = True) -> None:
        """Load the page on another kind of screen."""
        command = self.browser.execute_cdp_cmd
        command("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        command("Emulation.setEmulatedMedia", {"features": [scheme]})
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        command("Emulation.setDeviceMetricsOverride", size)
        for kind in ("browser", "performance"):
            self.browser.get_log(kind)
        self.browser.get(self.url)

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map((element) => element.innerText.trim())"
        return list(self.browser.execute_script(script, selector))

    @property
    def names(self) -> list[str]:
        """The subscribers of the rows that are shown."""
        return [text.split("\n")[0].strip() for text in self.texts("#rows tbody tr th")]

    @property
    def count(self) -> str:
        return self.find("#count").text

    def choose(self, name: str, text: str) -> None:
        Select(self.find(f"#{name}")).select_by_visible_text(text)

    def search(self, words: str) -> None:
        field = self.find("#search")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(words or Keys.DELETE)
        time.sleep(0.5)

    def sort(self, title: str) -> str:
        """Click a column's head and return the order that it announces."""
        (head,) = [head for head in self.all("#rows thead th") if head.text.startswith(title)]
        head.find_element(By.TAG_NAME, "button").click()
        return str(head.get_attribute("aria-sort"))

    def is_quiet(self) -> None:
        """Fail if the page said something on the console or asked anybody for anything."""
        assert self.browser.get_log("browser") == []
        events = [json.loads(line["message"])["message"] for line in self.browser.get_log("performance")]
        asked = [
            event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"
        ]
        assert {url for url in asked if not url.startswith(("data:", "chrome:"))} <= {self.url}

    def evaluate(self, script: str) -> Any:
        return self.browser.execute_script(script)
