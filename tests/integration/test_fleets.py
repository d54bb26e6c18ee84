# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets: how many requests they cost, and what happens when something goes wrong."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

FLEET = 300
DRIFTED = 30


def destinations(subscriber_id: int) -> list[dict[str, Any]]:
    return [{"destination": f"fax{subscriber_id}@example.org", "filetype": "PDF"}]


def declared(count: int, **extra: Any) -> list[dict[str, Any]]:
    return [
        {
            "subscriber_id": number,
            "active": True,
            "name": f"Branch {number}",
            "destinations": destinations(number),
            **extra,
        }
        for number in range(1, count + 1)
    ]


def provision(sim: Simulator, count: int, drifted: int) -> None:
    """Store the declared settings, and other ones for every so many-th subscriber."""
    for number in range(1, count + 1):
        stored = {"incoming": True, "outgoing": True, "status": True}
        settings = {
            "active": True,
            "name": f"Branch {number}",
            "password": f"OLD-CANARY-{number}",
            "destinations": [{**destinations(number)[0], **stored}],
        }
        if drifted and number % (count // drifted) == 0:
            settings["name"] = "Changed by hand"
        sim.put_settings("faxserversettings", number, settings)
    sim.clear_audit()


@pytest.mark.parametrize("form", ["list", "file"])
@pytest.mark.platform(subscribers=FLEET)
def test_requests_of_a_fleet(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path, form: str) -> None:
    provision(simulator, FLEET, DRIFTED)
    arguments: dict[str, Any] = {"subscribers": declared(FLEET)}
    if form == "file":
        (tmp_path / "files").mkdir()
        (tmp_path / "files/fleet.json").write_text(json.dumps(declared(FLEET)))
        arguments = {"subscribers_file": "fleet.json"}

    checked = playbooks.module("fax_settings", arguments, check=True).succeeded().only
    assert checked["summary"]["changed"] == DRIFTED
    assert simulator.count("PATCH") + simulator.count("PUT") == 0
    assert simulator.count("POST") == 1

    simulator.clear_audit()
    applied = playbooks.module("fax_settings", arguments).succeeded().only
    assert (simulator.count("PATCH"), simulator.count("PUT"), simulator.count("POST", "^/login_jwt$")) == (
        DRIFTED,
        0,
        1,
    )
    assert simulator.count("GET") == 3
    assert applied["diff"] == checked["diff"]
    assert applied["summary"] == {
        "total": FLEET,
        "changed": DRIFTED,
        "unchanged": FLEET - DRIFTED,
        "failed": 0,
        "unverified": 0,
        "not_attempted": 0,
        "requests": DRIFTED + 4,
        "retries": 0,
    }
    assert len(applied["subscribers"]) == DRIFTED

    simulator.clear_audit()
    again = playbooks.module("fax_settings", arguments).succeeded().only
    assert not again["changed"]
    assert (simulator.count("PATCH"), simulator.count("POST"), simulator.count("GET")) == (0, 1, 3)


def test_old_password_is_nowhere(playbooks: Playbooks, simulator: Simulator) -> None:
    provision(simulator, 10, 5)
    entries = declared(10, password="NEW-CANARY")
    for check in (True, False, False):
        run = playbooks.module("fax_settings", {"subscribers": entries}, check=check, verbosity=4).succeeded()
        assert "CANARY" not in run.output.replace(str(playbooks.folder), "")
        assert "CANARY" not in json.dumps(run.only)


def test_unknown_subscriber_fails_and_the_others_are_applied(playbooks: Playbooks, simulator: Simulator) -> None:
    entries = [{"subscriber_id": 1}, {"subscriber": "nobody@fax.example.com"}, {"subscriber_id": 4000}]
    result = playbooks.module("fax_settings", {"subscribers": entries, "active": True}).failed().only
    assert [entry["status"] for entry in result["subscribers"]] == ["changed", "failed", "failed"]
    assert [entry["error"]["code"] for entry in result["subscribers"][1:]] == ["not_found", "not_found"]
    assert simulator.settings("faxserversettings", 1)["active"]
    assert simulator.count("PATCH") == 1
    assert "subscribers[1]" in result["msg"]


def test_wrong_input_writes_nothing(playbooks: Playbooks, simulator: Simulator) -> None:
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"subscriber_id": 1, "destinations": [{"destination": "nobody"}]}, ["destinations[0].destination", "nobody"]),
        (
            {"subscribers": [{"subscriber_id": 1}, {"subscriber_id": 2, "destinations": [{"destination": "a@"}]}]},
            ["subscribers[1]", "destinations[0].destination"],
        ),
        (
            {"subscribers": [{"subscriber_id": 1, "destinations": [{"destination": "a@b.org", "filetype": "BMP"}]}]},
            ["subscribers[0]", "destinations[0].filetype", "BMP"],
        ),
        ({"subscribers": [{"subscriber_id": 1, "name": "x" * 65}]}, ["subscribers[0]", "name", "64"]),
        (
            {
                "subscribers": [
                    {"subscriber_id": 1, "destinations": [{"destination": "a@b.org"}, {"destination": "A@B.org"}]}
                ]
            },
            ["subscribers[0]", "destinations[1].destination", "destinations[0]"],
        ),
        (
            {"subscribers": [{"subscriber_id": 1}, {"subscriber_id": 2}, {"subscriber_id": 1}]},
            ["subscribers[2]", "subscriber_id", "subscribers[0]"],
        ),
        (
            {"subscribers": [{"subscriber_id": 1}, {"subscriber": "user0001@fax.example.com"}]},
            ["subscribers[1]", "subscribers[0]"],
        ),
        (
            {"subscribers": [{"subscriber_id": 1, "subscriber": "user0002@voip.example.net"}]},
            ["subscribers[0]", "subscriber", "user0002@voip.example.net"],
        ),
        ({"subscribers": [{"name": "x"}]}, ["subscribers[0]", "does not name a subscriber"]),
        ({"active": True}, ["none is given"]),
        ({"subscribers_file": ["fleet.csv"]}, ["subscribers_file: must be a string, not a list"]),
        ({"subscribers": [{"subscriber_id": 1, "actve": True}]}, ["subscribers[0]", "actve"]),
        ({"subscribers": [{"subscriber_id": 1}], "max_changes": "many"}, ["max_changes"]),
    ]
    run = playbooks.each("fax_settings", {str(given): {"t38": False, **given} for given, _words in cases})
    assert simulator.count("PATCH") == 0
    assert list(run.errors) == [str(given) for given, _words in cases]
    for given, words in cases:
        for word in words:
            assert word in run.errors[str(given)]


