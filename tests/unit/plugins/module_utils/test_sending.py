# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sending: once, whatever the server answers and wherever a run stops."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _sending, _tracking
from ansible_collections.ngcp.fax.plugins.module_utils._argument_spec import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    InputError,
    LostAnswerError,
    ProtocolError,
    RefusedError,
    ServerError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._fax_options import send_options
from ansible_collections.ngcp.fax.plugins.module_utils._sending import send_fax
from ansible_collections.ngcp.fax.tests.unit.support.journal import FakeClient, item

LOST = LostAnswerError("The connection broke")
FAILED = ServerError("The server failed: 500", http_status=500)
NUMBER = "431110002"


def now(**shift):
    return (datetime.now(timezone.utc) + timedelta(**shift)).strftime("%Y-%m-%d %H:%M:%S")


def queue(client, status="QUEUED", callee=NUMBER, **fields):
    """Do what the server does with a fax."""
    number = max(client.items, default=0) + 1
    fields = {"direction": "out", "time": now(), "reason": "", **fields}
    client.items[number] = item(number, 3, callee=callee, status=status, **fields)


@pytest.fixture
def client(monkeypatch, pauses):
    made = FakeClient([item(1), item(2, 3)])
    made.on_post = queue
    monkeypatch.setattr(_sending, "connect", lambda params: made)
    return made


@pytest.fixture
def send(tmp_path, client):
    """Return a function that runs the task with some options."""

    def run(check=False, **given):
        options = {**connection_options(), **send_options()}
        params = {name: option.get("default") for name, option in options.items()}
        params.update(
            api_url="https://platform.test:1443",
            receipts=str(tmp_path / "receipts"),
            subscriber_id=3,
            destination=NUMBER,
            text="Hello",
        )
        return send_fax({**params, **given}, None, check)

    return run


def states(tmp_path):
    found = {}
    for path in (tmp_path / "receipts").glob("*.json"):
        found[path.name] = [attempt["state"] for attempt in json.loads(path.read_text())["attempts"]]
    return sorted(found.values())


def test_sent_once(client, send, tmp_path):
    first = send()
    assert (first["changed"], first["fax"]["status"], first["fax"]["id"]) == (True, "queued", 3)
    assert json.loads(client.posted[0]) == {"subscriber_id": 3, "destination": NUMBER, "data": "Hello"}
    assert states(tmp_path) == [["sent"]]
    again = send()
    assert (again["changed"], again["fax"]["status"], again["fax"]["id"]) == (False, "already_sent", 3)
    assert again["receipt"] == first["receipt"] and os.path.exists(first["receipt"])
    assert len(client.posted) == 1


def test_the_receipt_is_there_before_the_request(client, send, tmp_path):
    client.on_post = lambda _client: seen.append(states(tmp_path))
    seen = []
    send()
    assert seen == [[["prepared"]]]


def test_two_documents_to_one_number(client, send):
    assert send(text="one")["fax"]["id"] == 3
    assert send(text="two")["fax"]["id"] == 4
    assert len(client.posted) == 2


def test_a_job_stands_for_the_content(client, send):
    send(text="one", job_id="order-1")
    assert send(text="two", job_id="order-1")["fax"]["status"] == "already_sent"
    assert send(text="two", job_id="order-2")["changed"]
    assert send(text="two", job_id="order-1", destination="431110003")["changed"]


def test_force(client, send, tmp_path):
    send()
    assert [send(force=True)["fax"]["id"] for _time in range(2)] == [4, 5]
    assert send()["fax"]["status"] == "already_sent"
    assert states(tmp_path) == [["sent", "sent", "sent"]]


@pytest.mark.parametrize(
    "lost", [LOST, FAILED, ProtocolError("200, not 201"), RefusedError("timed out", http_status=408)]
)
def test_a_lost_answer_of_a_fax_that_was_sent(client, send, tmp_path, lost):
    client.meet("post", lost)
    result = send()
    assert (result["changed"], result["fax"]["status"], result["fax"]["id"]) == (True, "queued", 3)
    assert "failed" not in result
    assert states(tmp_path) == [["sent"]]
    assert send()["fax"]["status"] == "already_sent"


