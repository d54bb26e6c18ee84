# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Forwards in the simulator: data behind the clients' back, rows, parallel writers, faults, times, set-ups."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from ngcp_simulator import Simulator
from simulator_client import Api

MAPPINGS = "/api/cfmappings"
SETS = "/api/cfdestinationsets"
SIMPLE = "/api/callforwards"
FAX = {"destination": "fax2mail", "priority": 1, "timeout": 300}
TYPES = ("cfu", "cfb", "cft", "cfna", "cfs", "cfr", "cfo")
NO_MAPPINGS: dict[str, list[Any]] = {name: [] for name in TYPES}
PATCH_HEADERS = {"Content-Type": "application/json-patch+json"}
VOICEBOX = {"destinationset": {"name": "box", "destinations": ["voicebox"]}}
OFFICE = {"timeset": {"name": "office", "times": [{"wday": "2-6", "hour": "8-17"}]}}


def added(name: str = "ngcp.fax", kind: str = "cfu") -> list[dict[str, Any]]:
    """Return a patch that adds a forward to the own fax box."""
    value = {"destinationset": {"name": name, "destinations": [FAX]}}
    return [{"op": "add", "path": f"/{kind}/-", "value": value}]


def replaced(path: str, value: Any) -> list[dict[str, Any]]:
    """Return a patch that replaces one value."""
    return [{"op": "replace", "path": path, "value": value}]


def put(api: Api, path: str, document: Any, **headers: str) -> requests.Response:
    """Send a PUT."""
    return api.send("PUT", path, json=document, headers=headers)


def set_id(api: Api, subscriber: int, kind: str = "cfu") -> int:
    """Return the id of the set of a subscriber's first forward of a type."""
    return int(api.get(f"{MAPPINGS}/{subscriber}").json()[kind][0]["destinationset_id"])


# Data


def test_forwards_are_stored_and_seen_without_a_request(simulator: Simulator, api: Api) -> None:
    """Documents of mappings with short destinations; contents come back without ids of rows."""
    simulator.put_forwards(3, {"cfb": [{**VOICEBOX, **OFFICE, "enabled": False}], "cft": [VOICEBOX]})
    simulator.add_fax_forwards([3, 4], use_redirection=True)
    shown = simulator.forwards(3)
    fax = {"destination": "sip:fax=43190003@fax2mail.local", "priority": 1, "timeout": 300, "announcement_id": None}
    assert shown["cfu"] == [
        {
            "destinationset": {"subscriber_id": 3, "name": "ngcp.fax", "destinations": [fax]},
            "timeset": None,
            "sourceset": None,
            "bnumberset": None,
            "enabled": True,
            "use_redirection": True,
        }
    ]
    (busy,) = shown["cfb"]
    assert (busy["enabled"], busy["timeset"]["times"][0]["hour"]) == (False, "8-17")
    assert (len(shown["cft"]), shown["cfs"], shown["cft_ringtimeout"]) == (1, [], None)
    assert sorted(simulator.all_forwards()) == [3, 4]
    (mapping,) = api.get(f"{MAPPINGS}/4").json()["cfu"]
    assert (mapping["destinationset"], mapping["use_redirection"]) == ("ngcp.fax", True)
    simulator.put_forwards(3, {"cfu": [VOICEBOX], "cft_ringtimeout": 20})
    assert simulator.forwards(3)["cfb"] == []
    assert [one["name"] for one in simulator.sets("cfdestinationsets", 3)] == ["box", "box", "ngcp.fax", "box"]
    simulator.clear_forwards([3])
    assert simulator.all_forwards() == {4: simulator.forwards(4)}
    simulator.clear_forwards()
    assert not any(simulator.tables().values())


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"cfx": []}, "unknown type 'cfx'"),
        ({"cfu": [{"destinationset_id": 77}]}, "Could not be found"),
        ({"cfu": [{"destinationset": {"name": "x", "destinations": [{"priority": None}]}}]}, "Invalid priority"),
    ],
    ids=["type", "set", "priority"],
)
def test_what_cannot_be_stored_is_an_error(simulator: Simulator, document: dict[str, Any], message: str) -> None:
    """Tests learn of their mistakes."""
    with pytest.raises(ValueError, match=message):
        simulator.put_forwards(3, document)


