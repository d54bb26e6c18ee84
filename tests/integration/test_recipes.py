# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipes of the documentation, run as they stand there but for the addresses and folders."""

from __future__ import annotations

import os
import pathlib
import pwd
import re
import subprocess
from collections.abc import Mapping

import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.documents import GUIDES, ROOT, blocks
from ansible_collections.ngcp.fax.tests.integration.support.fleet_runs import summary
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import connection, writes, written

PAGE = GUIDES / "recipes.rst"
PROJECT = ROOT / "docs/examples/controller"
MAIL2FAX = "mailtofaxsettings"
RULE = {"from_email": "office.vienna@example.org", "received_from": "192.0.2.25"}
OTHER = {"from_email": "boss@example.org"}


def block(language: str, begin: str) -> str:
    """Return the only block of the page in a language that begins like this."""
    (found,) = [text for text in blocks(PAGE, language) if text.startswith(begin)]
    return found


def shell(text: str, cwd: pathlib.Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run lines as somebody at a terminal does, until one fails."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-ec", text],
        cwd=cwd,
        env={**environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


# ---- cron


class Cron:
    """Starts the line of the recipe as cron does: with its own environment, in the home folder, by ``/bin/sh``."""

    def __init__(self, home: pathlib.Path, sim: Simulator, surroundings: Mapping[str, str]) -> None:
        self.home = home
        places = {
            "/opt/ngcp-fax/bin": os.environ["PATH"],
            "/opt/ngcp-fax/collections": surroundings["ANSIBLE_COLLECTIONS_PATH"],
            "/etc/ngcp-fax.env": str(home / "ngcp-fax.env"),
            "/srv/faxes": str(home / "faxes"),
            "https://ngcp.example.org:1443": sim.url,
            "=automation": f"={connection(sim)['api_username']}",
            "the password": connection(sim)["api_password"],
        }

        def placed(text: str) -> str:
            for example, own in places.items():
                text = text.replace(example, own)
            return text

        variables = placed(block("sh", "NGCP_API_URL=")) + f"NGCP_API_CA_PATH={sim.ca_path}\n"
        (home / "ngcp-fax.env").write_text(variables)
        *settings, entry = placed(block("crontab", "MAILTO=")).splitlines()
        match = re.fullmatch(r"17 2 \* \* \* ngcp-fax (.+)", entry)
        assert match and "%" not in entry, "cron ends a command at a percent sign"
        self._command = match[1]
        own = dict(line.split("=", 1) for line in settings)
        # Ansible looks up the home directory of the user that LOGNAME names, so it must be one that exists here.
        self._environment = {
            "HOME": str(home),
            "LOGNAME": pwd.getpwuid(os.getuid()).pw_name,
            "PYTHONDONTWRITEBYTECODE": "1",
            "SHELL": "/bin/sh",
            **own,
        }

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", self._command],
            cwd=self.home,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )


def test_the_line_of_cron_archives_and_is_silent_unless_it_fails(
    simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    cron = Cron(tmp_path, simulator, playbooks.surroundings({}))
    (tmp_path / "faxes").mkdir(mode=0o750)
    simulator.receive_fax(3, count=2)
    done = cron.run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert len([*(tmp_path / "faxes").rglob("*.tif")]) == 2
    assert "2 fetched" in (tmp_path / "archive.log").read_text()

    simulator.fault("status", path="/api/faxes/", status=403, body="{}")
    failed = cron.run()
    assert failed.returncode == 1 and "FAILED" in failed.stdout
    assert connection(simulator)["api_password"] not in failed.stdout


# ---- CI services


@pytest.mark.parametrize("name", [".github/workflows/drift.yml", ".gitlab-ci.yml"])
def test_the_jobs_are_those_of_the_example_project(name: str) -> None:
    """Those are run by the tests of the project."""
    _head, _blank, own = (PROJECT / name).read_text().partition("\n\n")
    assert own in blocks(PAGE, "yaml")
    assert f"``{name}``" in PAGE.read_text()


# ---- vault and keys


@pytest.fixture
def terminal(playbooks: Playbooks, tmp_path: pathlib.Path) -> dict[str, str]:
    """The environment of a shell whose home is the folder of the test."""
    own = {"HOME": str(tmp_path), "EDITOR": "true", "NGCP_FAX_RECORD": str(tmp_path / "record.jsonl")}
    return playbooks.surroundings(own)


def test_the_vault_walk_through(simulator: Simulator, terminal: dict[str, str], tmp_path: pathlib.Path) -> None:
    own = connection(simulator)
    play = block("yaml", "- name: Fax settings").replace("https://ngcp.example.org:1443", own["api_url"])
    (tmp_path / "site.yml").write_text(play.replace("automation", own["api_username"]))
    entry = {"subscriber": "user0001@fax.example.com", "secret_key": "CANARY-key"}
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump({"subscribers": [entry]}))
    first = shell(block("console", "umask"), tmp_path, terminal)
    assert first.returncode == 0, first.stderr
    vault = tmp_path / "group_vars/all/vault.yml"
    assert vault.read_text().startswith("vault_ngcp_password: !vault |")
    assert (tmp_path / ".fax-vault-password").stat().st_mode & 0o77 == 0
    # From here on the password of the platform is known to the vault only.
    quiet = {name: value for name, value in terminal.items() if name == "NGCP_API_CA_PATH" or "NGCP_API" not in name}
    used = shell(block("console", "ansible-vault encrypt --vault-id"), tmp_path, quiet)
    assert used.returncode == 0, used.stdout + used.stderr
    viewed, _line, run = used.stdout.partition("PLAY [")
    assert "CANARY-key" in viewed and "CANARY-key" not in run and "+secret_key: " in run and "********" in run
    again = shell(block("console", "python3 -c"), tmp_path, quiet)
    assert again.returncode == 0, again.stderr
    former = shell("ansible-vault view --vault-id fax@~/.fax-vault-password fleet.yml", tmp_path, quiet)
    assert former.returncode != 0
    assert writes(simulator) == []


