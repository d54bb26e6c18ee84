# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The tasks ``fax_settings`` and ``mail2fax_settings``: from their arguments to their result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._argument_spec import (
    mode_option,
    settings_options,
    update_option,
)
from ansible_collections.ngcp.fax.plugins.module_utils._client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._connection import connect
from ansible_collections.ngcp.fax.plugins.module_utils._declarations import (
    FORMS,
    KEY_NAMES,
    SELECT,
    SINGLE,
    SUBSCRIBERS_FILE,
    Declaration,
    SubscriberKeys,
    check_selection,
    form_of,
    parse_declarations,
    parse_fields,
    reject_no_entries,
    task_entries,
)
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._memory import without_collection
from ansible_collections.ngcp.fax.plugins.module_utils._outcomes import Report
from ansible_collections.ngcp.fax.plugins.module_utils._plan import Policy
from ansible_collections.ngcp.fax.plugins.module_utils._reconcile import Options, most_changes, reconcile
from ansible_collections.ngcp.fax.plugins.module_utils._report import build_result
from ansible_collections.ngcp.fax.plugins.module_utils._resources import Resource
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers import Subscriber
from ansible_collections.ngcp.fax.plugins.module_utils._task import Task


def settings_task(resource: Resource) -> Task:
    """Return the task that manages the settings of a resource."""
    return Task(settings_options(resource), partial(apply_settings, resource), resource.secrets)


@without_collection()
def apply_settings(resource: Resource, params: Mapping[str, Any], entries: Any, check: bool) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`_argument_spec.settings_options` describes them.
    :param entries: the raw value of ``subscribers``, or None where it is not given.
    :param check: predict only.
    :raises FaxError: nothing was written.
    """
    form = form_of(params, entries)
    if form is None:
        raise InputError(f"one of {', '.join((*KEY_NAMES, *FORMS))} is needed to name subscribers; none is given")
    if form == SELECT:
        check_selection(params["select"])
    options = _options(resource, params, check)
    defaults = parse_fields(resource, params, options.policy.list_modes)
    client = connect(params)
    try:
        if form == SELECT:
            report = _reconcile_selected(client, resource, params, defaults, options)
        else:
            declarations = _declarations(resource, form, params, entries, defaults, options.policy.list_modes)
            client.hide(_secrets(resource, [declaration.fields for declaration in declarations]))
            report = reconcile(client, resource, declarations, options)
        single = form == SINGLE
        result = build_result(resource, report, client.counters, params["return_unchanged"] or single, single)
        run = {"module": resource.module, "platform": client.address, "check_mode": check}
        return {**result, "run": run, "warnings": report.warnings + _advice(resource, report, options.policy)}
    finally:
        client.close()


def _reconcile_selected(
    client: Client,
    resource: Resource,
    params: Mapping[str, Any],
    defaults: Mapping[str, Any],
    options: Options,
) -> Report:
    # Imported here, because most tasks name their subscribers.
    from ansible_collections.ngcp.fax.plugins.module_utils._lookup import select_and_read
    from ansible_collections.ngcp.fax.plugins.module_utils._reading import has_missing, read_settings

    client.hide(_secrets(resource, [defaults]))
    try:
        subscribers, readings = select_and_read(
            client,
            params[SELECT],
            lambda found: read_settings(client, resource, [subscriber.id for subscriber in found]),
            has_missing,
        )
    except FaxError as error:
        return Report([], error)
    reject_no_entries(SELECT, params, len(subscribers))
    declarations = _selected_declarations(subscribers, defaults)
    return reconcile(client, resource, declarations, options, known=subscribers, readings=readings)


def _advice(resource: Resource, report: Report, policy: Policy) -> list[str]:
    if not resource.has_advice:
        return []
    # Imported here, because only some resources need it.
    from ansible_collections.ngcp.fax.plugins.module_utils._advice import advice

    return advice(resource, report.outcomes, policy)


def _options(resource: Resource, params: Mapping[str, Any], check: bool) -> Options:
    most_changes(params.get("max_changes"), 0)
    secrets = [params[update_option(field)] for field in resource.managed if field.secret]
    policy = Policy(
        state=params["state"],
        secrets=secrets[0],
        list_modes={field.name: params[mode_option(field)] for field in resource.lists},
    )
    return Options(policy, check, params.get("max_changes"), params["on_error"])


def _declarations(
    resource: Resource,
    form: str,
    params: Mapping[str, Any],
    entries: Any,
    defaults: Mapping[str, Any],
    modes: Mapping[str, str],
) -> list[Declaration]:
    if form == SUBSCRIBERS_FILE:
        # Imported here, because most tasks have no file.
        from ansible_collections.ngcp.fax.plugins.module_utils._fleet_file import read_entries

        found = read_entries(resource, params[SUBSCRIBERS_FILE])
    else:
        found = task_entries(form, params, entries)
    reject_no_entries(form, params, len(found))
    return parse_declarations(resource, found, defaults, modes)


def _secrets(resource: Resource, declared: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the secrets among declared fields."""
    return [fields.get(name) for name in resource.secrets for fields in declared]


def _selected_declarations(subscribers: Sequence[Subscriber], defaults: Mapping[str, Any]) -> list[Declaration]:
    return [
        Declaration(index, "select", SubscriberKeys(subscriber.id, subscriber.name), defaults)
        for index, subscriber in enumerate(subscribers)
    ]
