#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fax_settings
short_description: Manage the fax settings of Sipwise NGCP subscribers
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Declares the fax service (fax to mail and sending) of one subscriber, of a list of subscribers, or of all
    subscribers of a customer or domain. Compares the declaration with the platform and sends one JSON Patch for each
    subscriber that differs.
  - Like the platform, the module ignores the order of lists and the case of e-mail addresses.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.subscriber
  - ngcp.fax.subscriber.keys
  - ngcp.fax.settings
  - ngcp.fax.settings.patch
options:
  subscribers:
    description:
      - Several subscribers in one task. Each entry names its subscriber by one of the keys and can have any of the
        fields. Fields at the top level of the task apply to all entries that do not set them.
      - The output of M(ngcp.fax.fax_settings_info) can be used unchanged.
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
        description: See O(active).
        type: bool
      name:
        description: See O(name).
        type: str
      password:
        description: See O(password).
        type: str
      t38:
        description: See O(t38).
        type: bool
      ecm:
        description: See O(ecm).
        type: bool
      destinations:
        description: See O(destinations).
        type: list
        elements: dict
        suboptions: &destination
          destination:
            description: The e-mail address, which identifies the destination; case does not matter.
            type: str
            required: true
          filetype:
            description: Format in which faxes are delivered; case does not matter.
            type: str
            choices: [TIFF, PS, PDF, PDF14]
            default: TIFF
          incoming:
            description: Whether received faxes are delivered to this address.
            type: bool
            default: true
          outgoing:
            description: Whether copies of sent faxes are delivered to this address.
            type: bool
            default: true
          status:
            description: Whether delivery reports are sent to this address.
            type: bool
            default: true
          state:
            description:
              - V(absent) removes the destination. It requires O(destinations_mode=merge), and accepts any string as the
                address, including an empty one.
            type: str
            choices: [present, absent]
            default: present
  active:
    description:
      - Whether the fax service is on. While it is off, faxes cannot be sent either.
      - Like all fields, it has no default and stays unchanged if not set.
    type: bool
  name:
    description: Name in the header line of sent faxes, at most 64 characters. An empty string clears it.
    type: str
  password:
    description:
      - Fax password, at most 64 characters. An empty string clears it.
      - In results it is always masked as V(********), and so is its previous value.
    type: str
  update_password:
    description:
      - V(always) sets the password whenever it differs.
      - V(on_create) sets it only if the platform has none.
    type: str
    choices: [always, on_create]
    default: always
  t38:
    description: Whether T.38 is used.
    type: bool
  ecm:
    description: Whether error correction mode is used.
    type: bool
  destinations:
    description: E-mail addresses to which faxes are delivered.
    type: list
    elements: dict
    suboptions: *destination
  destinations_mode:
    description:
      - V(replace) makes O(destinations) the whole list.
      - V(merge) adds or changes only the destinations that are named, and removes those whose C(state) is V(absent).
        Values of a named destination that are not declared are set to their defaults.
    type: str
    choices: [replace, merge]
    default: replace
seealso:
  - module: ngcp.fax.fax_settings_info
  - module: ngcp.fax.mail2fax_settings
"""

EXAMPLES = r"""
- name: Switch the fax service of subscriber 3 off
  ngcp.fax.fax_settings:
    api_url: https://ngcp.example.org:1443
    api_username: automation
    api_password: "{{ vault_ngcp_password }}"
    subscriber_id: 3
    active: false

- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Deliver received faxes as PDF to one address and nowhere else
      ngcp.fax.fax_settings:
        subscriber: user0004@fax.example.com
        active: true
        name: Example Ltd
        destinations:
          - destination: fax@example.org
            filetype: PDF
            outgoing: false

    - name: Add one destination and remove another, without touching the rest
      ngcp.fax.fax_settings:
        subscriber: user0004@fax.example.com
        destinations_mode: merge
        destinations:
          - destination: archive@example.org
            filetype: PDF14
          - destination: former.colleague@example.org
            state: absent

    - name: Declare several subscribers at once, with common settings at the top level
      ngcp.fax.fax_settings:
        active: true
        ecm: true
        subscribers:
          - subscriber: user0005@voip.example.net
            name: Accounts
          - number: "+43 1 90006"
            name: Sales
          - subscriber_external_id: EXT-0007
            active: false
        max_changes: 10%
      register: fleet

    - name: Declare a whole fleet from a spreadsheet
      ngcp.fax.fax_settings:
        subscribers_file: fleet.csv

    - name: Require error correction for all subscribers of a domain
      ngcp.fax.fax_settings:
        select:
          domain: pbx.example.org
        ecm: true

    - name: Set a password if the subscriber does not have one yet
      ngcp.fax.fax_settings:
        subscriber_id: 8
        password: "{{ vault_fax_password }}"
        update_password: on_create

    - name: Set everything back to the platform's defaults
      ngcp.fax.fax_settings:
        subscriber_id: 9
        state: absent
