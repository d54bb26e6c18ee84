# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks that manage settings, and those that read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import (
    FAX_SETTINGS,
    MAIL2FAX_SETTINGS,
    Resource,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task

from .budget import Budget
from .case import Case, Observation
from .secrets import DECLARED_SECRET, STORED_SECRET
from .world import World

FAX, MAIL = FAX_SETTINGS.name, MAIL2FAX_SETTINGS.name
STATUSES = ("changed", "unchanged", "failed", "unverified", "not_attempted")
Document = dict[str, Any]


def _defaults(resource: Resource) -> Document:
    """Return the settings that nobody has changed, as far as a client may write them."""
    return {field.name: field.reset_value for field in resource.managed}


FAX_DEFAULTS, MAIL_DEFAULTS = _defaults(FAX_SETTINGS), _defaults(MAIL2FAX_SETTINGS)


def declared_fax(identifier: int) -> Document:
    """Return what is declared for a subscriber."""
    return {
        "active": True,
        "name": f"Branch {identifier}",
        "password": DECLARED_SECRET,
        "destinations": [_destination(f"fax{identifier}@example.org")],
    }


def declared_mail(identifier: int) -> Document:
    """Return what is declared for a subscriber."""
    return {
        "active": True,
        "secret_key": DECLARED_SECRET,
        "secret_renew_notify": [{"destination": f"admin{identifier}@example.org"}],
        "acl": [
            {"from_email": f"a{identifier}@example.org", "received_from": None, "destination": None, "use_regex": False}
        ],
    }


def _destination(address: str) -> Document:
    return {"destination": address, "filetype": "PDF", "incoming": True, "outgoing": False, "status": True}


def _fax_variants(identifier: int) -> list[Document]:
    """Return different states before a run; the first one is what is declared."""
    wanted = {**FAX_DEFAULTS, **declared_fax(identifier)}
    return [
        wanted,
        {**wanted, "name": "Old name", "active": False},
        {**FAX_DEFAULTS},
        {**wanted, "destinations": [_destination("other@example.org"), _destination("more@example.org")]},
        {**wanted, "password": STORED_SECRET},
    ]


def _mail_variants(identifier: int) -> list[Document]:
    wanted = {**MAIL_DEFAULTS, **declared_mail(identifier)}
    return [
        wanted,
        {**wanted, "active": False, "secret_key": STORED_SECRET},
        {**MAIL_DEFAULTS},
        {**wanted, "acl": []},
        {**wanted, "secret_renew_notify": [{"destination": "other@example.org"}]},
    ]


@dataclass(frozen=True)
class Kind:
    """What differs between the two resources."""

    resource: Resource
    defaults: Document
    declared: Callable[[int], Document]
    variants: Callable[[int], list[Document]]


FAX_KIND = Kind(FAX_SETTINGS, FAX_DEFAULTS, declared_fax, _fax_variants)
MAIL_KIND = Kind(MAIL2FAX_SETTINGS, MAIL_DEFAULTS, declared_mail, _mail_variants)


def holds(document: Document | None, wanted: Document) -> bool:
    """Return whether settings are as they are declared: lists in any order, addresses without case, no text is none."""
    return all(_plain((document or {}).get(name)) == _plain(value) for name, value in wanted.items())


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(repr(sorted((name, _folded(part)) for name, part in one.items())) for one in value)
    return _folded(value)


def _folded(value: Any) -> Any:
    return (value.casefold() if "@" in value else value) if isinstance(value, str) and value else value or None


