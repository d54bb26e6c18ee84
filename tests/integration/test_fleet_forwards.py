# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Call forwards as the third kind of a fleet, in the playbooks: exported, applied, reported, undone."""

from __future__ import annotations

import csv
import json
import pathlib
import re
from collections import Counter
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import summary
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import writes

EVERYBODY = range(1, 31)
OURS = "ngcp.fax"


def plain(document: dict[str, Any]) -> Any:
    """Undo how ``ansible-inventory`` marks texts that are not templates."""
    return document["__ansible_unsafe"] if set(document) == {"__ansible_unsafe"} else document


def one_set(*destinations: str, name: str = "own") -> dict[str, Any]:
    return {"destinationset": {"name": name, "destinations": [*destinations]}}


def furnish(sim: Simulator) -> None:
    """Store call forwards of all kinds, some of which nobody could declare."""
    sim.put_many("faxserversettings", {number: {"active": True} for number in EVERYBODY})
    sim.add_fax_forwards(range(1, 16))
    sim.add_fax_forwards([16], name="cfb", set_name="by hand")
    sim.add_fax_forwards([17], name="cfna", enabled=False)
    sim.put_forwards(18, {"cft": [one_set("fax2mail", name=OURS)], "cft_ringtimeout": 25})
    sim.put_forwards(19, {"cfu": [one_set("fax2mail", name=OURS), one_set("voicebox", name="vb")]})
    sim.put_forwards(20, {"cfu": [one_set("sip:fax=431999@fax2mail.local", name=OURS)]})
    sim.put_forwards(21, {"cfu": [one_set("voicebox", name="vb")]})
    (theirs,) = sim.sets("cfdestinationsets", 1)
    sim.put_forwards(22, {"cfu": [{"destinationset_id": theirs["id"]}]})
    sim.add_set("cfdestinationsets", 23, {"name": OURS, "destinations": ["fax2mail"]})


UNDECLARED = [19, 20, 23]


@pytest.mark.parametrize("name", ["fleet.csv", "fleet.yml", "fleet.json"])
def test_what_is_exported_shows_no_drift(playbooks: Playbooks, simulator: Simulator, name: str) -> None:
    furnish(simulator)
    before = simulator.all_forwards(EVERYBODY)
    simulator.clear_audit()
    run = playbooks.playbook("ngcp.fax.export", "-e", f"export_file={name}").succeeded()
    left_out = run.result("Write the fleet file")["left_out"]
    assert [(item["subscriber_id"], item["field"]) for item in left_out] == [(one, "fax_forward") for one in UNDECLARED]
    read = {int(match[1]) for entry in simulator.audit if (match := re.search(r"cfmappings/(\d+)$", entry.path))}
    assert read == {*range(1, 21), 23}, "the others have no set with a fax box"

    simulator.clear_audit()
    run = playbooks.playbook("ngcp.fax.fleet", "-e", f"fleet_file={name}").succeeded()
    assert summary(run)["unchanged"] == 30 and summary(run)["fax_forward"]["total"] == 27
    assert writes(simulator) == [] and simulator.all_forwards(EVERYBODY) == before


def write_csv(path: pathlib.Path, rows: dict[int, str], **more: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["subscriber_id", "forward", *more])
        writer.writerows([number, forward, *more.values()] for number, forward in rows.items())


def drifted(document: Any) -> list[Any]:
    """Return the drifted settings of a report, with whose they are."""
    parts = [(row["subscriber_id"], part) for row in document["subscribers"] for part in row["settings"]]
    return [(number, part["module"], part["changes"]) for number, part in parts if part["status"] == "drifted"]


def test_applied_reported_and_undone(playbooks: Playbooks, simulator: Simulator) -> None:
    furnish(simulator)
    before = simulator.all_forwards(EVERYBODY)
    sets = Counter((one["subscriber_id"], one["name"]) for one in simulator.sets("cfdestinationsets"))
    rows = {number: "unconditional" for number in EVERYBODY if number not in (19, 20, 21, 22)}
    write_csv(playbooks.folder / "fleet.csv", {**rows, 1: "none", 2: "busy"}, active="no")
    options = ("-e", "fleet_file=fleet.csv")

    run = playbooks.playbook("ngcp.fax.drift_report", *options, "-e", "drift_report_dir=report").succeeded()
    document = json.loads((playbooks.folder / "report/drift.json").read_text())
    assert document["summary"]["resources"]["fax_forward"]["subscribers"]["drifted"] == 13
    assert {"module": "fax_forward", "field": "forward", "subscribers": 13} in document["summary"]["fields"]
    page = (playbooks.folder / "report/drift.html").read_text()
    assert "fax_forward" in page and "unconditional" in page
    plan = {"src": "fleet.csv", "plan_only": True, "plan_out": "plan.json"}
    approval = {"plan": "plan.json", "dir": "approval"}
    playbooks.run([{"ngcp.fax.fleet": plan}, {"ngcp.fax.drift_report": approval}]).succeeded()
    planned = json.loads((playbooks.folder / "approval/drift.json").read_text())
    assert drifted(planned) == drifted(document) != []
    assert writes(simulator) == []

    run = playbooks.playbook("ngcp.fax.fleet", *options, "-e", "fleet_undo_dir=undo").succeeded()
    counts = summary(run)
    assert (counts["changed"], counts["fax_forward"]["changed"]) == (26, 13)
    assert "forward is unconditional and active is false" in run.output
    assert [len(simulator.forwards(one)["cfu"]) for one in (1, 2, 3, 25)] == [0, 0, 1, 1]
    assert not playbooks.playbook("ngcp.fax.fleet", *options).succeeded().errors

    (undo,) = (playbooks.folder / "undo").iterdir()
    playbooks.playbook("ngcp.fax.undo", "-e", f"undo_file={undo}").succeeded()
    assert simulator.all_forwards(EVERYBODY) == before
    left = Counter((one["subscriber_id"], one["name"]) for one in simulator.sets("cfdestinationsets"))
    assert left == sets - Counter({(23, OURS): 1}), "a set that nothing used is the only one that is gone"
    assert all(one["active"] for one in simulator.all_settings("faxserversettings", rows).values())


