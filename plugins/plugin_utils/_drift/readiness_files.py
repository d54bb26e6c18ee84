# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A readiness document as files: ``readiness.json``, ``readiness.html`` and ``readiness.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ngcp.fax.plugins.module_utils._readiness.verdicts import (
    ABILITIES,
    BLOCKS,
    FALSE,
    MAILS,
    NOTE,
    RECEIVES,
    SENDS,
    TRUE,
    UNKNOWN,
    WORDS,
)
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted, joined, visible

from . import text
from .readiness import NOT_READY, READY, STATUSES, UNCERTAIN, abilities_of
from .writing import DEFAULT_MODE, MAX_ROWS, as_json, rendered, write_texts

DEFAULT_TITLE = "Fax readiness"

# Subscribers whose fixes the Markdown report shows; the page has those of all.
MAX_FIXES = 20

_NAMES = {"readiness_json": "readiness.json", "readiness_html": "readiness.html", "readiness_md": "readiness.md"}

_STATUS_WORDS = {READY: "ready", NOT_READY: "not ready", UNCERTAIN: "unknown"}
# Classes of the page for how much a reason weighs.
_TONES = {BLOCKS: WORDS[FALSE], UNKNOWN: WORDS[UNKNOWN], NOTE: "remark"}
# What those who lack an ability do, one of them and several.
_LACK = {
    RECEIVES: ("does not receive faxes", "do not receive faxes"),
    SENDS: ("cannot send faxes", "cannot send faxes"),
    MAILS: ("cannot send faxes by e-mail", "cannot send faxes by e-mail"),
}


def render(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of every report, by the name of its kind."""
    view = _view(document)
    return {
        "readiness_json": as_json(document),
        "readiness_html": rendered("readiness.html.j2", view),
        "readiness_md": rendered("readiness.md.j2", view),
    }


def write_readiness(document: Mapping[str, Any], folder: str, mode: int = DEFAULT_MODE) -> dict[str, str]:
    """Write all reports into a folder, as :func:`writing.write_texts` does, and return their paths by kind."""
    return write_texts(render(document), _NAMES, folder, mode)


def headline(document: Mapping[str, Any]) -> list[str]:
    """Return what came out, in one sentence or a few."""
    summary = document["summary"]
    total = summary["subscribers"]["total"]
    if not total:
        return ["No subscribers were checked."]
    sentences: list[str] = []
    for ability in (one for one in ABILITIES if summary.get(one, {}).get(FALSE)):
        number = summary[ability][FALSE]
        of = f" of {counted(total, 'subscriber', form=',')}" if not sentences else ""
        sentences.append(f"{number:,}{of} {_LACK[ability][number != 1]}.")
    uncertain = summary["subscribers"][UNCERTAIN]
    if uncertain:
        of = f" of {counted(total, 'subscriber', form=',')}" if not sentences else ""
        sentences.append(f"The readiness of {uncertain:,}{of} is not fully known.")
    if not sentences:
        sentences = [f"All of {counted(total, 'subscriber', form=',')} are ready." if total > 1 else "It is ready."]
    if summary["problems"]:
        sentences.append(
            f"There {'was' if summary['problems'] == 1 else 'were'} {counted(summary['problems'], 'problem')}."
        )
    return sentences


def _view(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the templates show: the document, in words."""
    summary = document["summary"]
    rows = sorted((_shown_row(row) for row in document["subscribers"]), key=lambda row: STATUSES.index(row["status"]))
    lacking = [row for row in rows if row["status"] != READY]
    ready = [row for row in rows if row["status"] == READY]
    abilities = [ability for ability in ABILITIES if ability in summary]
    return {
        "document": document,
        "summary": summary,
        "counts": summary["subscribers"],
        "headline": headline(document),
        "platform_text": "; ".join(map(_platform_text, document["platform_facts"])),
        "abilities": abilities,
        "stacks": [(ability, _stack(summary[ability])) for ability in abilities],
        "codes": [(entry["code"], "", entry["subscribers"]) for entry in summary["codes"]],
        "shown": lacking[:MAX_ROWS],
        "left_out": max(0, len(lacking) - MAX_ROWS),
        "ready_rows": ready[: max(0, MAX_ROWS - len(lacking))],
        "shared_fixes": [_shown_fix(one) for one in document["fixes"]],
        "fixes": [row for row in lacking if any(one["fix"] for one in row["reasons"])][:MAX_FIXES],
        **_filters(summary, abilities, bool(lacking)),
        "problems": document["problems"],
        "statuses": [(status, _STATUS_WORDS[status]) for status in reversed(STATUSES)],
        "words": WORDS,
    }


def _stack(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    return [(WORDS[verdict], counts[verdict], WORDS[verdict]) for verdict in (TRUE, UNKNOWN, FALSE) if counts[verdict]]


def _filters(summary: Mapping[str, Any], abilities: Sequence[str], has_lacking: bool) -> dict[str, Any]:
    """Return what the filters of the page offer: values, and texts for people."""
    counts = summary["subscribers"]
    lacking = [("different", "Not ready or unknown")] if has_lacking else []
    given = [(status, _STATUS_WORDS[status].capitalize()) for status in reversed(STATUSES) if counts[status]]
    return {
        "status_options": [*lacking, ("", "All"), *given],
        "resource_options": [("", "All"), *((ability, ability.capitalize()) for ability in abilities)],
        "field_options": [("", "All"), *sorted((entry["code"], entry["code"]) for entry in summary["codes"])],
    }


def _shown_row(row: Mapping[str, Any]) -> dict[str, Any]:
    named = {"subscriber_id": row["subscriber_id"], "subscriber": row["subscriber"], "settings": ()}
    abilities = abilities_of(row)
    return {
        "label": text.label(named),
        "name": None if row["subscriber"] is None else visible(str(row["subscriber"])),
        "id": row["subscriber_id"],
        "entry": None,
        "platform": row["platform"],
        "status": row["status"],
        "verdicts": {ability: WORDS[row[ability]] for ability in abilities},
        "lacking": [ability for ability in abilities if row[ability] != TRUE],
        "reasons": [
            {
                "code": visible(str(reason["code"])),
                "message": visible(str(reason["message"])),
                "tone": _TONES.get(reason["level"]),
                "fix": _visible_lines(reason["fix"]),
            }
            for reason in row["reasons"]
        ],
    }


def _shown_fix(fix: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": visible(str(fix["code"])),
        "subscribers": counted(int(fix["subscribers"] or 0), "subscriber", form=","),
        "fix": _visible_lines(str(fix["fix"])),
    }


def _visible_lines(fix: str | None) -> str | None:
    return None if fix is None else "\n".join(map(visible, str(fix).strip().split("\n")))


def _platform_text(facts: Mapping[str, Any]) -> str:
    """Return what is known about a platform, in words."""
    known = {
        "edition": facts.get("edition"),
        "version": facts.get("version"),
        "licence": _word(facts.get("licence"), "present", "missing"),
        "fax server": _word(facts.get("fax_server"), "on", "off"),
    }
    return visible(joined([f"{name} {value or 'unknown'}" for name, value in known.items()]))


def _word(value: Any, positive: str, negative: str) -> str | None:
    return (positive if value else negative) if isinstance(value, bool) else None
