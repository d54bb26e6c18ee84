# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fleet``: from its arguments to its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .._api.client import Client
from .._concurrency import collection_paused
from .._settings.limits import limit_of
from .._settings.task import policy_of
from .._task import Host, Task, show_nothing
from .._wording import and_more
from .entries import FleetEntry
from .guards import Limits
from .options import RESULTS_DIR, fleet_options
from .progress import Progress
from .recorder import Recorder, Recorders
from .result import fleet_result
from .run import FleetOptions, run_fleet
from .schema import PARTS
from .source import Source, read_source
from .waves import MAX_FAILURES, check_waves

NAME = "fleet"


def fleet_task() -> Task:
    """Return the task that manages the settings of a fleet."""
    return Task(fleet_options(), manage_fleet, in_lines=True)


@collection_paused()
def manage_fleet(params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`options.fleet_options` describes them.
    :raises FaxError: nothing was written.
    """
    options = _options(params, host.check_mode)
    source = read_source(params, _modes(options))
    recorders = _recorders(params, source, options.check)
    with host.connect(params) as client, _progress(host, client) as progress:
        recorder = Recorders([*recorders, *progress])
        client.hide(_secrets(source.entries))
        report = run_fleet(client, source.entries, options, recorder)
        report.warnings += _idle_warning(source.entries)
        result = fleet_result(report, client.counters, params["return_unchanged"], options.check)
        run = {"module": NAME, "platform": client.address, "check_mode": options.check}
        return {**result, **recorder.result(), "run": run, "warnings": report.warnings}


def _options(params: Mapping[str, Any], check: bool) -> FleetOptions:
    limits = Limits(params.get("max_changes"), params.get("max_deactivated"), params.get("max_emptied"))
    limits.check()
    check_waves(params["waves"])
    limit_of(params.get(MAX_FAILURES), 0, MAX_FAILURES)
    return FleetOptions(
        policies={part.module: policy_of(part.resource, params) for part in PARTS},
        check=check or params["plan_only"],
        limits=limits,
        waves=params["waves"],
        max_failures=params.get(MAX_FAILURES),
        on_error=params["on_error"],
        on_plan_error=params["on_plan_error"],
        keep_unchanged=params["return_unchanged"],
    )


def _modes(options: FleetOptions) -> dict[str, str]:
    return {name: mode for policy in options.policies.values() for name, mode in policy.list_modes.items()}


def _recorders(params: Mapping[str, Any], source: Source, check: bool) -> list[Recorder]:
    """Return what keeps records of the run.

    :raises InputError: a place for them cannot be used.
    """
    if params.get(RESULTS_DIR) is None:
        return []
    # Imported here, because not all tasks need it.
    from .result_files import ResultFiles

    return [ResultFiles(params, source, check)]


@contextmanager
def _progress(host: Host, client: Client) -> Iterator[list[Recorder]]:
    """Show how far the run got, where somebody can see that."""
    if host.show is show_nothing:
        yield []
        return
    with Progress(host.show, client.counters) as progress:
        yield [progress]


def _secrets(entries: Sequence[FleetEntry]) -> list[Any]:
    """Return the secrets that the entries declare."""
    names = {name for part in PARTS for name in part.resource.secrets}
    return [
        declaration.fields[name]
        for entry in entries
        for declaration in entry.declarations.values()
        for name in names.intersection(declaration.fields)
    ]


def _idle_warning(entries: Sequence[FleetEntry]) -> list[str]:
    idle = [entry.path for entry in entries if not entry.declarations]
    if not idle:
        return []
    return [f"Entries that name a subscriber but declare nothing: {and_more(idle[:1], len(idle), ', ')}."]
