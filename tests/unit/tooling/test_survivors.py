# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests/tooling/survivors.toml explains is still in the source: an entry about a line that was rewritten hides
nothing, and explains nothing."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
tomllib = pytest.importorskip("tomllib", reason="only the newest Pythons run the tooling")

ENTRIES = [
    (name, entry["function"], entry["removed"])
    for name, entries in tomllib.loads((ROOT / "tests/tooling/survivors.toml").read_text()).items()
    for entry in entries
]


@pytest.mark.parametrize("number", range(len(ENTRIES)))
def test_the_line_is_in_the_function(number: int) -> None:
    name, function, removed = ENTRIES[number]
    source = (ROOT / "plugins/module_utils" / f"{name}.py").read_text()
    lines = dict(_functions(ast.parse(source), source.splitlines()))
    assert removed in lines.get(function, []), f"{name}.py, {function}: {removed}"


def _functions(parent: ast.AST, lines: list[str], owner: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield the names of functions and methods, each with its lines."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, lines, f"{node.name}.")
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{owner}{node.name}", [line.strip() for line in lines[node.lineno - 1 : node.end_lineno]]
