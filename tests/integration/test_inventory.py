# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin with ``ansible-inventory`` and in plays."""

from __future__ import annotations

import hashlib
import json
import pathlib
import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests
import yaml
from ngcp_simulator import Simulator
from ngcp_simulator.columns import newer_defaults

from ansible_collections.ngcp.fax.plugins.inventory import subscribers as plugin
from ansible_collections.ngcp.fax.tests.integration.support.documents import blocks
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import writes

CANARY = "CANARY"
MANY = 10_000
DOMAINS = ("fax.example.com", "voip.example.net", "pbx.example.org")
Listing = Callable[..., Any]


class Inventories:
    """Runs ``ansible-inventory`` on a configuration of the plugin."""

    def __init__(self, playbooks: Playbooks, folder: pathlib.Path) -> None:
        self._playbooks = playbooks
        self.file = folder / "test.ngcp_fax.yml"

    def run(
        self, config: Mapping[str, Any] | str, *options: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Write the configuration and run the command."""
        if not isinstance(config, str):
            config = yaml.safe_dump({"plugin": "ngcp.fax.subscribers", **config}, sort_keys=False)
        self.file.write_text(config)
        strict = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **(environment or {})}
        options = options or ("--list",)
        done: subprocess.CompletedProcess[str] = self._playbooks.command(
            "ansible-inventory", "-i", str(self.file), *options, environment=strict
        )
        return done

    def list(self, config: Mapping[str, Any] | str, **more: Any) -> dict[str, Any]:
        """Return the inventory, groups beside ``_meta``."""
        done = self.run(config, **more)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout, object_hook=plain)
        return found

    def hosts(self, config: Mapping[str, Any] | str, **more: Any) -> dict[str, dict[str, Any]]:
        """Return the variables of each host."""
        found: dict[str, dict[str, Any]] = self.list(config, **more).get("_meta", {}).get("hostvars", {})
        return found

    def failure(self, config: Mapping[str, Any] | str, **more: Any) -> str:
        """Return what is said about a configuration that does not work."""
        done = self.run(config, **more)
        assert done.returncode != 0, done.stdout
        return " ".join(done.stderr.split())


def plain(document: dict[str, Any]) -> Any:
    """Undo how ``ansible-inventory`` marks texts that are no templates."""
    return document["__ansible_unsafe"] if set(document) == {"__ansible_unsafe"} else document


def token(simulator: Simulator, account: str) -> str:
    """Return the token that an account gets."""
    own = simulator.environment(account)
    given = {"username": own["NGCP_API_USERNAME"], "password": own["NGCP_API_PASSWORD"]}
    answer = requests.post(f"{own['NGCP_API_URL']}/login_jwt", json=given, verify=own["NGCP_API_CA_PATH"], timeout=10)
    return str(answer.json()["jwt"])


@pytest.fixture
def inventories(playbooks: Playbooks, tmp_path: pathlib.Path) -> Inventories:
    return Inventories(playbooks, tmp_path)


def ids(hosts: Mapping[str, Mapping[str, Any]]) -> list[int]:
    return sorted(variables["ngcp_subscriber_id"] for variables in hosts.values())


@pytest.mark.platform(subscribers=MANY)
def test_ten_thousand_subscribers_and_the_cache(
    simulator: Simulator, inventories: Inventories, tmp_path: pathlib.Path
) -> None:
    simulator.put_many("faxserversettings", {n: {"password": f"{CANARY}{n}"} for n in range(1, MANY, 10)})
    config = {
        "keyed_groups": [{"key": "ngcp_domain", "prefix": "domain"}],
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    first = inventories.run(config, "--graph")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("user") + first.stdout.count("reception@") >= MANY
    assert first.stdout.count("@domain_") == len(DOMAINS)
    # Three lists in pages of a hundred, one log-in, and the few customers one by one.
    assert simulator.count("GET", "^/api/customers/") < 10
    assert simulator.count("GET", "^/api/(subscribers|faxserversettings|mailtofaxsettings)/$") == 3 * MANY / 100
    assert simulator.count("GET", r"settings/\d+$") == 0
    assert simulator.count("POST", "^/login_jwt$") == 1

    simulator.clear_audit()
    second = inventories.run(config, "--graph")
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert list(simulator.audit) == []
    (cached,) = (tmp_path / "cache").iterdir()
    assert CANARY not in cached.read_text()


def test_a_list_without_details_needs_the_subscribers_alone(inventories: Inventories, simulator: Simulator) -> None:
    hosts = inventories.hosts({"details": []})
    assert ids(hosts) == list(range(1, 31))
    assert {entry.path for entry in simulator.audit} == {"/login_jwt", "/api/subscribers/"}
    assert not {"ngcp_fax", "ngcp_mail2fax", "ngcp_customer_external_id"} & set(hosts["user0003@pbx.example.org"])


def test_variables(inventories: Inventories, simulator: Simulator) -> None:
    destination = {"destination": "a@example.org", "filetype": "PDF", "incoming": 1, "outgoing": 0, "status": 1}
    simulator.put_settings("faxserversettings", 3, {"active": True, "name": "Three", "destinations": [destination]})
    simulator.put_settings("mailtofaxsettings", 3, {"active": True, "secret_key": CANARY, "secret_key_renew": "daily"})
    three = inventories.hosts({})["user0003@pbx.example.org"]
    time = three["ngcp_mail2fax"].pop("last_secret_key_modify")
    assert three == {
        "ngcp_subscriber_id": 3,
        "ngcp_subscriber_external_id": "EXT-0003",
        "ngcp_domain": "pbx.example.org",
        "ngcp_customer_id": 4,
        "ngcp_customer_external_id": "CUST-0003",
        "ngcp_primary_number": "43190003",
        "ngcp_alias_numbers": [],
        "ngcp_status": "active",
        "ngcp_administrative": False,
        "ngcp_fax": {
            "active": True,
            "name": "Three",
            "t38": True,
            "ecm": True,
            **newer_defaults("faxserversettings"),
            "destinations": [{**destination, "incoming": True, "outgoing": False, "status": True}],
        },
        "ngcp_mail2fax": {"active": True, "secret_key_renew": "daily", "secret_renew_notify": [], "acl": []},
    }
    assert time is None or isinstance(time, str)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"customer_id": 4}, range(3, 31, 5)),
        ({"customer_external_id": "CUST-0003"}, range(3, 31, 5)),
        ({"customer_external_id": "CUST-0003", "customer_id": 4, "domain": "PBX.example.org"}, range(3, 31, 5)),
        ({"active": True}, [3, 4]),
        ({"active": True, "customer_id": 4}, [3]),
        ({"active": "no", "customer_id": 4}, range(8, 31, 5)),
        ({"status": "locked"}, [7]),
    ],
    ids=str,
)
def test_filters(inventories: Inventories, simulator: Simulator, options: dict[str, Any], expected: Any) -> None:
    for number in (3, 4):
        simulator.put_settings("faxserversettings", number, {"active": True})
    simulator.lock_subscriber(7)
    assert ids(inventories.hosts({"details": [], **options})) == list(expected)


def test_a_filter_that_nobody_fits_is_an_error(inventories: Inventories, tmp_path: pathlib.Path) -> None:
    config = {
        "domain": "nowhere.example.org",
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    assert "No subscriber matches" in inventories.failure(config)
    done = inventories.run({**config, "allow_empty": True})
    assert (done.returncode, json.loads(done.stdout)["_meta"]["hostvars"]) == (0, {})
    assert "No subscriber matches" in " ".join(done.stderr.split())
    assert list((tmp_path / "cache").glob("*")) == [], "nobody is not kept"


def test_constructed_groups_and_variables(inventories: Inventories, simulator: Simulator) -> None:
    simulator.put_settings("faxserversettings", 3, {"active": True, "name": "{{ 7 * 7 }}"})
    config = {
        "details": ["fax"],
        "keyed_groups": [
            {"key": "ngcp_domain", "separator": "", "parent_group": "domains"},
            {"key": "ngcp_customer_id | string", "prefix": "customer"},
            {"key": "tier", "prefix": "tier"},
        ],
        "leading_separator": False,
        "groups": {
            "faxing": "ngcp_fax.active",
            "golden": "tier == 'gold'",
            "named": "inventory_hostname is match('user')",
        },
        "compose": {
            "header": "ngcp_fax.name",
            "number": "ngcp_primary_number",
            "site": "ngcp_domain ~ extra",
            "tier": "'gold' if ngcp_fax.active else 'none'",
            "missing": "nothing.at.all",
        },
        "use_extra_vars": True,
    }
    done = inventories.run(config, "--list", "-e", "extra=!")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout, object_hook=plain)
    assert set(found["domains"]["children"]) == {domain.replace(".", "_") for domain in DOMAINS}
    assert found["faxing"]["hosts"] == ["user0003@pbx.example.org"]
    # Composed variables are known to groups, as they are to those of ansible.builtin.constructed.
    assert found["golden"]["hosts"] == found["tier_gold"]["hosts"] == ["user0003@pbx.example.org"]
    assert len(found["tier_none"]["hosts"]) == 29 and len(found["named"]["hosts"]) > 20
    assert "user0003@pbx.example.org" in found["customer_4"]["hosts"]
    three = found["_meta"]["hostvars"]["user0003@pbx.example.org"]
    assert three["header"] == "{{ 7 * 7 }}", "what subscribers write is no template"
    assert (three["number"], three["site"], "missing" in three) == ("43190003", "pbx.example.org!", False)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"compose": {"wrong": "nothing.at.all"}}, "Could not set wrong for host"),
        ({"groups": {"wrong": "nothing.at.all"}}, "Could not add host"),
        ({"keyed_groups": [{"key": "nothing"}]}, "Could not generate group for host"),
    ],
    ids=["compose", "groups", "keyed_groups"],
)
def test_strict(inventories: Inventories, option: dict[str, Any], message: str) -> None:
    config = {"details": [], "customer_id": 4, **option}
    assert len(inventories.hosts(config)) == 6
    assert message in inventories.failure({**config, "strict": True})


def test_a_play_sees_server_texts_as_they_are(
    inventories: Inventories, simulator: Simulator, playbooks: Playbooks
) -> None:
    simulator.put_settings("faxserversettings", 3, {"name": "{{ 7 * 7 }}"})
    inventories.run({"customer_id": 4, "compose": {"ansible_connection": "'local'"}})
    task = {"name": "show", "ansible.builtin.debug": {"msg": "name={{ ngcp_fax.name }} {{ inventory_hostname }}"}}
    options = ("-i", str(inventories.file), "--limit", "user0003@pbx.example.org")
    run = playbooks.run([task], *options, play={"hosts": "all"}).succeeded()
    assert run.only["msg"] == "name={{ 7 * 7 }} user0003@pbx.example.org"


def test_names_that_no_host_can_have(inventories: Inventories, simulator: Simulator) -> None:
    simulator.change_subscriber(3, username="../{{ 7 * 7 }} x")
    simulator.change_subscriber(5, username="-oProxyCommand=id;")
    simulator.change_subscriber(4, username="=o'neil+,;~(x)!*")
    done = inventories.run({"details": []})
    hosts = json.loads(done.stdout)["_meta"]["hostvars"]
    assert len(hosts) == 28 and any(name.startswith("=o'neil+,;~(x)!*@") for name in hosts)
    assert not [name for name in hosts if name.startswith("-")] and "'-oProxyCommand=id;@" in done.stderr
    message = "The names of these subscribers cannot be host names: '../{{ 7 * 7 }} x@pbx.example.org' (3)"
    assert message in " ".join(done.stderr.split())
    assert message in inventories.failure({"details": [], "strict": True})


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"NGCP_API_PASSWORD": "wrong"}, "wrong name or password (unauthorized, HTTP status 403)"),
        ({"NGCP_API_URL": "https://127.0.0.1:9"}, "No connection to https://127.0.0.1:9"),
        ({"NGCP_API_URL": "http://ngcp.example.org"}, "api_url: must begin with https"),
        ({"NGCP_API_CA_PATH": ""}, "TLS to"),
        ({"NGCP_API_PASSWORD": ""}, "api_password: is needed to log in"),
        ({"NGCP_API_TIMEOUT": "0"}, "timeout: must be from 1 to 3600"),
        ({"NGCP_API_VALIDATE_CERTS": "ture"}, "validate_certs: must be true or false, not 'ture'"),
    ],
    ids=["refused", "unreachable", "plain", "authority", "credentials", "limits", "word"],
)
def test_failures(inventories: Inventories, simulator: Simulator, environment: dict[str, str], message: str) -> None:
    text = inventories.failure({"retries": 0}, environment=environment)
    assert message in text and "Traceback" not in text
    assert simulator.count("POST", "^/login_jwt$") <= 1


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"customer_external_id": "NOBODY"}, "There is no customer with the external id 'NOBODY' (not_found)"),
        ({"domain": ""}, "domain: must not be empty"),
        ({"domain": None}, "domain: must not be empty"),
        ({"domain": "{{ '' }}"}, "domain: must not be empty"),
        ({"customer_id": None}, "customer_id: must not be empty"),
        ({"domian": "pbx.example.org"}, "domian: is not an option of ngcp.fax.subscribers; did you mean 'domain'?"),
        ({"customer-id": 4}, "customer-id: is not an option of ngcp.fax.subscribers; did you mean 'customer_id'?"),
        ({"Active": True}, "Active: is not an option of ngcp.fax.subscribers; did you mean 'active'?"),
        ({"active": "ture"}, "active: must be true or false, not 'ture'"),
        ({"validate_certs": "maybe"}, "validate_certs: must be true or false, not 'maybe'"),
        ({"domain": "{{ nothing }}"}, "domain cannot be evaluated"),
        ({"details": ["everything"]}, "details"),
        ({"status": "terminated"}, "status"),
        ({"auth_method": "magic"}, "auth_method"),
    ],
    ids=str,
)
def test_wrong_options(inventories: Inventories, config: dict[str, Any], message: str) -> None:
    assert message in inventories.failure(config)


def test_a_broken_list_is_no_inventory(inventories: Inventories, simulator: Simulator) -> None:
    simulator.fault("status", method="GET", path="/mailtofaxsettings/7$", status=500)
    text = inventories.failure({"customer_id": 3, "retries": 0})
    assert "mail to fax settings of user0007@" in text and "(server_error, HTTP status 500)" in text


@pytest.mark.parametrize(
    ("account", "expected", "customer", "settings"),
    [
        ("reseller", range(1, 31), "CUST-0001", True),
        ("foreign-reseller", [], None, True),
        ("readonly", range(1, 31), "CUST-0001", True),
        ("subscriber", [1], None, True),
        ("subscriberadmin", range(1, 31, 5), None, True),
    ],
)
def test_roles(
    inventories: Inventories,
    simulator: Simulator,
    account: str,
    expected: Any,
    customer: str | None,
    settings: bool,
) -> None:
    hosts = inventories.hosts({"allow_empty": not expected}, environment=simulator.environment(account))
    assert ids(hosts) == list(expected)
    for variables in hosts.values():
        assert variables["ngcp_fax"]["active"] is False and variables["ngcp_mail2fax"]["active"] is False
    if 1 in expected:
        (one,) = [variables for variables in hosts.values() if variables["ngcp_subscriber_id"] == 1]
        assert one["ngcp_customer_external_id"] == customer


def test_who_may_not_use_the_service_is_told(inventories: Inventories, simulator: Simulator) -> None:
    text = inventories.failure({}, environment=simulator.environment("lintercept"))
    assert "(forbidden, HTTP status 403)" in text


def test_secrets_stay_out(
    inventories: Inventories, simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    for number in range(1, 31):
        simulator.put_settings("faxserversettings", number, {"password": f"{CANARY}-{number}"})
        simulator.put_settings("mailtofaxsettings", number, {"secret_key": f"{CANARY}-{number}"})
    cache = {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
        "compose": {"everything": "vars | default('')", "fax": "ngcp_fax"},
    }
    own = simulator.accounts["admin"].password
    log = {"ANSIBLE_LOG_PATH": str(tmp_path / "ansible.log"), "ANSIBLE_DEBUG": "true"}
    for options in (("--list",), ("--graph", "--vars"), ("--list", "--yaml", "--export")):
        done = inventories.run(cache, *options, "-vvvv", environment=log)
        assert done.returncode == 0
        for text in (done.stdout, done.stderr):
            assert CANARY not in text and own not in text
    given = {"api_password": "{{ secret }}", "api_username": simulator.accounts["admin"].username}
    (tmp_path / "secret.json").write_text(json.dumps({"secret": f"{CANARY}-file"}))
    done = inventories.run(given, "--list", "-e", "@secret.json", "-vvvv", environment=log)
    assert done.returncode != 0
    files = [*(tmp_path / "cache").iterdir(), tmp_path / "ansible.log"]
    for text in (done.stdout, done.stderr, *(file.read_text() for file in files)):
        assert CANARY not in text and own not in text
    assert simulator.count("POST", "^/login_jwt$", status=403) == 1


def test_the_cache_knows_what_it_was_asked_for(
    inventories: Inventories, simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    config = {
        "details": [],
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    assert len(inventories.hosts(config)) == 30
    simulator.change_subscriber(3, username="renamed")
    assert "user0003@pbx.example.org" in inventories.hosts(config)
    assert ids(inventories.hosts({**config, "customer_id": 4})) == list(range(3, 31, 5)), "another filter"
    assert len(inventories.hosts(config, environment=simulator.environment("subscriberadmin"))) == 6, "another user"
    assert "renamed@pbx.example.org" in inventories.hosts({**config, "cache": False})

    # Whose token it is decides, and neither the token nor a plain digest of it is in the names or contents.
    tokens = [token(simulator, account) for account in ("admin", "reseller")]
    nobody = dict.fromkeys(("NGCP_API_USERNAME", "NGCP_API_PASSWORD"), "")
    for number, word in enumerate(tokens):
        simulator.change_subscriber(4, username=f"seen-by-{number}")
        seen = {
            host
            for host in inventories.hosts(config, environment={**nobody, "NGCP_API_TOKEN": word})
            if "seen-by" in host
        }
        assert {host.partition("@")[0] for host in seen} == {f"seen-by-{number}"}
    texts = "".join(f"{path.name} {path.read_text()}" for path in (tmp_path / "cache").iterdir())
    assert not [word for word in tokens if word in texts or hashlib.sha256(word.encode()).hexdigest()[:16] in texts]


@pytest.mark.parametrize("content", ['{"hosts": {"a', "null", None], ids=str)
def test_a_damaged_cache_is_told_and_not_used(
    inventories: Inventories, simulator: Simulator, tmp_path: pathlib.Path, content: str | None
) -> None:
    config = {
        "details": [],
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }
    whole = inventories.run(config).stdout
    (file,) = (tmp_path / "cache").iterdir()
    file.write_text(content or file.read_text().replace("user0001@", "-user0001@"))
    done = inventories.run(config)
    assert (done.returncode, done.stdout) == (0, whole), done.stderr
    assert "cache is damaged" in " ".join(done.stderr.split())
    simulator.clear_audit()
    done = inventories.run(config)
    assert (done.returncode, done.stdout) == (0, whole)
    assert "damaged" not in done.stderr and not list(simulator.audit)


def test_templates_and_vaulted_values(
    inventories: Inventories, simulator: Simulator, playbooks: Playbooks, tmp_path: pathlib.Path
) -> None:
    own = simulator.accounts["admin"]
    (tmp_path / "vault").write_text("vault-password\n")
    sealed = playbooks.command(
        "ansible-vault", "encrypt_string", "--vault-password-file", "vault", "--name", "api_password", own.password
    )
    assert sealed.returncode == 0, sealed.stderr
    head = "plugin: ngcp.fax.subscribers\ncustomer_external_id: '{{ customer }}'\ndetails: []\n"
    nothing = {"NGCP_API_PASSWORD": ""}
    for password, options in (
        ("api_password: '{{ secret }}'\n", ("-e", f"secret={own.password}")),
        (sealed.stdout, ("--vault-password-file", str(tmp_path / "vault"))),
    ):
        done = inventories.run(head + password, "--list", "-e", "customer=CUST-0003", *options, environment=nothing)
        assert done.returncode == 0, done.stderr
        assert len(json.loads(done.stdout)["_meta"]["hostvars"]) == 6
        # Ansible itself shows extra variables as variables of every host.
        assert own.password not in done.stderr + ("" if options[0] == "-e" else done.stdout)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ngcp_fax.yml", True),
        ("ngcp_fax.yaml", True),
        ("x.ngcp_fax.yml", True),
        ("ngcp.yml", False),
        ("fax.yml", False),
    ],
)
def test_file_names(
    playbooks: Playbooks, simulator: Simulator, tmp_path: pathlib.Path, name: str, expected: bool
) -> None:
    (tmp_path / name).write_text("plugin: ngcp.fax.subscribers\ndetails: []\n")
    done = playbooks.command("ansible-inventory", "-i", name, "--list")
    assert ("user0003@pbx.example.org" in done.stdout) is expected
    assert bool(simulator.count()) is expected


# The examples are one document for older sanity tests; all but the first are comments.
_FIRST, *_OTHERS = plugin.EXAMPLES.split("\n# ---\n")
EXAMPLES = [yaml.safe_load(text) for text in (_FIRST, *(re.sub("(?m)^# ", "", other) for other in _OTHERS))]


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_examples(inventories: Inventories, simulator: Simulator, tmp_path: pathlib.Path, number: int) -> None:
    simulator.put_settings("faxserversettings", 1, {"active": True})
    example = dict(EXAMPLES[number])
    for option in ("api_url", "api_username"):
        example.pop(option, None)  # that of the simulator comes from the environment
    environment = {"NGCP_PASSWORD": simulator.accounts["admin"].password, "HOME": str(tmp_path)}
    if "api_password" in example:
        environment["NGCP_API_PASSWORD"] = "not this one"
    found = inventories.list({**example, "strict": True}, environment=environment)
    hosts = found["_meta"]["hostvars"]
    if number == 0:
        assert len(hosts) == 30
        assert {"domain_fax_example_com", "customer_CUST_0001"} <= set(found)
    elif number == 1:
        assert found["undelivered"]["hosts"] == list(hosts) == ["user0001@fax.example.com"]
        assert hosts["user0001@fax.example.com"]["fax_addresses"] == []
        assert list((tmp_path / ".cache/ngcp_fax").iterdir())
    else:
        assert {variables["ngcp_domain"] for variables in hosts.values()} == {"pbx.example.org"}


def test_the_guide(inventories: Inventories, simulator: Simulator, playbooks: Playbooks) -> None:
    for number in (3, 8):
        simulator.put_settings("faxserversettings", number, {"active": True})
    config, *plays = (yaml.safe_load(block) for block in blocks("docs/docsite/rst/inventory.rst", "yaml"))
    assert inventories.list(config)["undelivered"]["hosts"] == ["user0003@pbx.example.org", "user0008@pbx.example.org"]
    assert len(plays) == 2
    simulator.clear_audit()
    for (play,) in reversed(plays):
        playbooks.run(play.pop("tasks"), "-i", str(inventories.file), play=play).succeeded()
    assert sorted(writes(simulator)) == sorted(2 * [f"PATCH /api/faxserversettings/{number}" for number in (3, 8)])
    three = simulator.settings("faxserversettings", 3)
    assert three["name"] == "Example Ltd"
    assert [item["destination"] for item in three["destinations"]] == ["fax-43190003@example.org"]


def test_documentation_reads(playbooks: Playbooks) -> None:
    done = playbooks.command("ansible-doc", "-t", "inventory", "ngcp.fax.subscribers")
    assert "EXAMPLES" in done.stdout and "OPTIONS" in done.stdout and not done.stderr.strip()
