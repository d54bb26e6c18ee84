# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of the attributes that all modules have; each module states its own level of support."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)) in diff mode.
  idempotent:
    description:
      - A second run with the same options, outside of check mode, changes nothing, provided that nobody else has
        changed anything in between.
"""

    # In addition, for what only runs on the control node and does not contact the platform.
    CONTROL_NODE = r"""
attributes:
  action:
    description: Is an action plugin and runs on the control node, whichever host the task is for.
    support: full
requirements:
  - python >= 3.10 on the control node
"""
