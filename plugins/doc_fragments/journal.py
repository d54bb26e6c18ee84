# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options that choose entries of the fax journal."""

    DOCUMENTATION = r"""
options:
  fax_id:
    description:
      - The journal's id of one fax. No filter can stand beside it.
    type: int
  subscriber_id:
    description:
      - The platform's id of the subscriber whose faxes are meant. With no key, those of everybody whom the user may
        see.
      - Several keys may be given for one subscriber if they agree. One that is given and empty is refused, because it
        would mean everybody. So are an empty O(status), O(since) and O(until).
    type: int
  status:
    description:
      - Only faxes with one of these words as status, such as V(SUCCESS) or V(FAILED); case does not matter.
      - The platform filters neither by status nor by direction, so that the whole journal of the subscriber is read.
    type: list
    elements: str
  since:
    description:
      - Only faxes from this moment on, for example V(2026-11-23), V(2026-11-23 09:12:00) or
        V(2026-11-23T09:12:00+01:00).
      - A moment without an offset is meant in the platform's own time zone, as the journal shows it.
    type: str
  until:
    description:
      - Only faxes up to this moment, in the same forms. It is included, as the journal shows it. A day means the whole
        day, a month the whole month.
    type: str
  limit:
    description: At most so many faxes.
    type: int
"""
