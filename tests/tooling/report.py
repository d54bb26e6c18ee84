# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a task's sessions of noxfile.py, and end with a table and one line that counts what passed and failed."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import time
import typing as t
import xml.etree.ElementTree as ET

from environments import REPORTS, ROOT

LINT = (
    *("ansible-lint", "build-import-check", "typing", "docs-check", "license-check", "yamllint", "changelog"),
    *("codeqa", "formatters", "extra-checks", "antsibull-nox-config", "shellcheck", "workflows"),
)
CORES = (*(f"2.{minor}" for minor in range(16, 22)), "minimum")

# In the order in which they are started, two at a time: the longest first, so that both cores have work to the end.
TEST = ("integration", "sanity", "unit", *LINT, "faults", "contract")
UNCOUNTED = ("demo", "sandbox", "bench", "schema", "format", "setup", "release-notes")


def sessions_of(task: str, words: list[str]) -> tuple[str, ...]:
    """Return the sessions of a task; the words are its arguments."""
    cores = os.environ.get("CORES", "").split() or CORES
    versions = [f"versions(core='{core}')" for core in cores]
    versions += [f"sanity-{core}" for core in cores if core != "minimum"] + ["interpreters"]
    match task:
        case "lint":
            return tuple(word for word in words if word in LINT) or LINT
        case "test":
            return TEST
        case "test-all":
            return (*TEST, "coverage", *versions)
        case "versions":
            return tuple(versions)
        case _:
            return (task,)


class Outcome(t.NamedTuple):
    """The result of one session, or of several added up."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: Outcome) -> Outcome:
        return Outcome(*(mine + its for mine, its in zip(self, other, strict=True)))

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


def counted(folder: pathlib.Path, succeeded: bool) -> Outcome:
    """Count the test cases in a session's JUnit XML files; a session without them is a test itself.

    Of ansible-test's cases, those that had nothing to look at are left out. A session that fails without a failed case
    has a broken configuration, found no tests, or crashed.
    """
    outcome = Outcome()
    for file in folder.glob("*.xml"):
        try:
            cases = [*ET.parse(file).iter("testcase")]
        except ET.ParseError:  # its process was killed
            return outcome.plus(Outcome(failed=1))
        for case in cases:
            skipped = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                outcome = outcome.plus(Outcome(failed=1))
            elif skipped is None:
                outcome = outcome.plus(Outcome(passed=1))
            elif "No tests applicable" not in (skipped.text or "") + skipped.get("message", ""):
                outcome = outcome.plus(Outcome(skipped=1))
    if succeeded and not folder.exists():
        return Outcome(passed=1)
    if outcome.failed or (succeeded and outcome.passed):
        return outcome
    return outcome.plus(Outcome(failed=1))


def run_sessions(names: t.Sequence[str], words: list[str], parallel: int) -> tuple[int, dict[str, t.Any]]:
    """Run sessions, side by side if that is wanted, and return nox's status and what it reports of each."""
    result = REPORTS / "nox.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "nox", "-R", "--report", str(result), "--sessions", *names]
    side_by_side = ["--parallel", str(parallel)] if parallel > 1 else []
    status = subprocess.call([*command, *side_by_side, "--", *words], cwd=ROOT, stdin=subprocess.DEVNULL)
    found = json.loads(result.read_text())["sessions"] if result.exists() else []
    # The signature is a name with parameters; one with a range of Pythons is not what the session was called by.
    names_found = [next((name for name in one["signatures"] if "(" in name), one["name"]) for one in found]
    return status, dict(zip(names_found, found, strict=True))


def main(task: str) -> int:
    words = shlex.split(os.environ.get("ARGS", ""))
    names = sessions_of(task, words)
    if task in ("lint", "test", "test-all"):
        words = []  # arguments are for one program
    REPORTS.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.rmtree(REPORTS / name, ignore_errors=True)
    start = time.monotonic()
    os.environ.update({"NGCP_FAX_CAMPAIGN": "full", "NGCP_FAX_FULL": "1"} if task == "test-all" else {})
    status, results = run_sessions(names, words, parallel=2 if task in ("lint", "test", "test-all") else 1)
    if task in UNCOUNTED:
        return status

    total = Outcome()
    print()
    for name in names:
        one = results.pop(name, {"result": "missing", "duration": 0.0})
        outcome = counted(REPORTS / name, one["result"] == "success")
        print(f"{name:<24} {one['duration']:7.1f} s   {outcome}")
        total = total.plus(outcome)
    for name, one in results.items():  # what others require
        if one["result"] != "success":
            print(f"{name:<24} {one['duration']:7.1f} s   {one['result']}")
            total = total.plus(Outcome(failed=1))
    print(f"{'in all':<24} {time.monotonic() - start:7.1f} s\n")
    (REPORTS / "last.txt").write_text(f"{total}\n")
    print(total)
    return int(total.failed > 0 or status != 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
    except KeyboardInterrupt:
        sys.exit("interrupted")
