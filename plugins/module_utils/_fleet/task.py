# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fleet``: from its arguments to its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .._api.client import Client
from .._concurrency import collection_paused
from .._errors import InputError
from .._resources import RESOURCES
from .._settings.limits import limit_of
from .._settings.list_fields import PRESENT
from .._settings.plan import Policy
from .._settings.task import policy_of
from .._task import Host, Task, show_nothing
from .._wording import and_more
from .approval import Approval
from .contradictions import contradictions
from .entries import FleetEntries
from .guards import Limits
from .members import outcomes_of
from .options import PLAN, PLAN_OUT, RESULTS_DIR, UNDO, fleet_options, meaning_options
from .progress import Progress
from .recorder import Recorder, Recorders
from .report import FleetReport
from .result import fleet_result
from .run import FleetOptions, run_fleet
from .source import Source, read_source
from .undo import undo_secrets_of, undo_warnings
from .undo_file import undo_recorders
from .waves import MAX_FAILURES, check_waves

if TYPE_CHECKING:
    from .plan_document import FleetPlan

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
    plan = _given_plan(params, host.check_mode)
    options = _options(params, host.check_mode)
    source = read_source(params, _modes(options), _in_batches(options))
    with host.connect(params) as client, _progress(host, client) as progress:
        source.check_platform(client.address)
        if plan is not None:
            options = options._replace(approval=_approval(plan, params, source, client))
        recorder = Recorders([*_recorders(params, host, source, client, options.check), *progress])
        client.hide([*source.entries.secrets(), *undo_secrets_of(source.entries.closely)])
        report = run_fleet(client, source.entries, options, recorder)
        report.warnings += [*_idle_warning(source.entries), *contradictions(source.entries.closely)]
        report.warnings += [*_advice(report, options), *undo_warnings(report)]
        result = fleet_result(report, client.counters, params["return_unchanged"], options.check)
        run = {"module": NAME, "platform": client.address, "check_mode": options.check}
        return {**result, **recorder.result(), "run": run, "warnings": report.warnings}


def _options(params: Mapping[str, Any], check: bool) -> FleetOptions:
    limits = Limits(params.get("max_changes"), params.get("max_deactivated"), params.get("max_emptied"))
    limits.check()
    check_waves(params["waves"])
    limit_of(params.get(MAX_FAILURES), 0, MAX_FAILURES)
    return FleetOptions(
        policies=_policies(params),
        check=check or params["plan_only"],
        limits=limits,
        waves=params["waves"],
        max_failures=params.get(MAX_FAILURES),
        on_error=params["on_error"],
        on_plan_error=params["on_plan_error"],
        keep_unchanged=params["return_unchanged"],
    )


def _policies(params: Mapping[str, Any]) -> dict[str, Policy]:
    """Return how declarations are interpreted; what an undo file says is meant as it is.

    :raises InputError: an option says that an undo file is meant in another way.
    """
    if params.get(UNDO) is None:
        return {resource.module: policy_of(resource, params) for resource in RESOURCES}
    for name, option in meaning_options().items():
        if params[name] != option["default"]:
            raise InputError(f"{params[name]} is not possible with {UNDO}, which restores whole values", field=name)
    return {resource.module: Policy() for resource in RESOURCES}


def _given_plan(params: Mapping[str, Any], check: bool) -> FleetPlan | None:
    """Check the options about plans, and return the plan that is to be applied, or None."""
    if params.get(PLAN) is None and params.get(PLAN_OUT) is None:
        return None
    # Imported here, because most runs have nothing to do with plans.
    from .plan_task import given_plan

    return given_plan(params, check)


def _approval(plan: FleetPlan, params: Mapping[str, Any], source: Source, client: Client) -> Approval:
    from .plan_task import approval_of

    return approval_of(plan, params, source, client.address)


def _in_batches(options: FleetOptions) -> bool:
    """Return whether subscribers with nothing special about them may be looked at together."""
    return not options.keep_unchanged and all(policy.state == PRESENT for policy in options.policies.values())


def _modes(options: FleetOptions) -> dict[str, str]:
    return {name: mode for policy in options.policies.values() for name, mode in policy.list_modes.items()}


def _recorders(params: Mapping[str, Any], host: Host, source: Source, client: Client, check: bool) -> list[Recorder]:
    """Return what keeps records of the run. What not all tasks need is imported where it is needed.

    :raises InputError: a place for them cannot be used.
    """
    recorders: list[Recorder] = [*undo_recorders(params, host)]
    if params.get(PLAN_OUT) is not None:
        from .plan_task import plan_writer

        recorders.append(plan_writer(params, source, client))
    if params.get(RESULTS_DIR) is not None:
        from .result_files import ResultFiles

        recorders.append(ResultFiles(params, source, check))
    return recorders


@contextmanager
def _progress(host: Host, client: Client) -> Iterator[list[Recorder]]:
    """Show how far the run got, where somebody can see that."""
    if host.show is show_nothing:
        yield []
        return
    with Progress(host.show, client.counters) as progress:
        yield [progress]


def _advice(report: FleetReport, options: FleetOptions) -> Iterator[str]:
    """Yield what deserves a warning although it works."""
    for resource in RESOURCES:
        outcomes = outcomes_of(report.notable, resource.module) if resource.advises_fleets else []
        if outcomes:
            yield from resource.ways.advice(resource, outcomes, options.policies[resource.module])


def _idle_warning(entries: FleetEntries) -> list[str]:
    idle = [entry.path for entry in entries.closely if not (entry.declarations or entry.left_out)]
    if not idle:
        return []
    return [f"Entries that name a subscriber but declare nothing: {and_more(idle[:1], len(idle), ', ')}."]
