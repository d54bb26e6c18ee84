# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How well the unit tests test: branch coverage of the pure files, and mutants of those that decide most."""

from __future__ import annotations

import configparser
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import tomllib
import typing as t

import checks
import workspace as ws
from report import Outcome, say

FOLDER = "plugins/module_utils"

# Files without input and output: every branch of them is tested.
PURE = (
    "_faxes/destinations",
    "_faxes/matching",
    "_faxes/receipts",
    "_faxes/timestamps",
    "_fleet/approval",
    "_fleet/plan_document",
    "_fleet/plan_form",
    "_fleet/shapes",
    "_masking",
    "_settings/addresses",
    "_settings/declarations",
    "_settings/diff",
    "_settings/fields",
    "_settings/input_lists",
    "_settings/input_values",
    "_settings/list_fields",
    "_settings/plan",
    "_settings/resources",
    "_settings/values",
    "_spellings",
    "_subscribers/keys",
    "_texts",
    "_wording",
)

# Files that are mutated, and what to mutate in those where only a part decides something.
MUTATED: dict[str, tuple[str, ...]] = {
    "_api/failures": (),
    "_api/transport": (
        "_check_length",
        "_may_repeat",
        "_pieces",
        "_read_answer",
        "_read_piece",
        "_read_whole",
        "_without_redirect",
        "backoff",
        "Answer.retry_after",
        "Transport.send",
    ),
    "_faxes/archive": (),
    "_faxes/archive_document": (),
    "_faxes/archive_index": (),
    "_faxes/matching": (),
    "_faxes/receipts": (),
    "_masking": (),
    "_settings/addresses": (),
    "_settings/diff": ("mask_patch", "mask_settings"),
    "_settings/fields": (),
    "_settings/input_lists": (),
    "_settings/input_values": (),
    "_settings/list_fields": (),
    "_settings/plan": (),
    "_settings/values": (),
    "_spellings": (),
    "_texts": (),
}

# Files without tests of their own, and the files whose tests are theirs.
TESTED_WITH = {
    "_api/failures": "_api/transport",
    "_faxes/archive_document": "_faxes/archive",
    "_faxes/archive_index": "_faxes/archive",
    "_settings/addresses": "_settings/values",
    "_settings/diff": "_masking",
    "_settings/fields": "_settings/values",
    "_settings/input_lists": "_settings/values",
    "_settings/input_values": "_settings/values",
    "_settings/list_fields": "_settings/values",
    "_texts": "_settings/values",
}

MUTANTS = ws.CACHE / "mutants"
EXPLAINED = ws.ROOT / "tests/tooling/survivors.toml"
_KILLED = (1, 3, 24, 36, -24, 152, 255)  # a test failed, or it took much too long


# ---- branch coverage


def coverage() -> Outcome:
    """Run the unit tests and count the pure files whose branches are all tested as passed, the others as failed."""
    ws.provide("run", "test")
    result = ws.REPORTS / "coverage.json"
    result.unlink(missing_ok=True)
    # Not ``--cov-fail-under``: it does not say what is missing where.
    words = ["tests/unit/plugins", f"--cov={ws.ROOT / FOLDER}", "--cov-branch", f"--cov-report=json:{result}"]
    env = ws.environment(COVERAGE_FILE=str(ws.CACHE / "coverage"))
    tests = checks.run_pytest("coverage", words, jobs="auto", env=env)
    files = json.loads(result.read_text())["files"] if result.exists() else {}
    outcome = Outcome(failed=tests.failed)
    for name in PURE:
        found = files.get(f"{FOLDER}/{name}.py")
        missing = ["it was not measured"] if found is None else _untested(found)
        outcome += Outcome(failed=1) if missing else Outcome(passed=1)
        for what in missing:
            say(f"    {FOLDER}/{name}.py: {what}")
    return outcome


def _untested(file: t.Mapping[str, t.Any]) -> list[str]:
    lines = [f"line {line} is not tested" for line in file["missing_lines"]]
    branches = [
        f"line {start}: the way to {'the end' if end < 0 else f'line {end}'} is not tested"
        for start, end in file["missing_branches"]
        if start not in file["missing_lines"]
    ]
    return lines + branches


# ---- mutants


