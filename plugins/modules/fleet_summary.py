#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_summary
short_description: Add what became of a chunk to the summary of a fleet run
version_added: "0.1.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Takes what M(ngcp.fax.fax_settings) and M(ngcp.fax.mail2fax_settings) did with a chunk of M(ngcp.fax.fleet_plan) and
    adds it to the summary of the chunks before.
  - It is a step of the role P(ngcp.fax.fleet#role), and works on the control node alone.
extends_documentation_fragment:
  - ngcp.fax.attributes
options:
  fleet:
    description: Name of the variable in which M(ngcp.fax.fleet_entries) was registered.
    type: str
    required: true
  plan:
    description: Name of the variable in which M(ngcp.fax.fleet_plan) was registered.
    type: str
    required: true
  so_far:
    description:
      - Name of the variable in which this module was registered for the chunk before. For the first chunk it need not
        exist.
    type: str
    required: true
  chunk:
    description: Number of the chunk, counted from 1.
    type: int
    required: true
  fax_settings:
    description: Name of the variable in which M(ngcp.fax.fax_settings) was registered. Needed if it has entries.
    type: str
  mail2fax_settings:
    description: Name of the variable in which M(ngcp.fax.mail2fax_settings) was registered. Needed if it has entries.
    type: str
  on_error:
    description: Whether the chunks that follow may be tried after a failure, V(continue) or V(stop).
    type: str
    choices: [continue, stop]
    default: continue
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: ngcp.fax.fleet_entries
  - module: ngcp.fax.fleet_plan
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

- name: Put what has to change into one chunk
  ngcp.fax.fleet_plan:
    fleet: fleet
    fax_settings: predicted
    chunk_size: 1000000
  register: plan

- name: Apply the changes
  when: plan.chunks | length > 0
  block:
    - name: Apply the only chunk
      ngcp.fax.fax_settings:
        subscribers_file: "{{ plan.chunks[0].fax_settings.file }}"
      register: applied

    - name: Sum up
      ngcp.fax.fleet_summary:
        fleet: fleet
        plan: plan
        so_far: progress
        chunk: 1
        fax_settings: applied
      register: progress

- name: Remove the files
  ansible.builtin.file:
    path: "{{ fleet.dest }}"
    state: absent
  check_mode: false
"""

RETURN = r"""
summary:
  description: The summary so far, in the form that RV(ngcp.fax.fleet_plan#module:summary) has.
  returned: success
  type: dict
  sample: {"total": 2, "changed": 1, "unchanged": 1, "failed": 0, "unverified": 0, "not_attempted": 0, "requests": 7,
           "retries": 0, "failures": [], "more_failures": 0,
           "fax_settings": {"total": 2, "changed": 1, "unchanged": 1, "failed": 0, "unverified": 0, "not_attempted": 0},
           "mail2fax_settings": {"total": 0, "changed": 0, "unchanged": 0, "failed": 0, "unverified": 0,
                                 "not_attempted": 0}}
lines:
  description: The summary as lines to show.
  returned: success
  type: list
  elements: str
  sample: ["2 subscribers: 1 changed, 1 unchanged (7 requests)"]
stop:
  description: Whether the chunks that follow must not be tried. After a chunk with V(true) this task only repeats it.
  returned: success
  type: bool
  sample: false
msg:
  description: What became of this chunk, to show.
  returned: always
  type: str
  sample: "Chunk 1 of 1: 1 subscriber: 1 changed"
error:
  description: Why the task failed, with C(code), C(message) and C(hint), and further keys.
  returned: failure
  type: dict
  sample: {"code": "invalid_input", "http_status": null, "message": "must be 1 to 3, not 4", "retryable": false,
           "hint": null, "entry": "", "field": "chunk"}
"""
