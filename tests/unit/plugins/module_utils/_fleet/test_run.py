# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The life of a fleet: what is asked, what is written and in which order, and what ends a run."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import AccessError, FaxError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._fleet import run as fleet_run
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.guards import Limits
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.recorder import Recorder
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.task import fleet_task
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, subscriber

pytestmark = pytest.mark.usefixtures("pauses")

FAX, MAIL2FAX = FAX_SETTINGS.name, MAIL2FAX_SETTINGS.name
DESTINATION = {"destination": "a@b.cd", "filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}
RULE = {"from_email": "x", "received_from": None, "destination": None, "use_regex": False}
DEFAULTS = default_params(fleet_task().options)


def platform_of(count, **more):
    """Return a platform with subscribers 1 to ``count``, all of whose services are off."""
    numbers = range(1, count + 1)
    return Platform([subscriber(number) for number in numbers], others={MAIL2FAX_SETTINGS: None}, **more)


def row(number, **fields):
    return {"subscriber_id": number, "active": True, "mail2fax_active": True, **fields}


def work(platform, entries, check=False, **params):
    """Return the result of the task."""
    return fleet_task().run({**DEFAULTS, "subscribers": entries, **params}, platform.host(check))


def statuses(result):
    return [entry["status"] for entry in result["subscribers"]]


def test_check_apply_apply_check():
    platform = platform_of(5)
    entries = [row(number, name=f"N{number}") for number in range(1, 5)]
    predicted = work(platform, entries, check=True)
    assert platform.written == []
    done = work(platform, entries)
    assert [sorted(number for name, number in platform.written if name == kind) for kind in (FAX, MAIL2FAX)] == [
        [1, 2, 3, 4],
        [1, 2, 3, 4],
    ]
    assert (predicted["diff"], predicted["changed"]) == (done["diff"], True)
    assert [entry["changes"] for entry in predicted["subscribers"]] == [e["changes"] for e in done["subscribers"]]
    assert [entry["patch"] for entry in predicted["subscribers"]] == [entry["patch"] for entry in done["subscribers"]]
    for check in (False, True):
        again = work(platform, entries, check=check)
        assert (again["changed"], again["subscribers"], again["diff"]) == (False, [], [])
        assert again["summary"]["unchanged"] == 4
    assert len(platform.written) == 8
    assert platform.stores[FAX][5]["active"] is False, "nobody else is touched"


def test_what_a_subscriber_shows():
    platform = platform_of(1)
    (entry,) = work(platform, [row(1, secret_key="Geheim")])["subscribers"]
    assert entry["modules"] == {"fax_settings": {"status": "changed"}, "mail2fax_settings": {"status": "changed"}}
    assert [(change["module"], change["field"], change["after"]) for change in entry["changes"]] == [
        ("fax_settings", "active", True),
        ("mail2fax_settings", "active", True),
        ("mail2fax_settings", "secret_key", "********"),
    ]
    assert [(operation["module"], operation["path"]) for operation in entry["patch"]] == [
        ("fax_settings", "/active"),
        ("mail2fax_settings", "/active"),
        ("mail2fax_settings", "/secret_key"),
    ]
    assert entry["settings"]["mail2fax_settings"]["secret_key"] == "********"
    assert entry["entry"] == "subscribers[0]" and entry["index"] == 0
    assert platform.stores[MAIL2FAX][1]["secret_key"] == "Geheim"


def test_requests_of_a_fleet_by_name():
    """Each list is read once, and so many writes as there are changes follow."""
    platform = platform_of(250)
    for number in range(1, 251):
        if number % 10:
            platform.stores[FAX][number]["active"] = platform.stores[MAIL2FAX][number]["active"] = True
    entries = [
        {"subscriber": f"user{number}@example.org", "active": True, "mail2fax_active": True} for number in range(1, 251)
    ]
    work(platform, entries)
    assert len(platform.written) == 50
    assert len(platform.sent) == 3 * 3 + 50
    platform.sent.clear()
    work(platform, entries)
    assert [request.split("?")[0] for request in platform.log] == [
        *["GET /api/subscribers/"] * 3,
        *["GET /api/faxserversettings/"] * 3,
        *["GET /api/mailtofaxsettings/"] * 3,
    ]


def test_only_what_an_entry_declares_is_read():
    platform = platform_of(3)
    work(platform, [{"subscriber_id": 1, "active": True}, {"subscriber_id": 2}])
    assert platform.log == ["GET /api/faxserversettings/1", "PATCH /api/faxserversettings/1"]


def test_one_subscriber_first_and_the_waves_in_the_order_of_the_input():
    platform = platform_of(10)
    work(platform, [{"subscriber_id": number, "active": True} for number in range(10, 0, -1)], waves=["1", "2", "7"])
    written = [number for _name, number in platform.written]
    assert [sorted(written[:1]), sorted(written[1:3]), sorted(written[3:])] == [[10], [8, 9], [1, 2, 3, 4, 5, 6, 7]]


def test_too_many_failures_keep_the_next_wave_from_being_written():
    platform = platform_of(6)
    platform.meet("PATCH", "/api/faxserversettings/2", failure(422))
    entries = [{"subscriber_id": number, "active": True} for number in range(1, 7)]
    result = work(platform, entries, waves=["1", "2", "100%"], max_failures="0")
    assert statuses(result) == ["changed", "failed", "changed", *["not_attempted"] * 3]
    assert result["error"]["code"] == "too_many_failures" and result["failed"]
    assert result["summary"]["not_attempted"] == 3
    assert [number for _name, number in platform.written if number > 3] == []


def test_a_failure_with_one_kind_of_settings_does_not_keep_the_other_from_being_written():
    platform = platform_of(2)
    platform.meet("PATCH", "/api/faxserversettings/2", failure(422))
    result = work(platform, [row(1), row(2)])
    second = result["subscribers"][1]
    assert second["status"] == "failed"
    assert second["modules"]["fax_settings"]["error"]["code"] and second["error"]["module"] == "fax_settings"
    assert second["modules"]["mail2fax_settings"] == {"status": "changed"}
    assert result["summary"]["failed"] == 1 and result["summary"]["fax_settings"]["failed"] == 1
    assert result["summary"]["mail2fax_settings"]["changed"] == 2
    assert [(failure["place"], failure["modules"]) for failure in result["summary"]["failures"]] == [
        ("subscribers[1]", ["fax_settings"])
    ]


@pytest.mark.parametrize("on_plan_error", ["stop", "continue"])
def test_a_subscriber_that_cannot_be_planned(on_plan_error):
    platform = platform_of(2)
    result = work(platform, [row(1), row(99), row(2)], on_plan_error=on_plan_error)
    assert result["failed"]
    if on_plan_error == "stop":
        assert platform.written == []
        assert result["error"]["code"] == "not_planned"
        assert result["msg"].startswith(
            "1 of 3 subscribers cannot be planned. Nothing was written.\nsubscribers[1] (99): "
        )
        assert statuses(result) == ["not_attempted", "failed", "not_attempted"]
    else:
        assert sorted({number for _name, number in platform.written}) == [1, 2]
        assert statuses(result) == ["changed", "failed", "changed"] and "error" not in result
    (found,) = result["summary"]["failures"]
    assert found["modules"] == ["fax_settings", "mail2fax_settings"], "what both say is said once"


def test_a_subscriber_whom_one_kind_cannot_plan_gets_nothing_of_the_other():
    platform = platform_of(2)
    platform.meet("GET", "/api/mailtofaxsettings/2", failure(422))
    result = work(platform, [row(1), row(2)], on_plan_error="continue")
    assert [number for _name, number in platform.written] == [1, 1]
    assert result["subscribers"][1]["modules"]["fax_settings"]["status"] == "not_attempted"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"max_changes": "1"}, "2 of 3 subscribers would change, but max_changes allows 1 (1)"),
        ({"max_changes": "50%"}, "max_changes allows 1 (50%)"),
        (
            {"max_deactivated": "0"},
            "The service of 1 subscriber would be switched off, but max_deactivated allows 0 (0)",
        ),
        ({"max_emptied": "20%"}, "2 lists would become empty, but max_emptied allows 0 (20%)"),
    ],
)
def test_guards_refuse_before_the_first_write(limits, text, check):
    platform = platform_of(3)
    platform.stores[FAX][1].update(active=True, destinations=[DESTINATION])
    platform.stores[MAIL2FAX][1]["acl"] = [RULE]
    entries = [
        {"subscriber_id": 1, "active": False, "destinations": [], "acl": []},
        {"subscriber_id": 2, "active": True},
        {"subscriber_id": 3, "active": False},
    ]
    result = work(platform, entries, check=check, **limits)
    assert platform.written == []
    assert result["error"]["code"] == "too_many_changes" and text in result["error"]["message"]
    assert result["summary"]["deactivated"] == 1 and result["summary"]["emptied"] == 2
    allowed = work(platform, entries, check=check, **dict.fromkeys(limits, "2"))
    assert "error" not in allowed and allowed["summary"]["changed"] == 2


