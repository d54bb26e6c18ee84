# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judging forwards: every state of a subscriber's mappings and sets comes to the right word, as a decision table."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import ProtocolError
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.judging import (
    CHANGED_SET,
    CODES,
    COMPETING,
    CONDITIONAL,
    DISABLED,
    DRAFT,
    FOREIGN_BOX,
    MISSING,
    NO_NUMBER,
    OK,
    TWICE,
    WRONG_NUMBER,
    WRONG_TYPE,
    judge,
)
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.kinds import BY_WORD, TYPES, UNCONDITIONAL
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.situation import (
    DestinationSet,
    Entry,
    destination_set,
    fax_box,
    situation_of,
)
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.subscriber import Subscriber
from ansible_collections.ngcp.fax.tests.unit.support.forwards import entry, off, situation, timed

# What there is, the code, and whether the collection puts it right without being asked.
CASES = {
    "nothing": (situation(), MISSING, True),
    "a set of ours that nothing uses": (situation("ours"), MISSING, True),
    "ours": (situation(cfu=["ours"]), OK, True),
    "the right box by any other name": (situation(cfu=["own"]), OK, True),
    "the right box as it was stored before mr11.1": (situation(cfu=["own before mr11.1"]), OK, True),
    "others beside it": (situation(cfu=["ours"], cfb=["own voicebox"], cft=[timed("own number")]), OK, True),
    "ours for another type": (situation(cfb=["ours"]), WRONG_TYPE, True),
    "somebody's own box for another type": (situation(cfb=["own"]), MISSING, True),
    "disabled": (situation(cfu=[off("ours")]), DISABLED, True),
    "somebody's own box disabled": (situation(cfu=[off("own")]), DISABLED, True),
    "twice the same set": (situation(cfu=["ours", "ours"]), TWICE, True),
    "twice after a repeated request": (situation(cfu=["ours", "ours again"]), TWICE, True),
    "twice, one of them disabled": (situation(cfu=["ours", off("ours")]), TWICE, True),
    "ours beside somebody's": (situation(cfu=["ours", "own"]), TWICE, True),
    "somebody's twice": (situation(cfu=["own", "own again"]), TWICE, False),
    "our set with an old number": (situation(cfu=["ours old number"]), WRONG_NUMBER, True),
    "our set with a UUID": (situation(cfu=["ours uuid"]), WRONG_NUMBER, True),
    "our set with an old number, disabled": (situation(cfu=[off("ours old number")]), WRONG_NUMBER, True),
    "our set with an old number, sometimes": (situation(cfu=[timed("ours old number")]), WRONG_NUMBER, False),
    "our set with a voicebox before the box": (situation(cfu=["ours changed"]), CHANGED_SET, True),
    "our set without destinations": (situation(cfu=["ours empty"]), CHANGED_SET, True),
    "somebody's set with an old number": (situation(cfu=["own old number"]), WRONG_NUMBER, False),
    "somebody's set with the dead address": (situation(cfu=["own dead"]), WRONG_NUMBER, False),
    "a host in capitals is not a box": (situation(cfu=["own in capitals"]), COMPETING, False),
    "another subscriber's box": (situation(cfu=["other box"]), FOREIGN_BOX, False),
    "another subscriber's set with this number": (situation(cfu=["other with my box"]), FOREIGN_BOX, False),
    "another subscriber's set of any kind": (situation(cfu=["other voicebox"]), COMPETING, False),
    "a set that cannot be seen": (situation(cfu=["hidden"]), FOREIGN_BOX, False),
    "the right one and another subscriber's box": (situation(cfu=["ours", "other box"]), FOREIGN_BOX, False),
    "a foreign box is worse than a voicebox": (situation(cfu=["own voicebox", "other box"]), FOREIGN_BOX, False),
    "a voicebox": (situation(cfu=["own voicebox"]), COMPETING, False),
    "a disabled voicebox": (situation(cfu=[off("own voicebox")]), COMPETING, False),
    "a number": (situation(cfu=["own number"]), COMPETING, False),
    "a voicebox before the box in one set": (situation(cfu=["own with voicebox"]), COMPETING, False),
    "the right one and a voicebox": (situation(cfu=["ours", "own voicebox"]), COMPETING, False),
    "at some times": (situation(cfu=[timed("ours")]), CONDITIONAL, False),
    "for some callers": (situation(cfu=[timed("own", "sourceset")]), CONDITIONAL, False),
    "for one dialled number": (situation(cfu=[timed("ours", "bnumberset")]), CONDITIONAL, False),
    "always, and once more at some times": (situation(cfu=["ours", timed("ours")]), CONDITIONAL, False),
    "a voicebox at some times": (situation(cfu=[timed("own voicebox")]), COMPETING, False),
    "a draft": (situation(cfu=[off("own draft")]), DRAFT, False),
    "a set without destinations": (situation(cfu=["own empty"]), DRAFT, False),
    "no number, and nothing": (situation(number=None), NO_NUMBER, False),
    "no number, but a box": (situation(number=None, cfu=["ours uuid"]), NO_NUMBER, False),
}


