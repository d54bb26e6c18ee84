# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults, the audit log, data that change between pages, faxes."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from ngcp_simulator import Answer, Simulator
from simulator_client import Api

FAX = "faxserversettings"
MAIL = "mailtofaxsettings"
NAME = [{"op": "replace", "path": "/name", "value": "new"}]


# Rules


def test_which_requests_a_rule_meets(simulator: Simulator, api: Api) -> None:
    """Method, path, subscribers and account narrow a rule."""
    simulator.fault("status", status=500, method="PATCH", path=f"/{FAX}/", subscribers=[3, 4])
    assert api.get(f"/api/{FAX}/3").status_code == 200
    assert api.patch(f"/api/{FAX}/2", NAME).status_code == 200
    assert api.patch(f"/api/{MAIL}/3", []).status_code == 200
    assert api.patch(f"/api/{FAX}/4", NAME).status_code == 500
    simulator.clear_faults()
    fault = simulator.fault("status", status=500, method="POST|GET", query="subscriber_id", subscribers={7})
    assert api.get("/api/faxes/?subscriber_id=6").status_code == 200
    assert api.get("/api/faxes/?subscriber_id=7").status_code == 500
    assert (fault.seen, fault.hits) == (1, 1)
    with pytest.raises(ValueError, match="unknown fault"):
        simulator.fault("explode")


def test_how_often_a_rule_strikes(simulator: Simulator, api: Api) -> None:
    """Skip the first, strike so many times; or by chance, the same chance for the same seed."""
    simulator.fault("status", status=502, skip=2, times=2)
    assert [api.get(f"/api/{FAX}/1").status_code for _number in range(6)] == [200, 200, 502, 502, 200, 200]
    simulator.clear_faults()

    def pattern(seed: int) -> list[int]:
        fault = simulator.fault("status", status=502, probability=0.5, seed=seed)
        found = [api.get(f"/api/{FAX}/1").status_code for _number in range(20)]
        assert fault.hits == found.count(502)
        simulator.clear_faults()
        return found

    assert pattern(1) == pattern(1) != pattern(2)
    assert {200, 502} == set(pattern(3))


# Actions


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_status(simulator: Simulator, api: Api, status: int) -> None:
    """An answer in place of the platform's, with Retry-After if wanted."""
    simulator.fault("status", status=status, retry_after=7, times=1)
    answer = api.get(f"/api/{FAX}/1")
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "7")
    assert api.get(f"/api/{FAX}/1").status_code == 200


def test_reset_before_and_after(simulator: Simulator, api: Api) -> None:
    """Whether the request was processed makes the difference."""
    simulator.fault("reset", method="PATCH", times=1)
    simulator.fault("reset_after", method="PATCH", times=1)
    simulator.put_settings(FAX, 1, {"name": "old"})
    with pytest.raises(requests.ConnectionError):
        api.patch(f"/api/{FAX}/1", NAME)
    assert _name(simulator) == "old"
    with pytest.raises(requests.ConnectionError):
        api.patch(f"/api/{FAX}/1", NAME)
    assert _name(simulator) == "new"
    assert [record.status for record in simulator.audit.find("PATCH")] == [0, 0]
    assert [record.fault for record in simulator.audit.find("PATCH")] == ["reset", "reset_after"]


def _name(simulator: Simulator, identifier: int = 1) -> Any:
    return (simulator.settings(FAX, identifier) or {})["name"]


def test_delay_and_hang(simulator: Simulator, api: Api) -> None:
    """A delayed answer comes; a hanging one does not, until the client gives up."""
    simulator.fault("delay", seconds=0.05, times=1)
    assert api.get(f"/api/{FAX}/1").elapsed.total_seconds() >= 0.05
    simulator.fault("hang", times=1)
    with pytest.raises(requests.Timeout):
        api.get(f"/api/{FAX}/1", timeout=0.2)
    assert api.get(f"/api/{FAX}/1").status_code == 200


