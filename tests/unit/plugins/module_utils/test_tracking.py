# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of a fax: the right entry of the journal, and its way to the end."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._destinations import parse_destination
from ansible_collections.ngcp.fax.plugins.module_utils._errors import AccessError, FaxError, NotFoundError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import Fax, Journal
from ansible_collections.ngcp.fax.plugins.module_utils._receipts import SENT, UNKNOWN, Attempt, Order, Receipts
from ansible_collections.ngcp.fax.plugins.module_utils._tracking import Tracker, WaitTimeoutError
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
        receipts = Receipts(str(tmp_path), Order("https://platform.test", 3, NUMBER, "c"))
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


@pytest.mark.parametrize("error", [AccessError("refused"), NotFoundError("gone")])
def test_following_ends_where_it_is_pointless(make, error):
    tracker, _receipt, _client = make([])

    def look():
        raise error

    with pytest.raises(type(error)):
        tracker.follow(look, print, 100, 5)


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
