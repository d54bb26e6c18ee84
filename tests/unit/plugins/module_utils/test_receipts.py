# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Receipts: what is the same fax, what survives on disk, and which journal entry proves that a fax was sent."""

from __future__ import annotations

import itertools
import json
import os

import pytest
from hypothesis import assume, given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._destinations import parse_destination
from ansible_collections.ngcp.fax.plugins.module_utils._files import FileError
from ansible_collections.ngcp.fax.plugins.module_utils._receipts import (
    PREPARED,
    REFUSED,
    SENT,
    UNKNOWN,
    Attempt,
    Order,
    Receipts,
    entry_of,
)

BEGAN = "2026-11-23T09:12:23Z"


def order(**changes):
    given_ = {
        "server": "https://platform.test:1443",
        "subscriber_id": 3,
        "destination": parse_destination("431110002"),
        "content": "c" * 64,
        "text": None,
        "job_id": None,
        **changes,
    }
    return Order(**given_)


def attempt(state=PREPARED, before=0, **more):
    return Attempt(state, before, more.pop("began", BEGAN), **more)


@pytest.mark.parametrize(
    "changes",
    [
        {"server": "https://other.test:1443"},
        {"subscriber_id": 4},
        {"destination": parse_destination("431110003")},
        {"content": "d" * 64},
        {"content": None, "text": "c" * 64},
        {"text": "t" * 64},
        {"job_id": "job"},
    ],
)
def test_what_makes_another_fax(changes):
    assert order(**changes).fingerprint != order().fingerprint


def test_what_is_the_same_fax():
    assert order(destination=parse_destination("+43 1 110002")).fingerprint == order().fingerprint
    assert order(job_id="a", content="x", text="y").fingerprint == order(job_id="a").fingerprint
    assert order(job_id="a", destination=parse_destination("999")).fingerprint != order(job_id="a").fingerprint


def test_the_family_holds_what_the_journal_may_mistake():
    assert order(content="x").family == order().family
    assert order(destination=parse_destination("0002")).family == order().family
    assert order(destination=parse_destination("431110003")).family != order().family
    assert order(subscriber_id=4).family != order().family


def test_on_disk(tmp_path):
    folder = tmp_path / "new" / "receipts"
    receipts = Receipts(str(folder), order())
    with receipts.locked(1):
        receipt = receipts.load()
        assert receipt.attempts == []
        receipt.attempts.append(attempt(UNKNOWN, 7))
        receipts.save(receipt)
    assert Receipts(str(folder), order()).load() == receipt
    assert folder.stat().st_mode & 0o777 == 0o700
    (path,) = folder.glob("*.json")
    assert str(path) == receipts.path
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_text())
    assert document["about"]["destination"] == "431110002"
    assert order().fingerprint in path.name


def test_check_mode_writes_nothing(tmp_path):
    receipts = Receipts(str(tmp_path / "receipts"), order(), read_only=True)
    with receipts.locked(1):
        receipts.save(receipts.load())
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"{", b'{"attempts": [{}], "fingerprint": "", "about": {}}', b"\xff"]
)
def test_a_damaged_receipt_stops_everything(tmp_path, content):
    receipts = Receipts(str(tmp_path), order())
    with open(receipts.path, "wb") as stream:
        stream.write(content)
    with pytest.raises(FileError) as caught:
        receipts.load()
    assert caught.value.code == "damaged_receipt"


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("")
    receipts = Receipts(str(tmp_path / "file"), order())
    with pytest.raises(FileError, match="for receipts"), receipts.locked(1):
        pass


def test_rivals(tmp_path):
    """Attempts of the same family count, unless they began long before."""
    mine = Receipts(str(tmp_path), order())
    receipt = mine.load()
    receipt.attempts += [attempt(UNKNOWN, 1), attempt(SENT, 2)]
    mine.save(receipt)
    for number, began in ((4, "2026-11-23T09:00:00Z"), (5, "2026-11-20T09:00:00Z")):
        other = Receipts(str(tmp_path), order(content=str(number)))
        loaded = other.load()
        loaded.attempts.append(attempt(UNKNOWN, number, began=began))
        other.save(loaded)
    stranger = Receipts(str(tmp_path), order(destination=parse_destination("431119999")))
    loaded = stranger.load()
    loaded.attempts.append(attempt(UNKNOWN, 6))
    stranger.save(loaded)
    found = mine.rivals(receipt, receipt.attempts[0])
    assert sorted(other.journal_before for other in found) == [2, 4]


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
