# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The ways of a resource: how the engine reads it, plans it and writes it, whatever it is on the platform.

Most resources are one item for each subscriber and take one PATCH (:mod:`one_item`). Others bring ways of their own:
the engine asks these, and never which resource it is working on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable, NamedTuple, Protocol

from .._api.client import Client
from .._api.pages import Keep, keep_all
from .._concurrency import Outage, Pace
from .._interruption import Interruption
from .._subscribers.subscriber import Subscriber
from .plan import ANY_POLICY, Judged, Policy

if TYPE_CHECKING:
    from .declarations import Declaration
    from .outcomes import Outcome
    from .resources import Resource

Document = Mapping[str, Any]


class Course(NamedTuple):
    """The course of a run that writes, as far as the write for one subscriber has to mind it.

    :param pace: is informed of how writes end.
    :param outage: shows whether the server may be down.
    :param interruption: pauses, and shows whether the run should end.
    :param is_stopped: returns whether nothing more should be sent.
    """

    client: Client
    pace: Pace
    outage: Outage
    interruption: Interruption
    is_stopped: Callable[[], bool]


class Sender(Protocol):
    """Sends planned changes."""

    def apply(self, outcome: Outcome) -> None:
        """Write what is planned for one subscriber, and note in the outcome what the server has then.

        :raises FaxError: nothing was written.
        :raises UnverifiedError: something may have been written, or something else than planned is there.
        """


class Ways(Protocol):
    """How a resource is read, planned and written.

    A document is what :meth:`read` returns for a subscriber. It has a member for each field that the server has.
    """

    @property
    def writers(self) -> int | None:
        """The most writes under way at once; None for as many as the connection allows."""

    def read(
        self,
        client: Client,
        resource: Resource,
        subscribers: Sequence[Subscriber],
        declared: Sequence[Mapping[str, Any]] | None = None,
        policy: Policy = ANY_POLICY,
        keep: Keep = keep_all,
    ) -> dict[int, Any]:
        """Return the document of each subscriber, or the error, by its id.

        :param declared: the declared fields of each, where only what these are about has to be read.
        :param policy: how they are interpreted.
        :param keep: may get documents that came together; then what it returns is returned in place of each.
        :raises FaxError: the server refuses the user, or no longer responds.
        """

    def read_again(self, client: Client, resource: Resource, subscriber: Subscriber) -> Document:
        """Return the document of one subscriber as it is now.

        :raises FaxError: it cannot be read.
        """

    def is_satisfied(self, document: Document, wanted: Mapping[str, Any], policy: Policy) -> bool:
        """Return whether a document has what is declared, by a quick check; False if a closer look is needed."""

    def doubtful_rows(
        self, documents: Sequence[Any], columns: Mapping[str, Sequence[Any]], policy: Policy
    ) -> Collection[int]:
        """Return which of many documents need a closer look, by a quick check of all of them at once. Asked only of
        resources that are compared by field; see :func:`plan.doubtful_rows`."""

    def judge(self, resource: Resource, document: Document, declaration: Declaration, policy: Policy) -> Judged:
        """Compare and return what has to be done.

        :raises FaxError: it cannot be done.
        """

    def settings(self, resource: Resource, document: Document) -> dict[str, Any]:
        """Return the fields of a document in canonical form."""

    def advice(self, resource: Resource, outcomes: Sequence[Outcome], policy: Policy) -> list[str]:
        """Return what deserves a warning although it works."""

    def sender(self, course: Course) -> Sender:
        """Return what sends planned changes."""
