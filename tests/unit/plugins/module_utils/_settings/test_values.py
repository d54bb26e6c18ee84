# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decision tables: which values are accepted, and what they and the server's answers come to."""

from __future__ import annotations

import datetime
import time
from collections import UserDict

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, ProtocolError
from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._settings.addresses import address_problem
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import (
    MERGE,
    UNUSUAL,
    Choice,
    Number,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.input_values import parse_boolean
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import ListOf
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import (
    are_usual,
    canonical_settings,
    check_document,
    shown_settings,
)
from ansible_collections.ngcp.fax.plugins.module_utils._texts import NUMBER_BOUND, shown_value
from ansible_collections.ngcp.fax.tests.unit.support.marked import Marked, marked
from ansible_collections.ngcp.fax.tests.unit.support.strategies import (
    cases,
    documents,
    inputs,
    parsed,
    resources,
    scalars,
)

FIELDS = {field.name: field for resource in (FAX_SETTINGS, MAIL2FAX_SETTINGS) for field in resource.managed}
# Python refuses to turn it into a text.
HUGE = pytest.param(10**5000, id="huge")
FULL = {"filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}
RULE = {"from_email": None, "received_from": None, "destination": None, "use_regex": False}


def refusal(name, value):
    """Return the error for a value that has to be refused."""
    with pytest.raises(InputError) as caught:
        FIELDS[name].parse(value)
    return caught.value


def wanted_elements(field, value):
    """Return the elements that shall be there, where all that are named shall."""
    present, absent = field.parse(value)
    assert absent == []
    return present


# ---- booleans


@pytest.mark.parametrize("value", [True, 1, "1", "true", "True", "TRUE", "yes", "Yes", "on", "y", "t", " true ", 1.0])
def test_true(value):
    assert parse_boolean(value) is True


@pytest.mark.parametrize("value", [False, 0, "0", "false", "False", "no", "NO", "off", "n", "f", "\tno\n", 0.0])
def test_false(value):
    assert parse_boolean(value) is False


@pytest.mark.parametrize("value", [2, -1, "2", "", " ", "maybe", "ja", "truee", None, [], {}, [True], 0.5, HUGE])
def test_neither_true_nor_false(value):
    """The server stores most of them as false without a word."""
    with pytest.raises(InputError, match=r"must be true or false \(or yes, on, 1, no, off, 0\), not ") as caught:
        parse_boolean(value)
    assert len(str(caught.value)) < 200


def test_what_is_quoted_is_short_and_printable():
    with pytest.raises(InputError) as caught:
        parse_boolean("\x1b]0;x\x07\r\nok: [localhost]" + "x" * 5000)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 60, f"'{'x' * 60}'"),
        ("x" * 61, f"'{'x' * 60}'…"),
        ("a\x1bb", r"'a\x1bb'"),
        (10**18 - 1, "999999999999999999"),
        (1 - 10**18, "-999999999999999999"),
        (10**18, "such a number"),
        (-(10**18), "such a number"),
        (0.5, "0.5"),
        (None, "None"),
        (["x"], "a list"),
        (("x",), "a list"),
        ({"x": 1}, "a dictionary"),
        (UserDict({"x": 1}), "a dictionary"),
    ],
)
def test_how_values_are_quoted(value, shown):
    """Long ones would fill the screen, control characters would act on it, and lists may hold secrets."""
    assert shown_value(value) == shown


# ---- texts


@pytest.mark.parametrize(
    ("field", "value", "parsed_value"),
    [
        ("name", "Example Ltd", "Example Ltd"),
        ("name", "", None),
        ("name", " a ", " a "),
        ("name", " ", " "),
        ("name", "a\nb", "a\nb"),
        ("name", "0123", "0123"),
        ("name", "Größe €", "Größe €"),
        ("name", "\uffff", "\uffff"),
        ("name", "x" * 64, "x" * 64),
        ("name", "ß" * 64, "ß" * 64),
        ("name", MASK, MASK),
        ("password", "x" * 64, "x" * 64),
        ("password", "", None),
        ("password", f"{MASK}*", f"{MASK}*"),
        ("secret_key", "x" * 255, "x" * 255),
        ("secret_key", "", None),
    ],
)
def test_texts(field, value, parsed_value):
    assert FIELDS[field].parse(value) == parsed_value


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "x" * 65, "has 65 characters; the maximum is 64"),
        ("password", "x" * 65, "has 65 characters; the maximum is 64"),
        ("secret_key", "x" * 256, "has 256 characters; the maximum is 255"),
        ("name", "fax \U0001f4e0", "has a character beyond U+FFFF (such as an emoji), which the server cannot store"),
        ("password", "\U00010000", "has a character beyond U+FFFF (such as an emoji), which the server cannot store"),
        ("password", MASK, "is the mask that results show instead of a secret, not a secret"),
        ("secret_key", MASK, "is the mask that results show instead of a secret, not a secret"),
        ("name", "a\ud800", "has half of a character (a lone surrogate), which the server cannot store"),
        ("name", True, "must be a string, not a boolean; quote it"),
        ("name", 83, "must be a string, not a number; quote it, because YAML reads 0123 as 83 and 12:30 as 750"),
        ("secret_key", 0, "must be a string, not a number; quote it, because YAML reads 0123 as 83 and 12:30 as 750"),
        ("password", 1.10, "must be a string, not a number; quote it, because YAML reads 0123 as 83 and 12:30 as 750"),
        ("name", datetime.date(2026, 1, 2), "must be a string, not a date; quote it"),
        ("name", {"a"}, "must be a string, not a set; quote it"),
        ("name", ["a"], "must be a string, not a list"),
        ("name", [], "must be a string, not a list"),
        ("password", {"a": 1}, "must be a string, not a dictionary"),
    ],
)
def test_refused_texts(field, value, message):
    error = refusal(field, value)
    assert (error.message, error.field) == (message, field)
    assert (error.hint is not None) == (value == MASK), "how to keep the secret that is masked"


