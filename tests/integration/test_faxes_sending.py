# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``fax_send`` in playbooks against the simulated platform."""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 64 + b"\n%%EOF\n"
NUMBER = "431110002"
SECRET = "Confidential-4711"
PAGE = "<html><title>Blocked</title></html>"


@pytest.fixture(autouse=True)
def active(simulator: Simulator, tmp_path: pathlib.Path) -> None:
    """Switch the fax service of subscriber 3 on, and put a document into ``files/``."""
    simulator.put_settings("faxserversettings", 3, {"active": True})
    simulator.switch(fax_seconds=1)
    (tmp_path / "files").mkdir()
    (tmp_path / "files/document.pdf").write_bytes(PDF)


def arguments(**given: Any) -> dict[str, Any]:
    return {"subscriber_id": 3, "destination": NUMBER, **given}


def posts(sim: Simulator) -> int:
    return sim.count("POST", "^/api/faxes")


def test_the_same_task_twice(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    checked = playbooks.module("fax_send", arguments(src="document.pdf"), check=True).succeeded()
    assert checked.statuses == {"fax_send": "changed"} and posts(simulator) == 0
    assert not list(tmp_path.rglob("receipts"))
    first = playbooks.module("fax_send", arguments(src="document.pdf")).succeeded().only
    assert (first["changed"], first["fax"]["status"]) == (True, "queued")
    again = playbooks.module("fax_send", arguments(src="document.pdf")).succeeded().only
    assert (again["changed"], again["fax"]["status"], again["fax"]["fax_id"]) == (
        False,
        "already_sent",
        first["fax"]["fax_id"],
    )
    assert playbooks.module("fax_send", arguments(src="document.pdf"), check=True).only["changed"] is False
    assert posts(simulator) == 1
    (job,) = simulator.sent_faxes()
    assert (bytes(job["document"]), job["data"], job["destination"]) == (PDF, None, NUMBER)
    assert pathlib.Path(first["receipt"]).stat().st_mode & 0o777 == 0o600


def test_a_loop_of_documents_to_one_number(simulator: Simulator, playbooks: Playbooks) -> None:
    task = {"name": "send", "ngcp.fax.fax_send": arguments(text="{{ item }}"), "loop": ["one", "two", "one"]}
    playbooks.run([task]).succeeded()
    assert [job["data"] for job in simulator.sent_faxes()] == ["one", "two"]


def test_two_parallel_runs(
    simulator: Simulator, make_playbooks: Callable[..., Playbooks], tmp_path: pathlib.Path
) -> None:
    simulator.fault("delay", method="POST", path="^/api/faxes", seconds=1)
    runners = [make_playbooks(simulator, tmp_path / str(number)) for number in range(3)]
    given = arguments(src=str(tmp_path / "files/document.pdf"), receipts=str(tmp_path / "receipts"))
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda runner: runner.module("fax_send", given).succeeded().only, runners))
    assert sorted(result["fax"]["status"] for result in results) == ["already_sent", "already_sent", "queued"]
    assert posts(simulator) == 1


