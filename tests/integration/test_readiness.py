# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether subscribers can fax, on both fronts: every cause is found, none is invented, and nothing is written."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.documents import GUIDES, blocks
from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import provision, row, write_csv
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.readiness import (
    CAUSES,
    FAX,
    KEY,
    MAIL,
    forward_to,
    make_ready,
)
from ansible_collections.ngcp.fax.tests.integration.support.simulated import connection, writes

FLEET = 2000
# How many subscribers have each cause, and how far apart they are.
EACH, APART = 3, 600

# What else is said about subscribers with a cause.
COMPANIONS = {"number_missing": ["caller_id_missing"]}
TABLES = (
    "fax_preferences",
    "fax_destinations",
    "mail_preferences",
    "mail_notify",
    "mail_acl",
    "numbers",
    "subscribers",
)


# No task of the collection can do anything about these.
UNFIXABLE = {
    "subscriber_not_active",
    "calls_locked",
    "number_missing",
    "caller_id_missing",
    "profile_without_fax",
    "key_renewal_overdue",
    "last_fax_failed",
}


def inject(sim: Simulator, causes: list[str]) -> dict[int, list[str]]:
    """Give each cause to some subscribers, and return what has to be found about them."""
    found = {}
    for position, code in enumerate(causes):
        for number in range(10 + position * 25, len(causes) * 25 + APART * EACH, APART)[:EACH]:
            CAUSES[code](sim, number)
            found[number] = [code, *COMPANIONS.get(code, [])]
    return found


def injected_codes(injected: dict[int, list[str]]) -> list[str]:
    return [code for found in injected.values() for code in found]


def codes(entry: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in entry["reasons"]]


@pytest.mark.both_fronts
@pytest.mark.platform(subscribers=FLEET)
def test_every_cause_among_thousands(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, range(1, FLEET + 1))
    injected = inject(simulator, [code for code in CAUSES if code != "last_fax_failed"])
    before = simulator.tables(*TABLES), simulator.tables()

    result = playbooks.module("fax_readiness_info", {}).succeeded().only

    assert len(injected) == 18 * EACH
    assert {entry["subscriber_id"]: codes(entry) for entry in result["subscribers"] if entry["reasons"]} == injected
    assert len(result["subscribers"]) == FLEET
    assert writes(simulator) == []
    assert (simulator.tables(*TABLES), simulator.tables()) == before, "nothing at all has changed"
    pages = FLEET // 100
    # Sets have one page more: some have two.
    assert simulator.count("GET", r"/api/(subscribers|faxserversettings|mailtofaxsettings|cfmappings)/$") == 4 * pages
    assert simulator.count("GET", "/api/cfdestinationsets/$") == pages + 1
    assert simulator.count("GET", r"/api/subscriberprofiles/\d+$") == EACH
    assert len(simulator.audit) == result["summary"]["requests"] == 5 * pages + 1 + EACH + 3
    assert KEY not in json.dumps(result)
    shared = {fix["code"]: fix["subscribers"] for fix in result["fixes"]}
    assert shared == dict.fromkeys(set(injected_codes(injected)) - UNFIXABLE - {"mail_unprotected"}, EACH)


@pytest.mark.both_fronts
def test_the_reasons_of_one_subscriber(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, [3])
    simulator.change_settings(FAX, 3, active=False)
    simulator.receive_fax(3, status="SUCCESS")
    CAUSES["last_fax_failed"](simulator, 3)
    (entry,) = playbooks.module("fax_readiness_info", {"subscriber_id": 3, "journal": True}).only["subscribers"]
    assert (entry["receives"], entry["sends"], entry["mails"]) == ("false", "false", "false")
    assert codes(entry) == ["service_inactive", "last_fax_failed"]
    assert entry["last_faxes"]["receives"]["failure"]["reason"] == "No carrier [3/3]"
    assert entry["last_faxes"]["receives"]["success"]["fax_id"] == 1
    assert simulator.count("GET") == 8 and writes(simulator) == []


VARIABLES = {
    "fax_destination": "fax@example.org",
    "mail2fax_secret_key": "{{ 'Geheim' }}",
    "mail2fax_key_recipient": "me@example.org",
}


