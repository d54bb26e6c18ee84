# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The data that a new simulator starts with: resellers, customers, domains, subscribers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from .accounts import FOREIGN_RESELLER, OWN_RESELLER
from .database import Database

DOMAINS = ("fax.example.com", "voip.example.net", "pbx.example.org")
FOREIGN_DOMAIN = "elsewhere.example.com"
FIRST_CUSTOMER = 2
CREATED = 1_700_000_000.0
SHARED_USERNAME = "reception"
SHARED_EXTERNAL_ID = "EXT-DUPLICATE"


@dataclass
class Plan:
    """How much of everything there shall be."""

    subscribers: int = 300
    customers: int = 0
    foreign_subscribers: int = 0
    terminated: int = 0
    seed: int = 1
    known: dict[str, Any] = field(default_factory=dict)
    """Filled while populating: who shares a user name or an external id, who is administrative."""


def customer_count(plan: Plan) -> int:
    """Return the number of customers: as asked for, else up to five."""
    return plan.customers or max(1, min(5, plan.subscribers // 4))


def populate(database: Database, plan: Plan) -> None:
    """Create everything. Subscribers get the ids 1 to N."""
    generator = random.Random(plan.seed)
    customers = customer_count(plan)
    with database.transaction():
        database.execute_many("INSERT INTO resellers VALUES (?, ?)", [(1, "default"), (2, "elsewhere")])
        _customers(database, customers)
        names = [(index + 1, OWN_RESELLER, name) for index, name in enumerate(DOMAINS)]
        names.append((len(DOMAINS) + 1, FOREIGN_RESELLER, FOREIGN_DOMAIN))
        database.execute_many("INSERT INTO domains VALUES (?, ?, ?)", names)
        _subscribers(database, plan, customers, generator)


def _customers(database: Database, count: int) -> None:
    rows = [
        (FIRST_CUSTOMER + index, OWN_RESELLER, 1 + index, f"CUST-{index + 1:04d}", "active", CREATED, CREATED)
        for index in range(count)
    ]
    foreign = FIRST_CUSTOMER + count
    rows.append((foreign, FOREIGN_RESELLER, 1 + count, "CUST-FOREIGN", "active", CREATED, CREATED))
    rows.append((foreign + 1, OWN_RESELLER, 2 + count, "CUST-GONE", "terminated", CREATED, CREATED))
    database.execute_many(
        "INSERT INTO customers (id, reseller_id, contact_id, external_id, status, create_timestamp, modify_timestamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def _subscribers(database: Database, plan: Plan, customers: int, generator: random.Random) -> None:
    count = plan.subscribers
    total = count + plan.foreign_subscribers + plan.terminated
    width = max(4, len(str(total)))
    administrative = set(range(max(2, count - customers + 1), count + 1))
    shared_names, shared_external = _shared(count, customers)
    subscribers: list[tuple[Any, ...]] = []
    numbers: list[tuple[Any, ...]] = []
    for identifier in range(1, total + 1):
        index = (identifier - 1) % customers
        foreign = count < identifier <= count + plan.foreign_subscribers
        digits = f"{identifier:0{width}d}"
        bits = f"{generator.getrandbits(128):032x}"
        subscribers.append(
            (
                identifier,
                f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}",
                SHARED_USERNAME if identifier in shared_names else f"user{digits}",
                len(DOMAINS) + 1 if foreign else index % len(DOMAINS) + 1,
                FIRST_CUSTOMER + (customers if foreign else index),
                FOREIGN_RESELLER if foreign else OWN_RESELLER,
                SHARED_EXTERNAL_ID if identifier in shared_external else f"EXT-{digits}",
                "terminated" if identifier > count + plan.foreign_subscribers else "active",
                f"web{digits}",
                f"Web-{plan.seed}-{digits}",
                1 if identifier in administrative else 0,
                None,
                CREATED + identifier,
                CREATED + identifier,
            )
        )
        numbers.append((identifier, "43", "1", f"9{digits}", f"4319{digits}", 1))
        if identifier % 10 == 0:
            numbers.append((identifier, "43", "1", f"7{digits}", f"4317{digits}", 0))
        if identifier % 50 == 0:
            numbers.append((identifier, "43", "2", f"6{digits}", f"4326{digits}", 0))
    _insert(database, subscribers, numbers)
    plan.known.update(
        {
            "administrative": sorted(administrative & set(range(1, count + 1))),
            "shared_username": [SHARED_USERNAME, sorted(shared_names)],
            "shared_external_id": [SHARED_EXTERNAL_ID, sorted(shared_external)],
            "foreign": list(range(count + 1, count + plan.foreign_subscribers + 1)),
            "terminated": list(range(count + plan.foreign_subscribers + 1, total + 1)),
        }
    )


def _shared(count: int, customers: int) -> tuple[set[int], set[int]]:
    """Choose who shares a user name (in different domains) and who an external id."""
    if count < 20 or customers < 3:
        return set(), set()
    last = count - customers
    chosen = [last - (last - 1 - index) % customers for index in range(len(DOMAINS))]
    others = [number for number in range(last, 0, -1) if number not in chosen]
    return set(chosen), set(others[:2])


def _insert(database: Database, subscribers: list[tuple[Any, ...]], numbers: list[tuple[Any, ...]]) -> None:
    database.execute_many(
        "INSERT INTO subscribers (id, uuid, username, domain_id, contract_id, reseller_id, external_id, status,"
        " webusername, webpassword, administrative, display_name, create_timestamp, modify_timestamp)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        subscribers,
    )
    database.execute_many(
        "INSERT INTO numbers (subscriber_id, cc, ac, sn, number, is_primary) VALUES (?, ?, ?, ?, ?, ?)", numbers
    )


def known(database: Database) -> dict[str, Any]:
    """Read from a kept database what `populate` noted."""

    def ids(condition: str) -> list[int]:
        return [row[0] for row in database.rows(f"SELECT id FROM subscribers WHERE {condition} ORDER BY id")]

    return {
        "administrative": ids("administrative = 1"),
        "shared_username": [SHARED_USERNAME, ids(f"username = '{SHARED_USERNAME}'")],
        "shared_external_id": [SHARED_EXTERNAL_ID, ids(f"external_id = '{SHARED_EXTERNAL_ID}'")],
        "foreign": ids(f"reseller_id = {FOREIGN_RESELLER} AND status <> 'terminated'"),
        "terminated": ids("status = 'terminated'"),
    }
