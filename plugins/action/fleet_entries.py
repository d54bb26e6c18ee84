# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Entry
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_table
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._wording import and_more, counted, quoted
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.control_node import ControlNodeAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.chunks import (
    PATHS,
    create_private_folder,
    write_chunks,
    write_private,
)
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.entries import (
    SHOWN_ERRORS,
    Fleet,
    FleetErrors,
    check_fleet,
)
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.hosts import HOST_VARIABLES, host_entries
from ansible_collections.ngcp.fax.plugins.plugin_utils._fleet.schema import COLUMNS
from ansible_collections.ngcp.fax.plugins.plugin_utils._role_variables import wrong_host_names
from ansible_collections.ngcp.fax.plugins.plugin_utils._working_files import (
    create_folder,
    discard,
    in_clear,
    remove_leftovers,
)

_SOURCES = ("src", "subscribers", "hosts")


class ActionModule(ControlNodeAction):
    """Reads and checks a fleet and writes what each settings module takes."""

    argument_spec: ClassVar[Mapping[str, Any]] = {
        "src": {"type": "str"},
        "subscribers": {"type": "raw"},
        "hosts": {"type": "list", "elements": "str"},
        "dest": {"type": "path"},
        "positions": {"type": "list", "elements": "int"},
        "chunk_size": {"type": "int"},
        "modes": {"type": "dict", "default": {}},
        "allow_empty": {"type": "bool", "default": False},
    }
    role_words: ClassVar[Mapping[str, str]] = {
        "src": "fleet_file",
        "subscribers": "fleet_subscribers",
        "hosts": "fleet_from_inventory",
        "chunk_size": "fleet_chunk_size",
        "allow_empty": "fleet_allow_empty",
    }

    def work(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> dict[str, Any]:
        """Return where the entries are."""
        size = arguments["chunk_size"]
        if size is not None and size < 1:
            raise InputError(f"must be at least 1, not {size}", field="chunk_size")
        fleet = self._fleet(arguments, task_vars)
        if not fleet.paths and not arguments["allow_empty"]:
            raise self._nobody(arguments)
        chosen = arguments["positions"]
        if chosen is not None:
            if not chosen:
                raise InputError("must not be empty", field="positions")
            unknown = sorted(position for position in chosen if not 0 <= position < len(fleet.paths))
            if unknown:
                entries = counted(len(fleet.paths), "entry", "entries")
                raise InputError(f"{unknown[0]} is no position of the {entries}", field="positions")
            fleet = fleet.only(chosen)
        remove_leftovers()
        folder = arguments["dest"] or create_folder()
        create_private_folder(folder)
        paths = os.path.join(folder, PATHS)
        write_private(paths, fleet.paths)
        chunks = write_chunks(folder, fleet.members, size, sealed=arguments["dest"] is None)
        result: dict[str, Any] = {
            "dest": folder,
            "places": paths,
            "total": len(fleet.paths) if chosen is None else len(set(chosen)),
            "chunks": chunks,
        }
        for module in (resource.module for resource in RESOURCES):
            own = [chunk[module] for chunk in chunks if module in chunk]
            result[module] = {
                "files": [chunk["file"] for chunk in own],
                "positions": [position for chunk in own for position in chunk["positions"]],
                "total": sum(chunk["total"] for chunk in own),
            }
        if fleet.idle:
            result["warnings"] = [_idle_warning(fleet)]
        return result

    def failure(self, error: FaxError) -> dict[str, Any]:
        """Return the result of a failed task, with all errors of the entries."""
        result = super().failure(error)
        if isinstance(error, FleetErrors):
            result["errors"] = error.details()[:SHOWN_ERRORS]
            result["errors_total"] = len(error.errors)
            del result["error"]["details"]  # the same, with less in it
        return result

    def _fleet(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Fleet:
        given = [name for name in _SOURCES if arguments[name] is not None]
        if len(given) != 1:
            found = " and ".join(map(self.word, given)) if given else "none"
            raise InputError(f"exactly one of {', '.join(map(self.word, _SOURCES))} is needed, {found} given")
        if arguments["src"] is not None:
            return self._from_file(arguments["src"], arguments["modes"])
        if arguments["hosts"] is not None:
            return self._from_hosts(arguments, task_vars)
        name = self.word("subscribers")
        return check_fleet(_listed(arguments["subscribers"], name), [], name, arguments["modes"])

    def _from_hosts(self, arguments: Mapping[str, Any], task_vars: Mapping[str, Any]) -> Fleet:
        hosts, variables = arguments["hosts"], task_vars["hostvars"]
        entries, errors = host_entries(hosts, variables)
        others = self.other_variables(task_vars)
        wrong = wrong_host_names(["fleet"], {host: variables[host] for host in hosts}, others)
        return check_fleet(entries, [*wrong, *errors], "the inventory", arguments["modes"])

    def _nobody(self, arguments: Mapping[str, Any]) -> InputError:
        """Return the error for a fleet without entries: that nobody differs would be no comfort."""
        (option,) = [name for name in _SOURCES if arguments[name] is not None]
        if option == "hosts":
            message = f"none of {counted(len(arguments['hosts']), 'host')} has {', '.join(HOST_VARIABLES)}"
        else:
            message = "has no entries" if option == "subscribers" else f"{quoted(arguments['src'])} has no entries"
        hint = f"Set {self.word('allow_empty')} to true if a fleet without subscribers is meant."
        return InputError(message, field=option, hint=hint)

    def _from_file(self, src: str, modes: Mapping[str, str]) -> Fleet:
        if not src.strip():
            raise InputError("must not be empty", field="src")
        found = self.find_file(src, "src")
        name = os.path.basename(found)
        made: list[str] = []
        try:
            path = in_clear(self._loader, found, made)
            entries, errors = read_table(COLUMNS, path, name)
        except InputError as error:
            error.field = "src"
            raise
        finally:
            for folder in made:
                discard(folder)
        return check_fleet(entries, errors, name, modes)


def _listed(subscribers: Any, name: str) -> list[Entry]:
    if isinstance(subscribers, (str, Mapping)) or not isinstance(subscribers, Sequence):
        raise InputError("must be a list of dictionaries", field="subscribers")
    return [Entry(f"{name}[{index}]", values) for index, values in enumerate(subscribers)]


def _idle_warning(fleet: Fleet) -> str:
    shown = and_more([fleet.paths[fleet.idle[0]]], len(fleet.idle), ", ")
    return f"Entries that name a subscriber but declare nothing: {shown}."
