# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From facts to reasons, as decision tables: every cause is found, and none is invented."""

from __future__ import annotations

from datetime import datetime

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import AccessError, ProtocolError, ServerError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.journal import Fax
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.facts import Facts, PlatformFacts
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge import judge
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge_fax import judge_fax
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge_forward import judge_forward
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge_journal import judge_journal, last_faxes
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge_mail import judge_mail, key_of
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge_platform import judge_platform, licence_of
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge_subscriber import judge_subscriber
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.verdicts import (
    ABILITIES,
    BLOCKS,
    CODES,
    LEVELS,
    MAILS,
    NOTE,
    RECEIVES,
    SENDS,
    UNCERTAIN,
    ordered,
    reason,
    verdict_on,
)
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import subscriber_of
from ansible_collections.ngcp.fax.tests.unit.support.forwards import entry, off, situation, timed
from ansible_collections.ngcp.fax.tests.unit.support.journal import item as fax_item
from ansible_collections.ngcp.fax.tests.unit.support.readiness import (
    DESTINATION,
    SECRET,
    fax_settings,
    mail_settings,
    person,
)

NO_LICENCE = AccessError("The platform's licence does not include this: 403", code="invalid_license", from_api=True)
FORBIDDEN = AccessError("The user's role may not do this: 403", code="forbidden", from_api=True)
ODD = ProtocolError("The server's answer is odd")
NOW = datetime(2026, 11, 26, 12, 0, 0)


def brief(reasons):
    """Return codes with how much they weigh."""
    found = {one.code: one.level for one in reasons}
    assert all(level in CODES[code].levels for code, level in found.items())
    return found


# ---- verdicts


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ([], "true"),
        ([NOTE], "true"),
        ([UNCERTAIN], "unknown"),
        ([BLOCKS], "false"),
        ([NOTE, UNCERTAIN], "unknown"),
        ([UNCERTAIN, BLOCKS, NOTE], "false"),
    ],
)
def test_what_weighs_most_decides(levels, verdict):
    reasons = [reason("forward_wrong_box", "x", level=level) for level in levels]
    assert verdict_on(RECEIVES, reasons) == verdict
    assert verdict_on(SENDS, reasons) == "true", "it is not about that"


def test_the_weightiest_reasons_come_first_and_those_that_nobody_asked_for_are_left_out():
    reasons = [reason(code, "x") for code in ("mail_inactive", "caller_id_missing", "forward_unknown", "feature_off")]
    assert [one.code for one in ordered(reasons, (RECEIVES, SENDS))] == [
        "feature_off",
        "forward_unknown",
        "caller_id_missing",
    ]


def test_the_table_of_codes_is_sound():
    for name, code in CODES.items():
        assert code.name == name
        assert code.levels and set(code.levels) <= set(LEVELS)
        assert code.affects and set(code.affects) <= set(ABILITIES)


# ---- the platform

READY = PlatformFacts(edition="sppro", feature=True, fax_server=True, licensed=True)
READ = {1: {}}


@pytest.mark.parametrize(
    ("changes", "fax", "found"),
    [
        ({}, READ, {}),
        ({"edition": "carrier"}, READ, {}),
        ({"edition": "spce"}, READ, {"edition_without_fax": BLOCKS}),
        ({"edition": "spce", "licensed": False}, {1: ODD}, {"edition_without_fax": BLOCKS}),
        ({"edition": "newest"}, READ, {"edition_unknown": UNCERTAIN}),
        ({"edition": ODD}, READ, {"edition_unknown": UNCERTAIN}),
        ({"fax_server": None, "licensed": None}, READ, {}),
        ({"licensed": False}, READ, {}),
        ({"licensed": True}, {1: NO_LICENCE}, {"licence_missing": BLOCKS}),
        ({"licensed": False}, {1: FORBIDDEN}, {"licence_missing": BLOCKS}),
        ({"licensed": True}, {1: FORBIDDEN}, {}),
        ({"licensed": None}, {1: FORBIDDEN}, {"licence_unknown": UNCERTAIN}),
        ({"licensed": None}, {1: FORBIDDEN, 2: {}}, {}),
        ({"licensed": None}, {}, {}),
        ({"licensed": True}, {1: NO_LICENCE, 2: {}}, {"licence_unknown": UNCERTAIN}),
        ({"feature": False, "fax_server": False}, READ, {"feature_off": BLOCKS}),
        ({"feature": False, "fax_server": None}, READ, {"feature_off": BLOCKS}),
        ({"feature": False, "fax_server": True}, READ, {"feature_unknown": UNCERTAIN}),
        ({"feature": True, "fax_server": False}, READ, {"feature_unknown": UNCERTAIN}),
        ({"feature": FORBIDDEN}, READ, {"feature_unknown": UNCERTAIN}),
        (
            {"edition": ODD, "feature": FORBIDDEN, "licensed": None},
            {1: NO_LICENCE},
            {"edition_unknown": UNCERTAIN, "licence_missing": BLOCKS, "feature_unknown": UNCERTAIN},
        ),
    ],
)
def test_platforms(changes, fax, found):
    facts = Facts(PlatformFacts(**{**READY.__dict__, **changes}), fax)
    assert brief(judge_platform(facts)) == found