@pytest.mark.parametrize("value", ["Geheim" * 11, ["Geheim"], {"Geheim": 1}, "Geheim\U0001f4e0"])
@pytest.mark.parametrize("field", ["password", "secret_key"])
def test_refusing_a_secret_does_not_quote_it(field, value):
    if field == "secret_key" and value == "Geheim" * 11:
        value = "Geheim" * 50
    assert "Geheim" not in str(refusal(field, value))


# ---- choices


@pytest.mark.parametrize("value", ["never", "daily", "weekly", "monthly", " daily ", "Never", "DAILY"])
def test_choices(value):
    """The server compares words case-sensitively, so that they are sent as it knows them."""
    assert FIELDS["secret_key_renew"].parse(value) == value.strip().lower()


@pytest.mark.parametrize("value", ["yearly", "", 1, True, ["daily"], None, HUGE])
def test_refused_choices(value):
    error = refusal("secret_key_renew", value)
    assert error.field == "secret_key_renew"
    assert error.message.startswith("must be one of never, daily, weekly, monthly, not ")
    assert len(error.message) < 200


@pytest.mark.parametrize("value", ["TIFF", "PS", "PDF", "PDF14", "tiff", "pdf", "Pdf14", " pdf "])
def test_file_types(value):
    (wanted,) = wanted_elements(FIELDS["destinations"], [{"destination": "a@example.org", "filetype": value}])
    assert wanted["filetype"] == value.strip().upper()


@pytest.mark.parametrize("value", ["PCL", "PDF 14", "pd"])
def test_refused_file_types(value):
    error = refusal("destinations", [{"destination": "a@example.org", "filetype": value}])
    assert error.field == "destinations[0].filetype"
    assert error.message == f"must be one of TIFF, PS, PDF, PDF14, not {value!r}"


# ---- e-mail addresses, as a running server took or refused them

ACCEPTED = [
    "X <a@example.com>",
    "A.B@Example.COM",
    "a+tag@example.com",
    "a@192.0.2.1",
    "a@[192.0.2.1]",
    "o'neil@example.com",
    '"quoted blank"@example.com',
    "a@" + "b" * 63 + "." + "c" * 63 + ".example",
    "a@example.c",
    "x" * 64 + "@example.com",
    '"Fax, X" <a@example.org>',
    "a@example.org (Fax)",
    "(Fax) a@example.org",
    "Fax X <a@example.org> (Vienna)",
    '"Dr. Fax" <a@example.org>',
    '"a"."b"@example.org',
    'a."b c".d@example.org',
    "a@" + "b" * 64 + ".example",
]
REFUSED = [
    "nope",
    "a@b",
    "jürgen@example.com",
    "a@müller.example",
    "a@example.com, b@example.com",
    "a@example.com;b@example.com",
    "a..b@example.com",
    "@example.com",
    "a@-example.com",
    "a" * 65 + "@example.com",
    "a b@example.com",
    "a@example",
    "Dr. Fax <a@example.org>",
    "Fax X. <a@example.org>",
    "<a@example.org>",
    "a@[1.2.3]",
    "a@[1.2.3.4.5]",
    "a@[1.2.3.256]",
    "a@example-.com",
    "a@exam_ple.com",
    "a@example.com.",
    "a.@example.com",
    '"a@example.com',
    "a@example.org (Fax",
    "X <a@example.org",
    "a@@example.org",
]


SECONDS = Number("seconds", lowest=1, highest=600)
TYPE = Choice("type", default="none", choices=("unconditional", "none"), aliases={"cfu": "unconditional"})


@pytest.mark.parametrize(("value", "number"), [(1, 1), (600, 600), ("20", 20), (" 020 ", 20), ("0" * 17 + "600", 600)])
def test_numbers(value, number):
    assert SECONDS.parse(value) == number
    assert SECONDS.canonical(number) == number and SECONDS.is_possible(number)
    assert SECONDS.usual(number) == SECONDS.parse_closely(number) == number


@pytest.mark.parametrize("value", [0, 601, "20", True, None])
def test_numbers_that_need_a_closer_look(value):
    assert SECONDS.usual(value) is UNUSUAL


@pytest.mark.parametrize(
    "value", [0, 601, -1, "0", "601", "x", "", "1.5", 1.5, True, False, None, [], "²", "0" * 18 + "600", "+1"]
)
def test_refused_numbers(value):
    with pytest.raises(InputError) as refused:
        SECONDS.parse(value)
    assert refused.value.field == "seconds"
    assert refused.value.message == f"must be a whole number from 1 to 600, not {shown_value(value)}"


