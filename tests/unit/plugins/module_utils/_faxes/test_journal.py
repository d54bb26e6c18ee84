# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal: which entries are meant, and that none is lost while its pages shift."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._api.client import Page
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, ListChangedError, ProtocolError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import journal as _faxes
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.journal import Fax, Filter, Journal
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.timestamps import parse_since, parse_until
from ansible_collections.ngcp.fax.tests.unit.support.journal import FakeClient, item


def ids(faxes):
    return [fax.id for fax in faxes]


def test_numbers_of_older_servers_are_texts():
    fax = Fax.of(item(5, duration="35", pages="", signal_rate=None, status=None))
    assert (fax.duration, fax.pages, fax.signal_rate, fax.status) == (35, 0, 0, "")
    assert fax.as_dict()["fax_id"] == 5


@pytest.mark.parametrize(
    ("status", "progress", "final"),
    [
        ("", "queued", False),
        ("QUEUED", "queued", False),
        ("SENDING", "sending", False),
        ("whatever", "sending", False),
        ("SUCCESS", "success", True),
        ("Failed", "failed", True),
    ],
)
def test_progress(status, progress, final):
    fax = Fax.of(item(1, status=status))
    assert (fax.progress, fax.is_final) == (progress, final)


@pytest.mark.parametrize(
    ("wanted", "admitted"),
    [
        (Filter(), True),
        (Filter(1), True),
        (Filter(2), False),
        (Filter(direction="in"), True),
        (Filter(direction="out"), False),
        (Filter(statuses=frozenset(["success"])), True),
        (Filter(statuses=frozenset(["failed"])), False),
        (Filter(since=parse_since("2026-11-23 09:00:01")), True),
        (Filter(since=parse_since("2026-11-23 09:00:02")), False),
        (Filter(until=parse_until("2026-11-23 09:00:01")), True),
        (Filter(until=parse_until("2026-11-23 09:00:00")), False),
        (Filter(until=parse_until("2026-11-23")), True),
    ],
)
def test_the_server_is_not_relied_on(wanted, admitted):
    assert wanted.matches(Fax.of(item(1))) is admitted


def test_filters_of_the_server():
    wanted = Filter(3, since=parse_since("2026-11-23"), until=parse_until("2026-11-23T10:00:00Z"))
    assert wanted.params == {
        "subscriber_id": 3,
        "time_from": "2026-11-23 00:00:00",
        "time_to": "2026-11-23T10:00:01Z",
    }


def test_an_absolute_until_is_exact():
    """The next second is asked for; what the server shows with it is looked at in UTC."""
    client = FakeClient(
        [item(1, time="2026-11-23 10:00:00"), item(2, time="2026-11-23 10:00:01")], offset=lambda _: 3600
    )
    found = Journal(client).read(Filter(until=parse_until("2026-11-23T09:00:00Z")))
    assert ids(found) == [1]
    assert client.log == ["list 1", "get faxes 2 in UTC"]


@pytest.mark.parametrize(
    ("descending", "limit", "found"), [(True, 3, [250, 249, 248]), (False, 2, [1, 2]), (True, 999, None)]
)
def test_read(descending, limit, found):
    client = FakeClient([item(number) for number in range(1, 251)])
    expected = found or list(range(250, 0, -1))
    assert ids(Journal(client).read(Filter(), limit, descending)) == expected
    assert len(client.log) == (1 if found else 3)


def test_only_as_many_rows_as_are_needed():
    client = FakeClient([item(number) for number in range(1, 251)])
    assert ids(Journal(client).read(Filter(direction="in"), 120)) == list(range(250, 130, -1))
    assert client.log == ["list 1", "list 2"]


def test_down_to_what_is_known():
    client = FakeClient([item(number) for number in range(1, 351)])
    assert ids(Journal(client).read_down_to(Filter(), 340)) == list(range(350, 250, -1))
    assert client.log == ["list 1"]
    assert ids(Journal(client).read_down_to(Filter(), 250)) == list(range(350, 150, -1))
    assert ids(Journal(client).read_down_to(Filter(), 0)) == list(range(350, 0, -1))


def test_newer_and_newest():
    client = FakeClient([item(number, number % 2) for number in range(1, 31)])
    journal = Journal(client)
    assert journal.newest_id(1) == 29
    assert journal.newest_id(5) == 0
    assert ids(journal.newer_than(21, 1)) == [23, 25, 27, 29]
    assert ids(journal.newer_than(0, 1)) == list(range(1, 30, 2))


