# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator's own features: life, set-ups, delays, data, the control interface, the command."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from ngcp_simulator import Simulator
from ngcp_simulator.columns import newer_defaults
from sessions import plain_session
from simulator_client import Api

FAX = "faxserversettings"
MAIL = "mailtofaxsettings"
PACKAGE = Path(__file__).resolve().parent.parent / "simulator"


# Data


def test_ids_begin_at_one_and_data_depend_on_the_seed_alone() -> None:
    """The same seed makes the same subscribers, another one others."""

    def uuids(seed: int) -> list[str]:
        with Simulator(subscribers=25, seed=seed) as one:
            return [item["uuid"] for item in Api(one).items("/api/subscribers/?rows=100&order_by=id")]

    with Simulator(subscribers=25) as one:
        assert [item["id"] for item in Api(one).items("/api/subscribers/?rows=100&order_by=id")] == list(range(1, 26))
    assert uuids(1) == uuids(1) != uuids(2)


def test_special_subscribers_are_known(simulator: Simulator, api: Api) -> None:
    """Shared user names and external ids, administrative subscribers."""
    name, ids = simulator.known["shared_username"]
    found = api.items(f"/api/subscribers/?username={name}&order_by=id")
    assert [one["id"] for one in found] == ids
    assert len({one["domain"] for one in found}) == len(ids) == 3
    external, ids = simulator.known["shared_external_id"]
    assert [one["id"] for one in api.items(f"/api/subscribers/?subscriber_external_id={external}&order_by=id")] == ids
    administrative = api.items("/api/subscribers/?is_admin=1&order_by=id")
    assert [one["id"] for one in administrative] == simulator.known["administrative"]


def test_foreign_and_terminated_subscribers_are_not_listed() -> None:
    """They come behind the ids of the others; the terminated ones are seen by nobody."""
    with Simulator(subscribers=20, foreign_subscribers=2, terminated=3) as one:
        assert one.known["foreign"] == [21, 22]
        assert one.known["terminated"] == [23, 24, 25]
        assert Api(one).get("/api/subscribers/?rows=1").json()["total_count"] == 22
        assert Api(one, "reseller").get("/api/subscribers/?rows=1").json()["total_count"] == 20
        assert Api(one, "foreign-reseller").get(f"/api/{FAX}/?rows=1").json()["total_count"] == 2
        assert Api(one).get(f"/api/{FAX}/23").status_code == 404


def test_ten_thousand_subscribers() -> None:
    """Many subscribers can be made and listed; lists are then sorted by address."""
    with Simulator(subscribers=10_000, large_table=1) as one:
        api = Api(one)
        assert api.get("/api/subscribers/?rows=1&page=10000&order_by=id").json()["_embedded"]["ngcp:subscribers"]
        page = api.items(f"/api/{FAX}/?rows=100&page=100&order_by=id")
        assert [item["id"] for item in page] == list(range(9901, 10_001))
        elements = [{"destination": f"{name}@example.com", "filetype": "PDF"} for name in "cab"]
        one.put_settings(FAX, 5, {"destinations": elements})
        names = [element["destination"][0] for element in api.get(f"/api/{FAX}/5").json()["destinations"]]
        assert names == ["a", "b", "c"]
        one.switch(large_table=1000)
        names = [element["destination"][0] for element in api.get(f"/api/{FAX}/5").json()["destinations"]]
        assert names == ["c", "a", "b"]


def test_reading_creates_rows_and_looking_into_the_database_does_not(simulator: Simulator, api: Api) -> None:
    """Only requests create rows."""
    assert simulator.settings(FAX, 3) is None
    api.get(f"/api/{FAX}/3")
    assert simulator.settings(FAX, 3) == {
        "active": False,
        "destinations": [],
        "ecm": True,
        "name": None,
        "password": None,
        "t38": True,
        **newer_defaults(FAX),
    }
    assert simulator.settings(MAIL, 4) is None
    api.get(f"/api/{MAIL}/?rows=5&order_by=id")
    assert sorted(simulator.all_settings(MAIL, range(1, 31))) == [1, 2, 3, 4, 5]


def test_drift_can_be_put_on_subscribers(simulator: Simulator, api: Api) -> None:
    """Changes behind the client's back, with and without the rest of the document."""
    simulator.put_settings(FAX, 2, {"name": "Office", "active": True})
    simulator.change_settings(FAX, 2, t38=False)
    shown = api.get(f"/api/{FAX}/2").json()
    assert (shown["name"], shown["active"], shown["t38"], shown["ecm"]) == ("Office", True, False, True)


