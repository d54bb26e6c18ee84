# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Which faxes a task fetches: those of the journal, and those that the archive knows from earlier runs."""

from __future__ import annotations

import json
from datetime import timedelta

from .._errors import NotFoundError
from .fetch_run import FetchRun
from .journal import Fax, Filter
from .journal_filter import check_subscriber
from .timestamps import parse_server_time

# A fax that has been under way for so long will not come to an end any more.
_STALE = timedelta(days=1)


def meant_faxes(run: FetchRun, wanted: Filter) -> list[Fax]:
    """Return the selected faxes, newest first, and add them to the archive.

    :raises FaxError: the journal cannot be read.
    """
    if run.params.get("fax_id") is not None:
        faxes = [_one(run, run.params["fax_id"])]
    elif run.params.get("limit") is not None or wanted.since or wanted.until or not run.params["index"]:
        faxes = run.journal.read(wanted, run.params.get("limit"))
        if not faxes:
            check_subscriber(run.client, wanted)
    else:
        return _new_and_known(run, wanted)
    run.archive.add(faxes)
    return faxes


def _one(run: FetchRun, fax_id: int) -> Fax:
    """Return a fax by its id; one that is gone on the server as the archive knows it, if it has its recording."""
    try:
        return run.journal.get(fax_id)
    except NotFoundError:
        archive = run.archive
        is_kept = archive.is_deleted(fax_id) or archive.file_of(fax_id, run.form) is not None
        known = [fax for fax in archive.faxes() if fax.id == fax_id and is_kept]
        if not known:
            raise
        return known[0]


def _new_and_known(run: FetchRun, wanted: Filter) -> list[Fax]:
    """Read the journal from its newest entry back to those in the archive, and return all selected faxes."""
    scope = json.dumps([wanted.subscriber_id, wanted.direction, sorted(wanted.statuses)])
    newer = run.journal.read_down_to(wanted, run.archive.known_up_to(scope))
    if not newer:
        check_subscriber(run.client, wanted)
    known_up_to = max((fax.id for fax in newer), default=0)
    unsettled = _unsettled(newer) if wanted.statuses else []
    if unsettled:
        known_up_to = min(unsettled) - 1
    run.archive.add((fax for fax in newer if wanted.matches(fax)), scope, known_up_to)
    return [fax for fax in run.archive.faxes() if wanted.matches(fax)]


def _unsettled(faxes: list[Fax]) -> list[int]:
    """Return the ids of entries whose status will still change."""
    times = [time for time in (parse_server_time(fax.time) for fax in faxes) if time is not None]
    newest = max(times, default=None)
    found = []
    for fax in faxes:
        time = parse_server_time(fax.time)
        if not fax.is_final and (time is None or newest is None or newest - time <= _STALE):
            found.append(fax.id)
    return found
