# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""What the platform's settings resources look like: one table per API resource, every field described once.

The argument specification, validation, comparison, patches, diffs, masking, warnings, fleet files, drift reports and
inventories are all read off these tables. Adding a field means adding one row here, and its documentation; adding a
resource means adding one table, a line in :mod:`_resources`, the documentation of its modules, and the few lines that
run them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field as dataclass_field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from .fields import Address, Choice, Field, Flag, Pattern, Text
from .list_fields import ABSENT, PRESENT, ListOf

if TYPE_CHECKING:
    from .ways import Ways

# The states that a declaration can have, see :class:`plan.Policy`.
REPLACED = "replaced"


class Need(NamedTuple):
    """Settings that the server takes, and with which the service does nothing: a flag is set, and nothing of what it
    needs is there.

    :param flag: name of the flag.
    :param one_of: names of the fields of which at least one has to have a value.
    :param warning: the warning about it for users.
    """

    flag: str
    one_of: tuple[str, ...]
    warning: str


def _one_item() -> Ways:
    # Imported here, because a table is loaded by tasks that read and write nothing.
    from .one_item import ONE_ITEM

    return ONE_ITEM


class Dependence(NamedTuple):
    """What a resource does nothing without: a flag of another one.

    :param module: the module of the other one.
    :param flag: name of the flag.
    :param warning: the warning about it for users.
    """

    module: str
    flag: str
    warning: str