@pytest.mark.platform(subscribers=60)
def test_fixes_put_it_right(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """The tasks are pasted as they are, with values for what only the user knows, and nothing is left but what has no
    fix."""
    make_ready(simulator, range(1, 61))
    for position, code in enumerate(CAUSES):
        CAUSES[code](simulator, 3 * position + 2)
    simulator.put_settings(FAX, 60, {"active": False, "destinations": [{"destination": "nope", "filetype": "PDF"}]})
    simulator.put_settings(MAIL, 60, {"active": False, "secret_key_renew": "daily"})
    simulator.put_forwards(60, {})
    found = playbooks.module("fax_readiness_info", {"journal": True}).succeeded().only
    reasons = [reason for entry in found["subscribers"] for reason in entry["reasons"]]
    assert {reason["code"] for reason in reasons} == {*CAUSES, "caller_id_missing"}
    assert {reason["code"] for reason in reasons if reason["fix"] is None} == UNFIXABLE
    (tmp_path / "fixes.yml").write_text("".join(reason["fix"] or "" for reason in reasons))

    tasks = [{"ansible.builtin.import_tasks": str(tmp_path / "fixes.yml")}]
    playbooks.run(tasks, play={"vars": VARIABLES}).succeeded()

    after = playbooks.module("fax_readiness_info", {}).succeeded().only["subscribers"]
    left = {code for entry in after for code in codes(entry)}
    # Once there is a key that the platform renews, somebody has to be told.
    assert left == (UNFIXABLE - {"last_fax_failed"}) | {"key_renewal_unnoticed"}
    assert all(entry["receives"] == "true" for entry in after if not set(codes(entry)) & UNFIXABLE)


def test_a_value_of_the_server_is_not_a_template(
    playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    hostile = "{{ lookup('file', '/etc/passwd') }}"
    make_ready(simulator, [3])
    simulator.put_settings(
        FAX,
        3,
        {"active": True, "destinations": [*_destinations(simulator), {"destination": hostile, "filetype": "PDF"}]},
    )
    (entry,) = playbooks.module("fax_readiness_info", {"subscriber_id": 3}).only["subscribers"]
    assert codes(entry) == ["destination_refused"]
    (tmp_path / "fixes.yml").write_text(entry["reasons"][0]["fix"])
    playbooks.run([{"ansible.builtin.import_tasks": str(tmp_path / "fixes.yml")}]).succeeded()
    assert [one["destination"] for one in _destinations(simulator)] == ["fax@example.org"]


def _destinations(sim: Simulator) -> list[dict[str, Any]]:
    return list((sim.settings(FAX, 3) or {})["destinations"])


@pytest.mark.parametrize(
    ("set_up", "code", "verdicts"),
    [
        ({"license": False}, "licence_missing", "false false false"),
        ({"edition": "spce"}, "edition_without_fax", "false false false"),
        ({"fax_feature": False}, "feature_off", "false false false"),
        ({"platform_info": "error"}, "edition_unknown", "unknown unknown unknown"),
        ({"platform_info": "absent"}, "edition_unknown", "unknown unknown unknown"),
    ],
)
def test_what_holds_for_everybody(
    playbooks: Playbooks, simulator: Simulator, set_up: dict[str, Any], code: str, verdicts: str
) -> None:
    make_ready(simulator, [3, 4])
    simulator.switch(**set_up)
    result = playbooks.module("fax_readiness_info", {"subscribers": [{"subscriber_id": 3}, {"subscriber_id": 4}]}).only
    for entry in result["subscribers"]:
        assert codes(entry) == [code]
        assert " ".join(entry[name] for name in ("receives", "sends", "mails")) == verdicts
    assert [reason["code"] for reason in result["platform"]["reasons"]] == [code]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ("reseller", []),
        ("readonly", []),
        ("ccareadmin", ["journal_unknown"]),
        ("ccare", ["journal_unknown"]),
        ("subscriberadmin", []),
        ("subscriber", ["lock_unknown"]),
    ],
)
def test_what_a_role_does_not_see_is_not_guessed(
    playbooks: Playbooks, simulator: Simulator, account: str, expected: list[str]
) -> None:
    make_ready(simulator, [1])
    playbooks.environment = simulator.environment(account)
    result = playbooks.module("fax_readiness_info", {"subscriber_id": 1, "journal": True}).succeeded().only
    (entry,) = result["subscribers"]
    assert codes(entry) == expected
    assert entry["receives"] == ("unknown" if "lock_unknown" in expected else "true")
    assert writes(simulator) == []


def test_a_set_that_the_role_does_not_see(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, [1, 2])
    CAUSES["forward_foreign_box"](simulator, 1)
    playbooks.environment = simulator.environment("subscriberadmin")
    (entry,) = playbooks.module("fax_readiness_info", {"subscriber_id": 1}).only["subscribers"]
    assert codes(entry) == ["forward_foreign_box"] and entry["receives"] == "false"


