# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A platform in memory with everything that readiness depends on, and subscribers that can do everything."""

from __future__ import annotations

from contextlib import closing

from ansible_collections.ngcp.fax.plugins.module_utils._readiness.options import readiness_options
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.task import readiness_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import (
    Platform,
    defaults,
    failure,
    response,
    subscriber,
)

DESTINATION = {"destination": "fax@example.org", "filetype": "PDF", "incoming": True, "outgoing": False, "status": True}
SECRET = "correct-horse-battery"
TYPES = ("cfu", "cfb", "cft", "cfna", "cfs", "cfr", "cfo")
MAPPING = {"timeset": None, "timeset_id": None, "sourceset": None, "sourceset_id": None, "bnumberset": None}


def person(number, **fields):
    """Return an item of ``/api/subscribers/`` that nothing is wrong with."""
    return subscriber(number, **{"status": "active", "lock": None, "profile_id": None, **fields})


def fax_settings(**fields):
    """Return fax settings that are complete."""
    return {**defaults(FAX_SETTINGS), "active": True, "destinations": [DESTINATION], **fields}


def mail_settings(**fields):
    """Return mail to fax settings that are complete."""
    return {**defaults(MAIL2FAX_SETTINGS), "active": True, "secret_key": SECRET, **fields}


class ReadinessPlatform(Platform):
    """Subscribers that can do everything, until something is changed.

    :param numbers: their ids.
    """

    def __init__(self, numbers=(1,), **more):
        super().__init__([person(number) for number in numbers], others={MAIL2FAX_SETTINGS: None}, **more)
        self.info = {"ngcp_version": "mr26.2.0.0", "type": "sppro", "faxserver": True, "licenses": ["fax", "pbx"]}
        self.extra = {
            "capabilities": {3: {"id": 3, "name": "faxserver", "enabled": True}},
            "subscriberprofiles": {},
            "cfmappings": {},
            "cfdestinationsets": {},
            "faxes": {},
        }
        for number in numbers:
            self.stores[FAX_SETTINGS.name][number] = fax_settings()
            self.stores[MAIL2FAX_SETTINGS.name][number] = mail_settings()
            self.forward(number)

    def forward(self, number, *addresses, **fields):
        """Forward all calls to addresses; by default to the own fax box."""
        addresses = addresses or (f"sip:fax=431{number}@fax2mail.local",)
        elements = [{"destination": one, "priority": at, "timeout": 300} for at, one in enumerate(addresses, 1)]
        one = {"id": 1000 + number, "name": "ngcp.fax", "subscriber_id": number, "destinations": elements}
        self.extra["cfdestinationsets"][one["id"]] = one
        entry = {**MAPPING, "destinationset": one["name"], "destinationset_id": one["id"], "enabled": True, **fields}
        self.extra["cfmappings"][number] = {**{name: [] for name in TYPES}, "id": number, "cfu": [entry]}

    def change(self, number, /, **fields):
        """Change what the platform says about a subscriber."""
        self.subscribers[number] = {**self.subscribers[number], **fields}

    def host(self, check_mode=False):
        """Return a host whose tasks work on this platform."""
        return Host(check_mode, lambda _params: closing(self.client()))

    def _answer(self, request):
        parts = request.path.split("/")
        if parts[2] == "platforminfo":
            return response(200, self.info)
        items = self.extra.get(parts[2])
        if items is None:
            return super()._answer(request)
        if not parts[3]:
            return self._extra_page(parts[2], request.params)
        found = items.get(int(parts[3]))
        return response(200, found) if found else failure(404, f"Entity '{parts[2]}' not found.")

    def _extra_page(self, name, params):
        items = [one for _number, one in sorted(self.extra[name].items(), reverse="order_by_direction" in params)]
        if "subscriber_id" in params and name not in self.ignored:
            items = [one for one in items if one["subscriber_id"] == params["subscriber_id"]]
        first = (params["page"] - 1) * params["rows"]
        shown = items[first : first + params["rows"]]
        return response(200, {"total_count": len(items), **({"_embedded": {f"ngcp:{name}": shown}} if shown else {})})


def check_readiness(platform, entries=None, **given):
    """Run the task and return its result."""
    params = default_params(readiness_options(), **given, subscribers=entries)
    return readiness_task().run(params, platform.host())


def codes_of(entry):
    """Return the codes of an entry's reasons."""
    return [reason["code"] for reason in entry["reasons"]]
