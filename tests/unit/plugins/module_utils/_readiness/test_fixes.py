# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixes of reasons: tasks that Ansible and the module take as they are, whatever the server's values are."""

from __future__ import annotations

import importlib
from typing import ClassVar

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import env_fallback

from ansible_collections.ngcp.fax.plugins.module_utils._readiness import fixes
from ansible_collections.ngcp.fax.plugins.module_utils._readiness.judge_fax import judge_fax
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import parse_fields
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.readiness import DESTINATION, fax_settings

HOSTILE = [
    "{{ lookup('pipe', 'id') }}@example.org",
    "{% raw %}@example.org",
    "{#",
    'a"b@example.org',
    "a\nb: c",
    "yes",
    "*x &y !vault",
    "é\u202e\x00",
    "#",
    "",
    " ",
    "0123",
]


class Loader(yaml.SafeLoader):
    """Reads YAML as Ansible does, and remembers what is tagged as unsafe."""

    unsafe: ClassVar[list[str]] = []


def _unsafe(loader, node):
    Loader.unsafe.append(node.value)
    return node.value


Loader.add_constructor("!unsafe", _unsafe)


def parsed(fix):
    """Return the task of a fix, its module and arguments."""
    Loader.unsafe = []
    (task,) = yaml.load(fix, Loader)
    (module,) = set(task) - {"name"}
    assert task["name"] and module.startswith("ngcp.fax.")
    return module.removeprefix("ngcp.fax."), task[module]


def check(given, ids=(7,), **variables):
    """Fail unless the module of a fix takes its arguments, once the variables have values."""
    fix = given.text(ids)
    assert given.is_shared is not bool(variables)
    for name, value in variables.items():
        assert f"{{{{ {name} }}}}" in fix
        fix = fix.replace(f"{{{{ {name} }}}}", value)
    module, arguments = parsed(fix)
    loaded = importlib.import_module(f"ansible_collections.ngcp.fax.plugins.modules.{module}")
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loaded, "run_module", seen.append)
        loaded.main()
    (task,) = seen
    spec = task.argument_spec(env_fallback)
    connection = {"api_url": "https://x", "api_username": "x", "api_password": "x"}
    found = ArgumentSpecValidator(spec).validate({**connection, **arguments})
    assert found.error_messages == []
    named = arguments.get("subscribers") or [{"subscriber_id": arguments["subscriber_id"]}]
    assert [entry["subscriber_id"] for entry in named] == list(ids)
    for resource in (FAX_SETTINGS, MAIL2FAX_SETTINGS):
        if resource.module == module:
            modes = {field.name: arguments.get(field.mode_option, "replace") for field in resource.lists}
            parse_fields(resource, arguments, modes, doubts=[])
    return arguments


def test_every_fix_is_taken_by_its_module():
    assert check(fixes.switch_on())["active"] is True
    assert check(fixes.switch_mail_on())["active"] is True
    check(fixes.set_key(), mail2fax_secret_key="x")
    check(fixes.notify_of_renewal(), mail2fax_key_recipient="me@example.org")
    check(fixes.add_destination(), fax_destination="fax@example.org")
    check(fixes.add_destination(["nope"]), fax_destination="fax@example.org")
    assert check(fixes.forward_to_fax_box())["forward"] == "unconditional"
    assert check(fixes.forward_to_fax_box(replace_foreign=True))["replace_foreign"] is True


def test_the_fix_for_a_destination_keeps_its_other_members():
    given = {**DESTINATION, "filetype": "PS", "outgoing": True, "status": False, "incoming": False}
    (element,) = check(fixes.deliver_to(given))["destinations"]
    assert element == {**given, "incoming": True}


@pytest.mark.parametrize("address", HOSTILE)
def test_whatever_the_server_has_stored_stays_a_value(address):
    """A fix is pasted into a playbook, which is templated: what could be a template is tagged."""
    arguments = check(fixes.switch_on([address]))
    assert arguments["destinations"] == [{"destination": address, "state": "absent"}]
    assert arguments["destinations_mode"] == "merge"
    signs = ("{{", "{%", "{#")
    assert Loader.unsafe == [address] * any(sign in address for sign in signs)


def test_what_the_platform_refuses_is_removed_in_the_same_request():
    """The platform would refuse the change otherwise (contract: observed, section 13)."""
    broken = {**DESTINATION, "destination": "nope"}
    reasons = {one.code: one for one in judge_fax(fax_settings(active=False, destinations=[broken]))}
    assert set(reasons) == {"service_inactive", "incoming_destination_missing", "destination_refused"}
    for one in reasons.values():
        assert {"destination": "nope", "state": "absent"} in parsed(one.fix.text([7]))[1]["destinations"]


def test_how_a_fix_reads():
    assert fixes.deliver_to(DESTINATION, ["no pe"]).text([7]) == (
        "- name: Send received faxes to the destination\n"
        "  ngcp.fax.fax_settings:\n"
        "    subscriber_id: 7\n"
        "    destinations_mode: merge\n"
        "    destinations:\n"
        "      - destination: fax@example.org\n"
        "        filetype: PDF\n"
        "        incoming: true\n"
        "        outgoing: false\n"
        "        status: true\n"
        "      - destination: no pe\n"
        "        state: absent\n"
    )


def test_one_task_for_several_subscribers():
    fix = fixes.forward_to_fax_box(replace_foreign=True)
    assert fix.text([7, 8]) == (
        "- name: Forward all calls to the fax box\n"
        "  ngcp.fax.fax_forward:\n"
        "    subscribers:\n"
        "      - subscriber_id: 7\n"
        "      - subscriber_id: 8\n"
        "    forward: unconditional\n"
        "    replace_foreign: true\n"
    )
    for one in (fix, fixes.switch_on(["nope"]), fixes.switch_mail_on(), fixes.remove_destinations(["nope"])):
        check(one, ids=(7, 8))
