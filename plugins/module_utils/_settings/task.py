# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The tasks ``fax_settings`` and ``mail2fax_settings``: from their arguments to their result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .._api.client import Client
from .._concurrency import collection_paused
from .._errors import FaxError, InputError
from .._subscribers.keys import KEY_NAMES, NO_KEYS, SubscriberKeys
from .._subscribers.subscriber import Subscriber
from .._task import Host, Task
from .declarations import (
    FORMS,
    SELECT,
    SINGLE,
    SUBSCRIBERS_FILE,
    Declaration,
    Entry,
    check_criteria,
    form_of,
    parse_declarations,
    parse_fields,
    reject_incomplete,
    reject_no_entries,
    task_entries,
)
from .limits import MAX_CHANGES, limit_of
from .list_fields import PRESENT
from .options import settings_options
from .outcomes import Report
from .plan import Policy
from .reconcile import Options, reconcile
from .resources import Resource
from .result import build_result


def settings_task(resource: Resource) -> Task:
    """Return the task that manages the settings of a resource."""
    return Task(settings_options(resource), partial(apply_settings, resource), resource.secrets)


@collection_paused()
def apply_settings(resource: Resource, params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`_settings.options.settings_options` describes them.
    :raises FaxError: nothing was written.
    """
    form = form_of(params)
    if form is None:
        raise InputError(f"one of {', '.join((*KEY_NAMES, *FORMS))} is needed to name subscribers; none is given")
    if form == SELECT:
        check_criteria(params["select"])
    options = _options(resource, params, host.check_mode)
    defaults = resource.completed(parse_fields(resource, params, options.policy.list_modes))
    if form == SELECT:
        _reject_incomplete(resource, [Declaration(0, SELECT, NO_KEYS, defaults)], options.policy)
    with host.connect(params) as client:
        if form == SELECT:
            report = _reconcile_selected(client, resource, params, defaults, options)
        else:
            declarations = _declarations(resource, form, params, defaults, options.policy)
            client.hide(_secrets(resource, [declaration.fields for declaration in declarations]))
            report = reconcile(client, resource, declarations, options)
        single = form == SINGLE
        result = build_result(resource, report, client.counters, params["return_unchanged"] or single, single)
        run = {"module": resource.module, "platform": client.address, "check_mode": host.check_mode}
        advice = resource.ways.advice(resource, report.outcomes, options.policy)
        return {**result, "run": run, "warnings": report.warnings + advice}


def _reconcile_selected(
    client: Client,
    resource: Resource,
    params: Mapping[str, Any],
    defaults: Mapping[str, Any],
    options: Options,
) -> Report:
    # Imported here, because most tasks name their subscribers.
    from .._api.lists import has_missing
    from .._subscribers.lookup import select_and_read

    client.hide(_secrets(resource, [defaults]))
    try:
        subscribers, readings = select_and_read(
            client,
            params[SELECT],
            lambda found: resource.ways.read(client, resource, found, [defaults] * len(found), options.policy),
            has_missing,
        )
    except FaxError as error:
        return Report([], error)
    reject_no_entries(SELECT, params, len(subscribers))
    declarations = _selected_declarations(subscribers, defaults)
    return reconcile(client, resource, declarations, options, known=subscribers, readings=readings)


def _options(resource: Resource, params: Mapping[str, Any], check: bool) -> Options:
    limit_of(params.get(MAX_CHANGES), 0, MAX_CHANGES)
    return Options(policy_of(resource, params), check, params.get("max_changes"), params["on_error"])


def policy_of(resource: Resource, params: Mapping[str, Any]) -> Policy:
    """Return how declarations are interpreted according to a task's options."""
    return Policy(
        state=params["state"],
        secrets={field.name: params[field.update_option] for field in resource.managed if field.secret},
        list_modes={field.name: params[field.mode_option] for field in resource.lists},
        options={name: params[name] for name in resource.options},
    )


def _declarations(
    resource: Resource,
    form: str,
    params: Mapping[str, Any],
    defaults: Mapping[str, Any],
    policy: Policy,
) -> list[Declaration]:
    if form == SUBSCRIBERS_FILE:
        # Imported here, because most tasks have no file.
        from .fleet_file import read_entries

        found: Sequence[Entry] = read_entries(resource, params[SUBSCRIBERS_FILE])
    else:
        found = task_entries(form, params)
    reject_no_entries(form, params, len(found))
    declarations = parse_declarations(resource, found, defaults, policy.list_modes)
    _reject_incomplete(resource, declarations, policy)
    return declarations


def _reject_incomplete(resource: Resource, declarations: Sequence[Declaration], policy: Policy) -> None:
    if policy.state == PRESENT:
        reject_incomplete(resource, declarations)


def _secrets(resource: Resource, declared: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the secrets among declared fields."""
    return [fields.get(name) for name in resource.secrets for fields in declared]


def _selected_declarations(subscribers: Sequence[Subscriber], defaults: Mapping[str, Any]) -> list[Declaration]:
    return [
        Declaration(index, "select", SubscriberKeys(subscriber.id, subscriber.name), defaults)
        for index, subscriber in enumerate(subscribers)
    ]
