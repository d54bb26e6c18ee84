# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape of the code: imports run downwards only, so that no room knows one that stands above it and the ground
knows none; and nothing is too long to be read at once."""

from __future__ import annotations

import ast
import pathlib

import pytest

COLLECTION = "ansible_collections.ngcp.fax.plugins."
PLUGINS = pathlib.Path(__file__).resolve().parents[3] / "plugins"

# From the ground up. What shares a line does not know each other.
FLOORS = {
    "module_utils": (
        ("_wording", "_lazy"),
        ("_names", "_spellings"),
        ("_errors", "_masking"),
        ("_texts", "_files", "_interruption"),
        ("_concurrency",),
        ("_raw_arguments",),
        ("_api",),
        ("_subscribers",),
        ("_task",),
        ("_settings",),
        ("_forwards",),
        ("_resources",),
        ("_faxes", "_fleet"),
        ("_readiness",),
        ("_module",),
    ),
    "plugin_utils": (
        ("_role_variables", "_protected_files"),
        ("_working_files",),
        ("_inventory", "_drift", "_fleet"),
        ("_action",),
    ),
}

# Most lines from `def` or `class` to the last one.
LONGEST_FUNCTION, LONGEST_CLASS = 50, 200


def room_of(module):
    """Return the room (or file of the ground) of a module below ``plugins``."""
    return tuple(module.split(".")[:2])


def module_of(path):
    return ".".join(path.relative_to(PLUGINS).with_suffix("").parts)


def imports(path):
    """Yield the modules of the collection that a file imports, named from ``plugins`` on."""
    package = module_of(path).split(".")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: -node.level]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            yield from (".".join([*base, name]) for name in names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "ansible_collections.ngcp.fax.plugins."
        ):
            yield node.module.split(".plugins.", 1)[1]


FILES = sorted(path for folder in FLOORS for path in (PLUGINS / folder).glob("**/*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_file_imports_only_what_stands_below_it(path):
    folder, room = room_of(module_of(path))
    floors = {name: floor for floor, names in enumerate(FLOORS[folder]) for name in names}
    assert room in floors, "every room has its floor"
    for module in imports(path):
        other_folder, other = room_of(module)
        if folder == "module_utils":
            assert other_folder == folder, f"{module} is only for the control node"
        if other_folder == folder and other != room:
            assert floors[other] < floors[room], f"{module} stands above"


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_file_imports_its_neighbours_relatively(path):
    folder, _room = room_of(module_of(path))
    assert f"from ansible_collections.ngcp.fax.plugins.{folder}" not in path.read_text(encoding="utf-8")


def test_nothing_below_a_module_knows_ansible():
    knowing = {
        module_of(path)
        for path in FILES
        if path.is_relative_to(PLUGINS / "module_utils")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] == "ansible")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "ansible" for alias in node.names))
    }
    assert knowing == {"module_utils._module"}


def test_no_circles_within_rooms():
    graph = {module_of(path): set(top_level_imports(path)) for path in FILES}
    done, open_now = set(), []

    def visit(module):
        assert module not in open_now, f"{' -> '.join([*open_now, module])} is a circle"
        if module in done:
            return
        open_now.append(module)
        for other in graph.get(module, ()):
            visit(other)
        open_now.pop()
        done.add(module)

    for module in graph:
        visit(module)


def top_level_imports(path):
    """Yield what a file of the collection imports when it is loaded."""
    package = module_of(path).split(".")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.level and node.module:
            yield ".".join([*package[: -node.level], node.module])


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=module_of)
def test_functions_and_classes_can_be_read_at_once(path):
    limits = {ast.FunctionDef: LONGEST_FUNCTION, ast.AsyncFunctionDef: LONGEST_FUNCTION, ast.ClassDef: LONGEST_CLASS}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if type(node) in limits:
            assert node.end_lineno - node.lineno + 1 <= limits[type(node)], f"{node.name} is too long"