def test_names_that_tests_get_wrong(simulator: Simulator) -> None:
    """Unknown subscribers, resources and tables are errors too."""
    for attempt in (
        lambda: simulator.put_forwards(99, {}),
        lambda: simulator.sets("cfsets"),
        lambda: simulator.tables("cf_set"),
        lambda: simulator.add_set("cfdestinationsets", 3, {"name": "x", "destinations": [""]}),
    ):
        with pytest.raises(ValueError, match=r"there is no|unknown|empty"):
            attempt()


def test_whole_tables_are_compared_before_and_after(simulator: Simulator, api: Api) -> None:
    """A patch that only adds leaves all other rows as they are; any other write renumbers the subscriber's mappings."""
    simulator.put_many_forwards({one: {"cfb": [{**VOICEBOX, **OFFICE}]} for one in range(1, 6)})
    before = simulator.tables()
    assert api.patch(f"{MAPPINGS}/3", added()).status_code == 200
    after = simulator.tables()
    new = {name: [row for row in rows if row not in before[name]] for name, rows in after.items()}
    assert {name: len(rows) for name, rows in new.items() if rows} == {
        "cf_mappings": 1,
        "cf_destination_sets": 1,
        "cf_destinations": 1,
        "cf_preferences": 1,
    }
    assert all(row in after[name] for name, rows in before.items() for row in rows)
    contents = simulator.all_forwards()
    assert api.patch(f"{MAPPINGS}/3", replaced("/cfu/0/enabled", True)).status_code == 200
    renumbered = simulator.tables()
    assert simulator.all_forwards() == contents
    assert [row for row in after["cf_mappings"] if row not in renumbered["cf_mappings"]] == [
        row for row in after["cf_mappings"] if row["subscriber_id"] == 3
    ]
    assert {name: renumbered[name] for name in after if name not in ("cf_mappings", "cf_preferences")} == {
        name: after[name] for name in after if name not in ("cf_mappings", "cf_preferences")
    }


def test_two_thousand_subscribers() -> None:
    """A fleet with forwards is there at once, and so are its pages."""
    start = time.monotonic()
    with Simulator(subscribers=2000, fax_forwards=200) as one:
        api = Api(one)

        def items(path: str, pages: int) -> list[dict[str, Any]]:
            return [
                one for page in range(1, pages + 1) for one in api.items(f"{path}/?rows=100&page={page}&order_by=id")
            ]

        mappings, sets = items(MAPPINGS, 20), items(SETS, 2)
    assert [item["id"] for item in mappings if item["cfu"]] == list(range(1, 201))
    assert [item["subscriber_id"] for item in sets] == list(range(1, 201))
    assert time.monotonic() - start < 10


def test_terminated_subscribers_take_forwards_to_them_along(simulator: Simulator, api: Api) -> None:
    """Whoever uses the set of a terminated subscriber has lost that forward."""
    simulator.add_fax_forwards([3, 4])
    simulator.add_forwards(5, {"cfu": [{"destinationset_id": set_id(api, 4)}]})
    simulator.terminate(4)
    assert sorted(simulator.all_forwards()) == [3]
    assert api.get(f"{MAPPINGS}/4").status_code == 404


# Rows


def test_ids_of_sets_come_back_and_those_of_mappings_do_not(simulator: Simulator, api: Api) -> None:
    """Sets that a mapping brings along are numbered from the highest id that there is, all else goes on counting."""
    api.patch(f"{MAPPINGS}/3", added())
    api.patch(f"{MAPPINGS}/4", added())
    last = set_id(api, 4)
    mapping = api.get(f"{MAPPINGS}/4").json()["cfu"][0]["cfm_id"]
    assert last == set_id(api, 3) + 2
    api.send("DELETE", f"{SETS}/{last}")
    api.patch(f"{MAPPINGS}/5", added())
    assert set_id(api, 5) == last
    assert api.get(f"{MAPPINGS}/5").json()["cfu"][0]["cfm_id"] == mapping + 1
    posted = api.send("POST", f"{SETS}/", json={"subscriber_id": 6, "name": "x", "destinations": []})
    assert posted.headers["Location"] == f"{SETS}/{last + 1}"


