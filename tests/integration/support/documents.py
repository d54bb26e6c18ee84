# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows, for integration tests."""

from __future__ import annotations

from ansible_collections.ngcp.fax.tests.unit.support.documents import GUIDES, ROOT, blocks, code_blocks

__all__ = ["GUIDES", "ROOT", "blocks", "code_blocks"]
