# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ran, how long it took and what came out of it."""

from __future__ import annotations

import dataclasses
import pathlib
import time
import typing as t
import xml.etree.ElementTree as ET


@dataclasses.dataclass
class Outcome:
    """The result of one stage, or of several added up."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


def from_junit(files: t.Iterable[pathlib.Path]) -> Outcome:
    """Count the test cases of JUnit XML files; of ansible-test's, those that had nothing to look at are left out."""
    outcome = Outcome()
    for file in files:
        for case in ET.parse(file).iter("testcase"):
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                outcome.failed += 1
            elif skipped is None:
                outcome.passed += 1
            elif "No tests applicable" not in (skipped.text or "") + skipped.get("message", ""):
                outcome.skipped += 1
    return outcome


def say(text: str) -> None:
    """Print at once, so that the output of child processes comes after it."""
    print(text, flush=True)


class Step:
    """Announce what is being done and tell how long it took."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.seconds = 0.0

    def __enter__(self) -> Step:
        say(f"==> {self.title}")
        self._start = time.monotonic()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.seconds = time.monotonic() - self._start
        say(f"    {'stopped' if kind else 'done'} after {self.seconds:.1f} s")