def test_rolled_back_writes_use_up_ids(simulator: Simulator, api: Api) -> None:
    """The simplified view makes a mapping of every type at first; a refusal takes the rows back, not their numbers."""
    simulator.put_forwards(3, {"cfb": [VOICEBOX, VOICEBOX]})
    refused = api.send("PATCH", f"{SIMPLE}/3", data=json.dumps(replaced("/cfu", {})), headers=PATCH_HEADERS)
    assert refused.json()["message"] == "Not a simple cf. Multiple cfb-s configured."
    api.patch(f"{MAPPINGS}/3", added())
    assert [row["id"] for row in simulator.tables("cf_mappings")["cf_mappings"]] == [1, 2, 4]


def test_stale_preference_stays_until_a_write_of_mappings(simulator: Simulator, api: Api) -> None:
    """Whoever deletes a used set leaves the hidden preference behind; an empty patch mends it."""

    def preferences() -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in simulator.tables("cf_preferences")["cf_preferences"]]

    simulator.put_forwards(3, {"cfu": [VOICEBOX], "cft": [VOICEBOX], "cft_ringtimeout": 20})
    assert preferences() == [(3, "cft", 2), (3, "cfu", 1), (3, "ringtimeout", 20)]
    api.send("DELETE", f"{SETS}/{set_id(api, 3)}")
    assert preferences() == [(3, "cft", 2), (3, "cfu", 1), (3, "ringtimeout", 20)]
    api.patch(f"{MAPPINGS}/3", [])
    assert preferences() == [(3, "cft", 2), (3, "ringtimeout", 20)]
    assert api.get(f"{MAPPINGS}/3").json()["cft_ringtimeout"] == 20


def test_subscribers_without_a_number(simulator: Simulator, api: Api) -> None:
    """The UUID takes its place, but a set that is posted gets a dead address."""
    simulator.set_primary_number(3, None)
    uuid = api.get("/api/subscribers/3").json()["uuid"]
    api.patch(f"{MAPPINGS}/3", added())
    document = {"subscriber_id": 3, "name": "x", "destinations": [FAX]}
    path = api.send("POST", f"{SETS}/", json=document).headers["Location"]
    assert api.get(path).json()["destinations"][0]["destination"] == "sip:fax=@fax2mail.local"
    own = f"{SETS}/{set_id(api, 3)}"
    assert api.get(own).json()["destinations"][0]["destination"] == f"sip:fax={uuid}@fax2mail.local"
    api.patch(path, replaced("/destinations", [FAX]))
    assert api.get(path).json()["destinations"][0]["destination"] == f"sip:fax={uuid}@fax2mail.local"
    assert api.get(f"{SIMPLE}/3").json()["cfu"]["destinations"][0]["destination"] == "fax2mail"