"""

RETURN = r"""
subscribers:
  description:
    - The subscribers that changed (in check mode, would change), failed, are unverified or were not attempted, in the
      order of the input. A task for a single subscriber always returns this subscriber.
  returned: always, unless the input is wrong
  type: list
  elements: dict
  contains:
    index:
      description: Position of the subscriber in the input, counted from 0.
      type: int
      sample: 0
    subscriber_id:
      description: The platform's id, if known.
      type: int
      sample: 4711
    subscriber:
      description: The subscriber as C(user@domain), if known.
      type: str
      sample: alice@example.org
    status:
      description:
        - V(changed), V(unchanged), V(failed), V(unverified) (a write was sent, but its result could not be confirmed),
          or V(not_attempted) (the run stopped before this subscriber).
      type: str
      sample: changed
    changes:
      description: The fields that differ, with C(field), C(before) and C(after). Secrets are masked.
      type: list
      elements: dict
      sample: [{"field": "active", "before": false, "after": true}]
    patch:
      description: The JSON Patch that was sent (in check mode, would be sent). Secrets are masked.
      type: list
      elements: dict
      sample: [{"op": "replace", "path": "/active", "value": true}]
    settings:
      description: The settings after the run (in check mode, as predicted), if known. Secrets are masked.
      type: dict
      sample: {"active": true, "name": "Example Ltd", "password": "********", "t38": true, "ecm": true,
               "destinations": []}
    error:
      description:
        - Why the subscriber failed or is unverified, with C(code), C(http_status), C(message), C(retryable) and
          C(hint).
      returned: for failed and unverified subscribers
      type: dict
      sample: {"code": "not_found", "http_status": 404, "message": "The server responded with 404", "retryable": false,
               "hint": "It does not exist, is terminated, or belongs to somebody else."}
summary:
  description:
    - Number of subscribers, in total and for each status, and number of HTTP requests, including the log-in and
      repetitions (C(retries)).
  returned: always, unless the input is wrong
  type: dict
  sample: {"total": 1, "changed": 1, "unchanged": 0, "failed": 0, "unverified": 0, "not_attempted": 0, "requests": 3,
           "retries": 0}
diff:
  description:
    - One entry for each changed subscriber, with only the changes as YAML text. Secrets are masked.
  returned: always, unless the input is wrong
  type: list
  elements: dict
  sample: [{"before_header": "alice@example.org (4711)", "after_header": "alice@example.org (4711)",
            "before": "active: false\n", "after": "active: true\n"}]
run:
  description:
    - What ran on which platform, with C(module), C(platform) (its address) and C(check_mode). M(ngcp.fax.drift_report)
      uses it to tell results apart.
  returned: always, unless the input is wrong
  type: dict
  sample: {"module": "fax_settings", "platform": "https://ngcp.example.org:1443", "check_mode": false}
error:
  description:
    - Why the task failed, with C(code), C(http_status), C(message), C(retryable) and C(hint). For wrong input also
      C(entry) and C(field), up to 100 wrong values in C(details), and the number of further ones in
      C(details_left_out).
    - For a task with one subscriber, it is the same as the C(error) of that subscriber.
  returned: when the task as a whole failed, and always when a task for one subscriber failed
  type: dict
  sample: {"code": "unauthorized", "http_status": 403, "message": "The server refuses the log-in", "retryable": false,
           "hint": "Check api_username and api_password."}
"""

from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task


def main() -> None:
    """Run the module."""
    run_module(settings_task(FAX_SETTINGS))


if __name__ == "__main__":
    main()
