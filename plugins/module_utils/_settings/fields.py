# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What a field of a settings resource can be: a flag, a number, a text, an address, a pattern or a choice; lists are in
:mod:`list_fields`.

Every class says all that is special about its kind: what the server sends for it, how two values compare, what users
may write, and how it looks as an option of a module and in a cell of a fleet file. What only a rare input or a fleet
file needs is imported where it is used, because a module compiles all that it imports in every run.

The canonical form of a value is a bool, a number, a text, or None (also for an empty text: both mean "not there").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from typing import Any, Callable, ClassVar, NamedTuple

from .._errors import InputError
from .._masking import MASK
from .._raw_arguments import ANY_CASE, QUOTED
from .._texts import NUMBER_BOUND

# How a list is interpreted: as the whole list, or as the elements that are named.
REPLACE = "replace"
MERGE = "merge"

# What :meth:`Field.usual` returns for a value that needs a closer look.
UNUSUAL: Any = object()

_TRUE = ("true", "yes", "on", "1", "y", "t", "1.0")
_FALSE = ("false", "no", "off", "0", "n", "f", "0.0")
_FLAGS = frozenset((bool,))
_TEXTS = frozenset((str,))
WORDS = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}

# Ansible takes every option with one of these in its name for a secret, unless it is said otherwise.
_TELLING = ("pass", "secret", "token", "cryptkey")


class Doubt(NamedTuple):
    """An element of a list that is wrong unless the server has it: what an older platform has stored may be declared as
    it is.

    :param field: name of the list.
    :param element: in canonical form.
    :param error: what is wrong with it.
    """

    field: str
    element: Mapping[str, Any]
    error: InputError


class Refusal(NamedTuple):
    """A stored value with which the server refuses every change.

    :param path: where it is.
    :param problem: what the server has against it, as the end of a sentence.
    :param advice: what users can do about it.
    """

    path: str
    problem: str
    advice: str


