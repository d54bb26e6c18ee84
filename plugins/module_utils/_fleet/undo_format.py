# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What an undo file holds, and how it is written: a fleet file of the values before a run, with those that the run sets
beside them, in names that a fleet file ignores. Pure.

There is one line for each subscriber::

    {"subscriber_id": 3, "subscriber": "a@example.org", "fax": {"name": "before"}, "_set": {"fax": {"name": "after"}},
     "_status": {"fax": "changed"}, "_left_out": {"fax.password": "secret"}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from .._resources import RESOURCES
from .._settings.outcomes import CHANGED, FAILED, NOT_ATTEMPTED, UNCHANGED, UNVERIFIED
from .._settings.plan import Change, Plan
from .._settings.resources import MAIL2FAX_SETTINGS, Resource
from .members import STALE

FORMAT = 1
COLLECTION = "ngcp.fax"

RUN, SUBSCRIBERS = "_run", "subscribers"
SET, STATUS, LEFT_OUT = "_set", "_status", "_left_out"

# About to be written, as far as the file knows.
PLANNED = "planned"
# What the platform has, or may have, of a run, and what it certainly does not have.
WRITTEN = (PLANNED, CHANGED, UNVERIFIED)
NOT_WRITTEN = (FAILED, UNCHANGED, NOT_ATTEMPTED, STALE)

# Why a field cannot come back: a secret that is not in the file, one that the platform replaces by itself, a value that
# only the platform sets, a field that it did not show.
SECRET, RENEWED, SERVER, NOT_SHOWN = "secret", "renewed", "server", "not_shown"
# What somebody else had set up, and the run has replaced.
LOST = "lost"
REASONS = (SECRET, RENEWED, SERVER, NOT_SHOWN, LOST)

_KEY, _KEY_MOMENT, _RENEW = "secret_key", "last_secret_key_modify", "secret_key_renew"


class Head(NamedTuple):
    """What an undo file says about the run.

    :param platform: its address.
    :param began: when, in UTC.
    :param ended: when; None while it is running, and where it was killed.
    """

    platform: str
    version: str
    began: str
    ended: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return it as the file has it."""
        return {"collection": COLLECTION, "format": FORMAT, **self._asdict()}


class Record(NamedTuple):
    """What an undo file says about one subscriber.

    :param plans: by module, what is done to the settings.
    :param statuses: by module, what became of that.
    """

    subscriber_id: int
    name: str | None
    plans: dict[str, Plan]
    statuses: dict[str, str]

    def line(self, with_secrets: bool) -> str:
        """Return the record as one line of JSON."""
        entry: dict[str, Any] = {"subscriber_id": self.subscriber_id}
        if self.name:
            entry["subscriber"] = self.name
        sets, statuses, left_out = {}, {}, {}
        for resource in RESOURCES:
            plan = self.plans.get(resource.module)
            if plan is None:
                continue
            missing = _left_out(resource, plan, with_secrets)
            left_out.update({f"{resource.prefix}.{name}": reason for name, reason in missing.items()})
            kept = [change for change in plan.changes if missing.get(change.field) in (None, RENEWED)]
            kept = [change for change in kept if not _comes_along(resource, plan, change)]
            if kept:
                entry[resource.prefix], sets[resource.prefix] = _sides(resource, kept)
            statuses[resource.prefix] = self.statuses[resource.module]
        entry.update({SET: sets, STATUS: statuses})
        if left_out:
            entry[LEFT_OUT] = left_out
        return json.dumps(entry)


def document(head: Head, lines: Iterable[str]) -> bytes:
    """Return an undo file.

    :param lines: one for each subscriber.
    """
    text = ",\n".join(lines)
    return f'{{"{RUN}": {json.dumps(head.as_dict())},\n"{SUBSCRIBERS}": [\n{text}\n]}}\n'.encode("ascii")


def _left_out(resource: Resource, plan: Plan, with_secrets: bool) -> dict[str, str]:
    """Return what of a subscriber's settings cannot come back, or may not, and why."""
    reasons = {}
    owned = {field.name for field in resource.server_owned}
    for change in plan.changes:
        if change.field in owned:
            reasons[change.field] = LOST if change.field in resource.lost else SERVER
        elif change.field not in plan.before and not _comes_along(resource, plan, change):
            reasons[change.field] = NOT_SHOWN
        elif change.field in resource.secrets and not with_secrets:
            reasons[change.field] = SECRET
    if resource is MAIL2FAX_SETTINGS:
        # Every write moves it, whichever field it is about (contract: secret key life cycle).
        reasons[_KEY_MOMENT] = SERVER
        # With one of the two values the platform replaces a key that the run itself has left alone.
        changed = {change.field for change in plan.changes}
        if _RENEW in changed and _KEY not in changed:
            reasons[_KEY] = RENEWED
    return reasons


def _comes_along(resource: Resource, plan: Plan, change: Change) -> bool:
    """Return whether a field was not there before because it means nothing without the leading one, which comes back by
    itself."""
    is_new = change.field not in plan.before and change.field != resource.leading
    return is_new and any(one.field == resource.leading for one in plan.changes)


def _sides(resource: Resource, changes: Iterable[Change]) -> tuple[dict[str, Any], dict[str, Any]]:
    fields = {field.name: field for field in resource.managed}
    before, after = {}, {}
    for change in changes:
        before[change.field] = fields[change.field].written(change.before)
        after[change.field] = fields[change.field].written(change.after)
    return before, after
