# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide about troubleshooting explains every error code that the collection can emit, and no other one.

The codes are read off the source: attributes ``code`` of classes, arguments ``code=`` of calls, and variables ``code``.
A code that comes out of a table is found there; a way to give a code that this test does not understand fails it.
"""

from __future__ import annotations

import ast
import re

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _errors
from ansible_collections.ngcp.fax.plugins.module_utils._api import authentication, refusals
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import send_responses
from ansible_collections.ngcp.fax.plugins.module_utils._fleet import members
from ansible_collections.ngcp.fax.plugins.module_utils._forwards import judging
from ansible_collections.ngcp.fax.tests.unit.support.documents import GUIDES, ROOT

PLUGINS = ROOT / "plugins"

# Tables of codes, by the file that gives them.
TABLES = {
    "authentication.py": {row[0] for row in authentication._ACCESS.values()},
    "refusals.py": {
        *refusals._BUSY.values(),
        *(row[0] for row in refusals._REFUSALS.values()),
        *(row[0] for row in refusals._PROXY_REFUSALS.values()),
    }
    - {None},
    "approval.py": {members.STALE},
    # One that is right, missing, off or of another type is set up without an error.
    "recipe.py": set(judging.CODES) - {judging.OK, judging.MISSING, judging.WRONG_TYPE, judging.DISABLED},
    "send_task.py": {send_responses.SERVICE_OFF[0]},
    "send_responses.py": {row[0] for row in send_responses._REASONS.values()},
}
# What passes a code on that was given elsewhere.
PASSED_ON = {"error.code", "cause.code", "failure.code", "first.code", "self.code"}
# Files in which `code` is something else: states of forwards (see recipe.py), and characters.
UNRELATED = {"judging.py", "echoes.py"}
# Reasons of readiness have codes of their own, which the guide about receiving faxes explains.
OTHERS = ("_readiness",)


class Codes(ast.NodeVisitor):
    """Collects the codes of one file, and the expressions whose codes it cannot tell."""

    def __init__(self, tree):
        self.found, self.unclear = set(), set()
        self.constants = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                self.constants[node.targets[0].id] = node.value.value
        self.visit(tree)

    def visit_ClassDef(self, node):
        for statement in node.body:
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "code":
                self.take(statement.value)
        self.generic_visit(node)

    def visit_Call(self, node):
        for keyword in node.keywords:
            if keyword.arg == "code":
                self.take(keyword.value)
        self.generic_visit(node)

    def visit_Assign(self, node):
        if isinstance(node.targets[0], ast.Tuple) and ast.unparse(node.targets[0].elts[0]) == "code":
            first = node.value.elts[0] if isinstance(node.value, ast.Tuple) else node.value
            self.take(first)
        self.generic_visit(node)

    def take(self, value):
        if isinstance(value, ast.Constant):
            self.found.add(value.value)
        elif isinstance(value, ast.Name) and isinstance(self.constants.get(value.id), str):
            self.found.add(self.constants[value.id])
        elif isinstance(value, ast.Name) and isinstance(getattr(_errors, value.id, None), str):
            self.found.add(getattr(_errors, value.id))
        elif isinstance(value, ast.IfExp):
            self.take(value.body)
            self.take(value.orelse)
        elif ast.unparse(value) not in PASSED_ON:
            self.unclear.add(ast.unparse(value))


def emitted():
    """Return the codes of the collection, and the files with expressions that cannot be told without a table."""
    found, unclear = set(), {}
    for path in sorted(PLUGINS.rglob("*.py")):
        if path.parent.name in OTHERS or path.name in UNRELATED or "code" not in path.read_text(encoding="utf-8"):
            continue
        codes = Codes(ast.parse(path.read_text(encoding="utf-8")))
        found |= codes.found | TABLES.get(path.name, set())
        if codes.unclear and path.name not in TABLES:
            unclear[path.name] = codes.unclear
    return found - {None}, unclear


def documented():
    """Return the codes that the guide explains: its headings in code."""
    text = (GUIDES / "troubleshooting.rst").read_text(encoding="utf-8")
    return re.findall(r"^``(\w+)``\n~+\n", text, re.MULTILINE)


def test_the_source_can_be_read():
    assert emitted()[1] == {}


def test_every_code_is_explained_once():
    codes = documented()
    assert sorted(codes) == sorted(emitted()[0])


@pytest.mark.parametrize("code", documented())
def test_every_code_has_a_cause_and_something_to_do(code):
    text = (GUIDES / "troubleshooting.rst").read_text(encoding="utf-8")
    section = re.search(rf"^``{code}``\n~+\n\n(.+?)(?=^``\w+``\n~|^[^\n]+\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    cause, _separator, cure = section[1].partition("**What to do:** ")
    assert cause.strip() and cure.strip()


# ---- messages


def texts():
    """Return all texts in the code of the collection, one a line, without what is put into them."""
    for path in sorted(PLUGINS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


TEXTS = "\n".join(texts())


def quoted_messages():
    """Return the messages about fleets that the guide quotes."""
    text = (GUIDES / "troubleshooting.rst").read_text(encoding="utf-8").split("Messages about fleets\n---")[1]
    return re.findall(r"^   \* - ``(.+)``$", text, re.MULTILINE)


@pytest.mark.parametrize("message", quoted_messages())
def test_messages_are_quoted_as_they_are(message):
    """Of a message the longest part without names and values is in the code."""
    parts = re.split(r"…|'[^']*'|\S*[.\[_]\S+|\brow \d+|\b\d+\b|[:;?]", message)
    assert max(parts, key=len).strip(" (),") in TEXTS


def test_there_are_messages():
    assert len(quoted_messages()) >= 20
