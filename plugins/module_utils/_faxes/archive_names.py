# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What files in an archive's folder are called."""

from __future__ import annotations

import os
import re

from .download import Format
from .folder import part_name
from .journal import Fax

INDEX, LOG = "index.json", ".index.log"
FLAT, BY_SUBSCRIBER, BY_DATE = "flat", "by_subscriber", "by_date"
LAYOUTS = (FLAT, BY_SUBSCRIBER, BY_DATE)

_ENDING = ".ngcp-fax-part"
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d) ", re.ASCII)


def file_name(fax: Fax, form: Format, layout: str) -> str:
    """Return the path of a fax below the archive's folder. It comes from the id, never from texts of the server."""
    name = f"{fax.id}.{form.extension}"
    if layout == BY_SUBSCRIBER:
        return os.path.join(str(fax.subscriber_id), name)
    if layout == BY_DATE:
        day = _DAY.match(fax.time)
        return os.path.join(*day.groups(), name) if day else os.path.join("undated", name)
    return name


def temporary_name(path: str) -> str:
    """Return where a file is written before it gets its final name: in the same folder, under a name that the next run
    finds."""
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}{_ENDING}")


def is_temporary(name: str) -> bool:
    """Return whether a file is a temporary one that never got its final name."""
    return name.endswith(_ENDING)


def is_reserved(name: str) -> bool:
    """Return whether a file of this name in the archive's folder belongs to the archive itself."""
    return name in (INDEX, LOG, part_name(INDEX)) or is_temporary(name)
