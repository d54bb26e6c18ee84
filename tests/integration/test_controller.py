# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The example project for controllers: its data fit together, and its jobs do what they promise."""

from __future__ import annotations

import base64
import json
import pathlib
import re
import shutil
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import yaml
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.plugins.module_utils._fleet.version import VERSION
from ansible_collections.ngcp.fax.tests.integration.support.controller import Controller, Job
from ansible_collections.ngcp.fax.tests.integration.support.controller_data import SCHEMA, load
from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT
from ansible_collections.ngcp.fax.tests.integration.support.pipelines import Pipeline
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks
from ansible_collections.ngcp.fax.tests.integration.support.simulated import connection, written

PROJECT = ROOT / "docs/examples/controller"
FAX = "faxserversettings"
VAULT_PASSWORD = "example"
WORKFLOW = "Fax: plan, approve, apply"
KEYS = ("example key of Vienna", "example key of Graz")


def files() -> list[str]:
    """Return the files of variables that configure.yml reads, in order."""
    (play,) = yaml.safe_load((PROJECT / "controller/configure.yml").read_text())
    (read,) = [task for task in play["tasks"] if "ansible.builtin.include_vars" in task]
    return list(read["loop"])


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return load(PROJECT / "controller", [name for name in files() if name != "vault.yml"])


@pytest.fixture
def project(tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(PROJECT, tmp_path / "project"))


@pytest.fixture
def controller(data: dict[str, Any], project: pathlib.Path, simulator: Simulator, playbooks: Playbooks) -> Controller:
    """A controller whose credentials are those of the simulated platform; only its CA comes from the environment."""
    playbooks.environment = {"NGCP_API_CA_PATH": simulator.ca_path}
    own = connection(simulator)
    platform = {name: own[f"api_{name}"] for name in ("url", "username", "password")}
    inputs = {
        "Fax, platform": {**platform, "concurrency": "4"},
        "Fax, vault": {"vault_id": "fax", "vault_password": VAULT_PASSWORD},
    }
    return Controller(data, project, inputs, playbooks)


# ---- the data


def test_data_are_what_the_roles_take(data: dict[str, Any]) -> None:
    jsonschema.validate(data, SCHEMA)


def test_every_file_of_data_is_read() -> None:
    assert {*files(), "configure.yml"} == {path.name for path in (PROJECT / "controller").glob("*.yml")}


DISPATCH = """---
- name: Leave what the roles would get
  ansible.builtin.copy:
    content: "{{ given | to_json }}"
    dest: "{{ lookup('ansible.builtin.env', 'GIVEN') }}"
    mode: "0600"
  vars:
    given:
      types: "{{ controller_credential_types }}"
      credentials: "{{ controller_credentials }}"
      host: "{{ aap_hostname }}"
"""


def test_configure_hands_the_data_to_the_roles(
    playbooks: Playbooks, project: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """Templates of injectors get there as they are, and secrets from the vault in the place of theirs."""
    role = tmp_path / "collections/ansible_collections/infra/aap_configuration/roles/dispatch/tasks"
    role.mkdir(parents=True)
    (role / "main.yml").write_text(DISPATCH)
    (tmp_path / "password").write_text(VAULT_PASSWORD)
    environment = {
        "ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"),
        "CONTROLLER_HOST": "https://controller.example.org",
        "GIVEN": str(tmp_path / "given.json"),
    }
    options = ("--vault-id", f"controller@{tmp_path}/password")
    playbooks.playbook("controller/configure.yml", *options, environment=environment, cwd=project).succeeded()
    given = json.loads((tmp_path / "given.json").read_text())
    assert given["types"][0]["injectors"]["env"]["NGCP_API_PASSWORD"] == "{{ password }}"
    inputs = {one["name"]: one["inputs"] for one in given["credentials"]}
    assert inputs["Fax, vault"] == {"vault_id": "fax", "vault_password": VAULT_PASSWORD}
    assert inputs["Fax, platform"]["password"] == "example password of the platform's user"
    assert given["host"] == environment["CONTROLLER_HOST"]