@pytest.mark.parametrize(
    ("value", "is_possible"),
    [
        (None, True),
        (0, True),
        (NUMBER_BOUND - 1, True),
        (NUMBER_BOUND, False),
        (2**63, False),
        ("5", False),
        (True, False),
        (1.0, False),
        ([], False),
    ],
)
def test_possible_numbers(value, is_possible):
    assert SECONDS.is_possible(value) is is_possible


def test_numbers_as_options_and_cells():
    assert SECONDS.option() == {"type": "int"}
    assert (SECONDS.cell(20), SECONDS.cell_reader()("20")) == ("20", "20")
    assert Number("x").parse(0) == 0 and Number("x").parse(2**32 - 1) == 2**32 - 1
    with pytest.raises(InputError):
        Number("x").parse(2**32)


def test_choices_with_other_names():
    assert [TYPE.parse(word) for word in ("unconditional", "cfu", " CFU ", "None")] == [
        "unconditional", "unconditional", "unconditional", "none",
    ]  # fmt: skip
    assert TYPE.option()["choices"] == ["unconditional", "none", "cfu"]
    with pytest.raises(InputError) as refused:
        TYPE.parse("cfb")
    assert refused.value.message == "must be one of unconditional, none, not 'cfb'"


@pytest.mark.parametrize("address", ACCEPTED)
def test_accepted_addresses(address):
    assert address_problem(address) is None
    (wanted,) = wanted_elements(FIELDS["destinations"], [{"destination": address}])
    assert wanted["destination"] == address


@pytest.mark.parametrize("address", REFUSED)
def test_refused_addresses(address):
    assert address_problem(address)
    assert refusal("destinations", [{"destination": address}]).field == "destinations[0].destination"


def test_addresses_are_checked_in_no_time():
    """No text makes the check try all ways to read it."""
    for text in ('"a"' * 80, "a " * 127, "(" * 255, "()" * 127, "a." * 127, "a@" + "a-" * 126, '"\\"' * 85, "a <" * 85):
        began = time.perf_counter()
        assert address_problem(text)
        assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("address", [" a@example.com ", "a@example.com\n", "\ta@example.com"])
def test_outer_blanks_of_addresses_are_taken_off(address):
    """The server would store them, and its unique index does not see them."""
    (wanted,) = wanted_elements(FIELDS["destinations"], [{"destination": address}])
    assert wanted["destination"] == "a@example.com"


@pytest.mark.parametrize(
    "address", ["X <a@b>", "X <>", "<a@example.com", "X <a@example.com> Y", "X, Y <a@example.com>"]
)
def test_refused_named_addresses(address):
    assert refusal("destinations", [{"destination": address}])


def test_the_same_check_holds_for_addresses_of_notifications():
    assert refusal("secret_renew_notify", [{"destination": "nope"}]).field == "secret_renew_notify[0].destination"


@pytest.mark.parametrize("length", [255, 256])
def test_length_of_addresses(length):
    host = ".".join(["h" * 61] * 4)
    address = "l" * (length - len(host) - 1) + "@" + host
    assert len(address) == length
    if length == 255:
        assert FIELDS["destinations"].parse([{"destination": address}])
    else:
        assert "the maximum is 255" in refusal("destinations", [{"destination": address}]).message


# ---- lists


def test_elements_get_the_defaults_of_the_collection():
    (wanted,) = wanted_elements(FIELDS["destinations"], [{"destination": "a@example.org"}])
    assert wanted == {"destination": "a@example.org", **FULL}
    (rule,) = wanted_elements(FIELDS["acl"], [{"from_email": "x"}])
    assert rule == {**RULE, "from_email": "x"}


def test_none_of_an_element_means_the_default():
    element = {"destination": "a@example.org", "filetype": None, "incoming": None, "state": None}
    (wanted,) = wanted_elements(FIELDS["destinations"], [element])
    assert wanted == {"destination": "a@example.org", **FULL}


def test_state_of_elements():
    named = [{"destination": f"{state}@example.org", "state": state} for state in ("present", "absent")]
    present, absent = FIELDS["destinations"].parse(named, MERGE)
    assert present == [{"destination": "present@example.org", **FULL}]
    assert absent == [{"destination": "absent@example.org", **FULL}]
    error = refusal("destinations", named)
    assert error.field == "destinations[1].state"
    assert error.message.startswith("is possible only with destinations_mode: merge")


@pytest.mark.parametrize("address", ["nope", "", " ", "Fax X. <a@example.org>", "jürgen@example.com", "x" * 256])
@pytest.mark.parametrize("name", ["destinations", "secret_renew_notify"])
def test_any_address_can_be_named_as_one_that_shall_not_be_there(name, address):
    """The server may have it from earlier, and refuses every change until it is gone."""
    field = FIELDS[name]
    wanted = field.parse([{"destination": address, "state": "absent"}], MERGE)
    stored = {part.name: part.default for part in field.elements}
    stored["destination"] = address or None
    assert [field.element_key(element) for element in wanted.absent] == [field.element_key(stored)]


def test_any_rule_can_be_named_as_one_that_shall_not_be_there():
    rule = {"from_email": "(", "received_from": "", "use_regex": True, "state": "absent"}
    assert FIELDS["acl"].parse([rule], MERGE).absent == [{**RULE, "from_email": "(", "use_regex": True}]


