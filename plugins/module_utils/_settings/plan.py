# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Which changes lead from what the server has to what a user declares. Pure: no I/O, nothing of Ansible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from .._errors import FaxError
from .fields import MERGE, REPLACE, Field
from .list_fields import ABSENT, PRESENT, WantedList
from .resources import REPLACED, Resource
from .values import canonical_settings

RESET = ABSENT
ON_CREATE = "on_create"
ALWAYS = "always"


class Policy(NamedTuple):
    """How a declaration is interpreted.

    :param state: ``present`` (only what is declared), ``replaced`` (the rest goes to the platform's defaults) or
        ``absent`` (everything does).
    :param secrets: for each secret ``always`` (default), or ``on_create``: only where the server has none, because the
        platform rotates secrets.
    :param list_modes: for each list ``replace`` (default) or ``merge`` (only the elements that are named).
    :param options: the values of the resource's own options, see :attr:`resources.Resource.options`.
    """

    state: str = PRESENT
    secrets: Mapping[str, str] = MappingProxyType({})
    list_modes: Mapping[str, str] = MappingProxyType({})
    options: Mapping[str, Any] = MappingProxyType({})


ANY_POLICY = Policy()


class Change(NamedTuple):
    """One field that differs: canonical values before and after, secrets in clear."""

    field: str
    before: Any
    after: Any


class Plan(NamedTuple):
    """What has to be done for one subscriber.

    :param before: managed settings as the server has them, canonical.
    :param changes: what differs, in the order of the resource's fields; empty when nothing has to be done.
    :param patch: the JSON Patch document: one operation on a whole top-level value for each change.
    :param after: managed settings once the patch is applied, canonical.
    :param work: what else the resource's ways need to write it; two plans with equal work do the same.
    """

    before: Mapping[str, Any]
    changes: tuple[Change, ...]
    patch: list[dict[str, Any]]
    after: Mapping[str, Any]
    work: Any = None


class Judged(NamedTuple):
    """What has to be done for one subscriber.

    :param stored: what the server has, as the fields of the resource.
    :param plan: what leads to what is declared; None where that is refused.
    :param refusal: why nothing will be written although something differs.
    """

    stored: dict[str, Any]
    plan: Plan | None
    refusal: FaxError | None = None


def is_satisfied(document: Mapping[str, Any], wanted: Mapping[str, Any], policy: Policy) -> bool:
    """Return whether a server's document certainly has what is declared, by a quick check; False if a closer look is
    needed. Most subscribers of a fleet have not drifted, and this costs a tenth of a plan that changes nothing.

    :param document: as the server sent it.
    :param wanted: declared fields as :meth:`fields.Field.parse` returns them.
    """
    if policy.state != PRESENT:
        return False
    for name, value in wanted.items():
        if value.__class__ is WantedList:
            if value.absent:
                return False
            value = value.present
        if not _is_as_declared(name, document.get(name, _MISSING), value, policy):
            return False
    return True


def doubtful_rows(
    documents: Sequence[Mapping[str, Any]], columns: Mapping[str, Sequence[Any]], policy: Policy
) -> set[int]:
    """Return which of many documents need a closer look: :func:`is_satisfied` for all of them at once.

    :param documents: as the server sent them.
    :param columns: for each declared field the value for every document, of a list the elements that shall be there.
    :return: counted from 0.
    """
    if policy.state != PRESENT:
        return {*range(len(documents))}
    doubtful: set[int] = set()
    for name, wanted in columns.items():
        stored = [document.get(name, _MISSING) for document in documents]
        if stored != [*wanted]:
            pairs = enumerate(zip(stored, wanted))
            doubtful.update(row for row, (one, other) in pairs if not _is_as_declared(name, one, other, policy))
    return doubtful


_MISSING: Any = object()


