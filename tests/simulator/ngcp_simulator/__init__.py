# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator of the fax service of the NGCP C5 platform."""

from __future__ import annotations

from .accounts import Account
from .answers import Answer
from .audit import Audit, Record
from .faults import Fault
from .simulator import Simulator
from .switches import Switches

__all__ = ["Account", "Answer", "Audit", "Fault", "Record", "Simulator", "Switches"]
