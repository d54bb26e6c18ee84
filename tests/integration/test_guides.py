# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every example of the guides runs: here, or in the test that ``CLAIMS`` names."""

from __future__ import annotations

import pathlib
import shlex
import tomllib
from collections import Counter
from typing import Any

import pytest
import yaml
from ngcp_simulator import Simulator, sandbox

from ansible_collections.ngcp.fax.tests.integration.support.documents import GUIDES, ROOT, blocks, code_blocks
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import writes

HERE = "tests/integration/test_guides.py"
FLEETS = "tests/integration/test_fleet_examples.py"
RECIPES = "tests/integration/test_recipes.py"
DRIFT = "tests/integration/test_drift_reports.py"

# Which test runs the examples of a page, by their language, and how many there are. Blocks of text are output.
CLAIMS: dict[str, dict[str, tuple[int, str]]] = {
    "adding_a_field": {"diff": (1, "tests/unit/plugins/test_adding_a_field.py")},
    "archiving": {"yaml": (2, HERE)},
    "authentication": {"yaml": (1, HERE), "console": (1, HERE)},
    "drift_reports": {"console": (4, DRIFT), "ini": (1, DRIFT), "json": (1, DRIFT), "yaml": (2, DRIFT)},
    "first_steps": {"console": (7, HERE), "yaml": (1, HERE)},
    "fleet_files": {"csv": (2, FLEETS), "yaml": (2, FLEETS), "console": (1, FLEETS)},
    "fleet_plans": {
        "console": (1, FLEETS),
        "yaml": (1, FLEETS),
        "json": (1, "tests/unit/plugins/module_utils/_fleet/test_plans.py"),
    },
    "fleet_undo": {"console": (1, "tests/integration/test_undo.py"), "json": (1, HERE)},
    "forwards": {"csv": (1, HERE), "yaml": (1, HERE)},
    "fleets": {"console": (3, FLEETS), "yaml": (2, FLEETS)},
    "from_uri": {"console": (1, HERE), "yaml": (6, HERE)},
    "inventory": {
        "console": (1, HERE),
        "ini": (1, HERE),
        "yaml": (3, "tests/integration/test_inventory.py"),
    },
    "receiving": {"yaml": (3, "tests/integration/test_readiness.py")},
    "recipes": {"console": (6, RECIPES), "crontab": (1, RECIPES), "sh": (1, RECIPES), "yaml": (6, RECIPES)},
    "scaling": {"console": (1, HERE)},
    "secrets": {"yaml": (3, HERE)},
    "sending": {"yaml": (1, HERE)},
    "troubleshooting": {"yaml": (1, HERE)},
}


def guide(name: str) -> pathlib.Path:
    return GUIDES / f"{name}.rst"


def tasks(name: str, number: int, **replaced: str) -> Any:
    """Return what the YAML example of a guide with this number holds, with some texts replaced."""
    text = blocks(guide(name), "yaml")[number]
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    return yaml.safe_load(text)


def commands(name: str) -> list[str]:
    """Return the command lines of a guide."""
    return [line for text in blocks(guide(name), "console") for line in text.replace("\\\n", "").splitlines()]


def test_every_example_is_claimed() -> None:
    """A new example fails this test until some test runs it."""
    for page in sorted(GUIDES.glob("*.rst")):
        found = Counter(block.language for block in code_blocks(page) if block.language != "text")
        claims = CLAIMS.get(page.stem, {})
        assert found == {language: count for language, (count, _test) in claims.items()}, page.name
        for language, (_count, test) in claims.items():
            assert page.stem in (ROOT / test).read_text(encoding="utf-8"), f"{language} of {page.name}"


# ---- getting started


@pytest.mark.platform(subscribers=40)
def test_first_steps(playbooks: Playbooks, simulator: Simulator) -> None:
    """From the files of the simulator's command to a fleet that matches them; the installation needs Galaxy."""
    (script,) = tomllib.loads((ROOT / "tests/simulator/pyproject.toml").read_text())["project"]["scripts"]
    lines = commands("first_steps")
    assert script in lines and f"cd {sandbox.FOLDER} && . ./{sandbox.CONNECTION}" in lines
    sandbox.fill(simulator)
    sandbox.write_files(simulator, playbooks.folder, {})
    (site,) = blocks(guide("first_steps"), "yaml")
    (playbooks.folder / "site.yml").write_text(site)
    outputs = []
    for line in lines:
        if line.startswith("ansible-playbook"):
            done = playbooks.command(*shlex.split(line))
            assert done.returncode == 0, done.stdout + done.stderr
            outputs.append(done.stdout)
    wanted = ["5 of 40 subscribers differ", "5 would change", "5 changed", "0 changed", "changed=1", "changed=1"]
    assert [want for want, output in zip(wanted, outputs, strict=True) if want not in output] == []
    assert (playbooks.folder / "drift/drift.html").exists()
    assert len(list((playbooks.folder / "undo").iterdir())) == 1
    again = playbooks.command("ansible-playbook", "site.yml")
    assert "changed=0" in again.stdout


