#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fax_forward_info
short_description: Read the call forwards to the fax box of Sipwise NGCP subscribers
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Returns for one subscriber, for a list of subscribers, for everybody in a customer or domain, or for everybody whom
    the user may see, which calls are forwarded to the subscriber's own fax box.
  - The list that is returned can be used as C(subscribers) of M(ngcp.fax.fax_forward) as it is.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.subscriber
  - ngcp.fax.subscriber.keys
options:
  subscribers:
    description:
      - Many subscribers in one task. Fields other than the keys are ignored.
      - With no option that names subscribers, everybody whom the user may see is returned.
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
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
seealso:
  - module: ngcp.fax.fax_forward
"""

EXAMPLES = r"""
- name: Read which calls of subscriber 3 go to its fax box
  ngcp.fax.fax_forward_info:
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
    - name: Read the call forwards of everybody in a domain
      ngcp.fax.fax_forward_info:
        select:
          domain: pbx.example.org
      register: fleet

    - name: Show who receives no faxes, and what their calls are forwarded to instead
      ansible.builtin.debug:
        msg: "{{ item.subscriber }}: {{ item.competing | default('nothing', true) }}"
      loop: "{{ fleet.subscribers | selectattr('forward', 'equalto', 'none') }}"
      loop_control:
        label: "{{ item.subscriber_id }}"
"""

RETURN = r"""
subscribers:
  description: The subscribers with their call forwards, in the order of ids.
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
    forward:
      description:
        - The type of the call forward to the fax box, V(none) where there is none. Where there are several, it is the
          first in the order of the choices of O(ngcp.fax.fax_forward#module:forward).
        - A call forward to somebody else's fax box does not count. See RV(subscribers[].competing).
      type: str
      sample: unconditional
    enabled:
      description: Whether it is on.
      returned: where there is one
      type: bool
      sample: true
    ring_timeout:
      description: The seconds until a call is forwarded. Null if there are none.
      returned: with V(timeout) as RV(subscribers[].forward)
      type: int
      sample: 20
    fax_box:
      description:
        - The number whose fax box it leads to. It differs from the subscriber's primary number where somebody has
          changed the collection's destination set, and may then be another address.
      returned: where there is a call forward to the fax box
      type: str
      sample: "4315550123"
    competing:
      description:
        - What else there is of the same type (of V(unconditional) where RV(subscribers[].forward) is V(none)), as text.
          Null if there is nothing.
      type: str
      sample: "'sip:vmu4315550123@voicebox.local' (destination set 'quickset_cfu')"
    surplus:
      description:
        - What there is of the collection's beside the one call forward, as text; the module
          M(ngcp.fax.fax_forward) removes it. Null if there is nothing.
      type: str
      sample: 1 unused destination set
summary:
  description: How many subscribers were asked for, and how many HTTP requests that took.
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
      input also C(entry) and C(field), the wrong values in C(details) (of more than 100 the first ones), and how many
      more there are in C(details_left_out).
  returned: when the task as a whole failed
  type: dict
  sample: {"code": "unauthorized", "http_status": 403, "message": "The server refuses the log-in", "retryable": false,
           "hint": "Check api_username and api_password."}
"""

from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task


def main() -> None:
    """Run the module."""
    run_module(info_task(FORWARD))


if __name__ == "__main__":
    main()