@pytest.mark.parametrize(
    ("element", "path"),
    [
        ({"state": "absent"}, "destinations[0].destination"),
        ({"state": "absent", "destination": 83}, "destinations[0].destination"),
        ({"state": "absent", "destination": "a@b.cd", "status": "maybe"}, "destinations[0].status"),
        ({"state": "absent", "destination": "a@b.cd", "fileytpe": "PDF"}, "destinations[0].fileytpe"),
    ],
)
def test_elements_that_shall_not_be_there_are_still_checked(element, path):
    with pytest.raises(InputError) as caught:
        FIELDS["destinations"].parse([element], MERGE)
    assert caught.value.field == path


@pytest.mark.parametrize("part", ["from_email", "received_from", "destination"])
def test_an_empty_part_of_a_rule_would_let_everybody_in(part):
    error = refusal("acl", [{"from_email": "x"}, {"from_email": "x", part: ""}])
    assert (error.field, error.message[:17]) == (f"acl[1].{part}", "must not be empty")


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("destinations", "a@example.org", "destinations"),
        ("destinations", {"destination": "a@example.org"}, "destinations"),
        ("destinations", True, "destinations"),
        ("destinations", ["a@example.org"], "destinations[0]"),
        ("destinations", [None], "destinations[0]"),
        ("destinations", [[]], "destinations[0]"),
        ("destinations", [{}], "destinations[0].destination"),
        ("destinations", [{"destination": ""}], "destinations[0].destination"),
        ("destinations", [{"destination": None}], "destinations[0].destination"),
        ("destinations", [{"destination": "a@example.org"}, {"filetype": "PDF"}], "destinations[1].destination"),
        ("destinations", [{"destination": "a@example.org", "fileytpe": "PDF"}], "destinations[0].fileytpe"),
        ("destinations", [{"destination": "a@example.org", 1: 2}], "destinations[0].field 2"),
        ("destinations", [{"destination": "a@example.org", "incoming": "maybe"}], "destinations[0].incoming"),
        ("destinations", [{"destination": "a@example.org", "state": "gone"}], "destinations[0].state"),
        ("destinations", [{"destination": "a@example.org", "state": True}], "destinations[0].state"),
        ("acl", [{"from_email": "x" * 256}], "acl[0].from_email"),
        ("acl", [{"destination": ["43"]}], "acl[0].destination"),
        ("acl", [{"destination": 4319001}], "acl[0].destination"),
    ],
)
def test_refused_lists_name_the_place(field, value, path):
    assert refusal(field, value).field == path


@pytest.mark.parametrize(
    ("name", "value", "path", "message"),
    [
        ("active", "maybe", "", "must be true or false (or yes, on, 1, no, off, 0), not 'maybe'"),
        ("active", [], "", "must be true or false (or yes, on, 1, no, off, 0), not a list"),
        ("destinations", {}, "", "must be a list, not a dictionary"),
        (
            "destinations",
            [{"destination": "a@b.cd", "incoming": []}],
            "[0].incoming",
            "must be true or false (or yes, on, 1, no, off, 0), not a list",
        ),
        (
            "destinations",
            [{"destination": "a@b.cd", "filetype": "GIF"}],
            "[0].filetype",
            "must be one of TIFF, PS, PDF, PDF14, not 'GIF'",
        ),
        (
            "destinations",
            [{"destination": "a@b.cd", "filetype": []}],
            "[0].filetype",
            "must be one of TIFF, PS, PDF, PDF14, not a list",
        ),
        ("destinations", "a@b.cd", "", "must be a list, not a string"),
        ("destinations", [[]], "[0]", "must be a dictionary, not a list"),
        ("destinations", ["a@b.cd"], "[0]", "must be a dictionary, not a string"),
        ("destinations", [Marked("a@b.cd")], "[0]", "must be a dictionary, not a string"),
        ("destinations", [43], "[0]", "must be a dictionary, not a number"),
        ("destinations", [4.3], "[0]", "must be a dictionary, not a number"),
        ("acl", [True], "[0]", "must be a dictionary, not a boolean"),
        ("acl", [None], "[0]", "must be a dictionary, not null"),
        ("secret_renew_notify", [datetime.date(2026, 1, 2)], "[0]", "must be a dictionary, not a date"),
        ("destinations", [{}], "[0].destination", "is missing"),
        ("destinations", [{"destination": "nope"}], "[0].destination", "'nope' must have the form user@example.org"),
        ("destinations", [{"state": "gone"}], "[0].state", "must be one of present, absent, not 'gone'"),
        (
            "destinations",
            [{"destination": "a@b.cd", "stat": 1}],
            "[0].stat",
            "has no such field; did you mean 'state'?",
        ),
        ("destinations", [{"state": "absent"}], "[0].destination", "is missing"),
        (
            "destinations",
            [{"destination": "a@b.cd"}, {"destination": "A@b.cd", "state": " Absent"}],
            "[1].destination",
            "is the same as destinations[0] (case does not matter): A@b.cd",
        ),
        (
            "acl",
            [{"from_email": "a"}, {"from_email": "a", "state": "absent"}],
            "[1]",
            "is the same as acl[0]: from_email 'a'",
        ),
        (
            "acl",
            [
                {"received_from": "host", "destination": "43.*", "use_regex": "yes"},
                {"received_from": "host", "destination": "43.*", "use_regex": True, "state": "absent"},
            ],
            "[1]",
            "is the same as acl[0]: received_from 'host', destination '43.*', use_regex true",
        ),
        ("acl", [{}, {"use_regex": False, "state": "absent"}], "[1]", "is the same as acl[0]"),
    ],
)
def test_what_is_said_about_wrong_values(name, value, path, message):
    with pytest.raises(InputError) as caught:
        FIELDS[name].parse(value, MERGE)
    assert (caught.value.field, caught.value.message) == (f"{name}{path}", message)


