#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fax_forward
short_description: Manage the call forward to the fax box of Sipwise NGCP subscribers
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Declares which calls are forwarded to a subscriber's own fax box (C(fax2mail)), for one subscriber, for a list of
    subscribers, or for all subscribers of a customer or domain. Without such a call forward, no fax arrives, even if
    the fax service is active.
  - The call forward always leads to the fax box of the subscriber's primary number. A call forward to the box of
    another number, or to a destination set of another subscriber, counts as a difference or as an error, never as
    correct.
  - The collection manages one call forward for each subscriber. If you declare another type, it is moved. Other call
    forwards, and their sets of destinations, times, callers and numbers, stay unchanged.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.subscriber
  - ngcp.fax.subscriber.keys
  - ngcp.fax.settings
options:
  subscribers:
    description:
      - Several subscribers in one task. Each entry names its subscriber by one of the keys and can have any of the
        fields. Fields at the top level of the task apply to all entries that do not set them.
      - The output of M(ngcp.fax.fax_forward_info) can be used unchanged.
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
      forward:
        description: See O(forward).
        type: str
        choices: &types [unconditional, busy, timeout, not_available, sms, on_response, overflow, none, cfu, cfb, cft,
                         cfna, cfs, cfr, cfo]
      enabled:
        description: See O(enabled).
        type: bool
      ring_timeout:
        description: See O(ring_timeout).
        type: int
      fax_box:
        description:
          - Accepted because it is part of the info module's output, but ignored, because it follows from the
            subscriber's number.
        type: str
      competing:
        description: Accepted because it is part of the info module's output, but ignored.
        type: str
      surplus:
        description: Accepted because it is part of the info module's output, but ignored.
        type: str
      problem:
        description: Ignored. Accepted so that the info module's output can be used.
        type: str
  state:
    description:
      - V(present) creates the call forward of the type in O(forward).
      - V(absent) removes the call forward that the collection has created, and its destination set. With O(forward), it
        is removed only if it is of this type. Call forwards that somebody else has created stay, even those to the fax
        box; a warning names the subscribers.
    type: str
    choices: [present, absent]
    default: present
  forward:
    description:
      - "Which calls are forwarded to the fax box: all of them (V(unconditional)); those that find the subscriber busy
        (V(busy)), that nobody answers in time (V(timeout)), or that find no registered device (V(not_available)); short
        messages (V(sms)); calls that end with certain responses (V(on_response)); or those that are too many
        (V(overflow)). For a fax number V(unconditional) is usual."
      - V(none) is the same as O(state=absent).
      - The platform's short names (V(cfu), V(cfb), V(cft), V(cfna), V(cfs), V(cfr), V(cfo)) mean the same.
      - Required with O(state=present), at the top level or in each entry.
    type: str
    choices: *types
  enabled:
    description:
      - Whether the call forward is on. If it is off, the platform keeps it, but calls do not reach it.
      - By default, the call forward is on.
    type: bool
  ring_timeout:
    description:
      - With O(forward=timeout), the number of seconds that the subscriber's devices ring before the call is forwarded,
        at least 1. It has no effect on the other types.
      - The platform has one such value for each subscriber, for all its call forwards of this type. If not set, it
        stays unchanged, with a warning if there is none. It is removed together with the last call forward of this
        type.
    type: int
  replace_foreign:
    description:
      - What to do if the subscriber has another call forward of the type in O(forward), to something else or only at
        certain times. The platform does not document in which order it tries several of them.
      - V(false) keeps it, and the subscriber fails with a message that shows it.
      - V(true) replaces all call forwards of this type with the one to the fax box. Their destination sets stay.
    type: bool
    default: false
notes:
  - Only V(cfmappings) and the collection's own destination sets are written. These sets belong to the subscriber and
    are named C(ngcp.fax). Do not use this name for your own sets, and do not use these sets for other call forwards.
  - Regardless of O(concurrency), the platform handles only one write of call forwards at a time.
  - If the subscriber's primary number changes, the call forward follows it.
seealso:
  - module: ngcp.fax.fax_forward_info
  - module: ngcp.fax.fax_settings
"""

EXAMPLES = r"""
- name: Forward all calls of subscriber 3 to its fax box
  ngcp.fax.fax_forward:
    api_url: https://ngcp.example.org:1443
    api_username: automation
    api_password: "{{ vault_ngcp_password }}"
    subscriber_id: 3
    forward: unconditional

- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Forward calls that nobody answers within 20 seconds
      ngcp.fax.fax_forward:
        subscriber: user0004@fax.example.com
        forward: timeout
        ring_timeout: 20

    - name: Replace the call forward to a voicebox
      ngcp.fax.fax_forward:
        subscriber_id: 3
        forward: busy
        replace_foreign: true

    - name: Keep the call forward, but switch it off for now
      ngcp.fax.fax_forward:
        subscriber_id: 3
        forward: busy
        enabled: false

    - name: Remove it
      ngcp.fax.fax_forward:
        subscriber_id: 3
        state: absent

    - name: Let several subscribers receive faxes
      ngcp.fax.fax_forward:
        forward: unconditional
        subscribers:
          - subscriber: user0005@voip.example.net
          - number: "+43 1 90006"
          - subscriber_id: 7
            forward: none
        max_changes: 3
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
      description:
        - The fields that differ, with C(field), C(before) and C(after). In addition to the fields of the input,
          C(fax_box) is the number whose fax box is the destination, C(competing) lists other call forwards of the type,
          and C(surplus) lists what the collection has created in excess of the one call forward.
      type: list
      elements: dict
      sample: [{"field": "forward", "before": "none", "after": "unconditional"}]
    patch:
      description:
        - The operations that were sent (in check mode, would be sent), each with the full path starting at C(/api).
          They are the operations of one or more C(PATCH) requests; C(remove) of a whole destination set stands for a
          C(DELETE) request.
      type: list
      elements: dict
      sample:
        - op: add
          path: /api/cfmappings/4711/cfu/-
          value:
            destinationset:
              name: ngcp.fax
              destinations:
                - {destination: fax2mail, priority: 1, timeout: 300}
    settings:
      description:
        - The call forward after the run (in check mode, as predicted), if known, with the same fields as
          RV(ignore:subscribers[].changes).
      type: dict
      sample: {"forward": "unconditional", "enabled": true, "fax_box": "4315550123", "competing": null, "surplus": null}
    error:
      description:
        - Why the subscriber failed or is unverified, with C(code), C(http_status), C(message), C(retryable) and
          C(hint). Some codes describe the state on the platform; see
          R(Troubleshooting by error code, ansible_collections.ngcp.fax.docsite.troubleshooting).
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
  sample: {"total": 1, "changed": 1, "unchanged": 0, "failed": 0, "unverified": 0, "not_attempted": 0, "requests": 7,
           "retries": 0}
diff:
  description:
    - One entry for each changed subscriber, with only the changes as YAML text.
  returned: always, unless the input is wrong
  type: list
  elements: dict
  sample: [{"before_header": "alice@example.org (4711)", "after_header": "alice@example.org (4711)",
            "before": "forward: none\n", "after": "forward: unconditional\n"}]
run:
  description:
    - What ran on which platform, with C(module), C(platform) (its address) and C(check_mode). M(ngcp.fax.drift_report)
      uses it to tell results apart.
  returned: always, unless the input is wrong
  type: dict
  sample: {"module": "fax_forward", "platform": "https://ngcp.example.org:1443", "check_mode": false}
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

from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task


def main() -> None:
    """Run the module."""
    run_module(settings_task(FORWARD))


if __name__ == "__main__":
    main()
