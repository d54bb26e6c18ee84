# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# /// script
# dependencies = ["nox >= 2026.10.20", "antsibull-nox >= 1.10"]
# ///

"""How the collection is checked, tested and measured. `make` calls these sessions, and brings nox along."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import pathlib
import shutil
import sys
import tempfile
import tomllib
import typing as t

import antsibull_nox
import nox

sys.path.append(str(pathlib.Path(__file__).parent / "tests/tooling"))

import environments as envs
import mutants as mutation
import release as releasing
from report import LINT

nox.needs_version = ">=2026.10.20"
nox.options.envdir = str(envs.CACHE / "nox")
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"
nox.options.allow_parallel = True
nox.options.sessions = ["unit"]

envs.prepare()

# What can be a control node with each ansible-core, as its porting guide says.
CONTROLLERS = {
    "2.16": ("3.10", "3.11", "3.12"),
    "2.17": ("3.10", "3.11", "3.12"),
    "2.18": ("3.11", "3.12", "3.13"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.20": ("3.12", "3.13", "3.14"),
    "2.21": ("3.12", "3.13", "3.14"),
}
NEWEST = max(core for core, pythons in CONTROLLERS.items() if f"3.{sys.version_info.minor}" in pythons)

# The sessions of antsibull-nox, by the environment that they share; each would otherwise install one of its own.
IMPORTER = envs.CACHE / "importer"
SHARED = {
    envs.VENV: ("formatters", "codeqa", "yamllint", "docs-check", "license-check", "ansible-lint", "sanity"),
    IMPORTER: ("build-import-check",),
}


# ---- environments


@contextlib.contextmanager
def reported(session: nox.Session) -> t.Iterator[None]:
    """Fail with what a preparation complains about."""
    try:
        yield
    except envs.Failed as problem:
        session.error(str(problem))


def provide(session: nox.Session, *layers: str, **options: t.Any) -> None:
    with reported(session):
        envs.provide(*layers, **options)


@nox.session(python=False)
def setup(session: nox.Session) -> None:
    """Only set up .venv and the links below .cache, for use by hand."""
    provide(session, "run", "test", "lint")
    session.log(f"{envs.VENV} is ready; ANSIBLE_COLLECTIONS_PATH={envs.COLLECTIONS}")


@nox.session(name="setup-importer", python=False)
def setup_importer(session: nox.Session) -> None:
    """Set up the environment of Galaxy's importer, which wants old versions of what others want new."""
    provide(session, "importer", venv=IMPORTER)


# ---- linters


def prepare_sanity(name: str) -> None:
    """Prepare ansible-test, and refuse entries in its lists of what to ignore: runs in the copy that it looks at."""
    envs.provide_pip_for_ansible_test()
    ignored = [file.name for file in pathlib.Path("tests/sanity").glob("ignore-*.txt") if file.read_text().strip()]
    if ignored:
        raise envs.Failed(f"There are entries in {', '.join(ignored)}; correct the code instead.")
    reports = envs.REPORTS / name
    shutil.rmtree(reports, ignore_errors=True)
    reports.mkdir(parents=True)
    output = pathlib.Path("tests/output")
    output.mkdir()
    (output / "junit").symlink_to(reports)


antsibull_nox.load_antsibull_nox_toml()
for name, core in {"sanity": NEWEST, **{f"sanity-{core}": core for core in CONTROLLERS}}.items():
    antsibull_nox.add_ansible_test_session(
        name=name,
        description=f"Run ansible-test sanity of ansible-core {core} with every Python there is.",
        ansible_test_params=["sanity", "--venv", "--junit", "--color", "no"],
        default=False,
        ansible_core_version=core,
        ansible_core_source="pypi",
        callback_before=functools.partial(prepare_sanity, name),
        # The reports are in their place; antsibull-nox would copy the rest into the checkout.
        callback_after=functools.partial(shutil.rmtree, "tests/output"),
    )


