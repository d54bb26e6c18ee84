# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The quick forms of the rules come to the same as the full ones, for every kind of field."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.addresses import address_problem
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import (
    MERGE,
    REPLACE,
    UNUSUAL,
    WORDS,
    Address,
    Choice,
    Field,
    Flag,
    Pattern,
    Text,
    members_problem,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import ListOf
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import Resource
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import are_usual, canonical_settings
from ansible_collections.ngcp.fax.tests.unit.support.marked import marked

ADDRESS = Address("destination", max_length=40, required=True, server_checked=True)
CHOICE = Choice("kind", default="PS", choices=("PS", "PDF", "Pdf14"), server_checked=True)
FLAG = Flag("status", default=True)
PATTERN = Pattern("sender", max_length=9, pattern_if="status")
SCALARS = (FLAG, Text("name", max_length=8), Text("key", max_length=9, secret=True), PATTERN, ADDRESS, CHOICE)
LISTS = (
    ListOf("mails", elements=(ADDRESS, CHOICE, FLAG), key=("destination",), unique=True),
    ListOf("rules", elements=(PATTERN, FLAG), key=("sender", "status")),
)
WHOLE = {"destination": "a@b.org", "kind": "PS", "status": False}
RESOURCE = Resource("inventions", "invention", "inventions", "invention", fields=(*SCALARS, *LISTS))

WRITTEN = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.floats(allow_nan=False)
    | st.sampled_from((*WORDS, "Yes", " no ", "", MASK, "PS", "pdf", "Pdf14", " PS", "a@example.org", "A@Example.org"))
    | st.text(max_size=10)
    | st.from_regex(r"\A[a-z.]{1,40}@[a-z.-]{1,12}\Z")
)


def entries(field):
    """Return a strategy for entries of a list, most of them right."""
    parts = {part.name: WRITTEN | st.sampled_from(("a@b.org", "B@b.org", "PDF", True)) for part in field.elements}
    return st.dictionaries(st.sampled_from((*parts, "state", "x")), WRITTEN, max_size=2).flatmap(
        lambda more: st.fixed_dictionaries({}, optional=parts).map(lambda entry: {**entry, **more})
    ) | st.just({field.elements[0].name: "c@d.org"})


def lists(field):
    return st.lists(entries(field), max_size=3) | WRITTEN


def with_values():
    """Return a strategy for fields of all kinds, with what may be written for them."""
    scalars = st.sampled_from(SCALARS).flatmap(lambda field: st.tuples(st.just(field), WRITTEN))
    return scalars | st.sampled_from(LISTS).flatmap(lambda field: st.tuples(st.just(field), lists(field)))


def outcome(parse, field, value, mode):
    """Return what a form makes of a value, or what it says about it and its place."""
    try:
        return parse(value, mode)
    except InputError as error:
        return "wrong", error.message, error.field or field.name


def full(field, value, mode=REPLACE):
    return outcome(field.parse_closely, field, marked(value), mode)


@given(with_values())
@example((LISTS[0], [{"destination": "a@b.org"}, {"destination": "A@b.org"}]))
@example((LISTS[0], [{"destination": "a@b.org", "state": "present"}, {"destination": "c@b.org", "status": "no"}]))
@example((LISTS[1], [{"sender": "x", "status": True}, {"sender": "x", "status": "yes"}]))
def test_what_is_usual_means_the_same_as_in_full(case):
    field, value = case
    usual = field.usual(value)
    if usual is not UNUSUAL:
        assert usual == full(field, value) == full(field, value, MERGE)
    if isinstance(field, ListOf) and isinstance(value, list):
        for entry in value:
            element = field.usual_element(entry)
            assert element is None or [element] == full(field, [entry]).present


def columns_of(field):
    """Return a strategy for the values of many entries for a field: mostly usual ones, of lists also whole elements."""
    if not isinstance(field, ListOf):
        usual = st.just(field.choices[0]) if isinstance(field, Choice) else st.sampled_from(("ab", "a@b.org"))
        return st.lists(usual | st.booleans() | WRITTEN, max_size=4)
    whole = st.fixed_dictionaries(
        {
            part.name: st.sampled_from(("a@b.org", "B@b.org")) if isinstance(part, Text) else USUAL_PARTS[type(part)]
            for part in field.elements
        }
    )
    short = st.just({field.elements[0].name: "c@d.org"})
    return st.lists(st.lists(whole | short, max_size=3), max_size=3) | st.lists(
        st.lists(whole | short | entries(field), max_size=3) | lists(field), max_size=3
    )


USUAL_PARTS = {Flag: st.booleans(), Choice: st.sampled_from(("PS", "PDF"))}


