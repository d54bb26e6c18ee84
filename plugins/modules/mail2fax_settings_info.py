#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mail2fax_settings_info
short_description: Read the mail to fax settings of Sipwise NGCP subscribers
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Returns the mail to fax settings of one subscriber, of a list of subscribers, of all subscribers of a customer or
    domain, or of all subscribers that the user can see.
  - The returned list can be used unchanged as C(subscribers) of M(ngcp.fax.mail2fax_settings).
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.subscriber
  - ngcp.fax.subscriber.keys
options:
  subscribers:
    description:
      - Several subscribers in one task. Fields other than the keys are ignored.
      - If no option names subscribers, all subscribers that the user can see are returned.
    type: list
    elements: dict
    suboptions:
      subscriber_id:
        description: See O(subscriber_id).
        type: int
      subscriber:
        description: See O(subscriber).
        type: str
      number:
        description: See O(number).
        type: str
      subscriber_external_id:
        description: See O(subscriber_external_id).
        type: str
  active:
    description: Return only subscribers whose service is on (V(true)) or off (V(false)).
    type: bool
  include_secrets:
    description:
      - Whether to return the secret key in clear text. If so, set C(no_log) for the task.
      - By default the field is left out.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
seealso:
  - module: ngcp.fax.mail2fax_settings
"""

EXAMPLES = r"""
- name: Read the settings of subscriber 3
  ngcp.fax.mail2fax_settings_info:
    api_url: https://ngcp.example.org:1443
    api_username: automation
    api_password: "{{ vault_ngcp_password }}"
    subscriber_id: 3
  register: three

- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Read the settings of all subscribers of a domain whose service is on
      ngcp.fax.mail2fax_settings_info:
        select:
          domain: pbx.example.org
        active: true
      register: fleet

    - name: Renew all their keys every month
      ngcp.fax.mail2fax_settings:
        subscribers: "{{ fleet.subscribers | map('combine', {'secret_key_renew': 'monthly'}) }}"
        allow_empty: true
"""

RETURN = r"""
subscribers:
  description: The subscribers with their settings, ordered by id.
  returned: success
  type: list
  elements: dict
  contains:
    subscriber_id:
      description: The platform's id.
      type: int
      sample: 4711
    subscriber:
      description: The subscriber as C(user@domain).
      type: str
      sample: alice@example.org
    active:
      description: Whether the mail to fax service is on.
      type: bool
      sample: true
    secret_key:
      description: The secret key.
      returned: with O(include_secrets)
      type: str
      sample: correct-horse
    secret_key_renew:
      description: How often the platform replaces the key.
      type: str
      sample: monthly
    last_secret_key_modify:
      description: When the key was last set, in the time zone of the server. Null if never.
      type: str
      sample: "2026-11-23 09:11:12"
    secret_renew_notify:
      description: E-mail addresses that are notified of a new key.
      type: list
      elements: dict
      sample: [{"destination": "user2@company.com"}]
    acl:
      description: Rules for accepted e-mails.
      type: list
      elements: dict
      sample: [{"from_email": null, "received_from": "192.0.2.25", "destination": null, "use_regex": false}]
summary:
  description: Number of subscribers requested and number of HTTP requests.
  returned: success
  type: dict
  sample: {"total": 1, "requests": 3, "retries": 0}
errors:
  description:
    - The subscribers that cannot be read, with C(index) (position in the input), C(subscriber) and C(error), which has
      C(code), C(http_status), C(message), C(retryable) and C(hint). The task fails; the others are returned.
  returned: when a subscriber cannot be read
  type: list
  elements: dict
  sample: [{"index": 0, "subscriber": "4711", "error": {"code": "not_found", "http_status": 404, "message": "The server
            responded with 404", "retryable": false, "hint": "It does not exist."}}]
error:
  description:
    - Why the task as a whole failed, with C(code), C(http_status), C(message), C(retryable) and C(hint). For wrong
      input also C(entry) and C(field), up to 100 wrong values in C(details), and the number of further ones in
      C(details_left_out).
  returned: when the task as a whole failed
  type: dict
  sample: {"code": "unauthorized", "http_status": 403, "message": "The server refuses the log-in", "retryable": false,
           "hint": "Check api_username and api_password."}
"""

from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import MAIL2FAX_SETTINGS


def main() -> None:
    """Run the module."""
    run_module(info_task(MAIL2FAX_SETTINGS))


if __name__ == "__main__":
    main()
