# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of requests that set and read call forwards, and that find out what subscribers can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ngcp_simulator import Record

from .catalogue import CREATE, DELETE, LOOKUP, PATCH, READ
from .forward_cases import FleetForwardCase, ForwardCase, ForwardInfoCase
from .forward_world import SETS
from .readiness_cases import ReadinessCase
from .request_kind import RequestKind, delete, item, listing, patch
from .settings_cases import FAX, MAIL
from .world import SUBSCRIBERS

MAPPINGS = "cfmappings"
SHARE = 4
"""Most of these requests travel like others do, and every kind has one of the sample in any case."""
LISTED = (3, 5, *range(77, 116), *range(117, 131))
"""So many that reading both pages of the list is cheaper than reading single items."""


def forward_kinds() -> list[RequestKind]:
    """Return all kinds of requests."""
    found = [*_setting(), *_doing_more(), *_removing(), *_listed(), *_infos(), *_fleet(), *_readiness()]
    return [replace(kind, share=SHARE) for kind in found]


def _looks_before_writes(records: Sequence[Record]) -> int:
    """Count the requests for single sets that come before the first write."""
    methods = [record.method for record in records]
    first = next((number for number, method in enumerate(methods) if method in ("PATCH", "DELETE")), len(methods))
    return sum(1 for record in records[:first] if record.method == "GET" and f"/{SETS}/" in record.path[:-1])


def _setting() -> list[RequestKind]:
    new = ForwardCase("forward-new", {1: "nothing", 2: "right", 3: "voicebox"}, profiled=True)
    first_sets = {**listing(SETS), "query": r"(^|&)subscriber_id=1(&|$)"}
    lost = {"action": "deadlock", **patch(MAPPINGS, 1), "times": 1}
    return [
        RequestKind("forward_subscriber", new, READ, item("subscribers")),
        RequestKind("forward_sets", new, READ, listing(SETS, parameter="subscriber_id")),
        RequestKind("forward_mappings", new, READ, item(MAPPINGS)),
        RequestKind("forward_profile", new, READ, item("subscriberprofiles")),
        RequestKind("forward_permission", new, READ, {"method": "OPTIONS", "path": f"^/api/{MAPPINGS}/"}),
        RequestKind("forward_add", new, PATCH, patch(MAPPINGS, 1)),
        RequestKind("forward_read_back", new, READ, item(MAPPINGS, 1), skip=1),
        RequestKind("forward_sets_back", new, READ, first_sets, skip=1),
        RequestKind("forward_create", new, CREATE, {"method": "POST", "path": f"^/api/{SETS}/$"}, (lost,)),
        RequestKind("forward_add_created", new, PATCH, patch(MAPPINGS, 1), (lost,)),
    ]


def _doing_more() -> list[RequestKind]:
    """Return those that change what is there, in one or several requests."""
    several = ForwardCase("forward-several", {1: "unused", 2: "off", 3: "wrong number", 4: "busy", 5: "twice"})
    foreign = ForwardCase("forward-foreign", {1: "beside", 2: "somebody's"}, replace=True)
    timed = ForwardCase("forward-timed", {1: "nothing", 2: "timeout", 3: "busy"}, "timeout", ring_timeout=20)
    return [
        RequestKind("forward_own_set", several, READ, item(SETS), skip=_looks_before_writes),
        RequestKind("forward_set_patch", several, PATCH, patch(SETS)),
        RequestKind("forward_add_by_id", several, PATCH, patch(MAPPINGS, 1)),
        RequestKind("forward_enable", several, PATCH, patch(MAPPINGS, 2)),
        RequestKind("forward_move", several, PATCH, patch(MAPPINGS, 4)),
        RequestKind("forward_move_away", several, PATCH, patch(MAPPINGS, 4), skip=1),
        RequestKind("forward_delete", several, DELETE, delete(SETS)),
        RequestKind("forward_foreign_set", foreign, READ, item(SETS)),
        RequestKind("forward_replace", foreign, PATCH, patch(MAPPINGS)),
        RequestKind("forward_timeout", timed, PATCH, patch(MAPPINGS, 2)),
        RequestKind("forward_timeout_move", timed, PATCH, patch(MAPPINGS, 3)),
    ]