def test_moving_from_uri(playbooks: Playbooks, simulator: Simulator) -> None:
    """The old tasks work, and the new one finds nothing left to do after them."""
    account = simulator.accounts["admin"]
    simulator.put_settings("faxserversettings", 3, {"active": True, "destinations": _destination("former@example.org")})
    simulator.receive_fax(3)
    own = {"ngcp_url": simulator.url, "ngcp_user": account.username, "ngcp_password": account.password}
    playbooks.run(tasks("from_uri", 0), play={"vars": {**own, "ngcp_ca": simulator.ca_path}}).succeeded()
    assert writes(simulator) == ["PATCH /api/faxserversettings/3"]
    simulator.clear_audit()
    assert set(playbooks.run(tasks("from_uri", 1)).succeeded().statuses.values()) == {"ok"}
    assert writes(simulator) == []

    (command,) = commands("from_uri")
    assert playbooks.command(*shlex.split(command)).returncode == 0
    assert set(playbooks.run(tasks("from_uri", 2)).succeeded().statuses.values()) == {"ok"}
    (playbooks.folder / "faxes").mkdir()
    for number in (3, 4, 5):
        playbooks.run(tasks("from_uri", number)).succeeded()
    destinations = simulator.settings("faxserversettings", 3)["destinations"]
    assert [element["destination"] for element in destinations] == ["copy@example.org"]
    assert len(simulator.sent_faxes()) == 1
    assert len(list((playbooks.folder / "faxes").glob("*.tif"))) == 1


def _destination(address: str) -> list[dict[str, Any]]:
    return [{"destination": address, "filetype": "PDF"}]


# ---- settings and fleets


def test_inventory(playbooks: Playbooks, simulator: Simulator) -> None:
    """The command, with the setting that makes errors count."""
    text, *_plays = blocks(guide("inventory"), "yaml")
    (configuration,) = blocks(guide("inventory"), "ini")
    (playbooks.folder / "strict.cfg").write_text(configuration)
    environment = {"ANSIBLE_CONFIG": str(playbooks.folder / "strict.cfg")}
    (command,) = commands("inventory")
    for content, fails in ((text, False), (text.replace("domain:", "domian:"), True)):
        (playbooks.folder / "everybody.ngcp_fax.yml").write_text(content)
        done = playbooks.command(*shlex.split(command), environment=environment)
        assert bool(done.returncode) == fails, done.stderr
        assert ("user0003@pbx.example.org" in done.stdout) != fails


def test_an_undo_file_is_a_fleet_file(playbooks: Playbooks, simulator: Simulator) -> None:
    (sample,) = blocks(guide("fleet_undo"), "json")
    (playbooks.folder / "undo.json").write_text(sample.replace("https://ngcp.example.org:1443", simulator.url))
    simulator.put_settings("faxserversettings", 3, {"name": "Accounts"})
    named = sample.replace("user0003@fax.example.com", "user0003@pbx.example.org")
    (playbooks.folder / "undo.json").write_text(named.replace("https://ngcp.example.org:1443", simulator.url))
    playbooks.playbook("ngcp.fax.undo", "-e", "undo_file=undo.json").succeeded()
    assert simulator.settings("faxserversettings", 3)["name"] == "Sales"


def test_scaling() -> None:
    """The commands need a container engine. What they name exists, and other tests use it."""
    build, run = commands("scaling")
    assert build.split()[:2] == ["ansible-builder", "build"] and "ngcp.fax.fleet" in run
    assert (ROOT / "docs/examples/slices/ngcp_fax.yml").exists()
    assert (ROOT / "docs/examples/execution-environment/execution-environment.yml").exists()


# ---- faxes