def test_what_is_wrong_unless_the_server_has_it():
    """It is noted for each element; of a list without such notes, the first one is the error."""
    declared = [{"destination": "nope"}, {"destination": "a@example.org"}, {"destination": ""}]
    doubts = []
    wanted = FIELDS["destinations"].parse(declared, doubts=doubts)
    assert [element["destination"] for element in wanted.present] == ["nope", "a@example.org", None]
    assert [(doubt.field, doubt.element, doubt.error.field) for doubt in doubts] == [
        ("destinations", wanted.present[0], "destinations[0].destination"),
        ("destinations", wanted.present[2], "destinations[2].destination"),
    ]
    assert refusal("destinations", declared).field == "destinations[0].destination"


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("destinations", {"destination": "a@example.org"}, {"destination": "A@Example.ORG"}, True),
        ("destinations", {"destination": "a@example.org"}, {"destination": " a@example.org "}, True),
        ("destinations", {"destination": "a@example.org"}, {"destination": "a@example.org", "filetype": "PDF"}, True),
        ("destinations", {"destination": "a@example.org"}, {"destination": "b@example.org"}, False),
        ("secret_renew_notify", {"destination": "a@example.org"}, {"destination": "A@example.org"}, True),
        ("acl", {"from_email": "a"}, {"from_email": "A"}, False),
        ("acl", {"from_email": "a"}, {"from_email": "a", "use_regex": True}, False),
        ("acl", {"from_email": "a"}, {"received_from": "a"}, False),
    ],
)
def test_the_same_element_twice(field, one, other, same):
    if same:
        error = refusal(field, [one, other])
        assert error.field.startswith(f"{field}[1]")
        assert f"is the same as {field}[0]" in error.message
    else:
        assert len(wanted_elements(FIELDS[field], [one, other])) == 2


@pytest.mark.parametrize("other", [{}, {"use_regex": "no"}, {"received_from": None}])
def test_the_same_rule_twice_is_one_rule(other):
    """The server takes it twice, and it means the same; only a contradiction is an error."""
    assert len(wanted_elements(FIELDS["acl"], [{"from_email": "a"}, {"from_email": "a", **other}])) == 1
    with pytest.raises(InputError) as caught:
        FIELDS["acl"].parse([{"from_email": "a"}, {"from_email": "a", **other, "state": "absent"}], MERGE)
    assert caught.value.field == "acl[1]"


def test_the_same_element_cannot_be_there_and_not_there():
    same = [{"destination": "a@example.org"}, {"destination": "A@example.org", "state": "absent"}]
    with pytest.raises(InputError, match=r"is the same as destinations\[0\]"):
        FIELDS["destinations"].parse(same, MERGE)


@pytest.mark.parametrize("pattern", ["(", r"\p{L}+", r"\h", "(?<n>a)", "a(?i)b", r"a\z"])
def test_patterns_are_taken_as_they_are(pattern):
    """They are Perl's, and nothing here can tell whether Perl understands them."""
    (rule,) = wanted_elements(FIELDS["acl"], [{"from_email": pattern, "use_regex": True}])
    assert rule == {**RULE, "from_email": pattern, "use_regex": True}
    (pattern,) = wanted_elements(FIELDS["acl"], [{"from_email": r".*@example\.org", "use_regex": "yes"}])
    assert pattern == {**RULE, "from_email": r".*@example\.org", "use_regex": True}


@given(st.data())
def test_what_is_canonical_parses_to_itself(data):
    resource = data.draw(resources())
    for field in resource.managed:
        if not isinstance(field, ListOf):
            value = data.draw(scalars(field))
            assert field.parse("" if value is None else value) == value


@given(resources().flatmap(lambda resource: st.tuples(st.just(resource), inputs(resource))))
def test_the_usual_is_told_quickly_and_means_the_same(case):
    """Elements are told quickly as well where the list as a whole is not."""
    _resource, declared = case
    for name, value in declared.items():
        usual = FIELDS[name].usual(value)
        assert usual is UNUSUAL or usual == FIELDS[name].parse_closely(value, MERGE)


