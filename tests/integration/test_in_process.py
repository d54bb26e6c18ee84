# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks in the control node's process: what the items of a loop share, and what they must not."""

from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks, Run

LOGIN = "^/login_jwt$"


def loop(items: list[Any], **given: Any) -> list[dict[str, Any]]:
    """Return a task for each of the items, by default the subscribers that have these ids."""
    arguments = {"subscriber_id": "{{ item }}", "active": True, **given}
    return [{"name": "loop", "ngcp.fax.fax_settings": arguments, "loop": items, "ignore_errors": True}]


def results(run: Run) -> list[dict[str, Any]]:
    """Return the result of each item."""
    return run.succeeded().only["results"]


def test_one_log_in_and_one_connection_for_a_loop(simulator: Simulator, playbooks: Playbooks) -> None:
    run = playbooks.run(loop(list(range(1, 26)) * 2), verbosity=3)
    found = results(run)
    assert [item["changed"] for item in found] == [True] * 25 + [False] * 25
    assert simulator.count("POST", LOGIN) == 1
    assert simulator.connections == 1
    assert [item["summary"]["requests"] for item in found] == [3] + [2] * 24 + [1] * 25
    assert sum(item["summary"]["requests"] for item in found) == len(simulator.audit)


def test_a_token_runs_out_in_a_loop(simulator: Simulator, playbooks: Playbooks) -> None:
    simulator.after_page("subscribers", 1, lambda: simulator.advance(simulator.switches.token_lifetime + 1))
    task = {"name": "loop", "ngcp.fax.fax_settings_info": {"select": {"domain": "{{ item }}"}}}
    found = results(playbooks.run([{**task, "loop": ["fax.example.com"] * 5}]))
    assert all(item["subscribers"] for item in found)
    assert simulator.count("POST", LOGIN) == 2


@pytest.mark.parametrize("method", ["jwt", "basic"])
def test_a_wrong_password_is_sent_once(simulator: Simulator, playbooks: Playbooks, method: str) -> None:
    """The platform locks a user after several failed log-ins."""
    found = results(playbooks.run(loop(list(range(1, 21)), api_password="wrong", auth_method=method)))
    assert {item["error"]["code"] for item in found} == {"unauthorized"}
    assert len(simulator.audit) == 1
    playbooks.module("fax_settings", {"subscriber_id": 1, "active": True}).succeeded()


def test_a_refusal_later_on_ends_what_is_kept(simulator: Simulator, playbooks: Playbooks) -> None:
    """Whoever may read but not write is told so for every subscriber that drifts, and only for those."""
    simulator.put_settings("faxserversettings", 2, {"active": True})
    account = simulator.accounts["readonly"]
    own = {"api_username": account.username, "api_password": account.password}
    found = results(playbooks.run(loop([1, 2, 3], **own)))
    assert [item["subscribers"][0]["status"] for item in found] == ["failed", "unchanged", "failed"]
    assert simulator.count("PATCH", status=403) == 2


def test_users_that_take_turns(simulator: Simulator, playbooks: Playbooks) -> None:
    users = {number: simulator.subscriber_login(number) for number in range(3, 8)}
    items = [{"id": number, "user": user.username, "pw": user.password} for number, user in users.items()]
    given = {"api_url": simulator.subscriber_url, "api_username": "{{ item.user }}", "api_password": "{{ item.pw }}"}
    two = loop(items[:2] * 5, subscriber_id="{{ item.id }}", **given)
    assert all(not item.get("failed") for item in results(playbooks.run(two)))
    assert simulator.count("POST", LOGIN) == 2
    five = loop(items * 2, subscriber_id="{{ item.id }}", **given)
    simulator.clear_audit()
    assert [item["changed"] for item in results(playbooks.run(five))] == [False, False, True, True, True] + [False] * 5
    assert simulator.count("POST", LOGIN) > 5, "not more than a few are kept"


def test_a_connection_that_the_server_has_closed(simulator: Simulator, playbooks: Playbooks) -> None:
    """A server may close a connection at any time; a write on it must not be lost or doubled."""
    declared = loop([1, 2, 3])
    declared[0]["loop_control"] = {"pause": 0.1}
    simulator.fault("reset_after", method="PATCH", path="faxserversettings/2$", times=1)
    found = results(playbooks.run(declared))
    assert [item["changed"] for item in found] == [True] * 3
    assert all(simulator.settings("faxserversettings", number)["active"] for number in (1, 2, 3))
    assert simulator.count("POST", LOGIN) == 1


def test_hosts_share_nothing(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    hosts = [f"subscriber{number} number={number} ansible_connection=local" for number in range(1, 13)]
    (tmp_path / "hosts").write_text("\n".join(hosts))
    task = {"name": "one", "ngcp.fax.fax_settings": {"subscriber_id": "{{ number }}", "active": True}}
    again = {**task, "name": "again"}
    run = playbooks.run([task, again], "-i", str(tmp_path / "hosts"), "-f", "4", play={"hosts": "all"}).succeeded()
    seen = {(line["task"], line["host"]): line["result"] for line in run.results}
    assert len(seen) == 24
    for (name, host), result in seen.items():
        (entry,) = result["subscribers"]
        assert host == f"subscriber{entry['subscriber_id']}"
        assert result["changed"] is (name == "one")
    assert simulator.count("PATCH", status=200) == 12
    assert simulator.connections == 24