class SettingsCase(Case):
    """A settings task for a list of subscribers."""

    def __init__(
        self,
        name: str,
        kind: Kind,
        identifiers: Sequence[int],
        *,
        variants: Sequence[int] = (1, 0, 2, 3, 0, 4),
        given: Mapping[str, Any] | None = None,
        keys: Callable[[World, int], Document] | None = None,
        absent: bool = False,
        lookups: int = 0,
    ) -> None:
        self.name = name
        self._kind = kind
        self._identifiers = list(identifiers)
        self._variants = variants
        self._given = dict(given or {})
        self._keys = keys or (lambda _world, identifier: {"subscriber_id": identifier})
        self._absent = absent
        self._lookups = lookups
        self._task = settings_task(kind.resource)

    def wanted(self, identifier: int) -> Document:
        """Return what the server shall have."""
        return self._kind.defaults if self._absent else self._kind.declared(identifier)

    def prepare(self, world: World) -> dict[int, Document]:
        """Store the states before the run: some as declared, some not."""
        before = {}
        for position, identifier in enumerate(self._identifiers):
            states = self._kind.variants(identifier)
            if self._absent:
                states = [self._kind.defaults, states[0], states[1], states[3], states[4]]
            before[identifier] = states[self._variants[position % len(self._variants)] % len(states)]
            world.sim.put_settings(self._kind.resource.name, identifier, before[identifier])
        world.writes.clear()
        return before

    def run(self, world: World) -> dict[str, Any]:
        """Run the task in its list form, unless the case selects subscribers."""
        given: dict[str, Any] = {"return_unchanged": True, **self._given}
        if self._absent:
            given["state"] = "absent"
        if "select" in given:
            given.update(self._common())
            return world.run(self._task, given)
        entries = [self._entry(world, identifier) for identifier in self._identifiers]
        return world.run(self._task, {**given, "subscribers": []}, entries)

    def _common(self) -> Document:
        return {"active": True, "name": "Everybody"} if not self._absent else {}

    def _entry(self, world: World, identifier: int) -> Document:
        fields = {} if self._absent else self._kind.declared(identifier)
        return {**self._keys(world, identifier), **fields}

    def budget(self) -> Budget:
        """Return the budget: look up, read, write."""
        count = len(self._identifiers)
        lookups = ((self._lookups, 1),) if self._lookups else ()
        return Budget((*lookups, (count, 1), (count, 2)))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Compare statuses, `changed` and counts with the database."""
        result, before = seen.result, seen.before
        subscribers = result.get("subscribers")
        if not isinstance(subscribers, list) or not isinstance(result.get("summary"), dict):
            yield "the result lacks `subscribers` or `summary`"
            subscribers = []
        yield from self._counts(result, subscribers)
        shown = {entry.get("index"): entry for entry in subscribers}
        after = world.sim.all_settings(self._kind.resource.name, self._identifiers)
        touched = set()
        for index, identifier in enumerate(self._identifiers):
            truth = Truth(self._wanted_of(identifier), before[identifier], after.get(identifier))
            truth.writes = sum(1 for name, one in world.writes if (name, one) == (self._kind.resource.name, identifier))
            truth.sent = world.sim.count("PATCH", rf"/{self._kind.resource.name}/{identifier}$")
            touched.add((truth.is_changed, shown.get(index, {}).get("status")))
            if index in shown:
                yield from (f"subscriber {identifier}: {problem}" for problem in truth.problems(shown[index]))
            elif subscribers:
                yield f"subscriber {identifier} is missing in the result"
        yield from task_changed(result, touched)
        strangers = {identifier for _name, identifier in world.writes} - set(self._identifiers)
        if strangers:
            yield f"others were written: {sorted(strangers)}"

    def _wanted_of(self, identifier: int) -> Document:
        return self._common() if "select" in self._given and not self._absent else self.wanted(identifier)

    def _counts(self, result: dict[str, Any], subscribers: list[Document]) -> Iterator[str]:
        summary = result.get("summary") or {}
        for status in STATUSES:
            count = sum(1 for entry in subscribers if entry.get("status") == status)
            if summary and summary.get(status) != count:
                yield f"the summary has {summary.get(status)} {status}, the list {count}"
        bad = [entry for entry in subscribers if entry.get("status") in STATUSES[2:]]
        if bad and not result.get("failed"):
            yield f"the task is not failed, with {len(bad)} that did not work"
        if not bad and subscribers and result.get("failed") and not result.get("error"):
            yield "the task is failed without a reason"


class Truth:
    """What the database says about one subscriber."""

    def __init__(self, wanted: Document, before: Document, after: Document | None) -> None:
        self.had = holds(before, wanted)
        self.has = holds(after, wanted)
        self.is_changed = not holds(after, {name: before.get(name) for name in wanted})
        self.writes = 0
        self.sent = 0

    def problems(self, entry: Document) -> Iterator[str]:
        """Yield in which way a status is not true."""
        status = entry.get("status")
        facts = f"before {self.had}, now {self.has}, {self.writes} writes of {self.sent} sent"
        wrong = {
            "changed": not (self.has and not self.had),
            "unchanged": not self.had or self.writes > 0,
            "failed": self.is_changed,
            "not_attempted": self.writes > 0 or self.sent > 0,
            "unverified": self.sent == 0,
        }
        if status not in wrong or wrong[status]:
            yield f"status {status!r} is false (as declared: {facts})"
        if status in STATUSES[2:4] and not entry.get("error"):
            yield f"status {status!r} without an error"


def task_changed(result: Mapping[str, Any], touched: set[tuple[bool, Any]]) -> Iterator[str]:
    """Yield in which way the task's `changed` is not true; what is unverified counts neither way."""
    claimed = bool(result.get("changed"))
    certain = {is_changed for is_changed, status in touched if status != "unverified"}
    if claimed and not any(is_changed for is_changed, _status in touched):
        yield "`changed` is true, but nothing was changed"
    if not claimed and True in certain:
        yield "`changed` is false, but something was changed"