def test_wrong_credentials_are_tried_once(playbooks: Playbooks, simulator: Simulator) -> None:
    run = playbooks.module(
        "fax_settings",
        {"subscribers": declared(10), "concurrency": 8},
        environment={"NGCP_API_PASSWORD": "WRONG-CANARY"},
    ).failed()
    assert len(simulator.audit) == 1
    assert "wrong name or password" in run.only["msg"]
    assert run.only["error"]["code"] == "unauthorized"
    assert {entry["status"] for entry in run.only["subscribers"]} == {"not_attempted"}
    assert "CANARY" not in run.output


def test_too_many_changes_write_nothing(playbooks: Playbooks, simulator: Simulator) -> None:
    for check in (True, False):
        result = (
            playbooks.module("fax_settings", {"subscribers": declared(10), "max_changes": "50%"}, check=check)
            .failed()
            .only
        )
        assert result["error"]["code"] == "too_many_changes"
        assert "10 of 10" in result["msg"]
    assert simulator.count("PATCH") == 0


@pytest.mark.platform(subscribers=100)
def test_server_gone_in_the_middle(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.fault(method="PATCH", skip=20, action="stop")
    arguments = {"subscribers": declared(100), "retries": 0}
    result = playbooks.module("fax_settings", arguments).failed().only
    assert result["summary"]["not_attempted"] >= 70
    assert result["summary"]["total"] == 100
    counted = [entry["status"] for entry in result["subscribers"]]
    assert counted.count("changed") == result["summary"]["changed"]
    for entry in result["subscribers"]:
        stored = simulator.settings("faxserversettings", entry["subscriber_id"]) or {}
        written = bool(stored.get("active"))
        if entry["status"] in ("changed", "not_attempted"):
            assert written == (entry["status"] == "changed")


def test_stop_at_the_first_failure(playbooks: Playbooks, simulator: Simulator) -> None:
    entries = [{"subscriber_id": number} for number in (1, 2, 4000, 3)]
    result = (
        playbooks.module("fax_settings", {"subscribers": entries, "active": True, "on_error": "stop"}).failed().only
    )
    assert [entry["status"] for entry in result["subscribers"]] == ["not_attempted"] * 2 + ["failed", "not_attempted"]
    assert simulator.count("PATCH") == 0


def test_missing_library(playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    blocker = tmp_path / "blocked"
    blocker.mkdir()
    (blocker / "jsonpatch.py").write_text("raise ImportError('not here')\n")
    python_path = f"{blocker}:{playbooks.environment.get('PYTHONPATH', '')}"
    run = playbooks.module("fax_settings", {"subscriber_id": 1}, environment={"PYTHONPATH": python_path}).failed()
    assert "Failed to import the required Python library (jsonpatch)" in run.only["msg"]