def test_new_entries_push_others_to_later_pages():
    client = FakeClient([item(number) for number in range(1, 251)])
    client.after_page = lambda page: client.items.update({250 + page: item(250 + page)})
    assert ids(Journal(client).read(Filter())) == list(range(250, 0, -1))


def test_deleted_entries_begin_the_walk_anew():
    client = FakeClient([item(number) for number in range(1, 251)])
    doomed = [230, 99]
    client.after_page = lambda page: client.items.pop(doomed.pop(), None) if doomed else None
    assert ids(Journal(client).read(Filter())) == [number for number in range(250, 0, -1) if number not in (230, 99)]
    assert client.counters.retries >= 1


def test_entries_that_are_deleted_all_the_time():
    client = FakeClient([item(number) for number in range(1, 1001)])
    client.after_page = lambda page: client.items.pop(max(client.items))
    with pytest.raises(ListChangedError):
        Journal(client).read(Filter())


@given(st.integers(0, 400), st.lists(st.integers(0, 5), max_size=12), st.integers(1, 100))
def test_new_entries_never_hide_old_ones(count, arrivals, rows):
    client = FakeClient([item(number) for number in range(1, count + 1)])
    waiting = list(arrivals)

    def arrive(_page):
        for _one in range(waiting.pop() if waiting else 0):
            number = len(client.items) + 1
            client.items[number] = item(number)

    client.after_page = arrive
    found = ids(Journal(client).newer_than(0, 1, rows))
    assert found == sorted(set(found))
    assert set(found) >= set(range(1, count + 1))


@given(st.lists(st.integers(1, 100), min_size=1, max_size=40), st.integers(0, 60), st.booleans())
def test_iso_times_across_a_change_of_the_clocks(days, change, descending):
    """Offsets are asked for where they can differ, and nowhere else."""
    at, items = 0, []
    for number, step in enumerate(days, 1):
        at += step
        items.append(item(number, time=f"{2000 + at // 360:04}-{1 + at // 30 % 12:02}-{1 + at % 28:02} 12:00:00"))
    client = FakeClient(items, offset=lambda entry: 3600 if entry["id"] <= change else 7200)
    faxes = [Fax.of(entry) for entry in items]
    times = Journal(client).iso_times(faxes[::-1] if descending else faxes)
    for fax in faxes:
        offset = "+01:00" if fax.id <= change else "+02:00"
        if fax.id in (1, len(faxes)):
            assert times[fax.id] == fax.time.replace(" ", "T") + offset
        assert times[fax.id][:19] == fax.time.replace(" ", "T")


def test_iso_times_cost_little():
    client = FakeClient([item(number) for number in range(1, 3001)], offset=lambda _: 3600)
    faxes = [Fax.of(entry) for entry in client.items.values()]
    assert set(Journal(client).iso_times(faxes).values()) == {fax.time.replace(" ", "T") + "+01:00" for fax in faxes}
    assert client.log == ["get faxes 1 in UTC", "get faxes 3000 in UTC"]


def test_a_time_of_an_entry_that_is_gone():
    client = FakeClient([item(1), item(2)])
    faxes = [Fax.of(entry) for entry in client.items.values()]
    client.items.pop(1)
    assert set(Journal(client).iso_times(faxes)) == {2}


def test_errors_are_passed_on():
    client = FakeClient([item(1)])
    client.meet("list", FaxError("broken"))
    with pytest.raises(FaxError, match="broken"):
        Journal(client).read(Filter())


# ---- odd entries, odd pages

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["\ud800", "\x1b]0;x\x07", "9" * 5000, 10**4000, -1, 1e400, "１２", " 7 ", "\u202e"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = list(item(1))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param(10**5000, 0, id="huge"), ("9" * 5000, 0), (-3, 0), ("-3", 0), (2.0, 2), (2.5, 0), (1e400, 0),
        (float("nan"), 0), (True, 0), ({"a": 1}, 0), ([7], 0), (" 7 ", 7), ("0x10", 0), ("１２", 0), ("", 0),
        (10**18, 0), (10**17, 10**17),
    ],
)  # fmt: skip
def test_numbers_that_are_none(value, number):
    fax = Fax.of(item(5, duration=value, pages=value, signal_rate=value))
    assert (fax.duration, fax.pages, fax.signal_rate) == (number, number, number)


@pytest.mark.parametrize("value", [None, "", "x", 0, -1, True, 1.5, 1e400, [], {}, 10**18, "9" * 5000, "1e3"])
def test_an_entry_without_a_usable_id(value):
    with pytest.raises(ProtocolError, match="no usable id"):
        Fax.of(item(1, id=value))


