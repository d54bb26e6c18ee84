# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call forwards to the fax box: what is written and what never is, on a platform with all kinds of other forwards.

There are few killed runs by default. ``NGCP_FAX_CAMPAIGN=full`` kills five hundred.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.module_utils._api.connections import connected
from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Transport
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.plugins.module_utils._settings.task import settings_task
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import connection, writes

FULL = os.environ.get("NGCP_FAX_CAMPAIGN") == "full"
OURS = "ngcp.fax"
WRONG_BOX = "sip:fax=431999999@fax2mail.local"
OFFICE = {"name": "office", "times": [{"wday": "2-6", "hour": "8-16"}]}
BOSS = {"name": "boss", "mode": "whitelist", "sources": [{"source": "4315550"}]}

Document = dict[str, Any]


def one_set(*destinations: str, name: str = "own") -> Document:
    return {"destinationset": {"name": name, "destinations": [*destinations]}}


def box_of(number: int) -> str:
    """Return the fax box of a subscriber whose number is as in the beginning."""
    return f"sip:fax=4319{number:04}@fax2mail.local"


def leads_to(sim: Simulator, number: int, short: str = "cfu") -> list[str]:
    """Return where the forwards of a type lead that are on at all times."""
    return [
        destination["destination"]
        for mapping in sim.forwards(number)[short]
        if mapping["enabled"] and mapping["timeset"] is None
        for destination in mapping["destinationset"]["destinations"]
    ]


# ---- four steps