@dataclass(frozen=True, eq=False)
class Resource:
    """One thing that is declared for subscribers: usually a settings resource of the API, whose items are identified by
    the subscriber's id.

    :param name: the resource's name in paths and relations, for example ``faxserversettings``.
    :param module: the module that manages it.
    :param title: what users call it, for messages.
    :param prefix: what stands before its fields' names in fleet files where another resource has a field of the same
        name; also the name of its nested form there, of its detail in inventories, and a part of its variables.
    :param fields: all fields, in the order in which they are shown.
    :param needs: what its flags need, see :mod:`advice`.
    :param depends_on: what it does nothing without, see :mod:`_fleet.contradictions`.
    :param states: what can be declared about it as a whole.
    :param leading: the name of the field without which the others mean nothing.
    :param implied: what is declared beside the leading field where nothing else is said.
    :param options: further options of its module that say how declarations are interpreted, as argument specifications;
        the policy holds their values.
    :param bare: the fields whose names may stand alone in an entry of a fleet, and not only behind the prefix; None for
        all of them.
    :param off: for fields that switch a service, the values with which it is off.
    :param lost: the fields whose previous values cannot be restored.
    :param problem: the field that says why declaring exactly what a subscriber has would not leave it as it is.
    :param has_whole_values: whether each operation of a plan sets the whole value of one field.
    :param advises_fleets: whether the run of a fleet gives the warnings that its module gives.
    :param info_options: further options of its info module that say what is read; the policy holds their values.
    :param load_ways: loads how it is read, planned and written, see :mod:`ways`.
    """

    name: str
    module: str
    title: str
    prefix: str
    fields: tuple[Field, ...]
    needs: tuple[Need, ...] = ()
    depends_on: Dependence | None = None
    states: tuple[str, ...] = (PRESENT, REPLACED, ABSENT)
    leading: str | None = None
    implied: Mapping[str, Any] = dataclass_field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = dataclass_field(default_factory=dict)
    bare: tuple[str, ...] | None = None
    off: Mapping[str, tuple[Any, ...]] = dataclass_field(default_factory=lambda: {"active": (False,)})
    lost: tuple[str, ...] = ()
    problem: str | None = None
    has_whole_values: bool = True
    advises_fleets: bool = False
    info_options: Mapping[str, Mapping[str, Any]] = dataclass_field(default_factory=dict)
    load_ways: Callable[[], Ways] = _one_item

    @cached_property
    def ways(self) -> Ways:
        """How it is read, planned and written."""
        return self.load_ways()

    @cached_property
    def is_compared_by_field(self) -> bool:
        """Whether nothing matters but the declared fields, each by itself, so that many entries can be compared column
        by column."""
        return self.has_whole_values and self.leading is None and self.depends_on is None and not self.advises_fleets

    def completed(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return declared fields with what they imply."""
        return {**self.implied, **fields} if self.implied and self.leading in fields else fields

    @property
    def host_variable(self) -> str:
        """The variable of a host in which the inventory plugin hands out the settings of a subscriber."""
        return f"ngcp_{self.prefix}"

    @property
    def fleet_variable(self) -> str:
        """The variable of a host in which users declare the settings of a subscriber."""
        return f"fleet_{self.prefix}"

    def prefixed(self, field: Field) -> str:
        """Return the name of a field that no other resource has."""
        return f"{self.prefix}_{field.name}"

    def is_bare(self, field: Field) -> bool:
        """Return whether the name of a field may stand alone in an entry of a fleet."""
        return self.bare is None or field.name in self.bare

    def goes_off(self, name: str, before: Any, after: Any) -> bool:
        """Return whether a change of a field switches a service off."""
        values = self.off.get(name, ())
        return after in values and before is not None and before not in values

    @cached_property
    def has_advice(self) -> bool:
        """Whether settings that the server takes can deserve a warning, see :mod:`advice`."""
        return bool(self.needs or any(field.renewed_by for field in self.fields) or self.lists_with_patterns)

    @cached_property
    def managed(self) -> tuple[Field, ...]:
        """The fields that users can declare."""
        return tuple(field for field in self.fields if not field.server_owned)

    @cached_property
    def usual_readers(self) -> tuple[tuple[Field, str, Callable[[Any], Any]], ...]:
        """For each managed field its name and what reads a value that is written in the usual way, ready for use:
        fleets are large."""
        return tuple((field, field.name, field.usual) for field in self.managed)

    @cached_property
    def server_owned(self) -> tuple[Field, ...]:
        """The fields that only the server sets."""
        return tuple(field for field in self.fields if field.server_owned)

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """Names of the fields whose values never appear in any output."""
        return tuple(field.name for field in self.fields if field.secret)

    @cached_property
    def lists(self) -> tuple[ListOf, ...]:
        """The fields that are lists."""
        return tuple(field for field in self.fields if isinstance(field, ListOf))

    @property
    def lists_with_patterns(self) -> tuple[ListOf, ...]:
        """The lists whose elements can have regular expressions."""
        return tuple(field for field in self.lists if field.patterns)


# Defaults of the platform: the server falls back to them for every field that a PUT leaves out or a PATCH removes.
# Lengths: column widths of the server's database. Elements: the server would fill in other defaults for flags that
# are left out, so that all of them are always sent.
FAX_SETTINGS = Resource(
    name="faxserversettings",
    module="fax_settings",
    title="fax settings",
    prefix="fax",
    fields=(
        Flag("active", default=False),
        Text("name", max_length=64),
        Text("password", max_length=64, secret=True),
        Flag("t38", default=True, since="mr5.3"),
        Flag("ecm", default=True, since="mr5.3"),
        ListOf(
            "destinations",
            key=("destination",),
            unique=True,
            elements=(
                Address("destination", max_length=255, required=True, server_checked=True),
                Choice("filetype", default="TIFF", choices=("TIFF", "PS", "PDF", "PDF14"), server_checked=True),
                Flag("incoming", default=True),
                Flag("outgoing", default=True),
                Flag("status", default=True),
            ),
        ),
    ),
)

MAIL2FAX_SETTINGS = Resource(
    name="mailtofaxsettings",
    module="mail2fax_settings",
    title="mail to fax settings",
    prefix="mail2fax",
    needs=(
        Need(
            "active",
            one_of=("secret_key", "acl"),
            warning="active without a secret key and without ACL rules; the mail gateway refuses all mail.",
        ),
    ),
    fields=(
        Flag("active", default=False, hidden_from_subscribers=True),
        Text("secret_key", max_length=255, secret=True, renewed_by="secret_key_renew"),
        Text("last_secret_key_modify", server_owned=True, since="mr9.2"),
        Choice(
            "secret_key_renew",
            default="never",
            choices=("never", "daily", "weekly", "monthly"),
            server_checked=True,
        ),
        ListOf(
            "secret_renew_notify",
            key=("destination",),
            unique=True,
            elements=(Address("destination", max_length=255, required=True),),
        ),
        ListOf(
            "acl",
            key=("from_email", "received_from", "destination", "use_regex"),
            elements=(
                Pattern("from_email", max_length=255, pattern_if="use_regex"),
                Pattern("received_from", max_length=255, pattern_if="use_regex"),
                Pattern("destination", max_length=255, pattern_if="use_regex"),
                Flag("use_regex", default=False),
            ),
        ),
    ),
)