def test_delete_of_unused_sets_with_an_empty_patch(simulator: Simulator, api: Api) -> None:
    """It takes the used ones, unless others use them or own them."""
    simulator.add_fax_forwards([3, 4])
    shared = set_id(api, 3)
    simulator.add_forwards(4, {"cfb": [{"destinationset_id": shared}]})
    simulator.add_forwards(3, {"cfb": [VOICEBOX]})
    assert api.send("PATCH", f"{MAPPINGS}/3?delete_unused_sets=1", data="[]", headers=PATCH_HEADERS).status_code == 204
    assert [len(simulator.forwards(3)[name]) for name in ("cfu", "cfb")] == [1, 0]
    assert [one["id"] for one in simulator.sets("cfdestinationsets", 3)] == [shared]


ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    1.5,
    10**25,
    "",
    " ",
    "x",
    "@",
    "\ud800",
    "\U0001f4e0",
    [],
    {},
    [None],
    {"x": 1},
    [{}],
)
PLACES: tuple[Callable[[Any], tuple[str, str, Any]], ...] = (
    lambda odd: ("PUT", f"{MAPPINGS}/3", odd),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cfu": odd}),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cfu": [odd]}),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cft_ringtimeout": odd}),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cfu": [{"destinationset": odd}]}),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cfu": [{"destinationset_id": odd}]}),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cfu": [{"destinationset": {"name": odd}}]}),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cfu": [{"destinationset": {"name": "x"}, "timeset": odd}]}),
    lambda odd: ("PUT", f"{MAPPINGS}/3", {**NO_MAPPINGS, "cfu": [{"destinationset": {"name": "x"}, "enabled": odd}]}),
    lambda odd: ("POST", f"{SETS}/", {"subscriber_id": odd, "name": "x"}),
    lambda odd: ("POST", f"{SETS}/", {"subscriber_id": 3, "name": "x", "destinations": odd}),
    lambda odd: ("POST", f"{SETS}/", {"subscriber_id": 3, "name": "x", "destinations": [odd]}),
    lambda odd: ("POST", f"{SETS}/", {"subscriber_id": 3, "name": "x", "destinations": [{"destination": odd}]}),
    lambda odd: ("POST", f"{SETS}/", {"subscriber_id": 3, "name": "x", "destinations": [{**FAX, "timeout": odd}]}),
    lambda odd: ("POST", "/api/cftimesets/", {"subscriber_id": 3, "name": "x", "times": [{"hour": odd}]}),
    lambda odd: ("POST", "/api/cfsourcesets/", {"subscriber_id": 3, "name": "x", "mode": odd, "sources": [{}]}),
    lambda odd: (
        "POST",
        "/api/cfbnumbersets/",
        {"subscriber_id": 3, "name": odd, "mode": "whitelist", "bnumbers": odd},
    ),
    lambda odd: ("PUT", f"{SIMPLE}/3", odd),
    lambda odd: ("PUT", f"{SIMPLE}/3", {"cfu": odd}),
    lambda odd: ("PUT", f"{SIMPLE}/3", {"cfu": {"destinations": odd, "times": odd}}),
    lambda odd: ("PUT", f"{SIMPLE}/3", {"cfb": {"destinations": [FAX], "destination_set": odd}}),
    lambda odd: ("PUT", f"{SIMPLE}/3", {"cfb": {"destinations": [{"destination": odd, "priority": odd}]}}),
    lambda odd: ("PUT", f"{SIMPLE}/3", {"cft": {"destinations": [FAX], "ringtimeout": odd, "sources_mode": odd}}),
)


@pytest.mark.parametrize("sql_mode", ["lenient", "strict"])
def test_odd_values_get_an_answer(simulator: Simulator, api: Api, sql_mode: str) -> None:
    """Whatever stands wherever, the platform answers, and everything can be read afterwards."""
    simulator.switch(sql_mode=sql_mode)
    status = {api.send(*place(odd)[:2], json=place(odd)[2]).status_code for odd in ODD for place in PLACES}
    assert status == {201, 204, 400, 415, 422, 500}
    for path in (MAPPINGS, SETS, SIMPLE, "/api/cftimesets", "/api/cfsourcesets", "/api/cfbnumbersets"):
        assert api.get(f"{path}/?rows=100").status_code == 200


# Profiles