def test_much_that_goes_off_or_becomes_empty_deserves_a_warning():
    platform = platform_of(10)
    platform.stores[FAX][1].update(active=True, destinations=[DESTINATION])
    entries = [{"subscriber_id": number, "active": False, "destinations": []} for number in range(1, 11)]
    warnings = work(platform, entries, check=True)["warnings"]
    assert warnings == [
        "The service of 1 subscriber would be switched off (in a fleet of 10 subscribers). "
        "Use max_deactivated to limit this.",
        "1 list would become empty (in a fleet of 10 subscribers). Use max_emptied to limit this.",
    ]
    assert work(platform, entries, check=True, max_deactivated="1", max_emptied="100%")["warnings"] == []
    assert len(work(platform, entries[:2], check=True)["warnings"]) == 2
    assert work(platform, entries[:1], check=True)["warnings"] == []


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"max_changes": "x"}, "max_changes"),
        ({"max_deactivated": "101%"}, "max_deactivated"),
        ({"max_emptied": "-1"}, "max_emptied"),
        ({"max_failures": "1.5"}, "max_failures"),
        ({"waves": []}, "waves"),
        ({"waves": ["0"]}, "waves[0]"),
        ({"hosts": ["a", "b"]}, "hosts"),
        ({"src": "fleet.csv"}, ""),
        ({"subscribers": None}, ""),
        ({"subscribers": []}, "subscribers"),
        ({"subscribers": "x"}, "subscribers"),
    ],
)
def test_wrong_options_ask_nothing(params, field):
    platform = platform_of(1)
    result = (
        work(platform, **{"entries": [row(1)], **params})
        if "subscribers" not in params
        else fleet_task().run({**DEFAULTS, **params}, platform.host())
    )
    assert result["failed"] and result["error"]["code"] == "invalid_input"
    assert result["error"].get("field", "") == field
    assert platform.sent == []