def test_a_list_that_is_refused(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, range(1, 31))
    body = {"code": 403, "message": "Invalid user"}
    simulator.fault("status", status=403, body=json.dumps(body), content_type="application/json", path="/cfmappings/")
    result = playbooks.module("fax_readiness_info", {}).succeeded().only
    assert {tuple(codes(entry)) for entry in result["subscribers"]} == {("forward_unknown",)}
    assert result["summary"]["receives"] == {"true": 0, "false": 0, "unknown": 30}


@pytest.mark.both_fronts
def test_the_table_is_shown_to_whoever_wants_to_see_more(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, [1, 2])
    forward_to(simulator, 2, "voicebox")
    entries = {"subscribers": [{"subscriber_id": 1}, {"subscriber_id": 2}], "checks": ["receives"]}
    lines = ["2 subscribers: receives 1 yes, 1 no", "user0002@voip.example.net (2)  no        forward_elsewhere"]
    shown = playbooks.module("fax_readiness_info", entries, verbosity=1).output.splitlines()
    assert [line for line in shown if line in lines] == lines
    quiet = playbooks.module("fax_readiness_info", entries).output.splitlines()
    assert not set(lines) & set(quiet)
    task = {"name": "Check", "ngcp.fax.fax_readiness_info": entries, "no_log": True}
    hidden = playbooks.run([task], verbosity=1).output
    assert "forward_elsewhere" not in hidden


