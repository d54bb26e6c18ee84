# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A platform in memory with both kinds of settings, and fleets that are run on it."""

from __future__ import annotations

import copy
import json
from contextlib import closing

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.options import fleet_options
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.task import fleet_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, defaults, failure, response, subscriber

RESOURCES = (FAX_SETTINGS, MAIL2FAX_SETTINGS)
FAX, MAIL2FAX = (resource.name for resource in RESOURCES)


class FleetPlatform(Platform):
    """Subscribers and their settings of both kinds.

    :param numbers: the subscribers' ids.
    """

    def __init__(self, numbers, **more):
        super().__init__([subscriber(number) for number in numbers], **more)
        self.both = {resource.name: {number: defaults(resource) for number in numbers} for resource in RESOURCES}

    def put(self, resource, number, /, **fields):
        """Change settings by hand."""
        self.both[resource][number] = {**self.both[resource][number], **fields}

    def snapshot(self):
        """Return all settings as they are now."""
        return copy.deepcopy(self.both)

    def host(self, check_mode=False, **more):
        """Return a host whose tasks work on this platform."""
        return Host(check_mode, lambda _params: closing(self.client()), **more)

    @property
    def written(self):
        """What was written, as resource and id, in order."""
        paths = [request.path.split("/") for request in self.sent if request.method == "PATCH"]
        return [(name, int(number)) for _empty, _api, name, number in paths]

    def apply(self, request):
        name, number = request.path.split("/")[2:]
        for operation in json.loads(request.body):
            self.put(name, int(number), **{operation["path"][1:]: operation["value"]})

    def _answer(self, request):
        name, number = request.path.split("/")[2:]
        if name not in self.both or not number:
            return super()._answer(request)
        if int(number) not in self.both[name]:
            return failure(404, f"Entity '{name}' not found.")
        if request.method == "PATCH":
            self.apply(request)
        return response(200, {**self.both[name][int(number)], "_links": {"self": {"href": request.path}}})

    def _page(self, name, params):
        if name not in self.both:
            return super()._page(name, params)
        items = [
            {**settings, "_links": {"self": {"href": f"/api/{name}/{number}"}}}
            for number, settings in sorted(self.both[name].items())
        ]
        first = (params["page"] - 1) * params["rows"]
        shown = items[first : first + params["rows"]]
        return response(200, {"total_count": len(items), **({"_embedded": {f"ngcp:{name}": shown}} if shown else {})})


def run_fleet_task(platform, check=False, host=None, **params):
    """Run the task ``fleet`` and return its result, as a module would.

    :param params: options; the others have their defaults.
    """
    options = {name: option.get("default") for name, option in fleet_options().items()}
    return fleet_task().run({**options, **params}, host or platform.host(check))
