# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sending: once, whatever the server answers and wherever a run stops."""

from __future__ import annotations

import hashlib
import json
import os
import re
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.hal import Page
from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    InputError,
    ListChangedError,
    LostResponseError,
    NotFoundError,
    ProtocolError,
    RefusedError,
    ServerError,
    UnexpectedError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import (
    receipts as _receipts,
    send_task as _sending,
    tracking as _tracking,
)
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.options import send_options
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.send_task import send_fax
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.upload import FaxBody
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host
from ansible_collections.ngcp.fax.tests.unit.support.journal import FakeClient, item
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params

LOST = LostResponseError("The connection broke")
FAILED = ServerError("The server failed: 500", http_status=500)
NUMBER = "431110002"

LIMITED = ("poll_interval", "wait_timeout", "unless_sent_within")
NEVER_EMPTY = ("subscriber", "number", "subscriber_external_id", "destination", "src", "text", "receipts", "job_id")


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
    return made


@pytest.fixture
def send(tmp_path, client):
    """Return a function that runs the task with some options."""

    def run(check=False, **given):
        options = {**connection_options(), **send_options()}
        params = default_params(options)
        params.update(
            api_url="https://platform.test:1443",
            receipts=str(tmp_path / "receipts"),
            subscriber_id=3,
            destination=NUMBER,
            text="Hello",
        )
        return send_fax({**params, **given}, client.host(check))

    return run


def states(tmp_path):
    found = {}
    for path in (tmp_path / "receipts").glob("*.json"):
        found[path.name] = [attempt["state"] for attempt in json.loads(path.read_text())["attempts"]]
    return sorted(found.values())


def test_sent_once(client, send, tmp_path):
    first = send()
    assert (first["changed"], first["fax"]["status"], first["fax"]["fax_id"]) == (True, "queued", 3)
    assert json.loads(client.posted[0]) == {"subscriber_id": 3, "destination": NUMBER, "data": "Hello"}
    assert states(tmp_path) == [["sent"]]
    again = send()
    assert (again["changed"], again["fax"]["status"], again["fax"]["fax_id"]) == (False, "already_sent", 3)
    assert again["receipt"] == first["receipt"] and os.path.exists(first["receipt"])
    assert len(client.posted) == 1


def test_the_receipt_is_there_before_the_request(client, send, tmp_path):
    client.on_post = lambda _client: seen.append(states(tmp_path))
    seen = []
    send()
    assert seen == [[["prepared"]]]


def test_two_documents_to_one_number(client, send):
    assert send(text="one")["fax"]["fax_id"] == 3
    assert send(text="two")["fax"]["fax_id"] == 4
    assert len(client.posted) == 2


def test_a_job_stands_for_the_content(client, send):
    send(text="one", job_id="order-1")
    assert send(text="two", job_id="order-1")["fax"]["status"] == "already_sent"
    assert send(text="two", job_id="order-2")["changed"]
    assert send(text="two", job_id="order-1", destination="431110003")["changed"]


def test_force(client, send, tmp_path):
    send()
    assert [send(force=True)["fax"]["fax_id"] for _time in range(2)] == [4, 5]
    assert send()["fax"]["status"] == "already_sent"
    assert states(tmp_path) == [["sent", "sent", "sent"]]


UNSETTLED = [
    LOST,
    FAILED,
    ServerError("500 JSON of the API", http_status=500, from_api=True),
    ServerError("502 page", http_status=502),
    ServerError("503", http_status=503, retry_after=5),
    ServerError("429", http_status=429),
    ProtocolError("200, not 201", http_status=200),
    *[ProtocolError("a page", http_status=status) for status in (400, 404, 408, 413, 418, 422, 425, 429, 451)],
    *[RefusedError("of a proxy", http_status=status) for status in (400, 408, 413, 425, 429)],
    *[RefusedError("never of the API", http_status=status, from_api=True) for status in (408, 413, 425, 429)],
    *[ProtocolError("moved", code="redirect_refused", http_status=status) for status in (301, 302, 303, 307, 308)],
    *[AccessError("the page of a portal", http_status=status) for status in (401, 403, 407)],
    ProtocolError("garbage"),
    FaxError("whatever"),
    UnexpectedError("whatever"),
    OSError("not foreseen"),
]