def test_every_name_is_that_of_an_object(data: dict[str, Any]) -> None:
    def names(kind: str) -> set[str]:
        found = [one["name"] for one in data[kind]]
        assert len({*found}) == len(found), kind
        return {*found}

    organizations, teams = names("aap_organizations"), names("aap_teams")
    credentials, environments = names("controller_credentials"), names("controller_execution_environments")
    templates, workflows = names("controller_templates"), names("controller_workflows")
    for kind, objects in data.items():
        for one in objects:
            place = f"{kind} {one.get('name', '')}"
            assert one.get("organization", "Fax") in organizations, place
            assert one.get("inventory", "Fax") in names("controller_inventories"), place
            assert one.get("project", "Fax") in names("controller_projects"), place
            assert {
                one.get("execution_environment", "ngcp.fax"),
                one.get("default_environment", "ngcp.fax"),
            } <= environments
            assert {*one.get("credentials", []), one.get("credential", "Fax, vault")} <= credentials, place
            for event in ("error", "approvals"):
                assert {*one.get(f"notification_templates_{event}", [])} <= names("controller_notifications"), place
    for role in data["controller_roles"]:
        assert role["team"] in teams and role["workflow"] in workflows
    for schedule in data["controller_schedules"]:
        assert schedule["unified_job_template"] in templates
    known = {"Vault", "Source Control", *names("controller_credential_types")}
    assert {one["credential_type"] for one in data["controller_credentials"]} <= known
    for workflow in data["controller_workflows"]:
        nodes = workflow["simplified_workflow_nodes"]
        identifiers = {node["identifier"] for node in nodes}
        for node in nodes:
            assert node.get("unified_job_template", "Fax: plan") in templates
            assert {*node.get("success_nodes", [])} <= identifiers


def test_the_workflow_asks_between_plan_and_apply(data: dict[str, Any]) -> None:
    (workflow,) = data["controller_workflows"]
    nodes = {node["identifier"]: node for node in workflow["simplified_workflow_nodes"]}
    way, node = [], "plan"
    while node:
        way.append(nodes[node].get("unified_job_template") or "approval")
        (node,) = nodes[node].get("success_nodes", [""])
    assert way == ["Fax: plan", "approval", "Fax: apply"]
    assert not any({"failure_nodes", "always_nodes"} & set(node) for node in nodes.values())
    assert workflow["ask_variables_on_launch"] is False, "a launch could bring a plan of its own"
    (play,) = yaml.safe_load((PROJECT / "apply.yml").read_text())
    (role,) = play["roles"]
    assert nodes["approval"]["approval_node"]["timeout"] <= role["vars"]["fleet_plan_max_age"]


def test_surveys_ask_for_variables_of_the_roles(data: dict[str, Any]) -> None:
    options: set[str] = set()
    for role in ("fleet", "drift_report"):
        specification = yaml.safe_load((ROOT / f"roles/{role}/meta/argument_specs.yml").read_text())
        options |= set(specification["argument_specs"]["main"]["options"])
    surveys = [
        one for kind in ("templates", "workflows") for one in data[f"controller_{kind}"] if one.get("survey_enabled")
    ]
    assert {one["name"] for one in surveys} == {"Fax: drift", "Fax: plan", WORKFLOW}
    for one in surveys:
        for question in one["survey_spec"]["spec"]:
            assert question["variable"] in options
            assert question["default"] in question.get("choices", [question["default"]])
            for choice in question.get("choices", []):
                assert (PROJECT / choice).is_file(), choice
    (schedule,) = data["controller_schedules"]
    assert set(schedule["extra_data"]) <= options


def test_credentials_fill_what_the_modules_read(data: dict[str, Any]) -> None:
    (kind,) = data["controller_credential_types"]
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert set(kind["inputs"]["required"]) <= set(fields)
    assert [name for name, field in fields.items() if field.get("secret")] == ["password"]
    used = {name: re.fullmatch(r"\{\{ (\w+) \}\}", text) for name, text in kind["injectors"]["env"].items()}
    assert {match[1] for match in used.values() if match} == set(fields)
    text = (ROOT / "plugins/doc_fragments/connection.py").read_text()
    assert all(f"E({name})" in text for name in used)
    (platform,) = [one for one in data["controller_credentials"] if one["credential_type"] == kind["name"]]
    assert set(kind["inputs"]["required"]) <= set(platform["inputs"]) <= set(fields)


