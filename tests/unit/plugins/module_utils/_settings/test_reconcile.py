# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decision tables of a run: what is written when, what becomes of failures, and when a run stops."""

from __future__ import annotations

import json

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Response
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    InputError,
    InputErrors,
    LostResponseError,
    NotFoundError,
    ProtocolError,
    RefusedError,
    ServerError,
    TooManyChangesError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings import one_item as _one_item, patching as _patching
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Entry, parse_declarations
from ansible_collections.ngcp.fax.plugins.module_utils._settings.limits import MAX_CHANGES, limit_of
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import Policy
from ansible_collections.ngcp.fax.plugins.module_utils._settings.reconcile import Options, reconcile
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import Subscriber
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, response, subscriber

pytestmark = pytest.mark.usefixtures("pauses")

ON = {"active": True}


def fleet(count, settings=None, resource=FAX_SETTINGS, **options):
    """Return a platform with subscribers 1 to count."""
    given = {number: (settings or {}).get(number, {}) for number in range(1, count + 1)}
    return Platform([subscriber(number) for number in given], given, resource=resource, **options)


def declare(numbers, fields=None, resource=FAX_SETTINGS):
    entries = [Entry(f"subscribers[{index}]", {"subscriber_id": number}) for index, number in enumerate(numbers)]
    return parse_declarations(resource, entries, ON if fields is None else fields)


def run(platform, numbers, fields=None, state="present", **options):
    declarations = declare(numbers, fields, platform.resource)
    return reconcile(platform.client(), platform.resource, declarations, Options(Policy(state=state), **options))


def statuses(report):
    return [outcome.status for outcome in report.outcomes]


# ---- the good case


def test_what_differs_is_written_once_and_nothing_else():
    platform = fleet(4, {2: ON, 4: ON})
    report = run(platform, [1, 2, 3, 4])
    assert statuses(report) == ["changed", "unchanged", "changed", "unchanged"]
    assert (report.error, report.warnings) == (None, [])
    assert platform.writes == [1, 3]
    assert platform.log == [
        *(f"GET /api/faxserversettings/{number}" for number in (1, 2, 3, 4)),
        "PATCH /api/faxserversettings/1",
        "PATCH /api/faxserversettings/3",
    ]
    assert [outcome.settings()["active"] for outcome in report.outcomes] == [True] * 4


@pytest.mark.parametrize("resource", [FAX_SETTINGS, MAIL2FAX_SETTINGS], ids=lambda resource: resource.name)
@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("count", [3, 60])
def test_a_second_run_changes_nothing(resource, concurrency, count):
    platform = fleet(count, resource=resource, concurrency=concurrency)
    assert set(statuses(run(platform, range(1, count + 1)))) == {"changed"}
    assert sorted(platform.writes) == list(range(1, count + 1))
    assert set(statuses(run(platform, range(1, count + 1)))) == {"unchanged"}
    assert len(platform.writes) == count


@pytest.mark.parametrize("resource", [FAX_SETTINGS, MAIL2FAX_SETTINGS], ids=lambda resource: resource.name)
@pytest.mark.parametrize("concurrency", [1, 4])
def test_writes_that_would_deadlock_are_mixed(resource, concurrency):
    """Neighbouring rows that are written at once by rising ids collide on the server (observed.md, 57 and 13)."""
    platform = fleet(40, resource=resource, concurrency=concurrency)
    report = run(platform, range(1, 41))
    assert sorted(platform.writes) == list(range(1, 41))
    writes = platform.writes
    neighbours = [number for path, number in enumerate(writes[1:]) if number == writes[path] + 1]
    assert len(neighbours) < 8 if concurrency > 1 else writes == sorted(writes)
    assert [outcome.subscriber.id for outcome in report.outcomes] == list(range(1, 41)), "the report keeps its order"


def test_nothing_declared_for_nobody():
    platform = fleet(1)
    assert run(platform, []).outcomes == []
    assert platform.log == []


