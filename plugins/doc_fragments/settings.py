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
      - A file with the same entries as O(subscribers), for fleets that are too large for a variable.
        It is found like the C(src) of M(ansible.builtin.copy), in C(files/) on the control node, and it may be vaulted.
      - C(.json), C(.yml) and C(.yaml) files hold a list of entries, or a dictionary with such a list under
        C(subscribers). Values are taken as they are written, so that C(0123) and C(12:30) stay such texts. A key that
        is there twice is an error, and so are the tag C(!vault) (encrypt the whole file) and more than one document.
      - The first row of a C(.csv) file names the columns, which are the keys and fields of an entry. An empty cell
        means that the field is not given; two double quotes (C("")) are the empty text. Outer blanks of cells do not
        count, and neither do rows and columns without content. In the cell of a list, elements are separated by C(;) or
        line breaks, and an element is its first value followed by words, such as
        C(in@example.org PDF outgoing=no; copy@example.org). A cell that begins with C([) is read as JSON.
    type: path
  max_changes:
    description:
      - Most subscribers that may change in this task, as a number or as a percentage of all of them such as V(10%).
      - If more would change, the task fails before the first write.
    type: str
  on_error:
    description:
      - V(continue) goes on with the other subscribers when one fails; the task fails at the end.
      - V(stop) leaves the subscribers that come after a failure as they are. If one of the subscribers cannot be
        found or read, nothing is written at all.
    type: str
    choices: [continue, stop]
    default: continue
  return_unchanged:
    description: Whether RV(subscribers) also lists the subscribers without a change, in the forms for many.
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
  - Everything is read and planned before the first write. A wrong value, or a subscriber that is named twice, fails
    the task before anything is written.
"""

    PATCH = r"""
options:
  state:
    description:
      - V(present) sets the fields that are given and leaves the others alone.
      - V(replaced) also sets all fields that are not given to the platform's defaults.
      - V(absent) sets all fields to the platform's defaults, whatever else is given.
    type: str
    choices: [present, replaced, absent]
    default: present
notes:
  - Each subscriber with a difference gets exactly one C(PATCH) request; the others get none.
  - The platform checks all settings of a subscriber with every change. Where it has an address that it would not take
    any more, the subscriber fails, in check mode too, unless the declaration replaces or removes that address.
"""