def test_waiting_shows_the_progress(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.switch(fax_seconds=3)
    run = playbooks.module("fax_send", arguments(text="x", wait=True, poll_interval=1), verbosity=1).succeeded()
    assert [step["status"] for step in run.only["progress"]] == ["QUEUED", "SENDING", "SUCCESS"]
    assert run.only["fax"]["status"] == "success"
    assert "SENDING" in run.output


def test_waiting_fails_with_the_reason(simulator: Simulator, playbooks: Playbooks) -> None:
    given = arguments(destination="999123", text="x", wait=True, poll_interval=1)
    result = playbooks.module("fax_send", given).failed().only
    assert (result["fax"]["status"], result["error"]["code"]) == ("failed", "fax_failed")
    assert "Remote busy" in result["msg"]
    assert playbooks.module("fax_send", given).failed().only["fax"]["status"] == "failed"
    assert posts(simulator) == 1
    assert playbooks.module("fax_send", {**given, "force": True}).failed().only["changed"]
    assert posts(simulator) == 2


@pytest.mark.parametrize(
    ("fault", "status", "sent"),
    [
        ({"action": "reset_after"}, "queued", 1),
        ({"action": "truncate"}, "queued", 1),
        ({"action": "reset"}, "unknown", 0),
        ({"action": "status", "status": 500}, "unknown", 0),
        ({"action": "status", "status": 502}, "unknown", 0),
        ({"action": "status", "status": 503, "retry_after": 1}, "unknown", 0),
        ({"action": "garbage"}, "unknown", 0),
        ({"action": "hang"}, "unknown", 0),
        ({"action": "status", "status": 422}, "failed", 0),
        ({"action": "status", "status": 413}, "unknown", 0),
        ({"action": "redirect"}, "unknown", 0),
        ({"action": "status_after", "status": 302}, "queued", 1),
        ({"action": "status_after", "status": 422, "body": PAGE, "content_type": "text/html"}, "queued", 1),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_faults(simulator: Simulator, playbooks: Playbooks, fault: dict[str, Any], status: str, sent: int) -> None:
    simulator.fault(method="POST", path="^/api/faxes", **fault)
    run = playbooks.module("fax_send", arguments(text="x", timeout=2))
    result = run.only
    assert result["fax"]["status"] == status
    assert posts(simulator) == 1 and len(simulator.sent_faxes()) == sent
    assert run.returncode == (0 if status == "queued" else 2)
    if status != "queued":
        assert {"code", "message", "retryable", "hint", "http_status"} <= set(result["error"])
    simulator.clear_faults()
    again = playbooks.module("fax_send", arguments(text="x")).only
    assert again["fax"]["status"] == {"queued": "already_sent", "unknown": "unknown", "failed": "queued"}[status]
    if status == "unknown":
        assert posts(simulator) == 1
        resent = playbooks.module("fax_send", arguments(text="x", on_uncertain="resend")).succeeded().only
        assert (resent["changed"], resent["fax"]["status"]) == (True, "queued")
        assert len(simulator.sent_faxes()) == 1


@pytest.mark.both_fronts
def test_the_fax_is_reported_when_nothing_was_sent(simulator: Simulator, playbooks: Playbooks) -> None:
    """Wrong options, an unknown subscriber, a journal that cannot be read: the result keeps its shape."""
    simulator.fault("status", method="GET", path="^/api/faxes/", status=500)
    tasks = [
        {"name": name, "ngcp.fax.fax_send": arguments(retries=0, **{"text": "x", **given}), "ignore_errors": True}
        for name, given in {
            "journal": {},
            "subscriber": {"subscriber": "nobody@pbx.example.org", "subscriber_id": None},
            "option": {"poll_interval": 0},
            "empty": {"job_id": ""},
            "file": {"text": None, "src": "none.pdf"},
        }.items()
    ]
    run = playbooks.run(tasks)
    assert set(run.statuses.values()) == {"failed"} and len(run.results) == len(tasks)
    for task in tasks:
        result = run.result(task["name"])
        assert (result["changed"], result["fax"]["status"]) == (False, "failed"), task
        assert {"receipt", "sha256", "summary", "error", "msg"} <= set(result), task
        assert result["fax"]["destination"] == NUMBER
    assert "poll_interval: must be from 1 to 3600" in run.result("option")["msg"]
    assert run.result("empty")["msg"].startswith("job_id: must not be empty")
    assert posts(simulator) == 0


def test_the_console_shows_what_can_be_done(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.put_settings("faxserversettings", 3, {"active": False})
    run = playbooks.module("fax_send", arguments(text="x")).failed()
    assert "Invalid subscriber fax preferences. Switch on the subscriber's fax service" in run.only["msg"]
    assert "active: true" in " ".join(run.output.split())


def test_no_connection_is_no_uncertainty(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.fault("stop", method="POST", path="^/api/faxes", times=1)
    given = arguments(text="x", retries=0)
    assert playbooks.module("fax_send", given).failed().only["fax"]["status"] == "unknown"
    result = playbooks.module("fax_send", given).failed().only
    assert result["error"]["code"] == "connection_failed"
    simulator.start()
    assert playbooks.module("fax_send", {**given, "text": "y"}).succeeded().only["fax"]["status"] == "queued"


def test_text_beyond_ascii(simulator: Simulator, playbooks: Playbooks) -> None:
    text = "Größe 5 €, «čeština»"
    playbooks.module("fax_send", arguments(text=text)).succeeded()
    playbooks.module("fax_send", arguments(text=text, src="document.pdf")).succeeded()
    assert [job["data"] for job in simulator.sent_faxes()] == [text, text]
    assert [entry.body.startswith("{") for entry in simulator.audit.find("POST", "^/api/faxes")] == [True, False]


def test_nothing_confidential_is_shown(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    (tmp_path / "files/secret.txt").write_text(f"{SECRET} in a file")
    given = arguments(text=f"{SECRET} as text", src="secret.txt")
    outputs = [playbooks.module("fax_send", given, verbosity=4)]
    as_json = {"content_type": "application/json"}
    for status in (422, 403, 500):
        echo = json.dumps({"code": status, "message": f"Cannot process {SECRET} as text and {SECRET} in a file"})
        simulator.clear_faults()
        simulator.fault("status", method="POST", path="^/api/faxes", status=status, body=echo, **as_json)
        outputs.append(playbooks.module("fax_send", {**given, "force": True}, verbosity=4))
        assert "Cannot process ********" in outputs[-1].only["msg"]
    for run in outputs:
        assert SECRET not in run.output + json.dumps(run.results)
    kept = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.json"))
    assert SECRET not in kept


def test_documents_that_cannot_be_sent(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    contents = {"empty": b"", "archive": b"PK\x03\x04", "large": b"%PDF-"}
    for name, content in contents.items():
        (tmp_path / f"files/{name}.pdf").write_bytes(content)
    os.truncate(tmp_path / "files/large.pdf", 64 * 1024 * 1024 + 1)
    words = {"none": "Could not find", "empty": "has 0 bytes", "archive": "is not a PDF", "large": "67108865 bytes"}
    run = playbooks.each("fax_send", {name: arguments(src=f"{name}.pdf") for name in words})
    for name, word in words.items():
        result = run.result(name)
        assert run.statuses[name] == "failed" and word in result["msg"]
        assert (result["error"]["code"], result["error"]["field"], result["changed"]) == ("invalid_input", "src", False)
    assert simulator.count("POST", "^/api/faxes") == 0


def test_a_file_on_the_managed_host(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    given = arguments(src=str(tmp_path / "files/document.pdf"), remote_src=True)
    playbooks.module("fax_send", given).succeeded()
    assert playbooks.module("fax_send", arguments(src="document.pdf")).only["fax"]["status"] == "already_sent"
    missing = playbooks.module("fax_send", {**given, "src": "/nonexistent.pdf"}).failed().only
    assert missing["error"]["field"] == "src"


def test_a_vaulted_file_to_another_host(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    """The file is decrypted on the control node and carried to the host; here by a connection that is not "local"."""
    password = tmp_path / "password"
    password.write_text("vault-password")
    path = tmp_path / "files/document.pdf"
    vault = playbooks.command("ansible-vault", "encrypt", "--vault-password-file", str(password), str(path))
    assert vault.returncode == 0, vault.stderr
    assert path.read_bytes().startswith(b"$ANSIBLE_VAULT")
    tasks = [{"name": "send", "ngcp.fax.fax_send": arguments(src="document.pdf")}]
    run = playbooks.run(tasks, "--vault-password-file", str(password)).succeeded()
    assert run.result("send")["fax"]["status"] == "queued"
    (job,) = simulator.sent_faxes()
    assert bytes(job["document"]) == PDF


@pytest.mark.parametrize(
    ("set_up", "code"),
    [
        (lambda sim: sim.put_settings("faxserversettings", 3, {"active": False}), "fax_inactive"),
        (lambda sim: sim.switch(fax_feature=False), "fax_feature_off"),
        (lambda sim: sim.terminate(3), "not_found"),
        (lambda sim: sim.switch(license=False), "invalid_license"),
    ],
    ids=["inactive", "feature off", "terminated", "no licence"],
)
def test_refusals(simulator: Simulator, playbooks: Playbooks, set_up: Callable[[Simulator], Any], code: str) -> None:
    set_up(simulator)
    result = playbooks.module("fax_send", arguments(text="x")).failed().only
    assert (result["error"]["code"], result["changed"]) == (code, False)
    if code != "fax_feature_off":
        assert playbooks.module("fax_send", arguments(text="x"), check=True).failed().only["error"]["code"] == code


def test_a_community_edition(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.switch(edition="spce")
    run = playbooks.module("fax_send", arguments(text="x")).succeeded()
    assert "Community Edition" in run.output
    assert any("Community Edition" in warning for warning in run.only["warnings"])


def test_what_somebody_else_sent(simulator: Simulator, playbooks: Playbooks) -> None:
    playbooks.module("fax_send", arguments(text="one")).succeeded()
    result = playbooks.module("fax_send", arguments(text="two", unless_sent_within=600)).succeeded().only
    assert (result["changed"], result["fax"]["status"], result["fax"]["fax_id"]) == (False, "already_sent", 1)
    simulator.receive_fax(3, direction="out", callee="431110003", time=simulator.platform.clock.now() - 1200)
    given = arguments(destination="431110003", text="two", unless_sent_within=600)
    assert playbooks.module("fax_send", given).only["changed"]


@pytest.mark.parametrize("key", [{"subscriber": "USER0003@pbx.example.org"}, {"number": "+43 190003"}])
def test_other_keys(simulator: Simulator, playbooks: Playbooks, key: dict[str, str]) -> None:
    playbooks.module("fax_send", {"destination": NUMBER, "text": "x", **key}).succeeded()
    assert playbooks.module("fax_send", arguments(text="x")).only["fax"]["status"] == "already_sent"


def test_subscribers_send_for_themselves(simulator: Simulator, playbooks: Playbooks) -> None:
    login = simulator.subscriber_login(3)
    playbooks.environment = {
        "NGCP_API_URL": simulator.subscriber_url,
        "NGCP_API_USERNAME": login.username,
        "NGCP_API_PASSWORD": login.password,
        "NGCP_API_CA_PATH": simulator.ca_path,
    }
    assert playbooks.module("fax_send", arguments(text="x")).succeeded().only["fax"]["status"] == "queued"
