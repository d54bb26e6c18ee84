# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a fax: the right entry of the journal, and its way to the end."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    ListChangedError,
    LostResponseError,
    NotFoundError,
    ProtocolError,
    ServerError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.destinations import parse_destination
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.journal import Fax, Journal
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.receipts import SENT, UNKNOWN, Attempt, Identity, Receipts
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.tracking import LostTrackError, Tracker, WaitTimeoutError
from ansible_collections.ngcp.fax.tests.unit.support.journal import FakeClient, item

NUMBER = parse_destination("431110002")
BEGAN = "2026-11-23T09:00:00Z"


def out(number, **fields):
    return item(number, 3, **{"direction": "out", "callee": "431110002", **fields})


@pytest.fixture
def make(tmp_path):
    """Return a function that makes a tracker for a journal, and the receipt of a fax with some attempts."""

    def made(items, *attempts):
        client = FakeClient(items)
        receipts = Receipts(str(tmp_path), Identity("https://platform.test", 3, NUMBER, "c"))
        receipt = receipts.load()
        receipt.attempts += attempts
        return Tracker(Journal(client), receipts, 3, NUMBER), receipt, client

    return made


def test_the_entry_of_an_uncertain_attempt(make):
    tracker, receipt, client = make([out(5), out(6), out(7, callee="999")], Attempt(UNKNOWN, 5, BEGAN))
    (attempt,) = receipt.attempts
    assert tracker.find(receipt, attempt).id == 6
    assert (attempt.state, attempt.fax_id) == (SENT, 6)
    assert client.log == ["list 1", "get faxes 6 in UTC"]


def test_an_entry_of_another_time_proves_nothing(make):
    tracker, receipt, _client = make([out(6, time="2026-11-23 12:00:00")], Attempt(UNKNOWN, 5, BEGAN))
    assert tracker.find(receipt, receipt.attempts[0]) is None
    assert receipt.attempts[0].state == UNKNOWN


def test_the_time_of_a_fax_that_was_surely_sent_does_not_count(make):
    tracker, receipt, client = make([out(6, time="2020-01-01 00:00:00")], Attempt(SENT, 5, BEGAN))
    assert tracker.find(receipt, receipt.attempts[0]).id == 6
    assert client.log == ["list 1"]


def test_entries_before_all_attempts_are_not_read(make):
    tracker, receipt, client = make([out(number) for number in range(1, 200)], Attempt(SENT, 198, BEGAN))
    assert tracker.find(receipt, receipt.attempts[0]).id == 199
    assert client.log == ["list 1"]


def test_looking_again(make, pauses):
    tracker, receipt, client = make([], Attempt(UNKNOWN, 5, BEGAN))
    client.after_page = lambda page: client.items.update({6: out(6)}) if len(client.log) == 2 else None
    assert tracker.find_soon(receipt, receipt.attempts[0], (0, 1, 2)).id == 6
    assert pauses == [0, 1, 2]


def test_following(make, pauses):
    tracker, _receipt, _client = make([])
    seen = []
    looks = iter([None, FaxError("outage"), out(6, status="QUEUED"), out(6)])

    def look():
        found = next(looks)
        if isinstance(found, Exception):
            raise found
        return Fax.of(found) if found else None

    tracker.follow(look, lambda fax: seen.append(fax.status), 100, 5)
    assert seen == ["QUEUED", "SUCCESS"]
    assert len(pauses) == 3 and all(0 < pause <= 5 for pause in pauses)


@pytest.mark.parametrize(
    ("error", "ends", "looks"),
    [
        (NotFoundError("gone"), NotFoundError, 1),
        (AccessError("refused", hint="Log in."), LostTrackError, 1),
        (UnreachableError("no connection"), LostTrackError, 1),
        (LostResponseError("silence", code="timeout"), LostTrackError, 3),
        (ServerError("a gateway", http_status=504), LostTrackError, 3),
    ],
)
def test_following_ends_where_it_is_pointless(make, pauses, error, ends, looks):
    tracker, _receipt, _client = make([])
    seen = []

    def look():
        seen.append(1)
        raise error

    with pytest.raises(ends) as caught:
        tracker.follow(look, print, 100, 5)
    assert len(seen) == looks and len(pauses) == looks - 1
    if ends is LostTrackError:
        assert caught.value.code == error.code and "the fax is not sent again" in caught.value.hint


