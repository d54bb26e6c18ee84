# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the simulated platform, shared by all handlers."""

from __future__ import annotations

import secrets
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .accounts import SUBSCRIBER_REALM, Account, administrators
from .audit import Audit
from .bans import Bans
from .clock import Clock
from .database import Database
from .faults import Faults
from .forwards.store import ForwardStore
from .population import Plan, known, populate
from .settings_store import SettingsStore
from .switches import Switches

CACHED_LISTS = 64
PageHook = Callable[[str, int], None]


class Platform:
    """Everything that one simulator knows."""

    def __init__(
        self,
        plan: Plan,
        switches: Switches,
        database_path: Path | None = None,
        audit_path: Path | None = None,
        zone: str = "UTC",
    ) -> None:
        self.switches = switches
        self.clock = Clock(zone)
        self.database = Database(database_path)
        self.is_new = self.database.is_new
        """Whether the data are not those of an earlier run."""
        if self.is_new:
            populate(self.database, plan)
        self.known = plan.known or known(self.database)
        self.seed = plan.seed
        self.accounts = administrators(plan.seed)
        self.audit = Audit(audit_path)
        self.bans = Bans(switches, self.clock.now)
        self.faults = Faults(plan.seed)
        self.settings = SettingsStore(self.database, switches, self.clock)
        self.forwards = ForwardStore(self.database, switches)
        self.jwt_secret = secrets.token_hex(32)
        self.control_token = secrets.token_hex(16)
        self.auth_tokens: dict[str, tuple[Account, str, float]] = {}
        self.page_hooks: list[PageHook] = []
        self.bugs: list[str] = []
        """Exceptions within the simulator itself; tests expect none."""
        self.subscribers_version = 0
        self._lists: OrderedDict[Any, list[int]] = OrderedDict()
        self.accounts_for_tests = self.accounts
        self._by_username = {account.username: account for account in self.accounts.values()}
        self._by_id = {account.id: account for account in self.accounts.values()}

    def administrator(self, username: str) -> Account | None:
        """Return an administrator by log-in name."""
        return self._by_username.get(username)

    def administrator_by_id(self, identifier: int) -> Account | None:
        """Return an administrator by id."""
        return self._by_id.get(identifier)

    def administrator_by_serial(self, serial: int) -> Account | None:
        """Return the administrator that a client certificate belongs to."""
        for account in self.accounts.values():
            if serial in account.certificate_serials:
                return account
        return None

    def subscriber_account(self, webusername: str, domain: str) -> Account | None:
        """Return the web log-in of a subscriber."""
        row = self.database.row(
            "SELECT s.id FROM subscribers s JOIN domains d ON d.id = s.domain_id"
            " WHERE s.webusername = ? AND d.domain = ? AND s.status <> 'terminated'",
            (webusername, domain),
        )
        return self.subscriber_account_by_id(row[0]) if row else None

    def subscriber_account_by_id(self, identifier: int) -> Account | None:
        """Return the web log-in of a subscriber by its id."""
        row = self.database.row(
            "SELECT s.webusername, s.webpassword, s.administrative, s.contract_id, s.reseller_id, d.domain"
            " FROM subscribers s JOIN domains d ON d.id = s.domain_id WHERE s.id = ? AND s.status <> 'terminated'",
            (identifier,),
        )
        if row is None or row["webusername"] is None:
            return None
        return Account(
            username=f"{row['webusername']}@{row['domain']}",
            password=row["webpassword"] or "",
            role="subscriberadmin" if row["administrative"] else SUBSCRIBER_REALM,
            id=identifier,
            reseller_id=row["reseller_id"],
            customer_id=row["contract_id"],
            subscriber_id=identifier,
            domain=row["domain"],
        )

    def ids(self, sql: str, parameters: Sequence[Any], versions: tuple[int, ...]) -> list[int]:
        """Return the ids that a query finds; kept until one of the versions moves on."""
        key = (sql, tuple(parameters), self.subscribers_version, versions)
        found = self._lists.get(key)
        if found is None:
            found = [row[0] for row in self.database.rows(sql, parameters)]
            self._lists[key] = found
            if len(self._lists) > CACHED_LISTS:
                self._lists.popitem(last=False)
        else:
            self._lists.move_to_end(key)
        return found

    def report_bug(self) -> None:
        """Keep and print the exception that is being handled."""
        text = traceback.format_exc()
        self.bugs.append(text)
        print(text, file=sys.stderr)

    def close(self) -> None:
        """Close what is open."""
        self.audit.close()
        self.database.close()
