# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation of every module says what its argument specification, the tables and its results say."""

from __future__ import annotations

import importlib
import pathlib

import pytest
import yaml

from ansible_collections.ngcp.fax.plugins import modules
from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import Choice, Text
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import ListOf
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host, Task
from ansible_collections.ngcp.fax.tests.unit.support.forward_platform import ForwardPlatform
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, subscriber

PLUGINS = "ansible_collections.ngcp.fax.plugins"
ROOT = pathlib.Path(__file__).parents[4]
EVERY = sorted({path.stem for folder in modules.__path__ for path in pathlib.Path(folder).glob("[a-z]*.py")})
# Those that talk to the platform; the others are action plugins, whose modules are only their documentation.
NAMES = [name for name in EVERY if hasattr(importlib.import_module(f"{PLUGINS}.modules.{name}"), "main")]
RESOURCES = {
    "fax_settings": FAX_SETTINGS,
    "fax_settings_info": FAX_SETTINGS,
    "mail2fax_settings": MAIL2FAX_SETTINGS,
    "mail2fax_settings_info": MAIL2FAX_SETTINGS,
    "fax_forward": FORWARD,
    "fax_forward_info": FORWARD,
}
SETTINGS = [name for name in RESOURCES if not name.endswith("_info")]
EACH = pytest.mark.parametrize("name", NAMES)


def load(name):
    return importlib.import_module(f"{PLUGINS}.modules.{name}")


def documentation(name):
    """Return a module's documentation with its fragments."""
    document = yaml.safe_load(load(name).DOCUMENTATION)
    merged = {"options": {}, "attributes": {}, "requirements": [], "notes": []}
    for reference in document.get("extends_documentation_fragment", []):
        namespace, collection, fragment, *part = reference.split(".")
        assert (namespace, collection) == ("ngcp", "fax")
        module = importlib.import_module(f"{PLUGINS}.doc_fragments.{fragment}")
        text = getattr(module.ModuleDocFragment, part[0].upper() if part else "DOCUMENTATION")
        merge(merged, yaml.safe_load(text))
    merge(merged, document)
    return {**document, **merged}


def merge(target, source):
    for part in ("options", "attributes"):
        for name, value in source.get(part, {}).items():
            target[part][name] = {**target[part].get(name, {}), **value}
    for part in ("requirements", "notes"):
        target[part] += source.get(part, [])


def task(name):
    """Return what a module gives to ``run_module``."""
    seen = []
    module = load(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "run_module", seen.append)
        module.main()
    return seen[0]


def specification(name):
    return {**connection_options(), **task(name).options}


def described(documented):
    """Return documented options in the terms of an argument specification."""
    return {
        name: {
            "type": option["type"],
            "elements": option.get("elements"),
            "required": option.get("required", False),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "options": described(option["suboptions"]) if "suboptions" in option else None,
        }
        for name, option in documented.items()
    }


def specified(options):
    """Return an argument specification with all defaults filled in."""
    return {
        name: {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "required": option.get("required", False),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "options": specified(option["options"]) if "options" in option else None,
        }
        for name, option in options.items()
    }


@EACH
def test_options_are_documented_as_they_are(name):
    documented, spec = described(documentation(name)["options"]), specified(specification(name))
    assert set(documented) == set(spec)
    for option in spec:
        assert documented[option] == spec[option], option


@EACH
def test_every_option_has_a_description(name):
    def check(options, place):
        for option, content in options.items():
            text = content["description"]
            lines = text if isinstance(text, list) else [text]
            assert lines and all(isinstance(line, str) and line.endswith(".") for line in lines), f"{place}{option}"
            check(content.get("suboptions", {}), f"{place}{option}.")

    check(documentation(name)["options"], "")


@EACH
def test_environment_variables_are_documented(name):
    documented, spec = documentation(name)["options"], specification(name)
    variables = {option: content["environment"] for option, content in spec.items() if "environment" in content}
    assert set(variables) == set(connection_options())
    for option, variable in variables.items():
        assert variable == "NGCP_API_" + option.replace("api_", "").upper()
        assert f"E({variable})" in " ".join(documented[option]["description"])


@EACH
def test_secrets_are_told_to_ansible(name):
    """Ansible takes every option with a telling name for a secret, unless it is told otherwise."""
    secrets = {"api_password", "api_token", "api_otp", "password", "secret_key"}

    def check(options):
        for option, content in options.items():
            if option in secrets:
                assert content.get("no_log") is True, option
            elif any(word in option for word in ("secret", "key", "password", "token", "update")):
                if content.get("type") != "bool" or "secret" in option:
                    assert content.get("no_log") is False or "key" not in option, option
                assert not content.get("no_log"), option
            check(content.get("options", {}))

    check(specification(name))


@pytest.mark.parametrize("name", SETTINGS)
def test_every_field_of_the_table_is_an_option(name):
    resource, spec = RESOURCES[name], specification(name)
    for field in resource.managed:
        for options in (spec, spec["subscribers"]["options"]):
            option = options[field.name]
            choices = [*field.choices, *field.aliases] if isinstance(field, Choice) else []
            assert option.get("choices", []) == choices
            assert option.get("default") is None, "not given means not managed"
            if isinstance(field, ListOf):
                assert set(option["options"]) == {part.name for part in field.elements} | {"state"}
                for part in field.elements:
                    element = option["options"][part.name]
                    assert (element.get("required", False), element.get("default")) == (part.required, part.default)
        assert (f"update_{field.name}" in spec) is field.secret
        assert (f"{field.name}_mode" in spec) is isinstance(field, ListOf)
    for field in resource.server_owned:
        assert field.name in spec["subscribers"]["options"], "the output of the info module is accepted"
        assert field.name not in spec


