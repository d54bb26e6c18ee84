# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""A field that is a list of elements, which the server stores without an order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from operator import is_
from typing import Any, Callable, ClassVar, NamedTuple

from .fields import MERGE, REPLACE, UNUSUAL, Doubt, Field, Pattern, Refusal, members_problem

PRESENT = "present"
ABSENT = "absent"

# An element in canonical form: every field of it, in the order of the table.
Element = dict[str, Any]


class WantedList(NamedTuple):
    """A list as a user declares it: the elements that shall be there and those that shall not, in canonical form."""

    present: list[Element]
    absent: list[Element]


@dataclass(frozen=True, eq=False)
class ListOf(Field):
    """A list. Its canonical form is the elements as dictionaries with every field, ordered by key.

    :param elements: the fields of its elements.
    :param key: names of the fields that distinguish two elements.
    :param unique: whether the server refuses two elements with the same key. Otherwise it takes them, and they mean
        the same.
    """

    elements: tuple[Field, ...] = ()
    key: tuple[str, ...] = ()
    unique: bool = False

    usual_types: ClassVar[frozenset[type]] = frozenset((list,))
    missing_is_empty: ClassVar[bool] = True

    @property
    def mode_option(self) -> str:
        """The option that determines how the list is interpreted, for example ``destinations_mode``."""
        return f"{self.name}_mode"

    @property
    def reset_value(self) -> Any:
        return []

    @cached_property
    def key_fields(self) -> tuple[Field, ...]:
        """The fields that distinguish two elements."""
        parts = {part.name: part for part in self.elements}
        return tuple(parts[name] for name in self.key)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The fields of the elements that can be regular expressions."""
        return tuple(part for part in self.elements if isinstance(part, Pattern))

    @cached_property
    def element_names(self) -> frozenset[str]:
        """What may be given for an element."""
        return frozenset(part.name for part in self.elements) | {"state"}

    @cached_property
    def defaults(self) -> Element:
        """The element that comes of an entry without any field."""
        return {part.name: part.default for part in self.elements}

    # ---- what the server has

    def problem(self, stored: Any, path: str) -> str | None:
        if not isinstance(stored, list):
            return f"{path} is not a list"
        for position, element in enumerate(stored):
            where = f"{path}[{position}]"
            is_object = isinstance(element, Mapping)
            problem = members_problem(self.elements, element, f"{where}.") if is_object else f"{where} is not an object"
            if problem:
                return problem
        return None

    def canonical(self, stored: Any) -> list[Element]:
        if not stored:
            return []
        parts = self._canonical_parts
        elements = [{name: canonical(element.get(name)) for name, canonical in parts} for element in stored]
        return self.ordered(elements) if len(elements) > 1 else elements

    @cached_property
    def _canonical_parts(self) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
        return tuple((part.name, part.canonical) for part in self.elements)

    @cached_property
    def _checked(self) -> tuple[Field, ...]:
        """The fields of the elements that the server checks."""
        return tuple(part for part in self.elements if part.server_checked)

    def refused(self, value: Any) -> Refusal | None:
        if not self._checked:
            return None
        advice = (
            f"Declare {self.name} without it, or remove it with {self.mode_option}: {MERGE} and an element with that "
            f"value and state: {ABSENT}."
        )
        for position, element in enumerate(value):
            for part in self._checked:
                found = part.refused(element[part.name])
                if found:
                    return Refusal(f"{self.name}[{position}].{found.path}", found.problem, advice)
        return None

    # ---- comparing

    @cached_property
    def element_key(self) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
        """A function that returns what distinguishes an element from the others."""
        parts = tuple((part.name, part.comparable) for part in self.key_fields)
        return lambda element: tuple([comparable(element[name]) for name, comparable in parts])

    def by_key(self, elements: Iterable[Element]) -> dict[tuple[Any, ...], Element]:
        """Return the elements by what distinguishes them."""
        return {self.element_key(element): element for element in elements}

    def ordered(self, elements: Iterable[Element]) -> list[Element]:
        """Return the elements in the order in which the collection shows and sends them: by key."""
        return sorted(elements, key=lambda element: tuple(str(part or "") for part in self.element_key(element)))

    def equal_elements(self, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        """Return whether two elements mean the same."""
        return all(part.equal(one[part.name], other[part.name]) for part in self.elements)

    def comparable(self, value: Any) -> Any:
        return frozenset(
            tuple(part.comparable(element[part.name]) for part in self.elements) for element in value or ()
        )

    def differing(self, before: Any, after: Any) -> tuple[Any, Any]:
        """Return the elements of both sides that the other side does not have in the same form."""
        left, right = self.by_key(before or ()), self.by_key(after or ())
        return (
            [element for key, element in left.items() if right.get(key) != element],
            [element for key, element in right.items() if left.get(key) != element],
        )

    def target(self, before: Any, wanted: Any, mode: str) -> list[Element]:
        """Return exactly the elements that are wanted, or with ``MERGE`` the stored ones with those that are named put
        in, replaced or taken out. Elements that the server has already keep its spelling."""
        stored = self.by_key(before)
        present = [self._spelled(stored, element) for element in wanted.present]
        if mode != MERGE:
            return self.ordered(present)
        elements = {**stored, **self.by_key(present)}
        for element in wanted.absent:
            elements.pop(self.element_key(element), None)
        return self.ordered(elements.values())

    def _spelled(self, stored: Mapping[tuple[Any, ...], Element], element: Element) -> Element:
        """Return an element as the server spells it, if it has it."""
        existing = stored.get(self.element_key(element))
        return existing if existing is not None and self.equal_elements(existing, element) else element

    # ---- what users write

    def usual(self, value: Any) -> Any:
        if value.__class__ is not list:
            return UNUSUAL
        elements = []
        for entry in value:
            element = self.usual_element(entry)
            if element is None:
                return UNUSUAL
            elements.append(element)
        if len(elements) > 1 and len(set(map(self.element_key, elements))) < len(elements):
            return UNUSUAL
        return WantedList(elements, [])

    @cached_property
    def usual_element(self) -> Callable[[Any], Element | None]:
        """A function that returns the element that an entry of the list stands for, or None where the entry needs a
        closer look."""
        return _usual_element_reader(self)

    def usual_column(self, values: Sequence[Any]) -> Sequence[Any]:
        # Imported here, because only large fleets need it.
        from .list_columns import usual_lists

        return usual_lists(self, values)

    def parse_closely(self, value: Any, mode: str | None = REPLACE, doubts: list[Doubt] | None = None) -> Any:
        from .input_lists import parse_list

        return parse_list(self, value, mode, doubts)

    # ---- options and cells

    def _typed_option(self) -> dict[str, Any]:
        parts: dict[str, Any] = {part.name: _element_option(part) for part in self.elements}
        parts["state"] = {"type": "str", "choices": [PRESENT, ABSENT], "default": PRESENT}
        return {"type": "list", "elements": "dict", "options": parts}

    def cell(self, value: Any) -> str | None:
        from .fleet_cells import cell_of_list

        return cell_of_list(self, value)

    def cell_reader(self) -> Callable[[str], Any]:
        from .fleet_cells import parse_list_cell

        return partial(parse_list_cell, self)


def _element_option(part: Field) -> dict[str, Any]:
    option = part.option()
    if part.required:
        option["required"] = True
    elif part.default is not None:
        option["default"] = part.default
    return option


def _usual_element_reader(field: ListOf) -> Callable[[Any], Element | None]:
    converters = tuple((part.name, part.usual, part.required, part.default) for part in field.elements)
    defaults = field.defaults
    names = [*defaults]

    def usual_element(entry: Any) -> Element | None:
        if entry.__class__ is not dict:
            return None
        element = {**defaults, **entry}
        # Ansible fills the state in where a task has the list.
        if len(element) != len(defaults) and (element.pop("state", None) != PRESENT or len(element) != len(defaults)):
            return None
        for name, convert, is_required, default in converters:
            value = element[name]
            if value is None and not is_required:
                element[name] = default
                continue
            converted = element[name] = convert(value)
            if converted is UNUSUAL or converted is None:
                return None
        # Fleets are large, and most elements are written as they are in canonical form: one copy of these is enough.
        return entry if [*entry] == names and all(map(is_, entry.values(), element.values())) else element

    return usual_element
