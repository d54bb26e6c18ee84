#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_plan
short_description: Turn predicted changes of a fleet into chunks to apply
version_added: "0.1.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Takes what M(ngcp.fax.fax_settings) and M(ngcp.fax.mail2fax_settings) predicted in check mode for a fleet that
    M(ngcp.fax.fleet_entries) prepared. Fails with all subscribers that could not be planned, or if too many would
    change. Otherwise writes chunks with those entries that have to change.
  - It is a step of the role P(ngcp.fax.fleet#role), and works on the control node alone.
extends_documentation_fragment:
  - ngcp.fax.attributes
options:
  fleet:
    description:
      - Name of the variable in which M(ngcp.fax.fleet_entries) was registered. As a name, because templating the
        results of thousands of subscribers takes long.
    type: str
    required: true
  fax_settings:
    description: Name of the variable in which M(ngcp.fax.fax_settings) was registered. Needed if it has entries.
    type: str
  mail2fax_settings:
    description: Name of the variable in which M(ngcp.fax.mail2fax_settings) was registered. Needed if it has entries.
    type: str
  chunk_size:
    description: Most subscribers of one chunk.
    type: int
    default: 500
  max_changes:
    description:
      - Most subscribers that may change, as a number or as a percentage of the whole fleet such as V(10%). A subscriber
        whom both modules would change counts once.
    type: str
  on_error:
    description:
      - V(stop) fails if a subscriber cannot be planned, for example because the platform does not know it.
      - V(continue) leaves such subscribers out, and lists them in RV(summary).
    type: str
    choices: [stop, continue]
    default: stop
attributes:
  check_mode:
    support: partial
    details:
      - Files are written in check mode too, because the tasks that follow need them to check anything. The task never
        reports a change.
  diff_mode:
    support: none
seealso:
  - module: ngcp.fax.fleet_entries
  - module: ngcp.fax.fleet_summary
"""

EXAMPLES = r"""
- name: Check a fleet file that declares fax settings only
  ngcp.fax.fleet_entries:
    src: fleet.csv
  register: fleet

- name: Predict the changes
  ngcp.fax.fax_settings:
    subscribers_file: "{{ fleet.fax_settings.files[0] }}"
  check_mode: true
  register: predicted

- name: Never change more than a tenth of the fleet
  ngcp.fax.fleet_plan:
    fleet: fleet
    fax_settings: predicted
    max_changes: 10%
  register: plan

- name: Apply the changes
  ngcp.fax.fax_settings:
    subscribers_file: "{{ item.fax_settings.file }}"
  loop: "{{ plan.chunks }}"
  loop_control:
    label: "chunk {{ item.number }} of {{ plan.chunks | length }}: {{ item.total }} subscribers"

- name: Remove the files
  ansible.builtin.file:
    path: "{{ fleet.dest }}"
    state: absent
  check_mode: false
"""

RETURN = r"""
chunks:
  description:
    - The chunks to apply, in the form that RV(ngcp.fax.fleet_entries#module:chunks) has.
  returned: always, unless an option is wrong
  type: list
  elements: dict
  sample:
    - number: 1
      total: 1
      fax_settings: {"file": "/tmp/ngcp-fax-x2k1/apply-fax_settings-0001.sealed", "positions": [0], "total": 1}
summary:
  description:
    - How many subscribers came to which status so far. Who has to change counts as C(not_attempted). A subscriber whom
      one module could not do counts as C(failed), even if the other one changed it. C(fax_settings) and
      C(mail2fax_settings) have the counts of each module.
    - C(failures) lists the first 50 things that went wrong (C(more_failures) says how many more there are), each with
      C(place) and C(position) in the input, C(subscriber),
      C(subscriber_id), C(modules), C(status), C(code), C(message) and C(hint). Those of a run as a whole have no place.
  returned: always, unless an option is wrong
  type: dict
  sample: {"total": 2, "changed": 0, "unchanged": 1, "failed": 0, "unverified": 0, "not_attempted": 1, "requests": 4,
           "retries": 0, "failures": [], "more_failures": 0,
           "fax_settings": {"total": 2, "changed": 0, "unchanged": 1, "failed": 0, "unverified": 0, "not_attempted": 1},
           "mail2fax_settings": {"total": 0, "changed": 0, "unchanged": 0, "failed": 0, "unverified": 0,
                                 "not_attempted": 0}}
lines:
  description: The summary as lines to show.
  returned: always, unless an option is wrong
  type: list
  elements: str
  sample: ["2 subscribers: 0 changed, 1 unchanged, 1 not attempted (4 requests)"]
error:
  description: Why the task failed, with C(code), C(message) and C(hint), and further keys.
  returned: failure
  type: dict
  sample: {"code": "too_many_changes", "http_status": null, "message": "2 of 2 subscribers would change",
           "retryable": false, "hint": "Nothing was written."}
"""