class Mutant(t.NamedTuple):
    """A change of the code that no test noticed."""

    function: str
    removed: str
    added: str
    diff: str

    @property
    def is_wording(self) -> bool:
        """Whether only a text for people is written otherwise: tests need not repeat every word."""
        is_same = self.added.replace("XX", "").casefold() == self.removed.casefold()
        return is_same and re.search(r'"[^"]* [^"]*"', self.removed) is not None


def mutants() -> Outcome:
    """Change one thing at a time in the files (or in those that ``FILES`` names); count what tests notice as passed."""
    ws.provide("run", "test", "mutants")
    wanted = os.environ.get("FILES", "").split() or list(MUTATED)
    minutes = float(os.environ.get("MINUTES") or 15)
    total = Outcome()
    for name in map(_named, wanted):
        total += _mutate(name, minutes)
    return total


def _named(word: str) -> str:
    """Return the file that a word names: its path below ``module_utils``, or its name."""
    plain = word.removesuffix(".py")
    found = [name for name in MUTATED if plain in (name, name.rpartition("/")[2].lstrip("_"))]
    if not found:
        raise ws.Failed(f"FILES: {word} is not one of {', '.join(MUTATED)}.")
    return found[0]


def _mutate(name: str, minutes: float) -> Outcome:
    """Return the killed and the explained mutants of one file as passed, the others as failed."""
    folder = _prepare(name)
    patterns = [f"{_package(name)}.{_mangled(part)}__mutmut_*" for part in MUTATED.get(name, ())]
    env = ws.environment(PYTHONPATH="")
    _check_names_of_tests(name, folder, env)
    mutmut = str(ws.VENV / "bin/mutmut")
    jobs = os.environ.get("JOBS") or str(os.cpu_count())
    start = time.monotonic()
    finished = _run([mutmut, "run", "--max-children", jobs, *patterns], folder, env, minutes)
    meta = folder / "mutants" / _inside(name).with_suffix(".py.meta")
    codes = {
        key: code
        for key, code in json.loads(meta.read_text())["exit_code_by_key"].items()
        if not patterns or any(pathlib.PurePath(key).match(pattern) for pattern in patterns)
    }
    killed = [key for key, code in codes.items() if code in _KILLED]
    unknown = [key for key, code in codes.items() if code is None]
    survivors = _survivors([key for key in codes if key not in killed and key not in unknown], folder, env)
    reasons = _reasons(name)
    new = [one for one in survivors if (one.function, one.removed, one.added) not in reasons and not one.is_wording]
    if not unknown:
        for function, removed, added in reasons.keys() - {(one.function, one.removed, one.added) for one in survivors}:
            say(f"    {EXPLAINED.name} explains what is killed or gone, in {function}: {removed} -> {added}")
    for one in new:
        say(f"    SURVIVED in {one.function}:\n{one.diff}")
    say(
        f"    {name}.py: {len(killed)} of {len(codes)} mutants killed, {len(survivors)} survived, "
        f"{len(survivors) - len(new)} of them explained, {len(unknown)} not tried ({time.monotonic() - start:.0f} s)"
    )
    if not finished:
        say(f"    {name}.py: stopped after {minutes:g} minutes; MINUTES sets another limit")
    failed = len(new) + len(unknown) or int(not codes)
    return Outcome(passed=len(codes) - len(new) - len(unknown), failed=failed)


def _prepare(name: str) -> pathlib.Path:
    """Make a tree for mutmut, which wants a package's whole path below its working directory."""
    folder = MUTANTS / name.replace("/", "-")
    shutil.rmtree(folder, ignore_errors=True)
    for file in ws.files_of_collection():
        if file.parts[:1] == ("plugins",) or file.parts[:2] == ("tests", "unit"):
            target = folder / "ansible_collections/ngcp/fax" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ws.ROOT / file, target)
    config = configparser.RawConfigParser()
    config["mutmut"] = {
        "source_paths": str(_inside(name)),
        "also_copy": "\nansible_collections\npytest.ini\nconftest.py",
        "pytest_add_cli_args_test_selection": str(_tests_of(name)),
    }
    with (folder / "setup.cfg").open("w") as stream:
        config.write(stream)
    (folder / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib -p no:xdist -p no:cov\npythonpath = .\n"
    )
    (folder / "conftest.py").write_text(_FORGET.format(package=_package(name)))
    return folder


