# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role ``archive`` by its playbook: it makes the directory, fetches what is new, and tells what it did."""

from __future__ import annotations

import json
import pathlib

from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks, Run

ARCHIVE = "ngcp.fax.archive"


def counts(run: Run) -> dict[str, int]:
    (facts,) = [line["result"]["ansible_facts"] for line in run.results if line["task"].endswith("Note the summary")]
    return {name: value for name, value in facts["archive_summary"].items() if value and name != "requests"}


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(path for path in folder.rglob("*.*") if path.suffix in (".tif", ".pdf"))


def test_archive(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    simulator.receive_fax(3, count=3)
    simulator.receive_fax(4, count=2)
    folder = tmp_path / "archive"
    options = ("-e", f"archive_dest={folder}")
    checked = playbooks.playbook(ARCHIVE, *options, check=True).succeeded()
    assert not folder.exists()
    assert counts(checked) == {"total": 5, "fetched": 5}
    assert "5 would be fetched" in " ".join(checked.output.split())

    run = playbooks.playbook(ARCHIVE, *options).succeeded()
    assert counts(run) == {"total": 5, "fetched": 5}
    assert len(files(folder)) == 5
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in files(folder)} == {0o600}
    assert len(json.loads((folder / "index.json").read_text())["faxes"]) == 5

    simulator.receive_fax(4)
    assert counts(playbooks.playbook(ARCHIVE, *options, check=True).succeeded())["fetched"] == 1
    assert counts(playbooks.playbook(ARCHIVE, *options).succeeded())["fetched"] == 1
    simulator.clear_audit()
    last = playbooks.playbook(ARCHIVE, *options).succeeded()
    assert "fetched" not in counts(last) and "changed=0" in last.output
    assert simulator.count("DELETE") == 0
    assert simulator.count("GET", "/faxes/") == 1


def test_options_of_the_archive(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    simulator.receive_fax(3, count=2)
    simulator.receive_fax(4)
    folder = tmp_path / "archive"
    variables = {
        "archive_dest": str(folder),
        "archive_subscriber_id": 3,
        "archive_format": "pdf",
        "archive_layout": "by_subscriber",
        "archive_delete_after_fetch": True,
        "archive_mode": "0750",
        "archive_file_mode": "0640",
    }
    run = playbooks.playbook(ARCHIVE, "-e", json.dumps(variables)).succeeded()
    assert counts(run) == {"total": 2, "fetched": 2, "deleted": 2}
    assert [path.parent.name for path in files(folder)] == ["3", "3"]
    assert {path.suffix for path in files(folder)} == {".pdf"}
    assert {path.stat().st_mode & 0o777 for path in files(folder)} == {0o640}
    assert folder.stat().st_mode & 0o777 == 0o750
    assert simulator.count("DELETE") == 2


def test_failures_of_the_archive(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    ids = simulator.receive_fax(3, count=3)
    simulator.fault("reset", path=f"/faxrecordings/{ids[1]}")
    options = ("-e", f"archive_dest={tmp_path / 'archive'}", "-e", "ngcp_retries=0")
    run = playbooks.playbook(ARCHIVE, *options).failed()
    assert counts(run) == {"total": 3, "fetched": 2, "failed": 1}
    simulator.clear_faults()
    assert counts(playbooks.playbook(ARCHIVE, *options).succeeded())["fetched"] == 1

    (missing,) = simulator.receive_fax(4, image=False)
    variables = {"archive_dest": str(tmp_path / "other"), "archive_subscriber_id": 4, "archive_unavailable_for": 0}
    for asked in (True, False):
        run = playbooks.playbook(ARCHIVE, "-e", json.dumps(variables), "-e", "retries=0").failed()
        assert counts(run)["unavailable"] == 1 and "The only fax has no recording" in " ".join(run.output.split())
        assert bool(simulator.count("GET", f"/faxrecordings/{missing}")) is asked
        simulator.clear_audit()

    run = playbooks.playbook(ARCHIVE, *options, environment={"NGCP_API_PASSWORD": "CANARY"}).failed()
    assert "wrong name or password" in run.output and "CANARY" not in run.output
