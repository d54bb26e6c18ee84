# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which journal entry proves that a fax was sent."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.destinations import parse_destination
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.matching import competing_attempts, entry_of
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.receipts import (
    PREPARED,
    REFUSED,
    SENT,
    UNKNOWN,
    Receipt,
    Receipts,
)
from ansible_collections.ngcp.fax.tests.unit.support.receipts import BEGAN, attempt, identity


def test_which_attempts_compete(tmp_path):
    """Attempts of the same family count, unless they began long before."""
    mine = Receipts(str(tmp_path), identity())
    receipt = mine.load()
    receipt.attempts += [attempt(UNKNOWN, 1), attempt(SENT, 2)]
    mine.save(receipt)
    for number, began in ((4, "2026-11-23T09:00:00Z"), (5, "2026-11-20T09:00:00Z")):
        other = Receipts(str(tmp_path), identity(content=str(number)))
        loaded = other.load()
        loaded.attempts.append(attempt(UNKNOWN, number, began=began))
        other.save(loaded)
    stranger = Receipts(str(tmp_path), identity(destination=parse_destination("431119999")))
    loaded = stranger.load()
    loaded.attempts.append(attempt(UNKNOWN, 6))
    stranger.save(loaded)
    found = competing_attempts(mine, receipt, receipt.attempts[0])
    assert sorted(other.journal_before for other in found) == [2, 4]


@pytest.mark.parametrize(("began", "competes"), [("2026-11-22T09:12:23Z", True), ("2026-11-22T09:12:22Z", False)])
def test_an_attempt_competes_for_one_day(tmp_path, began, competes):
    receipts = Receipts(str(tmp_path), identity())
    receipt = Receipt("f", {}, [attempt(SENT, 2), attempt(SENT, 1, began=began)])
    assert (receipt.attempts[1] in competing_attempts(receipts, receipt, receipt.attempts[0])) is competes


@pytest.mark.parametrize("year", ["0001", "1970", "9999"])
def test_clocks_that_are_wrong(tmp_path, year):
    began = f"{year}-01-01T00:00:00Z"
    receipts = Receipts(str(tmp_path), identity())
    found = receipts.load()
    found.attempts += [attempt(UNKNOWN, 7, began=began), attempt(SENT, 8)]
    receipts.save(found)
    found = receipts.load()
    assert [other.began for other in competing_attempts(receipts, found, found.attempts[0])] == (
        [BEGAN] if year != "9999" else []
    )
    assert len(competing_attempts(receipts, found, found.attempts[1])) == (year == "9999")


@pytest.mark.parametrize(
    ("mine", "others", "entries", "found"),
    [
        (attempt(PREPARED, 5), [], [], None),
        (attempt(PREPARED, 5), [], [5], None),
        (attempt(PREPARED, 5), [], [6], 6),
        (attempt(UNKNOWN, 5), [attempt(SENT, 5)], [6], None),
        (attempt(UNKNOWN, 5), [attempt(SENT, 5)], [6, 7], 7),
        (attempt(UNKNOWN, 5), [attempt(SENT, 5, fax_id=6)], [6], None),
        (attempt(UNKNOWN, 5), [attempt(SENT, 5, fax_id=7)], [6, 7], 6),
        (attempt(UNKNOWN, 5), [attempt(SENT, 6)], [6], 6),
        (attempt(UNKNOWN, 5), [attempt(UNKNOWN, 5)], [6], None),
        (attempt(UNKNOWN, 5), [attempt(UNKNOWN, 5)], [6, 7], 6),
        (attempt(UNKNOWN, 5), [attempt(UNKNOWN, 6)], [6], 6),
        (attempt(UNKNOWN, 6), [attempt(UNKNOWN, 5)], [7], None),
        (attempt(UNKNOWN, 5), [attempt(REFUSED, 5)], [6], 6),
        (attempt(SENT, 5), [attempt(UNKNOWN, 5)], [6], 6),
        (attempt(SENT, 6), [attempt(SENT, 5)], [6, 7], 7),
        (attempt(SENT, 5), [attempt(SENT, 6)], [6, 7], 6),
        (attempt(SENT, 5), [attempt(SENT, 5)], [6, 7], 6),
        (attempt(UNKNOWN, 7), [attempt(UNKNOWN, 5), attempt(UNKNOWN, 9)], [8, 10], None),
        (attempt(UNKNOWN, 7), [attempt(UNKNOWN, 9), attempt(UNKNOWN, 5)], [8, 10], None),
    ],
)
def test_entries(mine, others, entries, found):
    assert entry_of(mine, others, entries) == found


ATTEMPTS = st.lists(
    st.tuples(st.sampled_from([SENT, UNKNOWN, PREPARED, REFUSED]), st.integers(0, 4)), min_size=1, max_size=4
)


@settings(max_examples=150)
@given(ATTEMPTS, st.sets(st.integers(1, 6), max_size=5))
def test_no_claim_that_another_explanation_refutes(described, ids):
    """Whatever the uncertain attempts really came to: if all entries are due to some attempt, a fax that is called sent
    was sent in every possible course of events."""
    attempts = [attempt(state, before) for state, before in described]
    entries = sorted(ids)
    courses = list(possible_courses(attempts, entries))
    assume(courses)
    for position, mine in enumerate(attempts):
        if (
            mine.is_uncertain
            and entry_of(mine, [other for other in attempts if other is not mine], entries) is not None
        ):
            assert all(position in course for course in courses)


def possible_courses(attempts, entries):
    """Yield for every way to explain all entries which attempts they come from; rows of sent faxes may be late."""
    able = [position for position, other in enumerate(attempts) if other.state != REFUSED]
    for owners in itertools.permutations(able, len(entries)):
        if all(attempts[owner].journal_before < entries[place] for place, owner in enumerate(owners)):
            yield set(owners)
