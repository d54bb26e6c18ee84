# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Which types of forwards a subscriber's profile forbids.

The platform minds that only in its own pages for subscribers, and not in ``cfmappings`` (contract: call forwards,
section 7). So a subscriber may not get around it with the collection, and an administrator is warned.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._api.client import Client
from .._concurrency import run_parallel
from .._errors import FaxError
from .kinds import TYPES
from .situation import Situation

_PROFILES = "subscriberprofiles"
_NOTHING: frozenset[str] = frozenset()


def read_forbidden(client: Client, situations: Sequence[Situation]) -> dict[int, frozenset[str]]:
    """Return which types (short names) the profiles of subscribers forbid, by the subscriber's id. Those who have no
    profile are left out, and so are those whose profile cannot be read: it forbids nothing by itself.

    :raises FaxError: nothing more can be read.
    """
    profiles = sorted({one.profile_id for one in situations if one.profile_id is not None})
    found = dict(zip(profiles, run_parallel(lambda one: _forbidden(client, one), profiles, client.concurrency)))
    return {one.subscriber_id: found[one.profile_id] for one in situations if one.profile_id is not None}


def _forbidden(client: Client, profile_id: int) -> frozenset[str]:
    try:
        attributes: Any = client.get_item(_PROFILES, profile_id).get("attributes")
    except FaxError as error:
        if error.halts and error.http_status != 403:
            raise
        return _NOTHING
    if not isinstance(attributes, list):
        return _NOTHING
    return frozenset(one.short for one in TYPES if one.short not in attributes)
