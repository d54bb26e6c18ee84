# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of requests: in which task they occur, and how the simulator recognises them.

Those of call forwards, and of what subscribers can do, are in :mod:`forward_kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ngcp_simulator import Record

from .catalogue import DELETE, LOGIN, LOOKUP, PANEL_PAGE, PATCH, POST, READ, RECORDING, page
from .faxes_cases import FetchCase, JournalCase
from .forward_kinds import forward_kinds
from .request_kind import RequestKind, item, listing, patch
from .sending_cases import SendCase, name_of
from .settings_cases import FAX, FAX_KIND, MAIL, MAIL_KIND, InfoCase, Kind as Resource, SettingsCase
from .world import CUSTOMERS, SUBSCRIBERS, World

SIX = (1, 2, 3, 4, 5, 6)
LISTED = (3, 5, *range(97, 131))
"""So many that reading both pages of the list is cheaper than reading single items."""
SELECTED = tuple(range(3, SUBSCRIBERS + 1, CUSTOMERS))


def kinds() -> list[RequestKind]:
    """Return all kinds of requests."""
    return [*_settings(), *_lookups(), *_infos(), *_sending(), *_fetching(), *_journal(), *forward_kinds()]


def _reads_before_writes(resource: str) -> Callable[[Sequence[Record]], int]:
    def count(records: Sequence[Record]) -> int:
        return sum(1 for record in records if record.method == "GET" and f"/{resource}/" in record.path)

    return count


def _settings() -> list[RequestKind]:
    found = [
        RequestKind("log_in", SettingsCase("six", FAX_KIND, SIX), LOGIN, {"method": "POST", "path": "^/login_jwt$"})
    ]
    pairs: list[tuple[str, str, Resource]] = [("fax", FAX, FAX_KIND), ("mail", MAIL, MAIL_KIND)]
    for word, name, kind in pairs:
        six = SettingsCase("six", kind, SIX)
        gone = SettingsCase("absent", kind, (1, 2, 3), variants=(1, 0, 3), absent=True)
        listed = SettingsCase("listed", kind, LISTED, variants=(0, 1, 0, 0, 0, 0, 0, 0, 0))
        lost = {"action": "reset_after", **patch(name), "times": 2}
        found += [
            RequestKind(f"{word}_item", six, READ, item(name)),
            RequestKind(f"{word}_patch", six, PATCH, patch(name)),
            RequestKind(f"{word}_read_back", six, READ, item(name), (lost,), _reads_before_writes(name)),
            RequestKind(f"{word}_absent_item", gone, READ, item(name)),
            RequestKind(f"{word}_absent_patch", gone, PATCH, patch(name)),
            RequestKind(f"{word}_first_page", listed, READ, listing(name, 1)),
            RequestKind(f"{word}_second_page", listed, READ, listing(name, 2)),
        ]
    return found


def _lookups() -> list[RequestKind]:
    def keys(world: World, identifier: int) -> dict[str, Any]:
        database = world.sim.platform.database
        if identifier % 3 == 0:
            return {"subscriber": name_of(world, identifier)}
        if identifier % 3 == 1:
            number = database.value("SELECT number FROM numbers WHERE subscriber_id = ? AND is_primary", (identifier,))
            return {"number": number}
        external = database.value("SELECT external_id FROM subscribers WHERE id = ?", (identifier,))
        return {"subscriber_external_id": external}

    three = SettingsCase("three", FAX_KIND, (3, 4, 5), variants=(1, 0, 3), keys=keys, lookups=3)
    chosen = SettingsCase(
        "selected",
        FAX_KIND,
        SELECTED,
        variants=(1, 3, 2),
        given={"select": {"customer_external_id": "CUST-0003"}},
        lookups=2,
    )
    return [
        RequestKind("by_name", three, LOOKUP, listing("subscribers", parameter="username")),
        RequestKind("by_number", three, LOOKUP, listing("subscribers", parameter="alias")),
        RequestKind("by_external_id", three, LOOKUP, listing("subscribers", parameter="subscriber_external_id")),
        RequestKind("customer", chosen, LOOKUP, listing("customers")),
        RequestKind("selected", chosen, LOOKUP, listing("subscribers", parameter="customer_id")),
    ]


def _infos() -> list[RequestKind]:
    named = InfoCase("info", FAX_KIND, SIX, SUBSCRIBERS)
    everybody = InfoCase("info-all", FAX_KIND, None, SUBSCRIBERS)
    mails = InfoCase("info-all", MAIL_KIND, None, SUBSCRIBERS)
    return [
        RequestKind("info_subscriber", named, LOOKUP, item("subscribers")),
        RequestKind("info_item", named, READ, item(FAX)),
        RequestKind("info_subscribers_first_page", everybody, READ, listing("subscribers", 1)),
        RequestKind("info_subscribers_second_page", everybody, READ, listing("subscribers", 2)),
        RequestKind("info_first_page", everybody, READ, listing(FAX, 1)),
        RequestKind("info_second_page", mails, READ, listing(MAIL, 2)),
    ]


def _sending() -> list[RequestKind]:
    simple, waiting, named = SendCase("send"), SendCase("send-wait", wait=True), SendCase("send-name", by_name=True)
    post = {"method": "POST", "path": "^/api/faxes/$"}
    lost = {"action": "reset_after", **post, "times": 1}

    def before(records: Sequence[Record]) -> int:
        methods = [record.method for record in records if record.path == "/api/faxes/"]
        return methods.index("POST")

    return [
        RequestKind("send_look_up", named, LOOKUP, listing("subscribers")),
        RequestKind("send_newest", simple, READ, listing("faxes")),
        RequestKind("send_platform", simple, READ, {"method": "GET", "path": "^/api/platforminfo$"}),
        RequestKind("send_post", simple, POST, post),
        RequestKind("send_journal", simple, READ, listing("faxes"), skip=before),
        RequestKind("send_journal_after_loss", simple, READ, listing("faxes"), (lost,), before),
        RequestKind("send_wait", waiting, READ, item("faxes")),
        RequestKind("send_wait_post", waiting, POST, post),
    ]


def _fetching() -> list[RequestKind]:
    everything = FetchCase("fetch")
    kept = FetchCase("fetch-keep", deletes=False)
    single = FetchCase("fetch-one", single=True)
    as_pdf = FetchCase("fetch-pdf", deletes=False, form="pdf")
    recording = {"method": "GET", "path": r"^/api/faxrecordings/\d+$"}
    delete = {"method": "DELETE", "path": r"^/api/faxes/\d+$"}
    page_of_pdf = {"action": "status", **page(500, PANEL_PAGE), **recording, "query": "format=pdf", "times": None}
    return [
        RequestKind("fetch_journal", everything, READ, listing("faxes")),
        RequestKind("fetch_entry", single, READ, item("faxes")),
        RequestKind("fetch_recording", everything, RECORDING, recording),
        RequestKind("fetch_recording_kept", kept, RECORDING, recording),
        RequestKind("fetch_recording_single", single, RECORDING, recording),
        RequestKind("fetch_recording_pdf", as_pdf, RECORDING, recording),
        RequestKind("fetch_head", as_pdf, READ, {"method": "HEAD", "path": recording["path"]}, (page_of_pdf,)),
        RequestKind("fetch_entry_of_page", as_pdf, READ, item("faxes"), (page_of_pdf,)),
        RequestKind("fetch_delete", everything, DELETE, delete),
        RequestKind("fetch_delete_single", single, DELETE, delete),
    ]


def _journal() -> list[RequestKind]:
    listed, single = JournalCase("journal"), JournalCase("journal-entry", single=True)
    return [
        RequestKind("journal_list", listed, READ, listing("faxes")),
        RequestKind("journal_times", listed, READ, item("faxes")),
        RequestKind("journal_entry", single, READ, item("faxes")),
    ]
