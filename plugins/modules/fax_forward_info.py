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
  - Returns which calls are forwarded to a subscriber's own fax box, for one subscriber, for a list of subscribers, for
    all subscribers of a customer or domain, or for all subscribers that the user can see.
  - The returned list can be used unchanged as C(subscribers) of M(ngcp.fax.fax_forward).
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
  include_competing:
    description:
      - Whether to return RV(subscribers[].competing), the other targets of call forwards, also for subscribers without
        a call forward to their fax box.
      - The call forwards of all subscribers are then read, which takes the platform several times as long. By default
        they are read only for subscribers that may have a call forward to their fax box.
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
  - module: ngcp.fax.fax_forward
"""

EXAMPLES = r"""
- name: Read which calls of subscriber 3 are forwarded to its fax box
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
    - name: Read the call forwards of all subscribers of a domain
      ngcp.fax.fax_forward_info:
        select:
          domain: pbx.example.org
        include_competing: true
      register: fleet

    - name: Show the subscribers that do not receive faxes, and where their calls are forwarded instead
      ansible.builtin.debug:
        msg: "{{ item.subscriber }}: {{ item.competing | default('nothing', true) }}"
      loop: "{{ fleet.subscribers | selectattr('forward', 'equalto', 'none') }}"
      loop_control:
        label: "{{ item.subscriber_id }}"
"""

RETURN = r"""
subscribers:
  description: The subscribers with their call forwards, ordered by id.
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
        - The type of the call forward to the fax box, or V(none). If there are several, it is the first in the order of
          the choices of O(ngcp.fax.fax_forward#module:forward).
        - A call forward to somebody else's fax box does not count. O(include_competing) shows it.
      type: str
      sample: unconditional
    enabled:
      description: Whether the call forward is on.
      returned: if there is a call forward to the fax box
      type: bool
      sample: true
    ring_timeout:
      description: Number of seconds until a call is forwarded. Null if not set.
      returned: with V(timeout) as RV(subscribers[].forward)
      type: int
      sample: 20
    fax_box:
      description:
        - The number to whose fax box the call forward leads. It differs from the subscriber's primary number if
          somebody has changed the collection's destination set, and may then be another address.
      returned: if there is a call forward to the fax box
      type: str
      sample: "4315550123"
    competing:
      description:
        - Other call forwards of the same type (of type V(unconditional) if RV(subscribers[].forward) is V(none)), as a
          string. Null if there are none.
      returned: if there is a call forward to the fax box, and always with O(include_competing)
      type: str
      sample: "'sip:vmu4315550123@voicebox.local' (destination set 'quickset_cfu')"
    surplus:
      description:
        - What the collection has created in excess of the one call forward, as a string; M(ngcp.fax.fax_forward)
          removes it. Null if there is nothing.
      type: str
      sample: 1 unused destination set
    problem:
      description:
        - Why a declaration of exactly this state would change something or fail, for example because there is a second
          call forward of the same type. Usually null. The playbook C(ngcp.fax.export) leaves out such call forwards.
      type: str
      sample: "The subscriber has another call forward of type unconditional (cfu): 'sip:4315550001@example.org'
               (destination set 'quickset_cfu')"
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

from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module
from ansible_collections.ngcp.fax.plugins.module_utils._settings.info_task import info_task


def main() -> None:
    """Run the module."""
    run_module(info_task(FORWARD))


if __name__ == "__main__":
    main()