def test_the_licence_is_surest_where_it_is_checked():
    def licence(fax, mail, licensed):
        return licence_of(Facts(PlatformFacts(edition="sppro", feature=True, licensed=licensed), fax, mail))

    assert licence({1: {}}, None, False) is True
    assert licence({1: ODD}, {1: NO_LICENCE}, True) is False
    assert licence({1: ODD}, {1: {}}, False) is True
    assert licence({1: ODD}, {1: ODD}, True) is True
    assert licence({1: ODD}, None, None) is None
    assert licence({1: NO_LICENCE, 2: {}}, None, True) is None
    assert licence({1: {}}, {1: NO_LICENCE}, True) is None


# ---- the subscriber

FAX_PROFILE, PLAIN_PROFILE = {"name": "fax", "attributes": ["cfu", "fax_server"]}, {"name": "a", "attributes": ["cfu"]}


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {}),
        ({"lock": 0}, {}),
        ({"lock": "0"}, {}),
        ({"lock": ""}, {}),
        ({"status": "locked"}, {"subscriber_not_active": UNCERTAIN}),
        ({"status": None}, {"subscriber_not_active": UNCERTAIN}),
        ({"lock": 1}, {"calls_locked": UNCERTAIN}),
        ({"lock": 3}, {"calls_locked": UNCERTAIN}),
        ({"lock": "4"}, {"calls_locked": UNCERTAIN}),
        ({"lock": 17}, {"calls_locked": UNCERTAIN}),
        ({"lock": "all"}, {"lock_unknown": UNCERTAIN}),
        ({"lock": []}, {"lock_unknown": UNCERTAIN}),
        ({"lock": -1}, {"lock_unknown": UNCERTAIN}),
        ({"lock": True}, {"lock_unknown": UNCERTAIN}),
        ({"primary_number": None}, {"number_missing": BLOCKS, "caller_id_missing": NOTE}),
        ({"profile_id": 5}, {}),
        ({"profile_id": "5"}, {}),
        ({"profile_id": 6}, {"profile_without_fax": NOTE}),
        ({"profile_id": 7}, {"profile_unknown": NOTE}),
        ({"profile_id": 8}, {"profile_unknown": NOTE}),
        ({"profile_id": 9}, {}),
    ],
)
def test_subscribers(changes, found):
    profiles = {5: FAX_PROFILE, 6: PLAIN_PROFILE, 7: FORBIDDEN, 8: {"name": 3}}
    assert brief(judge_subscriber(subscriber_of(person(1, **changes)), profiles)) == found


def test_a_lock_that_is_not_shown():
    item = person(1)
    del item["lock"]
    assert brief(judge_subscriber(subscriber_of(item), {})) == {"lock_unknown": UNCERTAIN}


@pytest.mark.parametrize(
    ("lock", "affects"), [(1, (SENDS, MAILS)), (2, (SENDS, MAILS)), (3, ABILITIES), (9, ABILITIES)]
)
def test_which_calls_a_lock_is_about(lock, affects):
    (found,) = judge_subscriber(subscriber_of(person(1, lock=lock)), {})
    assert found.affects == affects


# ---- the fax settings

