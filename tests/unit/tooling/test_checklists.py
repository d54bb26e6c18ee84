# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands of docs/checklists.md prove what they are there for."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
ROWS = [
    [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in (ROOT / "docs/checklists.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith("| point |")
]
COMMAND = re.compile(r"`((?:grep|test|make|ls) [^`]+)`")
COMMANDS = sorted({command for _point, _holds, proof in ROWS for command in COMMAND.findall(proof)})
QUICK = [command for command in COMMANDS if not command.startswith("make ")]
TARGETS = [command for command in COMMANDS if command.startswith("make ")]


def test_every_point_that_holds_has_a_command() -> None:
    assert len(ROWS) > 40
    assert {holds for _point, holds, _proof in ROWS} <= {
        *("yes", "yes, none", "partly", "with an exception", "not yet", "no (optional)")
    }
    assert [point for point, holds, proof in ROWS if holds.startswith("yes") and not COMMAND.search(proof)] == []


@pytest.mark.parametrize("number", range(len(QUICK)))
def test_the_command_succeeds(number: int) -> None:
    done = subprocess.run(("sh", "-c", QUICK[number]), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, QUICK[number] + done.stdout + done.stderr


@pytest.mark.parametrize("number", range(len(TARGETS)))
def test_the_target_has_what_is_selected(number: int) -> None:
    """The target exists, and so do the session or the test that an argument names."""
    target, _space, rest = TARGETS[number].removeprefix("make ").partition(" ")
    assert re.search(rf"^{target}: ## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    selected = re.search(r'-k (\w+)"|ARGS=([\w-]+)', rest)
    if selected:
        word = selected.group(1) or selected.group(2)
        place = ROOT / "tests" / target if selected.group(1) else ROOT / "tests/tooling/report.py"
        texts = [path.name + path.read_text() for path in (place.rglob("*.py") if place.is_dir() else [place])]
        assert any(word in text for text in texts), word
