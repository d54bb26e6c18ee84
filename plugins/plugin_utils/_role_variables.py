# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""The names of the variables that the collection's roles and playbooks know, and which others look like them.

A misspelt variable is one that is not set, and one that is not set often means everybody.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.common.yaml import yaml_load

from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._names import nearest_name
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import is_empty
from ansible_collections.ngcp.fax.plugins.module_utils._wording import and_more

# The variable that lists other variables with the collection's prefixes: those that belong to somebody else.
OTHERS = "ngcp_fax_other_variables"

# How alike an extra variable without one of the prefixes has to be to count as misspelt.
_ALIKE = 0.9

_ROLES = str(Path(__file__).resolve().parents[2] / "roles")


class Part(NamedTuple):
    """A role, a playbook without one, or the connection's options of the playbooks.

    :param prefix: what its variables begin with; empty where that could be anybody's.
    :param own: variables beside those of the role's argument specification: facts, results, host variables.
    :param options: whether there is a role of this name that has an argument specification.
    """

    prefix: str
    own: tuple[str, ...] = ()
    options: bool = False


_CONNECTION = tuple(
    f"ngcp_{name}" if name in ("timeout", "retries", "concurrency") else name for name in connection_options()
)

PARTS: Mapping[str, Part] = {
    "archive": Part("archive_", ("archive_summary",), True),
    "connection": Part("", _CONNECTION),
    "drift_report": Part("drift_report_", ("drift_report_result",), True),
    "export": Part(
        "export_",
        (
            "export_file",
            "export_include_secrets",
            "export_domain",
            "export_customer_id",
            "export_customer_external_id",
            "export_allow_empty",
        ),
    ),
    "fleet": Part("fleet_", ("fleet_entry", *(one.fleet_variable for one in RESOURCES), "fleet_summary"), True),
    "undo": Part(
        "undo_",
        (
            "undo_file",
            "undo_dir",
            "undo_secrets",
            "undo_results_dir",
            "undo_max_changes",
            "undo_max_deactivated",
            "undo_max_emptied",
            "undo_waves",
            "undo_max_failures",
            "undo_on_error",
            "undo_on_plan_error",
        ),
    ),
}


def known_names(parts: Iterable[str]) -> list[str]:
    """Return the variables that these of the ``PARTS`` know."""
    names = (name for part in parts for name in (*PARTS[part].own, *(_options(part) if PARTS[part].options else ())))
    return list(dict.fromkeys(names))


def wrong_names(
    parts: Collection[str], variables: Mapping[str, Any], extra: Iterable[str], others: Collection[str] = ()
) -> list[InputError]:
    """Return an error for every variable that nobody knows and that was probably meant for one of the parts.

    :param variables: those of a host. Only of names with a prefix of the parts the value is looked at.
    :param extra: names of extra variables, which count without a prefix as well if they are very much like a known one.
    :param others: names that belong to somebody else.
    """
    known = known_names(parts)
    prefixes = tuple(PARTS[part].prefix for part in parts if PARTS[part].prefix)
    fine = {*known, *others}
    wrong = {
        name
        for name in variables
        if isinstance(name, str) and name.startswith(prefixes) and name not in fine and not _is_result(variables[name])
    }
    wrong.update(name for name in extra if name not in fine and _is_alike(name, known))
    return [
        InputError(
            f"is not a variable of ngcp.fax; {nearest_name(name.replace('-', '_'), known)}",
            field=name,
            hint=f"Nothing was read or written. If this is a variable of your own, add its name to {OTHERS}.",
        )
        for name in sorted(wrong)
    ]


def wrong_host_names(
    parts: Collection[str], variables: Mapping[str, Mapping[str, Any]], others: Collection[str] = ()
) -> list[InputError]:
    """Return an error for every unknown variable of hosts; one that many hosts have is named once.

    :param variables: those of each host.
    """
    found: dict[str, list[str]] = {}
    errors: dict[str, InputError] = {}
    for host, own in variables.items():
        for error in wrong_names(parts, own, (), others):
            found.setdefault(error.field, []).append(host)
            errors.setdefault(error.field, error)
    for name, error in errors.items():
        hosts = found[name]
        error.entry = and_more([f"host {hosts[0]}"], len(hosts), ", ")
    return list(errors.values())


def empty_values(values: Mapping[str, Any]) -> list[InputError]:
    """Return an error for every variable that is given and empty: left out it would mean something else, often
    everybody.

    :param values: evaluated variables.
    """
    return [
        InputError("must not be empty", field=name, hint="Leave it out if it is not needed.")
        for name, value in values.items()
        if is_empty(value)
    ]


def may_be_empty(name: str) -> bool:
    """Return whether the emptiness of a variable is not looked at here: facts and variables of hosts, a list that is
    too long to be evaluated twice, and a name for which the playbook says more."""
    facts = (own for part in PARTS.values() if part.options for own in part.own)
    return name in ("fleet_subscribers", "export_file", *facts)


@functools.cache
def _options(role: str) -> tuple[str, ...]:
    """Return the options of a role as its argument specification has them."""
    with open(os.path.join(_ROLES, role, "meta", "argument_specs.yml"), encoding="utf-8") as stream:
        return tuple(yaml_load(stream)["argument_specs"]["main"]["options"])


def _is_result(value: Any) -> bool:
    """Return whether a variable holds what a task registered."""
    return isinstance(value, Mapping) and ("changed" in value or "skipped" in value)


def _is_alike(name: str, known: Collection[str]) -> bool:
    return bool(get_close_matches(name.strip().lower().replace("-", "_"), known, n=1, cutoff=_ALIKE))