@pytest.mark.parametrize("state", ["present", "replaced", "absent"])
def test_check_mode_predicts_and_sends_nothing(state):
    stored = {1: {"name": "x", "t38": False}, 2: ON, 3: {}}
    predicted = run(fleet(3, stored), [1, 2, 3], state=state, check=True)
    platform = fleet(3, stored)
    report = run(platform, [1, 2, 3], state=state)
    assert statuses(predicted) == statuses(report)
    assert [outcome.settings() for outcome in predicted.outcomes] == [outcome.settings() for outcome in report.outcomes]
    assert [outcome.plan for outcome in predicted.outcomes] == [outcome.plan for outcome in report.outcomes]
    checked = fleet(3, stored)
    run(checked, [1, 2, 3], state=state, check=True)
    assert checked.writes == []
    assert platform.writes, "else this test shows nothing"


def test_known_subscribers_are_not_looked_up():
    platform = fleet(2)
    declarations = declare([1, 2])
    known = [Subscriber(1, "a@b"), Subscriber(2, "c@d")]
    report = reconcile(platform.client(), FAX_SETTINGS, declarations, Options(Policy()), known=known)
    assert [outcome.subscriber for outcome in report.outcomes] == known
    assert not [line for line in platform.log if "subscribers" in line]


# ---- before the first write


def declare_keys(*entries):
    return parse_declarations(FAX_SETTINGS, [Entry(f"subscribers[{i}]", entry) for i, entry in enumerate(entries)], ON)


@pytest.mark.parametrize(
    ("entries", "paths"),
    [
        ([{"subscriber_id": 1}, {"subscriber": "user1@example.org"}], ["subscribers[1] (user1@example.org)"]),
        (
            [{"number": "4312"}, {"subscriber_id": 3}, {"subscriber": "user2@example.org"}],
            ["subscribers[2] (user2@example.org)"],
        ),
        ([{"subscriber_id": 1, "number": "4312"}], ["subscribers[0] (1)"]),
        (
            [{"subscriber_id": 1, "number": "4312"}, {"subscriber_id": 2}, {"subscriber_id": 3, "number": "4311"}],
            ["subscribers[0] (1)", "subscribers[2] (3)"],
        ),
    ],
)
def test_wrong_keys_write_nothing(entries, paths):
    platform = fleet(3)
    with pytest.raises(InputErrors) as caught:
        reconcile(platform.client(), FAX_SETTINGS, declare_keys(*entries), Options(Policy()))
    assert [error.entry for error in caught.value.errors] == paths
    assert platform.writes == []


@pytest.mark.parametrize(
    ("limit", "total", "most"),
    [
        (None, 7, 7),
        ("0", 7, 0),
        ("3", 7, 3),
        (3, 7, 3),
        ("100", 7, 100),
        (" 3 ", 7, 3),
        ("0%", 7, 0),
        ("10%", 9, 0),
        ("10%", 10, 1),
        ("10%", 19, 1),
        ("50 %", 7, 3),
        ("100%", 7, 7),
        ("10%", 0, 0),
        ("33%", 100000, 33000),
    ],
)
def test_how_many_may_change(limit, total, most):
    assert limit_of(limit, total, MAX_CHANGES) == most


@pytest.mark.parametrize(
    "limit", ["", "%", "many", "-1", "1.5", "10%%", "101%", "-1%", "1e3", "٣", True, "10 percent", "9" * 5000]
)
def test_limits_that_are_none(limit):
    with pytest.raises(InputError) as caught:
        limit_of(limit, 10, MAX_CHANGES)
    assert caught.value.field == "max_changes"


