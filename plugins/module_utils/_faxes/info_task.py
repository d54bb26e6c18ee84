# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The task ``fax_info``: entries of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._api.client import Client
from .._errors import FaxError, InputError
from .._subscribers.keys import SubscriberKeys
from .._task import Host, Task
from .journal import ANY, Filter, Journal
from .journal_filter import (
    check_subscriber,
    parse_filter,
    resolve_filter,
)
from .options import fax_info_options

DESCENDING = "desc"


def fax_info_task() -> Task:
    """Return the task that reads the journal."""
    return Task(fax_info_options(), read_faxes)


def read_faxes(params: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Do what the task says and return its result.

    :param params: options as :func:`_settings.options.fax_info_options` describes them.
    :raises InputError: an option is wrong. Whatever happens later is part of the result.
    """
    wanted, keys = parse_filter(params, ANY)
    with host.connect(params) as client:
        try:
            shown = _shown(client, params, wanted, keys)
            return {"changed": False, "faxes": shown, "summary": {"total": len(shown), **client.counters.as_dict()}}
        except InputError:
            raise
        except FaxError as error:
            return {**error.as_result(), "faxes": [], "summary": {"total": 0, **client.counters.as_dict()}}


def _shown(
    client: Client, params: Mapping[str, Any], wanted: Filter, keys: SubscriberKeys | None
) -> list[dict[str, Any]]:
    """Return the selected entries, with their times also in ISO 8601.

    :raises FaxError: the journal could not be read.
    """
    journal = Journal(client)
    if params.get("fax_id") is not None:
        faxes = [journal.get(params["fax_id"])]
    else:
        wanted = resolve_filter(client, wanted, keys)
        faxes = journal.read(wanted, params.get("limit"), params["order"] == DESCENDING)
        if not faxes:
            check_subscriber(client, wanted)
    times = journal.iso_times(faxes)
    return [{**fax.as_dict(), "time_iso": times.get(fax.id)} for fax in faxes]