def share(name: str, venv: pathlib.Path, requires: str) -> None:
    """Let a session of antsibull-nox use an environment of ours: it takes the one that it finds in its place."""
    place = envs.CACHE / "nox" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_symlink():
        with contextlib.suppress(FileExistsError):
            place.symlink_to(os.path.relpath(venv, place.parent))
    nox.registry.get()[name].requires = [requires]


for venv, names in SHARED.items():
    for name in names:
        share(name, venv, "setup" if venv == envs.VENV else "setup-importer")


nox.registry.get()["lint"].requires = list(LINT)


def fail_on_complaints(work: t.Callable[[nox.Session], None]) -> t.Callable[[nox.Session], None]:
    """Let warnings of Galaxy's importer and of its ansible-lint count: antsibull-nox only shows them."""

    def strict(session: nox.Session) -> None:
        with contextlib.redirect_stdout(io.StringIO()) as log:
            work(session)
        lines = log.getvalue().splitlines()
        if any(line.startswith(("WARNING", "ERROR")) for line in lines):
            session.error("\n".join(lines))

    return strict


importer = nox.registry.get()["build-import-check"]
importer.func = fail_on_complaints(importer.func)


def tool(session: nox.Session, *command: str) -> None:
    """Run a tool of the common environment."""
    session.run(str(envs.VENV / "bin" / command[0]), *command[1:], *session.posargs, env=envs.testing())


@nox.session(python=False, requires=["setup"])
def typing(session: nox.Session) -> None:
    """Run mypy on the collection and on the programs of the tests."""
    tool(session, "mypy")


@nox.session(python=False, requires=["setup"])
def changelog(session: nox.Session) -> None:
    """Check the fragments of the changelog."""
    tool(session, "antsibull-changelog", "lint")


@nox.session(python=False, requires=["setup"])
def shellcheck(session: nox.Session) -> None:
    """Check the shell scripts."""
    tool(session, "shellcheck", ".ci/run", "tests/tooling/run")


