# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small fleet on a platform in memory with settings of both kinds, for the tests of plans."""

from __future__ import annotations

import csv
import json

from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support import fleet_platform

FAX, MAIL = FAX_SETTINGS.module, MAIL2FAX_SETTINGS.module

# What the file declares and what the platform has: none of it may appear in a plan in any form.
PASSWORD, OLD_PASSWORD, SECRET_KEY = "CANARY-declared-1", "CANARY-stored-22", "CANARY-key-333"

ROWS = (
    {"subscriber_id": "1", "active": "yes", "name": "One", "password": PASSWORD},
    {"subscriber_id": "2", "active": "yes", "destinations": "two@example.org PDF", "mail2fax_active": "yes"},
    {"subscriber_id": "3", "name": "Three", "secret_key": SECRET_KEY, "acl": "from_email=three@example.org"},
    {"subscriber_id": "4", "active": "no"},
    {"subscriber_id": "5", "name": "Five", "t38": "no"},
)
COLUMNS = tuple(dict.fromkeys(name for row in ROWS for name in row))


class FleetPlatform(fleet_platform.FleetPlatform):
    """The platform of this fleet: the fax settings are in ``settings``, the others in ``mail``."""

    def __init__(self, count=5):
        super().__init__(range(1, count + 1))
        self.mail = self.stores[MAIL2FAX_SETTINGS.name]
        self.settings[1]["password"] = OLD_PASSWORD

    @property
    def patches(self):
        """Everything that was written: kind and id of the settings with the fields."""
        return {
            (request.path.split("/")[2], int(request.path.split("/")[3])): {
                operation["path"][1:]: operation["value"] for operation in json.loads(request.body)
            }
            for request in self.sent
            if request.method == "PATCH"
        }


def write_fleet(path, rows=ROWS, columns=COLUMNS):
    """Write a fleet file and return its path."""
    with open(path, "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def run(platform, check=False, **given):
    """Run the task on a platform and return its result."""
    return fleet_platform.run_fleet_task(platform, check, **given)
