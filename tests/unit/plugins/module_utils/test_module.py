# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the engine meets Ansible: what comes in, what goes out, and what is kept out of both."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pathlib
import subprocess
import sys

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import parameters

from ansible_collections.ngcp.fax.plugins import module_utils, modules
from ansible_collections.ngcp.fax.plugins.module_utils import _module
from ansible_collections.ngcp.fax.plugins.module_utils._api import transport as _transport
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError, InputErrors, RefusedError
from ansible_collections.ngcp.fax.plugins.module_utils._module import FaxModule, run_module
from ansible_collections.ngcp.fax.plugins.module_utils._settings.options import settings_options
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host, Task
from ansible_collections.ngcp.fax.tests.unit.support.arguments import EMPTY_VARIABLES, RAW_CASES

CONNECTION = {"api_url": "https://ngcp.example.org:1443", "api_username": "administrator", "api_password": "Geheim1"}
SECRETS = {
    **CONNECTION,
    "api_token": "Geheim2",
    "api_otp": "Geheim3",
    "password": "Geheim4",
    "subscribers": [{"subscriber_id": 1, "password": "Geheim5"}],
}


# What a controller asks for when it is called with much detail; older versions of ansible-core always send it back.
DETAILS = {"inject_invocation": True, "tracebacks_for": ["error"]}


@contextlib.contextmanager
def module_arguments(arguments):
    """Let the next module get these arguments, in the way of the installed version of ansible-core."""
    internal = {f"_ansible_{name}": value for name, value in DETAILS.items() if name in parameters.PASS_VARS}
    arguments = {**internal, **arguments}
    with pytest.MonkeyPatch.context() as patch:
        be_a_managed_host(patch)
        try:
            from ansible.module_utils.testing import patch_module_args
        except ImportError:
            patch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
            yield
        else:
            with patch_module_args(arguments):
                yield


def be_a_managed_host(patch):
    """Undo what other tests of this process did by loading the control node's side of ansible-core (since 2.19), which
    warns and shows tracebacks in another way."""
    try:
        internal = importlib.import_module("ansible.module_utils._internal")
        traceback = importlib.import_module("ansible.module_utils._internal._traceback")
    except ImportError:
        return
    patch.setattr(internal, "is_controller", False)
    patch.setattr(traceback, "_is_traceback_enabled", traceback._is_module_traceback_enabled)
    patch.setattr(traceback, "_module_tracebacks_enabled_events", None)


@pytest.fixture
def logged(monkeypatch):
    """Return what modules write to the log of the managed host."""
    lines = []
    monkeypatch.setattr(basic.AnsibleModule, "log", lambda _self, text, log_args=None: lines.append((text, log_args)))
    return lines


@pytest.fixture
def run(capsys, logged):
    """Return a function that runs a module and returns its output and its result."""

    def run_one(arguments, work, resource=FAX_SETTINGS):
        with module_arguments(arguments), pytest.raises(SystemExit):
            run_module(Task(settings_options(resource), work, resource.secrets))
        output = capsys.readouterr()
        assert output.err == ""
        return output.out, json.loads(output.out)

    return run_one


def nothing(_params, _host):
    return {"changed": False}


# ---- in


def test_what_the_work_gets(run):
    seen = []

    def work(params, host):
        seen.append((dict(params), params["subscribers"], host.check_mode))
        return {"changed": True, "answer": 42}

    _output, result = run({**CONNECTION, "subscriber_id": "3", "active": "yes", "_ansible_check_mode": True}, work)
    ((params, entries, check),) = seen
    assert (result["changed"], result["answer"], "failed" in result) == (True, 42, False)
    assert (entries, check) == (None, True)
    assert (params["subscriber_id"], params["active"], params["t38"]) == (3, True, None)
    assert (params["timeout"], params["retries"], params["concurrency"]) == (60, 3, 4)
    assert (params["state"], params["destinations_mode"], params["update_password"]) == ("present", "replace", "always")