@pytest.mark.parametrize("lost", [LOST, FAILED])
def test_a_lost_answer_of_a_fax_that_was_not_sent(client, send, pauses, tmp_path, lost):
    client.on_post = None
    client.meet("post", lost)
    result = send()
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, True, "unknown")
    assert (result["error"]["code"], result["error"]["retryable"]) == ("outcome_unknown", True)
    assert pauses == [0, 1, 2]
    assert states(tmp_path) == [["unknown"]]
    again = send()
    assert (again["failed"], again["changed"], again["fax"]["status"]) == (True, False, "unknown")
    assert len(client.posted) == 1
    resent = send(on_uncertain="resend")
    assert (resent["changed"], resent["fax"]["status"], resent["fax"]["id"]) == (True, "queued", None)
    assert len(client.posted) == 2
    assert states(tmp_path) == [["unknown", "sent"]]
    assert send()["fax"]["status"] == "already_sent"


def test_an_entry_that_comes_late(client, send):
    client.on_post = None
    client.meet("post", LOST)
    assert send()["fax"]["status"] == "unknown"
    queue(client)
    result = send(on_uncertain="resend")
    assert (result["changed"], result["fax"]["status"], result["fax"]["id"]) == (False, "already_sent", 3)
    assert len(client.posted) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"callee": "431110003"},
        {"direction": "in"},
        {"direction": "mtf"},
        {"time": now(hours=-3)},
        {"time": now(hours=3)},
    ],
)
def test_entries_that_prove_nothing(client, send, fields):
    client.on_post = None
    client.meet("post", LOST)
    send()
    queue(client, **fields)
    assert send()["fax"]["status"] == "unknown"


def test_the_entry_of_another_document_proves_nothing(client, send, tmp_path):
    client.on_post = None
    client.meet("post", LOST)
    assert send(text="one")["fax"]["status"] == "unknown"
    client.on_post = queue
    assert send(text="two")["fax"]["id"] == 3
    assert send(text="one")["fax"]["status"] == "unknown"
    assert states(tmp_path) == [["sent"], ["unknown"]]


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (RefusedError("422: Invalid subscriber fax preferences", http_status=422), "fax_inactive"),
        (RefusedError("422: Faxserver feature is not active.", http_status=422), "fax_feature_off"),
        (RefusedError("413", code="too_large", http_status=413, hint="proxy"), "too_large"),
        (UnreachableError("no connection"), "connection_failed"),
        (UnreachableError("broke", code="not_sent"), "not_sent"),
        (ProtocolError("301", code="redirect_refused", http_status=301), "redirect_refused"),
        (AccessError("refused", http_status=403), "unauthorized"),
    ],
)
def test_refused(client, send, tmp_path, refused, code):
    client.on_post = None
    client.meet("post", refused)
    result = send()
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert result["error"]["code"] == code
    assert states(tmp_path) == [["refused"]]
    client.on_post = queue
    assert send()["changed"], "what was refused is sent by the next run"


def test_the_servers_echo_of_the_text_stays_out(client, send):
    echo = "422: Validation failed. field='data', input='top\nsecret', errors='Field should not exceed'"
    client.meet("post", RefusedError(echo, http_status=422))
    result = send()
    assert "secret" not in json.dumps(result)
    assert "Field should not exceed" in result["msg"]


@pytest.mark.parametrize("where", ["list", "info", "post"])
def test_killed(client, send, tmp_path, where):
    """A run that is killed before the request leaves nothing or "prepared"; the journal then proves nothing."""

    class Killed(BaseException):
        pass

    def die(*_arguments, **_options):
        raise Killed

    client.on_post = None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, {"list": "list_page", "info": "platform_info", "post": "post_fax"}[where], die)
        with pytest.raises(Killed):
            send()
    assert states(tmp_path) == ([["prepared"]] if where == "post" else [])
    client.on_post = queue
    assert send()["fax"]["status"] == ("unknown" if where == "post" else "queued")


