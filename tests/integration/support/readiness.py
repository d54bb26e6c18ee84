# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subscribers on a simulated platform that can do everything, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ngcp_simulator import Simulator

FAX, MAIL = "faxserversettings", "mailtofaxsettings"

KEY = "CANARY-key-of-mail-to-fax"


def destination(address: str = "fax@example.org", **fields: Any) -> dict[str, Any]:
    """Return a destination that gets the received faxes."""
    return {"destination": address, "filetype": "PDF", "incoming": True, "outgoing": False, "status": True, **fields}


def make_ready(sim: Simulator, numbers: Iterable[int]) -> None:
    """Give subscribers everything that they need to receive, send and mail faxes."""
    chosen = list(numbers)
    sim.put_many(FAX, {number: {"active": True, "destinations": [destination()]} for number in chosen})
    sim.put_many(MAIL, {number: {"active": True, "secret_key": KEY, "secret_key_renew": "never"} for number in chosen})
    sim.add_fax_forwards(chosen)


def forward_to(sim: Simulator, number: int, *addresses: str, **mapping: Any) -> None:
    """Let all calls go elsewhere."""
    one = {"destinationset": {"name": "elsewhere", "destinations": list(addresses)}, **mapping}
    sim.put_forwards(number, {"cfu": [one]})


def _foreign(sim: Simulator, number: int) -> None:
    """Let all calls go by the set of the next subscriber."""
    other = sim.sets("cfdestinationsets", number + 1)[0]["id"]
    sim.put_forwards(number, {"cfu": [{"destinationset_id": other}]})


def _at_times(sim: Simulator, number: int) -> None:
    times = {"name": "office", "times": [{"wday": "2-6", "hour": "8-17"}]}
    sim.put_forwards(number, {})
    sim.add_fax_forwards([number], timeset=times)


def _old_key(sim: Simulator, number: int) -> None:
    sim.change_settings(MAIL, number, secret_key_renew="daily", secret_renew_notify=[{"destination": "me@example.org"}])
    long_ago = 981_173_046.0  # in February 2001
    sim.platform.database.execute(
        "UPDATE mail_preferences SET last_secret_key_modify = ? WHERE subscriber_id = ?", (long_ago, number)
    )


# What can be done to a subscriber, by the code of the reason that it has to come to.
CAUSES: Mapping[str, Callable[[Simulator, int], Any]] = {
    "subscriber_not_active": lambda sim, number: sim.lock_subscriber(number),
    "calls_locked": lambda sim, number: sim.change_subscriber(number, lock=3),
    "number_missing": lambda sim, number: sim.set_primary_number(number, None),
    "profile_without_fax": lambda sim, number: sim.change_subscriber(
        number, profile_id=sim.add_profile(f"no fax {number}", ["cfu"])
    ),
    "service_inactive": lambda sim, number: sim.change_settings(FAX, number, active=False),
    "incoming_destination_missing": lambda sim, number: sim.change_settings(
        FAX, number, destinations=[destination(incoming=False)]
    ),
    "destination_refused": lambda sim, number: sim.change_settings(
        FAX, number, destinations=[destination(), destination("nope", incoming=False)]
    ),
    "forward_missing": lambda sim, number: sim.put_forwards(number, {}),
    "forward_disabled": lambda sim, number: (
        sim.put_forwards(number, {}),
        sim.add_fax_forwards([number], enabled=False),
    ),
    "forward_elsewhere": lambda sim, number: forward_to(sim, number, "voicebox"),
    "forward_wrong_box": lambda sim, number: forward_to(sim, number, "sip:fax=4319999@fax2mail.local"),
    "forward_foreign_box": _foreign,
    "forward_conditional": _at_times,
    "forward_competing": lambda sim, number: sim.add_forwards(
        number, {"cfu": [{"destinationset": {"name": "vb", "destinations": ["voicebox"]}}]}
    ),
    "forward_other_type": lambda sim, number: (sim.put_forwards(number, {}), sim.add_fax_forwards([number], "cfb")),
    "mail_inactive": lambda sim, number: sim.change_settings(MAIL, number, active=False),
    "mail_unprotected": lambda sim, number: sim.change_settings(MAIL, number, secret_key=None),
    "key_renewal_overdue": _old_key,
    "last_fax_failed": lambda sim, number: sim.receive_fax(number, status="FAILED", reason="No carrier [3/3]"),
}