def test_nobody_is_fine_if_that_is_meant():
    assert work(platform_of(1), [], allow_empty=True)["summary"]["total"] == 0


def test_all_wrong_entries_are_named_and_nothing_is_asked():
    platform = platform_of(3)
    result = work(platform, [row(1, t38="maybe"), row(1), row(2, nam="x")])
    assert platform.sent == []
    assert [(detail["position"], detail["field"]) for detail in result["error"]["details"]] == [
        (0, "t38"),
        (1, "subscriber_id"),
        (2, "nam"),
    ]
    assert "3 errors in subscribers (3 of 3 entries). Nothing was written." in result["msg"]


def test_one_subscriber_under_two_names():
    platform = platform_of(2)
    result = work(platform, [row(1), {"subscriber": "user1@example.org", "active": True}])
    assert platform.written == []
    assert "is the same subscriber as subscribers[0] (1)" in result["msg"]


def test_inventory_hosts_are_called_by_their_names():
    platform = platform_of(1)
    result = work(platform, [row(1), row(99)], hosts=["alice", "bob"])
    assert result["summary"]["failures"][0]["place"] == "host bob"


def test_entries_that_declare_nothing_are_unchanged_and_named():
    platform = platform_of(2)
    result = work(platform, [{"subscriber_id": 1}, {"subscriber_id": 2, "name": None}])
    assert platform.sent == []
    assert result["warnings"] == ["Entries that name a subscriber but declare nothing: subscribers[0] and 1 more."]
    assert result["summary"]["unchanged"] == 2


