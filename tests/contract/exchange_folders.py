# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where exchanges are: the project's own cases, and what was recorded with a platform."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "NGCP_CONTRACT_EXCHANGES"
HERE = Path(__file__).resolve().parent
CASES = HERE / "cases"


def recordings_folder() -> Path:
    """Return the recordings' folder, which need not exist: as the environment names it, or beside the checkout."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else HERE.parents[2] / "shared" / "contract" / "exchanges"


def folders() -> list[Path]:
    """Return the folders with exchanges: the cases, the recordings, and the folders beside those whose names begin with
    the name of the recordings and a hyphen (``exchanges-callforwards``)."""
    recordings = recordings_folder()
    beside = sorted(recordings.parent.glob(f"{recordings.name}-*"))
    return [CASES, *(folder for folder in (recordings, *beside) if folder.is_dir())]
