# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The subscribers of the benchmark: what is declared, what the server has, and who of them drifted."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterator
from typing import Any

Settings = dict[str, Any]

RESOURCE = "faxserversettings"
MAIL_RESOURCE = "mailtofaxsettings"
RESOURCES = (RESOURCE, MAIL_RESOURCE)
SUBSCRIBERS = "subscribers"
DOMAIN = "fax.example.com"


def declared(subscriber_id: int, secrets: bool = False) -> Settings:
    """Return the settings that a subscriber shall have: a name and two destinations, as an office has them.

    :param secrets: with a fax password of its own.
    """
    settings = {
        "active": True,
        "name": f"Office {subscriber_id:06}",
        "t38": subscriber_id % 4 != 0,
        "ecm": True,
        "destinations": [
            _destination(f"fax.{subscriber_id:06}@office.example.com", "PDF", outgoing=True),
            _destination(f"archive.{subscriber_id:06}@records.example.org", "TIFF", outgoing=False),
        ],
    }
    return (
        {**settings, "password": f"Pw-{subscriber_id * 7919 % 1_000_003:07}-{subscriber_id}"} if secrets else settings
    )


def declared_mail(subscriber_id: int) -> Settings:
    """Return the mail to fax settings that a subscriber shall have: those of an office that may send by mail."""
    return {
        "active": True,
        "secret_key_renew": "never",
        "secret_renew_notify": [{"destination": f"admin.{subscriber_id:06}@office.example.com"}],
        "acl": [
            {
                "from_email": f"office.{subscriber_id:06}@office.example.com",
                "received_from": None,
                "destination": None,
                "use_regex": False,
            }
        ],
    }


def drifted_mail(subscriber_id: int) -> Settings:
    """Return what is found instead where somebody changed the mail to fax settings by hand."""
    by_hand: tuple[Settings, ...] = ({"active": False}, {"secret_renew_notify": []}, {"acl": []})
    return {**declared_mail(subscriber_id), **by_hand[subscriber_id % len(by_hand)]}


def drifted(subscriber_id: int, secrets: bool = False) -> Settings:
    """Return what is found instead where somebody changed the settings by hand, in one of several ways."""
    settings = declared(subscriber_id, secrets)
    by_hand = (
        {"active": False},
        {"name": "Changed by hand"},
        {"destinations": settings["destinations"][:1]},
        {"t38": not settings["t38"], "ecm": False},
    )
    return {**settings, **by_hand[subscriber_id % len(by_hand)]}


def drifted_ids(count: int, share: float) -> list[int]:
    """Return which of the subscribers 1 to ``count`` drifted: evenly spread, and at least one unless nobody did."""
    number = max(1, round(count * share)) if share > 0 else 0
    return [1 + position * count // number for position in range(number)]


def corrections(subscriber_id: int) -> list[dict[str, Any]]:
    """Return the JSON Patch that brings a drifted subscriber back."""
    return _patch(declared(subscriber_id), drifted(subscriber_id))


def mail_corrections(subscriber_id: int) -> list[dict[str, Any]]:
    """Return the JSON Patch that brings a subscriber back whose mail to fax settings drifted."""
    return _patch(declared_mail(subscriber_id), drifted_mail(subscriber_id))


def name_of(subscriber_id: int) -> str:
    """Return ``user@domain`` of a subscriber."""
    return f"user{subscriber_id:06}@{DOMAIN}"


def entries(count: int, secrets: bool = False) -> Iterator[Settings]:
    """Return the entries of a fleet file."""
    for subscriber_id in range(1, count + 1):
        yield {"subscriber_id": subscriber_id, **declared(subscriber_id, secrets)}


def complete_entries(count: int) -> Iterator[Settings]:
    """Return the entries of a fleet file with both kinds of settings, named by ``user@domain``."""
    for subscriber_id in range(1, count + 1):
        yield {
            "subscriber": name_of(subscriber_id),
            "fax": declared(subscriber_id),
            "mail2fax": declared_mail(subscriber_id),
        }


def write_fleet(path: pathlib.Path, count: int, secrets: bool = False, complete: bool = False) -> None:
    """Write a fleet file, entry by entry: the benchmark's own memory must stay small, it is inherited and measured."""
    _write_list(path, complete_entries(count) if complete else entries(count, secrets))


def write_corrections(path: pathlib.Path, count: int, share: float, complete: bool = False) -> None:
    """Write what the bare script has to send: the resource, the id and the patch."""
    ids = drifted_ids(count, share)
    wanted = [[RESOURCE, subscriber_id, corrections(subscriber_id)] for subscriber_id in ids]
    if complete:
        wanted += [[MAIL_RESOURCE, subscriber_id, mail_corrections(subscriber_id)] for subscriber_id in ids]
    _write_list(path, iter(wanted))


def write_inventory(path: pathlib.Path, count: int) -> None:
    """Write an inventory with one host for each subscriber and the settings as its variables."""
    hosts = {f"subscriber{n}": {"subscriber_id": n, "fax": declared(n)} for n in range(1, count + 1)}
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    path.write_text(json.dumps({"all": {"vars": local, "hosts": hosts}}), encoding="utf-8")


def _destination(address: str, filetype: str, *, outgoing: bool) -> Settings:
    return {"destination": address, "filetype": filetype, "incoming": True, "outgoing": outgoing, "status": True}


def _write_list(path: pathlib.Path, items: Iterator[Any]) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write("[")
        separator = "\n"
        for item in items:
            stream.write(separator + json.dumps(item))
            separator = ",\n"
        stream.write("\n]\n")


def stored(count: int, share: float, secrets: bool) -> dict[str, Callable[[int], Settings]]:
    """Return the functions that tell for each resource what the server has for each of ``count`` subscribers before a
    run."""
    changed = frozenset(drifted_ids(count, share))
    return {
        RESOURCE: lambda subscriber_id: (drifted if subscriber_id in changed else declared)(subscriber_id, secrets),
        MAIL_RESOURCE: lambda subscriber_id: (drifted_mail if subscriber_id in changed else declared_mail)(
            subscriber_id
        ),
    }


def subscriber(subscriber_id: int) -> Settings:
    """Return a subscriber as the platform describes it."""
    number = {"ac": "1", "cc": 43, "number_id": subscriber_id, "sn": f"5{subscriber_id:06}"}
    username, domain = name_of(subscriber_id).split("@")
    known = {
        "administrative": False,
        "alias_numbers": [],
        "create_timestamp": "2026-01-31T08:09:40+00:00",
        "customer_id": 1 + subscriber_id // 10,
        "domain": domain,
        "domain_id": 1,
        "external_id": f"ext-{subscriber_id}",
        "id": subscriber_id,
        "modify_timestamp": "2026-01-31T08:09:40+00:00",
        "primary_number": number,
        "status": "active",
        "username": username,
        "uuid": f"00000000-0000-4000-8000-{subscriber_id:012}",
        "webusername": username,
    }
    others = ("display_name", "email", "lock", "profile_id", "profile_set_id", "timezone")
    return {**known, **dict.fromkeys(others)}


def _patch(wanted: Settings, found: Settings) -> list[dict[str, Any]]:
    return [
        {"op": "replace", "path": f"/{name}", "value": value} for name, value in wanted.items() if found[name] != value
    ]
