# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Links to files of the repository lead to files that are there. ``make docs`` checks references between guides."""

from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.ngcp.fax.tests.unit.support.documents import ROOT

REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["repository"]
FOLDERS = ("docs", "plugins", "roles", "playbooks", "tests", "changelogs", ".github")
RELEASED = {"CHANGELOG.md"}  # not before the first release
KINDS = (".md", ".rst", ".py", ".yml", ".j2")

_OWN = re.compile(re.escape(REPOSITORY) + r"/(?:blob|tree|raw)/main/([\w./-]*\w)")
_RELATIVE = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
_ANCHOR = re.compile(r"\]\(#([^)]+)\)")


def texts():
    """Return what people read, by its path."""
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")] + list(ROOT.glob("*.md"))
    return {path: path.read_text(encoding="utf-8") for path in sorted(paths) if path.suffix in KINDS and path.is_file()}


TEXTS = texts()


def test_links_to_the_repository():
    wrong = {
        f"{path.relative_to(ROOT)}: {target}"
        for path, text in TEXTS.items()
        for target in _OWN.findall(text)
        if not (ROOT / target).exists() and target not in RELEASED
    }
    assert wrong == set()


@pytest.mark.parametrize("path", [path for path in TEXTS if path.suffix == ".md"], ids=lambda path: path.name)
def test_links_of_markdown(path):
    prose = re.sub(r"^```.*?^```|`[^`\n]*`", "", TEXTS[path], flags=re.MULTILINE | re.DOTALL)
    assert [target for target in _RELATIVE.findall(prose) if not (path.parent / target).exists()] == []
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert [anchor for anchor in _ANCHOR.findall(prose) if anchor not in anchors] == []