@pytest.mark.parametrize(
    ("option", "variable", "value", "seen"),
    [
        ("api_url", "NGCP_API_URL", "https://other.example.org", "https://other.example.org"),
        ("api_username", "NGCP_API_USERNAME", "somebody", "somebody"),
        ("api_password", "NGCP_API_PASSWORD", "Geheim", "Geheim"),
        ("api_token", "NGCP_API_TOKEN", "Geheim", "Geheim"),
        ("api_otp", "NGCP_API_OTP", "012345", "012345"),
        ("client_cert", "NGCP_API_CLIENT_CERT", "/a.pem", "/a.pem"),
        ("client_key", "NGCP_API_CLIENT_KEY", "/b.pem", "/b.pem"),
        ("auth_method", "NGCP_API_AUTH_METHOD", "basic", "basic"),
        ("validate_certs", "NGCP_API_VALIDATE_CERTS", "no", False),
        ("ca_path", "NGCP_API_CA_PATH", "/ca.pem", "/ca.pem"),
        ("timeout", "NGCP_API_TIMEOUT", "5", 5),
        ("retries", "NGCP_API_RETRIES", "0", 0),
        ("concurrency", "NGCP_API_CONCURRENCY", "8", 8),
    ],
)
def test_environment(run, monkeypatch, option, variable, value, seen):
    monkeypatch.setenv(variable, value)
    got = []
    without = {name: content for name, content in CONNECTION.items() if name != option}
    output, _result = run(without, lambda params, _host: got.append(params[option]) or {"changed": False})
    assert got == [seen]
    if value == "Geheim":
        assert "Geheim" not in output.replace("Geheim1", "")
    monkeypatch.setenv(variable, "something else")
    run({**CONNECTION, option: seen}, lambda params, _host: got.append(params[option]) or {})
    assert got == [seen, seen], "the task's own value wins"


@pytest.mark.parametrize("name", sorted(EMPTY_VARIABLES))
def test_an_empty_variable_of_the_environment_counts_as_not_set(run, monkeypatch, name):
    monkeypatch.setenv(name, "")
    got = []
    _output, result = run(CONNECTION, lambda params, _host: got.append(dict(params)) or {"changed": False})
    assert "failed" not in result
    option = name.removeprefix("NGCP_API_").lower()
    option = option if option in got[0] else f"api_{option}"
    assert got[0][option] == {**CONNECTION, **EMPTY_VARIABLES}.get(option, EMPTY_VARIABLES[name])


@pytest.mark.parametrize(("arguments", "field", "words"), RAW_CASES)
def test_arguments_that_ansible_would_turn_into_others(run, arguments, field, words):
    _output, result = run({**CONNECTION, **arguments}, lambda *_arguments: pytest.fail("the task is done"))
    assert (result["failed"], result["changed"]) == (True, False)
    assert (result["error"]["code"], result["error"]["field"]) == ("invalid_input", field)
    assert words in result["msg"]


def test_words_of_the_platform_in_another_case(run):
    got = []
    destinations = [{"destination": "a@example.org", "filetype": "pdf"}]
    run({**CONNECTION, "destinations": destinations}, lambda params, *_others: got.append(params["destinations"]) or {})
    assert got[0][0]["filetype"] == "PDF"


@pytest.mark.parametrize(
    "entries",
    [
        [{"subscriber_id": 1, "password": "12", "unknown": 5}],
        [{"active": "maybe"}, "not a dictionary", None],
        [],
        {"not": "a list"},
        "a@example.org",
    ],
)
def test_entries_are_left_to_the_collection(run, entries):
    """Ansible's own validation cannot name the wrong entry, and its masking is quadratic."""
    got = []
    output, result = run(
        {**CONNECTION, "subscribers": entries}, lambda params, _host: got.append(params["subscribers"]) or {"id": 4712}
    )
    assert got == [entries]
    assert result["id"] == 4712, "a secret of an entry takes no number apart"
    shown = result["invocation"]["module_args"]["subscribers"]
    count = len(entries) if isinstance(entries, list) else 0
    assert shown == [f"{count} {'entry' if count == 1 else 'entries'}, not shown"]
    assert '"12"' not in output and "maybe" not in output


@pytest.mark.parametrize("resource", [FAX_SETTINGS, MAIL2FAX_SETTINGS], ids=lambda resource: resource.name)
def test_an_unusable_option_is_ansibles_to_refuse(run, resource):
    arguments = {**CONNECTION, resource.secrets[0]: "Geheim6", "state": "gone", "subscribers": [{"name": "Geheim5"}]}
    output, result = run(arguments, nothing, resource)
    assert result["failed"] is True
    assert "state" in result["msg"]
    assert "Geheim" not in output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {},
            "missing required arguments: api_url. Set api_url in the task, in module_defaults, or in the environment "
            "variable NGCP_API_URL.",
        ),
        (
            {"more": {"type": "str", "required": True}},
            "missing required arguments: api_url, more. Set api_url in the task, in module_defaults, or in the "
            "environment variable NGCP_API_URL.",
        ),
    ],
)
def test_a_missing_argument_is_named_with_its_environment_variable(capsys, logged, options, message):
    with module_arguments({"api_password": "Geheim1"}), pytest.raises(SystemExit):
        FaxModule(Task(options, nothing))
    output = capsys.readouterr().out
    assert json.loads(output)["msg"] == message
    assert "Geheim" not in output


def test_wrong_arguments_are_quoted_printable(run):
    _output, result = run({**CONNECTION, "state": "\x1b]0;x\n\u202eok"}, nothing)
    assert "got: \\x1b]0;x\\n\\u202eok" in result["msg"]


