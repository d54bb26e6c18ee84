# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faxes and attempts to send them, as receipts hold them."""

from __future__ import annotations

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.destinations import parse_destination
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.receipts import PREPARED, Attempt, Identity

BEGAN = "2026-11-23T09:12:23Z"


def identity(**changes):
    given_ = {
        "server": "https://platform.test:1443",
        "subscriber_id": 3,
        "destination": parse_destination("431110002"),
        "content": "c" * 64,
        "text": None,
        "job_id": None,
        **changes,
    }
    return Identity(**given_)


def attempt(state=PREPARED, before=0, **more):
    return Attempt(state, before, more.pop("began", BEGAN), **more)
