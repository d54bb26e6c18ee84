# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = """
name: nobody
short_description: Become the user that one is already, for tests
description: Runs commands as they are.
options:
  become_user:
    description: Not used.
    default: root
  become_exe:
    description: Not used.
  become_flags:
    description: Not used.
  become_pass:
    description: Not used.
"""

from ansible.plugins.become import BecomeBase


class BecomeModule(BecomeBase):
    """Needs no rights, so that tests can use it everywhere."""

    name = "nobody"

    def build_become_command(self, cmd, shell):
        """Return the command as it is."""
        super().build_become_command(cmd, shell)
        return cmd