# mutmut tries each mutant in a fork of a process that has run the tests before, and with those tests only that called
# the function: what other tests left in caches hides the mutant, or keeps a test from calling the function.
_FORGET = """
import sys
def pytest_runtest_setup():
    for value in vars(sys.modules.get("{package}", sys)).values():
        if hasattr(value, "cache_clear"):
            value.cache_clear()
"""


# What mutmut does: in one process, it runs all tests, and then some of them by their names.
_FIND = """
import sys, pytest
class Names:
    def pytest_collection_modifyitems(self, items):
        self.found = [item.nodeid for item in items]
names = Names()
sys.exit(pytest.main(["--collect-only", sys.argv[1]], plugins=[names]) or pytest.main(["--collect-only", *names.found]))
"""


def _check_names_of_tests(name: str, folder: pathlib.Path, env: dict[str, str]) -> None:
    """Make sure that every test is found by its name again: mutmut counts a mutant as killed when pytest does not find
    one of the tests that should notice it.

    :raises ws.Failed: there is a test that is not found, such as one with a backslash in its name.
    """
    status, output = ws.capture(ws.VENV / "bin/python", "-c", _FIND, _tests_of(name), cwd=folder, env=env)
    if status:
        raise ws.Failed(f"pytest does not find the tests of {name}.py by their names:\n{output}")


def _package(name: str) -> str:
    return f"ansible_collections/ngcp/fax/{FOLDER}/{name}".replace("/", ".")


def _tests_of(name: str) -> pathlib.Path:
    room, _slash, file = TESTED_WITH.get(name, name).rpartition("/")
    return _inside(f"test_{file.lstrip('_')}", f"tests/unit/{FOLDER}/{room}")


def _inside(name: str, folder: str = FOLDER) -> pathlib.Path:
    return pathlib.Path("ansible_collections/ngcp/fax") / folder / f"{name}.py"


def _mangled(function: str) -> str:
    """Return a function's or method's name as mutmut writes it."""
    owner, dot, method = function.rpartition(".")
    return f"xǁ{owner}ǁ{method}" if dot else f"x_{function}"


def _run(command: list[str], folder: pathlib.Path, env: dict[str, str], minutes: float) -> bool:
    """Run mutmut, whose output is for terminals, and return whether it came to its end in time."""
    with (
        (folder / "output.txt").open("w") as output,
        subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            status = process.wait(minutes * 60)
        except subprocess.TimeoutExpired:
            process.terminate()
            return False
    if status:
        raise ws.Failed(f"mutmut ended with status {status}; its output is in {folder / 'output.txt'}.")
    return True


# The command of the same name for many mutants at once; alone each takes a second.
_SHOW = """
import sys
from mutmut.__main__ import cli
for key in sys.argv[1:]:
    print("=== " + key)
    cli(["show", key], standalone_mode=False)
"""


def _survivors(keys: list[str], folder: pathlib.Path, env: dict[str, str]) -> list[Mutant]:
    status, output = ws.capture(ws.VENV / "bin/python", "-c", _SHOW, *keys, cwd=folder, env=env)
    if status:
        raise ws.Failed(f"mutmut cannot show what survived:\n{output}")
    parts = (part.partition("\n") for part in f"\n{output}".split("\n=== ")[1:])
    return [_mutant(key, shown) for key, _newline, shown in parts]


def _mutant(key: str, shown: str) -> Mutant:
    """Return what `mutmut show` prints about a mutant."""
    function = key.rpartition(".")[2].rpartition("__mutmut_")[0].removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")
    lines = [line for line in shown.splitlines() if not line.startswith(("#", "---", "+++"))]
    removed = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    added = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Mutant(function, removed, added, "\n".join(lines))


def _reasons(name: str) -> dict[tuple[str, str, str], str]:
    """Return why some mutants of a file may survive."""
    explained = tomllib.loads(EXPLAINED.read_text()).get(name, [])
    return {
        (entry["function"], entry["removed"], added): entry["reason"] for entry in explained for added in entry["added"]
    }