@pytest.mark.parametrize(
    ("limit", "changing", "stopped"),
    [
        ("3", 3, False),
        ("3", 4, True),
        ("0", 0, False),
        ("0", 1, True),
        ("30%", 3, False),
        ("30%", 4, True),
        ("39%", 4, True),
        ("40%", 4, False),
        ("100%", 10, False),
        (None, 10, False),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_the_guard(limit, changing, stopped, check):
    settings = {number: {} if number <= changing else ON for number in range(1, 11)}
    platform = fleet(10, settings)
    report = run(platform, range(1, 11), max_changes=limit, check=check)
    if stopped:
        assert isinstance(report.error, TooManyChangesError)
        assert f"{changing} of 10 subscribers would change" in report.error.message
        assert statuses(report) == ["not_attempted"] * changing + ["unchanged"] * (10 - changing)
        assert platform.writes == []
    else:
        assert report.error is None
        assert statuses(report) == ["changed"] * changing + ["unchanged"] * (10 - changing)
        assert len(platform.writes) == (0 if check else changing)


def test_subscribers_that_cannot_be_read_do_not_count_as_changing():
    platform = fleet(2)
    report = run(platform, [1, 99, 2], max_changes="2")
    assert statuses(report) == ["changed", "failed", "changed"]


def test_a_refused_user_before_the_first_write():
    platform = fleet(3)
    platform.meet("GET", "/api/", failure(403, "Invalid license"))
    report = run(platform, [1, 2, 3])
    assert isinstance(report.error, AccessError)
    assert statuses(report) == ["not_attempted"] * 3
    assert len(platform.sent) == 1


# ---- one of many fails


@pytest.mark.parametrize(
    ("on_error", "after"),
    [("continue", ["changed", "failed", "changed"]), ("stop", ["not_attempted", "failed", "not_attempted"])],
)
@pytest.mark.parametrize("check", [False, True])
def test_one_that_cannot_be_read(on_error, after, check):
    platform = fleet(3)
    report = run(platform, [1, 99, 2], on_error=on_error, check=check)
    assert statuses(report) == after
    assert isinstance(report.outcomes[1].error, NotFoundError)
    assert platform.writes == ([1, 2] if on_error == "continue" and not check else [])
    assert (report.error is None) is (on_error == "continue")
    if on_error == "stop":
        assert report.error.code == "stopped"
        assert "subscribers[1] (99)" in report.error.message


@pytest.mark.parametrize(
    ("on_error", "after"),
    [("continue", ["changed", "failed", "changed"]), ("stop", ["changed", "failed", "not_attempted"])],
)
def test_one_that_is_refused(on_error, after):
    platform = fleet(3)
    platform.meet("PATCH", "/api/faxserversettings/2", failure(422, "Validation failed."))
    report = run(platform, [1, 2, 3], on_error=on_error)
    assert statuses(report) == after
    error = report.outcomes[1].error
    assert isinstance(error, RefusedError)
    assert (error.code, error.http_status) == ("validation_failed", 422)
    assert platform.writes == [1, 2, 3][: 2 if on_error == "stop" else 3], "a refused write is not tried again"
    assert report.outcomes[1].stored["active"] is False


def test_an_unverified_one_stops_too():
    platform = fleet(3)
    platform.meet("PATCH", "/api/faxserversettings/1", tampered({"active": False}))
    assert statuses(run(platform, [1, 2, 3], on_error="stop")) == ["unverified", "not_attempted", "not_attempted"]


# ---- writes whose outcome is open


def applied(effect):
    """Let a write be applied although its answer is a failure."""

    def meet(platform, request):
        platform.apply(request)
        return effect

    return meet


def instead(fields, effect):
    """Let somebody else write other values, and the write fail."""

    def meet(platform, request):
        number = int(request.path.rsplit("/", 1)[1])
        platform.settings[number] = {**platform.settings[number], **fields}
        return effect

    return meet


def tampered(fields):
    """Let a write be applied but with other values."""

    def meet(platform, request):
        platform.apply(request)
        number = int(request.path.rsplit("/", 1)[1])
        platform.settings[number] = {**platform.settings[number], **fields}
        return Response(204, {}, b"")

    return meet


def shown(document, status=200):
    return Response(status, {"Content-Type": "application/json"}, json.dumps(document).encode())


FAILED = failure(500, "mailtofaxsettings could not be updated.")
LOST = LostResponseError("No answer in time", code="timeout")
WANTED = {"active": True, "name": "new"}
OPEN = pytest.mark.parametrize(
    "effect",
    [FAILED, failure(502), failure(503), failure(408), failure(429), LOST],
    ids=["500", "502", "503", "408", "429", "lost"],
)
REDIRECT = ProtocolError("The server responded with 302, a redirect", code="redirect_refused", http_status=302)
PAGE = Response(404, {"Content-Type": "text/html"}, b"<html>Not here</html>")
LOG_IN_PAGE = Response(200, {"Content-Type": "text/html"}, b"<html>Log in</html>")
NOT_SETTINGS = shown({})
ALL_WELL = shown({"status": "ok"})
UNSETTLED = pytest.mark.parametrize(
    "effect", [REDIRECT, PAGE, LOG_IN_PAGE, NOT_SETTINGS, ALL_WELL], ids=["302", "404 page", "page", "{}", "status"]
)


@OPEN
def test_done_after_all(effect):
    platform = fleet(2)
    platform.meet("PATCH", "/api/", applied(effect))
    report = run(platform, [1, 2], WANTED)
    assert statuses(report) == ["changed", "changed"]
    assert report.outcomes[0].stored["name"] == "new"
    assert platform.writes == [1, 2], "not sent again"
    assert platform.log[2:] == [
        "PATCH /api/faxserversettings/1",
        "GET /api/faxserversettings/1",
        "PATCH /api/faxserversettings/2",
    ]


@UNSETTLED
def test_applied_with_an_answer_that_is_not_the_apis(effect):
    platform = fleet(2)
    platform.meet("PATCH", "/api/faxserversettings/1", applied(effect))
    report = run(platform, [1, 2], WANTED)
    assert statuses(report) == ["changed", "changed"]
    assert platform.writes == [1, 2]


@UNSETTLED
def test_not_applied_with_an_answer_that_is_not_the_apis(effect):
    """The old settings that are read afterwards do not settle it: a gateway may pass the request on later."""
    platform = fleet(2)
    platform.meet("PATCH", "/api/faxserversettings/1", effect)
    first, second = run(platform, [1, 2], WANTED).outcomes
    assert (first.status, second.status) == ("unverified", "changed")
    assert platform.writes == [1, 2], "a redirect or a page would come again"
    assert first.stored["name"] is None


@pytest.mark.parametrize("status", [408, 429, 502, 503, 504])
def test_a_gateway_that_never_lets_it_through(status, pauses):
    platform = fleet(1, retries=2)
    platform.meet("PATCH", "/api/", failure(status), again=True)
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert (outcome.status, outcome.error.http_status) == ("unverified", status)
    assert len(platform.writes) == 3


def test_a_proxy_that_refuses_the_user_leaves_it_open():
    platform = fleet(3)
    platform.meet("PATCH", "/api/", applied(Response(403, {"Content-Type": "text/html"}, b"<html>Blocked</html>")))
    report = run(platform, [1, 2, 3], WANTED)
    assert statuses(report) == ["unverified", "not_attempted", "not_attempted"]
    assert isinstance(report.error, AccessError)


@pytest.mark.parametrize("status", [429, 503])
def test_the_server_says_when_to_come_back(status, pauses):
    platform = fleet(1)
    platform.meet("PATCH", "/api/", response(status, None, **{"Retry-After": "7"}))
    assert statuses(run(platform, [1], WANTED)) == ["changed"]
    assert pauses == [7.0]


def test_the_entity_that_comes_with_a_500():
    """What the server repeated inside is applied, although the status is that of the first try (observed.md, 13)."""

    def meet(platform, request):
        platform.apply(request)
        document = {**platform.settings[1], "id": 1}
        return response(500, document, **{"Preference-Applied": "return=representation"})

    platform = fleet(1)
    platform.meet("PATCH", "/api/", meet)
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert (outcome.status, outcome.stored["name"]) == ("changed", "new")
    assert [line.split()[0] for line in platform.log] == ["GET", "PATCH"]


def test_an_answer_about_somebody_else_is_read_back():
    def meet(platform, request):
        platform.apply(request)
        return shown({**platform.settings[2], "active": True, "name": "new", "id": 2})

    platform = fleet(2)
    platform.meet("PATCH", "/api/faxserversettings/1", meet)
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert outcome.status == "changed"
    assert platform.log[-1] == "GET /api/faxserversettings/1"


def test_a_bug_of_ours_does_not_lose_the_others(monkeypatch):
    def broken(self, outcome, document):
        if outcome.subscriber.id == 2:
            raise KeyError("Geheim")
        return verify(self, outcome, document)

    verify = _patching.PatchSender._verify
    monkeypatch.setattr(_patching.PatchSender, "_verify", broken)
    platform = fleet(3)
    report = run(platform, [1, 2, 3], WANTED)
    assert statuses(report) == ["changed", "unverified", "changed"]
    assert report.outcomes[1].error.code == "unexpected"
    assert "Geheim" not in str(report.outcomes[1].error.as_dict())


def test_a_plan_that_cannot_be_made_does_not_lose_the_others(monkeypatch):
    def broken(resource, before, *rest):
        if before["name"] == "odd":
            raise KeyError("Geheim")
        return create_plan(resource, before, *rest)

    create_plan = _one_item.create_plan
    monkeypatch.setattr(_one_item, "create_plan", broken)
    platform = fleet(3, {1: {}, 2: {"name": "odd"}, 3: {}})
    report = run(platform, [1, 2, 3])
    assert statuses(report) == ["changed", "failed", "changed"]
    assert platform.writes == [1, 3]


@OPEN
def test_not_done_and_done_the_second_time(effect, pauses):
    platform = fleet(1)
    platform.meet("PATCH", "/api/", effect)
    assert statuses(run(platform, [1], WANTED)) == ["changed"]
    assert platform.writes == [1, 1]
    assert len(pauses) == 1
    assert platform.counters.retries == 1


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_never_done(retries, pauses):
    platform = fleet(1, retries=retries)
    platform.meet("PATCH", "/api/", FAILED, again=True)
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert outcome.status == "failed"
    assert isinstance(outcome.error, ServerError)
    assert len(platform.writes) == 1 + retries
    assert len(pauses) == retries
    assert platform.sent[-1].method == "GET", "the last word has what the server really has"
    assert outcome.stored["active"] is False


@pytest.mark.parametrize("retries", [0, 2])
def test_never_answered(retries):
    """The server may act on a lost request later, so that "failed" would claim too much."""
    platform = fleet(1, retries=retries)
    platform.meet("PATCH", "/api/", LOST, again=True)
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert outcome.status == "unverified"
    assert len(platform.writes) == 1 + retries


@pytest.mark.parametrize(
    "then", [failure(422, "No"), FAILED, failure(403, "Forbidden"), UnreachableError("No connection")], ids=str
)
def test_a_lost_answer_stays_open_whatever_comes_then(then):
    platform = fleet(1, retries=1)
    platform.meet("PATCH", "/api/", LOST, then)
    assert statuses(run(platform, [1], WANTED)) == ["unverified"]


@OPEN
@pytest.mark.parametrize("fields", [{"active": True}, {"name": "another"}, {"active": True, "name": "another"}])
def test_something_else(effect, fields):
    """Half of it or another value: somebody else writes to the same subscriber."""
    platform = fleet(1)
    platform.meet("PATCH", "/api/", instead(fields, effect))
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert outcome.status == "unverified"
    assert "neither the previous nor the declared ones" in outcome.error.message
    assert platform.writes == [1]
    assert {name: outcome.stored[name] for name in fields} == fields


@OPEN
def test_a_change_of_other_fields_does_not_matter(effect):
    platform = fleet(1)
    platform.meet("PATCH", "/api/", instead({"t38": False}, effect))
    assert statuses(run(platform, [1], WANTED)) == ["changed"]
    assert platform.settings[1]["t38"] is False


@OPEN
def test_one_that_cannot_be_read_afterwards(effect):
    platform = fleet(2)
    platform.meet("PATCH", "/api/faxserversettings/1", effect)
    platform.meet("GET", "/api/faxserversettings/1", None, failure(404, "Entity not found."))
    first, second = run(platform, [1, 2], WANTED).outcomes
    assert (first.status, second.status) == ("unverified", "changed")
    assert first.stored is None
    assert "reading the settings also failed" in first.error.message
    assert first.error.retryable


@pytest.mark.parametrize("failed", [failure(403, "Banned"), UnreachableError("No connection")], ids=str)
def test_a_server_that_is_gone_after_a_write(failed):
    platform = fleet(5)
    platform.meet("PATCH", "/api/faxserversettings/2", FAILED)
    platform.meet("GET", "/api/faxserversettings/2", None, failed)
    report = run(platform, [1, 2, 3, 4, 5])
    assert statuses(report) == ["changed", "unverified", "not_attempted", "not_attempted", "not_attempted"]
    assert report.error is not None


def test_a_read_after_a_write_that_breaks_once():
    platform = fleet(5)
    platform.meet("PATCH", "/api/faxserversettings/2", FAILED)
    platform.meet("GET", "/api/faxserversettings/2", None, LostResponseError("Broken"))
    report = run(platform, [1, 2, 3, 4, 5])
    assert statuses(report) == ["changed", "unverified", "changed", "changed", "changed"]


# ---- answers to writes


def test_an_answer_without_the_settings_is_read_back():
    platform = fleet(1)
    platform.meet("PATCH", "/api/", applied(Response(204, {}, b"")))
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert (outcome.status, outcome.stored["name"]) == ("changed", "new")
    assert platform.log[-2:] == ["PATCH /api/faxserversettings/1", "GET /api/faxserversettings/1"]


def test_an_answer_without_the_settings_that_cannot_be_read_back():
    platform = fleet(1)
    platform.meet("PATCH", "/api/", applied(Response(204, {}, b"")))
    platform.meet("GET", "/api/", None, failure(500))
    (outcome,) = run(platform, [1], WANTED).outcomes
    assert (outcome.status, outcome.stored) == ("unverified", None)


@pytest.mark.parametrize("is_shown", [True, False], ids=["shown", "read back"])
def test_settings_that_are_stored_differently(is_shown):
    def meet(platform, request):
        effect = tampered({"name": "ne", "t38": False})(platform, request)
        if not is_shown:
            return effect
        return lambda other, _request: shown({**other.settings[1], "id": 1})

    platform = fleet(2)
    platform.meet("PATCH", "/api/faxserversettings/1", meet)
    first, second = run(platform, [1, 2], WANTED).outcomes
    assert (first.status, second.status) == ("unverified", "changed")
    assert first.error.code == "stored_differently"
    assert first.error.message.endswith("stored something else in: name"), "t38 is not the task's"
    assert first.error.retryable is False
    assert first.stored["name"] == "ne"
    assert platform.writes == [1, 2], "not sent again"


def test_an_answer_that_is_no_document_is_not_taken_for_a_failure():
    """The write was accepted: what is stored has to be read, or to stay open."""
    platform = fleet(2)
    platform.meet("PATCH", "/api/faxserversettings/1", applied(Response(200, {"Content-Type": "text/html"}, b"<html>")))
    first, _second = run(platform, [1, 2], WANTED).outcomes
    assert first.status in ("changed", "unverified")


# ---- runs that stop


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        (failure(401), AccessError),
        (failure(403, "Forbidden"), AccessError),
        (failure(403, "Banned"), AccessError),
        (UnreachableError("No connection"), UnreachableError),
    ],
    ids=str,
)
@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_rest_is_not_attempted(effect, kind, concurrency):
    platform = fleet(20, concurrency=concurrency)
    platform.meet("PATCH", "/api/", None, None, effect, again=True)
    report = run(platform, range(1, 21))
    assert isinstance(report.error, kind)
    counts = {status: statuses(report).count(status) for status in set(statuses(report))}
    assert counts["changed"] == 2
    assert 1 <= counts["failed"] <= concurrency
    assert counts["not_attempted"] == 18 - counts["failed"]
    assert len(platform.writes) == 2 + counts["failed"]
    for outcome in report.outcomes:
        assert (outcome.error is not None) is (outcome.status == "failed")


