#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fax_info
short_description: Read the fax journal of the Sipwise NGCP
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Returns one entry of the journal of sent and received faxes, or all entries that match a filter.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.connection
  - ngcp.fax.connection.modules
  - ngcp.fax.journal
  - ngcp.fax.subscriber.keys
options:
  direction:
    description: Select received faxes (V(in)), sent faxes (V(out)), faxes sent by e-mail (V(mtf)), or all (V(any)).
    type: str
    choices: [in, out, mtf, any]
    default: any
  order:
    description: Whether the oldest (V(asc)) or the newest (V(desc)) entries come first. Entries are ordered by id.
    type: str
    choices: [asc, desc]
    default: asc
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
seealso:
  - module: ngcp.fax.fax_fetch
  - module: ngcp.fax.fax_send
"""

EXAMPLES = r"""
- name: Set the connection once for all tasks of a play
  module_defaults:
    group/ngcp.fax.ngcp:
      api_url: https://ngcp.example.org:1443
      api_username: automation
      api_password: "{{ vault_ngcp_password }}"
  block:
    - name: Obtain the internal IDs of the stored faxes of the subscriber with ID 3
      ngcp.fax.fax_info:
        subscriber_id: 3
      register: stored

    - name: Show them
      ansible.builtin.debug:
        msg: "{{ stored.faxes | map(attribute='fax_id') }}"

    - name: Read the fax with ID 5
      ngcp.fax.fax_info:
        fax_id: 5

    - name: Read the ten newest faxes of the platform that failed
      ngcp.fax.fax_info:
        direction: out
        status: FAILED
        order: desc
        limit: 10
"""

RETURN = r"""
faxes:
  description: The entries, ordered by id (see O(order)).
  returned: success
  type: list
  elements: dict
  contains:
    fax_id:
      description: Id of the fax in the journal.
      type: int
      sample: 5
    subscriber_id:
      description: The platform's id of the subscriber that the fax belongs to.
      type: int
      sample: 3
    time:
      description: When the fax was sent or received, as shown by the platform, in its own time zone.
      type: str
      sample: "2026-11-23 09:12:23"
    time_iso:
      description: The same time in ISO 8601 format, with the platform's offset from UTC.
      type: str
      sample: "2026-11-23T09:12:23+01:00"
    direction:
      description: V(in), V(out) or V(mtf).
      type: str
      sample: in
    caller:
      description: Number of the caller, as rewritten by the platform.
      type: str
      sample: "431110001"
    callee:
      description: Number of the callee, as rewritten by the platform.
      type: str
      sample: "431110002"
    duration:
      description: Duration in seconds.
      type: int
      sample: 35
    pages:
      description: Number of pages.
      type: int
      sample: 1
    signal_rate:
      description: Signal rate in bits per second.
      type: int
      sample: 14400
    quality:
      description: Resolution as reported by the platform.
      type: str
      sample: 8031x3850
    reason:
      description: Reason given by the platform.
      type: str
      sample: Normal Clearing
    status:
      description:
        - Status reported by the platform, such as V(SUCCESS) or V(FAILED). Empty while the status is not known yet.
      type: str
      sample: SUCCESS
    filename:
      description:
        - Name of the recording on the platform. It may be empty, and does not show whether there is a recording.
      type: str
      sample: 07AD88F35C484478.tif
summary:
  description: Number of entries returned and number of HTTP requests.
  returned: success
  type: dict
  sample: {"total": 1, "requests": 3, "retries": 0}
error:
  description: Why the task failed, with C(code), C(http_status), C(message), C(retryable) and C(hint).
  returned: when the task failed
  type: dict
  sample: {"code": "not_found", "http_status": 404, "message": "The server responded with 404", "retryable": false,
           "hint": "It does not exist, is terminated, or belongs to somebody else."}
"""

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.info_task import fax_info_task
from ansible_collections.ngcp.fax.plugins.module_utils._module import run_module


def main() -> None:
    """Run the module."""
    run_module(fax_info_task())


if __name__ == "__main__":
    main()
