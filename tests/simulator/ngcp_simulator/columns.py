# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two settings resources as tables, and how the database stores odd values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

TINYINT = (-128, 127)
UNSIGNED = (0, 2**32 - 1)
_LEADING_NUMBER = re.compile(r"^\s*[+-]?\d+(?:\.\d*)?")
_WHOLE_NUMBER = re.compile(r"^\s*[+-]?\d+(?:\.\d*)?\s*$")


class UpdateFailed(Exception):
    """The database refused a row."""


@dataclass(frozen=True)
class Column:
    """One member of a settings document and the column behind it."""

    name: str
    kind: str
    """`boolean`, `text`, `email`, `choice`, `number` or `time`."""
    size: int = 255
    choices: tuple[str, ...] = ()
    required: bool = False
    label: str = ""
    implicit: str | None = None
    """What a database that is not strict stores when nothing is given and there is no default."""
    since: str | None = None
    """The version of the platform that brought it, where that is newer than the recorded exchanges: `schema.sql` does
    not have it either."""
    default: str | int | None = None
    """The database's default of a column that `schema.sql` does not have."""

    @property
    def definition(self) -> str:
        """The column in SQL, where `schema.sql` does not have it."""
        kind = "INTEGER" if self.kind == "boolean" else "TEXT"
        value = f"'{self.default}'" if isinstance(self.default, str) else self.default
        return f"{self.name} {kind}" + ("" if value is None else f" NOT NULL DEFAULT {value}")


@dataclass(frozen=True)
class ListField:
    """A list within a settings document."""

    name: str
    table: str
    columns: tuple[Column, ...]
    unique: str | None = None
    """The column that must be unique within a subscriber."""


@dataclass(frozen=True)
class Resource:
    """One of the two settings resources."""

    name: str
    entity: str
    controller: str
    table: str
    columns: tuple[Column, ...]
    lists: tuple[ListField, ...]
    shows_id: bool
    checks_accept: bool
    has_journal: bool


FAX = Resource(
    name="faxserversettings",
    entity="faxserversetting",
    controller="FaxserverSettings",
    table="fax_preferences",
    columns=(
        Column("active", "boolean"),
        Column("ecm", "boolean"),
        Column("name", "text", 64),
        Column("password", "text", 64),
        Column("t38", "boolean"),
    ),
    lists=(
        ListField(
            "destinations",
            "fax_destinations",
            (
                Column("destination", "email", required=True, label="Destination Email", implicit=""),
                Column(
                    "filetype",
                    "choice",
                    choices=("TIFF", "PS", "PDF", "PDF14"),
                    required=True,
                    label="File Type",
                    implicit="TIFF",
                ),
                Column("incoming", "boolean"),
                Column("outgoing", "boolean"),
                Column("status", "boolean"),
            ),
            unique="destination",
        ),
    ),
    shows_id=True,
    checks_accept=True,
    has_journal=True,
)

MAIL = Resource(
    name="mailtofaxsettings",
    entity="mailtofaxsettings",
    controller="MailToFaxSettings",
    table="mail_preferences",
    columns=(
        Column("active", "boolean"),
        Column("last_secret_key_modify", "time"),
        Column("secret_key", "text"),
        Column(
            "secret_key_renew",
            "choice",
            choices=("never", "daily", "weekly", "monthly"),
            required=True,
            label="Secret Renew Interval ",
        ),
    ),
    lists=(
        ListField("secret_renew_notify", "mail_notify", (Column("destination", "text", implicit=""),), "destination"),
        ListField(
            "acl",
            "mail_acl",
            (
                Column("destination", "text"),
                Column("from_email", "text"),
                Column("received_from", "text"),
                Column("use_regex", "boolean"),
            ),
        ),
    ),
    shows_id=False,
    checks_accept=False,
    has_journal=False,
)

RESOURCES = {resource.name: resource for resource in (FAX, MAIL)}


def newer_columns() -> list[tuple[str, Column]]:
    """Return the columns that are newer than `schema.sql` and the recorded exchanges, with their tables."""
    tables: list[tuple[str, tuple[Column, ...]]] = []
    for resource in RESOURCES.values():
        tables += [(resource.table, resource.columns), *((field.table, field.columns) for field in resource.lists)]
    return [(table, column) for table, columns in tables for column in columns if column.since is not None]


def newer_defaults(name: str) -> dict[str, Any]:
    """Return what a resource shows in members that are newer than the recorded exchanges, where nobody has set them."""
    newer = [column for column in RESOURCES[name].columns if column.since is not None]
    return {column.name: bool(column.default) if column.kind == "boolean" else column.default for column in newer}


def perl_text(value: Any) -> str:
    """Return a JSON value as the text that Perl makes of it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dict):
        return f"HASH(0x{id(value):x})"
    if isinstance(value, list):
        return f"ARRAY(0x{id(value):x})"
    return str(value)


def stored(column: Column, value: Any, strict: bool) -> Any:
    """Return what the database makes of a value; raise UpdateFailed where it refuses it."""
    if value is None:
        return None
    if column.kind == "boolean":
        return _number(perl_text(value), TINYINT, strict)
    if column.kind == "number":
        return _number(perl_text(value), UNSIGNED, strict)
    if column.kind == "choice":
        return _choice(column, perl_text(value), strict)
    return _characters(column, perl_text(value), strict)


def _number(text: str, limits: tuple[int, int], strict: bool) -> int:
    if strict and not _WHOLE_NUMBER.match(text):
        raise UpdateFailed(text)
    match = _LEADING_NUMBER.match(text)
    number = float(match.group()) if match else 0.0
    rounded = int(number + 0.5) if number >= 0 else -int(-number + 0.5)
    low, high = limits
    if strict and not low <= rounded <= high:
        raise UpdateFailed(text)
    return max(low, min(high, rounded))


def _choice(column: Column, text: str, strict: bool) -> str:
    found = text.rstrip(" ")
    if found in column.choices:
        return found
    if strict:
        raise UpdateFailed(text)
    return ""


def _characters(column: Column, text: str, strict: bool) -> str:
    if strict and (len(text) > column.size or any(ord(character) > 0xFFFF for character in text)):
        raise UpdateFailed(text)
    if not text.isascii():
        text = "".join("????" if ord(character) > 0xFFFF else character for character in text)
    return text[: column.size]
