# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""How a task runs in the control node's own process, with the results that its module would give."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from ansible import constants as C
from ansible.module_utils.common import json as ansible_json
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import env_fallback, remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.utils.display import Display

from ansible_collections.ngcp.fax.plugins.module_utils._api.connections import Connections
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host, Task, argument_message, withhold_entries
from ansible_collections.ngcp.fax.plugins.module_utils._wording import printable

from .vault import encryptor

# Ansible makes a process for each task and host, in which the items of a loop follow each other.
_CONNECTIONS = Connections()

# Callbacks that write a document to the standard output, of ansible.posix.
_DOCUMENTS = ("json", "jsonl")


def run_in_process(
    task: Task,
    arguments: Mapping[str, Any],
    name: str,
    check: bool,
    folder: str,
    task_vars: Mapping[str, Any],
    loader: Any = None,
) -> dict[str, Any]:
    """Run a task in this process and return the result that its module gives.

    :param arguments: as they would be sent to the module.
    :param name: the module's name, for messages.
    :param folder: the working directory that the module would have.
    :param loader: of the action plugin; without it nothing can be encrypted.
    """
    params = _plain(arguments)
    entries = withhold_entries(params)
    problem = task.check_arguments(params)
    validation = ArgumentSpecValidator(task.argument_spec(env_fallback)).validate(params)
    params.update({**validation.validated_parameters, **entries})
    if validation.error_messages:
        message = argument_message(task, _message(validation, name))
        result = {"failed": True, "msg": message, "invocation": {"module_args": task.shown_arguments(params)}}
        result = {**remove_values(result, validation._no_log_values), "failed": True}
    else:
        with _working_in(folder):
            # Tasks that name a mode, an owner or a group run as modules.
            host = Host(
                check,
                _CONNECTIONS.connected,
                show=_show,
                encrypt=None if loader is None else encryptor(loader),
            )
            result = task.run(params, host, problem)
        result["invocation"] = {"module_args": task.shown_arguments(params)}
        if not result.get("warnings"):
            result.pop("warnings", None)
    if not _shows_invocation(task_vars):
        del result["invocation"]
    return json.loads(json.dumps(result))


def _show(line: str) -> None:
    """Show a line while the task runs, where it does not come between the lines of a document."""
    is_for_programs = str(C.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in _DOCUMENTS
    Display().display(printable(line), stderr=is_for_programs)


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as the module gets them: without what Ansible's own types of text know beside the text."""
    try:
        encoder = ansible_json.get_module_encoder("legacy", ansible_json.Direction.CONTROLLER_TO_MODULE)
    except AttributeError:  # before ansible-core 2.19
        return json.loads(json.dumps(dict(arguments), cls=ansible_json.AnsibleJSONEncoder, vault_to_text=True))
    return json.loads(json.dumps(dict(arguments), cls=encoder))


def _message(validation: Any, name: str) -> str:
    """Return what Ansible says about wrong arguments of a module."""
    if isinstance(validation.errors[0], UnsupportedError):
        return f"Unsupported parameters for ({name}) module: {validation.errors.msg}"
    return str(validation.errors.msg)


def _shows_invocation(task_vars: Mapping[str, Any]) -> bool:
    """Return whether results have the key ``invocation``: always before ansible-core 2.21, then by configuration."""
    if C.config.get_configuration_definition("INJECT_INVOCATION") is None:
        return True
    return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))


@contextlib.contextmanager
def _working_in(folder: str) -> Iterator[None]:
    """Change the working directory for a while, because relative paths count from it."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
