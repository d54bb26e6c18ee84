# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the options that name subscribers, and of the keys of one subscriber other than its id."""

    DOCUMENTATION = r"""
options:
  subscriber_id:
    description:
      - The platform's id of the subscriber.
      - You can name one subscriber by several keys if they agree. A key that is set but empty is an error; use C(omit)
        to leave it out.
    type: int
  select:
    description:
      - All subscribers that match these criteria, instead of named ones. If there are several criteria, all of them
        must match.
    type: dict
    suboptions:
      customer_id:
        description: Id of the customer.
        type: int
      customer_external_id:
        description: External id of the customer. Fails if several customers have it.
        type: str
      domain:
        description: The subscribers' domain.
        type: str
  allow_empty:
    description:
      - Whether a task without any subscribers is acceptable. By default, an empty list, a file without entries, and a
        selection that matches no subscriber are errors, because they usually come from empty variables or misspelt
        names.
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
      - A primary or alias number of the subscriber with its country code; V(+) and separators are ignored.
      - Quote it. An unquoted number is refused, because YAML reads a number with a leading zero as a different number.
    type: str
  subscriber_external_id:
    description:
      - The subscriber's external id. Fails if several subscribers have it.
      - Quote it. An unquoted number is refused, because YAML reads a number with a leading zero as a different number.
    type: str
"""
