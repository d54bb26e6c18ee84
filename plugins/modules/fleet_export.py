#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_export
short_description: Write the settings of subscribers as a fleet file
version_added: "1.0.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Writes the results of M(ngcp.fax.fax_settings_info), M(ngcp.fax.mail2fax_settings_info) and
    M(ngcp.fax.fax_forward_info) to a fleet file that declares exactly these settings, for M(ngcp.fax.fleet) and the
    role P(ngcp.fax.fleet#role).
  - The file is complete. If a subscriber does not have a name or a list, the file declares it as empty, so that a later
    addition shows as drift. The file contains secrets only if they were read; otherwise it neither clears nor changes
    them.
  - Subscribers can change some of these values, such as names, themselves. In a YAML file, values that Ansible would
    take for templates are marked with C(!unsafe), so that the file can be used as variables. In a JSON file they are
    left out with a warning, because JSON cannot mark them.
  - A field whose value cannot be declared is left out with a warning, and a run of the file then leaves it unchanged.
    Such values exist because the platform does not check notification addresses and regular expressions.
  - The module runs on the control node only.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.attributes.control_node
options:
  dest:
    description:
      - The file to write, ending in C(.yml), C(.yaml), C(.json) or C(.csv). A relative path starts at the directory in
        which Ansible was started. The mode of the file is set to V(0600).
    type: str
    required: true
  fax_settings:
    description:
      - Name of the variable in which the result of M(ngcp.fax.fax_settings_info) was registered. It is a name because
        templating the results of thousands of subscribers takes long.
      - At least one of O(fax_settings), O(mail2fax_settings) and O(fax_forward) is needed.
    type: str
  mail2fax_settings:
    description: Name of the variable in which the result of M(ngcp.fax.mail2fax_settings_info) was registered.
    type: str
  fax_forward:
    description: Name of the variable in which the result of M(ngcp.fax.fax_forward_info) was registered.
    type: str
  allow_empty:
    description:
      - Whether a file without any subscribers is acceptable. By default it is an error and nothing is written, because
        the usual cause is a misspelt domain or customer.
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
  - In a CSV file, C("") stands for an empty string. Cells that spreadsheet programs would run as formulas, because they
    begin with C(=), C(+), C(-), C(@) or similar characters, start with an apostrophe. It is removed when the file is
    read.
seealso:
  - module: ngcp.fax.fleet
"""

EXAMPLES = r"""
- name: Read the fax settings of all subscribers
  ngcp.fax.fax_settings_info:
  register: fax

- name: Read the mail to fax settings of all subscribers
  ngcp.fax.mail2fax_settings_info:
  register: mail2fax

- name: Read the call forwards of all subscribers
  ngcp.fax.fax_forward_info:
  register: forwards

- name: Write a file that declares them
  ngcp.fax.fleet_export:
    dest: /tmp/fleet.yml
    fax_settings: fax
    mail2fax_settings: mail2fax
    fax_forward: forwards
"""

RETURN = r"""
msg:
  description: How many subscribers were exported, and to which file.
  returned: success
  type: str
  sample: 300 subscribers in /tmp/fleet.yml, 1 field left out
dest:
  description: Path of the file.
  returned: success
  type: str
  sample: /tmp/fleet.yml
total:
  description: Number of subscribers in the file.
  returned: success
  type: int
  sample: 300
left_out:
  description:
    - The fields whose values cannot be declared, with C(subscriber_id), C(subscriber), C(field) and C(message).
  returned: success
  type: list
  elements: dict
  sample: [{"subscriber_id": 7, "subscriber": "user0007@fax.example.com", "field": "mail2fax_secret_renew_notify",
            "message": "secret_renew_notify[0].destination: 'nobody' must have the form user@example.org"}]
error:
  description: Why the task failed, with C(code), C(message) and C(hint), and further keys.
  returned: failure
  type: dict
  sample: {"code": "file_error", "http_status": null, "message": "cannot write /tmp/fleet.yml: Permission denied",
           "retryable": false, "hint": null}
"""