@pytest.mark.parametrize("status", [502, 503, 504])
@pytest.mark.parametrize("retries", [0, 3])
def test_an_outage_of_writes_ends_the_run(status, retries, pauses):
    platform = fleet(40, retries=retries)
    platform.meet("PATCH", "/api/", None, failure(status), again=True)
    report = run(platform, range(1, 41))
    assert statuses(report) == ["changed"] + ["unverified"] * 3 + ["not_attempted"] * 36
    assert report.error.http_status == status
    assert len(platform.writes) == 1 + (1 + retries) + 2, "once an outage is suspected, one try is enough"


@pytest.mark.parametrize("retries", [0, 3])
def test_a_server_that_is_silent_to_writes_ends_the_run(retries, pauses):
    platform = fleet(12, retries=retries)
    platform.meet("PATCH", "/api/", LOST, again=True)
    report = run(platform, range(1, 13))
    assert statuses(report) == ["unverified"] * 3 + ["not_attempted"] * 9
    assert report.error.code == "timeout", "the cause is kept"
    assert len(platform.writes) == (1 + retries) + 2


@pytest.mark.parametrize("retries", [0, 3])
def test_a_server_that_is_silent_to_reads_ends_the_run(retries, pauses):
    platform = fleet(12, retries=retries)
    platform.meet("GET", "/api/", LOST, again=True)
    report = run(platform, range(1, 13))
    assert statuses(report) == ["not_attempted"] * 12
    assert report.error.code == "timeout"
    assert len(platform.sent) == 3, "the transport's own tries are not counted here"