@pytest.mark.parametrize("name", CASES)
def test_state(name):
    given, code, is_fixable = CASES[name]
    state = judge(UNCONDITIONAL, given)
    assert (state.code, state.is_fixable) == (code, is_fixable)


def test_every_code_is_tested():
    assert {code for _given, code, _is_fixable in CASES.values()} == set(CODES)


@pytest.mark.parametrize("kind", TYPES, ids=str)
def test_each_type_is_judged_by_its_own_entries(kind):
    given = situation(**{kind.short: ["ours"]})
    assert judge(kind, given).code == OK
    assert {judge(other, given).code for other in TYPES if other is not kind} == {WRONG_TYPE}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (situation(cfu=["ours"]), "forwards calls of type unconditional (cfu) to the fax box of its number 4313"),
        (situation(), "has no call forward of type unconditional (cfu)"),
        (
            situation(cfu=[timed("own voicebox")]),
            "has another call forward of type unconditional (cfu): 'sip:vmu4313@voicebox.local' (destination set "
            "'vb'), only for some times (set 'office')",
        ),
        (
            situation(cfu=["other box"]),
            "forwards calls of type unconditional (cfu) to somebody else: 'sip:fax=4319@fax2mail.local' (destination "
            "set 'ngcp.fax' of subscriber 9)",
        ),
        (
            situation(cfu=["hidden"]),
            "forwards calls of type unconditional (cfu) to somebody else: destination set 'secret' of another "
            "subscriber, which this user cannot see",
        ),
        (
            situation(cfb=["ours"], cft=["ours"]),
            "has its call forward to the fax box for the type busy, timeout, not for unconditional (cfu)",
        ),
    ],
)
def test_texts_say_what_there_is(given, text):
    assert judge(UNCONDITIONAL, given).text == text


def test_texts_are_one_printable_line():
    name = "a\nb\u202e"
    entries = (Entry(7, name),) * 8
    given = situation()._replace(
        mappings={"cfu": entries}, sets={7: DestinationSet(7, 3, name, ("sip:\x1b[2J@x",) * 9)}
    )
    text = judge(UNCONDITIONAL, given).text
    assert text.isprintable() and "and 4 more" in text and "and 3 more" in text


def test_details():
    given = situation(cfu=["ours", off("own voicebox")], cfb=["ours"], cft=["own"])
    assert judge(UNCONDITIONAL, given).details == {
        "type": "unconditional",
        "number": "4313",
        "forwards": [
            "'sip:fax=4313@fax2mail.local' (destination set 'ngcp.fax')",
            "'sip:vmu4313@voicebox.local' (destination set 'vb'), disabled",
        ],
        "enabled": True,
        "also": ["busy"],
    }


def test_where_entries_lead():
    given = situation(cfu=["own empty", "own with voicebox", "other voicebox"])
    long = DestinationSet(99, None, "long", ("sip:" + "x" * 200,))
    given = given._replace(mappings={"cfu": (*given.entries("cfu"), Entry(99, "long"))}, sets={**given.sets, 99: long})
    nothing, two, foreign, unknown = judge(UNCONDITIONAL, given).details["forwards"]
    assert nothing == "nothing (destination set 'empty')"
    assert two == ("'sip:vmu4313@voicebox.local', 'sip:fax=4313@fax2mail.local' (destination set 'both')")
    assert foreign == "'sip:vmu4313@voicebox.local' (destination set 'vb' of subscriber 9)"
    assert unknown == f"'sip:{'x' * 116}…' (destination set 'long' of another subscriber)"
    assert f"{nothing} and {two} and {foreign}" in judge(UNCONDITIONAL, given).text