OTHER = {**DESTINATION, "destination": "copy@example.org", "incoming": False}
BROKEN = {**DESTINATION, "destination": "nope"}


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, {}),
        ({"active": 1}, {}),
        ({"active": False}, {"service_inactive": BLOCKS}),
        ({"destinations": []}, {"incoming_destination_missing": BLOCKS}),
        ({"destinations": [OTHER]}, {"incoming_destination_missing": BLOCKS}),
        ({"destinations": [OTHER, DESTINATION]}, {}),
        ({"destinations": [BROKEN, DESTINATION]}, {"destination_refused": NOTE}),
        ({"destinations": [BROKEN]}, {"incoming_destination_missing": BLOCKS, "destination_refused": NOTE}),
        (
            {"destinations": [{**BROKEN, "destination": ""}, OTHER], "active": 0},
            {"service_inactive": BLOCKS, "incoming_destination_missing": BLOCKS, "destination_refused": NOTE},
        ),
        ({"destinations": [{**DESTINATION, "filetype": "GIF"}, DESTINATION]}, {"destination_refused": NOTE}),
        ({"destinations": [{**DESTINATION, "destination": "X <a@example.com>"}]}, {}),
    ],
)
def test_fax_settings(settings, found):
    assert brief(judge_fax(fax_settings(**settings))) == found


@pytest.mark.parametrize(
    ("error", "found"),
    [(FORBIDDEN, {"service_unknown": UNCERTAIN}), (ODD, {"service_unknown": UNCERTAIN}), (NO_LICENCE, {})],
)
def test_fax_settings_that_cannot_be_read(error, found):
    assert brief(judge_fax(error)) == found


# ---- the call forwards

FORWARDS = {
    "right": (situation(cfu=["ours"]), {}),
    "right by any name": (situation(cfu=["own"]), {}),
    "none": (situation(), {"forward_missing": BLOCKS}),
    "only a set": (situation("ours"), {"forward_missing": BLOCKS}),
    "disabled": (situation(cfu=[off("ours")]), {"forward_disabled": BLOCKS}),
    "disabled and somewhere else": (situation(cfu=[off("own voicebox")]), {"forward_disabled": BLOCKS}),
    "voicebox": (situation(cfu=["own voicebox"]), {"forward_elsewhere": BLOCKS}),
    "another number": (situation(cfu=["own number"]), {"forward_elsewhere": BLOCKS}),
    "draft": (situation(cfu=["own draft"]), {"forward_elsewhere": BLOCKS}),
    "empty set": (situation(cfu=["own empty"]), {"forward_elsewhere": BLOCKS}),
    "our empty set": (situation(cfu=["ours empty"]), {"forward_elsewhere": BLOCKS}),
    "right and voicebox": (situation(cfu=["ours", "own voicebox"]), {"forward_competing": UNCERTAIN}),
    "voicebox before the box": (situation(cfu=["own with voicebox"]), {"forward_competing": UNCERTAIN}),
    "our set changed": (situation(cfu=["ours changed"]), {"forward_competing": UNCERTAIN}),
    "right, voicebox disabled": (situation(cfu=["ours", off("own voicebox")]), {"forward_competing": NOTE}),
    "right disabled, voicebox on": (situation(cfu=[off("ours"), "own voicebox"]), {"forward_elsewhere": BLOCKS}),
    "old number": (situation(cfu=["own old number"]), {"forward_wrong_box": BLOCKS}),
    "our set, old number": (situation(cfu=["ours old number"]), {"forward_wrong_box": BLOCKS}),
    "dead box": (situation(cfu=["own dead"]), {"forward_wrong_box": BLOCKS}),
    "uuid": (situation(cfu=["ours uuid"]), {"forward_wrong_box": BLOCKS}),
    "right and old number": (situation(cfu=["ours", "own old number"]), {"forward_wrong_box": UNCERTAIN}),
    "right, old number disabled": (situation(cfu=["ours", off("own old number")]), {"forward_wrong_box": NOTE}),
    "somebody else's set": (situation(cfu=["other box"]), {"forward_foreign_box": BLOCKS}),
    "somebody else's set with my box": (situation(cfu=["other with my box"]), {"forward_foreign_box": BLOCKS}),
    "a hidden set": (situation(cfu=["hidden"]), {"forward_foreign_box": BLOCKS}),
    "right and somebody else's": (situation(cfu=["ours", "other box"]), {"forward_foreign_box": UNCERTAIN}),
    "somebody else's, disabled": (situation(cfu=[off("other box")]), {"forward_disabled": BLOCKS}),
    "only at times": (situation(cfu=[timed("ours")]), {"forward_conditional": UNCERTAIN}),
    "only for some callers": (situation(cfu=[timed("own", "sourceset")]), {"forward_conditional": UNCERTAIN}),
    "only for some numbers": (situation(cfu=[timed("own", "bnumberset")]), {"forward_conditional": UNCERTAIN}),
    "always and at times": (situation(cfu=["ours", timed("own")]), {"forward_conditional": NOTE}),
    "always disabled, at times": (situation(cfu=[off("ours"), timed("own")]), {"forward_conditional": UNCERTAIN}),
    "at times, disabled": (
        situation(cfu=[entry("ours", enabled=False, conditions=(("timeset", "x"),))]),
        {"forward_disabled": BLOCKS},
    ),
    "twice": (situation(cfu=["ours", "ours again"]), {"forward_twice": NOTE}),
    "twice, once disabled": (situation(cfu=["ours", off("ours")]), {"forward_twice": NOTE}),
    "twice, both disabled": (situation(cfu=[off("ours"), off("ours again")]), {"forward_disabled": BLOCKS}),
    "when busy": (situation(cfb=["ours"]), {"forward_other_type": UNCERTAIN}),
    "when busy, not ours": (situation(cfb=["own"]), {"forward_other_type": UNCERTAIN}),
    "when busy, disabled": (situation(cfb=[off("ours")]), {"forward_missing": BLOCKS}),
    "when busy, voicebox": (situation(cfb=["own voicebox"]), {"forward_missing": BLOCKS}),
    "messages": (situation(cfs=["ours"]), {"forward_missing": BLOCKS}),
    "no number": (situation(number=None), {}),
    "no number, some forward": (situation(number=None, cfu=["own"]), {}),
}