def test_who_cannot_have_a_forward(playbooks: Playbooks, simulator: Simulator) -> None:
    furnish(simulator)
    simulator.set_primary_number(24, None)
    write_csv(playbooks.folder / "fleet.csv", dict.fromkeys((21, 22, 24, 25), "unconditional"))
    run = playbooks.playbook("ngcp.fax.fleet", "-e", "fleet_file=fleet.csv").failed()
    for text in ("fleet.csv row 2 (21)", "voicebox.local", "somebody else", "has no primary number"):
        assert text in run.output
    assert writes(simulator) == []
    run = playbooks.playbook(
        "ngcp.fax.fleet", "-e", "fleet_file=fleet.csv", "-e", "fleet_replace_foreign=true",
        "-e", "fleet_on_plan_error=continue",
    )  # fmt: skip
    assert run.failed().output.count("has no primary number") >= 1
    assert [len(simulator.forwards(one)["cfu"]) for one in (21, 22, 24, 25)] == [1, 1, 0, 1]


@pytest.mark.platform(subscribers=2000)
def test_requests(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.add_fax_forwards(range(1, 1801))
    simulator.put_many("faxserversettings", {number: {"active": True} for number in range(1, 2001)})
    write_csv(playbooks.folder / "fleet.csv", dict.fromkeys(range(1, 2001), "unconditional"), active="yes")
    pages = {"subscribers": 20, "faxserversettings": 20, "cfmappings": 20}
    for sets, changed in ((18, 200), (20, 0)):
        simulator.clear_audit()
        run = playbooks.module("fleet", {"src": f"{playbooks.folder}/fleet.csv"}).succeeded()
        assert run.only["summary"]["changed"] == changed
        lists = [entry for entry in simulator.audit if entry.method == "GET" and "subscriber_id=" not in entry.query]
        found = Counter(match[1] for entry in lists if (match := re.fullmatch(r"/api/(\w+)/", entry.path)))
        assert found == {**pages, "cfdestinationsets": sets}
        assert len(writes(simulator)) == changed
    write_csv(playbooks.folder / "fleet.csv", dict.fromkeys(range(1, 2001), ""), active="yes")
    simulator.clear_audit()
    playbooks.module("fleet", {"src": f"{playbooks.folder}/fleet.csv"}).succeeded()
    assert not any("/cf" in entry.path for entry in simulator.audit)


def test_variables_of_hosts(playbooks: Playbooks, simulator: Simulator) -> None:
    furnish(simulator)
    config = "plugin: ngcp.fax.subscribers\ndetails: [fax_forward]\n"
    (playbooks.folder / "test.ngcp_fax.yml").write_text(config)
    done = playbooks.command("ansible-inventory", "-i", "test.ngcp_fax.yml", "--list")
    assert done.returncode == 0, done.stderr
    hosts = json.loads(done.stdout, object_hook=plain)["_meta"]["hostvars"]
    forwards = {one["ngcp_subscriber_id"]: one["ngcp_fax_forward"] for one in hosts.values()}
    assert Counter(one["forward"] for one in forwards.values()) == {
        "unconditional": 17,
        "busy": 1,
        "not_available": 1,
        "timeout": 1,
        "none": 10,
    }
    assert forwards[18]["ring_timeout"] == 25 and not forwards[17]["enabled"]
    assert "would change" in forwards[20]["problem"]


def test_declared_in_variables_of_hosts(playbooks: Playbooks, simulator: Simulator) -> None:
    (playbooks.folder / "hosts").write_text(
        "[fleet]\nuser0001@fax.example.com\nuser0002@voip.example.net\n"
        "[fleet:vars]\nfleet_fax_forward={'forward': 'unconditional'}\n"
    )
    options = ("-i", "hosts", "-e", "fleet_from_inventory=true")
    run = playbooks.playbook("ngcp.fax.fleet", *options).succeeded()
    assert summary(run)["fax_forward"]["changed"] == 2
    assert len(simulator.all_forwards()) == 2