@pytest.mark.parametrize("value", ["x", -1, True, 1.5, [1], {"id": 1}, "9" * 5000])
def test_an_entry_of_no_usable_subscriber(value):
    with pytest.raises(ProtocolError, match="subscriber_id"):
        Fax.of(item(1, value))


def test_ids_as_texts():
    fax = Fax.of(item(1, "3", id="7"))
    assert (fax.id, fax.subscriber_id, Fax.of(item(1, None)).subscriber_id) == (7, 3, 0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ünï ✓", "Ünï ✓"),
        ("bad \x1b]0;x\x07\r\nok: [localhost]", "bad \ufffd]0;x\ufffd\ufffd\ufffdok: [localhost]"),
        ("a\ud800b\x9bc\u202ed\u2028e", "a\ufffdb\ufffdc\ufffdd\ufffde"),
        ("x" * 5000, "x" * 1000 + "…"),
        (4311, "4311"),
        pytest.param(10**5000, "", id="huge"),
        (None, ""),
        (True, ""),
        (["a"], ""),
        ({"a": 1}, ""),
    ],
)
def test_texts_can_be_shown(value, text):
    fax = Fax.of(item(5, reason=value, caller=value, filename=value))
    assert (fax.reason, fax.caller, fax.filename) == (text, text, text)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_entry_is_read_or_refused(fields):
    try:
        fax = Fax.of({**item(1), **fields})
    except ProtocolError:
        return
    json.dumps(fax.as_dict()).encode("ascii")
    for value in fax.as_dict().values():
        assert value >= 0 if isinstance(value, int) else value.encode() is not None and len(value) <= 1001
    assert Fax.of({**fax.as_dict(), "id": fax.id}) == fax, "as it comes back from an index"


class Pages:
    """Answers with given pages."""

    def __init__(self, *pages):
        self.pages = pages
        self.asked = 0
        self.counters = FakeClient().counters

    def list_page(self, name, number, params, rows, descending):
        self.asked += 1
        total, found = self.pages[min(number, len(self.pages)) - 1]
        return Page([item(fax_id) for fax_id in found], total)


def down(first, last):
    return list(range(first, last - 1, -1))


@pytest.mark.parametrize(
    ("pages", "kind", "asked"),
    [
        # the same page for ever
        ([(300, down(300, 201))], ListChangedError, 6),
        # not in the order of ids
        ([(300, down(300, 201)[::-1])], ProtocolError, 1),
        ([(300, down(300, 201)), (300, down(400, 301))], ListChangedError, 6),
        ([(300, down(400, 301)), (300, down(500, 401))], ListChangedError, 6),
        ([(300, [400, *down(299, 201)]), (300, down(390, 301)[:99] + down(200, 191))], ListChangedError, 6),
        ([(3, [3, 2, 2])], ProtocolError, 1),
        # a total that runs away
        ([(150, down(500, 401)), (10**9, down(400, 301))], ProtocolError, 2),
    ],
)
def test_pages_that_do_not_fit_each_other(pages, kind, asked):
    client = Pages(*pages)
    with pytest.raises(kind):
        Journal(client).read(Filter())
    assert client.asked == asked, "it stops at the first contradiction"


@pytest.mark.parametrize("found", [[1, 2, 2], [3, 2, 1], [1, 3, 2]])
def test_an_ascending_page_out_of_order(found):
    with pytest.raises(ProtocolError, match="ordered by id"):
        Journal(Pages((3, found))).read(Filter(), descending=False)


def test_a_journal_without_an_end(monkeypatch):
    monkeypatch.setattr(_faxes, "_MAX_PAGES", 4)
    client = FakeClient([item(number) for number in range(1, 1001)])
    with pytest.raises(ProtocolError, match="more than 4 pages"):
        Journal(client).read(Filter())
    assert len(client.log) == 4


def test_the_entry_of_another_fax(monkeypatch):
    client = FakeClient([item(1), item(2)])
    monkeypatch.setattr(client, "get_item", lambda name, number, params=None: item(2))
    for ask in (Journal(client).get, Journal(client).utc_time):
        with pytest.raises(ProtocolError, match="fax 2 instead of fax 1"):
            ask(1)


def test_a_zone_that_cannot_be():
    """A server that shows other moments than it says in UTC."""
    client = FakeClient([item(1)], offset=lambda entry: 3 * 86400)
    assert Journal(client).iso_times([Fax.of(item(1))]) == {}


def test_an_until_at_the_end_of_time():
    client = FakeClient([item(1), item(2, time="9999-12-31 23:59:59")])
    for text in ("9999-12-31 23:59:59", "9999-12-31T23:59:59Z"):
        assert ids(Journal(client).read(Filter(until=parse_until(text)))) == [2, 1]
