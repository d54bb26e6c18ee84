#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fax_readiness_info
short_description: Check whether Sipwise NGCP subscribers can fax, and if not, why
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Checks everything that determines whether faxes reach a subscriber (RV(subscribers[].receives)), whether the
    subscriber can send faxes (RV(subscribers[].sends)), and whether it can send them by e-mail
    (RV(subscribers[].mails)). This includes the platform's licence, edition and fax server, the subscriber's status,
    locks, number and profile, its fax settings, its call forwards, and its mail to fax settings.
  - Each verdict is V(true), V(false) or V(unknown), with its reasons. A reason says what is wrong and, if a task of the
    collection can fix it, contains that task.
  - If the platform does not show something, at least not to this user, the verdict is V(unknown). Nothing is guessed.
  - The module only reads. Secret keys never appear; RV(subscribers[].mail_key) shows whether there is one and how old
    it is.
  - For many subscribers, everything is read from lists, page by page.
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
      - If no option names subscribers, all subscribers that the user can see are checked.
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
  subscribers_file:
    description:
      - A fleet file, see O(ngcp.fax.fleet#module:src) for its format. Only the keys of the subscribers are used. The
        file is searched for in C(files/) on the control node, like the C(src) of M(ansible.builtin.copy), and can be
        vaulted.
    type: path
  hosts:
    description:
      - Names of inventory hosts. Hosts that have the variables of a fleet entry are checked, see
        O(ngcp.fax.fleet#module:hosts).
    type: list
    elements: str
  checks:
    description:
      - What to check. Only what the verdicts depend on is read. V(receives) requires the call forwards, which take the
        most time, and V(mails) the mail to fax settings.
    type: list
    elements: str
    choices: [receives, sends, mails]
    default: [receives, sends, mails]
  journal:
    description:
      - Whether to look for the last delivered and the last failed faxes, among the newest 100 entries of each
        subscriber's journal. This takes one request for each subscriber.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
notes:
  - With C(-v), a table of all subscribers that lack something is shown.
  - M(ngcp.fax.drift_report) writes the results to a page, C(readiness.html).
  - The verdicts are strings. Compare them as such, for example in C(when) with C(entry.receives == 'true').
  - The age and renewal of a key are judged by the clock of the host that runs the task. Because the platform shows
    times without their zone, a renewal counts as overdue only after two days.
seealso:
  - module: ngcp.fax.fax_settings
  - module: ngcp.fax.mail2fax_settings
  - module: ngcp.fax.drift_report
"""

EXAMPLES = r"""
- name: Find out why a subscriber does not receive faxes
  ngcp.fax.fax_readiness_info:
    api_url: https://ngcp.example.org:1443
    api_username: automation
    api_password: "{{ vault_ngcp_password }}"
    subscriber_id: 3
    checks: [receives]
    journal: true
  register: three

- name: Show the reasons, and the tasks that would fix them
  ansible.builtin.debug:
    msg: "{{ item.code }}: {{ item.message }}\n{{ item.fix or 'No task of ngcp.fax can fix this.' }}"
  loop: "{{ three.subscribers[0].reasons }}"
  loop_control:
    label: "{{ item.code }}"

- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Check all subscribers of a domain
      ngcp.fax.fax_readiness_info:
        select:
          domain: pbx.example.org
      register: readiness

    - name: Write a page about it
      ngcp.fax.drift_report:
        results: [readiness]
        dir: /tmp/reports

    - name: Show the subscribers that would not receive a fax
      ansible.builtin.debug:
        msg: "{{ readiness.subscribers | rejectattr('receives', 'equalto', 'true') | map(attribute='subscriber') }}"

    - name: Check the subscribers of a fleet file
      ngcp.fax.fax_readiness_info:
        subscribers_file: fleet.csv
        checks: [receives, sends]
"""

RETURN = r"""
subscribers:
  description: The subscribers, ordered by id.
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
    receives:
      description:
        - Whether faxes to the subscriber arrive and are sent to an e-mail address; V(true), V(false) or V(unknown).
      returned: with V(receives) in O(checks)
      type: str
      sample: "false"
    sends:
      description: Whether the subscriber can send faxes; V(true), V(false) or V(unknown).
      returned: with V(sends) in O(checks)
      type: str
      sample: "true"
    mails:
      description: Whether the subscriber can send faxes by e-mail; V(true), V(false) or V(unknown).
      returned: with V(mails) in O(checks)
      type: str
      sample: "unknown"
    primary_number:
      description: The digits of the subscriber's primary number; null if it has none.
      type: str
      sample: "43110002"
    reasons:
      description:
        - The reasons for the verdicts, the most important first. Empty if all verdicts are V(true) and nothing needs
          attention.
        - C(code) is the kind of reason, see the guide about receiving faxes. C(level) is V(blocks) (makes the verdicts
          V(false)), V(unknown) (makes them V(unknown)) or V(note) (needs attention). C(affects) names the verdicts,
          C(message) is for people, and C(fix) is a task as YAML text to paste into a playbook, or null. Variables in
          the task stand for values that only you know.
      type: list
      elements: dict
      sample:
        - code: forward_missing
          level: blocks
          affects: [receives]
          message: The subscriber has no call forward of type unconditional (cfu).
          fix: |
            - name: Forward all calls to the fax box
              ngcp.fax.fax_forward:
                subscriber_id: 4711
                forward: unconditional
    mail_key:
      description:
        - What is known about the secret key of mail to fax, without the key itself. C(present) shows whether there is
          one, C(modified) when the platform last set it, in its own time zone, C(age_days) how many days ago that was,
          and C(renew) how often the platform replaces it.
        - Null if the settings cannot be read.
      returned: with V(mails) in O(checks)
      type: dict
      sample: {"present": true, "modified": "2026-11-23 09:11:12", "age_days": 3, "renew": "monthly"}
    last_faxes:
      description:
        - For each of O(checks), the newest fax that was delivered (C(success)) and the newest one that failed
          (C(failure)), as in M(ngcp.fax.fax_info), or null.
        - Null if the journal cannot be read.
      returned: with O(journal)
      type: dict
      sample:
        receives:
          success: null
          failure: {"fax_id": 12, "subscriber_id": 4711, "time": "2026-11-23 09:11:12", "direction": "in",
                    "caller": "43110003", "callee": "43110002", "duration": 4, "pages": 0, "signal_rate": 14400,
                    "quality": "normal", "reason": "No carrier detected [1/3]", "status": "FAILED", "filename": ""}
fixes:
  description:
    - Fixes that several subscribers need, each as one task for all of them. C(code) is the code of the reason,
      C(subscribers) the number of subscribers, and C(fix) the task as YAML text.
    - Fixes with a value that only you know, such as a secret key, are not included.
  returned: success
  type: list
  elements: dict
  sample:
    - code: forward_missing
      subscribers: 2
      fix: |
        - name: Forward all calls to the fax box
          ngcp.fax.fax_forward:
            subscribers:
              - subscriber_id: 4711
              - subscriber_id: 4712
            forward: unconditional
platform:
  description:
    - What the platform reports about itself, with C(edition), C(version), C(fax_server) (whether its fax server is on)
      and C(licence) (whether it has the licence for fax). Unknown values are null.
    - C(reasons) are the reasons that apply to every subscriber, in the form of RV(subscribers[].reasons).
  returned: success
  type: dict
  sample: {"edition": "sppro", "version": "mr26.2.0.0", "fax_server": true, "licence": true, "reasons": []}
summary:
  description:
    - Number of subscribers, in total, for each verdict, and for each code of a reason, and number of HTTP requests.
  returned: success
  type: dict
  sample: {"total": 2, "receives": {"true": 1, "false": 1, "unknown": 0},
           "sends": {"true": 2, "false": 0, "unknown": 0}, "mails": {"true": 2, "false": 0, "unknown": 0},
           "codes": {"forward_missing": 1}, "requests": 9, "retries": 0}
lines:
  description: The same as a table for display, with the first 50 subscribers that lack something.
  returned: success
  type: list
  elements: str
  sample: ["2 subscribers: receives 1 yes, 1 no", "subscriber                receives  why",
           "alice@example.org (4711)  no        forward_missing"]
run:
  description: What ran on which platform, for reports, with C(module), C(platform) (its address) and C(check_mode).
  returned: success
  type: dict
  sample: {"module": "fax_readiness_info", "platform": "https://ngcp.example.org:1443", "check_mode": false}
errors:
  description:
    - The subscribers that cannot be found, with C(index) (position in the input), C(subscriber) and C(error), which has
      C(code), C(http_status), C(message), C(retryable) and C(hint). The task fails; the others are returned.
  returned: when a subscriber cannot be found
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
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.task import readiness_task


def main() -> None:
    """Run the module."""
    run_module(readiness_task())


if __name__ == "__main__":
    main()
