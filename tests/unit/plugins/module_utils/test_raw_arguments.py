# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments as they were written: what Ansible would turn into something else is refused."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.options import (
    fax_info_options,
    fetch_options,
    send_options,
)
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.options import fleet_options
from ansible_collections.ngcp.fax.plugins.module_utils._raw_arguments import OWN_MEMBERS, check_arguments
from ansible_collections.ngcp.fax.plugins.module_utils._settings.options import info_options, settings_options
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Task

FAX, MAIL2FAX = settings_options(FAX_SETTINGS), settings_options(MAIL2FAX_SETTINGS)
SEND, FETCH = send_options(), fetch_options()
CONNECTION = connection_options()

# What YAML makes of 0123, 12:30, 1.10, yes and -0123.
NOT_TEXTS = (83, 750, 1.1, True, -83)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (FAX, "number"),
        (FAX, "subscriber_external_id"),
        (FAX, "name"),
        (FAX, "password"),
        (MAIL2FAX, "secret_key"),
        (info_options(FAX_SETTINGS), "number"),
        (SEND, "destination"),
        (SEND, "number"),
        (SEND, "job_id"),
        (SEND, "text"),
        (FETCH, "number"),
        (FETCH, "subscriber_external_id"),
        (fax_info_options(), "number"),
        (CONNECTION, "api_username"),
        (CONNECTION, "api_password"),
        (CONNECTION, "api_token"),
        (CONNECTION, "api_otp"),
    ],
)
@pytest.mark.parametrize("value", NOT_TEXTS)
def test_what_may_begin_with_a_zero_is_a_text(options, name, value):
    problem = check_arguments(options, {name: value})
    assert isinstance(problem, InputError)
    assert (problem.field, "quote it" in problem.message) == (name, True)
    assert check_arguments(options, {name: "0123"}) is None
    assert check_arguments(options, {name: None}) is None


@pytest.mark.parametrize(
    ("options", "arguments", "place"),
    [
        (FAX, {"select": {"customer_external_id": 83}}, "select.customer_external_id"),
        (FAX, {"destinations": [{"destination": "x"}, {"destination": 83}]}, "destinations[1].destination"),
        (MAIL2FAX, {"acl": [{"from_email": "x", "destination": 17932}]}, "acl[0].destination"),
        (MAIL2FAX, {"acl": [{"received_from": 10.0}]}, "acl[0].received_from"),
    ],
)
def test_the_same_holds_within_options(options, arguments, place):
    assert check_arguments(options, arguments).field == place


@pytest.mark.parametrize(
    "arguments",
    [
        {"subscriber_id": 4711, "max_changes": 10, "active": 1},
        {"subscriber_id": "4711", "state": "present", "destinations": [{"destination": "a@b.cd", "incoming": 1}]},
        {"select": {"customer_id": 7}, "destinations": "not a list", "name": ""},
        {"destinations": ["not a dictionary"], "select": "not a dictionary"},
        {"api_url": "https://x", "timeout": 5, "unknown": [1]},
    ],
)
def test_other_options_are_as_free_as_ansible_has_them(arguments):
    before = copy.deepcopy(arguments)
    assert check_arguments({**CONNECTION, **FAX}, arguments) is None
    assert arguments == before


@pytest.mark.parametrize("value", [["a", "b"], [], {"a": "Geheim"}, {}, ("a",)])
@pytest.mark.parametrize(
    ("options", "name"),
    [
        (FAX, "password"),
        (FAX, "name"),
        (FAX, "subscriber"),
        (FAX, "subscribers_file"),
        (FAX, "max_changes"),
        (SEND, "text"),
        (SEND, "src"),
        (FETCH, "since"),
        (CONNECTION, "api_url"),
        (CONNECTION, "ca_path"),
    ],
)
def test_a_list_is_not_a_text(options, name, value):
    """Ansible would make the text "['a', 'b']" of it."""
    problem = check_arguments(options, {name: value})
    assert (problem.field, problem.message[:25]) == (
        name,
        "must be a string, not a d" if value.__class__ is dict else "must be a string, not a l",
    )
    assert "Geheim" not in str(problem.as_dict())


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (fleet_options(), "src"),
        (fleet_options(), "plan"),
        (fleet_options(), "plan_out"),
        (fleet_options(), "undo"),
        (fleet_options(), "undo_dir"),
        (fleet_options(), "results_dir"),
        (FAX, "subscribers_file"),
        (SEND, "receipts"),
        (FETCH, "dest"),
        (CONNECTION, "ca_path"),
        (CONNECTION, "client_cert"),
        (CONNECTION, "client_key"),
    ],
)
@pytest.mark.parametrize("value", ["a\0b", "\0", "a\ud800b"])
def test_a_path_has_no_characters_that_the_system_refuses(options, name, value):
    problem = check_arguments(options, {name: value})
    assert (problem.field, problem.message) == (name, "has characters that a path cannot have")
    assert check_arguments(options, {name: "a\nb \u00e9"}) is None


def test_the_elements_of_a_list_of_texts_are_texts():
    assert check_arguments(FETCH, {"status": ["SUCCESS", ["FAILED"]]}).field == "status[1]"


def test_everything_is_told_at_once():
    problem = check_arguments(FAX, {"password": ["a"], "name": 7, "number": 43})
    assert isinstance(problem, InputErrors)
    assert {error.field for error in problem.errors} == {"password", "name", "number"}


@pytest.mark.parametrize(
    ("options", "arguments", "expected"),
    [
        (
            FAX,
            {"destinations": [{"destination": "a", "filetype": "pdf"}, {"destination": "b", "filetype": " Pdf14 "}]},
            {"destinations": [{"destination": "a", "filetype": "PDF"}, {"destination": "b", "filetype": "PDF14"}]},
        ),
        (FAX, {"destinations": [{"filetype": "pcl"}]}, {"destinations": [{"filetype": "pcl"}]}),
        (MAIL2FAX, {"secret_key_renew": "Daily"}, {"secret_key_renew": "daily"}),
        (MAIL2FAX, {"secret_key_renew": ["daily"]}, {"secret_key_renew": ["daily"]}),
        (FAX, {"state": "Present"}, {"state": "Present"}),
    ],
)
def test_the_case_of_the_platforms_words_does_not_matter(options, arguments, expected):
    check_arguments(options, arguments)
    assert arguments == expected


def members(options):
    for option in options.values():
        yield from option
        yield from members(option.get("options", {}))


@pytest.mark.parametrize("options", [FAX, MAIL2FAX, info_options(FAX_SETTINGS), SEND, FETCH, fax_info_options()])
def test_ansible_does_not_get_our_own_members(options):
    spec = Task(options, lambda *_arguments: {}).argument_spec(lambda _name: None)
    assert not OWN_MEMBERS & set(members(spec))
    assert OWN_MEMBERS & set(members({**CONNECTION, **options}))
