# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of the test run."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import shlex
import shutil
import subprocess
import time
import typing as t

import workspace as ws
from report import Outcome, from_junit, say

ARGUMENTS = shlex.split(os.environ.get("ARGS", ""))
IMPORTER = ws.CACHE / "importer"


# ---- lint


class Check(t.NamedTuple):
    """One tool of the lint stage."""

    command: tuple[str | pathlib.Path, ...]
    cwd: pathlib.Path = ws.ROOT
    env: dict[str, str] | None = None


def _checks() -> dict[str, Check]:
    tooling = sorted((ws.ROOT / "tests/tooling").glob("*.py"))
    importer = ws.environment(
        GALAXY_IMPORTER_RUN_ANSIBLE_LINT="1",
        GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP=str(ws.CACHE / "importer-tmp"),
        PATH=os.pathsep.join([str(IMPORTER / "bin"), os.environ.get("PATH", os.defpath)]),
        PYTHONPATH="",
    )
    return {
        "ansible-lint": Check(("ansible-lint", "--offline", "--profile", "production", "-q"), ws.LINK),
        "galaxy-importer": Check((IMPORTER / "bin/python", ws.ROOT / "tests/tooling/import_build.py"), env=importer),
        "antsibull-docs": Check(("antsibull-docs", "lint-collection-docs", "--plugin-docs", "."), ws.LINK),
        "mypy": Check(
            (
                "mypy",
                ws.LINK.relative_to(ws.ROOT) / "plugins",
                "tests/simulator/ngcp_simulator",
                "tests/benchmark/ngcp_benchmark",
                *tooling,
            )
        ),
        "reuse": Check(("reuse", "lint", "--lines")),
        "shellcheck": Check(("shellcheck", ".ci/run", "tests/tooling/run")),
        "yamllint": Check(("yamllint", "--strict", ".")),
        "antsibull-changelog": Check(("antsibull-changelog", "lint")),
        "ruff-check": Check(("ruff", "check", "--quiet")),
        "ruff-format": Check(("ruff", "format", "--check", "--quiet", "--diff")),
    }


def lint() -> Outcome:
    """Run the linters side by side, and show the output of those that complain."""
    ws.provide("run", "lint")
    ws.provide("importer", venv=IMPORTER)
    checks = _checks()
    wanted = {name: checks[name] for name in ARGUMENTS if name in checks} or checks

    def run(check: Check) -> tuple[int, str, float]:
        start = time.monotonic()
        status, output = ws.capture(*check.command, cwd=check.cwd, env=check.env)
        return status, output, time.monotonic() - start

    outcome = Outcome()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = {pool.submit(run, check): name for name, check in wanted.items()}
        for future in concurrent.futures.as_completed(futures):
            status, output, seconds = future.result()
            say(f"    {'FAILED' if status else 'passed'}  {futures[future]} ({seconds:.1f} s)")
            if status:
                say(output.rstrip())
                outcome.failed += 1
            else:
                outcome.passed += 1
    return outcome


def format_code() -> int:
    """Let ruff mend what it can."""
    ws.provide("run", "lint")
    ws.call("ruff", "check", "--fix-only", "--quiet")
    return ws.call("ruff", "format")


# ---- pytest


def pytest(suite: str, jobs: str, **variables: str) -> Outcome:
    """Run the tests below ``tests/<suite>`` in ``jobs`` processes (0: in pytest's own)."""
    ws.provide("run", "test")
    if suite == "integration":
        ws.provide_browser()
    return run_pytest(suite, [f"tests/{suite}"], jobs, ws.environment(ws.VENV, **variables))


def run_pytest(name: str, words: t.Sequence[str], jobs: str, env: dict[str, str]) -> Outcome:
    """Run pytest with some arguments in a prepared environment, and count its report, which gets a name."""
    ws.REPORTS.mkdir(parents=True, exist_ok=True)
    report = ws.REPORTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    jobs = os.environ.get("JOBS") or jobs
    parallel = [] if jobs == "0" else ["-n", jobs]
    python = pathlib.Path(env["VIRTUAL_ENV"]) / "bin/python"
    status = ws.call(python, "-m", "pytest", "-q", *parallel, f"--junitxml={report}", *words, *ARGUMENTS, env=env)
    outcome = from_junit([report]) if report.exists() else Outcome()
    if status and not outcome.failed:  # a broken configuration, no tests, a crash
        outcome.failed = 1
    return outcome


# ---- ansible-test


def sanity(venv: pathlib.Path = ws.VENV) -> Outcome:
    """Run ansible-test's sanity tests on a copy of the collection, with every Python there is."""
    if venv == ws.VENV:
        ws.provide("run")
    with ws.alone("sanity"):
        return _sanity(venv)


def _sanity(venv: pathlib.Path) -> Outcome:
    ws.provide_ansible_test(venv)
    ws.copy_collection()
    say(f"    ansible-core {ws.core_version(venv)}, Python {', '.join(ws.interpreters())}")
    missing = [version for version in ws.SUPPORTED_PYTHONS if version not in ws.interpreters()]
    if missing:
        say(f"    not on this machine, and skipped where they count: Python {', '.join(missing)}")

    ignored = [file for file in (ws.ROOT / "tests/sanity").glob("ignore-*.txt") if file.read_text().strip()]
    if ignored:
        say(f"    FAILED: entries in {', '.join(file.name for file in ignored)}; mend the code instead")
    junit = ws.COPY / "tests/output/junit"
    shutil.rmtree(junit, ignore_errors=True)

    # Real interpreters go before a version manager's shims, which exist for versions that do not run.
    path = [str(venv / "bin"), *(str(python.parent) for python in reversed(ws.interpreters().values()))]
    env = ws.environment(venv, PATH=os.pathsep.join([*path, os.environ.get("PATH", os.defpath)]), PYTHONPATH="")
    command = [str(venv / "bin/ansible-test"), "sanity", "--venv", "--junit", "--color", "no", *ARGUMENTS]
    with subprocess.Popen(
        command,
        cwd=ws.COPY,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        nothing_done = False
        for line in t.cast("t.IO[str]", process.stdout):
            print(line, end="", flush=True)
            nothing_done |= "All targets skipped" in line

    outcome = from_junit(junit.glob("*.xml"))
    if nothing_done or ignored or (process.returncode and not outcome.failed) or not outcome.passed:
        outcome.failed += 1
    return outcome
