# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's commands without the time that their start takes: a process that holds what they load is forked for each.

It has imported libraries and those of Ansible's modules that do not read the configuration. Of all others it holds the
code, but has run none of it: each command imports them anew, in its own environment and directory, as if it had been
started by itself. Nothing that one command does is left for the next one.

The program takes the number of a socket as its only argument. Each command is one byte with three descriptors: for
output, for errors, and a socket. That socket brings the command as a line of JSON (``words``, ``environment``,
``cwd``), and takes two lines: the id of the command's process, and its exit status as ``subprocess`` gives it.
The program ends when the first socket is closed.
"""

import atexit
import contextlib
import gc
import importlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import socket
import sys
import sysconfig
import tempfile
from types import CodeType
from typing import Any, NoReturn

import yaml

COMMANDS = {f"ansible-{name}": f"ansible.cli.{name}" for name in ("doc", "inventory", "playbook", "vault")}

# What commands load, directly or not; some of it only when the first task runs.
LOADED = (
    *COMMANDS.values(),
    "ansible.executor.playbook_executor",
    "ansible.plugins.action.normal",
    "ansible.plugins.callback.default",
    "ansible.plugins.connection.local",
    "ansible.plugins.strategy.linear",
    "jsonpatch",
    "requests",
)
COMPILING = ("ansible.utils.collection_loader._collection_finder", "ansible.executor.module_common")
CONFIGURATION = "ansible.constants"
SCRIPTS = os.path.dirname(sys.executable)
INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


class Codes:
    """The code of modules, by file. What a command misses is there for the next one."""

    def __init__(self) -> None:
        self._read: dict[str, CodeType] = {}
        self._compiled: dict[tuple[str, str, int], tuple[bytes, Any]] = {}
        self._get_code = importlib.machinery.SourceFileLoader.get_code
        self._missed, self._report = os.pipe()
        os.set_blocking(self._missed, False)
        os.set_blocking(self._report, False)

    def install(self) -> None:
        """Make imports use the code that is held here."""

        def get_code(loader: Any, name: str) -> CodeType | None:
            found = self._read.get(loader.path)
            if found is None and loader.path.startswith(INSTALLED):
                self._miss(loader.path)
            return found or self._get_code(loader, name)

        importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]

    def compile(self, source: str | bytes, filename: str, mode: str, flags: int = 0, **options: Any) -> Any:
        """Compile what Ansible keeps no compiled files of: modules of collections, and what modules need of others."""
        content = source.encode() if isinstance(source, str) else source
        held, result = self._compiled.get((filename, mode, flags), (None, None))
        if held == content:
            return result
        self._miss(filename, mode, str(flags))
        return compile(source, filename, mode, flags, dont_inherit=True)

    def learn(self) -> None:
        """Hold the code that commands missed."""
        with contextlib.suppress(BlockingIOError):
            while lines := os.read(self._missed, 65536).decode():
                for line in lines.splitlines():
                    with contextlib.suppress(Exception):  # of half a line, or of a file that is gone: not held
                        self._hold(*line.split("\t"))

    def _hold(self, path: str, mode: str = "", flags: str = "0") -> None:
        if mode:
            source = pathlib.Path(path).read_bytes()
            self._compiled[path, mode, int(flags)] = (source, compile(source, path, mode, int(flags), True))
        else:
            code = self._get_code(importlib.machinery.SourceFileLoader("held", path), "held")
            if code is not None:
                self._read[path] = code

    def _miss(self, *words: str) -> None:
        with contextlib.suppress(OSError):
            os.write(self._report, ("\t".join(words) + "\n").encode())


class Documents:
    """The YAML files of Ansible's own that every command reads. A command gets each of them once, to keep."""

    def __init__(self) -> None:
        self._load = yaml.load
        self._held: dict[tuple[type, Any], Any] = {}
        spec = importlib.util.find_spec("ansible")
        folder = pathlib.Path(((spec and spec.submodule_search_locations) or [""])[0], "config")
        safe, base = (getattr(yaml, f"C{name}", getattr(yaml, name)) for name in ("SafeLoader", "BaseLoader"))
        for name, loader in (("base", safe), ("ansible_builtin_runtime", safe), ("ansible_builtin_runtime", base)):
            content = (folder / f"{name}.yml").read_bytes()
            path = os.fsencode(folder / f"{name}.yml")
            for key in (content, content.decode(), path):
                self._held[loader, key] = self._load(content, loader)

    def install(self) -> None:
        """Make ``yaml.load`` return what is held here."""

        def load(stream: Any, Loader: Any) -> Any:
            key = getattr(stream, "name", None) if hasattr(stream, "read") else stream
            try:
                return self._held.pop((Loader, key))
            except (KeyError, TypeError):
                return self._load(stream, Loader)

        yaml.load = load


def preload() -> None:
    """Import what commands load and what does not depend on the configuration."""
    receiver, sender = os.pipe()
    if not os.fork():
        failed = 1
        try:
            for name in LOADED:
                importlib.import_module(name)
            os.write(sender, "\n".join(sys.modules).encode())
            failed = 0
        except Exception:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(failed)
    os.close(sender)
    with os.fdopen(receiver) as stream:
        names = stream.read().splitlines()
    _process, status = os.wait()
    if status:
        sys.exit("Ansible cannot be loaded.")
    sys.modules[CONFIGURATION] = None  # type: ignore[assignment]  # nothing that imports it can be imported
    with contextlib.redirect_stderr(io.StringIO()):
        for name in names:
            if name != CONFIGURATION and not name.startswith(("ansible.cli", "ansible_collections")):
                with contextlib.suppress(ImportError, SystemExit):  # the commands themselves exit
                    importlib.import_module(name)
    del sys.modules[CONFIGURATION]


def main() -> None:
    """Take commands until the socket is closed."""
    sys.path[0] = SCRIPTS
    control = socket.socket(fileno=int(sys.argv[1]))
    codes = Codes()
    Documents().install()
    codes.install()
    preload()
    while True:
        message, descriptors, _flags, _address = socket.recv_fds(control, 1, 3)
        if not message:
            return
        codes.learn()
        gc.freeze()
        if not os.fork():
            control.close()
            attend(codes, *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def attend(codes: Codes, output: int, errors: int, reply: int) -> NoReturn:
    """Run a command in a process of its own and tell how it ends."""
    try:
        with socket.socket(fileno=reply) as connection, connection.makefile("rw") as stream:
            command = json.loads(stream.readline())
            process = os.fork()
            if not process:
                become(codes, command, output, errors)
            print(process, file=stream, flush=True)
            _process, status = os.waitpid(process, 0)
            with contextlib.suppress(BrokenPipeError):  # nobody waits any longer
                print(os.waitstatus_to_exitcode(status), file=stream, flush=True)
    finally:
        os._exit(0)


def become(codes: Codes, command: dict[str, Any], output: int, errors: int) -> NoReturn:
    """Be the command, from its first line to its end."""
    status = 1
    try:
        for descriptor, usual in ((output, 1), (errors, 2)):
            os.dup2(descriptor, usual)
            os.close(descriptor)
        os.chdir(command["cwd"])
        os.environ.clear()
        os.environ.update(command["environment"])
        tempfile.tempdir = None
        name, *options = command["words"]
        sys.argv = [os.path.join(SCRIPTS, name), *options]
        module = importlib.import_module(COMMANDS[name])
        for compiling in COMPILING:
            importlib.import_module(compiling).compile = codes.compile  # type: ignore[attr-defined]
        module.main()
        status = 0
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