def test_one_subscriber_that_hangs_does_not_end_the_run(pauses):
    platform = fleet(12)
    platform.meet("PATCH", "/api/faxserversettings/2", LOST, again=True)
    platform.meet("GET", "/api/faxserversettings/7", LOST, again=True)
    report = run(platform, range(1, 13))
    assert statuses(report) == ["changed", "unverified", *["changed"] * 4, "failed", *["changed"] * 5]
    assert report.error is None


@pytest.mark.parametrize("status", [502, 503, 504])
def test_an_outage_of_the_whole_server_ends_the_run(status):
    """With its database gone, the server answers 503 to everything (observed.md, 41)."""
    platform = fleet(20, retries=0)
    platform.meet("PATCH", "/api/", None, failure(status), again=True)
    platform.meet("GET", "/api/", *[None] * 20, failure(status), again=True)
    report = run(platform, range(1, 21))
    assert statuses(report) == ["changed"] + ["unverified"] * 3 + ["not_attempted"] * 16
    assert report.error.http_status == status


def test_single_outages_do_not_end_the_run():
    platform = fleet(30, retries=0)
    platform.meet("PATCH", "/api/", *[failure(503), failure(502), None] * 10)
    report = run(platform, range(1, 31))
    assert statuses(report) == (["unverified"] * 2 + ["changed"]) * 10
    assert report.error is None


