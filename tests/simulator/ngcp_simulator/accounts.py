# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who can log in: administrators of all kinds, and the subscribers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

ADMIN_REALM = "admin"
SUBSCRIBER_REALM = "subscriber"

OWN_RESELLER = 1
FOREIGN_RESELLER = 2


@dataclass
class Account:
    """One log-in."""

    username: str
    password: str = field(repr=False)
    role: str
    id: int
    reseller_id: int | None = None
    read_only: bool = False
    show_passwords: bool = True
    active: bool = True
    otp_secret: str | None = field(default=None, repr=False)
    password_expired: bool = False
    certificate_serials: set[int] = field(default_factory=set)
    customer_id: int | None = None
    subscriber_id: int | None = None
    domain: str | None = None

    @property
    def realm(self) -> str:
        """The address at which the account can log in."""
        return SUBSCRIBER_REALM if self.subscriber_id is not None else ADMIN_REALM


def administrators(seed: int) -> dict[str, Account]:
    """Return the administrators, by the name that tests use for them."""

    def make(name: str, identifier: int, role: str = "admin", **more: object) -> Account:
        digest = hashlib.sha256(f"{seed}:{name}".encode()).hexdigest()[:10]
        username = name.replace("-", "_")
        return Account(username=username, password=f"Sim-{digest}", role=role, id=identifier, **more)  # type: ignore[arg-type]

    reseller: dict[str, object] = {"reseller_id": OWN_RESELLER}
    found = {
        "admin": make("admin", 1),
        "reseller": make("reseller", 2, "reseller", **reseller),
        "foreign-reseller": make("foreign-reseller", 3, "reseller", reseller_id=FOREIGN_RESELLER),
        "readonly": make("readonly", 4, read_only=True),
        "ccare": make("ccare", 5, "ccare", **reseller),
        "ccareadmin": make("ccareadmin", 6, "ccareadmin", **reseller),
        "throwaway": make("throwaway", 7),
        "hidden-passwords": make("hidden-passwords", 8, show_passwords=False),
        "inactive": make("inactive", 9, active=False),
        "otp": make("otp", 10, otp_secret="JBSWY3DPEHPK3PXP"),
        "expired": make("expired", 11, password_expired=True),
        "lintercept": make("lintercept", 12, "lintercept"),
        "spare": make("spare", 13),
    }
    return found
