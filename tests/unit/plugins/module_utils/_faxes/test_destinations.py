# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers: what may be dialled, what is the same destination, and which callee of the journal fits it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.destinations import parse_destination

NUMBERS = st.text("0123456789", min_size=1, max_size=15)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("431110002", "+43 1 110-002"),
        ("431110002", "sip:431110002"),
        ("431110002", " tel:+43.1.110002 "),
        ("fax@example.org", "sip:FAX@Example.org;transport=udp"),
    ],
)
def test_the_same_destination(one, other):
    assert parse_destination(one).key == parse_destination(other).key


def test_it_is_sent_as_it_is_written():
    assert parse_destination(" +43 1 110002 ").text == "+43 1 110002"


@pytest.mark.parametrize(
    "text", ["", "  ", "hello world", "fax", "@example.org", "a b@example.org", "1" * 256, "43\n1"]
)
def test_refused(text):
    with pytest.raises(InputError) as caught:
        parse_destination(text)
    assert caught.value.field == "destination"


@pytest.mark.parametrize(
    ("dialled", "callee", "matches"),
    [
        ("431110002", "431110002", True),
        ("+43 1 110002", "431110002", True),
        ("1110002", "431110002", True),
        ("01110002", "431110002", True),
        ("00431110002", "431110002", True),
        ("431110002", "1110002", False),
        ("431110002", "431110003", False),
        ("431110002@example.org", "431110002", True),
        ("sip:431110002@example.org", "431110002@example.org", True),
        ("12", "12", True),
        ("12", "4312", False),
        ("0012", "4312", False),
        ("431110002", "", False),
        ("431110002", "fax", False),
        ("fax@example.org", "fax", True),
        ("fax@example.org", "FAX@example.org", True),
        ("fax@example.org", "other", False),
        ("fax@example.org", "431", False),
    ],
)
def test_callees(dialled, callee, matches):
    assert parse_destination(dialled).matches(callee) is matches


@given(NUMBERS, NUMBERS)
def test_destinations_that_one_callee_fits_are_one_family(one, more):
    """The receipts of one family are looked at together, so that no entry is counted twice."""
    destination, other = parse_destination(one), parse_destination(more)
    for callee in (one, more, one + more, more + one):
        if (
            destination.matches(callee)
            and other.matches(callee)
            and len(one.lstrip("0")) > 3
            and len(more.lstrip("0")) > 3
        ):
            assert destination.target == other.target


@given(NUMBERS)
def test_a_number_fits_itself(number):
    assert parse_destination(number).matches(number)
    assert parse_destination(number).matches(f"+{number}")
