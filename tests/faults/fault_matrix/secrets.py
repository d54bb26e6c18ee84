# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that must not appear in any result."""

from __future__ import annotations

CANARY = "CANARY"
"""Every secret of the runs holds this word: what is on the server, what is declared, the text of a fax."""
ADMIN_SECRET = f"{CANARY}-admin"
DECLARED_SECRET = f"{CANARY}-new"
STORED_SECRET = f"{CANARY}-server"
FAX_TEXT = f"{CANARY} text"
