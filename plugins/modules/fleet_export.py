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
  - Takes what M(ngcp.fax.fax_settings_info), M(ngcp.fax.mail2fax_settings_info) and M(ngcp.fax.fax_forward_info)
    returned and writes a file that declares exactly that, for M(ngcp.fax.fleet) and the role P(ngcp.fax.fleet#role).
  - The file is complete. A name or list that a subscriber does not have is declared as empty, so that one that appears
    later is seen. Secrets are only in it if they were read; otherwise the file neither clears nor changes them.
  - Names on the platform are texts that subscribers may write themselves. In a YAML file, those that Ansible would take
    for templates are marked with C(!unsafe), so that the file can be used as variables. JSON cannot mark
    them, so that they are left out there, with a warning.
  - A field with a value that nobody could declare (the platform does not check notification addresses and regular
    expressions) is left out with a warning, which means that it stays as it is.
  - It works on the control node alone.
extends_documentation_fragment:
  - ngcp.fax.attributes
  - ngcp.fax.attributes.control_node
options:
  dest:
    description:
      - The file, ending in C(.yml), C(.yaml), C(.json) or C(.csv). A relative path starts at the directory in which the
        command was started. Its mode becomes V(0600).
    type: str
    required: true
  fax_settings:
    description:
      - Name of the variable in which M(ngcp.fax.fax_settings_info) was registered. As a name, because templating the
        results of thousands of subscribers takes long.
      - At least one of O(fax_settings), O(mail2fax_settings) and O(fax_forward) is needed.
    type: str
  mail2fax_settings:
    description: Name of the variable in which M(ngcp.fax.mail2fax_settings_info) was registered.
    type: str
  fax_forward:
    description: Name of the variable in which M(ngcp.fax.fax_forward_info) was registered.
    type: str
  allow_empty:
    description:
      - Whether a file without a single subscriber is fine. Otherwise it is an error and nothing is written, because
        more often a domain or customer was misspelt.
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
  - In a CSV file C("") stands for an empty text. Cells that spreadsheet programs would run as formulas, because they
    begin with C(=), C(+), C(-), C(@) or the like, have an apostrophe in front. It is taken away when the file is read.
seealso:
  - module: ngcp.fax.fleet
"""

EXAMPLES = r"""
- name: Read the fax settings of everybody
  ngcp.fax.fax_settings_info:
  register: fax

- name: Read the mail to fax settings of everybody
  ngcp.fax.mail2fax_settings_info:
  register: mail2fax

- name: Read the call forwards of everybody
  ngcp.fax.fax_forward_info:
  register: forwards

- name: Declare them
  ngcp.fax.fleet_export:
    dest: /tmp/fleet.yml
    fax_settings: fax
    mail2fax_settings: mail2fax
    fax_forward: forwards
"""

RETURN = r"""
msg:
  description: How many subscribers were exported, and where to.
  returned: success
  type: str
  sample: 300 subscribers in /tmp/fleet.yml, 1 field left out
dest:
  description: The file.
  returned: success
  type: str
  sample: /tmp/fleet.yml
total:
  description: How many subscribers the file has.
  returned: success
  type: int
  sample: 300
left_out:
  description:
    - The fields that cannot be declared as they are, with C(subscriber_id), C(subscriber), C(field) and C(message).
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