def test_the_invocation_of_wrong_arguments_holds_no_secret(run):
    """Neither what Ansible knows as a secret nor what only the collection does."""
    address = "https://administrator:Geheim6@ngcp.example.org"
    output, result = run({**SECRETS, "api_url": address, "timeout": "soon"}, nothing)
    assert "timeout" in result["msg"]
    assert "Geheim" not in output
    assert result["invocation"]["module_args"]["api_url"] == "********"


# ---- out


def test_results_are_not_taken_apart(run):
    """Ansible's own masking would turn 4712 into 47******** for the password 12."""
    _output, result = run({**CONNECTION, "password": "12"}, lambda *_arguments: {"id": 4712, "text": "x12y"})
    assert (result["id"], result["text"]) == (4712, "x12y")
    assert result["invocation"]["module_args"]["password"] == "********"


@pytest.mark.parametrize(
    "outcome",
    [
        {"changed": True},
        {"failed": True, "changed": False, "msg": "It failed"},
        FaxError("It failed"),
        InputError("is wrong", entry="subscribers[0]", field="name"),
        ValueError("'Geheim4' is bad"),
        KeyError("Geheim5"),
    ],
)
def test_the_invocation_holds_no_secret(run, outcome, logged):
    def work(_params, _host):
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    output, result = run(SECRETS, work)
    assert "Geheim" not in output
    assert "Geheim" not in str(logged)
    shown = result["invocation"]["module_args"]
    masked = ("api_password", "api_token", "api_otp", "password")
    assert {name: shown[name] for name in masked} == dict.fromkeys(masked, "********")
    assert shown["api_url"] == CONNECTION["api_url"]
    assert shown["api_username"] == "administrator"


def test_secrets_that_are_not_given_are_shown_as_such(run):
    _output, result = run(CONNECTION, nothing)
    shown = result["invocation"]["module_args"]
    assert (shown["password"], shown["api_token"]) == (None, None)
    assert shown["subscribers"] is None


@pytest.mark.parametrize(
    "api_url", ["https://administrator:Geheim@ngcp.example.org", "https://x:Geheim/y@ngcp.example.org"]
)
def test_a_password_in_the_address_is_not_shown(run, api_url):
    def work(params, _host):
        return _transport.Address.parse(params["api_url"])

    output, result = run({**CONNECTION, "api_url": api_url, "api_password": "other"}, work)
    assert result["failed"] is True
    assert "Geheim" not in output


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FaxError("It failed"), "It failed"),
        (RefusedError("No", http_status=422, hint="Think"), "No. Think"),
        (InputError("is wrong", entry="subscribers[0]", field="name"), "subscribers[0], name: is wrong"),
        (
            InputErrors([InputError("is wrong", field="a"), InputError("too", field="b")]),
            "a: is wrong; b: too. Nothing was written. Correct the input and run the task again.",
        ),
    ],
)
def test_errors_of_the_engine(run, error, message):
    def work(_params, _host):
        raise error

    _output, result = run(CONNECTION, work)
    assert (result["failed"], result["changed"], result["msg"]) == (True, False, message)
    assert result["error"] == json.loads(json.dumps(error.as_dict()))


def test_the_tasks_own_secrets_are_masked_between_quotes_of_failures(run):
    def work(_params, _host):
        raise RefusedError("Refused: 'Geheim4' by \"x Geheim1\", not 'Geheimnis'")

    _output, result = run({**SECRETS, "subscribers": None}, work)
    assert result["msg"] == "Refused: '********' by \"x ********\", not 'Geheimnis'"
    assert result["error"]["message"] == result["msg"]


def test_every_text_of_a_result_is_masked_and_printable():
    text = "'Geheim4' \x1b]0;x\x07\r\nok: [localhost]"
    error = {"code": "x", "message": text, "hint": text}
    built = {
        "changed": False,
        "failed": True,
        "msg": text,
        "error": error,
        "errors": [{"index": 0, "error": error}],
        "warnings": [text],
        "subscribers": [{"index": 0, "error": error, "settings": {"name": "Geheim4\n"}}, {"index": 1}],
        "faxes": [{"fax_id": 1, "error": error}, {"fax_id": 2, "error": None}],
    }
    result = Task({}, lambda *_arguments: built, ("password",)).run(SECRETS, Host())
    shown = "'********' \\x1b]0;x\\x07\\r\\nok: [localhost]"
    told = {"code": "x", "message": shown, "hint": shown}
    assert (result["msg"], result["error"], result["errors"]) == (shown, told, [{"index": 0, "error": told}])
    assert [entry.get("error") for entry in result["subscribers"]] == [told, None]
    assert [entry["error"] for entry in result["faxes"]] == [told, None]
    assert result["subscribers"][0]["settings"]["name"] == "Geheim4\n", "data stays as it is"
    assert result["warnings"] == [shown]