@pytest.mark.parametrize("lost", UNSETTLED, ids=str)
def test_a_lost_answer_of_a_fax_that_was_sent(client, send, tmp_path, lost):
    client.meet("post", lost)
    result = send()
    assert (result["changed"], result["fax"]["status"], result["fax"]["fax_id"]) == (True, "queued", 3)
    assert "failed" not in result
    assert states(tmp_path) == [["sent"]]
    assert send()["fax"]["status"] == "already_sent"


@pytest.mark.parametrize("lost", UNSETTLED, ids=str)
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
    assert (resent["changed"], resent["fax"]["status"], resent["fax"]["fax_id"]) == (True, "queued", None)
    assert len(client.posted) == 2
    assert states(tmp_path) == [["unknown", "sent"]]
    assert send()["fax"]["status"] == "already_sent"


def test_an_entry_that_comes_late(client, send):
    client.on_post = None
    client.meet("post", LOST)
    assert send()["fax"]["status"] == "unknown"
    queue(client)
    result = send(on_uncertain="resend")
    assert (result["changed"], result["fax"]["status"], result["fax"]["fax_id"]) == (False, "already_sent", 3)
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
    assert send(text="two")["fax"]["fax_id"] == 3
    assert send(text="one")["fax"]["status"] == "unknown"
    assert states(tmp_path) == [["sent"], ["unknown"]]


