# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role ``fleet`` by its playbook: all errors before the first write, one run converges, the next does nothing."""

from __future__ import annotations

import json
import os
import pathlib
import re
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import (
    RESOURCES,
    diffs,
    provision,
    row,
    stored,
    summary,
    write_csv,
)
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks, Run
from ansible_collections.ngcp.fax.tests.integration.support.simulated import simulated, written

FLEET = "ngcp.fax.fleet"
TASK = "ngcp.fax.fleet : Make the fleet match its declaration"
SUMMARY = "ngcp.fax.fleet : Show the summary"
FILE = ("-e", "fleet_file=fleet.csv")
COUNTS = ("total", "changed", "unchanged", "failed", "unverified", "not_attempted", "stale")


def changed_tasks(run: Run) -> int:
    """Return how many changes the recap shows."""
    (count,) = re.findall(r"ok=\d+ +changed=(\d+)", run.output)
    return int(count)


def counts(run: Run) -> dict[str, int]:
    return {name: value for name, value in summary(run).items() if name in COUNTS and value}


@pytest.fixture(autouse=True)
def no_files_are_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Working files hold secrets: whatever happens, none of them stays."""
    with tempfile.TemporaryDirectory() as folder:  # a short name: Ansible makes sockets there
        monkeypatch.setenv("TMPDIR", folder)
        yield
        assert not [path for path in pathlib.Path(folder).rglob("*") if path.name.startswith("ngcp-fax")]


@pytest.mark.platform(subscribers=2000)
def test_two_thousand_rows(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    total, drifted = 2000, range(501, 751)
    rows = {number: row(number) for number in range(1, total + 1)}
    bad = {
        **rows,
        17: row(17, t38="maybe"),
        400: row(400, destinations="fax400@example.org; nobody"),
        1200: row(1200, subscriber_id="1199"),
        1700: row(1700, acl="from_email=boss state=absent"),
        1999: row(1999, secret_key="CANARY" * 50),
    }
    write_csv(tmp_path / "fleet.csv", bad.values())
    run = playbooks.playbook(FLEET, *FILE).failed()
    result = run.result(TASK)
    assert [(error["row"], error["field"]) for error in result["error"]["details"]] == [
        (18, "t38"),
        (401, "destinations[1].destination"),
        (1201, "subscriber_id"),
        (1701, "acl[0].state"),
        (2000, "secret_key"),
    ]
    for error in result["error"]["details"]:
        assert error["file"] == "fleet.csv"
        assert f"fleet.csv row {error['row']}" in result["msg"] and error["message"] in result["msg"]
    assert len(simulator.audit) == 0
    assert changed_tasks(run) == 0
    assert "CANARY" not in run.output + json.dumps(run.results)

    provision(simulator, [number for number in rows if number not in drifted])
    write_csv(tmp_path / "fleet.csv", rows.values())
    run = playbooks.playbook(FLEET, *FILE, "-e", "fleet_chunk_size=100").succeeded()
    assert simulator.count() == 2 * 20 + 2 * len(drifted) + 1, "by id: two lists, the writes and one log-in"
    assert counts(run) == {"total": total, "changed": len(drifted), "unchanged": total - len(drifted)}
    assert sorted(written(simulator)) == sorted((resource, number) for resource in RESOURCES for number in drifted)
    assert "2000 subscribers: 250 changed, 1750 unchanged" in run.output
    assert simulator.settings("faxserversettings", 750)["name"] == "Branch 750"
    assert simulator.settings("mailtofaxsettings", 750)["secret_key"] == "CANARY-key-750"

    simulator.clear_audit()
    run = playbooks.playbook(FLEET, *FILE).succeeded()
    assert counts(run) == {"total": total, "unchanged": total}
    assert written(simulator) == []
    assert changed_tasks(run) == 0


def test_unknown_columns_and_fields_are_told_at_once(playbooks: Playbooks, simulator: Simulator) -> None:
    write_csv(
        playbooks.folder / "fleet.csv",
        [{"subscriber_id": "1", "actve": "yes", "t38": "x"}, {"subscriber_id": "x", "Nam": "", "t38": "z"}],
        ("subscriber_id", "actve", "Nam", "t38"),
    )
    result = playbooks.playbook(FLEET, *FILE).failed().result(TASK)
    assert [(error["row"], error["field"]) for error in result["error"]["details"]] == [
        (None, "actve"),
        (None, "Nam"),
        (2, "t38"),
        (3, "subscriber_id"),
        (3, "t38"),
    ]
    assert "did you mean 'active'?" in result["msg"] and "did you mean 'name'?" in result["msg"]
    assert not simulator.audit


def test_subscribers_that_cannot_be_planned_stop_the_run(playbooks: Playbooks, simulator: Simulator) -> None:
    rows = [row(1), row(4000), row(2), {"subscriber": "nobody@fax.example.com", "active": "yes"}]
    write_csv(playbooks.folder / "fleet.csv", rows, ("subscriber", *rows[0]))
    run = playbooks.playbook(FLEET, *FILE).failed()
    message = run.result(TASK)["msg"]
    assert "fleet.csv row 3 (4000)" in message and "[fax_settings, mail2fax_settings]" in message
    assert "fleet.csv row 5 (nobody@fax.example.com)" in message
    assert counts(run) == {"total": 4, "failed": 2, "not_attempted": 2}
    assert written(simulator) == []

    run = playbooks.playbook(FLEET, *FILE, "-e", "fleet_on_plan_error=continue").failed()
    assert counts(run) == {"total": 4, "failed": 2, "changed": 2}
    assert sorted({number for _resource, number in written(simulator)}) == [1, 2]
    assert [failure["place"] for failure in summary(run)["failures"]] == ["fleet.csv row 3", "fleet.csv row 5"]


def test_one_subscriber_by_two_keys(playbooks: Playbooks, simulator: Simulator) -> None:
    rows = [row(1), row(2), {"subscriber": "user0001@fax.example.com", "active": "no"}]
    write_csv(playbooks.folder / "fleet.csv", rows, ("subscriber", *rows[0]))
    message = playbooks.playbook(FLEET, *FILE).failed().result(TASK)["msg"]
    assert "fleet.csv row 4" in message and "same subscriber as fleet.csv row 2" in message
    assert written(simulator) == []


def test_check_mode_shows_the_real_difference(playbooks: Playbooks, simulator: Simulator) -> None:
    write_csv(playbooks.folder / "fleet.csv", [row(number) for number in range(1, 31)])
    simulator.change_settings("faxserversettings", 3, name="by hand", password="CANARY-old")
    options = (*FILE, "-e", "fleet_chunk_size=12")
    checked = playbooks.playbook(FLEET, *options, check=True).succeeded()
    assert written(simulator) == []
    assert counts(checked) == {"total": 30, "changed": 30}
    assert "30 subscribers: 30 would change" in checked.output
    real = playbooks.playbook(FLEET, *options).succeeded()
    assert diffs(checked) == diffs(real) and [len(one) for one in diffs(real)] == [60]
    assert changed_tasks(checked) == changed_tasks(real) == 1
    assert checked.output.count("+++ after") == real.output.count("+++ after") == 60
    assert counts(playbooks.playbook(FLEET, *options, check=True).succeeded()) == {"total": 30, "unchanged": 30}


@pytest.mark.parametrize(("limit", "passes"), [("9", False), ("29%", False), ("10", True), ("34%", True), ("0", False)])
def test_most_changes_of_both_kinds(playbooks: Playbooks, simulator: Simulator, limit: str, passes: bool) -> None:
    """Ten of thirty subscribers differ: six in both kinds of settings, two in each alone."""
    write_csv(playbooks.folder / "fleet.csv", [row(number) for number in range(1, 31)])
    provision(simulator, range(1, 31))
    for number in range(1, 9):
        simulator.change_settings("faxserversettings", number, name="by hand")
    for number in range(3, 11):
        simulator.change_settings("mailtofaxsettings", number, active=False)
    simulator.clear_audit()
    run = playbooks.playbook(FLEET, *FILE, "-e", f"fleet_max_changes={limit}")
    if passes:
        assert counts(run.succeeded()) == {"total": 30, "changed": 10, "unchanged": 20}
        assert summary(run)["fax_settings"]["changed"] == summary(run)["mail2fax_settings"]["changed"] == 8
        assert len(written(simulator)) == 16
    else:
        message = run.failed().result(TASK)["msg"]
        assert "10 of 30 subscribers would change" in message
        assert counts(run) == {"total": 30, "not_attempted": 10, "unchanged": 20}
        assert written(simulator) == []


@pytest.mark.platform(subscribers=60)
def test_a_run_that_stopped_goes_on(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    write_csv(tmp_path / "fleet.csv", [row(number) for number in range(1, 61)])
    simulator.fault("stop", method="PATCH", skip=50)
    options = (*FILE, "-e", "fleet_chunk_size=10", "-e", "ngcp_retries=0")
    run = playbooks.playbook(FLEET, *options).failed()
    found = counts(run)
    assert 20 <= found["changed"] < 30 and found["not_attempted"] >= 30
    assert sum(value for name, value in found.items() if name != "total") == 60
    assert f"{found['not_attempted']} not attempted" in run.output
    first = summary(run)
    simulator.clear_faults()
    simulator.start()
    before = len(written(simulator))
    run = playbooks.playbook(FLEET, *options).succeeded()
    assert counts(run)["changed"] + counts(run).get("unchanged", 0) == 60
    assert counts(run)["unchanged"] >= first["changed"]
    assert len(written(simulator)) - before == sum(
        summary(run)[m]["changed"] for m in ("fax_settings", "mail2fax_settings")
    )
    simulator.clear_audit()
    assert counts(playbooks.playbook(FLEET, *options).succeeded()) == {"total": 60, "unchanged": 60}
    assert written(simulator) == []


@pytest.mark.parametrize("on_error", ["continue", "stop"])
def test_failures_in_a_wave(playbooks: Playbooks, simulator: Simulator, on_error: str) -> None:
    write_csv(playbooks.folder / "fleet.csv", [row(number) for number in range(1, 31)])
    simulator.fault("status", method="PATCH", path="faxserversettings", subscribers=[7], status=422)
    options = ("-e", "fleet_chunk_size=10", "-e", f"fleet_on_error={on_error}")
    run = playbooks.playbook(FLEET, *FILE, *options).failed()
    (failure,) = summary(run)["failures"]
    assert (failure["place"], failure["modules"]) == ("fleet.csv row 8", ["fax_settings"])
    assert "fleet.csv row 8" in str(run.result(SUMMARY)["msg"])
    if on_error == "continue":
        assert counts(run) == {"total": 30, "changed": 29, "failed": 1}
        assert summary(run)["mail2fax_settings"]["changed"] == 30
    else:
        assert counts(run)["failed"] == 1 and counts(run)["not_attempted"] >= 20
        assert {number for _resource, number in written(simulator)} <= set(range(1, 11))


def test_refused_log_in_is_tried_once(playbooks: Playbooks, simulator: Simulator) -> None:
    write_csv(playbooks.folder / "fleet.csv", [row(1), row(2)])
    run = playbooks.playbook(FLEET, *FILE, environment={"NGCP_API_PASSWORD": "CANARY-wrong"}).failed()
    assert len(simulator.audit) == 1
    assert "wrong name or password" in run.result(TASK)["msg"]
    assert "CANARY" not in run.output


def test_connection_by_extra_variables(playbooks: Playbooks, simulator: Simulator) -> None:
    write_csv(playbooks.folder / "fleet.csv", [row(1)])
    own = {name.removeprefix("NGCP_").lower(): value for name, value in playbooks.environment.items() if "API_" in name}
    ca_path = own.pop("api_ca_path")
    (playbooks.folder / "connection.json").write_text(json.dumps({**own, "ca_path": ca_path}))
    playbooks.environment = {}
    run = playbooks.playbook(FLEET, *FILE, "-e", "@connection.json", verbosity=3).succeeded()
    assert counts(run) == {"total": 1, "changed": 1}
    assert own["api_password"] not in run.output


LIST = [
    {"subscriber_id": 1, "fax": {"active": True, "name": "One"}, "mail2fax": {"active": True}},
    {"subscriber": "user0002@voip.example.net", "fax_active": True, "mail2fax_secret_key": "CANARY-2"},
    {"subscriber_external_id": "EXT-0003", "active": True, "last_secret_key_modify": "2026-01-01"},
    {"number": "+43 1 90004", "acl": [{"from_email": "a@example.org"}]},
]


@pytest.mark.parametrize("form", ["fleet.yml", "fleet.json", "variable", "vaulted.yml"])
def test_forms(playbooks: Playbooks, simulator: Simulator, form: str) -> None:
    options: tuple[str, ...] = ("-e", f"fleet_file={form}")
    text = yaml.safe_dump({"subscribers": LIST}) if form.endswith("yml") else json.dumps(LIST)
    (playbooks.folder / form).write_text(text)
    if form == "variable":
        (playbooks.folder / "variables.json").write_text(json.dumps({"fleet_subscribers": LIST}))
        options = ("-e", "@variables.json")
    if form == "vaulted.yml":
        (playbooks.folder / "key").write_text("vault-key")
        assert playbooks.command("ansible-vault", "encrypt", "--vault-password-file", "key", form).returncode == 0
        refused = playbooks.playbook(FLEET, *options).failed()
        assert "fleet_file: 'vaulted.yml' is vaulted and cannot be decrypted: " in refused.output
        options += ("--vault-password-file", "key")
    run = playbooks.playbook(FLEET, *options, verbosity=3).succeeded()
    assert counts(run) == {"total": 4, "changed": 4}
    assert sorted(written(simulator)) == [
        ("faxserversettings", 1),
        ("faxserversettings", 2),
        ("faxserversettings", 3),
        ("mailtofaxsettings", 1),
        ("mailtofaxsettings", 2),
        ("mailtofaxsettings", 4),
    ]
    assert simulator.settings("mailtofaxsettings", 2)["secret_key"] == "CANARY-2"
    assert "CANARY" not in run.output
    assert changed_tasks(playbooks.playbook(FLEET, *options).succeeded()) == 0


def test_an_element_is_taken_out_only_of_a_merged_list(playbooks: Playbooks, simulator: Simulator) -> None:
    element = {"filetype": "PDF", "incoming": True, "outgoing": True, "status": True}
    stored = [{"destination": f"{name}@example.org", **element} for name in ("one", "two")]
    simulator.put_settings("faxserversettings", 1, {"destinations": stored})
    simulator.clear_audit()
    text = "- {subscriber_id: 1, destinations: [{destination: ONE@example.org, state: absent}]}\n"
    (playbooks.folder / "fleet.yml").write_text(text)
    options = ("-e", "fleet_file=fleet.yml")
    result = playbooks.playbook(FLEET, *options).failed().result(TASK)
    assert [(error["field"], error["position"]) for error in result["error"]["details"]] == [
        ("destinations[0].state", 0)
    ]
    assert len(simulator.audit) == 0
    playbooks.playbook(FLEET, *options, "-e", "fleet_destinations_mode=merge").succeeded()
    assert simulator.settings("faxserversettings", 1)["destinations"] == stored[1:]


def inventory(folder: pathlib.Path, numbers: range) -> None:
    """Write an inventory with a host for each subscriber, in two slices, and others that are none."""
    hosts: dict[str, Any] = {}
    for number in numbers:
        domain = ("pbx.example.org", "fax.example.com", "voip.example.net")[number % 3]
        own: dict[str, Any] = {"ngcp_subscriber_id": number, "branch": number}
        if number % 3 == 0:
            own["fleet_entry"] = {"active": True, "name": "Branch {{ branch }}", "mail2fax_active": True}
        hosts[f"user{number:04d}@{domain}"] = own
    names = list(hosts)
    content = {
        "all": {"hosts": {**hosts, "router.example.org": {}}},
        "subscribers": {
            "hosts": dict.fromkeys(names),
            "vars": {"fleet_fax": {"active": True, "name": "Branch {{ branch }}"}, "fleet_mail2fax": {"active": True}},
        },
        "slice_1": {"hosts": dict.fromkeys(names[: len(names) // 2])},
        "slice_2": {"hosts": dict.fromkeys(names[len(names) // 2 :])},
    }
    for name in names:
        if "fleet_entry" in hosts[name]:
            del content["subscribers"]["hosts"][name]
    (folder / "hosts.yml").write_text(yaml.safe_dump(content))


def test_inventory_in_slices(playbooks: Playbooks) -> None:
    ends = []
    inventory(playbooks.folder, range(1, 25))
    for slices in (["all"], ["slice_1", "slice_2"]):
        with simulated(subscribers=24) as sim:
            playbooks.environment = sim.environment()
            options = ("-i", "hosts.yml", "-e", "fleet_from_inventory=true")
            for slice_name in slices:
                run = playbooks.playbook(FLEET, *options, "--limit", slice_name).succeeded()
                assert counts(run) == {"total": 24 // len(slices), "changed": 24 // len(slices)}
            assert len(written(sim)) == len(set(written(sim))) == 48
            ends.append(stored(sim, range(1, 25)))
            sim.clear_audit()
            again = playbooks.playbook(FLEET, *options).succeeded()
            assert counts(again) == {"total": 24, "unchanged": 24} and written(sim) == []
    assert ends[0] == ends[1]
    assert ends[0][0]["name"] == "Branch 1" and ends[0][4]["name"] == "Branch 3"


def test_inventory_errors_name_the_host(playbooks: Playbooks, simulator: Simulator) -> None:
    hosts = {
        "user0001@fax.example.com": {"fleet_entry": {"actve": True}},
        "two": {"fleet_entry": {"active": True}},
        "three": {"ngcp_subscriber_id": 3, "fleet_fax": {"active": True}, "fleet_entry": {"fax": {"t38": True}}},
        "four": {"ngcp_subscriber_id": 4, "fleet_fax": {"active": True}, "fleet_entry": {"active": True}},
        "five": {},
    }
    (playbooks.folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}, sort_keys=False))
    options = ("-i", "hosts.yml", "-e", "fleet_from_inventory=true")
    result = playbooks.playbook(FLEET, *options).failed().result(TASK)
    assert {(error["entry"].split(" (")[0], error["field"]) for error in result["error"]["details"]} == {
        ("host user0001@fax.example.com", "actve"),
        ("host two", "subscriber_id"),
        ("host three", "fleet_entry.fax"),
        ("host four", "active"),
    }
    assert len(result["error"]["details"]) == 4
    assert not simulator.audit


def test_secrets_stay_out_of_sight(playbooks: Playbooks, simulator: Simulator) -> None:
    write_csv(playbooks.folder / "fleet.csv", [row(number) for number in range(1, 6)])
    simulator.change_settings("faxserversettings", 1, password="CANARY-old")
    fault = {"method": "PATCH", "path": "faxserversettings", "subscribers": [2]}
    simulator.fault("status", **fault, status=422, body='{"message": "CANARY-new-2"}')
    run = playbooks.playbook(FLEET, *FILE, verbosity=4).failed()
    assert "CANARY" not in run.output + json.dumps(run.results)


def test_wrong_options(playbooks: Playbooks) -> None:
    write_csv(playbooks.folder / "fleet.csv", [row(1)])
    os.mkfifo(playbooks.folder / "pipe.csv")
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "exactly one of src, subscribers, hosts, undo is needed, none given"),
        ({"src": "fleet.csv", "subscribers": []}, "src and subscribers given"),
        ({"src": "missing.csv"}, "cannot find 'missing.csv'"),
        ({"src": "pipe.csv"}, "src: 'pipe.csv' is not a regular file"),
        ({"undo": "pipe.csv"}, "undo: 'pipe.csv' is not a regular file"),
        ({"src": "fleet.csv", "plan": "pipe.csv"}, "/pipe.csv' is not a regular file"),
        ({"src": ["fleet.csv"]}, "src: must be a string, not a list"),
        ({"undo": {"path": "undo.json"}}, "undo: must be a string, not a dictionary"),
        ({"subscribers": "CANARY"}, "must be a list of dictionaries"),
        ({"subscribers": [], "waves": [0]}, "waves[0]: must be greater than zero"),
        ({"subscribers": [], "max_emptied": "many"}, "max_emptied: must be a number or a percentage"),
        ({"subscribers": [1]}, "subscribers[0]: must be a dictionary"),
        ({"subscribers": [{"subscriber_id": 1, "fax": 5}]}, "fax: must be a dictionary"),
    ]
    run = playbooks.each("fleet", {str(number): given for number, (given, _words) in enumerate(cases)})
    assert list(run.errors) == [str(number) for number in range(len(cases))]
    for message, (_given, words) in zip(run.errors.values(), cases, strict=True):
        assert words in message and "CANARY" not in message