@pytest.mark.parametrize(
    ("values", "is_usual"),
    [
        ({"active": True, "name": "x", "password": "Geheim", "t38": None, "subscriber_id": 3}, True),
        ({"destinations": [{"destination": "a@example.org"}, {"destination": "b@example.org", **FULL}]}, True),
        ({"name": "x" * 64, "password": "x" * 64}, True),
        ({"destinations": [{"destination": "x" * 52 + "@example.org"}]}, True),
        ({"active": 1}, False),
        ({"active": "yes"}, True),
        ({"active": "Yes"}, False),
        ({"destinations": [{"destination": "a@example.org", "status": "no"}]}, True),
        ({"name": ""}, True),
        ({"name": "x" * 65}, False),
        ({"name": "ä"}, False),
        ({"name": 5}, False),
        ({"name": True}, False),
        ({"name": Marked("x")}, False),
        ({"password": MASK}, False),
        ({"destinations": ()}, False),
        ({"destinations": ["a@example.org"]}, False),
        ({"destinations": [{}]}, False),
        ({"destinations": [{"destination": "a@example.org", "state": "present"}]}, True),
        ({"destinations": [{"destination": "a@example.org", "state": "absent"}]}, False),
        ({"destinations": [{"destination": "a@example.org", "state": "Present"}]}, False),
        ({"destinations": [{"destination": "a@example.org", "state": "present", "status_": True}]}, False),
        ({"destinations": [{"destination": "a@example.org", "filetype": "PDF"}]}, True),
        ({"destinations": [{"destination": "a@example.org", "filetype": "pdf"}]}, False),
        ({"destinations": [{"destination": "a@example.org", "filetype": Marked("PDF")}]}, False),
        ({"destinations": [{"destination": "x" * 53 + "@example.org"}]}, False),
        ({"destinations": [{"destination": "a@example.org", "status": None}]}, True),
        ({"destinations": [{"destination": "a@example.org"}, {"destination": "A@example.org"}]}, False),
    ],
)
def test_what_is_usual(values, is_usual):
    given = {name: value for name, value in values.items() if name in FIELDS and value is not None}
    usual = {name: FIELDS[name].usual(value) for name, value in given.items()}
    assert (UNUSUAL not in usual.values()) is is_usual
    if is_usual:
        assert usual == parsed(FAX_SETTINGS, given)


@given(resources().flatmap(lambda resource: st.tuples(st.just(resource), inputs(resource))))
def test_parsed_elements_are_complete(case):
    resource, declared = case
    for field in resource.lists:
        present, absent = parsed(resource, declared).get(field.name, ([], []))
        for element in (*present, *absent):
            assert list(element) == [part.name for part in field.elements]


# ---- documents of the server


@pytest.mark.parametrize(
    ("value", "boolean"),
    [(True, True), (1, True), ("1", True), (False, False), (0, False), ("0", False), (None, False)],
)
def test_booleans_of_the_server(value, boolean):
    assert canonical_settings(FAX_SETTINGS, {"active": value})["active"] is boolean


def test_a_document_of_an_old_server():
    """Without id, t38 and ecm, with integers for booleans and without a list."""
    document = {"_links": {}, "active": 0, "name": "", "password": None}
    assert canonical_settings(FAX_SETTINGS, document) == {
        "active": False,
        "name": None,
        "password": None,
        "destinations": [],
    }


def test_a_document_of_a_current_server():
    document = {
        "_links": {},
        "id": 3,
        "active": True,
        "name": "x",
        "password": "p",
        "t38": 1,
        "ecm": 0,
        "destinations": [
            {"destination": "b@example.org", "filetype": "PDF", "incoming": 1, "outgoing": 0, "status": "1", "cc": 0},
            {"destination": "A@example.org", "filetype": "TIFF", "incoming": True, "outgoing": True, "status": True},
        ],
        "future_field": 1,
    }
    assert canonical_settings(FAX_SETTINGS, document) == {
        "active": True,
        "name": "x",
        "password": "p",
        "t38": True,
        "ecm": False,
        "destinations": [
            {"destination": "A@example.org", **FULL},
            {"destination": "b@example.org", "filetype": "PDF", "incoming": True, "outgoing": False, "status": True},
        ],
    }


def test_a_document_of_mail_to_fax():
    document = {
        "active": 1,
        "secret_key": "",
        "last_secret_key_modify": "2026-01-02 03:04:05",
        "secret_key_renew": None,
        "secret_renew_notify": None,
        "acl": [{"from_email": "", "received_from": None, "destination": "43", "use_regex": 0}],
    }
    assert canonical_settings(MAIL2FAX_SETTINGS, document) == {
        "active": True,
        "secret_key": None,
        "secret_key_renew": "never",
        "secret_renew_notify": [],
        "acl": [{**RULE, "destination": "43"}],
    }


def test_users_see_no_secrets_but_what_only_the_server_sets():
    document = {"active": 1, "secret_key": "Geheim", "last_secret_key_modify": "2026-01-02 03:04:05"}
    shown = shown_settings(MAIL2FAX_SETTINGS, document)
    assert (shown["active"], shown["last_secret_key_modify"]) == (True, "2026-01-02 03:04:05")
    assert "secret_key" not in shown
    assert shown_settings(MAIL2FAX_SETTINGS, document, secrets=True) == {**shown, "secret_key": "Geheim"}


def test_a_poisoned_list_can_be_read():
    """The server accepts [{}] where its database is not strict, and shows an empty address ever after."""
    elements = [{"destination": "", "filetype": "TIFF"}, {"destination": "a@example.org", "filetype": "PDF"}]
    destinations = canonical_settings(FAX_SETTINGS, {"destinations": elements})["destinations"]
    assert [element["destination"] for element in destinations] == [None, "a@example.org"]


def test_rules_that_leave_a_part_open_come_first():
    rules = [{**RULE, "destination": number} for number in ("43", "1", None)]
    acl = canonical_settings(MAIL2FAX_SETTINGS, {"acl": rules})["acl"]
    assert [rule["destination"] for rule in acl] == [None, "1", "43"]