@pytest.mark.parametrize(
    ("refused", "code"),
    [
        (RefusedError("422: Invalid  subscriber fax preferences", http_status=422, from_api=True), "fax_inactive"),
        (RefusedError("422: Faxserver feature is not active.", http_status=422, from_api=True), "fax_feature_off"),
        (RefusedError("422: Fax subscriber not found.", http_status=422, from_api=True), "not_found"),
        (NotFoundError("404: Fax subscriber not found.", http_status=404, from_api=True), "not_found"),
        (RefusedError("400", http_status=400, from_api=True), "refused"),
        (UnreachableError("no connection"), "connection_failed"),
        (UnreachableError("broke", code="not_sent"), "not_sent"),
        (FaxError("broke", code="not_sent"), "not_sent"),
        (AccessError("refused", http_status=403, from_api=True), "unauthorized"),
        (InputError("changed while it was read", field="src"), "invalid_input"),
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
    client.meet("post", RefusedError(echo, http_status=422, from_api=True))
    result = send()
    assert "secret" not in json.dumps(result)
    assert "Field should not exceed" in result["msg"]


CONFIDENTIAL = 'Confidential: the "merger" of Größe & Söhne,\nsigned on Monday.'


@pytest.mark.parametrize(
    "kind",
    [
        lambda echo: RefusedError(echo, http_status=422, from_api=True),
        lambda echo: ServerError(f"The server failed: 500 {echo}", http_status=500),
        lambda echo: ServerError(f"The server failed: 500 {echo}", http_status=500, from_api=True),
        lambda echo: AccessError(f"The server forbids this: {echo}", http_status=403),
        lambda echo: AccessError(f"The server forbids this: {echo}", http_status=403, from_api=True),
        lambda echo: LostResponseError(f"The connection broke: BadStatusLine({echo!r})"),
        lambda echo: ProtocolError(echo, http_status=418),
    ],
)
@pytest.mark.parametrize("source", ["text", "src"])
def test_no_error_holds_what_is_faxed(client, send, tmp_path, kind, source):
    client.on_post = None
    (tmp_path / "fax.txt").write_text(CONFIDENTIAL)
    given = {"text": CONFIDENTIAL} if source == "text" else {"text": None, "src": str(tmp_path / "fax.txt")}
    for number, echo in enumerate((CONFIDENTIAL, json.dumps(CONFIDENTIAL), CONFIDENTIAL[:30], repr(CONFIDENTIAL))):
        client.meet("post", kind(f"Cannot fax {echo}"))
        shown = json.dumps(send(**given, destination=f"4311100{number:02}"), ensure_ascii=False)
        for word in ("Confidential", "merger", "Söhne", "signed on Monday"):
            assert word not in shown


@pytest.mark.parametrize("text", ["subscriber", "fax preferences", "The server responded with", "x"])
def test_a_fax_that_holds_words_of_the_servers_message(client, send, text):
    message = "The server responded with 422: Invalid subscriber fax preferences"
    client.meet("post", RefusedError(message, http_status=422, from_api=True))
    result = send(text=text)
    assert result["error"]["code"] == "fax_inactive" and result["error"]["message"] == message
    assert result["msg"] == f"{message}. {result['error']['hint']}" and "active: true" in result["msg"]


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
    assert (result["changed"], result["fax"]["status"], result["fax"]["fax_id"]) == (False, "already_sent", 3)
    assert states(tmp_path) == [["sent"]]


def test_a_journal_that_cannot_be_read(client, send):
    client.meet("post", LOST)
    client.meet("list", None, FAILED, FAILED, FAILED)
    result = send()
    assert result["fax"]["status"] == "unknown"
    assert result["warnings"] == ["The journal could not be read: The server failed: 500"]
    assert send()["fax"]["status"] == "already_sent"


def test_a_journal_that_cannot_be_read_at_first(client, send):
    client.meet("post", LOST)
    client.meet("list", None, FAILED, LOST)
    assert send()["fax"]["status"] == "queued"


def test_a_receipt_that_cannot_be_written(client, send, tmp_path):
    (tmp_path / "receipts").write_text("")
    for check in (False, True):
        result = send(check=check)
        assert "for receipts" in result["msg"]
        assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert client.posted == []


SHAPE = {"changed", "fax", "receipt", "sha256", "progress", "summary", "warnings", "failed", "msg", "error"}


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (what, error)
        for what in ("list", "get", "info")
        for error in (FAILED, LOST, UnreachableError("down"), AccessError("no"), ProtocolError("odd"), OSError("odd"))
        if what != "info" or isinstance(error, OSError)
    ],
    ids=str,
)
def test_the_fax_is_reported_whatever_goes_wrong_before(client, send, tmp_path, what, error):
    """The journal or the subscriber cannot be read: nothing is sent, and the result has its usual shape."""
    client.meet(what, error)
    given = {"subscriber": "user@example.org"} if what == "get" else {}
    result = send(**given)
    assert set(result) == SHAPE
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert (result["fax"]["destination"], result["fax"]["fax_id"]) == (NUMBER, None)
    assert result["sha256"] == hashlib.sha256(b"Hello").hexdigest()
    assert result["summary"]["requests"] >= 1
    assert client.posted == [] and states(tmp_path) == []
    assert send()["changed"]


def test_a_subscriber_that_is_not_found(client, send):
    client.meet("get", NotFoundError("404", http_status=404))
    result = send(subscriber="nobody@example.org")
    assert set(result) == SHAPE
    assert (result["error"]["code"], result["fax"]["status"]) == ("not_found", "failed")
    assert (result["fax"]["subscriber_id"], result["fax"]["subscriber"]) == (3, "nobody@example.org")
    assert result["receipt"] is None


def test_a_connection_that_cannot_be_set_up(client, send, monkeypatch):
    def refuse(params):
        raise InputError("is not a URL", field="api_url")

    monkeypatch.setattr(client, "host", lambda check: Host(check, refuse))
    result = send()
    assert set(result) == SHAPE and result["msg"] == "api_url: is not a URL"
    assert result["summary"] == {"requests": 0, "retries": 0}


@pytest.mark.parametrize("error", [FAILED, UnreachableError("down"), AccessError("no")], ids=str)
@pytest.mark.parametrize("on_uncertain", ["fail", "resend"])
def test_an_uncertain_fax_while_the_journal_cannot_be_read(client, send, error, on_uncertain):
    client.on_post = None
    client.meet("post", LOST)
    send()
    client.meet("list", error)
    result = send(on_uncertain=on_uncertain)
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "unknown")
    assert result["error"]["code"] == error.code
    assert len(client.posted) == 1