@settings(max_examples=300)
@given(st.sampled_from((*SCALARS, *LISTS)).flatmap(lambda field: st.tuples(st.just(field), columns_of(field))))
@example((LISTS[0], [[WHOLE, {**WHOLE, "destination": "A@b.org"}], [WHOLE]]))
@example((LISTS[0], [[WHOLE, {**WHOLE, "destination": "c@b.org"}], [WHOLE]]))
@example((LISTS[0], [[{**WHOLE, "kind": None}]]))
@example((LISTS[1], [[{"sender": None, "status": True}], [{"sender": None, "status": None}]]))
@example((LISTS[1], [[{"sender": "x", "state": "absent"}], [{"sender": "x", "more": 1}]]))
def test_columns_come_to_the_same_as_single_values(case):
    field, values = case
    single = [field.usual(value) for value in values]
    expected = [one if one is UNUSUAL else getattr(one, "present", one) for one in single]
    found = [*field.usual_column(values)]
    assert [one is UNUSUAL for one in found] == [one is UNUSUAL for one in expected]
    assert [*map(exact, found)] == [*map(exact, expected)]


def exact(value):
    """Return a value with the types of all its parts: ``True`` is not the same as 1 here."""
    if isinstance(value, dict):
        return {name: exact(part) for name, part in value.items()}
    return [exact(part) for part in value] if isinstance(value, list) else (type(value), value)


@given(with_values(), st.sampled_from((REPLACE, MERGE)))
def test_both_forms_come_to_the_same_errors(case, mode):
    field, value = case
    assert outcome(field.parse, field, value, mode) == full(field, value, mode)


@given(st.text(st.sampled_from("ab.@-_é '\"\n[1]"), max_size=70) | st.from_regex(r"[a-z.]{1,70}@[a-z.-]{1,20}"))
def test_the_server_takes_every_usual_address(text):
    if ADDRESS.usual(text) is text:
        assert address_problem(text) is None
        assert ADDRESS.refusal(text) is None


STORED = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text(max_size=4)


def stored(field: Field):
    """Return a strategy for what a server may send for a field, possible or not."""
    if isinstance(field, ListOf):
        return st.lists(st.fixed_dictionaries({part.name: stored(part) for part in field.elements}), max_size=2)
    by_type = {bool: st.booleans(), int: st.integers(0, 1), str: st.text(max_size=4), type(None): st.none()}
    return st.one_of(*(by_type[kind] for kind in sorted(field.usual_types, key=str)))


@st.composite
def responses(draw, resource):
    """Draw a response of which at most one member is odd, or missing."""
    document = {field.name: draw(stored(field)) for field in resource.fields}
    name = draw(st.sampled_from((*document, "x")))
    if draw(st.booleans()):
        document[name] = draw(STORED | st.just({}) | st.just([1]) | st.just([{}]))
    elif draw(st.integers(0, 3)) == 0:
        document.pop(name, None)
    return document


@given(st.sampled_from((*RESOURCES, RESOURCE)).flatmap(lambda one: st.tuples(st.just(one), responses(one))))
def test_responses_that_pass_at_a_glance_pass_in_full(case):
    resource, document = case
    if are_usual(resource, [document, document]):
        assert members_problem(resource.fields, document) is None
        canonical = canonical_settings(resource, document)
        assert canonical_settings(resource, canonical) == canonical


@given(responses(RESOURCE))
def test_what_passes_in_full_can_be_read(document):
    if members_problem(RESOURCE.fields, document) is None:
        for field in RESOURCE.fields:
            value = field.canonical(document[field.name])
            assert field.equal(value, field.canonical(value))


# ---- where fields differ from their kind in general


def test_a_field_without_a_kind_takes_nothing():
    field = Field("x")
    assert field.usual("x") is UNUSUAL
    with pytest.raises(NotImplementedError):
        field.parse("x")


def test_what_holds_for_a_field_unless_its_kind_says_otherwise():
    field = Field("x", server_checked=True)
    assert field.option() == {"type": "str"}
    assert field.refused("y") is None, "nothing is known that the server has against a value"
    with pytest.raises(InputError, match="must not be empty; leave it out to match any value"):
        CHOICE.parse_unwanted("")


def test_addresses_outside_of_lists_are_compared_without_case():
    assert ADDRESS.equal("A@b.org", "a@B.org ")
    assert not ADDRESS.equal("a@b.org", "b@b.org")


def test_what_the_server_refuses_in_a_field_of_its_own():
    refused = CHOICE.refused("PCL")
    assert (refused.path, refused.problem) == ("kind", "is 'PCL', not one of PS, PDF, Pdf14")
    assert refused.advice == "Declare kind as well."
    assert Choice("kind", choices=("PS",)).refused("PCL") is None, "the server does not look at it again"