def test_delay_together_with_another_fault(simulator: Simulator, api: Api) -> None:
    """A delay does not keep other rules from striking."""
    simulator.fault("delay", seconds=0.02)
    simulator.fault("status", status=503)
    answer = api.get(f"/api/{FAX}/1")
    assert answer.status_code == 503
    assert answer.elapsed.total_seconds() >= 0.02


def test_truncated_answer(simulator: Simulator, api: Api) -> None:
    """The headers promise more than comes."""
    simulator.fault("truncate", times=1, after_bytes=30)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get(f"/api/{FAX}/1")
    simulator.fault("truncate", times=1, method="PATCH")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.patch(f"/api/{FAX}/1", NAME)
    assert _name(simulator) == "new"


def test_garbage(simulator: Simulator, api: Api) -> None:
    """An answer that is no JSON, or the page of a proxy."""
    simulator.fault("garbage", times=1)
    answer = api.get(f"/api/{FAX}/1")
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()
    simulator.fault("garbage", times=1, body="<html>log in</html>", content_type="text/html")
    assert api.get(f"/api/{FAX}/1").headers["Content-Type"] == "text/html"


def test_redirect(simulator: Simulator, api: Api) -> None:
    """To another host, which must not get the credentials."""
    simulator.fault("redirect", times=1, location="https://elsewhere.example.com/x", status=307)
    answer = api.get(f"/api/{FAX}/1")
    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.example.com/x")


def test_deadlock(simulator: Simulator, api: Api) -> None:
    """The 500 of parallel writes; nothing was stored, and the same write can be sent again."""
    simulator.fault("deadlock", path=MAIL, times=1)
    wanted = {"secret_key_renew": "daily", "secret_key": "k"}
    answer = api.send("PUT", f"/api/{MAIL}/1", json=wanted)
    assert (answer.status_code, answer.json()["message"]) == (500, "mailtofaxsettings could not be updated.")
    assert (simulator.settings(MAIL, 1) or {}).get("secret_key") is None
    assert api.send("PUT", f"/api/{MAIL}/1", json=wanted).status_code == 204


@pytest.mark.parametrize("action", ["stop", "stop_after"])
def test_stop(simulator: Simulator, api: Api, action: str) -> None:
    """The server vanishes in the middle of its work."""
    simulator.put_settings(FAX, 1, {"name": "old"})
    simulator.fault(action, method="PATCH", times=1)
    with pytest.raises(requests.ConnectionError):
        api.patch(f"/api/{FAX}/1", NAME)
    with pytest.raises(requests.ConnectionError):
        api.get(f"/api/{FAX}/1")
    assert _name(simulator) == ("old" if action == "stop" else "new")
    simulator.start()
    assert api.get(f"/api/{FAX}/1").status_code == 200


# Answers of a request that has been processed


@pytest.mark.parametrize(
    ("rule", "status", "headers", "body"),
    [
        ({"status": 302, "headers": {"Location": "/login"}, "body": ""}, 302, {"Location": "/login"}, b""),
        ({"status": 429, "retry_after": 3}, 429, {"Retry-After": "3", "Content-Type": "application/json"}, None),
        ({"status": 413, "body": "<html>"}, 413, {"Content-Type": "text/html"}, b"<html>"),
        ({"status": 408, "body": "x", "content_type": "text/plain"}, 408, {"Content-Type": "text/plain"}, b"x"),
        ({"status": 504}, 504, {"Content-Type": "text/html"}, None),
        ({"status": 201, "body": "", "content_type": ""}, 201, {}, b""),
    ],
)
def test_status_after(
    simulator: Simulator, api: Api, rule: dict[str, Any], status: int, headers: dict[str, str], body: bytes | None
) -> None:
    """The request is processed, and answered with anything."""
    simulator.fault("status_after", method="PATCH", times=1, **rule)
    answer = api.patch(f"/api/{FAX}/1", NAME)
    assert answer.status_code == status
    assert headers.items() <= dict(answer.headers).items()
    assert body is None or answer.content == body
    assert _name(simulator) == "new"
    assert api.patch(f"/api/{FAX}/1", NAME).status_code == 200


