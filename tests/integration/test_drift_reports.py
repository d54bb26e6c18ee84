# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Drift reports of real runs: the four files agree with each other and with what the server was asked and has."""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import xml.etree.ElementTree as ET
from typing import Any

import jsonschema
import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT, blocks
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import writes

PAGE = "docs/docsite/rst/drift_reports.rst"
NAMES = ("drift.html", "drift.json", "drift.junit.xml", "drift.md")
COUNT = 40
pytestmark = pytest.mark.platform(subscribers=COUNT)
RESOURCES = {"faxserversettings": "fax_settings", "mailtofaxsettings": "mail2fax_settings"}
ROW = re.compile(
    r"<tr data-s=\"(\w+)\" data-r=\"([^\"]*)\" data-f=\"([^\"]*)\"><th scope=\"row\">(.*?)</th>", re.DOTALL
)


def fleet(count: int = COUNT) -> list[dict[str, Any]]:
    """Return declared settings of both resources: both for most subscribers, one for some."""
    entries = []
    for number in range(1, count + 1):
        entry: dict[str, Any] = {"subscriber_id": number}
        if number % 5:
            mail = f"fax{number}@example.org"
            entry |= {"active": True, "name": f"Branch {number}", "password": f"NEW-CANARY-{number}"}
            entry |= {"destinations": [{"destination": mail, "filetype": "PDF"}]}
        if number % 4:
            entry |= {"mail2fax_active": True, "secret_key_renew": "never", "secret_key": f"KEY-CANARY-{number}"}
        entries.append(entry)
    return entries


def provision(sim: Simulator, entries: list[dict[str, Any]]) -> None:
    """Store what is declared, but for some subscribers in one field or the other."""
    flags = {"incoming": True, "outgoing": True, "status": True}
    for entry in entries:
        number = entry["subscriber_id"]
        if "name" in entry:
            stored = {name: entry[name] for name in ("active", "name", "password")}
            stored["destinations"] = [{**entry["destinations"][0], **flags}]
            if number % 7 == 0:
                stored["name"] = "Changed by hand"
            if number % 9 == 0:
                stored |= {"password": "OLD-CANARY", "destinations": []}
            sim.put_settings("faxserversettings", number, stored)
        if "secret_key" in entry:
            stored = {name: entry[name] for name in ("secret_key", "secret_key_renew")} | {"active": number % 6 != 0}
            sim.put_settings("mailtofaxsettings", number, stored)
    sim.clear_audit()


def roles(name: str, **variables: Any) -> list[dict[str, Any]]:
    return [{"name": "Role", "ansible.builtin.include_role": {"name": f"ngcp.fax.{name}"}, "vars": variables}]


def report(**variables: Any) -> list[dict[str, Any]]:
    return roles("drift_report", drift_report_dir="reports", **variables)


def patched(sim: Simulator) -> dict[tuple[str, int], set[str]]:
    """Return which fields were written, by module and subscriber."""
    return {
        (RESOURCES[entry.path.split("/")[2]], int(entry.path.split("/")[3])): {
            operation["path"].lstrip("/") for operation in json.loads(entry.body)
        }
        for entry in sim.audit
        if entry.method == "PATCH"
    }