def test_vaults_open_with_the_example_password(
    data: dict[str, Any], playbooks: Playbooks, project: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    (tmp_path / "password").write_text(VAULT_PASSWORD)
    opened = {}
    for name, label in (("fleet/keys.yml", "fax"), ("controller/vault.yml", "controller")):
        assert (project / name).read_text().startswith(f"$ANSIBLE_VAULT;1.2;AES256;{label}\n")
        done = playbooks.command(
            "ansible-vault", "view", "--vault-id", f"{label}@{tmp_path}/password", str(project / name)
        )
        assert done.returncode == 0, done.stderr
        opened[name] = yaml.safe_load(done.stdout)
    assert [entry["secret_key"] for entry in opened["fleet/keys.yml"]["subscribers"]] == [*KEYS]
    templates = re.findall(r"\{\{ (vault_\w+) \}\}", json.dumps(data))
    assert set(opened["controller/vault.yml"]) == set(templates)
    assert VAULT_PASSWORD in opened["controller/vault.yml"].values()
    assert f"password `{VAULT_PASSWORD}`" in (PROJECT / "README.md").read_text()


def test_fleet_files_name_the_schema_and_fit_it() -> None:
    text = (PROJECT / "fleet/branches.yml").read_text()
    assert (
        "\n# yaml-language-server: $schema=https://github.com/ngcp-fax/ngcp.fax/raw/main/docs/fleet-file.schema.json\n"
        in text
    )
    schema = json.loads((ROOT / "docs/fleet-file.schema.json").read_text())
    jsonschema.validate(yaml.safe_load(text), schema)


# ---- the jobs


def workflow(controller: Controller, **answers: Any) -> Iterator[Job]:
    """Run the jobs of the workflow up to each approval, which the caller gives by going on."""
    nodes = {
        node["identifier"]: node
        for node in controller.named("controller_workflows", WORKFLOW)["simplified_workflow_nodes"]
    }
    survey = controller.named("controller_workflows", WORKFLOW)["survey_spec"]["spec"]
    given = {question["variable"]: answers.get(question["variable"], question["default"]) for question in survey}
    artifacts: dict[str, Any] = {}
    reached = ["plan"]
    while reached:
        node = nodes[reached[0]]
        if "unified_job_template" in node:
            job = controller.launch(node["unified_job_template"], **{**artifacts, **given})
            artifacts |= job.artifacts
            yield job
            if not job.successful:
                return
        reached = node.get("success_nodes", [])


def test_exactly_the_approved_plan_is_applied(
    controller: Controller, simulator: Simulator, tmp_path: pathlib.Path
) -> None:
    controller.runner = True
    jobs = workflow(controller)
    plan = next(jobs).succeeded()
    assert "+name: Branch Vienna" in plan.output and "3 subscribers: 3 would change" in plan.output
    assert written(simulator) == []
    approved = json.loads(base64.b64decode(plan.artifacts["approved_plan"]))
    assert [entry["subscriber_id"] for entry in approved["subscribers"]] == [1, 2, 3]
    assert set(plan.artifacts) == {"approved_plan"}

    next(jobs).succeeded()
    assert sorted(written(simulator)) == [*((FAX, number) for number in (1, 2, 3)), ("mailtofaxsettings", 1)]
    assert simulator.settings(FAX, 1)["name"] == "Branch Vienna"
    made, used = (path.read_bytes() for path in sorted(tmp_path.glob("job-*/project/plan.json")))
    assert made == used

    simulator.clear_audit()
    controller.runner = False
    again = workflow(controller)
    assert "3 subscribers: 0 would change, 3 unchanged" in next(again).succeeded().output
    assert "3 subscribers: 0 changed, 3 unchanged" in next(again).succeeded().output
    assert written(simulator) == []


def test_a_plan_that_no_longer_holds_is_refused(
    controller: Controller, simulator: Simulator, project: pathlib.Path
) -> None:
    jobs = workflow(controller)
    next(jobs).succeeded()
    simulator.change_settings(FAX, 3, active=True)
    stale = next(jobs).failed()
    assert "branches.yml entry 3" in stale.output and "now planned false, approved nothing" in stale.output
    assert next(jobs, None) is None
    assert written(simulator) == []

    jobs = workflow(controller)
    next(jobs).succeeded()
    file = project / "fleet/branches.yml"
    file.write_text(file.read_text().replace("Branch Graz", "Branch Leoben"))
    assert "was created for something else" in next(jobs).failed().output
    assert written(simulator) == []


def test_without_a_plan_nothing_is_applied(controller: Controller, simulator: Simulator) -> None:
    assert "There is no approved plan." in controller.launch("Fax: apply").failed().output
    assert list(simulator.audit) == []


def test_a_limit_of_the_survey_stops_the_plan(controller: Controller, simulator: Simulator) -> None:
    jobs = workflow(controller, fleet_max_changes="2")
    assert "max_changes allows" in next(jobs).failed().output
    assert next(jobs, None) is None
    assert written(simulator) == []


def test_keys_of_the_vault_are_written_and_shown_nowhere(controller: Controller, simulator: Simulator) -> None:
    plan, apply = workflow(controller, fleet_file="fleet/keys.yml")
    apply.succeeded()
    assert simulator.settings("mailtofaxsettings", 1)["secret_key"] == KEYS[0]
    seen = plan.output + apply.output + base64.b64decode(plan.artifacts["approved_plan"]).decode()
    assert "********" in seen and not any(key in seen for key in KEYS)


def test_the_drift_job_fails_until_the_fleet_is_as_declared(controller: Controller, simulator: Simulator) -> None:
    answers = {"fleet_file": "fleet/outlets.csv"}
    drift = controller.launch("Fax: drift", **answers).failed()
    assert "2 of 2 subscribers differ" in drift.output and "+name: Outlet Salzburg" in drift.output
    for job in workflow(controller, **answers):
        job.succeeded()
    simulator.clear_audit()
    controller.launch("Fax: drift", **answers).succeeded()
    assert written(simulator) == []


def test_navigator_runs_the_jobs(project: pathlib.Path, simulator: Simulator, playbooks: Playbooks) -> None:
    environment = {"ANSIBLE_CONFIG": str(project / "ansible.cfg"), "NGCP_FAX_RECORD": str(project / "record.jsonl")}
    words = ("ansible-navigator", "run", "drift.yml", "--ee", "false", "-e", "drift_report_fail_on_drift=false")
    done = playbooks.command(*words, environment=environment, cwd=project)
    assert done.returncode == 0 and "3 of 3 subscribers differ" in done.stdout, done.stdout + done.stderr
    assert not [path.name for path in project.glob("*artifact*")]
    settings = yaml.safe_load((project / "ansible-navigator.yml").read_text())["ansible-navigator"]
    (image,) = load(project / "controller", ["project.yml"])["controller_execution_environments"]
    assert settings["execution-environment"]["image"] == image["image"]
    assert {*settings["execution-environment"]["environment-variables"]["pass"]} < {*playbooks.environment}


# ---- CI services

INSTALLS = ["pip install -r requirements.txt", "ansible-galaxy collection install -r requirements.yml"]


@pytest.fixture
def pipeline(project: pathlib.Path, playbooks: Playbooks) -> Pipeline:
    """A runner without the connection, which is among the variables and secrets of the service."""
    own = {"ANSIBLE_CONFIG": str(project / "ansible.cfg"), "NGCP_FAX_RECORD": str(project / "record.jsonl")}
    surroundings = playbooks.surroundings(own)
    return Pipeline(project, {name: text for name, text in surroundings.items() if not name.startswith("NGCP_API_")})


def test_requirements_are_those_of_the_collection() -> None:
    wanted = {line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1].isalpha()}
    lines = (PROJECT / "requirements.txt").read_text().splitlines()
    assert {line.replace(">=", " >= ") for line in lines if line[:1].isalpha()} == wanted | {"ansible-core >= 2.16"}
    (collection,) = yaml.safe_load((PROJECT / "requirements.yml").read_text())["collections"]
    assert collection["name"] == "ngcp.fax"
    assert collection["version"] == f">={VERSION}"


