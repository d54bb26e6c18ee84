# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""What the platform's settings resources look like: one table per API resource, every field described once.

The argument specification, validation, comparison, patches, diffs and masking are all read off these tables.
Adding a field to the collection means adding one row here (and its documentation).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

BOOLEAN = "bool"
TEXT = "str"
CHOICE = "choice"
LIST = "list"


@dataclass(frozen=True, eq=False)
class Field:
    """One field of a resource, or of the elements of one of its lists.

    :param name: the API's own name.
    :param kind: ``BOOLEAN``, ``TEXT``, ``CHOICE`` or ``LIST``.
    :param default: the platform's default for a resource's field; for a field of an element, the collection's.
    :param choices: the allowed words of a ``CHOICE``; the server compares them case-sensitively.
    :param max_length: longest text in characters; the server cuts longer ones silently or fails with a 500.
    :param secret: the value never appears in any output.
    :param server_owned: only the server sets it; accepted in input and ignored.
    :param email: the text has to be an e-mail address, and case does not matter in comparisons.
    :param required: an element without it is an error.
    :param pattern: the text is a regular expression where the element's ``use_regex`` is set.
    :param elements: for a ``LIST``: the fields of its elements.
    :param key: for a ``LIST``: names of the fields that tell two elements apart.
    :param server_checked: whether the server checks the value, and with every PATCH the stored one again: one that it
        would not take now makes every PATCH of the subscriber fail.
    :param since: the first version of the platform that has the field, where some have none: answers may lack it.
    :param hidden_from_subscribers: whether some versions (mr9.2 to mr12.4) keep the field from subscribers, so that
        answers may lack it.
    """

    name: str
    kind: str
    default: Any = None
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    secret: bool = False
    server_owned: bool = False
    email: bool = False
    required: bool = False
    pattern: bool = False
    elements: tuple[Field, ...] = ()
    key: tuple[str, ...] = ()
    server_checked: bool = False
    since: str | None = None
    hidden_from_subscribers: bool = False

    @property
    def mandatory(self) -> bool:
        """Whether every response of the platform that holds the resource has the field."""
        return self.since is None and not self.hidden_from_subscribers

    @cached_property
    def key_fields(self) -> tuple[Field, ...]:
        """The fields of the elements that tell two of them apart."""
        parts = {part.name: part for part in self.elements}
        return tuple(parts[name] for name in self.key)

    @cached_property
    def element_names(self) -> frozenset[str]:
        """What may be given for an element."""
        return frozenset(part.name for part in self.elements) | {"state"}


@dataclass(frozen=True, eq=False)
class Resource:
    """One settings resource of the API. Its items are identified by the subscriber's id.

    :param name: the resource's name in paths and relations, for example ``faxserversettings``.
    :param module: the module that manages it.
    :param title: what users call it, for messages.
    :param fields: all fields, in the order in which they are shown.
    :param has_advice: whether settings that the server takes can deserve a warning, see :mod:`advice`.
    """

    name: str
    module: str
    title: str
    fields: tuple[Field, ...]
    has_advice: bool = False

    @cached_property
    def managed(self) -> tuple[Field, ...]:
        """The fields that users can declare."""
        return tuple(field for field in self.fields if not field.server_owned)

    @cached_property
    def server_owned(self) -> tuple[str, ...]:
        """Names of the fields that only the server sets."""
        return tuple(field.name for field in self.fields if field.server_owned)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Names of the fields whose values never appear in any output."""
        return tuple(field.name for field in self.fields if field.secret)

    @cached_property
    def lists(self) -> tuple[Field, ...]:
        """The fields that are lists."""
        return tuple(field for field in self.fields if field.kind == LIST)


# Defaults of the platform: the server falls back to them for every field that a PUT leaves out or a PATCH removes.
# Lengths: column widths of the server's database. Elements: the server would fill in other defaults for flags that
# are left out, so that all of them are always sent.
FAX_SETTINGS = Resource(
    name="faxserversettings",
    module="fax_settings",
    title="fax settings",
    fields=(
        Field("active", BOOLEAN, default=False),
        Field("name", TEXT, max_length=64),
        Field("password", TEXT, max_length=64, secret=True),
        Field("t38", BOOLEAN, default=True, since="mr5.3"),
        Field("ecm", BOOLEAN, default=True, since="mr5.3"),
        Field(
            "destinations",
            LIST,
            key=("destination",),
            elements=(
                Field("destination", TEXT, max_length=255, email=True, required=True, server_checked=True),
                Field("filetype", CHOICE, default="TIFF", choices=("TIFF", "PS", "PDF", "PDF14"), server_checked=True),
                Field("incoming", BOOLEAN, default=True),
                Field("outgoing", BOOLEAN, default=True),
                Field("status", BOOLEAN, default=True),
            ),
        ),
    ),
)

MAIL2FAX_SETTINGS = Resource(
    name="mailtofaxsettings",
    module="mail2fax_settings",
    title="mail to fax settings",
    has_advice=True,
    fields=(
        Field("active", BOOLEAN, default=False, hidden_from_subscribers=True),
        Field("secret_key", TEXT, max_length=255, secret=True),
        Field("last_secret_key_modify", TEXT, server_owned=True, since="mr9.2"),
        Field(
            "secret_key_renew",
            CHOICE,
            default="never",
            choices=("never", "daily", "weekly", "monthly"),
            server_checked=True,
        ),
        Field(
            "secret_renew_notify",
            LIST,
            key=("destination",),
            elements=(Field("destination", TEXT, max_length=255, email=True, required=True),),
        ),
        Field(
            "acl",
            LIST,
            key=("from_email", "received_from", "destination", "use_regex"),
            elements=(
                Field("from_email", TEXT, max_length=255, pattern=True),
                Field("received_from", TEXT, max_length=255, pattern=True),
                Field("destination", TEXT, max_length=255, pattern=True),
                Field("use_regex", BOOLEAN, default=False),
            ),
        ),
    ),
)