def test_profiles_hide_types_from_subscribers_in_the_simple_view_only(simulator: Simulator, api: Api) -> None:
    """Administrators see all; the mappings ignore profiles."""
    profile = simulator.add_profile("no busy", ["cfu", "fax_server"])
    simulator.change_subscriber(1, profile_id=profile)
    simulator.put_forwards(1, {"cfu": [VOICEBOX], "cfb": [VOICEBOX]})
    own = Api(simulator, "subscriber")
    assert own.get(f"{SIMPLE}/1").json().keys() - {"_links"} == {"cfu"}
    assert api.get(f"{SIMPLE}/1").json()["cfb"]["destinations"]
    assert own.get(f"{MAPPINGS}/1").json()["cfb"]
    assert put(own, f"{SIMPLE}/1", {"cfb": {"destinations": [FAX]}}).status_code == 204
    assert api.get(f"{SIMPLE}/1").json()["cfb"]["destinations"][0]["destination"] == "voicebox"
    assert api.get("/api/subscribers/1").json()["profile_id"] == profile
    shown = api.get(f"/api/subscriberprofiles/{profile}").json()
    assert (shown["name"], shown["attributes"], shown["set_default"]) == ("no busy", ["cfu", "fax_server"], False)
    assert [one["id"] for one in own.items("/api/subscriberprofiles/")] == [profile]
    assert Api(simulator, "foreign-reseller").items("/api/subscriberprofiles/") == []
    assert api.items("/api/subscriberprofiles/?name=NO*")[0]["id"] == profile
    assert api.get("/api/subscriberprofiles/99").status_code == 404
    simulator.change_subscriber(1, profile_id=None)
    assert own.get(f"{SIMPLE}/1").json()["cfb"]["destinations"]


# Parallel writers


def _parallel(api: list[Api], work: Callable[[Api, int], requests.Response]) -> list[int]:
    with ThreadPoolExecutor(len(api)) as pool:
        return [answer.status_code for answer in pool.map(work, api, range(1, len(api) + 1))]


def test_parallel_writers_that_bring_sets_deadlock(simulator: Simulator) -> None:
    """Those that name sets do not, nor does a single one; what failed was rolled back."""
    simulator.switch(forward_deadlock_probability=1.0, write_delay=40)
    clients = [Api(simulator) for _number in range(4)]
    status = _parallel(clients, lambda api, one: api.patch(f"{MAPPINGS}/{one}", added()))
    assert sorted(status) == [200, 500, 500, 500]
    assert len(simulator.sets("cfdestinationsets")) == len(simulator.all_forwards()) == 1
    simulator.switch(forward_deadlock_probability=0.0)
    simulator.clear_forwards()
    simulator.add_fax_forwards(range(1, 5))
    simulator.switch(forward_deadlock_probability=1.0)
    status = _parallel(clients, lambda api, one: api.patch(f"{MAPPINGS}/{one}", replaced("/cfu/0/enabled", False)))
    assert status == [200] * 4
    assert clients[0].patch(f"{MAPPINGS}/7", added()).status_code == 200
    simulator.switch(forward_deadlock_probability=0.0, forward_collision_probability=1.0)
    status = _parallel(clients, lambda api, one: api.patch(f"{MAPPINGS}/{one}", added("again")))
    assert sorted(status) == [200, 422, 422, 422]


def test_writers_of_one_subscriber_lose_updates(simulator: Simulator) -> None:
    """Patches that add survive, whole lists overwrite each other; without luck they deadlock."""
    simulator.switch(write_delay=40)
    clients = [Api(simulator) for _number in range(3)]
    simulator.add_fax_forwards([9])
    value = [{"destinationset_id": set_id(clients[0], 9)}]
    kinds = ("cfb", "cft", "cfna")
    status = _parallel(clients, lambda api, one: api.patch(f"{MAPPINGS}/9", replaced(f"/{kinds[one - 1]}", value)))
    assert status == [200] * 3
    assert sum(len(simulator.forwards(9)[name]) for name in kinds) == 1
    status = _parallel(clients, lambda api, one: api.patch(f"{MAPPINGS}/9", added(f"set {one}")))
    assert (status, len(simulator.forwards(9)["cfu"])) == ([200] * 3, 4)
    simulator.switch(forward_deadlock_probability=1.0)
    status = _parallel(clients, lambda api, _one: api.patch(f"{MAPPINGS}/9", replaced("/cfu", value)))
    assert sorted(status) == [200, 500, 500]


def test_more_writers_of_mappings_give_no_speed(simulator: Simulator) -> None:
    """They wait for each other, whoever's mappings they are about; writers of sets do not."""
    simulator.switch(write_delay=50)
    clients = [Api(simulator) for _number in range(4)]
    start = time.monotonic()
    _parallel(clients, lambda api, one: api.patch(f"{MAPPINGS}/{one}", []))
    assert time.monotonic() - start >= 4 * 0.050
    paths = [f"{SETS}/{simulator.add_set('cfdestinationsets', one, {'name': 'x'})}" for one in range(1, 5)]
    simulator.switch(write_delay=1000)
    start = time.monotonic()
    _parallel(clients, lambda api, one: api.patch(paths[one - 1], replaced("/name", "y")))
    assert 0.5 <= time.monotonic() - start < 4 * 0.5


