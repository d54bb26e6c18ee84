# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options that select entries of the fax journal."""

    DOCUMENTATION = r"""
options:
  fax_id:
    description:
      - Id of one fax in the journal. Cannot be combined with filters.
    type: int
  subscriber_id:
    description:
      - The platform's id of the subscriber whose faxes to select. If no subscriber is named, the faxes of all
        subscribers that the user can see are selected.
      - You can name one subscriber by several keys if they agree. A key that is set but empty is refused, because it
        would select all subscribers. An empty O(status), O(since) or O(until) is refused as well.
    type: int
  status:
    description:
      - Only faxes with one of these statuses, such as V(SUCCESS) or V(FAILED); case does not matter.
      - The platform filters neither by status nor by direction, so the subscriber's whole journal is read.
    type: list
    elements: str
  since:
    description:
      - Only faxes from this time on, for example V(2026-11-23), V(2026-11-23 09:12:00) or V(2026-11-23T09:12:00+01:00).
      - A time without an offset is in the platform's own time zone, as shown in the journal.
    type: str
  until:
    description:
      - Only faxes up to and including this time, in the same formats. A date without a time stands for the whole day,
        and a month for the whole month.
    type: str
  limit:
    description: Maximum number of faxes.
    type: int
"""