def test_killed_after_the_request(client, send, tmp_path):
    class Killed(BaseException):
        pass

    def post_and_die(made):
        queue(made)
        raise Killed

    client.on_post = post_and_die
    with pytest.raises(Killed):
        send()
    result = send()
    assert (result["changed"], result["fax"]["status"], result["fax"]["id"]) == (False, "already_sent", 3)
    assert states(tmp_path) == [["sent"]]


def test_a_journal_that_cannot_be_read(client, send):
    client.meet("post", LOST)
    client.meet("list", None, FAILED)
    result = send()
    assert result["fax"]["status"] == "unknown"
    assert result["warnings"] == ["The journal could not be read: The server failed: 500"]
    assert send()["fax"]["status"] == "already_sent"


def test_a_receipt_that_cannot_be_written(client, send, tmp_path):
    (tmp_path / "receipts").write_text("")
    with pytest.raises(FaxError, match="for receipts"):
        send()
    assert client.posted == []


def test_a_receipt_that_cannot_be_completed(client, send, tmp_path, monkeypatch):
    from ansible_collections.ngcp.fax.plugins.module_utils import _receipts

    inner = _receipts.write_whole
    monkeypatch.setattr(_receipts, "write_whole", lambda *arguments: full() if client.posted else inner(*arguments))

    def full():
        raise OSError(28, "No space left on device")

    result = send()
    assert result["fax"]["status"] == "queued"
    assert result["warnings"] == [
        "The receipt could not be completed: Cannot write the receipt: No space left on device"
    ]
    monkeypatch.undo()
    assert states(tmp_path) == [["prepared"]]


# ---- waiting


def advance(client, *statuses):
    """Let the newest entry go through these statuses, one per look."""
    looks = iter(statuses)

    def look(name, number, params=None, inner=client.get_item):
        if params is None and name == "faxes":
            status = next(looks, None)
            client.items[number]["status"] = status or client.items[number]["status"]
            client.items[number]["reason"] = "Remote busy" if status == "FAILED" else ""
        return inner(name, number, params)

    client.get_item = look


def test_waiting(client, send, pauses):
    advance(client, "QUEUED", "SENDING", "SENDING", "SUCCESS")
    result = send(wait=True, poll_interval=7)
    assert (result["fax"]["status"], result["fax"]["server_status"]) == ("success", "SUCCESS")
    assert [step["status"] for step in result["progress"]] == ["QUEUED", "SENDING", "SUCCESS"]
    assert pauses == [7, 7, 7]
    again = send(wait=True)
    assert (again["changed"], again["fax"]["status"]) == (False, "already_sent")


def test_waiting_for_a_fax_that_fails(client, send):
    advance(client, "FAILED")
    result = send(wait=True)
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, True, "failed")
    assert (result["error"]["code"], result["msg"]) == ("fax_failed", f"The fax to {NUMBER} failed: Remote busy")
    for wait in (True, False):
        again = send(wait=wait)
        assert (again["failed"], again["changed"], again["fax"]["status"]) == (True, False, "failed")
    assert len(client.posted) == 1


def test_waiting_in_vain(client, send, monkeypatch):
    clock = iter(range(0, 10000, 10))
    monkeypatch.setattr(_tracking.time, "monotonic", lambda: next(clock))
    result = send(wait=True, wait_timeout=30)
    assert (result["failed"], result["error"]["code"]) == (True, "wait_timeout")
    assert (result["fax"]["status"], result["changed"]) == ("queued", True)


def test_waiting_for_an_entry_that_comes_late(client, send):
    client.on_post = None
    pending = []

    def look(*arguments, inner=client.list_page, **options):
        if client.posted:
            pending.append(1)
            if len(pending) == 4:
                queue(client, "SUCCESS")
        return inner(*arguments, **options)

    client.list_page = look
    result = send(wait=True)
    assert (result["fax"]["status"], result["fax"]["id"]) == ("success", 3)


