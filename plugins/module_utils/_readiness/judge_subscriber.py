# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From what a subscriber is to reasons: status, lock, number and profile. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .._errors import FaxError
from .._subscribers.subscriber import Subscriber
from .._wording import quoted
from .facts import Known
from .verdicts import ABILITIES, MAILS, SENDS, Reason, reason

ACTIVE = "active"

# The levels that the platform has for the locks of calls. That 3 to 5 stop or divert calls was read in its source; what
# becomes of faxes was not measured (contract: callforwards, section 9).
_LOCKS = {1: "foreign calls", 2: "outgoing calls", 3: "all calls", 4: "global", 5: "ported"}
_OUTGOING_LOCKS = (1, 2)

# The attribute of a profile that lets subscribers use the fax service.
FAX_ATTRIBUTE = "fax_server"


def judge_subscriber(subscriber: Subscriber, profiles: Mapping[int, Known[Mapping[str, Any]]]) -> Iterator[Reason]:
    """Yield the reasons that lie in what the platform says about the subscriber itself.

    :param profiles: the subscriber profiles by their ids.
    """
    yield from _status_reasons(subscriber.status)
    yield from _lock_reasons(subscriber.lock)
    yield from _number_reasons(subscriber)
    if subscriber.profile_id is not None:
        yield from _profile_reasons(subscriber.profile_id, profiles.get(subscriber.profile_id))


def _status_reasons(status: str | None) -> Iterator[Reason]:
    if status == ACTIVE:
        return
    shown = "is not known" if status is None else f"is {quoted(status)}"
    text = (
        f"The subscriber's status {shown}, not 'active'. It is not documented what happens to its faxes in this case."
    )
    yield reason("subscriber_not_active", text)


def _lock_reasons(lock: int | None) -> Iterator[Reason]:
    if lock is None:
        yield reason("lock_unknown", "The platform does not show this user whether the subscriber's calls are locked.")
    elif lock:
        name = f" ({_LOCKS[lock]})" if lock in _LOCKS else ""
        text = (
            f"The subscriber's calls are locked at level {lock}{name}. It is not documented what happens to its faxes."
        )
        yield reason("calls_locked", text, affects=(SENDS, MAILS) if lock in _OUTGOING_LOCKS else ABILITIES)


def _number_reasons(subscriber: Subscriber) -> Iterator[Reason]:
    if subscriber.primary_number is not None:
        return
    text = "The subscriber has no primary number, and therefore no fax box to which calls can be forwarded."
    yield reason("number_missing", f"{text} Assign a number on the platform.")
    yield reason("caller_id_missing", 'The subscriber has no primary number; its faxes are sent as "webfax".')


def _profile_reasons(profile_id: int, profile: Known[Mapping[str, Any]] | None) -> Iterator[Reason]:
    if profile is None:
        return
    if isinstance(profile, FaxError):
        text = f"The subscriber profile {profile_id} cannot be read: {profile.message}"
        yield reason("profile_unknown", text)
        return
    attributes = profile.get("attributes")
    if not isinstance(attributes, list):
        yield reason("profile_unknown", f"The subscriber profile {profile_id} is shown without its attributes.")
    elif FAX_ATTRIBUTE not in attributes:
        name = quoted(profile["name"]) if isinstance(profile.get("name"), str) else str(profile_id)
        text = (
            f'The subscriber profile {name} does not have the attribute "{FAX_ATTRIBUTE}": the subscriber itself sees '
            "no faxes and no fax settings in the self-care interface. Faxes are not stopped by that."
        )
        yield reason("profile_without_fax", text)
