#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: role_variables
short_description: Refuse misspelt variables of the collection's roles and playbooks
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Fails if the host has an unknown variable with one of the prefixes of the collection's roles and playbooks
    (C(fleet_), C(drift_report_), C(archive_), C(export_), C(undo_)), and suggests the closest known name. A misspelt
    variable would count as not set, which often selects all subscribers.
  - An unknown extra variable is also refused if its name is almost the same as a known one, such as
    C(achive_subscriber).
  - A known variable that is set but empty is refused as well. C(default(omit)) counts as not set.
  - The roles and playbooks start with this module. It runs on the control node only, regardless of the host, and does
    not contact the platform.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.attributes.control_node
options:
  parts:
    description:
      - The roles and playbooks whose variables to check.
      - V(connection) stands for the connection variables of the collection's playbooks. These have no common prefix,
        and only misspelt extra variables are found.
    type: list
    elements: str
    choices: [archive, connection, drift_report, export, fleet, undo]
    required: true
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
notes:
  - If other variables of yours begin with one of the prefixes, list their names in the variable
    C(ngcp_fax_other_variables). Registered results of tasks are not checked.
seealso:
  - module: ngcp.fax.fleet
"""

EXAMPLES = r"""
- name: Stop if a variable of the role archive is misspelt
  ngcp.fax.role_variables:
    parts: [archive]
"""

RETURN = r"""
error:
  description: Why the task failed, with C(code), C(message) and C(hint), and further keys.
  returned: failure
  type: dict
  sample: {"code": "invalid_input", "http_status": null, "retryable": false, "entry": "", "field": "export_doman",
           "message": "export_doman: is not a variable of ngcp.fax; did you mean 'export_domain'?",
           "hint": "Nothing was read or written. If this is a variable of your own, add its name to
           ngcp_fax_other_variables."}
"""
