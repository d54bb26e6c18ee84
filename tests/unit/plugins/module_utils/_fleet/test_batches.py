# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking at entries together comes to the same as looking at them one by one: what they declare, what is wrong with
them, what is planned and written, and what a run reports."""

from __future__ import annotations

import copy

import pytest
from hypothesis import example, given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import ProtocolError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet import batches, task as fleet_task
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.batches import form_batches
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.entries import FleetErrors, check_fleet
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.schema import Layouts
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Entries
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import subscriber_of
from ansible_collections.ngcp.fax.tests.unit.support.fleet_platform import FAX, MAIL2FAX, FleetPlatform, run_fleet_task
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure, response, subscriber

pytestmark = pytest.mark.usefixtures("pauses")

DESTINATIONS = [{"destination": "a@b.org", "filetype": "PDF", "incoming": True, "outgoing": False, "status": True}]
LISTS = (
    [],
    DESTINATIONS,
    [{"destination": "a@b.org"}, {"destination": "c@b.org", "filetype": "PS"}],
    [{"destination": "c@b.org"}, {"destination": "a@b.org"}],
)
ODD_LISTS = ([{"destination": "a@b.org"}, {"destination": "A@b.org"}], [{"destination": "no address"}], "x", [1], [{}])
USUAL = {
    "active": st.booleans(),
    "name": st.sampled_from(("Office", "Store", "")),
    "t38": st.booleans(),
    "password": st.sampled_from(("Geheim", "Other")),
    "destinations": st.sampled_from(LISTS),
    "mail2fax_active": st.booleans(),
    "secret_key_renew": st.sampled_from(("never", "daily")),
    "acl": st.sampled_from(
        ([], [{"from_email": "x"}], [{"from_email": "x", "use_regex": False}, {"destination": "1"}])
    ),
}
ODD = {
    "active": st.sampled_from(("yes", "off", 1, "maybe", None)),
    "name": st.sampled_from(("Büro", "", None, "x" * 65, 5, "\U0001f600")),
    "password": st.sampled_from(("********", "", None)),
    "acl": st.sampled_from(([{"from_email": "x", "destination": ""}], [{"from_email": None}])),
    "destinations": st.sampled_from(ODD_LISTS),
    "secret_key_renew": st.sampled_from(("Never", "yearly", None)),
    "mail2fax": st.sampled_from(({"active": True}, {"acl": []}, {"x": 1}, None, 5, {})),
    "fax": st.sampled_from(({"active": True, "ecm": False}, {"destinations": DESTINATIONS})),
    "forward": st.sampled_from(("unconditional", "none", None)),
    "activ": st.just(True),
    "_note": st.just("remark"),
}
KEYS = st.integers(1, 12).flatmap(
    lambda number: st.sampled_from(
        (
            {"subscriber_id": number},
            {"subscriber_id": number},
            {"subscriber": f"user{number}@example.org"},
            {"subscriber_id": number, "subscriber": f"user{number}@example.org"},
            {"subscriber": f"USER{number}@example.org"},
            {"number": f"431{number}"},
        )
    )
)
ODD_KEYS = st.sampled_from(({}, {"subscriber_id": 0}, {"subscriber": "x"}, {"subscriber_id": None, "number": "431 1"}))


def entry_of(keys, fields):
    return st.tuples(keys, st.fixed_dictionaries({}, optional=fields)).map(lambda parts: {**parts[0], **parts[1]})


USUAL_ENTRIES = st.lists(entry_of(KEYS, USUAL), min_size=1, max_size=8)
ALL_ENTRIES = st.lists(
    entry_of(KEYS, USUAL) | entry_of(KEYS | ODD_KEYS, {**USUAL, **ODD}) | st.sampled_from((None, 5, [])), max_size=8
)


def checked(values, in_batches, modes=None):
    """Return the entries, or everything that is wrong with them."""
    entries = Entries(copy.deepcopy(values), lambda position: f"fleet.json entry {position + 1}")
    try:
        return check_fleet(entries, [], "fleet.json", modes, in_batches)
    except FleetErrors as error:
        return error.message, error.details()


@settings(max_examples=300)
@given(ALL_ENTRIES, st.sampled_from((None, {"destinations": "merge"})))
def test_entries_and_errors_are_the_same(values, modes):
    together, closely = checked(values, True, modes), checked(values, False, modes)
    if isinstance(closely, tuple):
        assert together == closely
        return
    assert [*together] == [*closely] and len(together) == len(closely)
    assert sorted(map(str, together.secrets())) == sorted(map(str, closely.secrets()))


@settings(max_examples=200)
@given(USUAL_ENTRIES)
def test_columns_hold_what_the_entries_declare(values):
    found, others = form_batches(values, Layouts())
    closely = [*map(one_checked, values)]
    seen = [*others]
    for batch in found:
        seen += batch.positions
        for row, position in enumerate(batch.positions):
            entry = closely[position]
            assert batch.keys[row] == entry.keys
            assert batch.columns.keys() == entry.declarations.keys()
            for module, columns in batch.columns.items():
                declared = entry.declarations[module].fields
                assert {name: column[row] for name, column in columns.items()} == {
                    name: getattr(value, "present", value) for name, value in declared.items()
                }
    assert sorted(seen) == [*range(len(values))]


def one_checked(values):
    return check_fleet(Entries([values], str), [], "one")[0]


def test_usual_entries_are_looked_at_together(monkeypatch):
    monkeypatch.setattr(batches, "MOST_ROWS", 4)
    values = [{"subscriber_id": number, "active": True, "name": "Office"} for number in range(1, 11)]
    values[2]["name"], values[5]["name"] = "Büro", None
    found, others = form_batches(values, Layouts())
    assert [[*batch.positions] for batch in found] == [[0, 1, 3], [4, 6, 7], [8, 9]]
    assert others == [2, 5]


@pytest.mark.parametrize(
    "values",
    [
        {"subscriber_id": 1},
        {"subscriber_id": 1, "active": None},
        {"active": True},
        {"subscriber_id": None, "active": True},
        {"subscriber_id": 1, "activ": True},
        {"subscriber_id": 1, "forward": "unconditional"},
        {"subscriber_id": 1, "fax": {"active": True}, "active": True},
    ],
)
def test_entries_with_something_special_are_looked_at_one_by_one(values):
    assert form_batches([values, values], Layouts()) == ([], [0, 1])


def test_what_nobody_gives_is_not_declared():
    ((batch,), others) = form_batches(
        [{"subscriber_id": number, "active": True, "name": None, "acl": None} for number in (1, 2)], Layouts()
    )
    assert (batch.columns, others) == ({"fax_settings": {"active": [True, True]}}, [])


# ---- runs


def platform_with(drift):
    """Return a platform with subscribers 1 to 10.

    :param drift: fields that were changed by hand, for each subscriber.
    """
    platform = FleetPlatform(range(1, 11))
    for number, fields in drift.items():
        for name, value in fields.items():
            resource = FAX if name in {field.name for field in FAX_SETTINGS.fields} else MAIL2FAX
            platform.put(resource, number, **{name: copy.deepcopy(value)})
    return platform


STORED = {
    "active": st.booleans() | st.sampled_from((0, 1)),
    "name": st.sampled_from(("Office", "Store", None)),
    "t38": st.sampled_from((True, False, 1)),
    "password": st.sampled_from(("Geheim", None)),
    "destinations": st.sampled_from((*LISTS[:2], DESTINATIONS * 2, [{**DESTINATIONS[0], "extra": 1}])),
    "secret_key_renew": st.sampled_from(("never", "daily", None)),
    "acl": st.sampled_from(([], [{"from_email": "x", "received_from": None, "destination": None, "use_regex": 0}])),
}
DRIFT = st.dictionaries(st.integers(1, 10), st.fixed_dictionaries({}, optional=STORED), max_size=10)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "on_plan_error": st.sampled_from(("stop", "continue")),
        "destinations_mode": st.just("merge"),
        "update_password": st.just("on_create"),
        "max_changes": st.sampled_from(("0", "50%")),
        "state": st.sampled_from(("present", "replaced")),
        "return_unchanged": st.just(True),
    },
)


def outcome(values, drift, options, check, in_batches):
    """Return what a run reports and what it leaves on the platform."""
    platform = platform_with(drift)
    with pytest.MonkeyPatch.context() as patch:
        if not in_batches:
            patch.setattr(fleet_task, "_in_batches", lambda _options: False)
        try:
            result = run_fleet_task(platform, check, subscribers=copy.deepcopy(values), allow_empty=True, **options)
        except Exception as error:
            result = {"failed": str(error)}
    return result, platform.stores, sorted(map(str, platform.sent))


@settings(max_examples=250)
@given(USUAL_ENTRIES | ALL_ENTRIES, DRIFT, OPTIONS, st.booleans())
@example([{"subscriber_id": 1, "active": False}, {"subscriber": "user1@example.org", "active": False}], {}, {}, False)
@example([{"subscriber_id": 11, "active": False}, {"subscriber_id": 2, "active": False}], {}, {}, False)
@example(
    [{"subscriber": f"user{n}@example.org", "acl": []} for n in (3, 11, 2)], {}, {"on_plan_error": "continue"}, True
)
def test_a_run_reports_and_does_the_same(values, drift, options, check):
    assert outcome(values, drift, options, check, True) == outcome(values, drift, options, check, False)


def test_subscribers_without_drift_never_become_members(monkeypatch):
    created = []
    original = fleet_task.read_source

    def read_source(*arguments):
        source = original(*arguments)
        create = source.entries._check
        source.entries._check = lambda position: created.append(position) or create(position)
        return source

    monkeypatch.setattr(fleet_task, "read_source", read_source)
    platform = platform_with({3: {"active": True}, 5: {"name": "Office"}})
    entries = [
        {"subscriber_id": number, "active": False, "name": None, "secret_key_renew": "never"} for number in range(1, 11)
    ]
    result = run_fleet_task(platform, subscribers=entries)
    assert created == [2]
    assert (result["summary"]["changed"], result["summary"]["unchanged"], result["summary"]["total"]) == (1, 9, 10)
    assert result["summary"]["mail2fax_settings"]["unchanged"] == 10


def test_a_failed_reading_leaves_nobody_out():
    platform = platform_with({})
    platform.meet("GET", f"/api/{MAIL2FAX}/", failure(403, "No"), again=True)
    entries = [{"subscriber_id": number, "active": False, "secret_key_renew": "never"} for number in range(1, 11)]
    result = run_fleet_task(platform, subscribers=entries)
    assert result["error"]["http_status"] == 403
    assert [one["status"] for one in result["subscribers"]] == ["not_attempted"] * 10
    assert result["summary"]["not_attempted"] == 10
    assert result["summary"]["fax_settings"]["unchanged"] == 10
    assert result["summary"]["mail2fax_settings"]["not_attempted"] == 10


def test_what_cannot_be_settings_is_never_taken_for_unchanged():
    platform = platform_with({})
    odd = {field.name: field.reset_value for field in FAX_SETTINGS.fields}
    del odd["destinations"]
    platform.meet("GET", f"/api/{FAX}/4", response(200, {"id": 4, **odd}), again=True)
    entries = [{"subscriber_id": number, "active": False} for number in (3, 4, 5)]
    result = run_fleet_task(platform, subscribers=entries, on_plan_error="continue")
    assert [(one["subscriber_id"], one["status"]) for one in result["subscribers"]] == [(4, "failed")]
    assert "destinations is missing" in result["subscribers"][0]["error"]["message"]
    assert result["summary"]["unchanged"] == 2


def test_odd_subscribers_do_not_lose_the_others():
    with pytest.raises(ProtocolError):
        subscriber_of(subscriber(5, alias_numbers=5))
    platform = platform_with({})
    platform.subscribers[5] = subscriber(5, alias_numbers=5)
    entries = [{"subscriber": f"user{number}@example.org", "mail2fax_active": False} for number in range(1, 11)]
    result = run_fleet_task(platform, subscribers=entries, on_plan_error="continue")
    assert [(one["index"], one["status"]) for one in result["subscribers"]] == [(4, "failed")]
    assert MAIL2FAX_SETTINGS.module in result["subscribers"][0]["modules"]
    assert result["summary"]["unchanged"] == 9