@nox.session(python=False, requires=["setup"])
def workflows(session: nox.Session) -> None:
    """Check the workflows and issue forms of the forge, and the jobs of the example project."""
    forge = pathlib.Path(".github")
    example = pathlib.Path("docs/examples/controller")
    schemas = {
        "github-workflows": sorted([*forge.glob("workflows/*.yml"), *example.glob(".github/workflows/*.yml")]),
        "github-issue-config": [forge / "ISSUE_TEMPLATE/config.yml"],
        "github-issue-forms": sorted({*forge.glob("ISSUE_TEMPLATE/*.yml")} - {forge / "ISSUE_TEMPLATE/config.yml"}),
        "dependabot": [forge / "dependabot.yml"],
    }
    for schema, files in schemas.items():
        tool(session, "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files))
    jobs = str(example / ".gitlab-ci.yml")
    tool(session, "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", jobs)
    severity = ("--min-severity", "medium")
    tool(session, "zizmor", "--offline", "--quiet", *severity, str(forge), str(example / ".github"))


@nox.session(name="format", python=False, requires=["setup"])
def format_code(session: nox.Session) -> None:
    """Format the Python code and correct what ruff can correct."""
    tool(session, "ruff", "check", "--fix-only", "--quiet")
    tool(session, "ruff", "format")


# ---- tests


def pytest(session: nox.Session, name: str, *words: str, venv: pathlib.Path = envs.VENV, **variables: str) -> None:
    """Run pytest in as many processes as ``JOBS`` says; its report gets a name.

    Beside the integration tests, which take longest and use every core, others do with one process: tests that watch
    the clock stand no crowd.
    """
    report = envs.REPORTS / session.name / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    jobs = os.environ.get("JOBS") or ("1" if session.parallel and name != "integration" else "auto")
    parallel = [] if jobs == "0" else ["-n", jobs]
    python = str(venv / "bin/python")
    command = (python, "-m", "pytest", "-q", *parallel, f"--junitxml={report}", *words, *session.posargs)
    session.run(*command, env={**envs.testing(venv), **variables})


def add_suite(name: str, description: str) -> None:
    def suite(session: nox.Session) -> None:
        provide(session, "run", "test")
        missing = envs.provide_browser() if name == "integration" else ""
        if missing:
            session.warn(f"SKIPPED: the tests in a browser, which need {missing} on this machine")
        pytest(session, name, f"tests/{name}")

    suite.__doc__ = description
    nox.session(name=name, python=False)(suite)


add_suite("unit", "Run the unit tests.")
add_suite("contract", "Check the simulator against recorded exchanges with the platform.")
add_suite("integration", "Run playbooks against the simulator.")
add_suite("faults", "Run modules, roles and plugins against a platform that fails.")
add_suite("smoke", "Use every module, role, playbook and plugin once.")


@nox.session(python=False)
def coverage(session: nox.Session) -> None:
    """Check that the unit tests take every branch of the pure files, which pyproject.toml lists."""
    provide(session, "run", "test")
    files = tomllib.loads(pathlib.Path("pyproject.toml").read_text())["tool"]["coverage"]["report"]["include"]
    gone = [file for file in files if not pathlib.Path(file).exists()]
    if gone:
        session.error(f"pyproject.toml wants to measure what is not there: {', '.join(gone)}")
    options = ("--cov=plugins/module_utils", "--cov-report=term-missing:skip-covered")
    pytest(session, "coverage", "tests/unit/plugins", *options)


@nox.session(python=False)
def mutants(session: nox.Session) -> None:
    """Change one thing at a time in the code, and see whether the unit tests notice."""
    provide(session, "run", "test", "mutants")
    with reported(session):
        mutation.main(envs.REPORTS / session.name / "mutants.xml")


@nox.session(python=False)
@nox.parametrize("core", [*CONTROLLERS, "minimum"])
def versions(session: nox.Session, core: str) -> None:
    """Run unit and smoke tests with the oldest and the newest Python for a core, or with the oldest libraries."""
    provide(session, "run")  # the simulator's
    oldest = min(CONTROLLERS) if core == "minimum" else core
    pythons = [version for version in CONTROLLERS[oldest] if version in envs.interpreters()]
    pins = [f"ansible-core=={oldest}.*"]
    if core == "minimum":
        pythons = pythons[:1]
        pins += [line.replace(" ", "").replace(">=", "==") for line in declared("requirements.txt")]
    failures = []
    for python in sorted({*pythons[:1], *pythons[-1:]}):
        venv = envs.CACHE / f"versions/{core}-python{python}"
        session.log(f"{core}: Python {python}, {' '.join(pins)}")
        provide(session, "versions", venv=venv, python=envs.interpreters()[python], pins=tuple(pins))
        for name, suite in {"unit": "tests/unit/plugins", "smoke": "tests/smoke"}.items():
            simulator = str(envs.VENV / "bin/python")
            try:
                pytest(session, f"{name}-{python}", suite, venv=venv, NGCP_FAX_SIMULATOR_PYTHON=simulator)
            except nox.command.CommandFailed:
                failures.append(f"{name} tests with Python {python}")
    if failures:
        session.error(f"FAILED: {', '.join(failures)}")


def declared(file: str) -> list[str]:
    return [line for line in pathlib.Path(file).read_text().splitlines() if line and not line.startswith("#")]


@nox.session(python=False)
def interpreters(session: nox.Session) -> None:
    """Fail if a Python is missing that is supported: what is not tested is not known to work."""
    missing = {}
    for version in envs.SUPPORTED_PYTHONS:
        if version not in envs.interpreters():
            cores = [core for core, pythons in CONTROLLERS.items() if version in pythons]
            uses = [f"control nodes with ansible-core {', '.join(cores)}"] if cores else []
            missing[version] = " and ".join([*uses, "managed hosts"])
    if missing:
        session.error("; ".join(f"Python {version} is missing, for {uses}" for version, uses in missing.items()))


# ---- programs


@nox.session(python=False)
def demo(session: nox.Session) -> None:
    """Run the demonstration: a fleet of subscribers on a simulated platform."""
    provide(session, "run")
    tool(session, "python", "tests/demo/run_demo.py")


@nox.session(python=False)
def sandbox(session: nox.Session) -> None:
    """Run a simulated platform with something to see, and say what to try."""
    provide(session, "run")
    variables = {"PATH": envs.testing()["PATH"], "ANSIBLE_COLLECTIONS_PATH": str(envs.COLLECTIONS)}
    exports = [f"--export={name}={value}" for name, value in variables.items()]
    tool(session, "python", "-m", "ngcp_simulator.sandbox", "--folder", str(envs.CACHE / "sandbox"), *exports)


@nox.session(python=False)
def bench(session: nox.Session) -> None:
    """Compare with uri loops and with bare HTTP, and write docs/benchmarks.md."""
    provide(session, "run")
    tool(session, "python", "-m", "ngcp_benchmark")


@nox.session(python=False)
def schema(session: nox.Session) -> None:
    """Write docs/fleet-file.schema.json from the field tables."""
    provide(session, "run", "test")
    tool(session, "python", "-m", "ansible_collections.ngcp.fax.tests.unit.support.fleet_schema")


# ---- releases


@nox.session(name="release-notes", python=False, requires=["setup"])
def release_notes(session: nox.Session) -> None:
    """Write the changelog of the version in galaxy.yml from the fragments; again, if there are new ones."""
    with session.chdir(envs.LINK):
        tool(session, "antsibull-changelog", "release", "--update-existing")


@nox.session(python=False, requires=["setup"])
def release(session: nox.Session) -> None:
    """Build the artifact twice, check it, test it where it is installed, and write checksums and the list of libraries.

    With arguments for pytest it is a rehearsal, which writes no files.
    """
    shutil.rmtree(releasing.FOLDER, ignore_errors=True)
    with reported(session), tempfile.TemporaryDirectory(prefix="ngcp-fax-release-") as folder:
        work = pathlib.Path(folder)
        releasing.require_clean_tree()
        version = releasing.require_changelog()
        releasing.require_own_tag(version)
        artifact = releasing.build_twice(work / "build")
        session.log(f"{artifact.name}: two builds are equal")
        check_import(session, artifact, work)
        installation = releasing.Installation(work, work / "build/source")
        installation.install(artifact)
        session.log(f"installed in {installation.collection}")
        test_installation(session, installation, artifact)
        provide(session, "release", venv=envs.CACHE / "sbom")
        libraries = work / f"ngcp-fax-{version}-libraries.cdx.json"
        releasing.describe_libraries(installation, envs.CACHE / "sbom", work, libraries)
        if session.posargs:
            session.error("this was a rehearsal, because there are arguments: no files are written")
        sums = releasing.publish(artifact, libraries)
    session.log(f"{releasing.FOLDER}:\n" + "\n".join(sums))


def check_import(session: nox.Session, artifact: pathlib.Path, work: pathlib.Path) -> None:
    """Run Galaxy's importer on the artifact; without it there is a release only if that is asked for."""
    if "importer" in os.environ.get("SKIP", "").split():
        session.warn("SKIPPED: the checks of Galaxy's importer")
        return
    try:
        envs.provide("importer", venv=IMPORTER)
    except envs.Failed as problem:
        session.error(f"galaxy-importer is missing, without which `make release SKIP=importer` works:\n{problem}")
    releasing.import_into_galaxy(artifact, IMPORTER / "bin/python", work)
    session.log(f"{artifact.name}: Galaxy's importer has no complaint")


def test_installation(session: nox.Session, installation: releasing.Installation, artifact: pathlib.Path) -> None:
    """Run the integration tests against what is installed, and see that it is still the same after them."""
    missing = envs.provide_browser()
    if missing:
        session.warn(f"SKIPPED: the tests in a browser, which need {missing} on this machine")
    report = envs.REPORTS / session.name / "installed.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    command, variables = installation.pytest(artifact, report)
    jobs = os.environ.get("JOBS") or "auto"
    with session.chdir(installation.collection):
        session.run(*command, *([] if jobs == "0" else ["-n", jobs]), *session.posargs, env=variables)
    installation.remove_tests()
    installation.verify()