def _is_as_declared(name: str, stored: Any, wanted: Any, policy: Policy) -> bool:
    """Return whether a field certainly has what is declared.

    :param wanted: of a list the elements that shall be there.
    """
    if stored == wanted:
        return True
    if wanted.__class__ is list:
        return _has_elements(stored, wanted, policy.list_modes.get(name))
    return policy.secrets.get(name) == ON_CREATE and stored.__class__ is str and stored != ""


def _has_elements(stored: Any, wanted: Sequence[Any], mode: str | None) -> bool:
    if not isinstance(stored, list) or len(wanted) > _GLANCED_ELEMENTS:
        return False
    if mode != MERGE and len(stored) != len(wanted):
        return False
    return all(element in stored for element in wanted)


def create_plan(resource: Resource, before: Mapping[str, Any], wanted: Mapping[str, Any], policy: Policy) -> Plan:
    """Compare and return the plan.

    :param before: canonical settings, see :func:`values.canonical_settings`.
    :param wanted: declared fields as :meth:`fields.Field.parse` returns them.
    """
    changes = []
    for field in resource.managed:
        target = _target(field, before, wanted, policy)
        if target is not _KEEP and not field.equal(before.get(field.name), target):
            changes.append(Change(field.name, before.get(field.name), target))
    if not changes:
        return Plan(before, (), [], before)
    patch = [_operation(before, change) for change in changes]
    return Plan(before, tuple(changes), patch, predict(resource, before, patch))


def predict(resource: Resource, before: Mapping[str, Any], patch: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the settings that the patch leads to, as the library ``jsonpatch`` applies it."""
    # Imported here, so that tasks begin where the library is missing, and say so.
    import jsonpatch

    # Operations replace whole top-level values, so that a shallow copy keeps ``before`` as it is.
    return canonical_settings(resource, jsonpatch.JsonPatch(patch).apply(dict(before), in_place=True))


def obstacle(resource: Resource, plan: Plan) -> FaxError | None:
    """Return why the server will refuse the plan, or None if nothing is known that stands in its way.

    The server checks the whole entity with every PATCH: where it has a value that it would not take any more, it
    refuses every change that leaves this value as it is.
    """
    if not plan.changes:
        return None
    for field in resource.managed:
        refused = field.refused(plan.after[field.name]) if field.name in plan.after else None
        if refused is not None:
            return FaxError(
                f"{refused.path} on the server {refused.problem}; the server refuses every change while it has this "
                "value",
                code="stored_value_refused",
                hint=refused.advice,
            )
    return None


def deviations(resource: Resource, plan: Plan, stored: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that the plan changes and that did not come out as planned."""
    fields = {field.name: field for field in resource.managed}
    return [
        change.field
        for change in plan.changes
        if not fields[change.field].equal(stored.get(change.field), plan.after.get(change.field))
    ]


_KEEP = object()

# Each element is looked for among all others: longer lists are compared by key.
_GLANCED_ELEMENTS = 16


def _target(field: Field, before: Mapping[str, Any], wanted: Mapping[str, Any], policy: Policy) -> Any:
    """Return the canonical value that the field shall have, or ``_KEEP``."""
    if policy.state == RESET or (policy.state == REPLACED and field.name not in wanted):
        # Older servers lack some fields, and drop them without a word.
        return field.reset_value if field.name in before else _KEEP
    if field.name not in wanted:
        return _KEEP
    stored = before.get(field.name)
    if stored and policy.secrets.get(field.name) == ON_CREATE:
        return _KEEP
    return field.target(stored, wanted[field.name], policy.list_modes.get(field.name, REPLACE))


def _operation(before: Mapping[str, Any], change: Change) -> dict[str, Any]:
    """Return the JSON Patch operation for one change: always a whole top-level value.

    The server refuses ``test`` and ``move``, keeps no order behind list indexes, and its own extensions are unsafe.
    """
    operation = "replace" if change.field in before else "add"
    return {"op": operation, "path": f"/{change.field}", "value": change.after}
