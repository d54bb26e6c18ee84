# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the sessions need below the checkout: virtual environments, a link, a home, and the variables of processes.

Nothing is written outside ``.venv`` and ``.cache``; the home folder is only read (settings of pip, pyenv's versions).
"""

from __future__ import annotations

import collections.abc as c
import configparser
import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
HOME = CACHE / "home"
REPORTS = CACHE / "reports"
COLLECTIONS = CACHE / "link"
LINK = COLLECTIONS / "ansible_collections/ngcp/fax"
BROWSER = {"chromium": "chromium", "chromedriver": "chromium-driver"}  # programs and their Debian packages
SUPPORTED_PYTHONS = tuple(f"3.{minor}" for minor in range(9, 15))

Path = str | pathlib.Path


class Failed(Exception):
    """Something without which a session cannot go on."""


@contextlib.contextmanager
def alone(name: str) -> c.Iterator[None]:
    """Wait until no other process of this checkout does the same."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(*command: Path, env: c.Mapping[str, str] | None = None, cwd: pathlib.Path = ROOT) -> tuple[int, str]:
    """Run a command and return its status and output."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


# ---- virtual environments


def provide(*layers: str, venv: pathlib.Path = VENV, python: Path = "", pins: tuple[str, ...] = ()) -> None:
    """Bring the packages of some requirements files into a virtual environment, unless they are there already.

    ``python`` is the interpreter that it is created with, ``pins`` are requirements that narrow those of the files.

    :raises Failed: the environment cannot be created, or pip fails.
    """
    base = pathlib.Path(python or getattr(sys, "_base_executable", sys.executable))
    with alone(f"setup-{venv.name}"):
        _create(venv, base)
        files = [ROOT / f"tests/requirements/{layer}.txt" for layer in layers]
        stamps = {venv / f"requirements-{file.stem}.stamp": _digest(_text(file), *pins) for file in files}
        missing = {stamp: wanted for stamp, wanted in stamps.items() if _stamped(stamp) != wanted}
        if missing:
            _install(venv, [word for file in files for word in ("-r", str(file))] + [*pins])
            for stamp, wanted in missing.items():
                stamp.write_text(wanted)


def _create(venv: pathlib.Path, base: pathlib.Path) -> None:
    version = run(base, "-c", "import sys; print(sys.version)")[1].strip()
    identity = _digest(venv, base.resolve(), version)
    if _stamped(venv / "interpreter.stamp") != identity:
        print(f"==> virtual environment {venv.relative_to(ROOT)} with Python {version.split()[0]}", flush=True)
        status, output = run(base, "-m", "venv", "--clear", venv)
        if status:
            raise Failed(f"{base} cannot create a virtual environment:\n{output}")
        (venv / "interpreter.stamp").write_text(identity)


def _install(venv: pathlib.Path, requirements: list[str]) -> None:
    print(f"==> packages into {venv.relative_to(ROOT)}", flush=True)
    env = os.environ | {"PIP_CACHE_DIR": str(CACHE / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    python = venv / "bin/python"
    status, output = run(python, "-m", "pip", "install", "--quiet", "--no-compile", *requirements, env=env)
    if status:
        raise Failed(f"pip cannot install {' '.join(requirements)}:\n{output}")
    # The environment may forbid Python to write byte code; without it every later start would be slow.
    run(python, "-m", "compileall", "-qq", "-j", "0", venv / "lib")


def _text(file: pathlib.Path) -> str:
    """The text of a requirements file and of those it includes."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    included = [file.parent / line.split(maxsplit=1)[1] for line in lines if line.startswith("-r ")]
    return "\n".join([*lines, *(_text(other.resolve()) for other in included)])


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def _stamped(stamp: pathlib.Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


# ---- interpreters


def pyenv() -> pathlib.Path:
    return pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")


@functools.cache
def interpreters() -> dict[str, pathlib.Path]:
    """Every supported Python that really runs, by version."""
    found = {}
    code = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable, sep='\\n')"
    for version in SUPPORTED_PYTHONS:
        own = sorted(map(str, pyenv().glob(f"versions/{version}.*/bin/python")))
        for candidate in filter(None, [shutil.which(f"python{version}"), *own]):
            status, output = run(candidate, "-c", code)
            if status == 0 and output.splitlines()[0] == version:
                found[version] = pathlib.Path(output.splitlines()[1])
                break
    return found


# ---- the surroundings of processes


def prepare() -> None:
    """Create the link and the home, and let this process and all that it starts use them.

    What would change the outcome of tests is taken out of the environment.
    """
    if os.environ.get("HOME") == str(HOME):
        return  # it was prepared by the process that started this one
    with alone("setup"):
        _link()
        _home()
    # Real interpreters go before a version manager's shims, which exist for versions that do not run.
    pythons = [path for version in SUPPORTED_PYTHONS for path in sorted(pyenv().glob(f"versions/{version}.*/bin"))]
    path = [*map(str, reversed(pythons)), os.environ.get("PATH", os.defpath)]
    for name in [name for name in os.environ if name.startswith(("ANSIBLE_", "NGCP_API_", "NOX_", "XDG_"))]:
        del os.environ[name]
    os.environ.update(
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        ANSIBLE_HOME=str(HOME / ".ansible"),
        ANSIBLE_REMOTE_TEMP=str(HOME / ".ansible/tmp"),  # on localhost "~" is the account's home, not $HOME
        GALAXY_IMPORTER_ANSIBLE_LOCAL_TMP=str(CACHE / "importer-tmp"),
        GALAXY_IMPORTER_CHECK_REQUIRED_TAGS="1",
        GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER="1",
        GALAXY_IMPORTER_RUN_ANSIBLE_LINT="1",
        # Nox has temporary files below the checkout, where git ignores them, and ansible-lint what git ignores.
        GALAXY_IMPORTER_TMP_ROOT_DIR=tempfile.gettempdir(),
        HOME=str(HOME),
        HYPOTHESIS_STORAGE_DIRECTORY=str(CACHE / "hypothesis"),
        PATH=os.pathsep.join(path),
        PYENV_ROOT=str(pyenv()),
        PYTHONPATH="",
    )
    if not any(re.search("utf-?8", os.environ.get(name, ""), re.IGNORECASE) for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        os.environ["LC_ALL"] = "C.UTF-8"  # Ansible refuses to start without UTF-8


def testing(venv: pathlib.Path = VENV) -> dict[str, str]:
    """The variables that tests and programs which import from the checkout need on top of those."""
    folders = (COLLECTIONS, ROOT / "tests/simulator", ROOT / "tests/benchmark")
    return {
        "PATH": os.pathsep.join([str(venv / "bin"), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "VIRTUAL_ENV": str(venv),
    }


def _link() -> None:
    """The checkout where Ansible looks for collections."""
    LINK.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(ROOT, LINK.parent)
    if not LINK.is_symlink() or os.readlink(LINK) != target:
        LINK.unlink(missing_ok=True)
        LINK.symlink_to(target)


def _home() -> None:
    """A home folder for tests: empty but for pip's settings, which ansible-test would otherwise lose."""
    new = HOME / ".config/pip/pip.conf"
    old = HOME / ".pip/pip.conf"
    for file in (new, old):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)

    home = pathlib.Path.home()
    config = pathlib.Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    own = [os.environ.get("PIP_CONFIG_FILE", ""), str(config / "pip/pip.conf"), str(home / ".pip/pip.conf")]
    for name in filter(os.path.isfile, own):
        old.symlink_to(name)
        break

    # ansible-test also drops the variables that stand for pip's options.
    options = {"cert": _variable("REQUESTS_CA_BUNDLE"), "proxy": _variable("HTTPS_PROXY"), "quiet": "2"}
    for name in ("cert", "extra-index-url", "find-links", "index-url", "no-index", "proxy", "timeout", "trusted-host"):
        options[name] = os.environ.get(f"PIP_{name.upper().replace('-', '_')}") or options.get(name, "")
    parser = configparser.RawConfigParser()
    parser["global"] = {name: value for name, value in options.items() if value}
    new.touch(mode=0o600)
    with new.open("w") as stream:
        parser.write(stream)


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.lower()) or ""


def provide_browser() -> str:
    """Bring Chromium and its driver onto a Debian machine that lacks them, if that is allowed.

    Return what is still missing; the tests that need it are skipped.
    """
    apt = shutil.which("apt-get")
    if not all(map(shutil.which, BROWSER)) and apt and os.geteuid() == 0:
        with alone("browser"):
            print(f"==> Debian packages {' and '.join(BROWSER.values())}", flush=True)
            env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            run(apt, "update", "--quiet", env=env)
            install = (apt, "install", "--yes", "--quiet", "--no-install-recommends", *BROWSER.values())
            status, output = run(*install, env=env)
            if status:
                print("\n".join(output.rstrip().splitlines()[-5:]), flush=True)
    return " and ".join(name for name in BROWSER if not shutil.which(name))


def provide_pip_for_ansible_test() -> None:
    """Put what ``ansible-test --venv`` looks for in the home folder, before it asks the internet, there."""
    folder = HOME / ".ansible/test/cache"
    folder.mkdir(parents=True, exist_ok=True)
    for version in ("23_1_2", "24_2", "25_2"):  # what ansible-core 2.16, 2.18 and 2.20 and their successors use
        shutil.copy(ROOT / "tests/tooling/get_pip.py", folder / f"get_pip_{version}.py")


if __name__ == "__main__":  # for tests/tooling/run, before there is nox
    try:
        provide("nox", venv=CACHE / "bootstrap")
    except Failed as problem:
        sys.exit(f"FAILED: {problem}")