@pytest.mark.parametrize("case", FORWARDS)
def test_forwards(case):
    given, found = FORWARDS[case]
    reasons = list(judge_forward(given))
    assert brief(reasons) == found
    assert all(one.fix for one in reasons)


@pytest.mark.parametrize(
    ("given", "replaces"),
    [
        (situation(), False),
        (situation(cfu=[off("ours")]), False),
        (situation(cfu=["ours old number"]), False),
        (situation(cfu=["own old number"]), True),
        (situation(cfu=["own voicebox"]), True),
        (situation(cfu=["other box"]), True),
        (situation(cfu=[timed("ours")]), True),
    ],
)
def test_what_somebody_else_has_set_is_replaced_only_where_the_fix_says_so(given, replaces):
    (found,) = judge_forward(given)
    assert found.fix.options.get("replace_foreign", False) is replaces


def test_the_message_about_other_types_names_them():
    (found,) = judge_forward(situation(cfb=["ours"], cfna=["own"], cft=[off("own")]))
    assert "busy or not_available" in found.message and "timeout" not in found.message


def test_forwards_that_cannot_be_read():
    assert brief(judge_forward(FORBIDDEN)) == {"forward_unknown": UNCERTAIN}


# ---- mail to fax

RULE = {"from_email": None, "received_from": "192.0.2.25", "destination": None, "use_regex": False}
NOTIFIED = [{"destination": "me@example.org"}]


def renewed(interval, modified, **more):
    return {"secret_key_renew": interval, "last_secret_key_modify": modified, "secret_renew_notify": NOTIFIED, **more}


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, {}),
        ({"secret_key": None, "acl": [RULE]}, {}),
        ({"active": False}, {"mail_inactive": BLOCKS}),
        ({"secret_key": None}, {"mail_unprotected": BLOCKS}),
        ({"secret_key": ""}, {"mail_unprotected": BLOCKS}),
        ({"secret_key": None, "active": 0}, {"mail_inactive": BLOCKS, "mail_unprotected": BLOCKS}),
        (renewed("never", "2001-01-01 00:00:00"), {}),
        (renewed("daily", "2026-11-24 09:00:00"), {}),
        (renewed("daily", "2026-11-23 11:00:00"), {}),
        (renewed("daily", "2026-11-22 11:00:00"), {"key_renewal_overdue": NOTE}),
        (renewed("weekly", "2026-11-17 11:00:00"), {}),
        (renewed("weekly", "2026-11-16 11:00:00"), {"key_renewal_overdue": NOTE}),
        (renewed("monthly", "2026-10-24 13:00:00"), {}),
        (renewed("monthly", "2026-10-23 11:00:00"), {"key_renewal_overdue": NOTE}),
        (renewed("daily", "2026-11-27 09:00:00"), {}),
        (renewed("hourly", "2026-11-01 09:00:00"), {}),
        (renewed("daily", None), {"key_age_unknown": NOTE}),
        (renewed("daily", "yesterday"), {"key_age_unknown": NOTE}),
        (renewed("daily", "2026-11-26 09:00:00", secret_renew_notify=[]), {"key_renewal_unnoticed": NOTE}),
        (renewed("daily", None, secret_key=None, acl=[RULE]), {}),
        (renewed("daily", None, active=False), {"mail_inactive": BLOCKS}),
    ],
)
def test_mail_to_fax(settings, found):
    reasons = list(judge_mail(mail_settings(**settings), NOW))
    assert brief(reasons) == found
    assert SECRET not in str(reasons)


