# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of what all modules share that declare something for subscribers, and (``PATCH``) of what only
    those for settings have."""

    DOCUMENTATION = r"""
options:
  subscribers_file:
    description:
      - A file with the same entries as O(subscribers), for fleets that are too large for a variable. It is searched for
        in C(files/) on the control node, like the C(src) of M(ansible.builtin.copy), and can be vaulted.
      - C(.json), C(.yml) and C(.yaml) files contain a list of entries, or a dictionary with such a list under
        C(subscribers). Values are taken exactly as written; C(0123) and C(12:30) remain strings. A duplicate key is an
        error, and so are the tag C(!vault) (encrypt the whole file instead) and more than one document.
      - The first row of a C(.csv) file names the columns, which are the keys and fields of an entry. An empty cell
        means that the field is not set; two double quotes (C("")) stand for an empty string. Blanks around cells are
        ignored, and so are rows and columns without content. In a cell that holds a list, separate the elements by C(;)
        or line breaks. An element is its first value followed by words, for example C(in@example.org PDF outgoing=no;
        copy@example.org). A cell that begins with C([) is read as JSON.
    type: path
  max_changes:
    description:
      - Maximum number of subscribers that may change in this task, as a number or as a percentage of all subscribers of
        the task, such as V(10%).
      - If more would change, the task fails before the first write.
    type: str
  on_error:
    description:
      - V(continue) continues with the other subscribers when one fails; the task fails at the end.
      - V(stop) leaves the subscribers after a failure unchanged. If a subscriber cannot be found or read, nothing is
        written at all.
    type: str
    choices: [continue, stop]
    default: continue
  return_unchanged:
    description: Whether RV(subscribers) also lists unchanged subscribers when the task is for more than one.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
notes:
  - Everything is read and planned before the first write. If a value is wrong or a subscriber is named twice, the task
    fails before anything is written.
"""

    PATCH = r"""
options:
  state:
    description:
      - V(present) sets the fields that are declared and leaves the others alone.
      - V(replaced) also sets all fields that are not declared to the platform's defaults.
      - V(absent) sets all fields to the platform's defaults, regardless of what else is declared.
    type: str
    choices: [present, replaced, absent]
    default: present
notes:
  - Each subscriber that differs gets exactly one C(PATCH) request; the others get none.
  - With every change, the platform checks all settings of the subscriber. If it has an address stored that it no longer
    accepts, the subscriber fails (in check mode as well) unless the declaration replaces or removes that address.
"""