@given(resources().flatmap(lambda resource: st.tuples(st.just(resource), documents(resource))))
def test_canonical_settings_are_their_own_canonical_form(case):
    resource, document = case
    canonical = canonical_settings(resource, document)
    assert canonical_settings(resource, canonical) == canonical
    assert set(canonical) == {field.name for field in resource.managed}


# ---- what counts as settings

FAX_DOCUMENT = {
    **{field.name: field.reset_value for field in FAX_SETTINGS.fields},
    "_links": {},
    "id": 3,
    "active": True,
    "name": "x",
    "password": None,
    "t38": True,
    "ecm": False,
    "destinations": [{"destination": "b@example.org", **FULL}],
}
MAIL2FAX_DOCUMENT = {
    **{field.name: field.reset_value for field in MAIL2FAX_SETTINGS.fields},
    "_links": {},
    "active": True,
    "secret_key": "key",
    "last_secret_key_modify": None,
    "secret_key_renew": "never",
    "secret_renew_notify": [{"destination": "b@example.org"}],
    "acl": [{**RULE, "destination": "43"}],
}
DOCUMENTS = ((FAX_SETTINGS, FAX_DOCUMENT), (MAIL2FAX_SETTINGS, MAIL2FAX_DOCUMENT))
OPTIONAL = {field.name for resource in (FAX_SETTINGS, MAIL2FAX_SETTINGS) for field in resource.fields if field.since}
MANDATORY = {
    "active",
    "name",
    "password",
    "destinations",
    "secret_key",
    "secret_key_renew",
    "secret_renew_notify",
    "acl",
}


def not_settings(resource, document):
    """Return the message about a document that is not the settings of the resource."""
    with pytest.raises(ProtocolError) as caught:
        check_document(resource, document)
    assert resource.title in caught.value.message
    return caught.value.message


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"status": "ok"},
        [],
        None,
        "x",
        7,
        True,
        {"_embedded": None},
        {"_embedded": "x"},
        {"destinations": "abc"},
        {"id": 7},
    ],
)
@pytest.mark.parametrize("resource", [FAX_SETTINGS, MAIL2FAX_SETTINGS], ids=lambda resource: resource.module)
def test_other_answers_are_not_settings(resource, document):
    message = not_settings(resource, document)
    assert message.endswith(": it is not an object") is not isinstance(document, dict)


@pytest.mark.parametrize(("resource", "document"), DOCUMENTS, ids=["fax", "mail2fax"])
def test_settings_of_the_usual_types_are_told_at_a_glance(resource, document):
    assert are_usual(resource, [document] * 3)
    for field in resource.fields:
        assert not are_usual(resource, [document, {**document, field.name: 1.5}]), field.name


@pytest.mark.parametrize(("resource", "document"), DOCUMENTS, ids=["fax", "mail2fax"])
def test_settings_with_all_members_pass(resource, document):
    check_document(resource, document)
    check_document(resource, {**document, "future_field": {"deep": [1]}})


@pytest.mark.parametrize(
    ("resource", "document", "name"),
    [(resource, document, field.name) for resource, document in DOCUMENTS for field in resource.fields],
)
def test_a_missing_member_is_an_error_unless_some_versions_lack_it(resource, document, name):
    lacking = {other: value for other, value in document.items() if other != name}
    assert (
        {"t38", "ecm", "last_secret_key_modify"} <= OPTIONAL <= FIELDS.keys() - MANDATORY | {"last_secret_key_modify"}
    )
    if name in OPTIONAL or (resource is MAIL2FAX_SETTINGS and name == "active"):
        check_document(resource, lacking)
        shown_settings(resource, lacking)
    else:
        assert not_settings(resource, lacking).endswith(f": {name} is missing")


@pytest.mark.parametrize(
    ("resource", "name", "part"),
    [
        (r, field.name, part.name)
        for r in (FAX_SETTINGS, MAIL2FAX_SETTINGS)
        for field in r.lists
        for part in field.elements
    ],
)
def test_a_missing_member_of_an_element_is_an_error(resource, name, part):
    document = dict(DOCUMENTS)[resource]
    element = {other: value for other, value in document[name][0].items() if other != part}
    message = not_settings(resource, {**document, name: [document[name][0], element]})
    assert message.endswith(f": {name}[1].{part} is missing")


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"active": None}, "active"),
        ({"active": "SECRET-yes"}, "active"),
        ({"active": ""}, "active"),
        ({"active": 1.5}, "active"),
        ({"active": []}, "active"),
        ({"t38": None}, "t38"),
        ({"name": True}, "name"),
        ({"name": ["SECRET"]}, "name"),
        ({"password": {"a": "SECRET"}}, "password"),
        pytest.param({"password": 10**5000}, "password", id="huge"),
        ({"name": 10**18}, "name"),
        ({"name": -(10**18)}, "name"),
        ({"destinations": None}, "destinations"),
        ({"destinations": {}}, "destinations"),
        ({"destinations": "SECRET"}, "destinations"),
        ({"destinations": [None]}, "destinations[0]"),
        ({"destinations": [[]]}, "destinations[0]"),
        ({"destinations": ["a@example.org"]}, "destinations[0]"),
        ({"destinations": [{"destination": ["SECRET"], **FULL}]}, "destinations[0].destination"),
        ({"destinations": [{"destination": "a@example.org", **FULL, "status": None}]}, "destinations[0].status"),
        ({"destinations": [{"destination": "a@example.org", **FULL, "filetype": True}]}, "destinations[0].filetype"),
    ],
)
def test_impossible_members_are_named_without_their_value(changed, path):
    message = not_settings(FAX_SETTINGS, {**FAX_DOCUMENT, **changed})
    assert f": {path} " in message
    assert "SECRET" not in message


