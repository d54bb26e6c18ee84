# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task in the control node's own process gets its arguments as the module of the same name does."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._settings.options import settings_options
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Task
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.in_process import run_in_process
from ansible_collections.ngcp.fax.tests.unit.support.arguments import EMPTY_VARIABLES, RAW_CASES

CONNECTION = {"api_url": "https://ngcp.example.org:1443", "api_username": "administrator", "api_password": "Geheim1"}


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a task and returns its result."""

    def run_one(arguments, work):
        task = Task(settings_options(FAX_SETTINGS), work, FAX_SETTINGS.secrets)
        return run_in_process(task, arguments, "fax_settings", False, str(tmp_path), {})

    return run_one


@pytest.mark.parametrize("name", sorted(EMPTY_VARIABLES))
def test_an_empty_variable_of_the_environment_counts_as_not_set(run, monkeypatch, name):
    monkeypatch.setenv(name, "")
    got = []
    result = run(CONNECTION, lambda params, _host: got.append(dict(params)) or {"changed": False})
    assert "failed" not in result
    option = name.removeprefix("NGCP_API_").lower()
    option = option if option in got[0] else f"api_{option}"
    assert got[0][option] == {**CONNECTION, **EMPTY_VARIABLES}.get(option, EMPTY_VARIABLES[name])


def test_a_variable_of_the_environment(run, monkeypatch):
    monkeypatch.setenv("NGCP_API_CONCURRENCY", "8")
    got = []
    run(CONNECTION, lambda params, _host: got.append(params["concurrency"]) or {})
    assert got == [8]


@pytest.mark.parametrize(("arguments", "field", "words"), RAW_CASES)
def test_arguments_that_ansible_would_turn_into_others(run, arguments, field, words):
    result = run({**CONNECTION, **arguments}, lambda *_arguments: pytest.fail("the task is done"))
    assert (result["failed"], result["changed"]) == (True, False)
    assert (result["error"]["code"], result["error"]["field"]) == ("invalid_input", field)
    assert words in result["msg"]


def test_words_of_the_platform_in_another_case(run):
    got = []
    destinations = [{"destination": "a@example.org", "filetype": "pdf"}]
    run({**CONNECTION, "destinations": destinations}, lambda params, *_others: got.append(params["destinations"]) or {})
    assert got[0][0]["filetype"] == "PDF"
    assert destinations[0]["filetype"] == "pdf", "the task itself stays as it is"


@pytest.mark.parametrize(
    ("callback", "is_document"),
    [
        ("default", False),
        ("ansible.builtin.default", False),
        ("ansible.posix.json", True),
        ("ansible.posix.jsonl", True),
    ],
)
def test_what_is_shown_does_not_come_between_the_lines_of_a_document(run, monkeypatch, capfd, callback, is_document):
    monkeypatch.setattr("ansible.constants.DEFAULT_STDOUT_CALLBACK", callback, raising=False)
    run(CONNECTION, lambda _params, host: host.show("half\x1b done") or {})
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == (("", "half\\x1b done\n") if is_document else ("half\\x1b done\n", ""))