# Faults


def test_faults_meet_the_subscribers_of_forwards(simulator: Simulator, api: Api) -> None:
    """Item, query and body name a subscriber; the audit log knows what was sent."""
    fault = simulator.fault("status", status=503, path="/(cf|callf)", subscribers=[3])
    assert [api.get(f"{path}/3").status_code for path in (MAPPINGS, SIMPLE)] == [503, 503]
    assert api.get(f"{SETS}/?subscriber_id=3").status_code == 503
    document = {"subscriber_id": 3, "name": "x", "destinations": []}
    assert api.send("POST", f"{SETS}/", json=document).status_code == 503
    assert [api.get(f"{path}/4").status_code for path in (MAPPINGS, SIMPLE)] == [200, 200]
    assert (fault.hits, simulator.tables("cf_destination_sets")) == (4, {"cf_destination_sets": []})
    (record,) = simulator.audit.find("POST", f"^{SETS}/$")
    assert json.loads(record.body) == document


def test_lost_answers(simulator: Simulator, api: Api) -> None:
    """A write that was applied and a connection that was reset: the same patch again makes a second mapping."""
    simulator.fault("reset_after", method="PATCH", path=MAPPINGS, times=1)
    with pytest.raises(requests.ConnectionError):
        api.patch(f"{MAPPINGS}/3", added())
    assert len(simulator.forwards(3)["cfu"]) == 1
    api.patch(f"{MAPPINGS}/3", added())
    assert len(simulator.forwards(3)["cfu"]) == 2


def test_failures_of_the_database(simulator: Simulator, api: Api) -> None:
    """A deadlock and a collision of ids, in the words of each resource; nothing is written."""
    simulator.add_fax_forwards([3])
    path = f"{SETS}/{set_id(api, 3)}"
    document = {"subscriber_id": 4, "name": "x", "destinations": [FAX]}
    forward = {"cfu": {"destinations": [FAX]}}
    before = simulator.tables()
    for action, status, message in (
        ("deadlock", 500, "Internal Server Error"),
        ("collision", 422, "Failed to create cfmapping."),
    ):
        simulator.fault(action)
        answers = [
            api.patch(f"{MAPPINGS}/4", added()),
            put(api, f"{MAPPINGS}/3", NO_MAPPINGS),
            api.send("POST", f"{SETS}/", json=document),
            api.patch(path, replaced("/name", "y")),
            api.send("DELETE", path),
            put(api, f"{SIMPLE}/4", forward),
            api.send("DELETE", f"{SIMPLE}/3"),
        ]
        simulator.clear_faults()
        assert [(one.status_code, one.json()["message"]) for one in answers] == [
            (status, message),
            (status, message),
            (500, "Failed to create cfdestinationset."),
            (500, "Failed to create cfdestinationset."),
            (500, "Internal Server Error"),
            (500, "CallForward 'cfu' could not be updated."),
            (500, "CallForward 'cfu' could not be updated."),
        ]
        assert simulator.tables() == before


def test_repeated_writes(simulator: Simulator, api: Api) -> None:
    """Sets and the simple view are repeated inside the platform: applied, and a 500 for those who want to see it."""
    simulator.switch(fax_deadlock_delay=1)
    path = f"{SETS}/{simulator.add_set('cfdestinationsets', 3, {'name': 'x', 'destinations': ['fax2mail']})}"
    simulator.fault("deadlock_after")
    answer = api.patch(path, replaced("/name", "y"))
    assert (answer.status_code, answer.json()["name"]) == (500, "y")
    assert answer.headers["Preference-Applied"] == "return=representation"
    assert put(api, f"{SIMPLE}/4", {"cfu": {"destinations": [FAX]}}).status_code == 204
    assert api.patch(f"{MAPPINGS}/5", added()).status_code == 200
    assert sorted(simulator.all_forwards()) == [4, 5]