def test_check_apply_apply_check(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.put_forwards(2, {"cfb": [one_set("voicebox")], "cft": [{**one_set("4315550"), "timeset": OFFICE}]})
    simulator.put_forwards(5, {"cfu": [one_set("voicebox", name="vb")]})
    simulator.add_fax_forwards([4], name="cfna")
    simulator.add_fax_forwards([6])
    tasks = [
        {"name": "one", "ngcp.fax.fax_forward": {"subscriber_id": 1, "forward": "unconditional"}},
        {"name": "beside others", "ngcp.fax.fax_forward": {"subscriber_id": 2, "forward": "cfu"}},
        {
            "name": "timeout",
            "ngcp.fax.fax_forward": {"subscriber_id": 3, "forward": "timeout", "ring_timeout": 15},
        },
        {"name": "moved", "ngcp.fax.fax_forward": {"subscriber_id": 4, "forward": "unconditional"}},
        {
            "name": "replaced",
            "ngcp.fax.fax_forward": {"subscriber_id": 5, "forward": "unconditional", "replace_foreign": True},
        },
        {"name": "absent", "ngcp.fax.fax_forward": {"subscriber_id": 6, "state": "absent"}},
        {
            "name": "many",
            "ngcp.fax.fax_forward": {
                "forward": "busy",
                "subscribers": [{"subscriber_id": 7}, {"subscriber_id": 8, "enabled": False}],
            },
        },
    ]
    others = simulator.forwards(2)
    checked = playbooks.run(tasks, check=True).succeeded()
    assert set(checked.statuses.values()) == {"changed"} and writes(simulator) == []
    applied = playbooks.run(tasks).succeeded()
    assert applied.diffs == checked.diffs
    simulator.clear_audit()
    for check in (False, True):
        again = playbooks.run(tasks, check=check).succeeded()
        assert set(again.statuses.values()) == {"ok"} and again.diffs == {}
    assert writes(simulator) == []

    assert all(leads_to(simulator, number) for number in (1, 2, 4, 5))
    assert leads_to(simulator, 3, "cft") and simulator.forwards(3)["cft_ringtimeout"] == 15
    assert leads_to(simulator, 7, "cfb") and simulator.forwards(8)["cfb"] and not leads_to(simulator, 8, "cfb")
    assert simulator.forwards(4)["cfna"] == simulator.forwards(6)["cfu"] == []
    assert {**simulator.forwards(2), "cfu": []} == others
    owners = [one["subscriber_id"] for one in simulator.sets("cfdestinationsets") if one["name"] == OURS]
    assert sorted(owners) == [1, 2, 3, 4, 5, 7, 8]
    assert [one["name"] for one in simulator.sets("cfdestinationsets", 5)] == ["vb", OURS]
    assert simulator.bugs == []


@pytest.mark.both_fronts
def test_applied_twice(playbooks: Playbooks, simulator: Simulator) -> None:
    entries = [{"subscriber_id": 7, "forward": "CFB"}, {"subscriber_id": 8, "forward": "sometimes"}]
    tasks = [
        {"name": "one", "ngcp.fax.fax_forward": {"subscriber_id": 1, "forward": "CFU"}},
        {"name": "many", "ngcp.fax.fax_forward": {"subscribers": entries}, "ignore_errors": True},
    ]
    for status in ("changed", "ok"):
        run = playbooks.run(tasks).succeeded()
        assert run.statuses == {"one": status, "many": "failed"}
        assert "subscribers[1] (8), forward: must be one of unconditional, busy" in run.errors["many"]
    assert leads_to(simulator, 1) == [box_of(1)] and simulator.count("PATCH") == 1


@pytest.mark.both_fronts
def test_read_and_declared_again(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.add_fax_forwards(range(1, 21))
    simulator.add_fax_forwards([25], name="cfb", set_name="by hand", enabled=False)
    tasks = [
        {"name": "read", "ngcp.fax.fax_forward_info": {}, "register": "read"},
        {"name": "declare", "ngcp.fax.fax_forward": {"subscribers": "{{ read.subscribers }}"}},
    ]
    run = playbooks.run(tasks).succeeded()
    assert Counter(entry["forward"] for entry in run.result("read")["subscribers"]) == {
        "unconditional": 20,
        "none": 9,
        "busy": 1,
    }
    assert not run.result("declare")["changed"] and writes(simulator) == []


# ---- a fleet with everything that can be wrong

FIXABLE = {"missing": range(1, 6), "disabled": range(11, 16), "wrong_type": range(21, 25), "wrong_box": range(31, 35)}
NAMED = {"foreign_box": range(41, 45), "no_number": range(51, 55), "competing": range(61, 65)}


def populate(sim: Simulator) -> None:
    """Give every subscriber forwards of its own beside the right one to the fax box, and 30 of them a wrong one."""
    wrong = {name: [*numbers] for name, numbers in {**FIXABLE, **NAMED}.items()}
    documents: dict[int, Document] = {}
    for number in range(1, 301):
        documents[number] = {
            "cfb": [one_set("voicebox", name="vb")] if number % 2 else [],
            "cft": [{**one_set("4315550", "voicebox", name="office"), "timeset": OFFICE}] if number % 3 else [],
            "cfna": [{**one_set("4315551", name="boss"), "sourceset": BOSS, "enabled": False}] if number % 5 else [],
            "cft_ringtimeout": 20 if number % 3 else None,
        }
    for number in wrong["disabled"]:
        documents[number]["cfu"] = [{**one_set("fax2mail", name=OURS), "enabled": False}]
    for number in wrong["wrong_type"]:
        documents[number]["cfs"] = [one_set("fax2mail", name=OURS)]
    for number in wrong["wrong_box"]:
        documents[number]["cfu"] = [one_set(WRONG_BOX, name=OURS)]
    for number in wrong["competing"]:
        documents[number]["cfu"] = [one_set("voicebox", name="quickset_cfu")]
    sim.put_many_forwards(documents)
    without = {number for name in (*wrong.keys() - {"no_number"},) for number in wrong[name]}
    sim.add_fax_forwards([number for number in range(1, 301) if number not in without])
    for number in wrong["foreign_box"]:
        (theirs,) = [one["id"] for one in sim.sets("cfdestinationsets", 300) if one["name"] == OURS]
        sim.add_forwards(number, {"cfu": [{"destinationset_id": theirs}]})
    for number in wrong["no_number"]:
        sim.set_primary_number(number, None)


@pytest.mark.platform(subscribers=300)
@pytest.mark.parametrize("row_order", ["stored", "random"])
def test_exactly_what_can_be_put_right_is_written(playbooks: Playbooks, simulator: Simulator, row_order: str) -> None:
    populate(simulator)
    simulator.switch(row_order=row_order)
    fixable = [number for numbers in FIXABLE.values() for number in numbers]
    named = {number: code for code, numbers in NAMED.items() for number in numbers}
    forwards, tables = simulator.all_forwards(range(1, 301)), simulator.tables()
    fleet = {"forward": "unconditional", "subscribers": [{"subscriber_id": number} for number in range(1, 301)]}

    checked = playbooks.module("fax_forward", fleet, check=True).failed().only
    assert writes(simulator) == []
    applied = playbooks.module("fax_forward", fleet).failed().only
    for result in (checked, applied):
        found = {entry["subscriber_id"]: entry for entry in result["subscribers"]}
        assert sorted(number for number, entry in found.items() if entry["status"] == "changed") == fixable
        assert {n: entry["error"]["code"] for n, entry in found.items() if entry["status"] == "failed"} == named
        assert result["summary"]["unchanged"] == 270
    assert [entry["changes"] for entry in checked["subscribers"]] == [
        entry["changes"] for entry in applied["subscribers"]
    ]
    written = {int(path.split("/")[3]) for path in writes(simulator) if "cfmappings" in path}
    assert written == set(fixable) - set(FIXABLE["wrong_box"]), "the others need only another number in their set"

    compare(simulator, fixable, forwards, tables)
    simulator.clear_audit()
    again = playbooks.module("fax_forward", fleet).failed().only
    assert again["summary"]["changed"] == 0 and again["summary"]["failed"] == len(named)
    assert writes(simulator) == [] and simulator.bugs == []


def compare(
    sim: Simulator, fixable: list[int], forwards: dict[int, Document], tables: dict[str, list[Document]]
) -> None:
    """Compare whole tables with what they were: only forwards to the fax box of those who needed it may differ."""
    now = sim.tables()
    for name in ("cf_mappings", "cf_preferences"):
        rows = [[row for row in one[name] if row["subscriber_id"] not in fixable] for one in (tables, now)]
        assert rows[0] == rows[1], name
    for number, document in sim.all_forwards(range(1, 301)).items():
        before = forwards[number]
        for short in ("cfb", "cft", "cfna", "cfr", "cfo", "cft_ringtimeout"):
            assert document[short] == before[short], (number, short)
        if number not in fixable:
            assert document == before
        else:
            assert leads_to(sim, number) == [box_of(number)] and document["cfs"] == []
    for name in now:
        if name in ("cf_mappings", "cf_preferences", "cf_destination_sets", "cf_destinations"):
            continue
        assert now[name] == tables[name], name
    theirs = [[row for row in one["cf_destination_sets"] if row["name"] != OURS] for one in (tables, now)]
    assert theirs[0] == theirs[1]
    kept = {row["id"] for row in theirs[0]}
    elements = [[row for row in one["cf_destinations"] if row["set_id"] in kept] for one in (tables, now)]
    assert elements[0] == elements[1]
    ours = Counter(row["subscriber_id"] for row in now["cf_destination_sets"] if row["name"] == OURS)
    assert set(ours.values()) == {1}, "none of ours is left beside the one in use"


# ---- requests


@pytest.mark.platform(subscribers=2000)
def test_requests_for_a_fleet(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.add_fax_forwards(range(1, 1801))
    fleet = {"forward": "unconditional", "subscribers": [{"subscriber_id": number} for number in range(1, 2001)]}
    pages = {"subscribers": 20, "cfmappings": 20, "cfdestinationsets": 18}

    simulator.clear_audit()
    summary = playbooks.module("fax_forward", fleet).succeeded().only["summary"]
    assert (summary["changed"], summary["unchanged"]) == (200, 1800)
    assert read_lists(simulator) == pages
    assert Counter(writes(simulator)) == {f"PATCH /api/cfmappings/{number}": 1 for number in range(1801, 2001)}
    assert simulator.count("GET", r"^/api/cfmappings/\d+$") == 200, "what was written is read back"

    simulator.clear_audit()
    again = playbooks.module("fax_forward", fleet).succeeded().only["summary"]
    assert again["unchanged"] == 2000
    assert read_lists(simulator) == {**pages, "cfdestinationsets": 20}
    assert len(simulator.audit) == 60 + simulator.count("POST", "/login_jwt")

    simulator.clear_audit()
    playbooks.module("fax_forward", {**fleet, "forward": "none"}, check=True).succeeded()
    assert writes(simulator) == []


def read_lists(sim: Simulator) -> dict[str, int]:
    """Return how many pages of each list were read."""
    lists = [entry for entry in sim.audit if entry.method == "GET" and "subscriber_id=" not in entry.query]
    return dict(Counter(match[1] for entry in lists for match in [re.fullmatch(r"/api/(\w+)/", entry.path)] if match))


@pytest.mark.platform(subscribers=400)
def test_mappings_are_read_only_of_those_who_may_have_a_forward(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.add_fax_forwards(range(1, 6))
    simulator.put_many_forwards({number: {"cfu": [one_set("voicebox")]} for number in range(6, 300)})
    fleet = {"forward": "none", "subscribers": [{"subscriber_id": number} for number in range(1, 401)]}
    simulator.clear_audit()
    playbooks.module("fax_forward", fleet, check=True).succeeded()
    assert sorted(entry.path for entry in simulator.audit if "cfmappings" in entry.path and entry.method == "GET") == [
        f"/api/cfmappings/{number}" for number in range(1, 6)
    ]


# ---- what goes wrong


@pytest.mark.platform(write_delay=20)
def test_parallel_tasks_that_deadlock(playbooks: Playbooks, simulator: Simulator) -> None:
    """Each task has one writer, but there are eight tasks at once."""
    simulator.switch(forward_deadlock_probability=1.0, forward_collision_probability=0.0)
    (playbooks.folder / "hosts").write_text("\n".join(f"s{number} number={number}" for number in range(1, 17)))
    tasks = [{"name": "one", "ngcp.fax.fax_forward": {"subscriber_id": "{{ number }}", "forward": "unconditional"}}]
    play = {"hosts": "all", "connection": "local"}
    run = playbooks.run(tasks, "-i", "hosts", "--forks", "8", play=play).succeeded()
    assert [line["status"] for line in run.results] == ["changed"] * 16
    assert simulator.count("PATCH", status=500) > 0, "else this test shows nothing"
    for number in range(1, 17):
        assert leads_to(simulator, number) == [box_of(number)]
        assert len(simulator.sets("cfdestinationsets", number)) == 1


FAULTS: dict[str, Callable[[Simulator], object]] = {
    "deadlock": lambda sim: sim.fault("deadlock", method="PATCH", times=1),
    "collision": lambda sim: sim.fault("collision", method="PATCH", times=1),
    "lost before": lambda sim: sim.fault("reset", method="PATCH", times=1),
    "lost after": lambda sim: sim.fault("reset_after", method="PATCH", times=1),
    "gateway": lambda sim: sim.fault("status", status=502, method="PATCH", times=1),
    "gateway after": lambda sim: sim.fault("status_after", status=504, method="PATCH", times=1),
    "garbage after": lambda sim: sim.fault("garbage_after", method="PATCH", times=1),
    "lost deletion": lambda sim: sim.fault("reset_after", method="DELETE", times=1),
    "deadlock of a deletion": lambda sim: sim.fault("deadlock", method="DELETE", times=1),
}


def test_failures_of_the_platform(playbooks: Playbooks, simulator: Simulator) -> None:
    for name, fault in FAULTS.items():
        simulator.clear_forwards()
        simulator.add_fax_forwards([3], name="cfb")
        simulator.add_set("cfdestinationsets", 3, {"name": OURS, "destinations": ["fax2mail"]})
        fault(simulator)
        arguments = {"subscriber_id": 3, "forward": "unconditional", "retries": 1}
        result = playbooks.module("fax_forward", arguments).succeeded().only
        assert result["subscribers"][0]["status"] == "changed", name
        assert leads_to(simulator, 3) == [box_of(3)] and simulator.forwards(3)["cfb"] == [], name
        assert len(simulator.forwards(3)["cfu"]) == len(simulator.sets("cfdestinationsets")) == 1, name
        simulator.clear_faults()


def test_two_writers_at_once(playbooks: Playbooks, simulator: Simulator) -> None:
    """Somebody adds a forward on the platform's pages between the plan and the look."""
    document = {"cfu": [one_set("voicebox", name="quickset_cfu")]}

    def interfere(answer: Any) -> Any:
        simulator.add_forwards(3, document)
        return answer

    simulator.fault("replace", method="PATCH", times=1, change=interfere)
    result = playbooks.module("fax_forward", {"subscriber_id": 3, "forward": "unconditional"}).failed().only
    assert result["subscribers"][0]["status"] == "unverified"
    assert "voicebox.local" in result["msg"]


@pytest.mark.parametrize("account", ["readonly", "foreign-reseller"])
def test_who_may_not(playbooks: Playbooks, simulator: Simulator, account: str) -> None:
    fleet = {"forward": "unconditional", "subscribers": [{"subscriber_id": 1}, {"subscriber_id": 2}]}
    result = playbooks.module("fax_forward", {**fleet, **connection(simulator, account)}).failed().only
    assert result["summary"]["changed"] == 0
    assert simulator.tables("cf_mappings", "cf_destination_sets") == {"cf_mappings": [], "cf_destination_sets": []}
    if account == "readonly":
        assert result["error"]["code"] == "read_only" and not writes(simulator)
        checked = playbooks.module("fax_forward", {**fleet, **connection(simulator, account)}, check=True).failed().only
        assert checked["error"] == result["error"]


@pytest.mark.parametrize("account", ["reseller", "subscriber", "subscriberadmin", "ccare"])
@pytest.mark.parametrize("forwards", ["current", "released"])
def test_who_may(playbooks: Playbooks, simulator: Simulator, account: str, forwards: str) -> None:
    simulator.switch(forwards=forwards)
    own = {"api_url": simulator.subscriber_url} if account.startswith("subscriber") else {}
    arguments = {"subscriber_id": 1, **connection(simulator, account), **own}
    simulator.put_forwards(1, {"cfb": [one_set("voicebox", name="vb")]})
    before = simulator.all_forwards()
    for given in ({"forward": "unconditional"}, {"forward": "busy"}, {"state": "absent"}):
        run = playbooks.module("fax_forward", {**arguments, **given})
        if given.get("forward") == "busy":
            assert run.failed().only["error"]["code"] == "competing"
        else:
            assert run.succeeded().only["changed"]
    assert simulator.all_forwards() == before
    assert [one["name"] for one in simulator.sets("cfdestinationsets")] == ["vb"]


def test_a_profile_binds_a_subscriber(playbooks: Playbooks, simulator: Simulator) -> None:
    profile = simulator.add_profile("no forwards", ["fax_server"])
    simulator.change_subscriber(1, profile_id=profile)
    own = {**connection(simulator, "subscriber"), "api_url": simulator.subscriber_url}
    given = {"subscriber_id": 1, "forward": "unconditional"}
    result = playbooks.module("fax_forward", {**given, **own}, check=True).failed().only
    assert result["error"]["code"] == "forbidden_by_profile"
    assert "subscriber profile" in str(playbooks.module("fax_forward", given).succeeded().only["warnings"])


def test_the_number_changes(playbooks: Playbooks, simulator: Simulator) -> None:
    """A client's change takes the forward along; one behind its back is put right."""
    given = {"subscriber_id": 3, "forward": "unconditional"}
    playbooks.module("fax_forward", given).succeeded()
    simulator.set_primary_number(3, ("43", "1", "77"))
    result = playbooks.module("fax_forward", given).succeeded().only
    assert result["subscribers"][0]["changes"][0]["after"] == "43177"
    assert leads_to(simulator, 3) == ["sip:fax=43177@fax2mail.local"]


# ---- killed runs


class KilledError(BaseException):
    """The end of a process."""


class MortalTransport:
    """A transport whose process ends after some requests."""

    def __init__(self, transport: Transport, requests: int) -> None:
        self._transport = transport
        self._left = requests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def send(self, *request: Any, **options: Any) -> Any:
        if self._left == 0:
            raise KilledError
        self._left -= 1
        return self._transport.send(*request, **options)


TASK = settings_task(FORWARD)
DEFAULTS = {name: option.get("default") for name, option in {**connection_options(), **TASK.options}.items()}
STARTS: list[Document] = [
    {},
    {"cfu": [one_set("fax2mail", name=OURS)]},
    {"cfu": [{**one_set("fax2mail", name=OURS), "enabled": False}]},
    {"cfu": [one_set(WRONG_BOX, name=OURS)]},
    {"cfu": [one_set("fax2mail", name=OURS), one_set("fax2mail", name=OURS)]},
    {"cfb": [one_set("fax2mail", name=OURS)]},
    {"cfs": [one_set(WRONG_BOX, name=OURS)], "cft": [one_set("fax2mail", name=OURS)], "cft_ringtimeout": 9},
    {"cfu": [one_set("voicebox", name="mine")]},
    {"cfu": [one_set("fax2mail", name="mine"), one_set("fax2mail", name=OURS)]},
]
GOALS: list[Document] = [
    {"forward": "unconditional", "replace_foreign": True},
    {"forward": "timeout", "ring_timeout": 20},
    {"forward": "unconditional", "enabled": False, "replace_foreign": True},
    {"state": "absent"},
]


def run(sim: Simulator, given: Document, requests: int | None = None) -> dict[str, Any]:
    """Run a task in this process; it is killed after so many requests."""
    params = {**DEFAULTS, **connection(sim), "ca_path": sim.ca_path, "subscriber_id": 3, **given}

    def connect(options: Any) -> Any:
        lent = connected(options)
        if requests is None:
            return lent
        return _mortal(lent, requests)

    return TASK.run(params, Host(connect=connect))


def _mortal(lent: Any, requests: int) -> Any:
    import contextlib

    @contextlib.contextmanager
    def lending() -> Iterator[Any]:
        with lent as client:
            client._transport = MortalTransport(client._transport, requests)
            yield client

    return lending()


def test_killed_runs(simulator: Simulator, record_property: Callable[[str, object], None]) -> None:
    """Whatever a run leaves behind, the next one ends right, and nothing that is not ours is touched."""
    chance = random.Random(1)
    killed = 0
    for _number in range(500 if FULL else 30):
        simulator.clear_forwards()
        simulator.put_forwards(3, {**chance.choice(STARTS), "cfo": [{**one_set("voicebox"), "timeset": OFFICE}]})
        if chance.random() < 0.3:
            simulator.add_set("cfdestinationsets", 3, {"name": OURS, "destinations": [WRONG_BOX]})
        simulator.add_fax_forwards([4], name="cfb")
        foreign = state_of_others(simulator)
        given = chance.choice(GOALS)
        try:
            run(simulator, given, requests=chance.randrange(9))
        except KilledError:
            killed += 1
        result = run(simulator, given)
        assert not result.get("failed"), result
        assert not run(simulator, given)["changed"]
        check_is_tidy(simulator)
        assert state_of_others(simulator) == foreign
    assert killed > 10
    record_property("killed", killed)


def state_of_others(sim: Simulator) -> str:
    """Return everything that is not ours of subscriber 3, and everything of the others. A forward of the type that is
    declared may be replaced; its set stays."""
    sets = [one for one in sim.sets("cfdestinationsets") if (one["subscriber_id"], one["name"]) != (3, OURS)]
    conditions = [sim.sets(name) for name in ("cftimesets", "cfsourcesets", "cfbnumbersets")]
    return json.dumps([sets, conditions, sim.forwards(3)["cfo"], sim.forwards(4)], sort_keys=True)


def check_is_tidy(sim: Simulator) -> None:
    """No set of ours is without a mapping."""
    used = {row["destination_set_id"] for row in sim.tables("cf_mappings")["cf_mappings"]}
    assert {one["id"] for one in sim.sets("cfdestinationsets") if one["name"] == OURS} <= used