class Reports:
    """The four files of a folder, read as programs and people would."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        assert sorted(os.listdir(folder)) == sorted(NAMES)
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in NAMES} == {0o600}
        self.document = json.loads((folder / "drift.json").read_text())
        schema = json.loads((ROOT / "docs/drift-report.schema.json").read_text())
        jsonschema.Draft202012Validator(schema).validate(self.document)
        self.html = (folder / "drift.html").read_text()
        self.markdown = (folder / "drift.md").read_text()
        self.suite = ET.parse(folder / "drift.junit.xml").getroot()

    @property
    def counts(self) -> dict[str, int]:
        """The counts that are not 0."""
        return {name: number for name, number in self.document["summary"]["subscribers"].items() if number}

    @property
    def differing(self) -> dict[tuple[str, int], set[str]]:
        """Which fields differ, by module and subscriber."""
        return {
            (part["module"], row["subscriber_id"]): {change["field"] for change in part["changes"]}
            for row in self.document["subscribers"]
            for part in row["settings"]
            if part["changes"]
        }

    def agree(self) -> None:
        """Fail unless all four say the same."""
        rows = self.document["subscribers"]
        by_status = {
            status: {self._label(row) for row in rows if row["status"] == status}
            for status in ("drifted", "corrected", "in_sync", "failed", "unverified", "not_attempted")
        }
        for status, labels in by_status.items():
            if status != "in_sync":
                assert self.document["summary"]["subscribers"][status] == len(labels)

        fields = {
            f"{part['module']}.{change['field']}": None
            for row in rows
            for part in row["settings"]
            for change in part["changes"]
        }
        page = {
            re.sub(r"<[^>]+>", "", name): (status, where.split()) for status, _of, where, name in ROW.findall(self.html)
        }
        assert {name for name, (status, _where) in page.items() if status != "in_sync"} == {
            self._page_label(row) for row in rows if row["status"] != "in_sync"
        }
        assert {field for _status, where in page.values() for field in where} == set(fields)

        cases = {case.get("name"): case for case in self.suite.iter("testcase")}
        tags = {"drifted": "failure", "failed": "error", "in_sync": None, "corrected": "system-out"}
        for status, tag in tags.items():
            for label in by_status[status]:
                assert [child.tag for child in cases[label]] == ([tag] if tag else []), label
        assert int(self.suite.get("failures", "")) == len(by_status["drifted"])
        assert int(self.suite.get("tests", "")) == len(cases)

        table = [line.split(" | ") for line in self.markdown.splitlines() if line.startswith("| ")]
        listed = {cells[0].removeprefix("| ").split("<br>")[0] for cells in table if len(cells) == 3}
        for status, labels in by_status.items():
            assert labels.isdisjoint(listed) if status == "in_sync" else labels <= listed

    @staticmethod
    def _label(row: dict[str, Any]) -> str:
        name = row["subscriber"]
        return f"{name} ({row['subscriber_id']})" if name else f"subscriber {row['subscriber_id']}"

    @staticmethod
    def _page_label(row: dict[str, Any]) -> str:
        """Return who a row of the page is about, and where that is declared."""
        name = (
            f"{row['subscriber']} {row['subscriber_id']}" if row["subscriber"] else f"subscriber {row['subscriber_id']}"
        )
        return f"{name} {row['entry']}" if row["entry"] else name


@pytest.fixture(autouse=True)
def drifted(request: pytest.FixtureRequest, simulator: Simulator) -> None:
    """Let the platform differ from the declared fleet here and there, unless it is one of another size."""
    if request.node.get_closest_marker("platform").kwargs == {"subscribers": COUNT}:
        provision(simulator, fleet())


def test_reports_agree_with_each_other_and_with_what_a_real_run_writes(
    simulator: Simulator,
    playbooks: Playbooks,
    tmp_path: pathlib.Path,
) -> None:
    (tmp_path / "fleet.json").write_text(json.dumps(fleet()))
    source = {"fleet_file": str(tmp_path / "fleet.json")}

    run = playbooks.run(report(**source), verbosity=3).succeeded()
    assert writes(simulator) == []
    reports = Reports(tmp_path / "reports")
    reports.agree()
    expected = {
        number
        for number in range(1, COUNT + 1)
        if (number % 5 and (number % 7 == 0 or number % 9 == 0)) or (number % 4 and number % 6 == 0)
    }
    assert {subscriber for _module, subscriber in reports.differing} == expected
    assert reports.counts["drifted"] == len(expected)
    assert reports.document["mode"] == "check" and reports.document["platforms"] == [simulator.url]
    assert "CANARY" not in run.output
    assert not [name for name in NAMES if "CANARY" in (tmp_path / "reports" / name).read_text()]
    assert not list(pathlib.Path("/tmp").glob(f"ngcp-fax-fleet-*/{tmp_path.name}")), "working files are removed"

    playbooks.run(report(**source, drift_report_fail_on_drift=True)).failed()
    assert writes(simulator) == []

    simulator.clear_audit()
    playbooks.run(roles("fleet", **source)).succeeded()
    assert patched(simulator) == reports.differing

    simulator.clear_audit()
    again = playbooks.run(report(**source, drift_report_fail_on_drift=True)).succeeded()
    assert writes(simulator) == []
    assert Reports(tmp_path / "reports").counts.keys() == {"total", "in_sync"}
    assert "changed=0" in again.output


def test_the_playbook_and_its_options(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    (tmp_path / "fleet.csv").write_text("subscriber_id,name\n1,Branch 1\n2,Somebody else\n")
    variables = {"fleet_file": "fleet.csv", "drift_report_title": "Nightly", "drift_report_dir": "out"}
    done = playbooks.playbook("ngcp.fax.drift_report", "-e", json.dumps(variables), check=True).succeeded()
    assert "1 of 2 subscribers differs from what is declared" in done.output
    reports = Reports(tmp_path / "out")
    reports.agree()
    assert reports.document["title"] == "Nightly" and "<title>Nightly</title>" in reports.html


def test_wrong_and_unknown_entries(
    simulator: Simulator,
    playbooks: Playbooks,
    tmp_path: pathlib.Path,
) -> None:
    wrong = [{"subscriber_id": 1, "actve": True}, {"subscriber_id": 2, "name": "x" * 65}, {"subscriber_id": 3}]
    run = playbooks.run(report(fleet_subscribers=wrong)).failed()
    assert "actve" in run.output and "64" in run.output
    assert list(simulator.audit) == [], "nothing is read"
    assert not (tmp_path / "reports").exists()

    unknown = [{"subscriber_id": 1, "name": "Branch 1"}, {"subscriber_id": 4000, "name": "Ghost"}]
    unknown += [
        {"subscriber": "nobody@fax.example.com", "name": "Nobody"},
        {"number": "4399999", "mail2fax_active": True},
    ]
    for failing in (False, True):
        run = playbooks.run(report(fleet_subscribers=unknown, drift_report_fail_on_errors=failing))
        assert run.returncode == (2 if failing else 0), run.output
        reports = Reports(tmp_path / "reports")
        assert reports.counts == {"total": 4, "in_sync": 1, "failed": 3}
        assert "nobody@fax.example.com" in reports.html and "4399999" in reports.html and "4000" in reports.markdown
    assert writes(simulator) == []


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("fleet.csv", "subscriber_id,t38\n1,maybe\n", "fleet.csv row 2 (1), t38: must be true or false"),
        ("fleet.yml", "- !!set {a}\n", "fleet_file: 'fleet.yml', line 1: a tag (a word that begins with !)"),
    ],
)
def test_wrong_input_is_named_and_not_the_condition_that_found_it(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    run = playbooks.playbook("ngcp.fax.drift_report", "-e", f"fleet_file={name}").failed()
    (message,) = run.errors.values()
    assert words in message and "failed_when" not in run.output
    assert not list(simulator.audit) and not (tmp_path / "drift-report").exists()


def test_refused_log_in_is_reported(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    run = playbooks.run(report(fleet_subscribers=fleet()), environment={"NGCP_API_PASSWORD": "WRONG-CANARY"}).failed()
    reports = Reports(tmp_path / "reports")
    reports.agree()
    assert set(reports.counts) == {"total", "not_attempted"}
    assert reports.document["problems"][0]["kind"] == "stopped"
    assert "CANARY" not in run.output
    assert len(simulator.audit) == 1


def settings(title: str, module: str = "fax_settings", /, **arguments: Any) -> dict[str, Any]:
    own = {key: arguments.pop(key) for key in ("loop", "no_log", "ignore_errors") if key in arguments}
    return {"name": title, f"ngcp.fax.{module}": arguments, **own}


def with_callback(playbooks: Playbooks, tasks: list[dict[str, Any]], **options: Any) -> Any:
    environment = {"ANSIBLE_CALLBACKS_ENABLED": "record,ngcp.fax.drift_report", **options.pop("environment", {})}
    return playbooks.run(tasks, environment=environment, **options)


def test_any_playbook_becomes_a_report_with_the_callback(
    simulator: Simulator,
    playbooks: Playbooks,
    tmp_path: pathlib.Path,
) -> None:
    loop = [{"id": 3, "name": "Three"}, {"id": 4, "name": "Branch 4"}, {"id": 4000, "name": "Ghost"}]
    tasks = [
        settings("List", subscribers=[{"subscriber_id": 1, "name": "Branch 1"}, {"subscriber_id": 2, "name": "Two"}]),
        settings("Loop", subscriber_id="{{ item.id }}", name="{{ item.name }}", loop=loop, ignore_errors=True),
        settings("Mail", "mail2fax_settings", subscriber_id=3, secret_key_renew="weekly"),
        settings("Hidden", subscriber_id=8, name="Eight", no_log=True),
        settings("Wrong", subscriber_id=9, filetype="BMP", ignore_errors=True),
        settings("Wrong in a loop", subscriber_id=9, filetype="BMP", loop=[1], ignore_errors=True),
        {"name": "Something else", "ansible.builtin.ping": {}},
    ]
    run = with_callback(playbooks, tasks, check=True).succeeded()
    assert writes(simulator) == []
    reports = Reports(tmp_path / "drift-report")
    reports.agree()
    assert str(tmp_path / "drift-report/drift.html") in run.output
    assert reports.differing == {
        ("fax_settings", 2): {"name"},
        ("fax_settings", 3): {"name"},
        ("mail2fax_settings", 3): {"secret_key_renew"},
    }
    assert reports.counts == {"total": 5, "in_sync": 2, "drifted": 2, "failed": 1}
    assert [(problem["kind"], problem["task"]) for problem in reports.document["problems"]] == [
        ("censored", "Hidden"),
        ("failed", "Wrong"),
        ("failed", "Wrong in a loop"),
    ]
    tasks_of = {part["task"] for row in reports.document["subscribers"] for part in row["settings"]}
    assert tasks_of == {"List", "Loop", "Mail"}
    assert reports.document["started"] <= reports.document["generated"]

    own = {"NGCP_FAX_DRIFT_REPORT_DIR": "deep/down", "NGCP_FAX_DRIFT_REPORT_TITLE": "After the change"}
    with_callback(playbooks, tasks[:3], environment=own).succeeded()
    done = Reports(tmp_path / "deep/down")
    done.agree()
    assert done.document["mode"] == "run" and done.document["title"] == "After the change"
    assert done.counts == {"total": 5, "in_sync": 2, "corrected": 2, "failed": 1}
    assert patched(simulator) == done.differing == reports.differing


def test_the_callback_with_one_inventory_host_per_subscriber(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    hosts = {f"branch{number}": {"ansible_connection": "local", "number": number} for number in range(1, 7)}
    (tmp_path / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}))
    tasks = [settings("Settings", subscriber_id="{{ number }}", name="Branch {{ [number | int, 4] | min }}")]
    with_callback(playbooks, tasks, check=True, play={"hosts": "all"}, environment={"ANSIBLE_INVENTORY": "hosts.json"})
    reports = Reports(tmp_path / "drift-report")
    reports.agree()
    found = {row["settings"][0]["host"]: row["status"] for row in reports.document["subscribers"]}
    assert found == {f"branch{number}": "drifted" if number > 4 else "in_sync" for number in range(1, 7)}


def test_the_callback_never_breaks_a_play(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    with_callback(playbooks, [{"name": "Nothing of ours", "ansible.builtin.ping": {}}]).succeeded()
    assert not (tmp_path / "drift-report").exists()
    (tmp_path / "drift-report").write_text("a file is in the way")
    run = with_callback(playbooks, [settings("One", subscriber_id=1, name="Branch 1")], check=True).succeeded()
    assert "the reports are missing or incomplete" in run.output
    wrong = {"NGCP_FAX_DRIFT_REPORT_MODE": "rw", "NGCP_FAX_DRIFT_REPORT_DIR": "elsewhere"}
    run = with_callback(playbooks, [settings("One", subscriber_id=1, name="Branch 1")], environment=wrong).succeeded()
    assert "the reports are missing or incomplete" in run.output


def test_the_module_refuses_what_is_no_result(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    ping = {"name": "Ping", "ansible.builtin.ping": {}, "register": "ping"}

    def reported(**arguments: Any) -> str:
        task = {"name": "Report", "ngcp.fax.drift_report": {"dir": "reports", **arguments}}
        run = playbooks.run([ping, task], check=True).failed()
        assert not (tmp_path / "reports").exists()
        return str(run.result("Report")["msg"])

    assert "results" in reported(results=["ping"]) and "results" in reported(results=["nothing"])
    assert "mode" in reported(results=[], mode="rw")
    assert "started" in reported(results=[], started="yesterday")
    assert "exactly one of results, plan is needed" in reported()


@pytest.mark.parametrize("form", ["names", "values"])
def test_the_module_in_check_mode_and_for_real(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path, form: str
) -> None:
    results, where = (["fax", "mail"], "dir") if form == "names" else (["{{ fax }}", "{{ mail }}"], "dest")
    tasks = [
        {**settings("Fax", subscriber_id=1, name="One"), "register": "fax"},
        {**settings("Mail", "mail2fax_settings", subscriber_id=1, active=True), "register": "mail"},
        {"name": "Report", "ngcp.fax.drift_report": {"results": results, where: "reports", "fail_on_drift": True}},
    ]
    failed = playbooks.run(tasks, check=True).failed().result("Report")
    assert failed["drift"]["subscribers"]["drifted"] == 1 and not failed["changed"]
    assert sorted(failed["files"]) == ["html", "json", "junit", "md"]
    done = playbooks.run(tasks).succeeded().result("Report")
    assert done["drift"]["subscribers"]["corrected"] == 1 and not done["changed"]
    assert Reports(tmp_path / "reports").document["summary"] == done["drift"]


@pytest.mark.platform(subscribers=5000)
def test_a_report_on_5000_subscribers(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """All of them drifted, in both resources: as large as a page gets."""
    entries = [
        {"subscriber_id": number, "active": True, "name": f"Branch {number}", "mail2fax_active": True}
        | {"destinations": [{"destination": f"fax{number}@branch.example.org", "filetype": "PDF"}]}
        for number in range(1, 5001)
    ]
    (tmp_path / "fleet.json").write_text(json.dumps(entries))
    playbooks.run(report(fleet_file=str(tmp_path / "fleet.json"))).succeeded()
    assert writes(simulator) == []

    reports = Reports(tmp_path / "reports")
    assert reports.counts == {"total": 5000, "drifted": 5000}
    assert len(reports.html.encode()) < 5_000_000
    assert len(ROW.findall(reports.html)) == 5000


# ---- the documentation


def test_the_documented_document_has_the_documented_form() -> None:
    (sample,) = blocks(PAGE, "json")
    schema = json.loads((ROOT / "docs/drift-report.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(sample))


def test_the_documented_commands(
    simulator: Simulator,
    playbooks: Playbooks,
    tmp_path: pathlib.Path,
) -> None:
    (tmp_path / "fleet.csv").write_text("subscriber_id,name\n1,Branch 1\n2,Somebody else\n")
    site = {
        "hosts": "localhost",
        "gather_facts": False,
        "tasks": [settings("Two", subscriber_id=2, name="Somebody else")],
    }
    (tmp_path / "site.yml").write_text(yaml.safe_dump([site]))
    (job,) = [yaml.safe_load(block)["drift"] for block in blocks(PAGE, "yaml") if block.startswith("drift:")]
    commands = [line for block in blocks(PAGE, "console") for line in block.splitlines()] + job["script"]
    assert len(commands) == 5
    environment = playbooks.surroundings({"NGCP_FAX_RECORD": str(tmp_path / "record")})
    del environment["ANSIBLE_CALLBACKS_ENABLED"]
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == (2 if "fail_on_drift" in command else 0), done.stdout + done.stderr
        if command.startswith("python3"):
            assert done.stdout == "1\n"
    for folder in ("reports", "drift-report"):
        assert Reports(tmp_path / folder).counts["drifted"] == 1
    assert job["artifacts"]["reports"]["junit"] in {f"reports/{name}" for name in NAMES}
    assert writes(simulator) == []


def test_the_documented_settings_of_the_callback(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    (configuration,) = blocks(PAGE, "ini")
    (tmp_path / "ansible.cfg").write_text(configuration)
    # The environment of the tests enables another callback, which would win.
    environment = playbooks.surroundings({"NGCP_FAX_RECORD": str(tmp_path / "record")})
    del environment["ANSIBLE_CALLBACKS_ENABLED"]
    site = {"hosts": "localhost", "gather_facts": False, "tasks": [settings("Two", subscriber_id=2, name="Two")]}
    (tmp_path / "site.yml").write_text(yaml.safe_dump([site]))
    command = shlex.split("ansible-playbook --check site.yml")
    subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert Reports(tmp_path / "reports").document["title"] == "Nightly check"


@pytest.mark.parametrize("source", ["page", "module"])
def test_the_documented_tasks(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path, source: str) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files/fleet.csv").write_text("subscriber_id,name\n1,Branch 1\n2,Somebody else\n")
    if source == "page":
        (tasks,) = [yaml.safe_load(block) for block in blocks(PAGE, "yaml") if block.startswith("- name: See")]
        run = playbooks.run(tasks).succeeded()
        assert run.statuses["Report the drift"] == "ok"
        folder = "reports"
    else:
        module = importlib.import_module("ansible_collections.ngcp.fax.plugins.modules.drift_report")
        run = playbooks.run(yaml.safe_load(module.EXAMPLES)).failed()
        folder = "drift-report"
    reports = Reports(tmp_path / folder)
    reports.agree()
    assert reports.counts == {"total": 2, "drifted": 1, "in_sync": 1}


def test_the_documented_role(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    (example,) = blocks("roles/drift_report/README.md", "yaml")
    (tmp_path / "fleet.csv").write_text("subscriber_id,name\n1,Branch 1\n2,Somebody else\n")
    (tmp_path / "play.yml").write_text(example)
    playbooks.playbook("play.yml").failed()
    assert Reports(tmp_path / "reports").counts == {"total": 2, "drifted": 1, "in_sync": 1}


@pytest.mark.parametrize("kind", ["module", "callback", "role"])
def test_the_documentation_reads(kind: str, playbooks: Playbooks) -> None:
    done = playbooks.command("ansible-doc", "-t", kind, "ngcp.fax.drift_report")
    assert done.returncode == 0
    assert "drift.junit.xml" in done.stdout and "ERROR" not in done.stderr