def test_terminated_subscriber_is_gone(simulator: Simulator, api: Api) -> None:
    """Terminating removes a subscriber from lists and look-ups."""
    simulator.receive_fax(7)
    simulator.terminate(7)
    assert api.get(f"/api/{FAX}/7").status_code == 404
    assert api.get("/api/subscribers/?rows=1").json()["total_count"] == 29
    assert api.get("/api/faxes/?subscriber_id=7").json()["total_count"] == 0


# Life


def test_certificate_of_the_server_is_checked(simulator: Simulator) -> None:
    """The throw-away authority vouches for the server; nobody else does."""
    session = plain_session()
    assert session.get(simulator.url + "/api/platforminfo", verify=simulator.ca_path, timeout=10).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        session.get(simulator.url + "/api/platforminfo", timeout=10)


def test_client_certificates(simulator: Simulator) -> None:
    """The certificate's serial number identifies the administrator; the name must be the platform's."""

    def status(pair: tuple[str, str], **more: Any) -> tuple[int, Any]:
        session = plain_session(simulator.ca_path)
        answer = session.get(f"{simulator.url}/api/{FAX}/1", cert=pair, timeout=10, **more)
        return answer.status_code, answer.json()

    good = (simulator.client_cert, simulator.client_key)
    assert status(good)[0] == 200
    assert status(good, auth=("admin", "wrong"))[0] == 200
    unknown = simulator.make_client_cert(None, "unknown")
    assert status(unknown) == (403, {"code": 403, "message": "Invalid user"})
    misnamed = simulator.make_client_cert("admin", "misnamed", "somebody else")
    assert status(misnamed)[0] == 403
    readonly = simulator.make_client_cert("readonly", "readonly")
    assert status(readonly)[0] == 200
    assert simulator.audit[-1].scheme == "certificate"


def test_certificate_from_the_api(simulator: Simulator, api: Api, tmp_path: Path) -> None:
    """POST /api/admincerts/ gives an archive with a certificate that works."""
    answer = api.send("POST", "/api/admincerts/", json={"login": "admin"})
    assert answer.status_code == 201
    archive = tmp_path / "certificate.zip"
    archive.write_bytes(answer.content)
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(archive), str(tmp_path)], check=True)
    pem = next(tmp_path.glob("*.pem"))
    session = plain_session()
    answer = session.get(f"{simulator.url}/api/{FAX}/1", cert=str(pem), verify=simulator.ca_path, timeout=10)
    assert answer.status_code == 200


def test_tokens_expire(simulator: Simulator, api: Api) -> None:
    """An expired token is refused like any other bad one."""
    assert api.get(f"/api/{FAX}/1").status_code == 200
    simulator.advance(36001)
    refused = api.get(f"/api/{FAX}/1")
    assert (refused.status_code, refused.json()["message"]) == (403, "Invalid user")
    simulator.switch(token_lifetime=10)
    fresh = Api(simulator)
    assert fresh.get(f"/api/{FAX}/1").status_code == 200
    simulator.advance(11)
    assert fresh.get(f"/api/{FAX}/1").status_code == 403


def test_vanish_and_come_back(simulator: Simulator, api: Api) -> None:
    """The platform can go away and come back at the same address, with its data."""
    simulator.put_settings(FAX, 1, {"name": "kept"})
    url = simulator.url
    simulator.vanish()
    with pytest.raises(requests.ConnectionError):
        api.get(f"/api/{FAX}/1")
    simulator.start()
    assert simulator.url == url
    assert api.get(f"/api/{FAX}/1").json()["name"] == "kept"


def test_environment_and_accounts(simulator: Simulator) -> None:
    """The variables that the collection looks at, for every account."""
    found = simulator.environment()
    assert found["NGCP_API_URL"] == simulator.url
    assert Path(found["NGCP_API_CA_PATH"]).is_file()
    mine = simulator.environment("subscriber")
    assert mine["NGCP_API_URL"] == simulator.subscriber_url
    assert "@" in mine["NGCP_API_USERNAME"]
    assert simulator.subscriber_login(3).password != simulator.subscriber_login(4).password