def test_data_that_change_between_pages(simulator: Simulator, api: Api) -> None:
    """Somebody takes a forward away while a client pages."""
    simulator.add_fax_forwards(range(1, 31))
    simulator.after_page("cfdestinationsets", 1, lambda: simulator.clear_forwards([1]))
    pages = [api.items(f"{SETS}/?rows=20&page={page}&order_by=id") for page in (1, 2)]
    assert [one["subscriber_id"] for page in pages for one in page] == [*range(1, 21), *range(22, 31)]


# Times


def test_costs_of_pages_and_writes(simulator: Simulator, api: Api) -> None:
    """A page of mappings costs more than one of settings, a page of sets less; so do reads and writes of items."""
    simulator.add_fax_forwards(range(1, 31))
    simulator.clear_audit()
    simulator.switch(item_delay=5)
    paths = ("/api/faxserversettings/", f"{MAPPINGS}/", f"{SETS}/", f"{SIMPLE}/")
    for path in paths * 3:  # the shortest time of each counts, because the machine may be busy
        api.get(f"{path}?rows=20")
    durations = [record.duration for record in simulator.audit]
    page, mappings, sets, simple = (min(durations[position :: len(paths)]) for position in range(len(paths)))
    assert mappings >= 20 * 0.005 * 3.5
    assert simple >= 20 * 0.005 * 2.3
    assert page >= 20 * 0.005
    assert sets < page
    simulator.switch(item_delay=0, read_delay=20, write_delay=40)
    simulator.clear_audit()
    api.get(f"{MAPPINGS}/3")
    api.get(f"{MAPPINGS}/3?expand=all")
    api.patch(f"{MAPPINGS}/3", [])
    read, expanded, write = (record.duration for record in simulator.audit)
    assert read >= 0.038
    assert expanded >= 0.068
    assert write >= 0.076


# Set-ups


def test_released_platforms(simulator: Simulator, api: Api) -> None:
    """No expansion, no usage counts, no check for equal names, no deletion of unused sets."""
    simulator.switch(forwards="released")
    simulator.add_fax_forwards([3])
    (mapping,) = api.get(f"{MAPPINGS}/3?expand=all").json()["cfu"]
    assert "destinationset_id_expand" not in mapping
    path = f"{SETS}/{mapping['destinationset_id']}"
    assert "usage_count" not in api.get(path).json()
    document = {"subscriber_id": 3, "name": "ngcp.fax", "destinations": [FAX]}
    assert api.send("POST", f"{SETS}/", json=document).status_code == 201
    assert put(api, f"{MAPPINGS}/3?delete_unused_sets=1", {**NO_MAPPINGS, "cfu": [mapping]}).status_code == 204
    assert put(api, f"{MAPPINGS}/3?delete_unused_sets=1", NO_MAPPINGS).status_code == 204
    assert len(simulator.sets("cfdestinationsets", 3)) == 2


def test_no_order_of_rows(simulator: Simulator, api: Api) -> None:
    """With `row_order` the same list comes in different orders, and the same destinations."""
    simulator.switch(row_order="random")
    names = [f"set {number}" for number in range(8)]
    simulator.put_forwards(
        3, {"cfu": [{"destinationset": {"name": name, "destinations": list("abcdefgh")}} for name in names]}
    )
    path = f"{SETS}/{set_id(api, 3)}"
    mappings = [[one["destinationset"] for one in api.get(f"{MAPPINGS}/3").json()["cfu"]] for _number in range(5)]
    elements = [[one["priority"] for one in api.get(path).json()["destinations"]] for _number in range(5)]
    for found in (mappings, elements):
        assert len({tuple(one) for one in found}) > 1
        assert len({tuple(sorted(one)) for one in found}) == 1
    assert len({api.get(f"{SIMPLE}/3").json()["cfu"]["destination_set"]["name"] for _number in range(20)}) > 1


