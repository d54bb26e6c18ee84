# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How well the unit tests test: they should notice each change of the files that decide most."""

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
import xml.etree.ElementTree as ET

import environments as envs

FOLDER = "plugins/module_utils"

# Files that are mutated, and what to mutate in those where only a part decides something.
MUTATED: dict[str, tuple[str, ...]] = {
    "_api/failures": (),
    "_api/transport": (
        "_check_length",
        "_may_repeat",
        "_pieces",
        "_read_response",
        "_read_piece",
        "_read_whole",
        "_without_redirect",
        "backoff",
        "Response.retry_after",
        "Transport.send",
    ),
    "_faxes/archive": (),
    "_faxes/archive_document": (),
    "_faxes/archive_index": (),
    "_faxes/matching": (),
    "_faxes/receipts": (),
    "_forwards/judging": (),
    "_forwards/recipe": (),
    "_forwards/situation": (),
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
    "_forwards/situation": "_forwards/judging",
    "_settings/addresses": "_settings/values",
    "_settings/diff": "_masking",
    "_settings/fields": "_settings/values",
    "_settings/input_lists": "_settings/values",
    "_settings/input_values": "_settings/values",
    "_settings/list_fields": "_settings/values",
    "_texts": "_settings/values",
}

MUTANTS = envs.CACHE / "mutants"
EXPLAINED = envs.ROOT / "tests/tooling/survivors.toml"
_KILLED = (1, 3, 24, 36, -24, 152, 255)  # a test failed, or it took much too long


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


def main(report: pathlib.Path) -> None:
    """Change one thing at a time in the files (or in those that ``FILES`` names), and report what tests notice.

    Killed and explained mutants are passed tests of the report (JUnit XML), all others failed ones.

    :raises Failed: some were not noticed or not tried.
    """
    wanted = os.environ.get("FILES", "").split() or list(MUTATED)
    minutes = float(os.environ.get("MINUTES") or 15)
    suite = ET.Element("testsuite", name="mutants")
    failed = sum(_mutate(name, minutes, suite) for name in map(_named, wanted))
    report.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suite).write(report)
    if failed:
        raise envs.Failed(f"{failed} changes were not noticed, or not tried.")


def _named(word: str) -> str:
    """Return the file that a word names: its path below ``module_utils``, or its name."""
    plain = word.removesuffix(".py")
    found = [name for name in MUTATED if plain in (name, name.rpartition("/")[2].lstrip("_"))]
    if not found:
        raise envs.Failed(f"FILES: {word} is not one of {', '.join(MUTATED)}.")
    return found[0]


def _mutate(name: str, minutes: float, suite: ET.Element) -> int:
    """Add the mutants of one file to a report, and return how many were neither killed nor explained."""
    folder = _prepare(name)
    patterns = [f"{_package(name)}.{_mangled(part)}__mutmut_*" for part in MUTATED.get(name, ())]
    env = os.environ | envs.testing() | {"PYTHONPATH": ""}
    _check_names_of_tests(name, folder, env)
    mutmut = str(envs.VENV / "bin/mutmut")
    jobs = os.environ.get("JOBS") or str(os.cpu_count())
    start = time.monotonic()
    finished = _run([mutmut, "run", "--max-children", jobs, *patterns], folder, env, minutes)
    meta = folder / "mutants" / _inside(name).with_suffix(".py.meta")
    codes = {
        key: code
        for key, code in json.loads(meta.read_text())["exit_code_by_key"].items()
        if not patterns or any(pathlib.PurePath(key).match(pattern) for pattern in patterns)
    }
    gone = [pattern for pattern in patterns if not any(pathlib.PurePath(key).match(pattern) for key in codes)]
    if gone:
        raise envs.Failed(f"There is nothing to mutate in {', '.join(gone)}: was a function renamed?")
    killed = [key for key, code in codes.items() if code in _KILLED]
    unknown = [key for key, code in codes.items() if code is None]
    survivors = _survivors([key for key in codes if key not in killed and key not in unknown], folder, env)
    reasons = _reasons(name)
    new = [one for one in survivors if (one.function, one.removed, one.added) not in reasons and not one.is_wording]
    if not unknown:
        for function, removed, added in reasons.keys() - {(one.function, one.removed, one.added) for one in survivors}:
            print(f"    {EXPLAINED.name} explains what is killed or gone, in {function}: {removed} -> {added}")
    for one in new:
        print(f"    SURVIVED in {one.function}:\n{one.diff}")
    print(
        f"    {name}.py: {len(killed)} of {len(codes)} mutants killed, {len(survivors)} survived, "
        f"{len(survivors) - len(new)} of them explained, {len(unknown)} not tried ({time.monotonic() - start:.0f} s)"
    )
    if not finished:
        print(f"    {name}.py: stopped after {minutes:g} minutes; MINUTES sets another limit")
    failed = len(new) + len(unknown) or int(not codes)
    for number in range(max(len(codes), 1)):
        case = ET.SubElement(suite, "testcase", classname=name, name=str(number))
        if number < failed:
            ET.SubElement(case, "failure")
    return failed


def _prepare(name: str) -> pathlib.Path:
    """Make a tree for mutmut, which wants a package's whole path below its working directory."""
    folder = MUTANTS / name.replace("/", "-")
    shutil.rmtree(folder, ignore_errors=True)
    for file in _files():
        if file.parts[:1] == ("plugins",) or file.parts[:2] == ("tests", "unit"):
            target = folder / "ansible_collections/ngcp/fax" / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(envs.ROOT / file, target)
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

    :raises envs.Failed: there is a test that is not found, such as one with a backslash in its name.
    """
    status, output = envs.run(envs.VENV / "bin/python", "-c", _FIND, _tests_of(name), cwd=folder, env=env)
    if status:
        raise envs.Failed(f"pytest does not find the tests of {name}.py by their names:\n{output}")


def _files() -> t.Iterator[pathlib.PurePath]:
    """The tracked files and new ones that are not ignored, relative to the checkout."""
    status, output = envs.run("git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard")
    if status:
        raise envs.Failed(f"git cannot list the files:\n{output}")
    return (pathlib.PurePath(name) for name in sorted({*output.split("\0")} - {""}) if (envs.ROOT / name).exists())


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
        raise envs.Failed(f"mutmut ended with status {status}; its output is in {folder / 'output.txt'}.")
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
    status, output = envs.run(envs.VENV / "bin/python", "-c", _SHOW, *keys, cwd=folder, env=env)
    if status:
        raise envs.Failed(f"mutmut cannot show what survived:\n{output}")
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
