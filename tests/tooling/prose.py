# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the prose of the documentation with proselint and the rules of ``tests/prose/style.toml``: prose [FILE ...]"""

from __future__ import annotations

import ast
import collections.abc as c
import pathlib
import re
import sys
import tomllib
import typing as t

from proselint import checks
from proselint.config import DEFAULT
from proselint.registry import CheckRegistry
from proselint.registry.checks import Check, types
from proselint.tools import LintFile

ROOT = pathlib.Path(__file__).resolve().parents[2]
STYLE = ROOT / "tests/prose/style.toml"
OWN = "house"

# What is not prose, by the kind of file. It is blanked, so that lines and columns stay as they are.
_NOT_PROSE = {
    ".md": re.compile(r"^```.*?^```|<!--.*?-->|`[^`\n]*`|\]\([^)]*\)|https?://\S+", re.MULTILINE | re.DOTALL),
    ".rst": re.compile(
        r"^(?P<indent> *)\.\.(?: code-block::|\n).*\n(?:(?P=indent) +.*\n|\s*\n)*"  # code and comments
        r"|^ *\.\. .*|^ +:[\w-]+:.*|``.+?``|:\w+:`|<[^<>\n]*>`_*|https?://\S+",
        re.MULTILINE,
    ),
    ".py": re.compile(r"^ *(?:- )?[\w-]+:|\b(?:C|V|O|E|RV|M|R|U|P|L)\([^()]*\)|https?://\S+", re.MULTILINE),
}
_NOT_PROSE[".yml"] = re.compile(_NOT_PROSE[".py"].pattern + r"|^ *#.*", re.MULTILINE)


def prose_of(path: pathlib.Path) -> str:
    """Return the text of a file with everything blanked that is not prose."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        text = _documentation_of(text)
    return _NOT_PROSE[path.suffix].sub(lambda match: re.sub(r"\S", " ", match[0]), text)


def _documentation_of(source: str) -> str:
    """Return the documentation of a plugin or fragment in its lines, and nothing else."""
    lines = source.splitlines()
    kept = [""] * len(lines)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
            continue
        name = ast.unparse(node.targets[0])
        if name.isupper() and name != "EXAMPLES" and isinstance(node.value.value, str):
            first, last = node.lineno, t.cast(int, node.end_lineno) - 1
            kept[first:last] = lines[first:last]
    return "\n".join(kept)


def register(style: c.Mapping[str, t.Any]) -> dict[str, bool]:
    """Make proselint know the rules of the house, and return which checks are wanted."""
    registry = CheckRegistry()
    registry.register_many(checks.__register__)
    for rule in style["rule"]:
        if not re.search(rule["pattern"], rule["example"], re.IGNORECASE):
            raise SystemExit(f"{STYLE.name}: {rule['pattern']} does not find its example")
        kind = types.ExistenceSimple(rule["pattern"], tuple(rule.get("exceptions", ())))
        registry.register(Check(check_type=kind, path=OWN, message=f"{rule['message']} ({{}})"))
    return dict.fromkeys([OWN, *style["proselint"]], True)


def complaints(path: pathlib.Path, wanted: dict[str, bool]) -> c.Iterator[str]:
    """Yield a line for each pattern that a file has and should not have."""
    text = prose_of(path)
    if not text.strip():
        return
    file = LintFile(str(path), text)
    # In YAML the same value often follows itself, under another key.
    left_out = {"lexical_illusions"} if path.suffix in (".py", ".yml") else set()
    checked = {name: True for name in wanted if name not in left_out}
    for result in file.lint({**DEFAULT, "checks": checked}):
        line, column = result.pos
        found = file.content[result.check_result.span[0] : result.check_result.span[1]].strip()
        yield f"{path.relative_to(ROOT)}:{line - 1}:{column}: {found!r}: {result.check_result.message}"


def main(names: c.Sequence[str]) -> int:
    """Check files, by default all in the scope of the style; return how many complaints there are."""
    style = tomllib.loads(STYLE.read_text())
    wanted = register(style)
    paths = [pathlib.Path(name).resolve() for name in names]
    for pattern in () if paths else style["files"]:
        found = sorted(ROOT.glob(pattern))
        if not found:
            raise SystemExit(f"{STYLE.name}: {pattern} matches no file")
        paths += found
    lines = [line for path in paths for line in complaints(path, wanted)]
    print("\n".join([*lines, f"{len(paths)} files, {len(lines)} complaints"]))
    return min(len(lines), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
