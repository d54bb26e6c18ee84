# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows: code blocks of Markdown and reStructuredText."""

from __future__ import annotations

import pathlib
import re
import textwrap
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[3]
GUIDES = ROOT / "docs/docsite/rst"

_FENCED = re.compile(r"^```(?P<language>\S*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
_DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. code-block:: (?P<language>\S+)\n"
    r"(?P<options>(?:(?P=indent)   :.*\n)*)\n"
    r"(?P<text>(?:(?P=indent)   .*\n|\s*\n)+)",
    re.MULTILINE,
)


class Block(NamedTuple):
    """A code block.

    :param language: without what is highlighted on top of it: ``yaml+jinja`` is ``yaml``. A text with a caption is
        what the name there ends in.
    :param caption: usually the name of a file.
    """

    language: str
    caption: str
    text: str


def code_blocks(path: str | pathlib.Path) -> list[Block]:
    """Return the code blocks of a file, in order.

    :param path: from the root of the repository on.
    """
    text = (ROOT / path).read_text(encoding="utf-8")
    pattern = _DIRECTIVE if str(path).endswith(".rst") else _FENCED
    return [_block(match.groupdict()) for match in pattern.finditer(text)]


def _block(found: dict[str, str]) -> Block:
    caption = "".join(re.findall(r":caption: (.*)", found.get("options") or ""))
    language = found["language"].split("+")[0]
    if language == "text" and caption:
        language = caption.rsplit(".", 1)[-1]
    return Block(language, caption, textwrap.dedent(found["text"]).strip("\n") + "\n")


def blocks(path: str | pathlib.Path, language: str) -> list[str]:
    """Return the texts of the code blocks of a language in a file of the repository, in order."""
    return [block.text for block in code_blocks(path) if block.language == language]
