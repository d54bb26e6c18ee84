# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a task is, wherever it runs: its options, its work, and how the outcome becomes a result.

There are two places. :mod:`_module` runs a task as a module on any host, and the action plugins run it in the control
node's own process. Both take everything from here, and therefore return the same results.
"""

from __future__ import annotations

import importlib
import os
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple

from ._api.client import Client
from ._api.connections import connected
from ._api.options import connection_options
from ._errors import FaxError, as_fax_error
from ._masking import CREDENTIALS, MASK, mask_result, mask_value
from ._raw_arguments import (
    ENVIRONMENT,
    OWN_MEMBERS,
    check_arguments,
)
from ._wording import counted, printable, with_hints

# The options about a file's attributes.
ATTRIBUTES = ("mode", "owner", "group")


def no_attributes(_path: str) -> bool:
    """Leave a file unchanged."""
    return False


def show_nothing(_line: str) -> None:
    """Show nothing, because a module cannot show anything before it ends."""


class Host(NamedTuple):
    """Where a task runs, and what its work may ask of that place.

    :param check_mode: whether the work only predicts.
    :param connect: lends a client for the connection options, and takes it back.
    :param set_attributes: gives a file the mode, owner and group of the task, and returns whether that changes
        something.
    :param show: shows a line to the user while the task runs.
    :param encrypt: encrypts a document with the vault password of the run; None where there is no vault.
    """

    check_mode: bool = False
    connect: Callable[[Mapping[str, Any]], AbstractContextManager[Client]] = connected
    set_attributes: Callable[[str], bool] = no_attributes
    show: Callable[[str], None] = show_nothing
    encrypt: Callable[[bytes], bytes] | None = None


# Takes the options and the host, returns the result, and may raise :class:`_errors.FaxError`.
Work = Callable[[Mapping[str, Any], Host], Mapping[str, Any]]

_ENTRIES = "subscribers"

_LIBRARIES = ("requests", "jsonpatch")

# How Ansible begins its message about required arguments that are not there.
_MISSING = "missing required arguments: "


@dataclass(frozen=True)
class Task:
    """What one module does.

    :param options: the options beside the connection's.
    :param work: what is to be done.
    :param secrets: names of the secret options.
    :param hidden: names of options that are not shown, but too long to be looked for in texts.
    :param in_lines: whether messages have several lines.
    """

    options: Mapping[str, Any]
    work: Work
    secrets: Sequence[str] = ()
    hidden: Sequence[str] = ()
    in_lines: bool = False

    def argument_spec(self, from_environment: Callable[..., Any]) -> dict[str, Any]:
        """Return the argument specification.

        :param from_environment: Ansible's function that reads a variable of the environment.
        """
        options = {**connection_options(), **self.options}
        return {name: _ansible_option(option, from_environment) for name, option in options.items()}

    def check_arguments(self, arguments: MutableMapping[str, Any]) -> FaxError | None:
        """Return what is wrong with the way in which the arguments are written, or None; to be asked before Ansible
        converts them. See :func:`_raw_arguments.check_arguments`.

        :param arguments: as they are handed to the task, without ``subscribers``.
        """
        return check_arguments({**connection_options(), **self.options}, arguments)

    def options_with_environment(self) -> dict[str, str]:
        """Return the options that an environment variable can give, with its name."""
        options = {**connection_options(), **self.options}
        return {name: option["environment"] for name, option in options.items() if "environment" in option}

    def run(self, params: Mapping[str, Any], host: Host, problem: FaxError | None = None) -> dict[str, Any]:
        """Do the work and return its result, or the failure that it ended with, all of it free of secrets.

        :param params: the validated options, and ``subscribers`` as it was given.
        :param problem: what :meth:`check_arguments` found; then nothing is done.
        """
        try:
            if problem is not None:
                raise problem
            result = dict(self.work(params, host))
        except FaxError as error:
            result = error.as_result()
        except Exception as error:  # pylint: disable=broad-except
            result = _unexpected(error)
        secrets = [params.get(name) for name in (*self.secrets, *CREDENTIALS)]
        mask_result(result, secrets, in_lines=self.in_lines)
        return result

    def shown_arguments(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options as they may be shown."""
        masked = {*self.secrets, *self.hidden, *CREDENTIALS}
        if "@" in str(params.get("api_url")):
            masked.add("api_url")
        shown = {name: mask_value(value) if name in masked else value for name, value in params.items()}
        entries = params.get(_ENTRIES)
        if entries is not None:
            count = len(entries) if isinstance(entries, list) else 0
            shown[_ENTRIES] = [f"{counted(count, 'entry', 'entries')}, not shown"]
        return shown


