#!/usr/bin/python
# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: fleet_entries
short_description: Check a fleet of subscribers and prepare it for the settings modules
version_added: "0.1.0"
author:
  - ngcp.fax contributors (@ngcp-fax)
description:
  - Reads a fleet, which is what many subscribers shall have as fax and mail to fax settings, and checks every entry.
    All errors are told at once, with file, row and field.
  - Writes files that M(ngcp.fax.fax_settings) and M(ngcp.fax.mail2fax_settings) take as C(subscribers_file). An entry
    is only in the files of those modules whose fields it has.
  - The roles P(ngcp.fax.fleet#role) and P(ngcp.fax.drift_report#role) use it. It works on the control node alone,
    whatever the host, and does not talk to the platform.
extends_documentation_fragment:
  - ngcp.fax.attributes
options:
  src:
    description:
      - A fleet file. It is found like the C(src) of M(ansible.builtin.copy), in C(files/) on the control node, or else
        from the directory in which the command was started. It may be vaulted.
      - C(.csv), C(.json), C(.yml) and C(.yaml) are possible. See the notes for what an entry may have.
      - Exactly one of O(src), O(subscribers) and O(hosts) is needed.
    type: str
  subscribers:
    description:
      - The entries as a list of dictionaries. For thousands of entries a file is much faster.
    type: raw
  hosts:
    description:
      - Names of inventory hosts. Those that have one of the variables C(fleet_entry), C(fleet_fax) and
        C(fleet_mail2fax) become entries, the others are left out. Unknown variables that begin with C(fleet_) are
        errors, see M(ngcp.fax.role_variables).
      - C(fleet_entry) is an entry as in a file, C(fleet_fax) and C(fleet_mail2fax) are its nested parts. The subscriber
        is named by the entry itself, else by the first of the variables C(ngcp_subscriber_id), C(ngcp_subscriber),
        C(ngcp_number) and C(ngcp_subscriber_external_id), else by the host's name if that is C(user@domain).
    type: list
    elements: str
  dest:
    description:
      - Directory for the files. It is made with mode V(0700) if it is not there, files in it get mode V(0600).
      - The default is a new directory among Ansible's own temporary files. The files in it are encrypted, so that only
        later tasks of the same run can use them, and nobody can read the secrets in them should the run be killed.
        Remove it after use; what runs that were killed have left is removed by the next one.
      - In a directory that you name, the files are JSON in clear text.
    type: path
  positions:
    description:
      - Positions of entries in the input, counted from 0. Only these are written; all of them are checked. At least one
        is needed.
    type: list
    elements: int
  chunk_size:
    description: Most subscribers of one chunk, each of which has a file of its own. The default is one chunk for all.
    type: int
  modes:
    description:
      - How the settings modules will take each list, by its name, for example C(destinations=merge). The default is
        V(replace) for each.
      - Elements with V(absent) as their C(state) are errors in lists that are not merged.
    type: dict
    default: {}
  allow_empty:
    description:
      - Whether a fleet without a single entry is fine. Otherwise it is an error, because more often a file was cut off,
        a variable is empty, or no host has the variables.
    type: bool
    default: false
attributes:
  check_mode:
    support: partial
    details:
      - Files are written in check mode too, because the tasks that follow need them to check anything. The task never
        reports a change.
  diff_mode:
    support: none
notes:
  - An entry names its subscriber by C(subscriber_id), C(subscriber), C(number) or C(subscriber_external_id).
  - The fields are those of both settings modules. C(active) means the fax service, C(mail2fax_active) the mail to fax
    service. Every field may also have the prefix C(fax_) or C(mail2fax_), and outside of CSV be nested in a dictionary
    C(fax) or C(mail2fax). The same field twice in an entry is an error.
  - Fields that the info modules return and only the server sets are ignored.
seealso:
  - module: ngcp.fax.fax_settings
  - module: ngcp.fax.mail2fax_settings
"""

EXAMPLES = r"""
- name: Check a fleet file and prepare both modules' input
  ngcp.fax.fleet_entries:
    src: fleet.csv
  register: fleet

- name: See what would change
  ngcp.fax.fax_settings:
    subscribers_file: "{{ fleet.fax_settings.files[0] }}"
  check_mode: true

- name: Remove the files
  ansible.builtin.file:
    path: "{{ fleet.dest }}"
    state: absent
  check_mode: false
"""

RETURN = r"""
dest:
  description: The directory with the files.
  returned: success
  type: str
  sample: /tmp/ngcp-fax-x2k1
places:
  description: A JSON file with what messages call each entry of the input, such as C(fleet.csv row 17).
  returned: success
  type: str
  sample: /tmp/ngcp-fax-x2k1/places.json
total:
  description: How many entries there are, or how many were chosen by O(positions).
  returned: success
  type: int
  sample: 2000
chunks:
  description:
    - The chunks, with C(number), C(total) (how many subscribers), and C(fax_settings) and C(mail2fax_settings) if there
      are entries for that module. These have C(file), C(positions) and C(total).
  returned: success
  type: list
  elements: dict
  sample:
    - number: 1
      total: 1
      fax_settings: {"file": "/tmp/ngcp-fax-x2k1/fax_settings-0001.sealed", "positions": [0], "total": 1}
fax_settings:
  description: What is there for M(ngcp.fax.fax_settings).
  returned: success
  type: dict
  contains: &part
    files:
      description: The files, one for each chunk that has entries for this module.
      type: list
      elements: str
      sample: [/tmp/ngcp-fax-x2k1/fax_settings-0001.sealed]
    positions:
      description:
        - Position in the input of each entry in the files, one file after the other. The C(index) in the result of the
          settings module leads to it.
      type: list
      elements: int
      sample: [0, 2]
    total:
      description: How many entries the files have.
      type: int
      sample: 2
mail2fax_settings:
  description: What is there for M(ngcp.fax.mail2fax_settings).
  returned: success
  type: dict
  contains: *part
errors:
  description:
    - The first 50 errors, with C(file), C(row) and C(line) (of a CSV file; a row with line breaks in it has several
      lines), C(position) (of the entry, counted from 0), C(entry) (what messages call it), C(field) (the column) and
      C(message). Values of secrets are never quoted.
  returned: when entries are wrong
  type: list
  elements: dict
  sample: [{"file": "fleet.csv", "row": 17, "line": 17, "position": 15, "entry": "fleet.csv row 17 (alice@example.org)",
            "field": "t38", "message": "must be true or false, not 'maybe'"}]
errors_total:
  description: How many errors there are.
  returned: when entries are wrong
  type: int
  sample: 1
error:
  description: Why the task failed, with C(code), C(message) and C(hint), and further keys.
  returned: failure
  type: dict
  sample: {"code": "invalid_input", "http_status": null, "message": "cannot find 'fleet.csv'", "retryable": false,
           "hint": null, "entry": "", "field": "src"}
"""