@pytest.mark.parametrize("name", SETTINGS)
def test_lengths_are_documented(name):
    documented = documentation(name)["options"]
    for field in RESOURCES[name].managed:
        if isinstance(field, Text):
            assert f"{field.max_length} characters" in str(documented[field.name]["description"]), field.name


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_secrets_of_the_table_are_masked(name):
    secrets = task(name).secrets
    assert set(secrets) == (set(RESOURCES[name].secrets) if name in SETTINGS else set())


@EACH
def test_what_every_module_documents(name):
    document = documentation(name)
    assert document["module"] == name
    assert document["author"]
    assert document["version_added"]
    assert document["attributes"]["check_mode"]["support"] == "full"
    assert document["attributes"]["diff_mode"]["support"] == ("full" if name in (*SETTINGS, "fleet") else "none")
    assert document["attributes"]["action"]["support"] == document["attributes"]["async"]["support"] == "full"
    assert document["attributes"]["action_group"]["membership"] == ["ngcp.fax.ngcp"]
    assert document["options"]["api_url"]["required"]


@pytest.mark.parametrize("name", EVERY)
def test_whether_a_second_run_changes_nothing_is_documented(name):
    attribute = documentation(name)["attributes"]["idempotent"]
    assert attribute["description"]
    assert attribute["support"] == ("partial" if "force" in documentation(name)["options"] else "full")
    assert ("details" in attribute) is (attribute["support"] != "full")


@EACH
def test_versions_of_python_and_libraries_are_documented(name):
    """They are those that are installed with the collection, and that the oldest supported versions are tested with."""
    libraries = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = [line for line in libraries if line and not line.startswith("#")]
    assert documentation(name)["requirements"] == ["python >= 3.9", *wanted]
    assert "instead of Ansible's own URL helper because" in " ".join(documentation(name)["notes"])


@pytest.mark.parametrize("name", sorted({*EVERY} - {*NAMES}))
def test_what_only_runs_on_the_control_node_documents_its_python(name):
    assert documentation(name)["requirements"] == ["python >= 3.10 on the control node"]


@EACH
def test_examples_use_options_that_exist(name):
    spec = specification(name)
    examples = yaml.safe_load(load(name).EXAMPLES)
    tasks = [task for example in examples for task in example.get("block", [example])]
    used = [task[f"ngcp.fax.{name}"] for task in tasks if f"ngcp.fax.{name}" in task]
    assert used
    for given in used:
        unknown = set(given) - set(spec)
        assert not unknown
    assert all(task["name"] for task in tasks)


# ---- results


def params(name, **given):
    return default_params(specification(name), **given)


def people(resource):
    """Return a platform with two subscribers, the first of which has something of everything."""
    both = [subscriber(1), subscriber(2)]
    if resource is not FORWARD:
        return Platform(both, {1: {resource.secrets[0]: "x"}, 2: {}}, resource=resource)
    platform = ForwardPlatform(both)
    platform.add(1, short="cft")
    return platform


def results(name):
    """Return results of all shapes that a module has."""
    declared = {"active": True, "forward": "timeout"}
    calls = [
        (
            {
                "subscriber_id": 1,
                "include_secrets": True,
                "include_competing": True,
                **({} if name.endswith("_info") else declared),
            },
            None,
        ),
        ({"forward": "busy"}, [{"subscriber_id": 1}, {"subscriber_id": 99}]),
        ({"select": {"domain": "example.org"}, "max_changes": "0", **declared}, None),
    ]
    for given, entries in calls:
        for refused in (False, True):
            platform = people(RESOURCES[name])
            if refused:
                platform.meet("PATCH", "/api/", failure(422))
            wanted = {option: value for option, value in given.items() if option in specification(name)}
            yield task(name).work(params(name, **wanted, subscribers=entries), platform.host())
    for error in (FaxError("x"), InputError("x"), InputErrors([InputError("x")])):

        def work(_params, _host, error=error):
            raise error

        yield Task({}, work).run({}, Host())


@pytest.mark.parametrize("name", sorted(RESOURCES))
def test_every_returned_key_is_documented(name):
    documented = yaml.safe_load(load(name).RETURN)
    seen = set()
    for result in results(name):
        # Ansible's own keys need no documentation.
        keys = set(result) - {"changed", "failed", "msg", "warnings"}
        assert keys <= set(documented)
        seen |= keys
        for entry in result.get("subscribers", []):
            assert set(entry) <= set(documented["subscribers"]["contains"])
            seen |= {f"subscribers.{key}" for key in entry}
        for entry in result.get("diff", []):
            assert set(entry) == set(documented["diff"]["sample"][0])
        if "summary" in result:
            assert set(result["summary"]) == set(documented["summary"]["sample"])
        for error in [result.get("error"), *(entry.get("error") for entry in result.get("subscribers", []))]:
            for key in error or {}:
                assert f"C({key})" in str(documented["error"]["description"]), key
    promised = set(documented) | {f"subscribers.{key}" for key in documented["subscribers"]["contains"]}
    assert promised == seen, "what is documented is returned too"


@EACH
def test_returned_keys_can_be_reached_in_templates(name):
    def check(keys):
        for key, content in keys.items():
            assert key not in ("items", "values", "keys", "get", "update", "pop", "copy")
            # Ansible takes a list of this name for the results of a loop.
            assert key != "results" or content["type"] == "dict"
            assert content["description"] and content["returned" if keys is top else "type"]
            check(content.get("contains", {}))

    top = yaml.safe_load(load(name).RETURN)
    check(top)
