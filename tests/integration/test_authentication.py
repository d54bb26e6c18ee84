# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every way to prove who is calling, and every way to be refused."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ngcp_simulator import Simulator
from ngcp_simulator.otp import code

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

FLEET = [{"subscriber_id": number} for number in range(1, 11)]
ACTIVE = {"subscribers": FLEET, "active": True}


def login(sim: Simulator, account: str = "admin") -> str:
    body = {"username": sim.accounts[account].username, "password": sim.accounts[account].password}
    session = requests.Session()
    session.trust_env = False
    return session.post(f"{sim.url}/login_jwt", json=body, verify=sim.ca_path, timeout=10).json()["jwt"]


def without_password(sim: Simulator) -> dict[str, str]:
    return {"NGCP_API_USERNAME": "", "NGCP_API_PASSWORD": ""}


def schemes(sim: Simulator) -> list[str | None]:
    return sorted({str(entry.scheme) for entry in sim.audit if entry.path.startswith("/api/")})


@pytest.mark.both_fronts
def test_one_log_in_for_a_whole_fleet(playbooks: Playbooks, simulator: Simulator) -> None:
    playbooks.module("fax_settings", ACTIVE).succeeded()
    assert simulator.count("POST", "^/login_jwt$") == 1
    assert schemes(simulator) == ["bearer"]


def test_basic(playbooks: Playbooks, simulator: Simulator) -> None:
    playbooks.module("fax_settings", {**ACTIVE, "auth_method": "basic"}).succeeded()
    assert simulator.count("POST") == 0
    assert schemes(simulator) == ["basic"]


@pytest.mark.parametrize("jwt", ["absent", "no-secret"])
def test_basic_where_the_server_has_no_tokens(playbooks: Playbooks, simulator: Simulator, jwt: str) -> None:
    simulator.switch(jwt=jwt)
    playbooks.module("fax_settings", ACTIVE).succeeded()
    assert simulator.count("POST", "^/login_jwt$") == 1
    assert schemes(simulator) == ["basic"]


@pytest.mark.both_fronts
def test_client_certificate(playbooks: Playbooks, simulator: Simulator) -> None:
    arguments = {**ACTIVE, "client_cert": simulator.client_cert, "client_key": simulator.client_key}
    playbooks.module("fax_settings", arguments, environment=without_password(simulator)).succeeded()
    assert simulator.count("POST") == 0
    assert simulator.count("PATCH", status=200) == 10


def test_token(playbooks: Playbooks, simulator: Simulator) -> None:
    token = login(simulator)
    simulator.clear_audit()
    run = playbooks.module("fax_settings", {**ACTIVE, "api_token": token}, environment=without_password(simulator))
    run.succeeded()
    assert simulator.count("POST") == 0
    assert token not in run.output


def test_expired_token_without_a_name(playbooks: Playbooks, simulator: Simulator) -> None:
    token = login(simulator)
    simulator.advance(simulator.switches.token_lifetime + 1)
    simulator.clear_audit()
    run = playbooks.module("fax_settings", {**ACTIVE, "api_token": token}, environment=without_password(simulator))
    assert run.failed().only["error"]["code"] == "forbidden"
    assert len(simulator.audit) == 1