def count_statuses(statuses: Iterable[str], known: Iterable[str]) -> dict[str, int]:
    """Return how many there are in total and with each status, in the shape that the summaries of results carry.

    :param known: all statuses that there can be.
    """
    counts = Counter(statuses)
    return {"total": sum(counts.values()), **{status: counts[status] for status in known}}


def withhold_entries(params: dict[str, Any]) -> dict[str, Any]:
    """Take the raw ``subscribers`` out of the options and return them as an option of their own, to be put back when
    Ansible has validated the others. Its validation cannot name the wrong entry, and the cost of its ``no_log`` pass is
    the number of secrets times the size of the result. The collection validates entries itself and masks by field."""
    if params.get(_ENTRIES) is None:
        return {}
    entries = {_ENTRIES: params[_ENTRIES]}
    params[_ENTRIES] = []
    return entries


def argument_message(task: Task, message: str) -> str:
    """Return what Ansible says about wrong arguments as one printable line; of required ones that are missing also
    where else they may come from."""
    shown = printable(message)
    if not message.startswith(_MISSING):
        return shown
    options = task.options_with_environment()
    missing = [name for name in message[len(_MISSING) :].split(", ") if name in options]
    ways = [
        f"Set {name} in the task, in module_defaults, or in the environment variable {options[name]}."
        for name in missing
    ]
    return with_hints(shown, ways)


def libraries_error(names: Sequence[str], host: str, interpreter: str) -> FaxError:
    """Return the error for libraries that are missing, all of them at once.

    :param names: at least one.
    :param host: where the task runs.
    :param interpreter: path of the Python that runs it.
    """
    library, them = ("library", "it") if len(names) == 1 else ("libraries", "them")
    return FaxError(
        f"Failed to import the required Python {library} ({', '.join(names)}) on {host}'s Python {interpreter}",
        code="missing_library",
        hint=f"Run `{interpreter} -m pip install {' '.join(names)}` there, or set ansible_python_interpreter to a "
        f"Python that has {them}.",
    )


def missing_libraries(names: Sequence[str] = _LIBRARIES) -> Iterator[tuple[str, str]]:
    """Return those of the libraries that cannot be imported here, each with the traceback."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            yield name, traceback.format_exc()


def _unexpected(error: Exception) -> dict[str, Any]:
    """Return the result for an error of the collection itself: where it happened, but not the error's text, which may
    quote a value."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    return {
        **as_fax_error(error).as_result(),
        "exception": f"{frames}{type(error).__name__}: {MASK}",
    }


def _ansible_option(option: Mapping[str, Any], from_environment: Callable[..., Any]) -> dict[str, Any]:
    """Return an option as Ansible knows it: without our own members, and with its fallback to the environment. A
    variable that is there and empty counts as not set."""
    spec = {name: value for name, value in option.items() if name not in OWN_MEMBERS}
    if "options" in spec:
        spec["options"] = {name: _ansible_option(part, from_environment) for name, part in spec["options"].items()}
    if os.environ.get(option.get(ENVIRONMENT, "")):
        spec["fallback"] = (from_environment, [option[ENVIRONMENT]])
    return spec