def test_garbage_after(simulator: Simulator, api: Api) -> None:
    """The request is processed, and answered with success and another body."""
    simulator.fault("garbage_after", times=1, body='{"status": "ok"}', content_type="application/json")
    assert api.patch(f"/api/{FAX}/1", NAME).json() == {"status": "ok"}
    assert _name(simulator) == "new"
    simulator.fault("garbage_after", times=1, status=201, body="[]")
    assert (answer := api.get(f"/api/{FAX}/1")).status_code == 201
    assert answer.content == b"[]"


def test_echo(simulator: Simulator, api: Api) -> None:
    """An invented error repeats what was sent, as the platform's own do."""
    simulator.fault("status", status=422, echo=True, times=1)
    answer = api.patch(f"/api/{FAX}/1", NAME)
    assert (answer.status_code, answer.json()["code"]) == (422, 422)
    assert json.dumps(NAME) in answer.json()["message"]


def test_replaced_answer(simulator: Simulator, api: Api) -> None:
    """A function makes another answer of the platform's own one."""

    def other(answer: Answer) -> Answer:
        return Answer(answer.status, answer.body.replace(b'"id":1', b'"id":2'), answer.content_type, answer.headers)

    simulator.fault("replace", times=1, change=other, path=f"/{FAX}/1$")
    answer = api.get(f"/api/{FAX}/1")
    assert (answer.status_code, answer.json()["id"]) == (200, 2)
    for wrong in ({"action": "replace"}, {"action": "status", "change": other}):
        with pytest.raises(ValueError, match="function"):
            simulator.fault(**wrong)


def test_late_and_silent_after_processing(simulator: Simulator, api: Api) -> None:
    """The request is processed at once, the answer comes late or never."""
    simulator.fault("delay_after", times=1, seconds=0.05)
    assert api.get(f"/api/{FAX}/1").elapsed.total_seconds() >= 0.05
    simulator.fault("hang_after", times=1)
    with pytest.raises(requests.Timeout):
        api.patch(f"/api/{FAX}/1", NAME, timeout=0.2)
    assert _name(simulator) == "new"


# Answers that are spoilt on their way


def test_dripping_answer(simulator: Simulator, api: Api) -> None:
    """The headers or the body come piece by piece."""
    whole = api.get(f"/api/{FAX}/1").content
    pieces = len(whole) // 100
    for part, wait in (("body", 0.01 * pieces), ("headers", 0.01)):
        simulator.fault("drip", times=1, part=part, piece=100, interval=0.01)
        before = time.monotonic()
        answer = api.get(f"/api/{FAX}/1")
        assert (answer.status_code, answer.content) == (200, whole)
        assert time.monotonic() - before >= wait
    for _attempt in range(200):  # the client may have read all before the server has noted that
        if simulator.status()["under_way"] == 0:
            break
        time.sleep(0.01)
    assert [record.status for record in simulator.audit.find("GET")] == [200] * 3
    with pytest.raises(ValueError, match="part"):
        simulator.fault("drip", part="trailer")


def test_endless_answer(simulator: Simulator, api: Api) -> None:
    """The body goes on as long as the client reads, or until a size."""
    simulator.fault("endless", times=1)
    with api.get(f"/api/{FAX}/1", stream=True) as answer:
        assert len(answer.raw.read(3_000_000)) == 3_000_000
    simulator.fault("endless", times=1, size=100_000)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.get(f"/api/{FAX}/1")
    simulator.fault("endless", times=1, interval=0.01, piece=1)
    with api.get(f"/api/{FAX}/1", stream=True) as answer:
        assert answer.raw.read(200).lstrip().startswith(b"{")