def test_other_failures_do_not_end_the_run():
    platform = fleet(30, retries=0)
    platform.meet("PATCH", "/api/", failure(500), again=True)
    report = run(platform, range(1, 31))
    assert statuses(report) == ["failed"] * 30
    assert report.error is None


def test_a_server_that_chokes_gets_fewer_writes_at_once():
    """Half of the first parallel writes deadlock; in the end all are done."""
    platform = fleet(60, resource=MAIL2FAX_SETTINGS, concurrency=8)
    platform.meet("PATCH", "/api/", *[FAILED, None] * 20)
    report = run(platform, range(1, 61))
    assert set(statuses(report)) == {"changed"}
    assert len(platform.writes) == 80
    assert all(platform.settings[number]["active"] for number in range(1, 61))


# ---- secrets


@pytest.mark.parametrize("effect", [failure(422, "'Geheim1' or 'Geheim2'?"), failure(500, "'Geheim1' or 'Geheim2'?")])
def test_errors_of_writes_hold_neither_the_old_nor_the_new_secret(effect):
    platform = fleet(1, {1: {"password": "Geheim1"}}, retries=0)
    platform.meet("PATCH", "/api/", effect)
    (outcome,) = run(platform, [1], {"password": "Geheim2"}).outcomes
    assert outcome.status == "failed"
    assert "Geheim" not in str(outcome.error.as_dict())
