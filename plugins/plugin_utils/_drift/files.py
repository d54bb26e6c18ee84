# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A drift document as files: ``drift.json``, ``drift.html``, ``drift.md`` and ``drift.junit.xml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
from .writing import DEFAULT_MODE, MAX_ROWS, as_json, rendered, write_texts

DEFAULT_TITLE = "Fax settings: drift report"

_NAMES = {"json": "drift.json", "html": "drift.html", "md": "drift.md", "junit": "drift.junit.xml"}


def render(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of every report, by the name of its kind: ``json``, ``html``, ``md`` and ``junit``."""
    view = _view(document)
    return {
        "json": as_json(document),
        "html": rendered("drift.html.j2", view),
        "md": rendered("drift.md.j2", view),
        "junit": rendered("drift.junit.xml.j2", view),
    }


def write_reports(document: Mapping[str, Any], folder: str, mode: int = DEFAULT_MODE) -> dict[str, str]:
    """Write all reports into a folder, as :func:`writing.write_texts` does, and return their paths by kind."""
    return write_texts(render(document), _NAMES, folder, mode)


def headline(document: Mapping[str, Any]) -> list[str]:
    """Return what came out, in one sentence or a few."""
    summary = document["summary"]
    counts = summary["subscribers"]
    about = "" if summary["exact"] else "about "
    total = f"{about}{counted(counts['total'], 'subscriber', form=',')}"
    if not counts["total"]:
        sentences = ["No subscribers were checked."]
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


def _view(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates show: the document, in words."""
    limit = text.max_elements(sum(1 for row in document["subscribers"] if row["status"] != IN_SYNC))
    rows = [_shown_row(row, limit) for row in document["subscribers"]]
    rows.sort(key=lambda row: STATUSES.index(row["status"]))
    different = [row for row in rows if row["status"] != IN_SYNC]
    counts = document["summary"]["subscribers"]
    in_sync_rows = [row for row in rows if row["status"] == IN_SYNC]
    statuses = [status for status in reversed(STATUSES) if counts[status]]
    return {
        "document": document,
        "summary": document["summary"],
        "counts": counts,
        "headline": headline(document),
        "mode_text": _mode_text(document),
        "shown": different[:MAX_ROWS],
        "left_out": max(0, len(different) - MAX_ROWS),
        "in_sync_rows": in_sync_rows[: max(0, MAX_ROWS - len(different))],
        "cases": rows,
        "only_counted": counts[IN_SYNC] - len(in_sync_rows),
        "stack": [(status, counts[status], text.STATUS_WORDS[status]) for status in statuses],
        "differing": [
            (entry["field"], text.module_title(entry["module"]), entry["subscribers"])
            for entry in document["summary"]["fields"]
        ],
        **_filters(
            document, statuses if in_sync_rows else [one for one in statuses if one != IN_SYNC], bool(different)
        ),
        "problems": document["problems"],
    }


def _filters(document: Mapping[str, Any], statuses: Iterable[str], has_different: bool) -> dict[str, Any]:
    """Return what the filters of the page offer: values, and texts for people."""
    summary = document["summary"]
    fields = sorted(summary["fields"], key=lambda entry: (entry["module"], entry["field"]))
    different = [("different", "Different or unknown")] if has_different else []
    return {
        "status_options": [*different, ("", "All"), *((one, text.STATUS_WORDS[one].capitalize()) for one in statuses)],
        "resource_options": [
            ("", "All"),
            *((visible(name), text.module_title(name).capitalize()) for name in summary["resources"]),
        ],
        "field_options": [
            ("", "All"),
            *(
                (
                    f"{entry['module']}.{visible(entry['field'])}",
                    f"{visible(entry['field'])} ({text.module_title(entry['module'])})",
                )
                for entry in fields
            ),
        ],
    }


def _shown_row(row: Mapping[str, Any], limit: int) -> dict[str, Any]:
    return {
        "label": text.label(row),
        "name": None if row["subscriber"] is None else visible(str(row["subscriber"])),
        "id": row["subscriber_id"],
        "entry": None if row["entry"] is None else visible(str(row["entry"])),
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


def _mode_text(document: Mapping[str, Any]) -> str:
    mode = document["mode"]
    if document["plan"]:
        return "a plan, nothing has been written to the platform yet"
    if mode == CHECK:
        return "check mode, nothing was written to the platform"
    if mode == RUN:
        return "real run, what differed was written to the platform"
    return "some tasks in check mode, others wrote to the platform" if mode else "no task returned a result"