def test_on_error_stop():
    platform = platform_of(4)
    platform.meet("PATCH", "/api/faxserversettings/1", failure(422))
    entries = [{"subscriber_id": number, "active": True} for number in range(1, 5)]
    result = work(platform, entries, on_error="stop")
    assert statuses(result) == ["failed", *["not_attempted"] * 3]
    assert result["error"]["code"] == "stopped"


def test_a_refused_user_ends_the_run_and_loses_nothing():
    platform = platform_of(3)
    platform.meet(
        "PATCH", "/api/faxserversettings/2", AccessError("Only reading is allowed", http_status=403, from_api=True)
    )
    entries = [{"subscriber_id": number, "active": True} for number in range(1, 4)]
    result = work(platform, entries, waves=["1"])
    assert statuses(result) == ["changed", "failed", "not_attempted"]
    assert result["error"]["message"] == "Only reading is allowed"


def test_no_connection_is_reported_before_anything_is_written():
    platform = platform_of(2)
    platform.meet("GET", "/api/mailtofaxsettings/", AccessError("Banned"), again=True)
    result = work(platform, [row(1), row(2)])
    assert platform.written == []
    assert result["error"]["message"] == "Banned"
    assert result["summary"]["not_attempted"] == 2


def test_what_the_server_says_forges_no_lines_and_shows_no_credentials():
    platform = platform_of(1)
    platform.meet("PATCH", "/api/faxserversettings/1", failure(422, "'Kennwort' \x1b[2J\nok: all is well"))
    result = work(platform, [row(1, password="Kennwort")], api_password="Kennwort")
    texts = str([result["msg"], result["lines"], result["summary"], result["subscribers"]])
    assert "Kennwort" not in texts and "\x1b" not in result["msg"] and "\nok: all is well" not in result["msg"]
    for error in (
        result["subscribers"][0]["error"]["message"],
        result["subscribers"][0]["modules"]["fax_settings"]["error"]["message"],
        result["summary"]["failures"][0]["message"],
    ):
        assert "********" in error and "\x1b" not in error and "\n" not in error


def test_a_lost_answer_is_settled_by_a_look():
    platform = platform_of(1)

    def lost(platform, request):
        platform.apply(request)
        return failure(504)

    platform.meet("PATCH", "/api/faxserversettings/1", lost)
    result = work(platform, [{"subscriber_id": 1, "active": True}])
    assert statuses(result) == ["changed"]


class Watching(Recorder):
    """Notes what it is told; ``fail_at`` is the call that raises."""

    def __init__(self, fail_at=None):
        self.calls = []
        self._fail_at = fail_at

    def _note(self, name):
        self.calls.append(name)
        if name == self._fail_at:
            raise FaxError("The disk is full", code="file")

    def planned(self, report):
        self._note("planned")

    def replanned(self, member, outcome):
        self._note(f"replanned {member.subscriber_id}")

    def settled(self, member, outcome):
        self._note(f"settled {member.subscriber_id}")

    def ended(self, report):
        self._note("ended")


def watched(platform, entries, monkeypatch, recorder, check=False, **params):
    monkeypatch.setattr(
        "ansible_collections.ngcp.fax.plugins.module_utils._fleet.task._recorders", lambda *_arguments: [recorder]
    )
    return work(platform, entries, check=check, **params)