def test_outages_while_waiting(client, send):
    client.meet("get", FAILED, LOST)
    queue_success = client.on_post
    client.on_post = lambda made: queue_success(made, "SUCCESS")
    assert send(wait=True)["fax"]["status"] == "success"


def test_an_entry_that_is_deleted_while_waiting(client, send):
    client.get_item = lambda *arguments: (client.items.clear(), FakeClient.get_item(client, *arguments))[1]
    result = send(wait=True)
    assert (result["failed"], result["error"]["code"]) == (True, "not_found")


# ---- what others sent


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({}, False),
        ({"direction": "mtf"}, False),
        ({"status": "FAILED"}, True),
        ({"callee": "431119999"}, True),
        ({"direction": "in"}, True),
    ],
)
def test_unless_sent_within(client, send, fields, sent):
    queue(client, **{"status": "SUCCESS", **fields})
    result = send(unless_sent_within=60)
    assert result["changed"] is sent
    assert result["fax"]["status"] == ("queued" if sent else "already_sent")
    assert result["fax"]["id"] == (4 if sent else 3)


# ---- before anything is sent


def test_check_mode(client, send, tmp_path):
    result = send(check=True)
    assert (result["changed"], result["fax"]["status"]) == (True, "queued")
    assert client.posted == [] and os.listdir(tmp_path) == []
    send()
    assert send(check=True)["changed"] is False
    client.settings = {"active": False}
    with pytest.raises(RefusedError) as caught:
        send(check=True, text="other")
    assert caught.value.code == "fax_inactive"


def test_check_mode_looks_into_the_journal(client, send, tmp_path):
    client.meet("post", LOST)
    client.on_post = None
    send()
    assert send(check=True)["fax"]["status"] == "unknown"
    queue(client)
    result = send(check=True)
    assert (result["changed"], result["fax"]["status"]) == (False, "already_sent")
    assert states(tmp_path) == [["unknown"]]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": None}, "src"),
        ({"text": " "}, "text"),
        ({"destination": "nobody"}, "destination"),
        ({"src": "/nonexistent"}, "src"),
        ({"subscriber_id": None}, "subscriber_id"),
        ({"poll_interval": 0}, "poll_interval"),
        ({"wait_timeout": -1}, "wait_timeout"),
        ({"unless_sent_within": 0}, "unless_sent_within"),
    ],
)
def test_wrong_input(client, send, given, field):
    with pytest.raises(InputError) as caught:
        send(**given)
    assert caught.value.field == field
    assert client.log == []


def test_a_community_edition(client, send):
    client.info = {"type": "spce"}
    (warning,) = send()["warnings"]
    assert "Community Edition" in warning
    client.meet("info", FAILED)
    assert send(text="other")["warnings"] == []


def test_a_file_and_a_text(client, send, tmp_path):
    (tmp_path / "document").write_bytes(b"%PDF-1.4 content")
    result = send(src=str(tmp_path / "document"))
    assert b"%PDF-1.4 content" in client.posted[0] and b'"Hello"' in client.posted[0]
    assert result["sha256"] == hashlib.sha256(b"%PDF-1.4 content").hexdigest()
    (tmp_path / "renamed").write_bytes(b"%PDF-1.4 content")
    assert send(src=str(tmp_path / "renamed"))["fax"]["status"] == "already_sent"


def test_where_receipts_go_by_default(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("ANSIBLE_HOME", raising=False)
    assert _sending._folder(None) == str(tmp_path / ".ansible/ngcp_fax/receipts")
    monkeypatch.setenv("ANSIBLE_HOME", "/srv/ansible")
    assert _sending._folder(None) == "/srv/ansible/ngcp_fax/receipts"
    assert _sending._folder("~/here") == str(tmp_path / "here")
