# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hunt for leaks: recognisable secrets everywhere, and everything that a run puts out searched for them."""

from __future__ import annotations

import json
import pathlib
from typing import Any
from urllib.parse import quote

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

CANARY = "CANARY"
NEW = f'\nNew "{CANARY}"'
ESCAPED = json.dumps(NEW)[1:-1]
HOSTILE = "bad \x1b]0;x\x07\r\nTASK [done] ***\nok: [localhost] \u202e"
FAKE_SYSLOG = """
import os
def _write(*words): open(os.environ["NGCP_FAX_SYSLOG"], "a").write(" ".join(map(str, words)) + "\\n")
def openlog(*words, **more): _write(*words, *more.values())
syslog = openlog
def __getattr__(name): return 0
"""


@pytest.mark.both_fronts
def test_no_secret_leaves(playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path, front: str) -> None:
    for number in range(1, 9):
        simulator.put_settings("faxserversettings", number, {"password": f"{CANARY}-old-{number}", "active": False})
        mail2fax = {"secret_key": f"{CANARY}-old-key-{number}", "secret_key_renew": "never"}
        simulator.put_settings("mailtofaxsettings", number, mail2fax)
    for path, old in (("faxserversettings", f"{CANARY}-old-7"), ("mailtofaxsettings", f"{CANARY}-old-key-7")):
        echo = f"Validation failed. input='{ESCAPED[1:]}', errors='{old} is not {ESCAPED}', {quote(NEW)}"
        body = json.dumps({"code": 422, "message": f"{'.' * 380} {echo}"})
        kind = "application/json"
        simulator.fault("status", method="PATCH", path=path, subscribers=[7], status=422, body=body, content_type=kind)
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "syslog.py").write_text(FAKE_SYSLOG)
    log = tmp_path / "syslog.txt"
    tasks = []
    values: dict[str, Any] = {}

    def variable(name: str, value: Any = None) -> str:
        """Return a template for a secret: what stands in the playbook itself, Ansible quotes in its own errors."""
        values[name] = value or f"{CANARY}-{name}"
        return f"{{{{ canary['{name}'] }}}}"

    for module, field in (("fax_settings", "password"), ("mail2fax_settings", "secret_key")):
        entries = [
            {"subscriber_id": number, field: variable(f"new-{number}", NEW if number == 7 else None)}
            for number in range(3, 9)
        ]
        file = tmp_path / "files" / f"{module}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps([{"subscriber_id": 2, field: f"{CANARY}-file"}]))
        declarations: list[dict[str, Any]] = [
            {"subscriber_id": 1, field: variable("new-1")},
            {"subscribers_file": file.name, field: variable("default")},
            {"subscribers": entries},
            {"subscribers": [*entries, {"subscriber_id": 1, field: variable("long", CANARY * 60)}]},
            {"subscribers": [*entries, {"subscriber_id": 1, field: variable("list", [f"{CANARY}-list"])}]},
            {"subscriber_id": 1, field: variable("new-1"), "destinations": "wrong", "api_password": variable("pw")},
            {"subscriber_id": 1, field: variable("new-1"), "api_url": variable("url", f"https://u:{CANARY}@127.0.0.1")},
            {"subscriber_id": 1, field: variable("new-1"), "max_changes": "x", "timeout": 0},
            {"subscriber_id": 7, field: variable("new-7", NEW)},
        ]
        # A task's name tells more than the module's alone.
        tasks += [
            {"name": f"{module} {index}", f"ngcp.fax.{module}": arguments, "ignore_errors": True}
            for index, arguments in enumerate(declarations)
        ]
        tasks.append({"name": f"{module}_info", f"ngcp.fax.{module}_info": {}})
    (tmp_path / "secrets.json").write_text(json.dumps({"canary": values}))
    environment = {
        "PYTHONPATH": str(fake),
        "NGCP_FAX_SYSLOG": str(log),
        "ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"),
    }
    # What a module says about what is so already, test_fronts.py compares with what is said in process.
    for check in (True, False, False) if front == "in_process" else (True, False):
        run = playbooks.run(tasks, "-e", "@secrets.json", check=check, verbosity=4, environment=environment).succeeded()
        assert len(run.results) == len(tasks)
        assert log.exists() == (front == "module"), "only modules write to the system log"
        logged = log.read_text() if log.exists() else ""
        for text in (run.output, json.dumps(run.results), logged, (tmp_path / "ansible.log").read_text()):
            assert CANARY not in text, text[max(0, text.index(CANARY) - 500) : text.index(CANARY) + 200]
    assert simulator.settings("faxserversettings", 1)["password"] == f"{CANARY}-new-1"
    assert simulator.settings("mailtofaxsettings", 8)["secret_key"] == f"{CANARY}-new-8"