def test_endless_continue(simulator: Simulator, api: Api) -> None:
    """Interim answers in place of the final one."""
    simulator.fault("continue", times=1, interval=0.01, seconds=0.1)
    with pytest.raises(requests.ConnectionError):
        api.patch(f"/api/{FAX}/1", NAME)
    assert _name(simulator) == "new"


def test_answer_without_length(simulator: Simulator, api: Api) -> None:
    """Only the end of the connection ends the body, so that nobody sees when it is cut."""
    whole = api.get(f"/api/{FAX}/1").content
    simulator.fault("no_length", times=1)
    answer = api.get(f"/api/{FAX}/1")
    assert (answer.content, answer.headers.get("Content-Length")) == (whole, None)
    simulator.fault("no_length", times=1, cut=50)
    assert api.get(f"/api/{FAX}/1").content == whole[:50]


def test_compressed_answer(simulator: Simulator, api: Api) -> None:
    """A small answer that becomes large."""
    simulator.fault("gzip", times=1, size=5_000_000)
    answer = api.get(f"/api/{FAX}/1")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < 50_000
    assert len(answer.content) > 4_900_000
    assert answer.json()["id"] == 1


@pytest.mark.parametrize("action", ["truncate", "drip", "no_length", "gzip"])
def test_unprocessed_requests_get_an_invented_answer(simulator: Simulator, api: Api, action: str) -> None:
    """Whatever happens on the way can happen to the answer of a proxy, too."""
    simulator.put_settings(FAX, 1, {"name": "old"})
    simulator.fault(action, times=1, processed=False, status=502, body="<html>proxy</html>", after_bytes=17)
    if action == "truncate":
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            api.patch(f"/api/{FAX}/1", NAME)
    else:
        answer = api.patch(f"/api/{FAX}/1", NAME)
        assert (answer.status_code, answer.content) == (502, b"<html>proxy</html>")
    assert _name(simulator) == "old"


def test_faults_are_shown_without_functions(simulator: Simulator) -> None:
    """The control interface tells rules as JSON."""
    fault = simulator.fault("replace", change=lambda answer: answer)
    assert "change" not in fault.as_dict()
    assert fault.as_dict()["action"] == "replace"
    json.dumps(fault.as_dict())


def test_repeated_fax_write(simulator: Simulator, api: Api) -> None:
    """A deadlock that the platform repeats: applied, and a 500 with the whole entity, or a late 204."""
    simulator.switch(fax_deadlock_delay=50)
    simulator.fault("deadlock_after", method="PATCH", path=FAX, times=2)
    answer = api.patch(f"/api/{FAX}/1", NAME)
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (500, "return=representation")
    assert answer.headers["Content-Type"].startswith("application/hal+json")
    assert answer.json()["name"] == "new" == _name(simulator)
    assert answer.json() == api.get(f"/api/{FAX}/1").json()
    headers = {"Content-Type": "application/json-patch+json"}
    answer = api.send("PATCH", f"/api/{FAX}/1", data=json.dumps(NAME), headers=headers)
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (204, "return=minimal")
    assert answer.elapsed.total_seconds() >= 0.05


def test_parallel_fax_writes_are_repeated(simulator: Simulator) -> None:
    """The chance counts only while several writes are under way, and nothing is lost."""
    simulator.switch(fax_deadlock_probability=1.0, fax_deadlock_delay=1, write_delay=50)
    clients = [Api(simulator) for _number in range(4)]
    assert clients[0].patch(f"/api/{FAX}/1", NAME).status_code == 200
    statuses: list[int] = []
    for _attempt in range(ATTEMPTS):
        statuses += _together(4, lambda number: clients[number].patch(f"/api/{FAX}/{number + 1}", NAME).status_code)
        if 500 in statuses:
            break
    assert 500 in statuses
    assert [_name(simulator, number + 1) for number in range(4)] == ["new"] * 4


# Parallel work


def _together(count: int, work: Any) -> list[Any]:
    barrier = threading.Barrier(count)

    def run(number: int) -> Any:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


