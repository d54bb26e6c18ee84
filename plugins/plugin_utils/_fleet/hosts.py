# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""A fleet out of inventory variables: one host for each subscriber."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.entries import check_fleet
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Entry
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import KEY_NAMES
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted

from .._role_variables import wrong_host_names

ENTRY = "fleet_entry"
NESTED = {resource.fleet_variable: resource.prefix for resource in RESOURCES}
HOST_VARIABLES = (ENTRY, *NESTED)


def hosts_with_entries(
    hosts: Any, variables: Mapping[str, Mapping[str, Any]], others: list[str]
) -> tuple[list[str], list[Any]]:
    """Return those hosts that have an entry, and their entries.

    :param hosts: names of hosts.
    :param variables: the variables of every host, templated on access.
    :param others: names of variables that belong to somebody else, see :mod:`_role_variables`.
    :raises InputError: ``hosts`` is not a list of hosts of the inventory, or none of them has an entry.
    :raises FleetErrors: variables of hosts are wrong.
    """
    if not isinstance(hosts, list) or not all(isinstance(host, str) for host in hosts):
        raise InputError("must be a list of the names of hosts", field="hosts")
    unknown = [host for host in hosts if host not in variables]
    if unknown:
        raise InputError(f"{unknown[0]!r} is not a host of the inventory", field="hosts")
    entries, errors = host_entries(hosts, variables)
    errors = [*wrong_host_names(["fleet"], {host: variables[host] for host in hosts}, others), *errors]
    if errors:
        check_fleet(entries, errors, "the inventory")
    return [entry.path.split(" ", 1)[1] for entry in entries], [entry.values for entry in entries]


def no_hosts_with_entries(count: int) -> InputError:
    """Return the error for hosts none of which has an entry: that nobody differs would be no comfort.

    :param count: how many hosts there are.
    """
    return InputError(
        f"none of {counted(count, 'host')} has {', '.join(HOST_VARIABLES)}",
        field="hosts",
        hint="Set allow_empty to true if a fleet without subscribers is intended.",
    )


def host_entries(
    hosts: Iterable[str], variables: Mapping[str, Mapping[str, Any]]
) -> tuple[list[Entry], list[InputError]]:
    """Return an entry for each host that has one of the ``HOST_VARIABLES``, and an error for each that has the same
    nested settings twice.

    :param variables: the variables of every host, templated on access.
    """
    entries: list[Entry] = []
    errors: list[InputError] = []
    for host in hosts:
        own = variables[host]
        if any(name in own for name in HOST_VARIABLES):
            path = f"host {host}"
            values = _values(host, own, errors, path, len(entries))
            entries.append(Entry(path, values))
    return entries, errors


def _values(host: str, own: Mapping[str, Any], errors: list[InputError], path: str, position: int) -> Any:
    entry = own.get(ENTRY, {})
    if not isinstance(entry, Mapping):
        return entry
    nested = {short: own[name] for name, short in NESTED.items() if name in own}
    for name, short in NESTED.items():
        if short in nested and short in entry:
            message = f"cannot be combined with the variable {name}"
            errors.append(InputError(message, entry=path, field=f"{ENTRY}.{short}", index=position))
    keys = {} if any(entry.get(name) is not None for name in KEY_NAMES) else _key(host, own)
    return {**keys, **nested, **entry}


def _key(host: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the key of a host whose entry has none: the first variable for one, else its name if that is
    ``user@domain``."""
    for name in KEY_NAMES:
        variable = f"ngcp_{name}"
        if variable in own and own[variable] not in (None, ""):
            return {name: own[variable]}
    return {"subscriber": host} if "@" in host else {}