@pytest.mark.both_fronts
def test_consoles_show_what_happened_what_to_do_and_nothing_forged(playbooks: Playbooks, simulator: Simulator) -> None:
    body = json.dumps({"code": 422, "message": HOSTILE})
    for method in ("GET", "PATCH"):
        number = 2 if method == "GET" else 3
        path, kind = "faxserversettings", "application/json"
        simulator.fault(
            "status", method=method, path=path, subscribers=[number], body=body, status=422, content_type=kind
        )
    wrong = {"subscriber_id": 1, "active": True, "api_username": "administrator", "api_password": "wrong"}
    tasks = [
        {"name": "password", "ngcp.fax.fax_settings": wrong},
        {"name": "single", "ngcp.fax.fax_settings": {"subscriber_id": 2, "active": True}},
        {"name": "fleet", "ngcp.fax.fax_settings": {"subscribers": [{"subscriber_id": 3}], "active": True}},
        {"name": "missing", "ngcp.fax.fax_settings_info": {"subscriber_id": 99}},
    ]
    run = playbooks.run([{**task, "ignore_errors": True} for task in tasks]).succeeded()
    shown = r"bad \x1b]0;x\x07\r\nTASK [done] ***\nok: [localhost] \u202e"
    messages = {
        "password": "wrong name or password. Check api_username and api_password.",
        "single": f"The server responded with 422: {shown}. The server checks the whole stored entity",
        "fleet": f"subscribers[0] (3): The server responded with 422: {shown}. "
        "The server checks the whole stored entity",
        "missing": "1 subscriber cannot be read: 99: The server responded with 404: Entity 'subscriber' not found. It",
    }
    for task, message in messages.items():
        result = run.result(task)
        assert message in result["msg"]
        assert result["msg"].isprintable()
    assert run.result("single")["error"] == run.result("single")["subscribers"][0]["error"]
    assert {character for character in run.output if not character.isprintable()} == {"\n"}
    assert "\nok: [localhost]" not in run.output


@pytest.mark.both_fronts
def test_short_secrets_leave_the_rest_readable(playbooks: Playbooks, simulator: Simulator) -> None:
    arguments = {"subscriber_id": 12, "password": "12", "name": "Number 4712"}
    run = playbooks.module("fax_settings", arguments, verbosity=1).succeeded()
    (subscriber,) = run.only["subscribers"]
    assert subscriber["subscriber_id"] == 12
    assert subscriber["settings"]["name"] == "Number 4712"
    assert subscriber["settings"]["password"] == "********"
    assert {"op": "replace", "path": "/password", "value": "********"} in subscriber["patch"]


def test_info_shows_secrets_only_on_request(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.put_settings("faxserversettings", 1, {"password": "CANARY"})
    (entry,) = playbooks.module("fax_settings_info", {"subscriber_id": 1}).succeeded().only["subscribers"]
    assert "password" not in entry
    arguments = {"subscriber_id": 1, "include_secrets": True}
    (entry,) = playbooks.module("fax_settings_info", arguments).succeeded().only["subscribers"]
    assert entry["password"] == "CANARY"