@dataclass(frozen=True, eq=False)
class Field:
    """One field of a resource, or of the elements of one of its lists.

    :param name: the API's own name.
    :param default: the platform's default for a resource's field; for a field of an element, the collection's.
    :param required: an element without it is an error.
    :param secret: the value never appears in any output.
    :param renewed_by: the platform itself replaces the value as long as the field with this name has another value
        than its default.
    :param server_owned: only the server sets it; accepted in input and ignored.
    :param server_checked: whether the server checks the value, and with every PATCH the stored one again: one that it
        would not take now makes every PATCH of the subscriber fail.
    :param since: the first version of the platform that has the field, where some have none: responses may lack it.
    :param hidden_from_subscribers: whether some versions (mr9.2 to mr12.4) keep the field from subscribers, so that
        responses may lack it.
    """

    name: str
    default: Any = None
    required: bool = False
    secret: bool = False
    renewed_by: str | None = None
    server_owned: bool = False
    server_checked: bool = False
    since: str | None = None
    hidden_from_subscribers: bool = False

    # The types of nearly all values in responses; see :meth:`is_possible` for the others.
    usual_types: ClassVar[frozenset[type]] = frozenset((str, type(None)))
    # Whether a response without the field means that it is empty.
    missing_is_empty: ClassVar[bool] = False

    @property
    def mandatory(self) -> bool:
        """Whether every response of the platform that holds the resource has the field."""
        return self.since is None and not self.hidden_from_subscribers

    @property
    def update_option(self) -> str:
        """The option that says when a secret is written, for example ``update_password``."""
        return f"update_{self.name}"

    @property
    def reset_value(self) -> Any:
        """What the server has when nobody has set anything, in canonical form."""
        return self.default

    # ---- what the server has

    def problem(self, stored: Any, path: str) -> str | None:
        """Return why a response cannot have this value, or None. The text names the path, but not the value."""
        return None if self.is_possible(stored) else f"{path} has an impossible value"

    def is_possible(self, stored: Any) -> bool:
        """Return whether a response can have the value."""
        if isinstance(stored, int):
            return not isinstance(stored, bool) and abs(stored) < NUMBER_BOUND
        return stored is None or isinstance(stored, (str, float))

    def canonical(self, stored: Any) -> Any:
        """Return a value of the server, or one in canonical form, in canonical form."""
        return None if stored in (None, "") else str(stored)

    def refusal(self, value: Any) -> str | None:
        """Return what the server has against a value that it has stored, or None."""
        return None

    def refused(self, value: Any) -> Refusal | None:
        """Return why the server refuses every change while it has the value, or None if nothing is known."""
        problem = self.refusal(value) if self.server_checked else None
        return Refusal(self.name, problem, f"Declare {self.name} as well.") if problem else None

    # ---- comparing canonical values

    def comparable(self, value: Any) -> Any:
        """Return something that is equal for values that mean the same."""
        return value

    def equal(self, one: Any, other: Any) -> bool:
        """Return whether two values mean the same."""
        if one == other:
            return True
        return bool(self.comparable(one) == self.comparable(other))

    def differing(self, before: Any, after: Any) -> tuple[Any, Any]:
        """Return what of two values has to be shown, so that people see the difference."""
        return before, after

    def target(self, before: Any, wanted: Any, mode: str) -> Any:
        """Return the value that the server shall have.

        :param before: the one that it has.
        :param wanted: what is declared, as :meth:`parse` returns it.
        :param mode: how a list is interpreted.
        """
        return wanted

    # ---- what users write

    def usual(self, value: Any) -> Any:
        """Return what a value means that is written in the usual way, or ``UNUSUAL``: most values of most fleets are,
        and fleets are large. The result is that of :meth:`parse_closely`."""
        return UNUSUAL

    def usual_column(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return what :meth:`usual` returns for each of many values, by a quick check of all of them at once where all
        are written in the usual way. For a list these are the elements that shall be there."""
        return [*map(self.usual, values)]

    def parse(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        """Return what a user wrote in canonical form; for a list a :class:`list_fields.WantedList`.

        :param mode: how a list is interpreted; elements that shall not be there can be named only with ``MERGE``.
        :param doubts: takes the elements that are wrong unless the server has them; without it these are errors.
        :raises InputError: the value does not fit the field; ``field`` of the error names the place.
        """
        usual = self.usual(value)
        return self.parse_unusual(value, mode, doubts) if usual is UNUSUAL else usual

    def parse_unusual(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        """Do the same as :meth:`parse` for a value that is known not to be written in the usual way."""
        try:
            return self.parse_closely(value, mode, doubts)
        except InputError as error:
            if not error.field:
                error.field = self.name
            raise

    def parse_closely(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        """Do the same as :meth:`parse` for all the ways in which a value may be written.

        :raises InputError: without ``field`` if it is about the value as a whole.
        """
        raise NotImplementedError

    def parse_unwanted(self, value: Any) -> Any:
        """Return the value of an element that shall not be there.

        :raises InputError: no element can have it.
        """
        if value == "":
            raise InputError("must not be empty; leave it out to match any value")
        return self.parse(value)

    def is_doubtful(self, value: Any) -> bool:
        """Return whether the server may have a value in an element although nobody could declare it."""
        return False

    def written(self, value: Any) -> Any:
        """Return what users write for a canonical value."""
        return value

    # ---- options and cells

    def option(self) -> dict[str, Any]:
        """Return the option for the field. It has no default: not given means not managed."""
        option = self._typed_option()
        if self.secret or any(word in self.name for word in _TELLING):
            option["no_log"] = self.secret
        return option

    def _typed_option(self) -> dict[str, Any]:
        return {"type": "str"}

    def word(self, value: Any) -> str:
        """Return a value as a word of a cell."""
        return str(value)

    def is_meant_by(self, word: str) -> bool:
        """Return whether a word of a cell that stands alone can only be a value of this field."""
        return False

    def cell(self, value: Any) -> str | None:
        """Return the cell of a CSV file that is read as the value again, or None if there is none."""
        from .fleet_cells import cell_of_text

        word = self.word(value)
        return None if "\0" in word else cell_of_text(word)

    def cell_reader(self) -> Callable[[str], Any]:
        """Return what turns a cell of a CSV file into what :meth:`parse` takes."""
        from .fleet_cells import text_of_cell

        return text_of_cell


class Flag(Field):
    """Something that is on or off: a boolean for users, a number in the server's database."""

    usual_types: ClassVar[frozenset[type]] = frozenset((bool, int))

    def is_possible(self, stored: Any) -> bool:
        return isinstance(stored, int) or (isinstance(stored, str) and stored.isascii() and stored.isdigit())

    def canonical(self, stored: Any) -> Any:
        return bool(stored.strip("0")) if isinstance(stored, str) else bool(stored)

    def usual(self, value: Any) -> Any:
        if value.__class__ is bool:
            return value
        return WORDS.get(value, UNUSUAL) if value.__class__ is str else UNUSUAL

    def usual_column(self, values: Sequence[Any]) -> Sequence[Any]:
        return values if _FLAGS.issuperset(map(type, values)) else super().usual_column(values)

    def parse_closely(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        from .input_values import parse_boolean

        return parse_boolean(value)

    def _typed_option(self) -> dict[str, Any]:
        return {"type": "bool"}

    def word(self, value: Any) -> str:
        return "yes" if value else "no"

    def cell(self, value: Any) -> str | None:
        return self.word(value)


@dataclass(frozen=True, eq=False)
class Number(Field):
    """A whole number.

    :param lowest: the lowest that the server takes.
    :param highest: the highest that it can store.
    """

    lowest: int = 0
    highest: int = 4294967295

    usual_types: ClassVar[frozenset[type]] = frozenset((int, type(None)))

    def is_possible(self, stored: Any) -> bool:
        return stored is None or (stored.__class__ is int and abs(stored) < NUMBER_BOUND)

    def canonical(self, stored: Any) -> Any:
        return stored

    def usual(self, value: Any) -> Any:
        return value if value.__class__ is int and self.lowest <= value <= self.highest else UNUSUAL

    def parse_closely(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        from .input_values import parse_number

        return parse_number(self, value)

    def _typed_option(self) -> dict[str, Any]:
        return {"type": "int"}


@dataclass(frozen=True, eq=False)
class Text(Field):
    """Any text.

    :param max_length: longest text in characters; the server cuts longer ones silently or fails with a 500.
    """

    max_length: int | None = None

    def usual(self, value: Any) -> Any:
        is_usual = value.__class__ is str and len(value) <= (self.max_length or 0) and value.isascii() and value != MASK
        return value or None if is_usual else UNUSUAL

    def usual_column(self, values: Sequence[Any]) -> Sequence[Any]:
        are_usual = (
            _TEXTS.issuperset(map(type, values))
            and all(values)
            and max(map(len, values), default=0) <= (self.max_length or 0)
            and "".join(values).isascii()
            and MASK not in values
        )
        return values if are_usual else super().usual_column(values)

    def parse_closely(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        from .input_values import parse_storable

        return parse_storable(self, value) or None

    def parse_unwanted(self, value: Any) -> Any:
        """Any text may be what the server has, also an empty one."""
        from .._texts import parse_text

        return parse_text(value) or None

    def written(self, value: Any) -> Any:
        return "" if value is None else value

    def _typed_option(self) -> dict[str, Any]:
        return {"type": "str", QUOTED: True}


@dataclass(frozen=True, eq=False)
class Pattern(Text):
    """A text of an element that is a regular expression of Perl where a flag of the element is set.

    :param pattern_if: name of that flag.
    """

    pattern_if: str = ""

    def applies(self, element: Mapping[str, Any]) -> bool:
        """Return whether an element has a regular expression here."""
        return bool(element[self.pattern_if]) and element[self.name] is not None


# What an address consists of, see :mod:`addresses`.
ATOM_SIGNS = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~-"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
MAX_LOCAL_PART = 64  # characters before the @
_USUAL_ADDRESS = re.compile(rf"[{ATOM_SIGNS}]+(?:\.[{ATOM_SIGNS}]+)*@{LABEL}(?:\.{LABEL})+")


class Address(Text):
    """An e-mail address. Case and outer blanks do not matter in comparisons: the server's unique index does not see
    them."""

    def comparable(self, value: Any) -> Any:
        return (value or "").strip().casefold()

    def refusal(self, value: Any) -> str | None:
        if self.usual(value) is value:
            return None
        if not (value or "").strip():
            return "is empty"
        from .addresses import address_problem

        problem = address_problem(value)
        return f"is {value!r} and {problem}" if problem else None

    def usual(self, value: Any) -> Any:
        is_usual = value.__class__ is str and len(value) <= MAX_LOCAL_PART and _USUAL_ADDRESS.fullmatch(value)
        return value if is_usual else UNUSUAL

    def usual_column(self, values: Sequence[Any]) -> Sequence[Any]:
        are_usual = (
            _TEXTS.issuperset(map(type, values))
            and max(map(len, values), default=0) <= MAX_LOCAL_PART
            and all(map(_USUAL_ADDRESS.fullmatch, values))
        )
        return values if are_usual else Field.usual_column(self, values)

    def parse_closely(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        from .input_values import parse_address

        return parse_address(self, value)

    def is_doubtful(self, value: Any) -> bool:
        """The server has addresses that it never checked."""
        return isinstance(value, str)


@dataclass(frozen=True, eq=False)
class Choice(Field):
    """One of a few words.

    :param choices: the words; the server compares them case-sensitively.
    :param aliases: what else users may write, each with the word that it means.
    """

    choices: tuple[str, ...] = ()
    aliases: Mapping[str, str] = dataclass_field(default_factory=dict)

    def canonical(self, stored: Any) -> Any:
        return self.default if stored is None else str(stored)

    def refusal(self, value: Any) -> str | None:
        return None if value in self.choices else f"is {value!r}, not one of {', '.join(self.choices)}"

    def usual(self, value: Any) -> Any:
        return value if value.__class__ is str and value in self.choices else UNUSUAL

    def usual_column(self, values: Sequence[Any]) -> Sequence[Any]:
        are_usual = _TEXTS.issuperset(map(type, values)) and frozenset(self.choices).issuperset(values)
        return values if are_usual else super().usual_column(values)

    def meant(self, word: str) -> str | None:
        """Return the choice that a word of a user means, or None."""
        word = word.strip().lower()
        return next((choice for choice in self.choices if choice.lower() == word), None) or self.aliases.get(word)

    def parse_closely(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        from .input_values import parse_choice

        return parse_choice(self, value)

    def _typed_option(self) -> dict[str, Any]:
        return {"type": "str", "choices": [*self.choices, *self.aliases], ANY_CASE: True}

    def is_meant_by(self, word: str) -> bool:
        return self.meant(word) is not None


def members_problem(fields: Sequence[Field], document: Mapping[str, Any], prefix: str = "") -> str | None:
    """Return why a response cannot have these members, or None.

    :param prefix: what stands before their names in messages.
    """
    for field in fields:
        path = f"{prefix}{field.name}"
        if field.name not in document:
            if field.mandatory:
                return f"{path} is missing"
            continue
        problem = field.problem(document[field.name], path)
        if problem:
            return problem
    return None
