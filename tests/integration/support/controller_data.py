# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What infra.aap_configuration takes: the variables of its roles, and the options of the modules that they call.

Read from the tasks of the roles of infra.aap_configuration 3 and from the argument specifications of the modules of
awx.awx 24, for the kinds of objects that the example uses.
"""

from __future__ import annotations

import pathlib
from typing import Any

import yaml

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
ANY_TEXT: dict[str, Any] = {"type": "string"}
FLAG: dict[str, Any] = {"type": "boolean"}
NUMBER: dict[str, Any] = {"type": "integer"}
NAMES: dict[str, Any] = {"type": "array", "items": TEXT, "uniqueItems": True}
VARIABLES: dict[str, Any] = {"type": "object"}


def _choice(*values: str) -> dict[str, Any]:
    return {"enum": list(values)}


def _object(needed: str, /, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": needed.split(),
        "properties": properties,
    }


def _list(needed: str, /, **properties: Any) -> dict[str, Any]:
    """Return the schema of a list of objects, each of which has a name and may have a description."""
    return {"type": "array", "minItems": 1, "items": _object(needed, name=TEXT, description=TEXT, **properties)}


# AWX: awx/api/views (survey), awx/main/fields.py (inputs and injectors of credential types)
_QUESTION = _object(
    "question_name type variable required",
    question_name=TEXT,
    question_description=ANY_TEXT,
    variable={"type": "string", "pattern": "^[a-zA-Z_][a-zA-Z0-9_]*$"},
    type=_choice("text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float"),
    choices=NAMES,
    default=ANY_TEXT,
    required=FLAG,
    min=NUMBER,
    max=NUMBER,
)
_SURVEY = _object(
    "name description spec",
    name=ANY_TEXT,
    description=ANY_TEXT,
    spec={"type": "array", "minItems": 1, "items": _QUESTION},
)
_FIELD = _object(
    "id label",
    id={"type": "string", "pattern": "^[a-zA-Z_]+[a-zA-Z0-9_]*$", "not": {"const": "tower"}},
    type=_choice("string", "boolean"),
    label=ANY_TEXT,
    help_text=ANY_TEXT,
    secret=FLAG,
    default=ANY_TEXT,
)
_NODE = {
    **_object(
        "identifier",
        identifier=TEXT,
        unified_job_template=TEXT,
        lookup_organization=TEXT,
        approval_node=_object("name", name=TEXT, description=TEXT, timeout=NUMBER),
        success_nodes=NAMES,
        failure_nodes=NAMES,
        always_nodes=NAMES,
    ),
    "oneOf": [{"required": ["unified_job_template"]}, {"required": ["approval_node"]}],
}

SCHEMA = _object(
    "",
    aap_organizations=_list("name", default_environment=TEXT),
    aap_teams=_list("name organization", organization=TEXT),
    controller_credential_types=_list(
        "name kind inputs injectors",
        kind=_choice("cloud", "net"),
        inputs=_object("fields", fields={"type": "array", "items": _FIELD}, required=NAMES),
        injectors=_object(
            "", env={"type": "object", "additionalProperties": TEXT}, file=VARIABLES, extra_vars=VARIABLES
        ),
    ),
    controller_credentials=_list(
        "name credential_type", organization=TEXT, credential_type=TEXT, inputs=VARIABLES, update_secrets=FLAG
    ),
    controller_execution_environments=_list(
        "name image", image=TEXT, organization=TEXT, credential=TEXT, pull=_choice("always", "missing", "never")
    ),
    controller_projects=_list(
        "name organization",
        organization=TEXT,
        scm_type=_choice("manual", "git", "svn", "insights", "archive"),
        scm_url=TEXT,
        scm_branch=TEXT,
        scm_clean=FLAG,
        scm_update_on_launch=FLAG,
        credential=TEXT,
        default_environment=TEXT,
    ),
    controller_inventories=_list("name organization", organization=TEXT, variables=VARIABLES),
    controller_hosts=_list("name inventory", inventory=TEXT, variables=VARIABLES),
    controller_notifications=_list(
        "name organization notification_type notification_configuration",
        organization=TEXT,
        notification_type=_choice(
            "awssns", "email", "grafana", "irc", "mattermost", "pagerduty", "rocketchat", "slack", "twilio", "webhook"
        ),
        notification_configuration=_object(
            "host port username password use_tls use_ssl sender recipients",
            host=TEXT,
            port=NUMBER,
            username=ANY_TEXT,
            password=ANY_TEXT,
            use_tls=FLAG,
            use_ssl=FLAG,
            sender=TEXT,
            recipients=NAMES,
            timeout=NUMBER,
        ),
    ),
    controller_templates=_list(
        "name project playbook inventory",
        organization=TEXT,
        project=TEXT,
        playbook=TEXT,
        inventory=TEXT,
        execution_environment=TEXT,
        credentials=NAMES,
        job_type=_choice("run", "check"),
        diff_mode=FLAG,
        timeout=NUMBER,
        allow_simultaneous=FLAG,
        ask_variables_on_launch=FLAG,
        survey_enabled=FLAG,
        survey_spec=_SURVEY,
        notification_templates_error=NAMES,
    ),
    controller_workflows=_list(
        "name organization simplified_workflow_nodes",
        organization=TEXT,
        allow_simultaneous=FLAG,
        ask_variables_on_launch=FLAG,
        survey_enabled=FLAG,
        survey_spec=_SURVEY,
        simplified_workflow_nodes={"type": "array", "items": _NODE},
        notification_templates_error=NAMES,
        notification_templates_approvals=NAMES,
    ),
    controller_roles={
        "type": "array",
        "items": {
            **_object(
                "team",
                team=TEXT,
                workflow=TEXT,
                role=_choice("execute"),
                roles={"type": "array", "items": _choice("approval", "execute", "read")},
            ),
            "oneOf": [{"required": ["role"]}, {"required": ["roles"]}],
        },
    },
    controller_schedules=_list(
        "name unified_job_template rrule",
        organization=TEXT,
        unified_job_template=TEXT,
        # What AWX checks: one start that is not naive, and an interval in the rule.
        rrule={
            "type": "string",
            "pattern": r"^DTSTART(;TZID=[\w/]+:\d{8}T\d{6}|:\d{8}T\d{6}Z) RRULE:FREQ=\w+;INTERVAL=\d+",
        },
        extra_data=VARIABLES,
    ),
)


class _Loader(yaml.SafeLoader):
    """Reads YAML with ``!unsafe``, as the text behind it."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def load(folder: pathlib.Path, names: list[str]) -> dict[str, Any]:
    """Return the variables of some files; none may be in two of them."""
    data: dict[str, Any] = {}
    for name in names:
        found = yaml.load((folder / name).read_text(), _Loader)
        twice = set(found) & set(data)
        assert not twice, f"{name}: {twice}"
        data.update(found)
    return data