@pytest.mark.both_fronts
def test_reports_through_the_writers_of_drift_reports(
    playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    make_ready(simulator, [1, 2, 3])
    CAUSES["forward_missing"](simulator, 2)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/fleet.csv").write_text("subscriber_id,active\n1,yes\n2,yes\n3,yes\n")
    check = {"subscribers_file": "fleet.csv"}
    tasks: list[dict[str, Any]] = [
        {"name": "Check", "ngcp.fax.fax_readiness_info": check, "register": "readiness"},
        {"name": "Page", "ngcp.fax.drift_report": {"results": ["readiness"], "dir": str(tmp_path / "only")}},
        {"name": "Settings", "ngcp.fax.fax_settings": {"subscriber_id": 1, "active": True}, "register": "fax"},
        {"name": "Both", "ngcp.fax.drift_report": {"results": ["fax", "readiness"], "dir": str(tmp_path / "both")}},
    ]
    run = playbooks.run(tasks).succeeded()
    only, both = run.result("Page"), run.result("Both")
    assert only["msg"] == "1 of 3 subscribers does not receive faxes." and "drift" not in only
    assert sorted(path.name for path in (tmp_path / "only").iterdir() if not path.name.startswith(".")) == [
        "readiness.html",
        "readiness.json",
        "readiness.md",
    ]
    assert set(both["files"]) == {"json", "html", "md", "junit", "readiness_json", "readiness_html", "readiness_md"}
    assert both["readiness"]["receives"] == {"true": 2, "false": 1, "unknown": 0}
    assert both["drift"]["subscribers"]["in_sync"] == 1
    assert "forward_missing" in (tmp_path / "only/readiness.md").read_text()
    assert "ngcp.fax.fax_forward" in (tmp_path / "only/readiness.html").read_text()


def test_the_callback_reports_too(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    make_ready(simulator, [1])
    environment = {
        "ANSIBLE_CALLBACKS_ENABLED": "record,ngcp.fax.drift_report",
        "NGCP_FAX_DRIFT_REPORT_DIR": str(tmp_path / "reports"),
    }
    run = playbooks.module("fax_readiness_info", {"subscriber_id": 1}, environment=environment).succeeded()
    assert "It is ready." in run.output and "readiness.html" in run.output
    assert not (tmp_path / "reports/drift.html").exists()


def test_inventory_hosts(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, [1, 2])
    own = connection(simulator)
    inventory = {
        "all": {
            "hosts": {
                "user0001@fax.example.com": {"fleet_fax": {"active": True}},
                "second": {"fleet_entry": {"subscriber_id": 2}},
                "other": None,
            }
        }
    }
    (playbooks.folder / "hosts.json").write_text(json.dumps(inventory))
    tasks = [
        {
            "name": "Check",
            "ngcp.fax.fax_readiness_info": {**own, "hosts": "{{ groups.all }}"},
            "delegate_to": "localhost",
            "run_once": True,
        }
    ]
    run = playbooks.run(tasks, "-i", "hosts.json", play={"hosts": "all"}, cwd=playbooks.folder).succeeded()
    assert [entry["subscriber_id"] for entry in run.only["subscribers"]] == [1, 2]


@pytest.mark.parametrize("position", range(3))
def test_the_examples_of_the_guide(
    playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path, position: int
) -> None:
    make_ready(simulator, [3, 4])
    simulator.put_forwards(3, {})
    (tmp_path / "fleet.csv").write_text("subscriber_id\n3\n4\n")
    examples = blocks(GUIDES / "receiving.rst", "yaml")
    assert len(examples) == 3
    run = playbooks.run(yaml.safe_load(examples[position])).succeeded()
    if position == 0:
        assert codes({"reasons": run.result("Show the reasons")["msg"]}) == ["forward_missing"]
    elif position == 1:
        assert len(writes(simulator)) == 1
    else:
        assert (tmp_path / "reports/readiness.html").exists()


# ---- the role

SHOWN = "ngcp.fax.fleet : Show the subscribers that would not receive a fax"


def _fleet(folder: pathlib.Path, numbers: range) -> tuple[str, ...]:
    write_csv(folder / "fleet.csv", [row(number) for number in numbers])
    return ("-e", "fleet_file=fleet.csv", "-e", "fleet_check_readiness=true")


def test_the_role_lists_those_who_would_not_receive(playbooks: Playbooks, simulator: Simulator) -> None:
    """The run writes what the file says, and the list tells what is missing then."""
    provision(simulator, range(1, 11))
    simulator.add_fax_forwards(range(1, 9))
    simulator.change_settings(FAX, 3, active=False)
    simulator.lock_subscriber(4)
    options = _fleet(playbooks.folder, range(1, 11))
    checked = playbooks.playbook("ngcp.fax.fleet", *options, check=True).succeeded()
    assert checked.result(SHOWN)["msg"] == [
        "10 subscribers: receives 6 yes, 3 no, 1 unknown",
        "subscriber                      receives  why",
        "user0003@pbx.example.org (3)    no        service_inactive",
        "user0009@fax.example.com (9)    no        forward_missing",
        "user0010@voip.example.net (10)  no        forward_missing",
        "user0004@fax.example.com (4)    unknown   subscriber_not_active",
    ]
    assert writes(simulator) == []
    run = playbooks.playbook("ngcp.fax.fleet", *options).succeeded()
    assert run.result(SHOWN)["msg"][0] == "10 subscribers: receives 7 yes, 2 no, 1 unknown"
    assert len(writes(simulator)) == 1
    assert list(run.statuses)[-1] == "ngcp.fax.fleet : Show the summary"


def test_the_role_does_not_look_without_being_asked(playbooks: Playbooks, simulator: Simulator) -> None:
    provision(simulator, range(1, 4))
    run = playbooks.playbook("ngcp.fax.fleet", *_fleet(playbooks.folder, range(1, 4))[:2]).succeeded()
    assert SHOWN not in run.statuses
    assert simulator.count("GET", "cfmappings|capabilities|platforminfo") == 0


def test_a_run_of_the_role_that_failed_lists_them_too(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.fault("status", status=422, method="PATCH", path="/faxserversettings/2$")
    options = _fleet(playbooks.folder, range(1, 4))
    run = playbooks.playbook("ngcp.fax.fleet", *options).failed()
    assert run.result(SHOWN)["msg"][0] == "3 subscribers: receives 0 yes, 3 no"
    wrong = playbooks.playbook("ngcp.fax.fleet", *options, "-e", "fleet_max_changes=many").failed()
    assert SHOWN not in wrong.statuses


def test_what_the_role_cannot_find_out_never_fails_the_run(playbooks: Playbooks, simulator: Simulator) -> None:
    provision(simulator, range(1, 4))
    simulator.fault("status", status=503, path="/cfmappings/")
    run = playbooks.playbook(
        "ngcp.fax.fleet", *_fleet(playbooks.folder, range(1, 4)), "-e", "ngcp_retries=0"
    ).succeeded()
    (line,) = run.result(SHOWN)["msg"]
    assert "503" in line


def test_the_role_with_an_inventory(playbooks: Playbooks, simulator: Simulator) -> None:
    make_ready(simulator, [1, 2])
    CAUSES["forward_missing"](simulator, 2)
    names = ("user0001@fax.example.com", "user0002@voip.example.net")
    hosts = {name: {"fleet_fax": {"active": True}} for name in names}
    (playbooks.folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    options = ("-i", "hosts.json", "-e", "fleet_from_inventory=true", "-e", "fleet_check_readiness=true")
    run = playbooks.playbook("ngcp.fax.fleet", *options, cwd=playbooks.folder).succeeded()
    assert run.result(SHOWN)["msg"][2] == "user0002@voip.example.net (2)  no        forward_missing"
