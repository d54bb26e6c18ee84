# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A drift document as files: ``drift.json``, ``drift.html``, ``drift.md`` and ``drift.junit.xml``."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup, escape

from ansible_collections.ngcp.fax.plugins.module_utils._files import locked, write_whole
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted, visible

from . import text
from .document import (
    CHECK,
    CORRECTED,
    DRIFTED,
    IN_SYNC,
    RUN,
    STATUSES,
    UNKNOWN,
    is_complete,
)

DEFAULT_TITLE = "Fax settings: drift report"
DEFAULT_MODE = 0o600

# Rows in the reports for people; nobody reads more, and browsers have to cope. drift.json has all of them.
MAX_ROWS = 10_000

_TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")
_SECONDS_FOR_LOCK = 30.0


def render(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of every report, by the name of its kind: ``json``, ``html``, ``md`` and ``junit``."""
    templates = _environment()
    view = _view(document)
    return {
        "json": _as_json(document),
        "html": templates.get_template("drift.html.j2").render(view),
        "md": templates.get_template("drift.md.j2").render(view),
        "junit": templates.get_template("drift.junit.xml.j2").render(view),
    }


def write_reports(document: Mapping[str, Any], folder: str, mode: int = DEFAULT_MODE) -> dict[str, str]:
    """Write all reports into a folder, which is made if it is missing, and return their paths by kind.

    Each file is replaced as a whole, and no two runs write at the same time.

    :raises FileError: another run has been writing for too long.
    :raises OSError: a file cannot be written.
    """
    names = {"json": "drift.json", "html": "drift.html", "md": "drift.md", "junit": "drift.junit.xml"}
    contents = render(document)
    os.makedirs(folder, exist_ok=True)
    paths = {kind: os.path.join(folder, name) for kind, name in names.items()}
    with locked(folder, _SECONDS_FOR_LOCK):
        for kind, path in paths.items():
            write_whole(path, contents[kind].encode("utf-8"), mode)
            if stat.S_IMODE(os.stat(path).st_mode) != mode:  # the umask took something away
                os.chmod(path, mode)
    return paths


def parse_mode(value: Any) -> int:
    """Return the permissions that a user wrote as an octal text, or as a number.

    :raises ValueError: it is neither.
    """
    number = value if isinstance(value, int) and not isinstance(value, bool) else int(str(value), 8)
    if not 0 <= number <= 0o777:
        raise ValueError("it is out of range")
    return number


def headline(document: Mapping[str, Any]) -> list[str]:
    """Return what came out, in one sentence or a few."""
    summary = document["summary"]
    counts = summary["subscribers"]
    about = "" if summary["exact"] else "about "
    total = f"{about}{counted(counts['total'], 'subscriber', form=',')}"
    if not counts["total"]:
        sentences = ["No subscriber was looked at."]
    elif counts[DRIFTED]:
        verb = "differs" if counts[DRIFTED] == 1 else "differ"
        sentences = [f"{counts[DRIFTED]:,} of {total} {verb} from what is declared."]
    elif counts[CORRECTED]:
        verb = "was" if counts[CORRECTED] == 1 else "were"
        sentences = [f"{counts[CORRECTED]:,} of {total} {verb} corrected."]
    elif is_complete(document):
        sentences = [f"All of {total} are in sync." if counts["total"] > 1 else "The subscriber is in sync."]
    else:
        sentences = [f"{counts[IN_SYNC]:,} of {total} {'is' if counts[IN_SYNC] == 1 else 'are'} in sync."]
    unknown = sum(counts[status] for status in UNKNOWN)
    if unknown and counts["total"]:
        sentences.append(f"{unknown:,} could not be checked.")
    if document["problems"]:
        sentences.append(f"{counted(len(document['problems']), 'task')} could not be reported in full.")
    return sentences


def _as_json(document: Mapping[str, Any]) -> str:
    """Return the document as JSON with one line for each subscriber, so that it is small and tools like grep help."""
    head = json.dumps({name: part for name, part in document.items() if name != "subscribers"}, indent=2)
    rows = ",\n    ".join(json.dumps(row) for row in document["subscribers"])
    return head.removesuffix("\n}") + ',\n  "subscribers": ' + (f"[\n    {rows}\n  ]" if rows else "[]") + "\n}\n"


def _view(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates show: the document, in words."""
    limit = text.max_elements(sum(1 for row in document["subscribers"] if row["status"] != IN_SYNC))
    rows = [_shown_row(row, limit) for row in document["subscribers"]]
    rows.sort(key=lambda row: STATUSES.index(row["status"]))
    different = [row for row in rows if row["status"] != IN_SYNC]
    counts = document["summary"]["subscribers"]
    in_sync_rows = len(rows) - len(different)
    return {
        "document": document,
        "summary": document["summary"],
        "counts": counts,
        "headline": headline(document),
        "mode_text": _mode_text(document["mode"]),
        "shown": different[:MAX_ROWS],
        "left_out": max(0, len(different) - MAX_ROWS),
        "in_sync_rows": [row for row in rows if row["status"] == IN_SYNC][: max(0, MAX_ROWS - len(different))],
        "cases": rows,
        "only_counted": counts[IN_SYNC] - in_sync_rows,
        "statuses": [status for status in reversed(STATUSES) if counts[status]],
        "problems": document["problems"],
    }


def _shown_row(row: Mapping[str, Any], limit: int) -> dict[str, Any]:
    return {
        "label": text.label(row),
        "name": None if row["subscriber"] is None else visible(str(row["subscriber"])),
        "id": row["subscriber_id"],
        "platform": row["platform"],
        "status": row["status"],
        "parts": [
            {
                "module": part["module"],
                "host": part["host"],
                "status": part["status"],
                "changes": text.shown_changes(part, limit),
                "error": part["error"],
            }
            for part in row["settings"]
        ],
    }


def _mode_text(mode: str | None) -> str:
    if mode == CHECK:
        return "check mode, nothing was written on the platform"
    if mode == RUN:
        return "real run, what differed was written to the platform"
    return "some tasks in check mode, others wrote to the platform" if mode else "no task came to a result"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=lambda name: name is not None and name.endswith((".html.j2", ".xml.j2")),
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        lstrip_blocks=True,
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        breakable=_breakable,
        change=text.change_text,
        counted=counted,
        md=lambda value: text.markdown(str(value)),
        module=text.module_title,
        status=text.STATUS_WORDS.__getitem__,
        thousands=lambda number: f"{number:,}",
        visible=lambda value: visible(str(value)),
    )
    environment.globals.update(part_of=_source, hash_of=_csp_hash)
    return environment


def _breakable(value: str) -> Markup:
    """Return a name that may be broken before its domain rather than anywhere."""
    return escape(value).replace("@", Markup("<wbr>@"))


def _source(name: str) -> Markup:
    """Return a part of the page that is no template: style or script, which are the collection's own."""
    with open(os.path.join(_TEMPLATES, name), encoding="utf-8") as stream:
        return Markup(stream.read().strip())


def _csp_hash(source: str) -> str:
    """Return the hash that lets a browser run exactly this inline style or script and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode('utf-8')).digest()).decode('ascii')}'"
