# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mail to fax fleets: deadlocks, key rotation, warnings; and settings that are read and declared again."""

from __future__ import annotations

from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks


def mail2fax(number: int) -> dict[str, Any]:
    return {"active": True, "secret_key": f"key-{number}", "secret_key_renew": "never"}


@pytest.mark.platform(subscribers=1000)
def test_deadlocks_of_first_writes(playbooks: Playbooks, simulator: Simulator) -> None:
    documents = {number: mail2fax(number) for number in range(1, 1001)}
    for number in range(10, 1001, 10):
        documents[number] = {**documents[number], "active": False}
    simulator.put_many("mailtofaxsettings", documents)
    for number in range(50, 1001, 50):
        simulator.fault("deadlock", method="PATCH", subscribers=[number], times=1)
    entries = [{"subscriber_id": number, **mail2fax(number)} for number in range(1, 1001)]
    arguments = {"subscribers": entries, "concurrency": 8}

    summary = playbooks.module("mail2fax_settings", arguments).succeeded().only["summary"]
    assert (summary["changed"], summary["unchanged"], summary["retries"]) == (100, 900, 20)
    assert simulator.count("PATCH") == 120
    assert simulator.count("PATCH", status=200) == 100
    assert all(document["active"] for document in simulator.all_settings("mailtofaxsettings", range(1, 1001)).values())

    simulator.clear_audit()
    assert not playbooks.module("mail2fax_settings", arguments).succeeded().only["changed"]
    assert simulator.count("PATCH") == 0


@pytest.mark.platform(subscribers=60, deadlock_probability=0.4, write_delay=5)
def test_parallel_writes_that_deadlock(playbooks: Playbooks, simulator: Simulator) -> None:
    arguments = {"select": {"domain": "fax.example.com"}, "active": True, "secret_key": "k", "concurrency": 8}
    summary = playbooks.module("mail2fax_settings", {**arguments, "retries": 8}).succeeded().only["summary"]
    assert summary["changed"] == summary["total"] > 10


def test_rotation_is_left_alone(playbooks: Playbooks, simulator: Simulator) -> None:
    simulator.put_settings("mailtofaxsettings", 1, {**mail2fax(1), "secret_key_renew": "daily"})
    before = simulator.settings("mailtofaxsettings", 1)
    arguments = {
        "subscriber_id": 1,
        "secret_key": "declared-long-ago",
        "update_secret_key": "on_create",
        "active": True,
    }
    assert not playbooks.module("mail2fax_settings", arguments).succeeded().only["changed"]
    assert simulator.settings("mailtofaxsettings", 1) == before

    run = playbooks.module("mail2fax_settings", {**arguments, "update_secret_key": "always"}).succeeded()
    assert run.only["changed"]
    assert any("update_secret_key=on_create" in warning for warning in run.only["warnings"])


def test_warning_when_all_mail_is_refused(playbooks: Playbooks, simulator: Simulator) -> None:
    run = playbooks.module("mail2fax_settings", {"subscriber_id": 1, "active": True}, check=True).succeeded()
    assert any("refuses all mail" in warning for warning in run.only["warnings"])
    quiet = {"subscriber_id": 1, "active": True, "acl": [{"received_from": "192.0.2.1"}]}
    assert "warnings" not in playbooks.module("mail2fax_settings", quiet).succeeded().only


def test_an_expression_that_cannot_be_judged_here_is_a_warning(playbooks: Playbooks, simulator: Simulator) -> None:
    arguments = {"subscriber_id": 1, "acl": [{"from_email": r"\p{L}+@example\.org", "use_regex": True}]}
    result = playbooks.module("mail2fax_settings", arguments).succeeded().only
    assert "acl[0].from_email" in str(result["warnings"])
    assert simulator.count("PATCH") == 1


@pytest.mark.parametrize("module", ["fax_settings", "mail2fax_settings"])
def test_what_is_read_can_be_declared(playbooks: Playbooks, simulator: Simulator, module: str) -> None:
    for number in range(1, 31):
        fax = {"active": number % 2 == 0, "name": f"Name {number}", "password": f"p{number}"}
        fax["destinations"] = [{"destination": f"A{number}@Example.org", "filetype": "PS", "incoming": number % 3 == 0}]
        simulator.put_settings("faxserversettings", number, fax)
        notify = [{"destination": f"N{number}@example.org"}]
        acl = [{"from_email": ".*", "use_regex": True}]
        simulator.put_settings(
            "mailtofaxsettings", number, {**mail2fax(number), "secret_renew_notify": notify, "acl": acl}
        )
    for arguments in ({}, {"include_secrets": True}, {"select": {"customer_id": 2}}, {"active": True}):
        simulator.clear_audit()
        tasks = [
            {"name": "read", f"ngcp.fax.{module}_info": arguments, "register": "read"},
            {"name": "declare", f"ngcp.fax.{module}": {"subscribers": "{{ read.subscribers }}"}},
        ]
        run = playbooks.run(tasks).succeeded()
        assert len(run.result("read")["subscribers"]) > 4
        assert not run.result("declare")["changed"]
        assert simulator.count("PATCH") == 0
        identifiers = [entry["subscriber_id"] for entry in run.result("read")["subscribers"]]
        assert identifiers == sorted(identifiers)
