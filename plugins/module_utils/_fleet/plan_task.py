# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How a task uses plans: which options go together, and whether a plan is for this platform, input and time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .._api.client import Client
from .._errors import InputError
from .._wording import counted, quoted
from .approval import ON_STALE, Approval
from .options import HOSTS, PLAN, PLAN_MAX_AGE, PLAN_ONLY, PLAN_OUT, SRC, SUBSCRIBERS, UNDO, meaning_options
from .plan_document import FleetPlan, Origin
from .plan_file import PlanWriter, check_plan_out, read_plan
from .plan_input import digest_of, is_digest_of
from .source import Source
from .version import VERSION

# The options that decide what is planned for a subscriber.
DECISIVE = tuple(meaning_options())

# Seconds by which the clocks of two hosts may differ.
_CLOCK_SKEW = 60


def given_plan(params: Mapping[str, Any], check: bool) -> FleetPlan | None:
    """Check the options about plans, and return the plan that the task is to apply, or None.

    :param params: the task's options.
    :param check: whether the task runs in check mode.
    :raises InputError: options contradict each other, the plan cannot be read, or none could be written.
    """
    for name in (PLAN, PLAN_OUT):
        if params.get(name) is not None and not params[name].strip():
            raise InputError("must not be empty", field=name)
    if params.get(PLAN_MAX_AGE) is not None and params[PLAN_MAX_AGE] < 1:
        raise InputError(f"must be 1 or more seconds, not {params[PLAN_MAX_AGE]}", field=PLAN_MAX_AGE)
    if params.get(PLAN_OUT) is not None:
        _check_writing(params, check)
    if params.get(PLAN) is None:
        return None
    _check_applying(params)
    return read_plan(params[PLAN])


def _check_writing(params: Mapping[str, Any], check: bool) -> None:
    _reject_beside(params, PLAN_OUT, (PLAN, UNDO))
    if not (check or params[PLAN_ONLY]):
        raise InputError(
            f"requires check mode or {PLAN_ONLY}, because a plan has to be approved before anything is changed",
            field=PLAN_OUT,
        )
    check_plan_out(params[PLAN_OUT])


def _check_applying(params: Mapping[str, Any]) -> None:
    _reject_beside(params, PLAN, (PLAN_ONLY, UNDO))
    if all(params.get(name) is None for name in (SRC, SUBSCRIBERS)):
        raise InputError(
            f"requires the input of the plan ({SRC}, {SUBSCRIBERS} or {HOSTS}), because a plan contains no secrets",
            field=PLAN,
        )


def _reject_beside(params: Mapping[str, Any], name: str, others: tuple[str, ...]) -> None:
    for other in others:
        if params.get(other) not in (None, False):
            raise InputError(f"cannot be combined with {other}", field=name)


def approval_of(plan: FleetPlan, params: Mapping[str, Any], source: Source, platform: str) -> Approval:
    """Return what a plan allows, if it is for this platform, input and time.

    :param params: the task's options.
    :param source: the input.
    :param platform: address of the platform.
    :raises InputError: it is not; everything that differs is named.
    """
    _check_age(plan, params.get(PLAN_MAX_AGE), datetime.now(timezone.utc))
    differences = list(_differences(plan, params, platform))
    if not is_digest_of(plan.document["input"]["digest"], source):
        made_of = plan.document["input"]
        entries = counted(made_of["entries"], "entry", "entries")
        now = counted(len(source.entries), "entry", "entries")
        differences.append(f"the input {quoted(made_of['name'])} with {entries}, not {quoted(source.name)} with {now}")
    if differences:
        raise plan.error("was created for something else: " + ", and ".join(differences))
    return Approval(plan.patches(), params[ON_STALE])


def _differences(plan: FleetPlan, params: Mapping[str, Any], platform: str) -> Iterator[str]:
    """Yield what a plan was made for that is another one now."""
    document = plan.document
    if document["collection_version"] != VERSION:
        yield f"version {quoted(document['collection_version'])} of the collection, not {VERSION}"
    if document["platform"] != platform:
        yield f"the platform {quoted(document['platform'])}, not {quoted(platform)}"
    approved, now = document["options"], decisive_options(params)
    for name in sorted({*approved, *now}):
        if approved.get(name) != now.get(name):
            yield f"{_option(name, now)} {quoted(approved.get(name))}, not {quoted(now.get(name))}"


def _option(name: str, known: Mapping[str, Any]) -> str:
    return name if name in known else f"the option {quoted(name)}"


def _check_age(plan: FleetPlan, max_age: int | None, now: datetime) -> None:
    age = int((now - plan.created).total_seconds())
    if age < -_CLOCK_SKEW:
        raise plan.error(
            f"was created in the future ({plan.document['created']}; the time now is {now:%Y-%m-%dT%H:%M:%SZ})",
            hint="Check the clocks of both hosts.",
        )
    if max_age is not None and age > max_age:
        raise plan.error(f"is too old: it was created {counted(age, 'second')} ago, and {PLAN_MAX_AGE} is {max_age}")


def decisive_options(params: Mapping[str, Any]) -> dict[str, str]:
    """Return those options that decide what is planned."""
    values = {name: params[name] for name in DECISIVE}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}


def plan_writer(params: Mapping[str, Any], source: Source, client: Client) -> PlanWriter:
    """Return what writes the plan of a run.

    :param source: the input.
    """
    made_of = {"name": source.name, "entries": len(source.entries), "digest": digest_of(source)}
    origin = Origin(client.address, made_of, decisive_options(params))
    return PlanWriter(params[PLAN_OUT], origin, client.counters)
