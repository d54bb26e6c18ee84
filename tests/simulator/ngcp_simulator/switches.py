# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the simulated platform is set up; everything can be changed while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "sql_mode": ("lenient", "strict"),
    "edition": ("sppro", "carrier", "spce"),
    "jwt": ("on", "absent", "no-secret"),
    "hal": ("current", "old"),
    "database": ("up", "down"),
    "redis": ("up", "down"),
    "fax_hosts": ("up", "down"),
    "number_rewrite_mode": ("set", "missing"),
    "forwards": ("current", "released"),
    "row_order": ("stored", "random"),
    "platform_info": ("present", "error", "absent"),
}


@dataclass
class Switches:
    """The set-up of the platform."""

    sql_mode: str = "lenient"
    """`lenient` cuts and converts odd values, `strict` refuses them with a 500."""
    license: bool = True
    """Whether the licence flag `fax` is set."""
    fax_feature: bool = True
    """The platform's `features.faxserver`."""
    password_rules: bool = False
    """Whether SIP passwords, and with them fax passwords, are checked."""
    login_ban: bool = True
    """Whether failed log-ins lead to a ban."""
    max_login_attempts: int = 5
    """How many failures lead to a ban."""
    edition: str = "sppro"
    """`spce` has no fax layer: it answers 201 to a fax and swallows it."""
    jwt: str = "on"
    """`absent`: an older server without /login_jwt; `no-secret`: it is not configured."""
    token_lifetime: float = 36000.0
    """Seconds until a JWT expires."""
    hal: str = "current"
    """`old`: a single element is an object in place of a list, settings items have no id."""
    read_delay: float = 0.0
    """Milliseconds that a reading request takes."""
    write_delay: float = 0.0
    """Milliseconds that a writing request takes."""
    basic_delay: float = 0.0
    """Additional milliseconds of every password check (Basic or a JWT log-in)."""
    item_delay: float = 0.0
    """Additional milliseconds for every item of a page."""
    workers: int = 0
    """How many requests are processed at once; 0: any number."""
    fax_seconds: float = 2.0
    """Seconds from QUEUED to the end of a fax."""
    deadlock_probability: float = 0.0
    """Chance that a mailtofaxsettings write fails while another one is under way."""
    fax_deadlock_probability: float = 0.0
    """Chance that a faxserversettings PATCH is repeated inside the platform while another write is under way."""
    fax_deadlock_delay: float = 1000.0
    """Milliseconds that such a repetition takes."""
    forward_deadlock_probability: float = 0.0
    """Chance of a 500 for a cfmappings write that brings a set along while another one is under way."""
    forward_collision_probability: float = 0.0
    """Chance of a 422 "Failed to create cfmapping." for such a write."""
    large_table: int = 5000
    """From this number of rows on, lists come sorted by address and not as inserted."""
    forwards: str = "current"
    """`released`: without what is in no release yet: expansion of mappings, usage counts, checks for equal names."""
    row_order: str = "stored"
    """`random`: mappings and elements of sets come in another order each time, as nothing promises one."""
    database: str = "up"
    """`down`: 503 without a body."""
    redis: str = "up"
    """`down`: Basic authentication is a 500."""
    fax_hosts: str = "up"
    """`down`: every fax that is sent is a 500."""
    number_rewrite_mode: str = "set"
    """`missing`: the platform's `faxserver.number_rewrite_mode` is not set, and every read of the journal is a 500."""

    platform_info: str = "present"
    """`error`: the file that /api/platforminfo serves was not generated, and it answers 200 with an error; `absent`: a
    release before mr9.5."""

    def change(self, **values: Any) -> None:
        """Change some switches; unknown names and values are errors."""
        known = {field.name: field for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown switch {name!r}; there are: {', '.join(sorted(known))}")
            current = getattr(self, name)
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"switch {name!r} is one of {', '.join(CHOICES[name])}")
            if isinstance(current, bool):
                value = bool(value)
            elif isinstance(current, (int, float)):
                value = type(current)(value)
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Return all switches."""
        return asdict(self)