def test_a_key_is_rotated_and_kept(simulator: Simulator, terminal: dict[str, str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "rotate-key.yml").write_text(block("yaml", "- name: Rotate the mail to fax key"))
    (tmp_path / ".fax-vault-password").write_text("vault password\n")
    simulator.put_settings(MAIL2FAX, 1, {"active": True, "secret_key": "CANARY-old"})
    keys = []
    for _turn in range(2):
        done = shell(block("console", "ansible-playbook rotate-key.yml"), tmp_path, terminal)
        assert done.returncode == 0, done.stdout + done.stderr
        keys.append(simulator.settings(MAIL2FAX, 1)["secret_key"])
        run, _recap, viewed = done.stdout.rpartition("ignored=0")
        assert viewed.split() == [keys[-1]], "what is kept is what the platform has"
        assert keys[-1] not in run and "CANARY-old" not in run
        assert re.fullmatch(r"[A-Za-z0-9]{32}", keys[-1])
    assert keys[0] != keys[1]
    (_current, backup) = sorted((tmp_path / "keys").iterdir(), key=lambda path: len(path.name))
    view = shell(f"ansible-vault view --vault-id fax@~/.fax-vault-password '{backup}'", tmp_path, terminal)
    assert view.stdout.strip() == keys[0]
    assert keys[1] not in "".join(path.read_text() for path in (tmp_path / "keys").iterdir())


# ---- an access rule


def rules(sim: Simulator, number: int) -> list[dict[str, object]]:
    """Return who may send faxes by mail for a subscriber, without what is not set."""
    acl = (sim.settings(MAIL2FAX, number) or {}).get("acl", [])
    return [{name: value for name, value in rule.items() if value} for rule in acl]


def test_a_rule_for_a_group(simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path) -> None:
    simulator.put_settings(MAIL2FAX, 1, {"active": True, "acl": [OTHER]})
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(block("yaml", "all:"))
    check, run = block("console", "ansible-playbook ngcp.fax.fleet -i hosts.yml").splitlines()
    assert summary(playbooks.playbook(*check.split()[1:]).succeeded())["changed"] == 2
    assert written(simulator) == []
    playbooks.playbook(*run.split()[1:]).succeeded()
    assert sorted(written(simulator)) == [(MAIL2FAX, 1), (MAIL2FAX, 4)]
    assert sorted(rules(simulator, 1), key=str) == sorted([OTHER, RULE], key=str) and rules(simulator, 4) == [RULE]
    assert summary(playbooks.playbook(*run.split()[1:]).succeeded())["changed"] == 0

    indent = " " * 14
    hosts.write_text(
        hosts.read_text().replace(f"{indent}received_from", f"{indent}state: absent\n{indent}received_from")
    )
    playbooks.playbook(*run.split()[1:]).succeeded()
    assert rules(simulator, 1) == [OTHER] and rules(simulator, 4) == []


def test_a_rule_for_a_domain(simulator: Simulator, playbooks: Playbooks) -> None:
    tasks = yaml.safe_load(block("yaml", "- name: Accept the mails of the office"))
    playbooks.run(tasks).succeeded()
    changed = {number for _resource, number in written(simulator)}
    assert len(changed) == len(written(simulator)) > 2 and all(rules(simulator, number) == [RULE] for number in changed)
    playbooks.run(tasks).succeeded()
    assert len(written(simulator)) == len(changed)