@pytest.mark.parametrize("password", ["wrong", "name", "server", "422", "a", "The", "api_password", "not shown"])
def test_a_secret_does_not_mask_our_own_words(run, password):
    message = "The server refuses the log-in of 'administrator': 422, wrong name or password; api_password not shown"

    def work(_params, _host):
        raise RefusedError(message, hint="Check api_password.")

    _output, result = run({**CONNECTION, "api_password": password}, work)
    assert (result["msg"], result["error"]["message"]) == (f"{message}. Check api_password.", message)


def test_secrets_in_the_details_of_wrong_input_are_masked(run):
    error = InputErrors([InputError("must be one of a, b, not 'Geheim4'", field="x")])

    def work(_params, _host):
        raise error

    output, _result = run({**SECRETS, "subscribers": None}, work)
    assert "Geheim" not in output


def test_unexpected_errors_show_where_but_not_what(run):
    value = SECRETS["subscribers"][0]["password"]

    def work(_params, _host):
        raise KeyError(value)

    output, result = run(CONNECTION, work)
    assert (result["failed"], result["changed"]) == (True, False)
    assert "KeyError" in result["msg"] and "bug" in result["msg"]
    assert "test_module.py" in result["exception"]
    assert value not in output


def test_warnings_are_ansibles(run):
    _output, result = run(CONNECTION, lambda *_arguments: {"changed": False, "warnings": ["Look out"]})
    assert len(result["warnings"]) == 1
    assert "Look out" in str(result["warnings"])


def test_a_failing_result_keeps_its_keys(run):
    built = {"changed": True, "failed": True, "msg": "1 failed", "subscribers": [{"index": 0}], "summary": {"total": 1}}
    _output, result = run(CONNECTION, lambda *_arguments: built)
    assert {name: result[name] for name in built} == built


# ---- log


@pytest.mark.parametrize(
    ("entries", "text"), [(None, "one subscriber or a selection"), ([{"subscriber_id": 1}] * 3, "3 entries")]
)
def test_what_is_logged_on_the_managed_host(run, logged, entries, text):
    arguments = {**SECRETS, "subscribers": entries}
    run(arguments, nothing)
    ((line, given),) = logged
    assert text in line
    assert given is None


# ---- libraries


@pytest.mark.parametrize(
    ("absent", "library"),
    [("requests", "requests"), ("urllib3", "requests"), ("jsonpatch", "jsonpatch"), ("jsonpointer", "jsonpatch")],
)
def test_a_missing_library(run, monkeypatch, absent, library):
    """Also one that another one needs."""
    for name in list(sys.modules):
        if name.partition(".")[0] in (absent, library):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, absent, None)
    output, result = run(SECRETS, nothing)
    assert result["failed"] is True
    assert f"({library})" in result["msg"]
    assert f"`{sys.executable} -m pip install {library}`" in result["msg"]
    assert result["error"]["code"] == "missing_library"
    assert "Geheim" not in output


def test_missing_libraries_are_named_together(run, monkeypatch):
    for name in ("requests", "jsonpatch"):
        monkeypatch.setitem(sys.modules, name, None)
    _output, result = run(SECRETS, nothing)
    assert "the required Python libraries (requests, jsonpatch) on" in result["msg"]
    assert f"`{sys.executable} -m pip install requests jsonpatch`" in result["msg"]
    assert result["msg"].endswith("a Python that has them.")


# Imports files while all libraries outside Ansible's own Python code are missing; prints which of them need one.
WITHOUT_LIBRARIES = """
import importlib, sys
sys.modules.update(dict.fromkeys(("jinja2", "jsonpatch", "requests", "urllib3", "yaml")))
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, error)
"""


def test_every_file_loads_without_libraries():
    """A host without them gets the message above, whichever file is loaded first; the sanity tests demand it, too."""
    names = [name for package in (modules, module_utils) for name in files_of(package)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", WITHOUT_LIBRARIES, *names]
    shown = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    assert len(names) > 40 and shown == ""


def files_of(package):
    """Return the names of a package's modules, in its folders as well."""
    return sorted(
        ".".join((package.__name__, *path.relative_to(folder).with_suffix("").parts))
        for folder in package.__path__
        for path in pathlib.Path(folder).rglob("*.py")
        if path.name != "__init__.py"
    )


def test_every_module_supports_check_mode(logged):
    with module_arguments({**CONNECTION, "_ansible_check_mode": True}):
        module = FaxModule(Task({}, nothing))
    assert module.check_mode is True
    assert _module.FaxModule.__mro__[1] is basic.AnsibleModule