class InfoCase(Case):
    """An info task."""

    def __init__(self, name: str, kind: Kind, identifiers: Sequence[int] | None, total: int) -> None:
        self.name = name
        self._kind = kind
        self._identifiers = list(identifiers) if identifiers is not None else None
        self._total = total
        self.task = info_task(kind.resource)

    def prepare(self, world: World) -> dict[int, Document]:
        """Store different settings for some."""
        name = self._kind.resource.name
        stored = self._identifiers or list(range(1, self._total + 1))
        for identifier in stored[:12]:
            states = self._kind.variants(identifier)
            world.sim.put_settings(name, identifier, states[identifier % len(states)])
        return world.sim.all_settings(name, stored)

    def run(self, world: World) -> dict[str, Any]:
        """Run the task for some subscribers, or for everybody."""
        if self._identifiers is None:
            return world.run(self.task, {})
        entries = [{"subscriber_id": identifier} for identifier in self._identifiers]
        return world.run(self.task, {"subscribers": []}, entries)

    def budget(self) -> Budget:
        """Return the budget: look up and read, by items or by pages."""
        count = len(self._identifiers) if self._identifiers is not None else 8
        return Budget(((count, 1), (count, 1)))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Compare what is shown with the database; a task that does not fail shows everybody."""
        result = seen.result
        subscribers = result.get("subscribers")
        if not isinstance(subscribers, list) or not isinstance(result.get("summary"), dict):
            yield "the result lacks `subscribers` or `summary`"
            subscribers = []
        if result.get("changed"):
            yield "`changed` is true, but nothing is ever written"
        for entry in subscribers:
            yield from self._wrong(world, entry)
        found = sorted(entry.get("subscriber_id") for entry in subscribers)
        wanted = self._identifiers or list(range(1, self._total + 1))
        if not result.get("failed") and found != wanted:
            missing = sorted(set(wanted) - set(found))
            yield f"the task is not failed, but {len(missing)} are missing: {missing[:5]}"
        if len(set(found)) != len(found):
            yield "somebody is duplicated"

    def _wrong(self, world: World, entry: Document) -> Iterator[str]:
        stored = world.sim.settings(self._kind.resource.name, entry["subscriber_id"]) or self._kind.defaults
        plain = {name: stored.get(name) for name in self._kind.defaults if name not in ("password", "secret_key")}
        if not holds(entry, plain):
            yield f"subscriber {entry['subscriber_id']} is shown with other settings than it has"