def test_a_refusal_says_nothing_about_an_earlier_attempt(client, send):
    client.on_post = None
    client.meet("post", LOST, RefusedError("422", http_status=422, from_api=True))
    send()
    result = send(on_uncertain="resend")
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "unknown")


def test_several_uncertain_attempts_and_one_entry(client, send):
    """It does not matter which of them it was: the fax is not sent once more."""
    client.on_post = None
    client.meet("post", LOST, LOST)
    send()
    assert send(on_uncertain="resend")["changed"]
    queue(client)
    result = send(on_uncertain="resend")
    assert (result["changed"], result["fax"]["status"], result["fax"]["fax_id"]) == (False, "already_sent", 3)
    assert len(client.posted) == 2


ODD_ANSWERS = [
    ProtocolError("_embedded"),
    ListChangedError("page 1 has 0 items, not 1"),
    NotFoundError("404", http_status=404),
    FAILED,
    LOST,
    AccessError("no"),
    UnreachableError("down"),
    TypeError("a bug"),
    RecursionError("deep"),
]


@pytest.mark.parametrize("error", ODD_ANSWERS, ids=repr)
def test_an_odd_journal_after_a_good_answer_loses_nothing(client, send, tmp_path, error):
    client.meet("list", None, error, error, error)
    result = send()
    assert "failed" not in result
    assert (result["changed"], result["fax"]["status"], result["fax"]["fax_id"]) == (True, "queued", None)
    assert len(result["warnings"]) == 1 and result["warnings"][0].startswith("The journal could not be read: ")
    assert states(tmp_path) == [["sent"]]
    assert send()["fax"]["status"] == "already_sent"
    assert len(client.posted) == 1


@pytest.mark.parametrize("fields", [{"subscriber_id": 4}, {"callee": "999"}, {"direction": "in"}, {"callee": None}])
def test_the_entry_of_another_fax_after_a_good_answer(client, send, fields):
    def other(made):
        queue(made)
        made.items[3].update(fields)

    client.on_post = other
    result = send()
    assert (result["changed"], result["fax"]["status"], result["fax"]["fax_id"]) == (True, "queued", None)


@pytest.mark.parametrize(
    "newest", [{"subscriber_id": 1}, {"subscriber_id": None}, {"id": 0}, {"subscriber_id": "x"}], ids=str
)
def test_a_journal_that_answers_with_another_newest_entry(client, send, newest):
    """An id that is too low would make an old entry pass for this fax."""
    client.list_page = lambda *_arguments, **_options: Page([item(**{"number": 2, "subscriber_id": 3, **newest_of})], 1)
    newest_of = {("number" if name == "id" else name): value for name, value in newest.items()}
    result = send()
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert result["error"]["code"] == "unexpected_answer" and client.posted == []


def test_a_journal_that_counts_entries_and_shows_none(client, send):
    client.list_page = lambda *_arguments, **_options: Page([], 5)
    assert send()["error"]["code"] == "unexpected_answer" and client.posted == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 2}', b"[" * 100_000])
@pytest.mark.parametrize("force", [False, True])
def test_a_receipt_that_cannot_be_read(client, send, content, force):
    path = send(check=True)["receipt"]
    os.mkdir(os.path.dirname(path))
    with open(path, "wb") as stream:
        stream.write(content)
    for check in (False, True):
        result = send(check=check, force=force)
        assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "unknown")
        assert result["error"]["code"] in ("damaged_receipt", "newer_receipt")
        assert path in result["msg"] and "Nothing was sent." in result["msg"]
    assert client.posted == []


def test_another_run_that_does_not_end(client, send, tmp_path, pauses, monkeypatch):
    """It may just be sending this very fax."""
    monkeypatch.setattr(_sending, "_PATIENCE", 0)
    seen = []
    client.on_post = lambda made: seen.append(send(timeout=0, retries=0))
    send()
    (result,) = seen
    assert (result["error"]["code"], result["error"]["retryable"]) == ("locked", True)
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "unknown")
    assert len(client.posted) == 1