@pytest.mark.both_fronts
@pytest.mark.platform(subscribers=200)
def test_token_runs_out_in_the_middle(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.after_page("faxserversettings", 1, lambda: simulator.advance(simulator.switches.token_lifetime + 1))
    arguments = {"subscribers": [{"subscriber_id": number} for number in range(1, 201)], "active": True}
    result = playbooks.module("fax_settings", arguments).succeeded().only
    assert result["summary"]["changed"] == 200
    assert simulator.count("POST", "^/login_jwt$") == 2


@pytest.mark.both_fronts
def test_one_time_password(playbooks: Playbooks, simulator: Simulator) -> None:
    account = simulator.accounts["otp"]
    for method in ("jwt", "basic"):
        now = code(account.otp_secret, simulator.platform.clock.now())
        arguments = {"api_username": account.username, "api_password": account.password, "auth_method": method}
        playbooks.module("fax_settings", {**ACTIVE, **arguments, "api_otp": f"{now:06d}"}).succeeded()


@pytest.mark.parametrize(("account", "target"), [("subscriber", 1), ("subscriberadmin", 1)])
def test_subscribers_on_their_own_address(
    simulator: Simulator, playbooks: Playbooks, account: str, target: int
) -> None:
    playbooks.environment = simulator.environment(account)
    for module in ("fax_settings", "mail2fax_settings"):
        playbooks.module(module, {"subscriber_id": target, "active": True}).succeeded()
    assert simulator.settings("faxserversettings", target)["active"]


def test_subscriber_cannot_change_others(simulator: Simulator, playbooks: Playbooks) -> None:
    playbooks.environment = simulator.environment("subscriber")
    result = playbooks.module("fax_settings", {"subscriber_id": 2, "active": True}).failed().only
    assert result["subscribers"][0]["error"]["code"] == "not_found"


@pytest.mark.parametrize("method", ["jwt", "basic"])
def test_read_only_administrator_writes_nothing(playbooks: Playbooks, simulator: Simulator, method: str) -> None:
    run = playbooks.module(
        "fax_settings", {**ACTIVE, "auth_method": method}, environment=simulator.environment("readonly")
    ).failed()
    assert run.only["error"]["code"] == "read_only"
    assert simulator.count("PATCH") == 1
    assert simulator.count("PATCH", status=200) == 0
    assert run.only["summary"]["not_attempted"] == 9


@pytest.mark.parametrize(
    ("front", "method"), [("in_process", "jwt"), ("in_process", "basic"), ("module", "jwt")], indirect=["front"]
)
def test_ban_is_met_once(playbooks: Playbooks, simulator: Simulator, method: str) -> None:
    arguments = {**ACTIVE, "auth_method": method, "concurrency": 16}
    for _attempt in range(simulator.switches.max_login_attempts):
        simulator.clear_audit()
        wrong = playbooks.module("fax_settings", arguments, environment={"NGCP_API_PASSWORD": "wrong"}).failed()
        assert wrong.only["error"]["code"] == "unauthorized"
        assert len(simulator.audit) == 1
    simulator.clear_audit()
    banned = playbooks.module("fax_settings", arguments).failed()
    assert banned.only["error"]["code"] == "banned"
    assert len(simulator.audit) == 1


@pytest.mark.parametrize(("account", "code"), [("inactive", "unauthorized"), ("expired", "password_expired")])
def test_refused_accounts(playbooks: Playbooks, simulator: Simulator, account: str, code: str) -> None:
    environment = simulator.environment(account)
    run = playbooks.module("fax_settings", {**ACTIVE, "auth_method": "basic"}, environment=environment).failed()
    assert run.only["error"]["code"] == code
    assert len(simulator.audit) == 1


def test_no_license(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.switch(license=False)
    assert playbooks.module("fax_settings", ACTIVE).failed().only["error"]["code"] == "invalid_license"


def test_redirects_are_not_followed(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.fault("redirect", method="GET|PATCH", path="^/api/", location="https://127.0.0.1:1/elsewhere")
    result = playbooks.module("fax_settings", {"subscriber_id": 1, "active": True}).failed().only
    assert "redirect" in result["msg"] and "127.0.0.1:1" in result["msg"]
    assert simulator.count("PATCH") == 0


def test_wrong_connection_options(playbooks: Playbooks, simulator: Simulator) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"api_url": "http://ngcp.example.org:1443"}, "plain http"),
        ({"api_url": "ngcp.example.org"}, "api_url"),
        ({"api_url": "https://admin:secret@ngcp.example.org"}, "api_username and api_password"),
        ({"ca_path": "/does/not/exist"}, "ca_path"),
        ({"client_key": "/some/key.pem"}, "client_cert"),
        ({"concurrency": 65}, "concurrency"),
        ({"auth_method": "client_cert"}, "client_cert"),
    ]
    tasks = {str(given): {"subscriber_id": 1, "active": True, **given} for given, _words in cases}
    run = playbooks.each("fax_settings", tasks)
    assert list(run.errors) == list(tasks)
    for given, words in cases:
        assert words in run.errors[str(given)]
    assert len(simulator.audit) == 0


def test_unknown_authority(playbooks: Playbooks, simulator: Simulator) -> None:
    run = playbooks.module("fax_settings", ACTIVE, environment={"NGCP_API_CA_PATH": ""}).failed()
    assert run.only["error"]["code"] == "tls_failed"
    playbooks.module("fax_settings", ACTIVE, environment={"NGCP_API_CA_PATH": "", "NGCP_API_VALIDATE_CERTS": "no"})
    assert simulator.count("PATCH", status=200) == 10
