#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: mail2fax_settings
short_description: Manage the mail to fax settings of Sipwise NGCP subscribers
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Declares the mail to fax service of one subscriber, of a list of subscribers, or of all subscribers of a customer or
    domain. Compares the declaration with the platform and sends one JSON Patch for each subscriber that differs.
  - The platform renews secret keys by itself unless O(secret_key_renew) is V(never), and every write postpones the next
    renewal. If nothing differs, nothing is written, and renewal continues undisturbed.
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
      - The output of M(ngcp.fax.mail2fax_settings_info) can be used unchanged.
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
      secret_key:
        description: See O(secret_key).
        type: str
      last_secret_key_modify:
        description:
          - Accepted because it is part of the info module's output, but ignored, because only the platform sets it.
        type: str
      secret_key_renew:
        description: See O(secret_key_renew).
        type: str
        choices: [never, daily, weekly, monthly]
      secret_renew_notify:
        description: See O(secret_renew_notify).
        type: list
        elements: dict
        suboptions: &notify
          destination:
            description: The e-mail address; case does not matter.
            type: str
            required: true
          state:
            description:
              - V(absent) removes the address. It requires O(secret_renew_notify_mode=merge), and accepts any string as
                the address, including an empty one.
            type: str
            choices: [present, absent]
            default: present
      acl:
        description: See O(acl).
        type: list
        elements: dict
        suboptions: &rule
          from_email:
            description: Sender of the e-mail. If not set, any sender matches; an empty string is refused.
            type: str
          received_from:
            description:
              - Address or name of a host that must occur in a C(Received) header. If not set, any host matches.
            type: str
          destination:
            description:
              - Number to which faxes may be sent, in full with the country code. If not set, any number matches.
            type: str
          use_regex:
            description:
              - Whether the three other values are Perl regular expressions.
              - The platform accepts broken expressions, which then match nothing. A warning names the expressions that
                Python cannot compile; some of them may still be valid, because Python's dialect lacks parts of Perl's.
            type: bool
            default: false
          state:
            description: V(absent) removes the rule. It requires O(acl_mode=merge).
            type: str
            choices: [present, absent]
            default: present
  active:
    description:
      - Whether the mail to fax service is on.
      - Like all fields, it has no default and stays unchanged if not set.
    type: bool
  secret_key:
    description:
      - The key that must be the first line of an e-mail, at most 255 characters. An empty string clears it.
      - In results it is always masked as V(********), and so is its previous value.
    type: str
  update_secret_key:
    description:
      - V(always) sets the key whenever it differs, with a warning if the platform renews keys by itself.
      - V(on_create) sets it only if the platform has none, and leaves renewed keys alone.
    type: str
    choices: [always, on_create]
    default: always
  secret_key_renew:
    description: How often the platform replaces the key with a new one.
    type: str
    choices: [never, daily, weekly, monthly]
  secret_renew_notify:
    description: E-mail addresses that are notified of a new key.
    type: list
    elements: dict
    suboptions: *notify
  secret_renew_notify_mode:
    description:
      - V(replace) makes O(secret_renew_notify) the whole list.
      - V(merge) adds or removes only the addresses that are named.
    type: str
    choices: [replace, merge]
    default: replace
  acl:
    description:
      - Rules for accepted e-mails. A rule is identified by all its values together; order does not matter.
      - If the service is active with neither rules nor a key, the gateway refuses all mail, and a warning is shown.
    type: list
    elements: dict
    suboptions: *rule
  acl_mode:
    description:
      - V(replace) makes O(acl) the whole list.
      - V(merge) adds or removes only the rules that are named.
    type: str
    choices: [replace, merge]
    default: replace
seealso:
  - module: ngcp.fax.mail2fax_settings_info
  - module: ngcp.fax.fax_settings
"""

EXAMPLES = r"""
- name: Set a new secret key for subscriber 3
  ngcp.fax.mail2fax_settings:
    api_url: https://ngcp.example.org:1443
    api_username: automation
    api_password: "{{ vault_ngcp_password }}"
    subscriber_id: 3
    secret_key: "{{ vault_secret_key }}"
    update_secret_key: on_create

- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Renew the secret key every month
      ngcp.fax.mail2fax_settings:
        subscriber_id: 3
        secret_key_renew: monthly

    - name: Notify two people of every new key
      ngcp.fax.mail2fax_settings:
        subscriber_id: 3
        secret_renew_notify:
          - destination: user2@company.com
          - destination: user3@company.com

    - name: Accept e-mails from one host without a key
      ngcp.fax.mail2fax_settings:
        subscriber: user0004@fax.example.com
        active: true
        acl:
          - received_from: 192.0.2.25

    - name: Add one rule and remove another, without touching the rest
      ngcp.fax.mail2fax_settings:
        subscriber: user0004@fax.example.com
        acl_mode: merge
        acl:
          - from_email: '.*@example\.org'
            destination: '43.*'
            use_regex: true
          - received_from: 192.0.2.25
            state: absent

    - name: Declare several subscribers at once, each with an initial key
      ngcp.fax.mail2fax_settings:
        active: true
        secret_key_renew: weekly
        update_secret_key: on_create
        subscribers:
          - subscriber: user0005@voip.example.net
            secret_key: "{{ vault_keys.user0005 }}"
          - number: "+43 1 90006"
            secret_key: "{{ vault_keys.user0006 }}"
        max_changes: 10%
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
      sample: {"active": true, "secret_key": "********", "secret_key_renew": "never", "secret_renew_notify": [],
               "acl": []}
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
  sample: {"module": "mail2fax_settings", "platform": "https://ngcp.example.org:1443", "check_mode": false}
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
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task


def main() -> None:
    """Run the module."""
    run_module(settings_task(MAIL2FAX_SETTINGS))


if __name__ == "__main__":
    main()