def test_state_survives(tmp_path: Path) -> None:
    """With `keep_database` the data outlive the simulator."""
    with Simulator(subscribers=10, state=tmp_path, keep_database=True) as one:
        one.put_settings(FAX, 4, {"name": "kept", "destinations": [{"destination": "a@b.example", "filetype": "PS"}]})
    with Simulator(subscribers=99, state=tmp_path, keep_database=True) as one:
        shown = Api(one).get(f"/api/{FAX}/4").json()
        assert (shown["name"], shown["destinations"][0]["destination"]) == ("kept", "a@b.example")
        assert Api(one).get("/api/subscribers/?rows=1").json()["total_count"] == 10


# Set-ups


def test_unknown_switches_are_errors(simulator: Simulator) -> None:
    """A misspelt switch is not ignored."""
    with pytest.raises(ValueError, match="unknown switch"):
        simulator.switch(sqlmode="strict")
    with pytest.raises(ValueError, match="one of"):
        simulator.switch(sql_mode="stern")
    with pytest.raises(ValueError, match="unknown switch"):
        Simulator(subscribers=1, nonsense=True)


def test_old_shape(simulator: Simulator, api: Api) -> None:
    """Older servers show a single element as an object, and settings without their id."""
    simulator.switch(hal="old")
    assert "id" not in api.get(f"/api/{FAX}/1").json()
    single = api.get(f"/api/{FAX}/?rows=1&order_by=id").json()
    assert single["_embedded"][f"ngcp:{FAX}"]["_links"]["self"]["href"] == f"/api/{FAX}/1"
    assert single["_links"][f"ngcp:{FAX}"] == {"href": f"/api/{FAX}/1"}
    several = api.get(f"/api/{FAX}/?rows=2&order_by=id").json()
    assert len(several["_embedded"][f"ngcp:{FAX}"]) == 2


WILDCARDS: list[tuple[str, dict[str, str], list[int]]] = [
    ("subscribers", {"username": "a*b"}, [1, 2]),
    ("subscribers", {"username": "a\\*b"}, [1]),
    ("subscribers", {"username": "a?b"}, []),
    ("subscribers", {"username": "A\\*B"}, [1]),
    ("subscribers", {"subscriber_external_id": "E*T"}, [1, 2]),
    ("subscribers", {"subscriber_external_id": "E\\*T"}, []),
    ("subscribers", {"subscriber_external_id": "e?t"}, [1, 2]),
    ("subscribers", {"subscriber_external_id": "e?*"}, []),
    ("subscribers", {"subscriber_external_id": "BACK\\*"}, [3]),
    ("subscribers", {"customer_external_id": "CUST\\*1", "username": "a*b"}, []),
    ("subscribers", {"domain": "FAX.example.co?", "username": "a*b"}, [1]),
    ("subscribers", {"domain": "fax\\*", "username": "a*b"}, []),
    ("subscribers", {"domain": "fax*", "username": "a*b"}, [1]),
    ("subscribers", {"primary_number": "43190?01"}, [1]),
    ("subscribers", {"alias": "431900\\*", "username": "a*b"}, []),
    ("subscribers", {"alias": "431900*", "username": "a*b"}, [1, 2]),
    ("customers", {"external_id": "C*1"}, [2, 3]),
    ("customers", {"external_id": "c\\*1"}, [2]),
]


@pytest.mark.parametrize(("resource", "query", "found"), WILDCARDS)
def test_wildcards(simulator: Simulator, api: Api, resource: str, query: dict[str, str], found: list[int]) -> None:
    """Which filters know a star, a question mark and a backslash, and that none minds the case."""
    simulator.change_subscriber(1, username="a*b", external_id="E*T")
    simulator.change_subscriber(2, username="axb", external_id="EXT")
    simulator.change_subscriber(3, external_id="BACK\\SLASH")
    simulator.platform.database.execute("UPDATE customers SET external_id = 'C*1' WHERE id = 2")
    simulator.platform.database.execute("UPDATE customers SET external_id = 'Cx1' WHERE id = 3")
    path = f"/api/{resource}/?{urlencode({**query, 'order_by': 'id'})}"
    assert [item["id"] for item in api.items(path)] == found


def test_primary_numbers_that_no_client_creates(simulator: Simulator, api: Api) -> None:
    """A subscriber can lack a number, and two can have numbers with the same digits."""
    simulator.set_primary_number(1, None)
    simulator.set_primary_number(2, ("431", "8", "20000"))
    simulator.set_primary_number(3, ("4318", "2", "0000"))
    assert api.get("/api/subscribers/1").json()["primary_number"] is None
    assert [item["id"] for item in api.items("/api/subscribers/?primary_number=431820000&order_by=id")] == [2, 3]
    simulator.put_settings(FAX, 1, {"active": True})
    assert (
        api.send("POST", "/api/faxes/", json={"subscriber_id": 1, "destination": "4", "data": "x"}).status_code == 201
    )


