# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of settings tasks as the modules return them, for the tests of drift reports."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

from ansible_collections.ngcp.fax.plugins.plugin_utils._drift.document import TaskResult, build_document

PLATFORM = "https://ngcp.example.org:1443"
FAX = "fax_settings"
MAIL = "mail2fax_settings"
NOW = datetime(2026, 11, 24, 17, 30, tzinfo=timezone.utc)
NAME = {"field": "name", "before": "Changed by hand", "after": "Branch"}
ERROR = {"code": "not_found", "http_status": 404, "message": "Not there", "retryable": False, "hint": "Look."}


def entry(number, status="changed", changes=(NAME,), name="user", **more):
    """Return what a result says about one subscriber."""
    shown = f"{name}{number}@example.org" if name and number is not None else name
    made = {
        "index": 0,
        "subscriber_id": number,
        "subscriber": shown,
        "status": status,
        "changes": list(changes) if status != "unchanged" else [],
        "patch": [],
        "settings": {},
    }
    if status in ("failed", "unverified"):
        made["error"] = ERROR
    return {**made, **more}


def result(*entries, module=FAX, total=None, check=True, platform=PLATFORM, **more):
    """Return the result of a task."""
    counts = Counter(entry["status"] for entry in entries)
    count = len(entries) if total is None else total
    return {
        "changed": True,
        "subscribers": list(entries),
        "summary": {"total": count, **counts, "requests": 3, "retries": 0},
        "diff": [],
        "run": {"module": module, "platform": platform, "check_mode": check},
        **more,
    }


def document(*results, title="Drift", started=None):
    """Return the drift document of results, each a dictionary or a ``TaskResult``."""
    tasks = [given if isinstance(given, TaskResult) else TaskResult(given) for given in results]
    return build_document(tasks, title=title, generated=NOW, started=started)
