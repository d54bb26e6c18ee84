#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: drift_report
short_description: Write reports about the drift of fax settings
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Turns the results of tasks with M(ngcp.fax.fax_settings), M(ngcp.fax.mail2fax_settings), M(ngcp.fax.fax_forward) and
    M(ngcp.fax.fleet) into one report in four
    forms, C(drift.json) for programs, C(drift.html) and C(drift.md) for people, and C(drift.junit.xml) for systems of
    continuous integration.
  - Results of M(ngcp.fax.fax_readiness_info) become a report of their own, C(readiness.html) and C(readiness.md) for
    people and C(readiness.json) for programs. Without other results there is no report about drift.
  - A subscriber that several tasks look at becomes one entry.
  - The role P(ngcp.fax.drift_report#role) runs the tasks as well. The callback plugin
    P(ngcp.fax.drift_report#callback) reports on any playbook without editing it.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.attributes.control_node
options:
  results:
    description:
      - What the tasks registered, also those that ran in a loop, as names of the variables or as such. Skipped tasks
        are left out.
      - Names are much faster, because Ansible does not have to look for templates in thousands of subscribers.
      - In a result with C(return_unchanged), subscribers without a difference are named; else they are only counted.
      - Exactly one of O(results) and O(plan) is needed.
    type: list
    elements: raw
  plan:
    description:
      - Path of a plan on the control node that M(ngcp.fax.fleet) wrote with O(ngcp.fax.fleet#module:plan_out). The
        report shows what the plan would change, for whoever is to approve it.
      - A relative path counts from the directory in which Ansible was started.
    type: path
  dir:
    description:
      - The directory on the control node that the reports are written to. It is created if it is missing.
      - A relative path counts from the directory in which Ansible was started.
    type: path
    required: true
    aliases: [dest]
  mode:
    description: Permissions of the files as octal digits.
    type: raw
    default: "0600"
  title:
    description: The title of the reports. With the default, one about readiness is called C(Fax readiness).
    type: str
    default: "Fax settings: drift report"
  started:
    description:
      - When the settings began to be read, in ISO 8601, for the report. For a O(plan) the default is when it was made.
    type: str
  fail_on_drift:
    description: Whether the task fails, after the files are written, if a subscriber differs from what is declared.
    type: bool
    default: false
  fail_on_errors:
    description:
      - Whether the task fails, after the files are written, if a subscriber could not be checked or found, or a task is
        missing in the report.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    details:
      - The reports are written in check mode too, which is when they are wanted most. The task never counts as changed,
        because nothing changes on the platform or on any host.
  diff_mode:
    support: none
  idempotent:
    support: full
notes:
  - It runs on the control node, whichever host the task is for.
  - Secrets are masked in the results already, and so in the reports.
seealso:
  - module: ngcp.fax.fax_settings
  - module: ngcp.fax.mail2fax_settings
  - module: ngcp.fax.fax_forward
  - module: ngcp.fax.fleet
  - module: ngcp.fax.fax_readiness_info
"""

EXAMPLES = r"""
- name: See what differs, without changing it
  ngcp.fax.fax_settings:
    subscribers_file: fleet.csv
    return_unchanged: true
  check_mode: true
  register: fax
  ignore_errors: true

- name: Write the reports, and fail if anything differs
  ngcp.fax.drift_report:
    results: [fax]
    dir: drift-report
    fail_on_drift: true

- name: Find out who would receive a fax
  ngcp.fax.fax_readiness_info:
    subscribers_file: fleet.csv
  register: readiness

- name: Write a page about it
  ngcp.fax.drift_report:
    results: [readiness]
    dir: drift-report

- name: Show what a plan would change
  ngcp.fax.drift_report:
    plan: plan.json
    dir: approval
    title: Plan for the branch offices
"""

RETURN = r"""
drift:
  description:
    - The summary of the report, as it stands in C(drift.json). C(subscribers) counts every subscriber once,
      C(resources) those of each module, and C(fields) those that differ in a field.
  returned: when a drift report was written
  type: dict
  sample:
    subscribers:
      {"total": 300, "in_sync": 288, "corrected": 0, "drifted": 10, "not_attempted": 0, "unverified": 0, "failed": 2}
    exact: true
    changed_fields: 12
    resources: {}
    fields: []
    tasks: 2
    requests: 8
    problems: 0
readiness:
  description:
    - The summary of the report about readiness, as it stands in C(readiness.json). C(subscribers) counts every
      subscriber once, C(receives), C(sends) and C(mails) the verdicts about those that were checked, and C(codes) the
      subscribers with each reason.
  returned: when there are results of M(ngcp.fax.fax_readiness_info)
  type: dict
  sample:
    subscribers: {"total": 300, "ready": 298, "unknown": 0, "not_ready": 2}
    receives: {"true": 298, "false": 2, "unknown": 0}
    sends: {"true": 300, "false": 0, "unknown": 0}
    mails: {"true": 300, "false": 0, "unknown": 0}
    codes: [{"code": "forward_missing", "subscribers": 2}]
    tasks: 1
    requests: 21
    problems: 0
files:
  description: The paths of the reports; of those about readiness as C(readiness_html) and so on.
  returned: when the reports were written
  type: dict
  sample: {"json": "/srv/reports/drift.json", "html": "/srv/reports/drift.html", "md": "/srv/reports/drift.md",
           "junit": "/srv/reports/drift.junit.xml"}
"""