def test_what_a_situation_knows_of_a_set():
    given = situation("ours again", cfu=["ours", "ours"], cfb=["ours", "own old number"], cfo=["other with my box"])
    assert [given.uses(number) for number in (11, 12, 24, 42, 99)] == [3, 0, 1, 1, 0]
    assert [number for number in (11, 12, 24, 42, 99) if given.leads_to_own_box(number)] == [11, 12]
    assert not situation(number=None, cfu=["ours"]).leads_to_own_box(11)
    assert not situation(cfu=["hidden"]).leads_to_own_box(51)


def test_details_tell_whether_one_of_several_is_on():
    assert judge(UNCONDITIONAL, situation(cfu=["ours", off("ours")])).details["enabled"]
    assert not judge(UNCONDITIONAL, situation(cfu=[off("ours"), off("ours")])).details["enabled"]


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("sip:fax=4313@fax2mail.local", "4313"),
        ("sip:4313@fax2mail.local", "4313"),
        ("sip:fax=@fax2mail.local", ""),
        ("sip:fax=4313@fax2mail.local.example.org", None),
        ("sips:fax=4313@fax2mail.local", None),
        ("sip:Fax2Mail@example.org", None),
    ],
)
def test_addresses_of_fax_boxes(address, whose):
    assert fax_box(address) == whose


SUBSCRIBER = Subscriber(3, "a@example.org", numbers=("4313",), primary_number="4313")
MAPPING = {"destinationset": "ngcp.fax", "destinationset_id": 11, "enabled": True, "cfm_id": 5}
SET = {
    "id": 11,
    "subscriber_id": 3,
    "name": "ngcp.fax",
    "destinations": [{"destination": "sip:fax=4313@fax2mail.local", "priority": 1, "timeout": 300}],
}


def test_documents_become_situations():
    one, foreign = destination_set(SET), destination_set({**SET, "id": 12, "subscriber_id": 9})
    unused = destination_set({**SET, "id": 13, "subscriber_id": 8})
    document = {
        "cfu": [MAPPING, {**MAPPING, "destinationset_id": 12, "timeset": "office", "timeset_id": 4, "enabled": 0}],
        "cfb": [],
        "cft_ringtimeout": 25,
        "id": 3,
    }
    spare = destination_set({**SET, "id": 15})
    found = situation_of(SUBSCRIBER, document, {11: one, 12: foreign, 13: unused, 14: None, 15: spare})
    assert found.profile_id is None
    assert found.entries("cfu") == (
        entry("ours"),
        Entry(12, "ngcp.fax", enabled=False, conditions=(("timeset", "office"),)),
    )
    assert (found.number, found.ring_timeout, sorted(found.sets)) == ("4313", 25, [11, 12, 15])
    assert [one.id for one in found.our_sets] == [11, 15] and found.uses(11) == 1


@pytest.mark.parametrize(("profile", "known"), [(1, 1), (7, 7), ("7", None), (0, None), (True, None), (None, None)])
def test_profiles(profile, known):
    assert situation_of(SUBSCRIBER._replace(profile_id=profile), None, {}).profile_id == known


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"use_redirection": True}, entry("ours", redirects=True)),
        ({"use_redirection": 1}, entry("ours", redirects=True)),
        ({"use_redirection": False}, entry("ours")),
        ({"use_redirection": 0, "enabled": 1}, entry("ours")),
        ({"timeset_id": 4}, entry("ours", conditions=(("timeset", "None"),))),
        ({"sourceset": "boss"}, entry("ours", conditions=(("sourceset", "boss"),))),
        ({"destinationset_id": 1}, Entry(1, "ngcp.fax")),
        ({"destinationset_id": 2**63 - 1}, Entry(2**63 - 1, "ngcp.fax")),
    ],
)
def test_entries(fields, expected):
    assert situation_of(SUBSCRIBER, {"cfu": [{**MAPPING, **fields}]}, {}).entries("cfu") == (expected,)