@pytest.fixture
def with_faxes(playbooks: Playbooks, simulator: Simulator) -> Simulator:
    """A platform where subscriber 3 has received a fax and may send one, and a document to send."""
    simulator.put_settings("faxserversettings", 3, {"active": True})
    simulator.switch(fax_seconds=0.2)
    simulator.receive_fax(3)
    (playbooks.folder / "order.pdf").write_bytes(b"%PDF-1.4\nstartxref\n0\n%%EOF\n")
    return simulator


def test_call_forwards_of_a_fleet(playbooks: Playbooks, simulator: Simulator) -> None:
    (playbooks.folder / "fleet.csv").write_text("subscriber_id\n" + "".join(f"{number}\n" for number in range(1, 31)))
    simulator.add_fax_forwards(range(4, 31))
    playbooks.run(tasks("forwards", 0)).succeeded()
    assert len(simulator.forwards(3)["cfu"]) == 1
    (table,) = blocks(guide("forwards"), "csv")
    (playbooks.folder / "fleet.csv").write_text(table)
    simulator.clear_forwards([1])
    playbooks.playbook("ngcp.fax.fleet", "-e", "fleet_file=fleet.csv").succeeded()
    assert len(simulator.forwards(1)["cfu"]) == 1
    assert simulator.settings("faxserversettings", 1)["active"]


def test_sending(playbooks: Playbooks, with_faxes: Simulator) -> None:
    playbooks.run(tasks("sending", 0)).succeeded()
    assert [fax["destination"] for fax in with_faxes.sent_faxes()] == ["+43 1 110002"]


def test_archiving(playbooks: Playbooks, with_faxes: Simulator) -> None:
    srv = {"/srv/": f"{playbooks.folder}/"}
    (playbooks.folder / "faxes").mkdir()
    first = playbooks.run(tasks("archiving", 0, **srv)).succeeded()
    assert first.only["summary"]["fetched"] == 1
    playbooks.run(tasks("archiving", 1, **srv), check=True).succeeded()
    playbooks.run(tasks("archiving", 1, **srv)).succeeded()


def test_troubleshooting(playbooks: Playbooks, with_faxes: Simulator) -> None:
    """The example goes on where the service is off, and only there."""
    with_faxes.put_settings("faxserversettings", 3, {"active": False})
    playbooks.run(tasks("troubleshooting", 0)).succeeded()
    assert with_faxes.sent_faxes() == []
    (playbooks.folder / "order.pdf").unlink()
    playbooks.run(tasks("troubleshooting", 0)).failed()


# ---- access


def test_client_certificate_of_authentication(playbooks: Playbooks, simulator: Simulator) -> None:
    text = blocks(guide("authentication"), "yaml")[0]
    for old, new in {
        "https://ngcp.example.org:1443": simulator.url,
        "/etc/ngcp-fax/client.pem": str(simulator.client_cert),
        "/etc/ngcp-fax/client.key": str(simulator.client_key),
    }.items():
        assert old in text
        text = text.replace(old, new)
    (playbooks.folder / "site.yml").write_text(text)
    playbooks.environment = {"NGCP_API_CA_PATH": simulator.ca_path}
    playbooks.playbook("site.yml").succeeded()


def test_read_only_user_of_authentication(playbooks: Playbooks, simulator: Simulator) -> None:
    (command,) = commands("authentication")
    (playbooks.folder / "fleet.csv").write_text("subscriber_id,name\n1,Declared\n")
    playbooks.environment = simulator.environment("readonly")
    done = playbooks.command(*shlex.split(command))
    assert done.returncode == 0 and "1 of 1 subscriber" in done.stdout, done.stdout
    assert writes(simulator) == []


def test_keys_of_secrets(playbooks: Playbooks, simulator: Simulator) -> None:
    first = {"vars": {"vault_first_key": "first-key"}}
    assert playbooks.run(tasks("secrets", 0), play=first).succeeded().only["changed"]
    assert simulator.settings("mailtofaxsettings", 4)["secret_key"] == "first-key"
    assert not playbooks.run(tasks("secrets", 0), play=first).succeeded().only["changed"]
    old = playbooks.run(tasks("secrets", 1, **{"2026-01-01": "2999-01-01"})).succeeded().results[-1]["result"]["msg"]
    assert old == ["user0004@fax.example.com"]
    playbooks.run(tasks("secrets", 2)).succeeded()
    (rule,) = simulator.settings("mailtofaxsettings", 4)["acl"]
    assert rule["use_regex"] is True