def test_recorders_are_told_in_order(monkeypatch):
    platform, recorder = platform_of(2), Watching()
    watched(platform, [row(1), {"subscriber_id": 2, "active": False}], monkeypatch, recorder)
    assert recorder.calls == ["planned", "settled 1", "settled 1", "ended"]


@pytest.mark.parametrize("check", [True, False])
def test_where_nothing_is_written_recorders_hear_of_the_end_only(monkeypatch, check):
    platform, recorder = platform_of(1), Watching()
    watched(platform, [{"subscriber_id": 1, "active": check}], monkeypatch, recorder, check=check)
    assert recorder.calls == ["ended"]


def test_what_cannot_be_recorded_is_not_written(monkeypatch):
    platform, recorder = platform_of(2), Watching("planned")
    result = watched(platform, [row(1), row(2)], monkeypatch, recorder)
    assert platform.written == []
    assert result["error"]["message"] == "The disk is full"


def test_a_disk_that_fills_up_ends_the_run_with_the_truth(monkeypatch):
    platform, recorder = platform_of(4), Watching("settled 2")
    entries = [{"subscriber_id": number, "active": True} for number in range(1, 5)]
    result = watched(platform, entries, monkeypatch, recorder, waves=["1"])
    assert statuses(result) == ["changed", "changed", "not_attempted", "not_attempted"]
    assert result["error"]["message"] == "The disk is full"
    assert recorder.calls[-1] == "ended"


# ---- plans that are no longer fresh


@pytest.fixture
def stale(monkeypatch):
    """Let every plan be too old to be written without another look."""
    monkeypatch.setattr(fleet_run, "FRESH", -1.0)


@pytest.mark.usefixtures("stale")
def test_an_old_plan_is_compared_again():
    platform = platform_of(1)
    result = work(platform, [{"subscriber_id": 1, "active": True}])
    assert platform.log == [
        "GET /api/faxserversettings/1",
        "GET /api/faxserversettings/1",
        "PATCH /api/faxserversettings/1",
    ]
    assert statuses(result) == ["changed"]


@pytest.mark.usefixtures("stale")
def test_what_somebody_else_has_done_meanwhile_is_not_done_again(monkeypatch):
    platform, recorder = platform_of(2), Watching()
    monkeypatch.setattr(recorder, "planned", lambda _report: platform.stores[FAX][1].update(active=True))
    entries = [{"subscriber_id": number, "active": True} for number in (1, 2)]
    result = watched(platform, entries, monkeypatch, recorder)
    assert [number for _name, number in platform.written] == [2]
    assert result["summary"]["unchanged"] == 1 and statuses(result) == ["changed"]


@pytest.mark.usefixtures("stale")
def test_what_somebody_else_has_changed_meanwhile_is_planned_anew(monkeypatch):
    """A list that is merged keeps an element that came meanwhile."""
    platform, recorder = platform_of(1), Watching()
    other = {"destination": "new@example.org", "filetype": "PDF", "incoming": True, "outgoing": True, "status": True}
    monkeypatch.setattr(recorder, "planned", lambda _report: platform.stores[FAX][1].update(destinations=[other]))
    entries = [{"subscriber_id": 1, "destinations": [{"destination": "a@example.org"}]}]
    result = watched(platform, entries, monkeypatch, recorder, destinations_mode="merge")
    assert [one["destination"] for one in platform.stores[FAX][1]["destinations"]] == [
        "a@example.org",
        "new@example.org",
    ]
    assert "replanned 1" in recorder.calls
    assert result["subscribers"][0]["changes"][0]["before"] == [other]


@pytest.mark.usefixtures("stale")
def test_a_look_that_fails_writes_nothing():
    platform = platform_of(1)
    platform.meet("GET", "/api/faxserversettings/1", None, failure(422))
    result = work(platform, [{"subscriber_id": 1, "active": True}])
    assert platform.written == [] and statuses(result) == ["failed"]


def test_limits_are_checked_as_a_whole():
    with pytest.raises(Exception, match="must be a number"):
        Limits(max_emptied="many").check()
    assert issubclass(InputErrors, FaxError)