def _removing() -> list[RequestKind]:
    states = {1: "right", 2: "by hand", 3: "twice", 4: "timeout with another", 5: "unused", 6: "timeout"}
    gone = ForwardCase("forward-none", states, "none")
    listed = ForwardCase("forward-none-listed", states | dict.fromkeys(range(7, 31), "voicebox"), "none")
    return [
        RequestKind("forward_none_mappings", gone, READ, item(MAPPINGS)),
        RequestKind("forward_remove", gone, PATCH, patch(MAPPINGS, 1)),
        RequestKind("forward_remove_twice", gone, PATCH, patch(MAPPINGS, 3), skip=1),
        RequestKind("forward_remove_timeout", gone, PATCH, patch(MAPPINGS, 6)),
        RequestKind("forward_none_delete", gone, DELETE, delete(SETS)),
        RequestKind("forward_none_sets_page", listed, READ, listing(SETS, 1)),
    ]


def _listed() -> list[RequestKind]:
    states = dict.fromkeys(LISTED, "right") | {3: "nothing", 80: "off"}
    listed = ForwardCase("forward-listed", states)
    return [
        RequestKind("forward_sets_first_page", listed, READ, listing(SETS, 1)),
        RequestKind("forward_sets_second_page", listed, READ, listing(SETS, 2)),
        RequestKind("forward_mappings_first_page", listed, READ, listing(MAPPINGS, 1)),
        RequestKind("forward_mappings_second_page", listed, READ, listing(MAPPINGS, 2)),
    ]


def _infos() -> list[RequestKind]:
    names = ("nothing", "right", "by hand", "off", "wrong number", "busy", "twice", "unused", "voicebox", "beside")
    states = dict(enumerate((*names, "somebody's", "timeout", "timeout with another"), start=1))
    some = ForwardInfoCase("forward-info", {1: "busy", 2: "beside", 3: "somebody's", 4: "timeout"})
    everybody = ForwardInfoCase("forward-info-all", states, SUBSCRIBERS)
    return [
        RequestKind("forward_info_subscriber", some, LOOKUP, item("subscribers")),
        RequestKind("forward_info_sets", some, READ, listing(SETS)),
        RequestKind("forward_info_mappings", some, READ, item(MAPPINGS)),
        RequestKind("forward_info_foreign_set", some, READ, item(SETS)),
        RequestKind("forward_info_sets_page", everybody, READ, listing(SETS, 1)),
        RequestKind("forward_info_first_page", everybody, READ, listing(MAPPINGS, 1)),
        RequestKind("forward_info_second_page", everybody, READ, listing(MAPPINGS, 2)),
    ]


def _fleet() -> list[RequestKind]:
    fleet = FleetForwardCase("fleet-forward", {1: "nothing", 2: "right", 3: "unused", 4: "twice"})
    return [
        RequestKind("fleet_forward_sets", fleet, READ, listing(SETS)),
        RequestKind("fleet_forward_mappings", fleet, READ, item(MAPPINGS)),
        RequestKind("fleet_forward_permission", fleet, READ, {"method": "OPTIONS"}),
        RequestKind("fleet_forward_add", fleet, PATCH, patch(MAPPINGS, 1)),
        RequestKind("fleet_forward_set", fleet, PATCH, patch(SETS)),
        RequestKind("fleet_forward_delete", fleet, DELETE, delete(SETS)),
        RequestKind("fleet_forward_read_back", fleet, READ, item(MAPPINGS, 1), skip=1),
    ]


def _readiness() -> list[RequestKind]:
    names = ("ready", "by hand", "silent", "not forwarded", "off", "beside", "somebody's")
    some = ReadinessCase("readiness", {1: "ready", 2: "not forwarded", 3: "beside", 4: "somebody's"})
    everybody = ReadinessCase("readiness-all", dict(enumerate(names, start=1)), SUBSCRIBERS)
    return [
        RequestKind("readiness_subscriber", some, LOOKUP, item("subscribers")),
        RequestKind("readiness_platform", some, READ, {"method": "GET", "path": "^/api/platforminfo$"}),
        RequestKind("readiness_capability", some, READ, listing("capabilities")),
        RequestKind("readiness_fax", some, READ, item(FAX)),
        RequestKind("readiness_mail", some, READ, item(MAIL)),
        RequestKind("readiness_sets", some, READ, listing(SETS)),
        RequestKind("readiness_mappings", some, READ, item(MAPPINGS)),
        RequestKind("readiness_foreign_set", some, READ, item(SETS)),
        RequestKind("readiness_profile", some, READ, item("subscriberprofiles")),
        RequestKind("readiness_journal", some, READ, listing("faxes")),
        RequestKind("readiness_subscribers_page", everybody, READ, listing("subscribers", 2)),
        RequestKind("readiness_fax_page", everybody, READ, listing(FAX, 2)),
        RequestKind("readiness_sets_page", everybody, READ, listing(SETS, 1)),
        RequestKind("readiness_mappings_page", everybody, READ, listing(MAPPINGS, 2)),
    ]
