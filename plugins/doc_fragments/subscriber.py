# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options that name subscribers: all of them, and the keys of one beside its id."""

    DOCUMENTATION = r"""
options:
  subscriber_id:
    description:
      - The platform's id of the subscriber.
      - Several keys may be given for one subscriber if they agree. A key that is given and empty is an error; use
        C(omit) for one that is not meant.
    type: int
  select:
    description: All subscribers that fit, in place of named ones. Several criteria must all be met.
    type: dict
    suboptions:
      customer_id:
        description: Id of the customer.
        type: int
      customer_external_id:
        description: External id of the customer. Fails when several customers have it.
        type: str
      domain:
        description: The subscribers' domain.
        type: str
  allow_empty:
    description:
      - Whether it is right that nobody is meant. Without it, an empty list, a file without entries and a selection that
        matches no subscriber are errors, because they come from empty variables and misspelt names.
    type: bool
    default: false
"""

    KEYS = r"""
options:
  subscriber:
    description: The subscriber as C(user@domain); case does not matter.
    type: str
  number:
    description:
      - A primary or alias number of the subscriber with country code; V(+) and separators are ignored.
      - Quote it. A plain number is refused, because YAML reads one that begins with a zero as another number.
    type: str
  subscriber_external_id:
    description:
      - The subscriber's external id. Fails when several subscribers have it.
      - Quote it. A plain number is refused, because YAML reads one that begins with a zero as another number.
    type: str
"""
