# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A platform in memory with both kinds of settings that are changed by hand, and fleets that are run on it."""

from __future__ import annotations

import copy
from contextlib import closing

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.options import fleet_options
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.task import fleet_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, subscriber

FAX, MAIL2FAX = FAX_SETTINGS.name, MAIL2FAX_SETTINGS.name


class FleetPlatform(Platform):
    """Subscribers and their settings of both kinds.

    :param numbers: the subscribers' ids.
    """

    def __init__(self, numbers, **more):
        super().__init__([subscriber(number) for number in numbers], others={MAIL2FAX_SETTINGS: None}, **more)

    def put(self, resource, number, /, **fields):
        """Change settings by hand."""
        self.stores[resource][number] = {**self.stores[resource][number], **fields}

    def snapshot(self):
        """Return all settings as they are now."""
        return copy.deepcopy(self.stores)

    def host(self, check_mode=False, **more):
        """Return a host whose tasks work on this platform."""
        return Host(check_mode, lambda _params: closing(self.client()), **more)


def run_fleet_task(platform, check=False, host=None, **params):
    """Run the task ``fleet`` and return its result, as a module would.

    :param params: options; the others have their defaults.
    """
    options = default_params(fleet_options())
    return fleet_task().run({**options, **params}, host or platform.host(check))