def test_the_job_of_github_reports_drift(pipeline: Pipeline, simulator: Simulator, playbooks: Playbooks) -> None:
    document = yaml.safe_load((pipeline.project / ".github/workflows/drift.yml").read_text())
    (job,) = document["jobs"].values()
    summary = pipeline.project / "summary.md"
    own = playbooks.environment
    contexts = {"vars.NGCP_API_URL": own["NGCP_API_URL"], "vars.NGCP_API_USERNAME": own["NGCP_API_USERNAME"]}
    contexts["secrets.NGCP_API_PASSWORD"] = own["NGCP_API_PASSWORD"]
    variables = {"GITHUB_STEP_SUMMARY": str(summary), "NGCP_API_CA_PATH": own["NGCP_API_CA_PATH"]}
    assert pipeline.github(job, contexts, **variables) == [("Install", 0), ("Compare", 2), ("Show the table", 0)]
    assert pipeline.installed == INSTALLS
    assert "Branch Vienna" in summary.read_text()
    kept = [step["with"]["path"] for step in job["steps"] if step.get("uses", "").startswith("actions/upload-artifact")]
    assert [(pipeline.project / path / "drift.html").is_file() for path in kept] == [True]
    assert written(simulator) == []


def test_the_jobs_of_gitlab_report_plan_and_apply(
    pipeline: Pipeline, simulator: Simulator, playbooks: Playbooks
) -> None:
    document = yaml.safe_load((pipeline.project / ".gitlab-ci.yml").read_text())
    variables = playbooks.environment
    assert pipeline.gitlab(document, "drift", **variables).returncode == 2
    artifacts = document["drift"]["artifacts"]
    assert (pipeline.project / artifacts["reports"]["junit"]).is_file()
    assert [(pipeline.project / path / "drift.html").is_file() for path in artifacts["paths"]] == [True]

    assert pipeline.gitlab(document, "plan", **variables).returncode == 0
    assert written(simulator) == []
    assert [(pipeline.project / path).is_file() for path in document["plan"]["artifacts"]["paths"]] == [True]
    assert document["apply"]["needs"] == ["plan"] and document["apply"]["rules"][0]["when"] == "manual"
    assert pipeline.gitlab(document, "apply", **variables).returncode == 0
    assert len(written(simulator)) == 4
    assert pipeline.gitlab(document, "drift", **variables).returncode == 0
    assert pipeline.installed == INSTALLS * 4
