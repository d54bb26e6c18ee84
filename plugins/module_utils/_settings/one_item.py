# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The ways of the settings resources: one item for each subscriber, compared field by field, written by one PATCH."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._api.client import Client
from .._api.pages import Keep, keep_all
from .._subscribers.subscriber import Subscriber
from .declarations import Declaration
from .plan import ANY_POLICY, Judged, Policy, create_plan, doubtful_rows, is_satisfied, obstacle
from .requests import get_settings, read_settings
from .resources import Resource
from .values import canonical_settings

if TYPE_CHECKING:
    from .outcomes import Outcome
    from .patching import PatchSender
    from .ways import Course, Document


class OneItem:
    """The ways of a resource with one item for each subscriber; see :class:`ways.Ways`."""

    writers = None
    is_satisfied = staticmethod(is_satisfied)
    doubtful_rows = staticmethod(doubtful_rows)
    settings = staticmethod(canonical_settings)

    def read(
        self,
        client: Client,
        resource: Resource,
        subscribers: Sequence[Subscriber],
        declared: Sequence[Mapping[str, Any]] | None = None,
        policy: Policy = ANY_POLICY,
        keep: Keep = keep_all,
    ) -> dict[int, Any]:
        """Return the settings of each subscriber, or what is kept of them, or the error."""
        return read_settings(client, resource, [subscriber.id for subscriber in subscribers], keep)

    def read_again(self, client: Client, resource: Resource, subscriber: Subscriber) -> Document:
        """Return the settings of one subscriber as they are now."""
        return get_settings(client, resource, subscriber.id)

    def judge(self, resource: Resource, document: Document, declaration: Declaration, policy: Policy) -> Judged:
        """Compare and return what has to be done."""
        stored = canonical_settings(resource, document)
        plan = create_plan(resource, stored, declaration.wanted(stored), policy)
        return Judged(stored, plan, obstacle(resource, plan))

    def advice(self, resource: Resource, outcomes: Sequence[Outcome], policy: Policy) -> list[str]:
        """Return what deserves a warning although it works."""
        if not resource.has_advice:
            return []
        # Imported here, because only some resources need it.
        from .advice import advice

        return advice(resource, outcomes, policy)

    def sender(self, course: Course) -> PatchSender:
        """Return what sends the patches."""
        # Imported here, because most runs find no drift.
        from .patching import PatchSender

        return PatchSender(course)


ONE_ITEM = OneItem()
