# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the platform tells about itself: capabilities, platforminfo, the list of resources."""

from __future__ import annotations

from typing import Any

from . import hal, paging
from .answers import HTML, JSON, Answer, document, path_not_found, refuse
from .call import Call
from .platform import Platform
from .profiles import allowed_attributes
from .representation import content_type, listed
from .routes import ROUTES, allowed_methods
from .scope import LICENSED, may_use

VERSION = "mr26.2.0.0"
CAPABILITIES = (("cloudpbx", 1), ("sms", 2), ("faxserver", 3), ("rtcengine", 4), ("fileshare", 5))
LICENSES = ("billing", "call_recording", "csc", "pbx", "fax")


class PlatformInfo:
    """Handlers of /api/capabilities/, /api/platforminfo and /api/."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def get_list(self, call: Call) -> Answer:
        """GET /api/capabilities/."""
        page = paging.wanted_page(call)
        name = call.text("name")
        found = [(key, number) for key, number in CAPABILITIES if name in (None, key)]
        chosen = found[page.offset : page.offset + page.size]
        items = [self._capability(call, key, number) for key, number in chosen]
        old = self._platform.switches.hal == "old"
        return listed(call, "capabilities", page, len(found), items, old, status=200)

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one capability."""
        for key, number in CAPABILITIES:
            if number == identifier:
                return document(self._capability(call, key, number), content_type(call))
        raise refuse(404, "Entity 'capabilitie' not found.")

    def _capability(self, call: Call, name: str, number: int) -> dict[str, Any]:
        enabled = self._has_fax(call) if name == "faxserver" else name != "sms"
        return {
            "_links": hal.common_links("capabilities", number),
            "enabled": enabled,
            "id": number,
            "name": name,
        }

    def _has_fax(self, call: Call) -> bool:
        """Tell whether the capability is on: the platform's switch, and for subscribers also their profile."""
        enabled, subscriber = self._platform.switches.fax_feature, call.user.subscriber_id
        if not enabled or subscriber is None:
            return enabled
        attributes = allowed_attributes(self._platform.database, [subscriber])[subscriber]
        return attributes is None or "fax_server" in attributes

    def info(self, call: Call) -> Answer:
        """GET /api/platforminfo: everything for those who have logged in, little for others."""
        switches = self._platform.switches
        if switches.platform_info == "absent":
            return path_not_found()
        if switches.platform_info == "error":
            return document({"error": "platform info is not available"}, JSON)
        licensed = switches.license or switches.edition == "spce"
        found: dict[str, Any] = {"ngcp_version": VERSION, "type": switches.edition}
        if call.account is not None:
            found.update(
                {
                    "cloudpbx": True,
                    "faxserver": switches.fax_feature,
                    "licenses": [name for name in LICENSES if licensed or name != "fax"],
                    "license_meta": {},
                    "security": {
                        "password": {
                            "sip_validate": switches.password_rules,
                            "sip_autogenerate": False,
                            "min_length": 12,
                            "max_length": 40,
                        }
                    },
                }
            )
        return document(found, JSON)

    def root(self, call: Call) -> Answer:
        """GET /api/: machine readable for those who ask for JSON, else a page for people."""
        if call.headers.get("Accept") != JSON:
            page = "<!DOCTYPE html>\n<html><head><title>NGCP REST API</title></head><body></body></html>\n"
            return Answer(200, page.encode(), HTML)
        found = {}
        for name, route in ROUTES.items():
            unlicensed = name in LICENSED and not self._platform.switches.license
            if not route.listed or unlicensed or not may_use(call.user, name):
                continue
            found[name] = {
                "actions": sorted(allowed_methods(route.collection, call.user)),
                "item_actions": sorted(allowed_methods(route.item, call.user)),
                "fields": list(route.fields),
                "query_params": list(route.parameters),
                "sorting_cols": list(route.sorting),
            }
        return document(found, JSON)
