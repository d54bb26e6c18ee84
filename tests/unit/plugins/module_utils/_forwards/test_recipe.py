# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipe: which requests every state of a subscriber needs for every goal, as a decision table, and what holds for
all of them."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.forward_ways import _changes
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.judging import (
    COMPETING,
    CONDITIONAL,
    DRAFT,
    FOREIGN_BOX,
    NO_NUMBER,
    TWICE,
    WRONG_NUMBER,
    judge,
)
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.kinds import BY_WORD, NONE, TYPES, UNCONDITIONAL
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.recipe import (
    Goal,
    applied,
    is_reached,
    shown,
    steps_to,
)
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.tests.unit.support.forwards import SETS, entry, off, situation, timed

BOX = {"destination": "fax2mail", "priority": 1, "timeout": 300}
INLINE = {"destinationset": {"name": "ngcp.fax", "destinations": [BOX]}}
CFU = Goal("unconditional")
GONE = Goal(NONE)


def add(value, short="cfu"):
    return {"op": "add", "path": f"/api/cfmappings/3/{short}/-", "value": value}


def replace(value, short="cfu"):
    return {"op": "replace", "path": f"/api/cfmappings/3/{short}", "value": [value]}


def remove(set_id, short="cfu"):
    return {"op": "remove", "path": f"/api/cfmappings/3/{short}", "value": {"destinationset_id": set_id}}


def box_of(set_id):
    return {"op": "replace", "path": f"/api/cfdestinationsets/{set_id}/destinations", "value": [BOX]}


def delete(set_id):
    return {"op": "remove", "path": f"/api/cfdestinationsets/{set_id}"}


def seconds(value, op="add"):
    return {"op": op, "path": "/api/cfmappings/3/cft_ringtimeout", "value": value}


def by_id(set_id, **more):
    return {"destinationset_id": set_id, **more}


ANYWAY = Goal("unconditional", replace_foreign=True)
TIMEOUT = Goal("timeout", ring_timeout=20)