def test_journal_without_a_rewrite_mode(simulator: Simulator, api: Api) -> None:
    """Every read of the journal is a 500; sending and recordings go on."""
    simulator.put_settings(FAX, 1, {"active": True})
    (received,) = simulator.receive_fax(1)
    simulator.switch(number_rewrite_mode="missing")
    assert (
        api.send("POST", "/api/faxes/", json={"subscriber_id": 1, "destination": "4", "data": "x"}).status_code == 201
    )
    for path in ("/api/faxes/?subscriber_id=1", "/api/faxes/", f"/api/faxes/{received}"):
        assert api.get(path).status_code == 500
    assert api.get(f"/api/faxrecordings/{received}").status_code == 200


@pytest.mark.parametrize(("jwt", "status"), [("absent", 404), ("no-secret", 500)])
def test_servers_without_jwt(simulator: Simulator, jwt: str, status: int) -> None:
    """An older server and one that is not configured; Basic goes on."""
    simulator.switch(jwt=jwt)
    account = simulator.accounts["admin"]
    wanted = {"username": account.username, "password": account.password}
    session = Api(simulator, log_in_first=False)
    assert session.send("POST", "/login_jwt", json=wanted).status_code == status
    assert session.get(f"/api/{FAX}/1", auth=(account.username, account.password)).status_code == 200


def test_outages(simulator: Simulator, api: Api) -> None:
    """Without the database nothing works; without Redis tokens still do; dead fax hosts refuse faxes."""
    simulator.switch(database="down")
    answer = api.get(f"/api/{FAX}/1")
    assert (answer.status_code, answer.content) == (503, b"")
    simulator.switch(database="up", redis="down")
    account = simulator.accounts["admin"]
    assert api.get(f"/api/{FAX}/1").status_code == 200
    anonymous = Api(simulator, log_in_first=False)
    assert anonymous.get(f"/api/{FAX}/1", auth=(account.username, account.password)).status_code == 500
    simulator.switch(redis="up", fax_hosts="down")
    simulator.put_settings(FAX, 1, {"active": True})
    fax = {"subscriber_id": 1, "destination": "431", "data": "x"}
    assert api.send("POST", "/api/faxes/", json=fax).status_code == 500
    assert simulator.journal() == []


def test_community_edition_swallows_faxes(simulator: Simulator, api: Api) -> None:
    """201, and nothing is ever sent; the platform tells its edition."""
    simulator.switch(edition="spce")
    simulator.put_settings(FAX, 1, {"active": True})
    fax = {"subscriber_id": 1, "destination": "431", "data": "x"}
    assert api.send("POST", "/api/faxes/", json=fax).status_code == 201
    assert simulator.journal() == simulator.sent_faxes() == []
    assert api.get("/api/platforminfo").json()["type"] == "spce"


def test_platform_information(simulator: Simulator, api: Api) -> None:
    """platforminfo, capabilities, and the list of resources follow the set-up."""
    info = api.get("/api/platforminfo").json()
    assert (info["type"], info["faxserver"], "fax" in info["licenses"]) == ("sppro", True, True)
    assert "licenses" not in Api(simulator, log_in_first=False).get("/api/platforminfo").json()
    simulator.switch(fax_feature=False, license=False)
    assert "fax" not in api.get("/api/platforminfo").json()["licenses"]
    found = api.items("/api/capabilities/?name=faxserver")
    assert [(one["id"], one["enabled"]) for one in found] == [(3, False)]
    simulator.switch(license=True)
    resources = api.get("/api/", headers={"Accept": "application/json"}).json()
    assert "DELETE" in resources["faxes"]["item_actions"]
    readonly = Api(simulator, "readonly").get("/api/", headers={"Accept": "application/json"}).json()
    assert "PATCH" not in readonly[FAX]["item_actions"]


def test_delays_and_workers(simulator: Simulator, api: Api) -> None:
    """A slow platform: reads, writes and password checks take their time; few requests at once."""
    simulator.switch(read_delay=30, write_delay=60, basic_delay=90, item_delay=5)
    account = simulator.accounts["admin"]

    def spent(method: str, path: str, **more: Any) -> float:
        before = time.monotonic()
        api.send(method, path, **more)
        return time.monotonic() - before

    assert spent("GET", f"/api/{FAX}/1") >= 0.03
    assert spent("PUT", f"/api/{FAX}/1", json={}) >= 0.06
    assert spent("GET", f"/api/{FAX}/?rows=10") >= 0.03 + 10 * 0.005
    api.session.headers.pop("Authorization")
    assert spent("GET", f"/api/{FAX}/1", auth=(account.username, account.password)) >= 0.12