def test_a_disk_that_is_full_before(client, send, tmp_path, monkeypatch):
    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_receipts, "write_whole", full)
    result = send()
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert result["error"]["code"] == "disk_full" and client.posted == []


def test_a_file_that_changes_while_it_is_sent(client, send, tmp_path):
    path = tmp_path / "document.txt"
    path.write_text("first " * 10)
    read = FaxBody.readinto

    def change(self, buffer):
        path.write_text("other " * 10)
        return read(self, buffer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FaxBody, "readinto", change)
        result = send(src=str(path), text=None)
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert result["error"]["field"] == "src" and states(tmp_path) == [["refused"]]


def test_a_pipe_is_not_waited_for(client, send, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "regular file" in send(src=str(tmp_path / "pipe"), text=None)["msg"]


def test_a_receipt_that_cannot_be_completed(client, send, tmp_path, monkeypatch):
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
    assert (result["error"]["code"], result["error"]["message"]) == (
        "fax_failed",
        f"The fax to {NUMBER} failed: Remote busy",
    )
    assert result["msg"].startswith(f"The fax to {NUMBER} failed: Remote busy. The fax is not sent again")
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
    assert (result["fax"]["status"], result["fax"]["fax_id"]) == ("success", 3)


def test_outages_while_waiting(client, send):
    client.meet("get", FAILED, LOST)
    queue_success = client.on_post
    client.on_post = lambda made: queue_success(made, "SUCCESS")
    assert send(wait=True)["fax"]["status"] == "success"


def test_an_entry_that_is_deleted_while_waiting(client, send):
    client.get_item = lambda *arguments: (client.items.clear(), FakeClient.get_item(client, *arguments))[1]
    result = send(wait=True)
    assert (result["failed"], result["error"]["code"]) == (True, "not_found")


class Clock:
    """Time that passes only in pauses and requests."""

    def __init__(self, monkeypatch, client, seconds):
        self.now, self.locked = 0.0, []
        monkeypatch.setattr(_tracking.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(_tracking.time, "sleep", self.sleep)
        called = client._called

        def slow(what, shown):
            if client.posted:
                self.now += seconds
            return called(what, shown)

        client._called = slow

    def sleep(self, seconds):
        self.now += seconds


@pytest.mark.parametrize("wait", [False, True])
@pytest.mark.parametrize("lost", [None, LostResponseError("silence", code="timeout")])
def test_a_server_that_falls_silent(client, send, monkeypatch, wait, lost):
    """After the request nothing is answered any more: the task says what it knows, and soon."""
    clock = Clock(monkeypatch, client, seconds=60)
    client.on_post = None
    silence = LostResponseError("silence", code="timeout")
    client.meet("post", lost)
    client.meet("list", None, *[silence] * 50)
    result = send(wait=wait, wait_timeout=3600)
    assert result["fax"]["status"] == ("queued" if lost is None else "unknown") and result["changed"]
    if lost is not None:
        assert result["error"]["code"] == "outcome_unknown"
    elif wait:
        assert result["error"]["code"] == "timeout" and "submitted" in result["msg"]
    assert clock.now <= 60 * 5 + 20


def test_waiting_takes_no_longer_than_it_may(client, send, monkeypatch):
    clock = Clock(monkeypatch, client, seconds=50)
    result = send(wait=True, wait_timeout=120, poll_interval=10)
    assert result["error"]["code"] == "wait_timeout"
    assert 120 <= clock.now <= 120 + 2 * 50 + 50


def test_nobody_is_kept_out_while_a_run_waits(client, send, monkeypatch):
    """The receipts are locked for single looks only."""
    held = []
    monkeypatch.setattr(_sending, "_PATIENCE", 0)

    def other_run(seconds):
        if client.posted:
            held.append(send(check=False, timeout=0, retries=0)["fax"]["status"])

    client.on_post = None
    monkeypatch.setattr(_tracking.time, "sleep", other_run)
    clock = iter(range(0, 10000, 10))
    monkeypatch.setattr(_tracking.time, "monotonic", lambda: next(clock))
    send(wait=True, wait_timeout=30)
    assert held and set(held) == {"already_sent"}


def test_a_receipt_that_is_removed_while_a_run_waits(client, send, tmp_path, monkeypatch):
    client.on_post = None
    clock = iter(range(0, 10000, 10))
    monkeypatch.setattr(_tracking.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(
        _tracking.time, "sleep", lambda _seconds: [path.unlink() for path in (tmp_path / "receipts").glob("*.json")]
    )
    result = send(wait=True, wait_timeout=30)
    assert (result["error"]["code"], result["fax"]["status"], result["changed"]) == ("wait_timeout", "queued", True)
    assert "was removed in the meantime" in result["msg"]


def test_what_is_known_is_written_down_as_soon_as_there_is_space(client, send, tmp_path, monkeypatch):
    inner, full = _receipts.write_whole, []

    def write(*arguments):
        if client.posted and not full:
            full.append(1)
            raise OSError(28, "No space left on device")
        return inner(*arguments)

    monkeypatch.setattr(_receipts, "write_whole", write)
    queue_success = client.on_post
    client.on_post = lambda made: queue_success(made, "SUCCESS")
    client.meet("list", None, FAILED)
    result = send(wait=True)
    assert result["fax"]["status"] == "success"
    (path,) = (tmp_path / "receipts").glob("*.json")
    (attempt,) = json.loads(path.read_text())["attempts"]
    assert (attempt["state"], attempt["fax_id"], attempt["outcome"]) == ("sent", 3, "success")


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
    assert result["fax"]["fax_id"] == (4 if sent else 3)


@pytest.mark.parametrize(("seconds", "sent"), [(-10, False), (-90, True)])
def test_a_server_that_ignores_the_time(client, send, seconds, sent):
    """Filters that the server does not know are ignored by it: an old fax is not one of the last minute."""
    queue(client, "SUCCESS", time=now(seconds=seconds))
    assert send(unless_sent_within=60)["changed"] is sent


def test_an_entry_whose_time_cannot_be_read(client, send):
    queue(client, "SUCCESS", time="yesterday")
    result = send(unless_sent_within=60)
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert client.posted == []


# ---- before anything is sent


def test_check_mode(client, send, tmp_path):
    result = send(check=True)
    assert (result["changed"], result["fax"]["status"]) == (True, "queued")
    assert client.posted == [] and os.listdir(tmp_path) == []
    send()
    assert send(check=True)["changed"] is False
    client.settings = {"active": False}
    assert send(check=True)["fax"]["status"] == "already_sent", "as in a real run"
    result = send(check=True, text="other")
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert result["error"]["code"] == "fax_inactive"


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
        *[({name: number}, name) for name in LIMITED for number in (-1, -(10**400), 10**12, 10**400, 10**5000)],
        *[({name: empty}, name) for name in NEVER_EMPTY for empty in ("", " ", "\n")],
        ({"job_id": "j" * 1001}, "job_id"),
        ({"src": "a\0b"}, "src"),
        ({"src": "a\ud800b"}, "src"),
        ({"receipts": "a\0b"}, "receipts"),
        ({"text": "a\ud800b"}, "text"),
        ({"destination": "fax\ud800@example.org"}, "destination"),
        ({"destination": "fax\x1b]0;x@example.org"}, "destination"),
    ],
)
def test_wrong_input(client, send, given, field):
    result = send(**given)
    assert (result["error"]["code"], result["error"]["field"]) == ("invalid_input", field)
    assert result["msg"].startswith(f"{field}: ") and len(result["msg"]) < 300
    assert (result["failed"], result["changed"], result["fax"]["status"]) == (True, False, "failed")
    assert client.log == []


@pytest.mark.parametrize("name", LIMITED)
def test_the_largest_numbers_that_are_possible(client, send, name):
    most = int(re.search(r"to (\d+)", send(**{name: 10**12})["msg"])[1])
    assert "failed" not in send(**{name: most})
    assert send(**{name: most + 1})["error"]["field"] == name


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