@pytest.mark.parametrize(("seconds", "known"), [(0, None), (1, 1), (25, 25), (None, None)])
def test_seconds(seconds, known):
    assert situation_of(SUBSCRIBER, {"cfu": [], "cft_ringtimeout": seconds}, {}).ring_timeout == known


@pytest.mark.parametrize(("usage", "known"), [(0, 0), (3, 3), (None, None), ("3", None), (True, None)])
def test_sets(usage, known):
    assert destination_set({**SET, "usage_count": usage}) == DestinationSet(
        11, 3, "ngcp.fax", ("sip:fax=4313@fax2mail.local",), known
    )


def test_a_set_without_destinations():
    assert destination_set({**SET, "destinations": None}).destinations == ()


def test_before_forwards_could_be_disabled_all_are_enabled():
    found = situation_of(SUBSCRIBER, {"cfu": [{"destinationset": "x", "destinationset_id": 11}]}, {})
    assert found.entries("cfu")[0].enabled


def test_destinations_come_in_the_order_of_their_priority():
    destinations = [{"destination": name, "priority": priority} for name, priority in (("b", 1), ("c", 3), ("a", None))]
    assert destination_set({**SET, "destinations": destinations}).destinations == ("a", "b", "c")


@pytest.mark.parametrize(
    ("fields", "owner"),
    [
        ({}, 3),
        ({"own": 1}, 3),
        ({"own": "1"}, 3),
        ({"own": 0}, None),
        ({"own": 2}, None),
        ({"subscriber_id": 9, "own": 1}, 9),
    ],
)
def test_the_owner_of_a_set_that_a_subscriber_reads(fields, owner):
    item = {name: value for name, value in SET.items() if name != "subscriber_id"}
    assert destination_set({**item, **fields}, caller=3).owner == owner


@pytest.mark.parametrize(
    ("item", "what"),
    [
        ({**SET, "id": "11"}, "a set's id or name"),
        ({**SET, "id": True}, "a set's id or name"),
        ({**SET, "id": 0}, "a set's id or name"),
        ({**SET, "id": 2**63}, "a set's id or name"),
        ({**SET, "name": None}, "a set's id or name"),
        ({**SET, "subscriber_id": "3"}, "a set's owner"),
        ({**SET, "destinations": {}}, "destinations"),
        ({**SET, "destinations": ["x"]}, "destinations"),
        ({**SET, "destinations": [{"destination": None}]}, "a destination"),
        ({**SET, "destinations": [{"destination": "x", "priority": "1"}]}, "a destination"),
    ],
)
def test_odd_sets_are_refused(item, what):
    with pytest.raises(ProtocolError) as refused:
        destination_set(item)
    expected = f"The server's response does not contain call forward destinations: {what} has an impossible value"
    assert refused.value.message == expected


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ({"cfu": {"a": 1}}, "cfu"),
        ({"cfu": ["x"]}, "cfu"),
        ({"cfu": [], "cfb": [{**MAPPING, "destinationset_id": None}]}, "cfb"),
        ({"cfu": [], "cfb": [{**MAPPING, "destinationset": 4}]}, "cfb"),
        ({"cfu": [], "cfb": [{**MAPPING, "enabled": "no"}]}, "cfb"),
        ({"cfu": [], "cfb": [{**MAPPING, "enabled": 2}]}, "cfb"),
        ({"cfu": [], "cft_ringtimeout": "25"}, "cft_ringtimeout"),
        ({"cfu": [], "cft_ringtimeout": -1}, "cft_ringtimeout"),
        ({"cfu": {}}, "cfu"),
        ({"cfu": [], "cfna": {}}, "cfna"),
        ({"cfb": [], "id": 3}, "cfu"),
    ],
)
def test_odd_mappings_are_refused(document, what):
    with pytest.raises(ProtocolError) as refused:
        situation_of(SUBSCRIBER, document, {})
    assert refused.value.message.endswith(f"does not contain call forwards: {what} has an impossible value")


def test_words_and_short_names():
    assert [one.short for one in TYPES] == ["cfu", "cfb", "cft", "cfna", "cfs", "cfr", "cfo"]
    assert BY_WORD["on_response"].short == "cfr"