ATTEMPTS = 50
"""How often requests are sent together at most, until they have really met."""


def test_parallel_writes_deadlock_and_lonely_ones_do_not(simulator: Simulator) -> None:
    """The chance counts only while several writes are really under way."""
    simulator.switch(deadlock_probability=1.0)
    clients = [Api(simulator) for _number in range(4)]

    def write(number: int) -> int:
        wanted = {"secret_key_renew": "never"}
        return clients[number].send("PUT", f"/api/{MAIL}/{number + 1}", json=wanted).status_code

    assert [write(number) for number in range(4)] == [204] * 4
    simulator.switch(write_delay=50)
    statuses: list[int] = []
    for _attempt in range(ATTEMPTS):
        statuses += _together(4, write)
        if 500 in statuses:
            break
    assert set(statuses) == {204, 500}
    assert simulator.count("PUT", MAIL, status=500) == statuses.count(500)


def test_parallel_writes_to_one_subscriber_are_lost(simulator: Simulator) -> None:
    """All are answered with success, not all survive."""
    clients = [Api(simulator) for _number in range(4)]
    simulator.switch(write_delay=50)

    def add(number: int) -> int:
        value = {"destination": f"a{number}@example.com", "filetype": "PDF"}
        operations = [{"op": "add", "path": "/destinations/-", "value": value}]
        return clients[number].patch(f"/api/{FAX}/1", operations).status_code

    for _attempt in range(ATTEMPTS):
        simulator.put_settings(FAX, 1, {})
        assert _together(4, add) == [200] * 4
        survivors = (simulator.settings(FAX, 1) or {})["destinations"]
        if len(survivors) < 4:
            return
    raise AssertionError("nothing was ever lost")


def test_workers_limit_what_is_done_at_once(simulator: Simulator) -> None:
    """More requests than workers wait for each other."""
    simulator.switch(workers=1, read_delay=50)
    clients = [Api(simulator) for _number in range(3)]
    before = time.monotonic()
    answers = _together(3, lambda number: clients[number].get(f"/api/{FAX}/{number + 1}"))
    assert [answer.status_code for answer in answers] == [200] * 3
    assert time.monotonic() - before >= 0.15


# The audit log


def test_audit_log(simulator: Simulator, api: Api) -> None:
    """Requests, log-ins and connections can be counted, bodies and accounts be seen."""
    other = Api(simulator, "reseller")
    api.get(f"/api/{FAX}/1?foo=bar")
    other.patch(f"/api/{FAX}/2", [{"op": "replace", "path": "/password", "value": "s3cret"}])
    assert simulator.count("POST", "^/login_jwt$") == 1
    assert simulator.count("GET", rf"^/api/{FAX}/\d+$") == 1
    assert simulator.count() == 3
    (get,) = simulator.audit.find("GET")
    assert (get.query, get.account, get.scheme, get.status) == ("foo=bar", "admin", "bearer", 200)
    (patch,) = simulator.audit.find(account="reseller", method="PATCH")
    assert "s3cret" in patch.body
    assert get.connection != patch.connection
    assert len({record.connection for record in simulator.audit}) == 2
    before = simulator.connections
    for _number in range(5):
        api.get(f"/api/{FAX}/1")
    assert simulator.connections == before
    simulator.clear_audit()
    assert len(simulator.audit) == 0


# Data that change between two pages


def test_hook_between_pages(simulator: Simulator, api: Api) -> None:
    """A list without order skips subscribers when data change: the hook provokes that."""
    for identifier in range(1, 9):
        simulator.put_settings(FAX, identifier, {"active": True})
    simulator.after_page(FAX, 1, lambda: simulator.change_settings(FAX, 1, name="moved"))
    first = [one["id"] for one in api.items(f"/api/{FAX}/?active=1&rows=4&page=1")]
    second = [one["id"] for one in api.items(f"/api/{FAX}/?active=1&rows=4&page=2")]
    assert (first, second) == ([1, 2, 3, 4], [6, 7, 8, 1])
    simulator.after_page("subscribers", 1, lambda: simulator.terminate(2))
    assert api.get("/api/subscribers/?rows=5&page=1&order_by=id").json()["total_count"] == 30
    assert api.get("/api/subscribers/?rows=5&page=2&order_by=id").json()["total_count"] == 29


