# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tasks need below the checkout: virtual environments, links, copies and the environment of processes.

Nothing is written outside ``.venv`` and ``.cache``; the home folder is only read (settings of pip, pyenv's versions).
"""

from __future__ import annotations

import collections.abc as c
import configparser
import contextlib
import fcntl
import filecmp
import functools
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

from report import Step, say

ROOT = pathlib.Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
HOME = CACHE / "home"
REPORTS = CACHE / "reports"
COLLECTIONS = CACHE / "link"
LINK = COLLECTIONS / "ansible_collections/ngcp/fax"
COPY = CACHE / "copy/ansible_collections/ngcp/fax"
REQUIREMENTS = ROOT / "tests/requirements"
BROWSER = {"chromium": "chromium", "chromedriver": "chromium-driver"}  # programs and their Debian packages
SUPPORTED_PYTHONS = tuple(f"3.{minor}" for minor in range(9, 15))


class Failed(Exception):
    """Something without which the task cannot go on."""


# ---- processes


def environment(venv: pathlib.Path = VENV, **extra: str) -> dict[str, str]:
    """The environment of everything that tests: the user's, without what would change the outcome."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "NGCP_API_", "XDG_"))}
    env.update(
        ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
        ANSIBLE_HOME=str(HOME / ".ansible"),
        ANSIBLE_REMOTE_TEMP=str(HOME / ".ansible/tmp"),  # on localhost "~" is the account's home, not $HOME
        HOME=str(HOME),
        HYPOTHESIS_STORAGE_DIRECTORY=str(CACHE / "hypothesis"),
        PATH=os.pathsep.join([str(venv / "bin"), os.environ.get("PATH", os.defpath)]),
        PYENV_ROOT=str(pyenv()),
        PYTHONPATH=os.pathsep.join([str(COLLECTIONS), str(ROOT / "tests/simulator"), str(ROOT / "tests/benchmark")]),
        VIRTUAL_ENV=str(venv),
    )
    if not any(re.search("utf-?8", env.get(name, ""), re.IGNORECASE) for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        env["LC_ALL"] = "C.UTF-8"  # Ansible refuses to start without UTF-8
    env.update(extra)
    return env


def call(*command: str | pathlib.Path, cwd: pathlib.Path = ROOT, env: dict[str, str] | None = None) -> int:
    """Run a command, its output shown as it comes."""
    return subprocess.call([str(word) for word in command], cwd=cwd, env=env or environment(), stdin=subprocess.DEVNULL)


def capture(
    *command: str | pathlib.Path, cwd: pathlib.Path = ROOT, env: dict[str, str] | None = None
) -> tuple[int, str]:
    """Run a command and return its status and output."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return done.returncode, done.stdout


# ---- interpreters


def pyenv() -> pathlib.Path:
    return pathlib.Path(os.environ.get("PYENV_ROOT") or pathlib.Path.home() / ".pyenv")


def base_python() -> pathlib.Path:
    """The interpreter this program runs with, or the one below it where that is a virtual environment's."""
    return pathlib.Path(getattr(sys, "_base_executable", sys.executable))


@functools.cache
def interpreters() -> dict[str, pathlib.Path]:
    """Every supported Python that really runs, by version."""
    found = {}
    for version in SUPPORTED_PYTHONS:
        candidates = [
            shutil.which(f"python{version}"),
            *sorted(map(str, pyenv().glob(f"versions/{version}.*/bin/python"))),
        ]
        for candidate in filter(None, candidates):
            code = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable, sep='\\n')"
            status, output = capture(candidate, "-c", code, env=dict(os.environ))
            if status == 0 and output.splitlines()[0] == version:
                found[version] = pathlib.Path(output.splitlines()[1])
                break
    return found


# ---- virtual environments


def digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def requirements_text(file: pathlib.Path) -> str:
    """The text of a requirements file and of those it includes."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    included = [file.parent / line.split(maxsplit=1)[1] for line in lines if line.startswith("-r ")]
    return "\n".join([*lines, *(requirements_text(other.resolve()) for other in included)])


def provide(
    *layers: str, venv: pathlib.Path = VENV, python: pathlib.Path | None = None, pins: tuple[str, ...] = ()
) -> None:
    """Bring the packages of some requirements files into a virtual environment, unless they are there already.

    ``python`` is the interpreter that it is made with, ``pins`` are requirements that narrow those of the files.
    """
    with alone("setup"):
        _provide(venv, layers, python or base_python(), pins)
        _link()
        _home()


@contextlib.contextmanager
def alone(name: str) -> c.Iterator[None]:
    """Wait until no other process of this checkout does the same."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _provide(venv: pathlib.Path, layers: tuple[str, ...], base: pathlib.Path, pins: tuple[str, ...]) -> None:
    env = os.environ | {"PIP_CACHE_DIR": str(CACHE / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    python = venv / "bin/python"
    where = venv.relative_to(ROOT)

    stamp = venv / "interpreter.stamp"
    version = capture(base, "-c", "import sys; print(sys.version)")[1].strip()
    identity = digest(venv, base.resolve(), version)
    if not stamp.exists() or stamp.read_text() != identity:
        with Step(f"virtual environment {where} with Python {version.split()[0]}"):
            if call(base, "-m", "venv", "--clear", venv, env=env):
                raise Failed(f"{base} cannot make a virtual environment.")
            stamp.write_text(identity)

    files = [REQUIREMENTS / f"{layer}.txt" for layer in layers]
    texts = ["\n".join([requirements_text(file), *pins]) for file in files]
    stamps = [venv / f"requirements-{layer}.stamp" for layer in layers]
    missing = [
        (layer, stamp, text)
        for layer, stamp, text in zip(layers, stamps, texts, strict=True)
        if not stamp.exists() or stamp.read_text() != digest(text)
    ]
    if not missing:
        return
    with Step(f"packages for {' and '.join(item[0] for item in missing)} into {where}"):
        options = [option for file in files for option in ("-r", str(file))] + [*pins]
        status, output = capture(python, "-m", "pip", "install", "--quiet", "--no-compile", *options, env=env)
        if status:
            say(output.rstrip())
            raise Failed(f"pip could not install {', '.join(str(file.relative_to(ROOT)) for file in files)}.")
        # The environment may forbid Python to write byte code; without it every later start would be slow.
        capture(python, "-m", "compileall", "-qq", "-j", "0", venv / "lib", env=env)
        for _layer, stamp, text in missing:
            stamp.write_text(digest(text))
        if "importer" not in layers:
            say(f"    ansible-core {core_version(venv)}")


def core_version(venv: pathlib.Path = VENV) -> str:
    return capture(venv / "bin/python", "-c", "import ansible.release as r; print(r.__version__)")[1].strip()


# ---- links, copies and a home


def _link() -> None:
    """The checkout where Ansible looks for collections."""
    LINK.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(ROOT, LINK.parent)
    if not LINK.is_symlink() or os.readlink(LINK) != target:
        with contextlib.suppress(FileNotFoundError):
            LINK.unlink()
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
    for name in own:
        if os.path.isfile(name):
            old.symlink_to(name)
            break

    # ansible-test also drops the variables that stand for pip's options.
    settings = {"cert": "REQUESTS_CA_BUNDLE", "proxy": "HTTPS_PROXY"}
    options = {
        name: os.environ.get(variable) or os.environ.get(variable.lower()) for name, variable in settings.items()
    }
    for name in ("cert", "extra-index-url", "find-links", "index-url", "no-index", "proxy", "timeout", "trusted-host"):
        options[name] = os.environ.get(f"PIP_{name.upper().replace('-', '_')}") or options.get(name)
    parser = configparser.RawConfigParser()
    parser["global"] = {"quiet": "2"} | {name: value for name, value in options.items() if value}
    new.touch(mode=0o600)
    with new.open("w") as stream:
        parser.write(stream)


def files_of_collection() -> c.Iterator[pathlib.PurePath]:
    """What belongs to the collection, relative to the checkout: tracked files and new ones that are not ignored."""
    command = ("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    with contextlib.suppress(FileNotFoundError):
        status, output = capture(*command)
        if status == 0:
            for name in sorted(set(filter(None, output.split("\0")))):
                if os.path.lexists(ROOT / name):
                    yield pathlib.PurePath(name)
            return
    for folder, folders, files in os.walk(ROOT):  # an unpacked archive
        folders[:] = [name for name in folders if name not in (".cache", ".git", ".venv", "__pycache__")]
        for file in files:
            yield (pathlib.Path(folder) / file).relative_to(ROOT)


def copy_collection() -> None:
    """Bring the copy of the collection up to date that ansible-test works on: it does not accept a link."""
    COPY.mkdir(parents=True, exist_ok=True)
    wanted = set(files_of_collection())
    kept = {COPY / ".git", COPY / "tests/output"}
    for path in sorted(COPY.rglob("*"), reverse=True):
        if kept.isdisjoint((path, *path.parents)) and path.relative_to(COPY) not in wanted:
            if path.is_symlink() or not path.is_dir():
                path.unlink()
            elif not any(path.iterdir()):
                path.rmdir()
    for name in wanted:
        source, target = ROOT / name, COPY / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (
            source.is_symlink()
            or target.is_symlink()
            or not target.exists()
            or not filecmp.cmp(source, target, shallow=True)
        ):
            with contextlib.suppress(FileNotFoundError):
                target.unlink()
            shutil.copy2(source, target, follow_symlinks=False)
    # In a folder that the checkout's git ignores, ansible-test finds nothing unless there is a repository of its own.
    if not (COPY / ".git").exists() and shutil.which("git"):
        call("git", "init", "--quiet", "--initial-branch=main", ".", cwd=COPY)


def provide_browser() -> None:
    """Bring Chromium and its driver onto a Debian machine that lacks them, if that is allowed; else the tests that need
    a browser are skipped, and this says so."""
    missing = [name for name in BROWSER if not shutil.which(name)]
    if not missing:
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        with alone("browser"), Step(f"Debian packages {' and '.join(BROWSER.values())}"):
            env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            capture(apt, "update", "--quiet", env=env)
            status, output = capture(
                apt, "install", "--yes", "--quiet", "--no-install-recommends", *BROWSER.values(), env=env
            )
            if status:
                say("\n".join(output.rstrip().splitlines()[-5:]))
    missing = [name for name in BROWSER if not shutil.which(name)]
    if missing:
        say(f"    SKIPPED: the tests in a browser, which need {' and '.join(missing)} on this machine")


def provide_ansible_test(venv: pathlib.Path = VENV) -> None:
    """Prepare what ``ansible-test --venv`` looks for in the home folder before it asks the internet."""
    source = next(venv.glob("lib/python3*/site-packages/ansible_test/_internal/python_requirements.py")).read_text()
    folder = HOME / ".ansible/test/cache"
    folder.mkdir(parents=True, exist_ok=True)
    for version in set(re.findall(r"pip='([0-9.]+)'", source)):
        shutil.copy(ROOT / "tests/tooling/get_pip.py", folder / f"get_pip_{version.replace('.', '_')}.py")