# The control interface


def test_control_interface(simulator: Simulator, api: Api) -> None:
    """Other processes can do what the Python interface does, if they know the token."""
    state = json.loads((simulator.directory / "simulator.json").read_text(encoding="utf-8"))
    assert stat.S_IMODE((simulator.directory / "simulator.json").stat().st_mode) == 0o600
    assert state["url"] == simulator.url
    assert api.get("/_simulator/").status_code == 403
    control = {"X-Simulator-Token": state["control_token"]}

    def call(method: str, path: str, **more: Any) -> Any:
        answer = api.send(method, "/_simulator/" + path, headers=control, **more)
        assert answer.status_code in (200, 204), answer.text
        return answer.json() if answer.content else None

    api.get(f"/api/{FAX}/1")
    audit = call("GET", f"audit?method=GET&path={FAX}")
    assert [record["path"] for record in audit] == [f"/api/{FAX}/1"]
    call("DELETE", "audit")
    assert len(simulator.audit) == 0
    assert call("POST", "switches", json={"sql_mode": "strict"})["sql_mode"] == "strict"
    call("PUT", f"settings/{FAX}/9", json={"name": "by control"})
    assert call("PATCH", f"settings/{FAX}/9", json={"active": True})["settings"]["active"] is True
    assert call("GET", f"settings/{FAX}/9")["settings"]["name"] == "by control"
    assert call("GET", f"settings/{FAX}/10")["settings"] is None
    fault = call("POST", "faults", json={"action": "status", "status": 503, "times": 1})
    assert api.get(f"/api/{FAX}/1").status_code == 503
    assert call("GET", "faults")[0]["hits"] == 1
    call("DELETE", f"faults/{fault['id']}")
    assert call("GET", "faults") == []
    assert call("POST", "faxes", json={"subscriber_id": 2, "count": 3})["ids"] == [1, 2, 3]
    assert len(call("GET", "journal/2")) == 3
    before = simulator.platform.clock.now()
    assert call("POST", "clock", json={"advance": 100})["now"] >= before + 100
    call("POST", "hooks", json={"resource": FAX, "page": 1, "terminate": [1]})
    api.get(f"/api/{FAX}/?rows=2")
    assert api.get("/api/subscribers/1").status_code == 404
    status = call("GET", "")
    assert status["bugs"] == 0
    assert status["open_connections"] >= 1
    assert api.send("POST", "/_simulator/switches", headers=control, json={"nonsense": 1}).status_code == 400


# The command


def test_command(tmp_path: Path) -> None:
    """The command tells where it is, listens once the state file is there, and stops cleanly."""
    options = ["--subscribers", "12", "--port", "0", "--subscriber-port", "0", "--state", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    audit = tmp_path / "audit.jsonl"
    command = [sys.executable, "-m", "ngcp_simulator", *options, "--audit-file", str(audit), "--jwt", "absent"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        state = _wait_for(tmp_path / "simulator.json", process)
        session = plain_session()
        admin = state["accounts"]["admin"]
        login = (admin["username"], admin["password"])
        answer = session.get(state["url"] + "/api/subscribers/", auth=login, verify=state["ca_path"], timeout=10)
        assert answer.json()["total_count"] == 12
        assert session.post(state["url"] + "/login_jwt", verify=state["ca_path"], timeout=10).status_code == 404
        process.send_signal(signal.SIGTERM)
        output, _errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert f"export NGCP_API_URL={state['url']}" in output
    assert not (tmp_path / "simulator.json").exists()
    records = [json.loads(line) for line in audit.read_text(encoding="utf-8").splitlines()]
    assert [record["path"] for record in records] == ["/api/subscribers/", "/login_jwt"]


def _wait_for(path: Path, process: subprocess.Popen[str]) -> Any:
    for _attempt in range(600):
        if path.exists():
            return json.loads(path.read_text(encoding="utf-8"))
        assert process.poll() is None
        time.sleep(0.05)
    raise AssertionError("the simulator did not start")


def test_help() -> None:
    """The help tells all options."""
    command = [sys.executable, "-m", "ngcp_simulator", "--help"]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    for option in ("--subscribers", "--state", "--sql-mode", "--workers", "--seed"):
        assert option in found