def test_mail_to_fax_whose_activity_is_hidden():
    settings = mail_settings()
    del settings["active"]
    assert brief(judge_mail(settings, NOW)) == {"mail_unknown": UNCERTAIN}


@pytest.mark.parametrize(("error", "found"), [(FORBIDDEN, {"mail_unknown": UNCERTAIN}), (NO_LICENCE, {})])
def test_mail_to_fax_that_cannot_be_read(error, found):
    assert brief(judge_mail(error, NOW)) == found
    assert key_of(error, NOW) is None


def test_what_is_said_about_a_key():
    assert key_of(mail_settings(**renewed("weekly", "2026-11-20 11:59:59")), NOW) == (
        True,
        "2026-11-20 11:59:59",
        6,
        "weekly",
    )
    assert key_of(mail_settings(secret_key=None), NOW) == (False, None, None, "never")
    assert key_of(mail_settings(**renewed("never", "2026-11-27 00:00:00")), NOW).age_days == 0
    assert key_of(mail_settings(**renewed("never", f"{SECRET} 2026")), NOW).modified is None, "only a time is shown"


# ---- the journal


def faxes(*given):
    """Return entries of a journal, newest first: direction and status."""
    return [
        Fax.of(fax_item(number, direction=direction, status=status, reason="No carrier [3/3]"))
        for number, (direction, status) in sorted(enumerate(given, 1), reverse=True)
    ]


@pytest.mark.parametrize(
    ("given", "affected"),
    [
        ([], []),
        ([("in", "SUCCESS")], []),
        ([("in", "FAILED")], [RECEIVES]),
        ([("in", "FAILED"), ("in", "SUCCESS")], []),
        ([("in", "SUCCESS"), ("in", "FAILED")], [RECEIVES]),
        ([("in", "SUCCESS"), ("in", "FAILED"), ("in", "QUEUED"), ("in", "")], [RECEIVES]),
        ([("out", "failed"), ("in", "SUCCESS"), ("mtf", "FAILED")], [SENDS, MAILS]),
        ([("sideways", "FAILED")], []),
    ],
)
def test_journals(given, affected):
    reasons = list(judge_journal(last_faxes(faxes(*given))))
    assert [one.affects for one in reasons] == [(ability,) for ability in affected]
    assert all(one.code == "last_fax_failed" and one.level == NOTE for one in reasons)
    assert all("No carrier [3/3]" in one.message for one in reasons)


def test_the_last_faxes_of_each_direction():
    found = last_faxes(
        faxes(("in", "SUCCESS"), ("in", "SUCCESS"), ("in", "FAILED"), ("in", "SENDING"), ("out", "FAILED"))
    )
    assert (found[RECEIVES].success.id, found[RECEIVES].failure.id) == (2, 3)
    assert (found[SENDS].success, found[SENDS].failure.id) == (None, 5)
    assert found[MAILS] == (None, None)


def test_a_journal_that_cannot_be_read():
    error = ServerError("The server failed: 500", http_status=500)
    assert brief(judge_journal(error)) == {"journal_unknown": NOTE}


def test_a_failure_without_a_reason():
    (found,) = judge_journal(last_faxes([Fax.of(fax_item(1, status="FAILED", reason="", time="soon"))]))
    assert found.message == "The last fax that was received (fax 1, soon) failed, and the journal does not say why."


# ---- all together


def test_only_what_was_asked_for_is_judged():
    facts = Facts(READY, {1: FORBIDDEN}, mail=None, forwards=None, profiles={}, journal=None)
    someone = subscriber_of(person(1, primary_number=None))
    assert [one.code for one in judge(someone, facts, (), (SENDS,), NOW)] == ["service_unknown", "caller_id_missing"]
    assert [one.code for one in judge(someone, facts, (), (RECEIVES,), NOW)] == ["number_missing", "service_unknown"]


def test_every_code_is_met_by_a_test_above():
    """The tables above have all codes; what else there were nobody could meet."""
    with open(__file__, encoding="utf-8") as stream:
        text = stream.read()
    assert [name for name in CODES if f'"{name}"' not in text] == []