# What there is, what shall be, and the operations that lead to it.
CASES = {
    "right already": (situation(cfu=["ours"]), CFU, []),
    "right already by another name": (situation(cfu=["own"]), CFU, []),
    "missing": (situation(), CFU, [add(INLINE)]),
    "missing, others beside it": (situation(cfb=["own voicebox"], cft=[timed("own number")]), CFU, [add(INLINE)]),
    "missing, to be disabled": (situation(), Goal("busy", enabled=False), [add({**INLINE, "enabled": False}, "cfb")]),
    "our set is left": (situation("ours"), CFU, [add(by_id(11))]),
    "our set with an old number is left": (situation("ours old number"), CFU, [box_of(13), add(by_id(13))]),
    "our set with other destinations is left": (situation("ours changed"), CFU, [box_of(15), add(by_id(15))]),
    "two of our sets are left": (situation("ours", "ours again"), CFU, [add(by_id(11)), delete(12)]),
    "an old number": (situation(cfu=["ours old number"]), CFU, [box_of(13)]),
    "a UUID": (situation(cfu=["ours uuid"]), CFU, [box_of(14)]),
    "a voicebox in our set": (situation(cfu=["ours changed"]), CFU, [box_of(15)]),
    "an old number, and disabled": (situation(cfu=[off("ours old number")]), CFU, [box_of(13), replace(by_id(13))]),
    "disabled": (situation(cfu=[off("ours")]), CFU, [replace(by_id(11))]),
    "disabled by another name": (situation(cfu=[off("own")]), CFU, [replace(by_id(21))]),
    "disabled, with a flag": (
        situation(cfu=[entry("ours", enabled=False, redirects=True)]),
        CFU,
        [replace(by_id(11, use_redirection=True))],
    ),
    "enabled, to be disabled": (
        situation(cfu=["ours"]),
        Goal("unconditional", enabled=False),
        [replace(by_id(11, enabled=False))],
    ),
    "twice the same set": (situation(cfu=["ours", "ours"]), CFU, [replace(by_id(11))]),
    "twice with two sets": (situation(cfu=["ours", "ours again"]), CFU, [replace(by_id(11)), delete(12)]),
    "twice, the second is disabled": (
        situation(cfu=["ours", off("ours again")]),
        CFU,
        [replace(by_id(11)), delete(12)],
    ),
    "ours beside somebody's: theirs stays": (situation(cfu=["ours", "own"]), CFU, [replace(by_id(21)), delete(11)]),
    "twice, the first with an old number": (
        situation(cfu=["ours", "ours old number"]),
        CFU,
        [replace(by_id(11)), delete(13)],
    ),
    "twice, the second with an old number": (
        situation(cfu=["ours old number", "ours later"]),
        CFU,
        [replace(by_id(17)), delete(13)],
    ),
    "the wrong type": (situation(cfb=["ours"]), CFU, [add(by_id(11)), remove(11, "cfb")]),
    "two wrong types": (
        situation(cfb=["ours"], cfna=["ours again"]),
        CFU,
        [add(by_id(11)), remove(11, "cfb"), remove(12, "cfna"), delete(12)],
    ),
    "right, and another type is left": (situation(cfu=["ours"], cfb=["ours"]), CFU, [remove(11, "cfb")]),
    "the wrong type with an old number": (
        situation(cfs=["ours old number"]),
        CFU,
        [box_of(13), add(by_id(13)), remove(13, "cfs")],
    ),
    "right by another name, and ours is left": (situation("ours", cfu=["own"]), CFU, [delete(11)]),
    "right, and another set of ours is left": (situation("ours again", cfu=["ours"]), CFU, [delete(12)]),
    "our set is used by somebody else's mapping": (situation("ours", cfu=["own"], usage={"ours": 1}), CFU, []),
    "a voicebox, to be replaced": (situation(cfu=["own voicebox"]), ANYWAY, [replace(INLINE)]),
    "a foreign box, to be replaced": (situation(cfu=["other box"]), ANYWAY, [replace(INLINE)]),
    "a set that cannot be seen, to be replaced": (situation(cfu=["hidden"]), ANYWAY, [replace(INLINE)]),
    "ours and a voicebox, to be replaced": (situation(cfu=["own voicebox", "ours"]), ANYWAY, [replace(by_id(11))]),
    "ours at some times, to be replaced": (situation(cfu=[timed("ours")]), ANYWAY, [replace(by_id(11))]),
    "somebody's old number, to be replaced": (situation(cfu=["own old number"]), ANYWAY, [replace(INLINE)]),
    "a voicebox and our set": (situation("ours", cfu=["own voicebox"]), ANYWAY, [replace(by_id(11))]),
    "a timeout": (situation(), TIMEOUT, [add(INLINE, "cft"), seconds(20)]),
    "a timeout with other seconds": (situation(cft=["ours"], ring_timeout=30), TIMEOUT, [seconds(20)]),
    "a timeout whose seconds stay": (situation(cft=["ours"], ring_timeout=30), Goal("timeout"), []),
    "a disabled timeout": (
        situation(cft=[off("ours")], ring_timeout=30),
        TIMEOUT,
        [replace(by_id(11), "cft"), seconds(20)],
    ),
    "seconds mean nothing for other types": (situation(cfu=["ours"]), Goal("unconditional", ring_timeout=20), []),
    "none, and nothing": (situation(), GONE, []),
    "none": (situation(cfu=["ours"]), GONE, [remove(11), delete(11)]),
    "none, and others stay": (
        situation(cfu=["ours", "own voicebox"], cfb=["own"]),
        GONE,
        [remove(11), delete(11)],
    ),
    "none, of two types with one set": (
        situation(cfu=["ours"], cfna=["ours"]),
        GONE,
        [remove(11), remove(11, "cfna"), delete(11)],
    ),
    "none, ours at some times": (situation(cfu=[timed("ours")]), GONE, [remove(11), delete(11)]),
    "none, a set is left": (situation("ours"), GONE, [delete(11)]),
    "none, what others made stays": (situation(cfu=["own"]), GONE, []),
    "none, and no number": (situation(number=None, cfu=["ours uuid"]), GONE, [remove(14), delete(14)]),
    "none, but somebody else's mapping uses the set": (
        situation(cfu=["ours"], usage={"ours": 2}),
        GONE,
        [remove(11)],
    ),
    "none, and nobody else uses the set": (
        situation(cfu=["ours"], usage={"ours": 1}),
        GONE,
        [remove(11), delete(11)],
    ),
    "none of one type": (
        situation(cfu=["ours"], cfb=["ours"]),
        Goal(NONE, only="busy"),
        [remove(11, "cfb")],
    ),
    "none of one type that is not there": (situation(cfu=["ours"]), Goal(NONE, only="busy"), []),
    "none, with the seconds of a timeout": (
        situation(cft=["ours"], ring_timeout=30),
        GONE,
        [seconds(None, "replace"), remove(11, "cft"), delete(11)],
    ),
    "none, but the seconds are somebody's": (
        situation(cft=["ours", timed("own number")], ring_timeout=30),
        GONE,
        [remove(11, "cft"), delete(11)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_requests(name):
    given_, goal, wanted = CASES[name]
    steps = steps_to(goal, given_)
    assert [operation for step in steps for operation in step.shown()] == wanted
    assert {step.method for step in steps if step.patch} <= {"PATCH"}
    assert {step.method for step in steps if not step.patch} <= {"DELETE"}
    assert not is_reached(goal, given_) or not steps


REFUSED = {
    "a voicebox": (situation(cfu=["own voicebox"]), COMPETING, True),
    "ours and a voicebox": (situation(cfu=["ours", "own voicebox"]), COMPETING, True),
    "a foreign box": (situation(cfu=["other box"]), FOREIGN_BOX, True),
    "somebody's old number": (situation(cfu=["own old number"]), WRONG_NUMBER, True),
    "ours at some times": (situation(cfu=[timed("ours")]), CONDITIONAL, True),
    "ours with an old number at some times": (situation(cfu=[timed("ours old number")]), WRONG_NUMBER, True),
    "a draft": (situation(cfu=[off("own draft")]), DRAFT, True),
    "somebody's twice": (situation(cfu=["own", "own again"]), TWICE, True),
    "no number": (situation(number=None), NO_NUMBER, False),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name):
    given_, code, is_replaceable = REFUSED[name]
    with pytest.raises(FaxError) as refused:
        steps_to(CFU, given_)
    assert refused.value.code == code and refused.value.message == f"The subscriber {judge(UNCONDITIONAL, given_).text}"
    assert ("replace_foreign" in refused.value.hint) is is_replaceable
    assert ("somebody else" in refused.value.hint) is (code == FOREIGN_BOX)
    if is_replaceable:
        assert steps_to(ANYWAY, given_)
    else:
        with pytest.raises(FaxError):
            steps_to(ANYWAY, given_)


# ---- what holds for every state and every goal

NAMES = [name for name in SETS if name != "hidden"]
ENTRIES = st.builds(
    entry,
    st.sampled_from(NAMES),
    enabled=st.booleans(),
    conditions=st.sampled_from([(), (), (), (("timeset", "office"),)]),
)
SITUATIONS = st.builds(
    lambda unused, number, timeout, mappings: situation(*unused, number=number, ring_timeout=timeout, **mappings),
    st.lists(st.sampled_from(NAMES), max_size=2),
    st.sampled_from(["4313", "4313", "4313", None]),
    st.sampled_from([None, 30]),
    st.dictionaries(st.sampled_from(["cfu", "cfb", "cft"]), st.lists(ENTRIES, max_size=3)),
)
GOALS = st.builds(
    Goal,
    st.sampled_from(["unconditional", "busy", "timeout", NONE]),
    enabled=st.booleans(),
    ring_timeout=st.sampled_from([None, 20]),
    replace_foreign=st.booleans(),
    only=st.none(),
)


def plan(goal, situation_):
    """Return the steps and what they lead to, or None where they are refused."""
    try:
        steps = steps_to(goal, situation_)
    except FaxError:
        return None
    return steps, applied(steps, situation_)


@given(GOALS, SITUATIONS)
def test_once_done_there_is_nothing_to_be_done(goal, situation_):
    planned = plan(goal, situation_)
    if planned is not None:
        _steps, after = planned
        assert steps_to(goal, after) == []
        assert is_reached(goal, after)


@given(GOALS, SITUATIONS)
def test_a_run_that_ends_after_any_request_is_healed_by_the_next(goal, situation_):
    planned = plan(goal, situation_)
    if planned is not None:
        steps, after = planned
        for done in range(len(steps)):
            halfway = applied(steps[:done], situation_)
            assert shown(applied(steps_to(goal, halfway), halfway), goal) == shown(after, goal)


@given(GOALS, SITUATIONS)
def test_what_others_made_stays(goal, situation_):
    planned = plan(goal, situation_)
    if planned is None:
        return
    _steps, after = planned
    for kind in TYPES:
        others = [one for one in situation_.entries(kind.short) if not situation_.is_ours(one.set_id)]
        if goal.replace_foreign and kind.word == goal.forward:
            continue
        kept = [one for one in after.entries(kind.short) if not after.is_ours(one.set_id)]
        same_box = kind.word == goal.forward and [one.set_id for one in kept] == [one.set_id for one in others]
        assert kept == others or same_box, "of the declared forward itself only the flag may change"
    used = {one.set_id for entries in situation_.mappings.values() for one in entries}
    for number, one in situation_.sets.items():
        if not situation_.is_ours(number) and (one.owner == 3 or number in used):
            assert after.sets.get(number, one) == one


@given(GOALS, SITUATIONS)
def test_every_plan_shows_a_change(goal, situation_):
    planned = plan(goal, situation_)
    if planned is not None:
        steps, after = planned
        changes = list(_changes(FORWARD, shown(situation_, goal), shown(after, goal)))
        assert bool(changes) == bool(steps)


@given(SITUATIONS)
def test_nothing_of_ours_is_left(situation_):
    _steps, after = plan(GONE, situation_)
    assert after.our_sets == []


@given(GOALS, SITUATIONS)
def test_the_forward_is_never_gone_in_between(goal, situation_):
    planned = plan(goal, situation_)
    if planned is None or goal.forward == NONE:
        return
    steps, _after = planned
    word = shown(situation_)["forward"]
    for done in range(len(steps) + 1):
        assert word == NONE or shown(applied(steps[:done], situation_))["forward"] != NONE


@pytest.mark.parametrize(
    ("given_", "fields"),
    [
        (situation(), {"forward": "none", "competing": None, "surplus": None}),
        (situation(cfu=["ours"]), {"forward": "unconditional", "enabled": True, "fax_box": "4313"}),
        (situation(cfu=[off("ours old number")]), {"forward": "unconditional", "enabled": False, "fax_box": "4319"}),
        (situation(cft=["own"], ring_timeout=25), {"forward": "timeout", "ring_timeout": 25}),
        (situation(cfu=["ours", "ours"]), {"surplus": "1 more forward of the same type"}),
        (
            situation("ours again", cfu=["ours"] * 3, cft=["ours"]),
            {"surplus": "2 more forwards of the same type, forward of type timeout, 1 unused destination set"},
        ),
        (situation(cfu=["ours"], cfb=["ours"]), {"forward": "unconditional", "surplus": "forward of type busy"}),
        (situation("ours", "ours again"), {"forward": "none", "surplus": "2 unused destination sets"}),
        (
            situation(cfu=["other box"], cfb=["own voicebox"]),
            {
                "forward": "none",
                "competing": "'sip:fax=4319@fax2mail.local' (destination set 'ngcp.fax' of subscriber 9)",
            },
        ),
    ],
)
def test_what_is_shown(given_, fields):
    found = shown(given_)
    assert {name: found.get(name) for name in fields} == fields


def test_removing_ours_does_not_touch_what_competes():
    given_ = situation(cfu=["ours", "own voicebox"])
    after = applied(steps_to(GONE, given_), given_)
    assert [change.field for change in _changes(FORWARD, shown(given_, GONE), shown(after, GONE))] == ["forward"]


def test_what_competes_is_shown_where_it_matters():
    given_ = situation(cfu=["own voicebox"])
    assert shown(given_, CFU)["competing"] == "'sip:vmu4313@voicebox.local' (destination set 'vb')"
    assert shown(given_, Goal("busy"))["competing"] is None


def test_the_declared_type_is_the_one_that_is_shown():
    given_ = situation(cfu=["ours"], cfb=["ours"])
    assert [shown(given_, goal)["forward"] for goal in (CFU, Goal("busy"), Goal("sms"))] == [
        "unconditional",
        "busy",
        "unconditional",
    ]


def test_what_requests_lead_to():
    given_ = situation("own number", cfu=["other box"], cfb=[off("ours changed")])
    after = applied(steps_to(ANYWAY, given_), given_)
    mine = SETS["ours changed"]._replace(destinations=("sip:fax=4313@fax2mail.local",))
    assert after.mappings == {"cfu": (entry("ours changed"),)}
    assert after.sets == {mine.id: mine, 28: SETS["own number"]}, "what nobody uses, of others, is not known"
    after = applied(steps_to(ANYWAY, situation(cfu=["hidden"])), situation(cfu=["hidden"]))
    ((new,),) = after.mappings.values()
    assert (new.set_name, new.enabled, new.redirects) == ("ngcp.fax", True, False)
    assert new.set_id == 53, "the platform counts on from the highest id"
    assert applied(steps_to(CFU, situation()), situation()).our_sets[0].id == 2
    assert after.our_sets[0].id == new.set_id
    kept = situation(cfu=[entry("own", enabled=False, redirects=True)])
    assert applied(steps_to(CFU, kept), kept).entries("cfu") == (entry("own", redirects=True),)


def test_every_type_has_a_word():
    assert set(BY_WORD) | {NONE} == set(FORWARD.fields[0].choices)