@pytest.mark.parametrize(
    ("changed", "seen"),
    [
        ({"active": 2}, {"active": True}),
        ({"active": -1}, {"active": True}),
        ({"active": "1"}, {"active": True}),
        ({"active": "0"}, {"active": False}),
        ({"active": "00"}, {"active": False}),
        pytest.param({"active": 10**5000}, {"active": True}, id="huge"),
        ({"name": 12345}, {"name": "12345"}),
        ({"name": 10**18 - 1}, {"name": "9" * 18}),
        ({"name": 1.5}, {"name": "1.5"}),
        ({"password": ""}, {"password": None}),
    ],
)
def test_members_of_other_types_that_are_possible(changed, seen):
    document = {**FAX_DOCUMENT, **changed}
    check_document(FAX_SETTINGS, document)
    assert canonical_settings(FAX_SETTINGS, document).items() >= seen.items()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.sampled_from(("0", "1", "2")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(DOCUMENTS), st.data())
def test_what_passes_can_be_read_and_what_does_not_is_a_protocol_error(case, data):
    resource, document = case
    changed = dict(document)
    for name in data.draw(st.lists(st.sampled_from([field.name for field in resource.fields]), max_size=2)):
        elements = [
            {**element, data.draw(st.sampled_from(sorted(element))): data.draw(JSON)}
            for element in (document[name] if isinstance(document[name], list) else ())
        ] * 2
        changed[name] = data.draw(JSON | st.just(elements))
    try:
        check_document(resource, changed)
    except ProtocolError:
        return
    settings = canonical_settings(resource, changed)
    assert canonical_settings(resource, settings) == settings
    assert set(shown_settings(resource, changed, secrets=True)) == {field.name for field in resource.fields}


@given(resources().flatmap(lambda resource: st.tuples(st.just(resource), documents(resource, complete=True))))
def test_documents_of_the_platform_pass(case):
    resource, document = case
    check_document(resource, document)


# ---- comparisons


@given(cases())
def test_values_are_equal_to_themselves_in_any_order(case):
    resource, current, _declared, _policy = case
    for field in resource.managed:
        value = current[field.name]
        turned = value[::-1] if isinstance(field, ListOf) else value
        assert field.equal(value, turned)


@pytest.mark.parametrize(
    ("field", "one", "other", "equal"),
    [
        ("active", True, True, True),
        ("active", True, False, False),
        ("name", None, "x", False),
        ("name", "x", "X", False),
        ("destinations", [], [], True),
        ("destinations", [{"destination": "a@x.y", **FULL}], [], False),
        ("destinations", [{"destination": "a@x.y", **FULL}], [{"destination": "A@X.Y", **FULL}], True),
        ("destinations", [{"destination": "a@x.y", **FULL}], [{"destination": "b@x.y", **FULL}], False),
        (
            "destinations",
            [{"destination": "a@x.y", **FULL}],
            [{"destination": "a@x.y", **FULL, "status": False}],
            False,
        ),
        ("acl", [{**RULE, "from_email": "a"}], [{**RULE, "from_email": "A"}], False),
        ("acl", [{**RULE, "from_email": "a"}] * 2, [{**RULE, "from_email": "a"}], True),
    ],
)
def test_equal_values(field, one, other, equal):
    assert FIELDS[field].equal(one, other) is equal
    assert FIELDS[field].equal(other, one) is equal


def test_keys_and_elements():
    field = FIELDS["destinations"]
    one = {"destination": " A@Example.org", **FULL}
    other = {"destination": "a@example.org", **FULL, "filetype": "PS"}
    assert field.element_key(one) == field.element_key(other) == ("a@example.org",)
    assert not field.equal_elements(one, other)
    assert field.equal_elements(one, {**other, "filetype": "TIFF"})
    assert not field.equal_elements(one, {**other, "filetype": "TIFF", "destination": "b@example.org"})


# ---- the short way for values of the usual form


@given(st.data())
def test_the_short_way_leads_to_the_same(data):
    resource = data.draw(resources())
    for name, value in data.draw(inputs(resource)).items():
        assert FIELDS[name].parse(value, MERGE) == FIELDS[name].parse(marked(value), MERGE)


@given(st.text(st.sampled_from("ab.@-_é '\"\n[1]"), max_size=70) | st.from_regex(r"[a-z.]{1,70}@[a-z.-]{1,20}"))
def test_the_short_way_takes_no_other_addresses(address):
    """Whatever it takes, the long way takes as well, and whatever that refuses is refused."""
    outcomes = []
    for value in ([{"destination": address}], [UserDict({"destination": Marked(address)})]):
        try:
            outcomes.append(FIELDS["destinations"].parse(value))
        except InputError as error:
            outcomes.append((str(error), error.field))
    assert outcomes[0] == outcomes[1]