@pytest.mark.parametrize("error", [ServerError("500", http_status=500), ProtocolError("x"), ListChangedError("x")])
def test_looks_that_fail_do_not_end_it(make, pauses, error):
    tracker, _receipt, _client = make([])
    looks = [error] * 20 + [out(6)]

    def look():
        found = looks.pop(0)
        if isinstance(found, Exception):
            raise found
        return Fax.of(found)

    tracker.follow(look, lambda fax: None, 1000, 5)
    assert len(pauses) == 20


def test_once_an_outage_is_suspected_each_look_is_one_try(make, monkeypatch, pauses):
    tracker, _receipt, client = make([out(6)])
    tries = []

    def get_item(name, number, params=None, **options):
        tries.append(options.get("tries"))
        raise LostResponseError("silence", code="timeout")

    monkeypatch.setattr(client, "get_item", get_item)
    with pytest.raises(LostTrackError):
        tracker.follow(lambda: tracker.get(6), print, 1000, 5)
    assert tries == [None, 1, 1]


@pytest.mark.parametrize("changes", [{"id": 7}, {"subscriber_id": 4}, {"callee": "999"}, {"direction": "in"}])
def test_an_entry_of_somebody_else_is_not_believed(make, changes):
    tracker, _receipt, client = make([out(6)])
    assert tracker.get(6).id == 6
    client.items[6].update(changes)
    with pytest.raises(ProtocolError, match=r"other than fax 6|instead of fax 6"):
        tracker.get(6)


@pytest.mark.parametrize(
    "odd",
    [
        {"callee": None},
        {"callee": ["431110002"]},
        {"callee": {"a": 1}},
        {"callee": True},
        {"callee": "431110003" * 1000},
        {"callee": "\x1b]0;x"},
        {"time": None},
        {"time": "9999-12-31 23:59:59"},
        {"time": "0001-01-01 00:00:00"},
        {"time": "yesterday"},
        {"time": 5},
        {"time": ["2026-11-23 09:00:00"]},
        {"direction": 7},
        {"status": {"a": []}},
        {"pages": 1e300},
    ],
    ids=lambda odd: str(odd)[:40],
)
def test_odd_entries_neither_crash_nor_prove_anything(make, odd):
    tracker, receipt, _client = make([out(6, **odd)], Attempt(UNKNOWN, 5, BEGAN))
    found = tracker.find(receipt, receipt.attempts[0])
    assert (found is not None) is ("callee" not in odd and "time" not in odd and "direction" not in odd)


def test_several_attempts_for_the_same_fax_do_not_compete(make):
    """One entry proves that the fax was sent, whichever of the attempts it came from."""
    tracker, receipt, _client = make([out(6)], Attempt(UNKNOWN, 5, BEGAN), Attempt(UNKNOWN, 6, BEGAN))
    assert tracker.find(receipt, receipt.attempts[1]) is None
    assert tracker.find(receipt, receipt.attempts[0]).id == 6


def test_following_in_vain(make):
    tracker, _receipt, _client = make([])

    def look():
        raise FaxError("outage")

    with pytest.raises(WaitTimeoutError, match="outage"):
        tracker.follow(look, print, 0, 5)


@pytest.mark.parametrize(
    ("fields", "goes"),
    [({}, True), ({"direction": "mtf"}, True), ({"direction": "in"}, False), ({"callee": "1"}, False)],
)
def test_what_goes_there(make, fields, goes):
    tracker, _receipt, _client = make([])
    assert tracker.goes_there(Fax.of(out(1, **fields))) is goes
