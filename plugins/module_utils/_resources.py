# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Everything that can be declared for a subscriber: one table for each of it."""

from __future__ import annotations

from ._forwards.resource import FORWARD
from ._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS

# In the order in which they are applied and shown. A name in a fleet file that several of them have means the field of
# the first one.
RESOURCES = (FAX_SETTINGS, MAIL2FAX_SETTINGS, FORWARD)