# Faxes


def test_sent_fax_moves_on(simulator: Simulator, api: Api) -> None:
    """QUEUED, SENDING, SUCCESS as the clock goes; 999 is always busy."""
    simulator.put_settings(FAX, 1, {"active": True})
    simulator.switch(fax_seconds=30)
    for destination in ("4311", "9991"):
        document = {"subscriber_id": 1, "destination": destination, "data": "Größe €"}
        assert api.send("POST", "/api/faxes/", json=document).status_code == 201

    def statuses() -> list[str]:
        return [one["status"] for one in api.items("/api/faxes/?subscriber_id=1&order_by=id")]

    assert statuses() == ["QUEUED", "QUEUED"]
    simulator.advance(12)
    assert statuses() == ["SENDING", "SENDING"]
    simulator.advance(20)
    assert statuses() == ["SUCCESS", "FAILED"]
    assert [job["data"] for job in simulator.sent_faxes(1)] == ["Größe €"] * 2


def test_documents_that_are_sent_are_kept(simulator: Simulator, api: Api) -> None:
    """Tests can look at what was really handed over."""
    simulator.put_settings(FAX, 2, {"active": True})
    form = {"json": (None, '{"subscriber_id": 2, "destination": "431", "data": "cover"}')}
    files = {**form, "faxfile": ("a.pdf", b"%PDF-1.4 content", "application/pdf")}
    assert api.send("POST", "/api/faxes/", files=files).status_code == 201
    (job,) = simulator.sent_faxes()
    assert (job["destination"], job["data"], job["filename"], job["document"]) == (
        "431",
        "cover",
        "a.pdf",
        b"%PDF-1.4 content",
    )


def test_received_faxes(simulator: Simulator, api: Api) -> None:
    """Faxes of any size and kind can come in."""
    small, large, bare = (
        simulator.receive_fax(3, pages=2, caller="4369911")[0],
        simulator.receive_fax(3, size=16 * 1024 * 1024)[0],
        simulator.receive_fax(3, image=False, status="FAILED", direction="mtf")[0],
    )
    items = api.items("/api/faxes/?subscriber_id=3&order_by=id")
    assert [(one["id"], one["direction"], one["status"]) for one in items] == [
        (small, "in", "SUCCESS"),
        (large, "in", "SUCCESS"),
        (bare, "mtf", "FAILED"),
    ]
    assert items[0]["pages"] == 2
    assert len(api.get(f"/api/faxrecordings/{large}").content) == 16 * 1024 * 1024
    assert b"/Count 2" in api.get(f"/api/faxrecordings/{small}?format=pdf").content
    assert api.get(f"/api/faxrecordings/{bare}").status_code == 500
    assert simulator.receive_fax(3, image=b"II*\0odd", count=2) == [bare + 1, bare + 2]
    assert api.get(f"/api/faxrecordings/{bare + 2}").content == b"II*\0odd"


def test_image_is_shared_by_both_sides(simulator: Simulator, api: Api) -> None:
    """Both sides of a fax between two subscribers hang on one session: deleting one takes the other's image."""
    simulator.receive_fax(4, sid="SHARED", direction="out")
    (other,) = simulator.receive_fax(5, sid="SHARED")
    assert api.get(f"/api/faxrecordings/{other}").status_code == 200
    assert api.send("DELETE", "/api/faxes/1").status_code == 204
    assert api.get(f"/api/faxes/{other}").status_code == 200
    assert api.get(f"/api/faxrecordings/{other}").status_code == 500
    assert api.items("/api/faxes/?sid=SHARED")[0]["id"] == other