def test_older_shape(simulator: Simulator, api: Api) -> None:
    """Single links and items are objects."""
    simulator.switch(hal="old")
    simulator.add_fax_forwards([3])
    assert api.get(f"{MAPPINGS}/3").json()["_links"]["ngcp:subscribers"] == {"href": "/api/subscribers/3"}
    assert api.get(f"{SETS}/?rows=1").json()["_embedded"]["ngcp:cfdestinationsets"]["subscriber_id"] == 3
    assert api.get(f"{SIMPLE}/3").json()["_links"]["ngcp:callforwards"] == {"href": f"{SIMPLE}/3"}


def test_no_licence_is_needed(simulator: Simulator, api: Api) -> None:
    """Neither the licence nor the feature matters."""
    simulator.switch(license=False, fax_feature=False)
    assert api.patch(f"{MAPPINGS}/3", added()).status_code == 200
    assert api.get(f"{SETS}/{set_id(api, 3)}").status_code == 200


def test_locks_of_subscribers(simulator: Simulator, api: Api) -> None:
    """A lock is shown with the subscriber; its forwards are read and written all the same."""
    simulator.change_subscriber(3, lock=4)
    simulator.lock_subscriber(3)
    shown = api.get("/api/subscribers/3").json()
    assert (shown["lock"], shown["status"]) == (4, "locked")
    assert api.patch(f"{MAPPINGS}/3", added()).status_code == 200


# Control interface


def test_control_interface(simulator: Simulator, api: Api) -> None:
    """The same from another process."""
    control = {"X-Simulator-Token": simulator.control_token}

    def call(method: str, path: str, **more: Any) -> Any:
        answer = api.send(method, "/_simulator/" + path, headers=control, **more)
        assert answer.status_code in (200, 204), answer.text
        return answer.json() if answer.content else None

    call("POST", "forwards", json={"fax_box": [3, 4], "type": "cfb", "enabled": False})
    call("PUT", "forwards/5", json={"cfu": [VOICEBOX]})
    call("PUT", "forwards", json={"6": {"cfu": [VOICEBOX]}, "7": {"cfu": [VOICEBOX]}})
    call("POST", "forwards/7", json={"cfu": [VOICEBOX]})
    assert call("GET", "forwards/3")["forwards"] == simulator.forwards(3)
    assert sorted(call("GET", "forwards")["forwards"]) == ["3", "4", "5", "6", "7"]
    shown = call("GET", "forwards?ids=7,8")["forwards"]
    assert [len(shown[one]["cfu"]) for one in ("7", "8")] == [2, 0]
    made = call("POST", "sets/cfsourcesets", json={"subscriber_id": 3, "name": "from", "sources": ["4350"]})["id"]
    (stored,) = call("GET", "sets/cfsourcesets?subscriber_id=3")["sets"]
    assert (stored["id"], stored["mode"], stored["sources"]) == (made, "whitelist", [{"source": "4350"}])
    assert call("GET", "tables")["tables"] == simulator.tables()
    assert list(call("GET", "tables?names=numbers")["tables"]) == ["numbers"]
    profile = call("POST", "profiles", json={"name": "p", "attributes": ["cfu"]})["id"]
    call("PATCH", "subscribers/3", json={"profile_id": profile, "lock": 3, "primary_number": None})
    subscriber = api.get("/api/subscribers/3").json()
    assert (subscriber["profile_id"], subscriber["lock"], subscriber["primary_number"]) == (profile, 3, None)
    call("PATCH", "subscribers/3", json={"primary_number": ["43", "1", "5"]})
    assert api.get("/api/subscribers/3").json()["primary_number"]["sn"] == "5"
    call("POST", "hooks", json={"resource": "cfmappings", "page": 1, "forwards": {"9": {"cfu": [VOICEBOX]}}})
    api.get(f"{MAPPINGS}/?rows=5")
    assert len(simulator.forwards(9)["cfu"]) == 1
    call("DELETE", "forwards/9")
    assert simulator.forwards(9)["cfu"] == []
    call("DELETE", "forwards")
    assert simulator.all_forwards() == {}
    assert api.send("PUT", "/_simulator/forwards/3", headers=control, json={"cfx": []}).status_code == 400
