# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan is right for every current state, every declaration and every policy."""

from __future__ import annotations

import json
import random

import jsonpatch
import pytest
import yaml
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._masking import MASK
from ansible_collections.ngcp.fax.plugins.module_utils._settings.diff import (
    mask_patch,
    mask_settings,
    shown_changes,
    shown_diff,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import MERGE, REPLACE, Address
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import PRESENT, ListOf, WantedList
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import (
    ON_CREATE,
    REPLACED,
    RESET,
    Policy,
    create_plan,
    deviations,
    doubtful_rows,
    is_satisfied,
    obstacle,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import canonical_settings
from ansible_collections.ngcp.fax.tests.unit.support.strategies import (
    SECRET_MARK,
    cases,
    documents,
    identity,
    inputs,
    parsed,
    policies,
    resources,
)


def as_sets(resource, settings):
    """Return settings with lists as dictionaries by identity, e-mail addresses in lower case."""
    comparable = dict(settings)
    for field in resource.lists:
        emails = {part.name for part in field.elements if isinstance(part, Address)}
        comparable[field.name] = {
            identity(field, element): {
                name: value.lower() if name in emails else value for name, value in element.items()
            }
            for element in settings[field.name]
        }
    return comparable


def oracle(resource, before, declared, policy):
    """Return the desired settings in the test's own words."""
    desired = dict(before)
    for field in resource.managed:
        default = [] if isinstance(field, ListOf) else field.default
        if policy.state == RESET or (policy.state == REPLACED and field.name not in declared):
            desired[field.name] = default
        elif field.name in declared and not (
            field.secret and policy.secrets[field.name] == ON_CREATE and before[field.name] is not None
        ):
            desired[field.name] = desired_value(field, before[field.name], declared[field.name], policy)
    return as_sets(resource, desired)


def desired_value(field, before, declared, policy):
    """Return what one declared field shall be."""
    if not isinstance(field, ListOf):
        return None if declared == "" else declared
    found = {identity(field, element): element for element in before} if policy.list_modes[field.name] == MERGE else {}
    for item in declared:
        element = {name: value for name, value in item.items() if name != "state"}
        if item["state"] == PRESENT:
            found[identity(field, element)] = element
        else:
            found.pop(identity(field, element), None)
    return list(found.values())


def plan_of(case):
    resource, before, declared, policy = case
    return create_plan(resource, before, parsed(resource, declared), policy)


FLAGS = {"filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}
ONE, TWO = ({"destination": address, **FLAGS} for address in ("one@example.org", "two@example.org"))


# ---- properties


@given(cases())
def test_the_plan_leads_to_the_desired_state(case):
    resource, before, declared, policy = case
    assert as_sets(resource, plan_of(case).after) == oracle(resource, before, declared, policy)


@given(cases())
def test_planning_again_finds_nothing(case):
    resource, _before, declared, policy = case
    after = plan_of(case).after
    again = create_plan(resource, after, parsed(resource, declared), policy)
    assert (again.changes, again.patch, again.after) == ((), [], after)


@given(cases())
def test_the_emitted_patch_leads_to_what_the_plan_predicts(case):
    resource, before, _declared, _policy = case
    plan = plan_of(case)
    document = json.loads(json.dumps(before))
    applied = jsonpatch.apply_patch(document, json.loads(json.dumps(plan.patch)))
    assert canonical_settings(resource, applied) == plan.after
    assert deviations(resource, plan, canonical_settings(resource, applied)) == []


@given(st.data())
def test_what_is_satisfied_at_a_glance_needs_no_change(data):
    """The declaration is made of the document, so that it often is, and then changed in part."""
    resource = data.draw(resources())
    document = data.draw(documents(resource))
    canonical = canonical_settings(resource, document)
    declared = {name: "" if value is None else value for name, value in canonical.items()}
    declared.update(data.draw(st.just({}) | inputs(resource)))
    wanted, policy = parsed(resource, declared), data.draw(policies(resource))
    satisfied = is_satisfied(document, wanted, policy)
    if satisfied:
        assert create_plan(resource, canonical, wanted, policy).changes == ()
    if not any(value.absent for value in wanted.values() if isinstance(value, WantedList)):
        columns = {name: [getattr(value, "present", value)] * 2 for name, value in wanted.items()}
        assert doubtful_rows([document, document], columns, policy) == (set() if satisfied else {0, 1})


@given(cases(), st.randoms(use_true_random=False))
def test_a_glance_sees_what_a_run_has_stored(case, rng):
    resource, _before, declared, policy = case
    wanted = parsed(resource, declared)
    stored = dict(plan_of(case).after)
    for field in resource.lists:
        stored[field.name] = rng.sample(stored[field.name], len(stored[field.name]))
    removes = any(item["state"] != PRESENT for value in declared.values() if isinstance(value, list) for item in value)
    spelt = all(
        all(element in stored[name] for element in value.present)
        if isinstance(value, WantedList)
        else stored[name] == value
        for name, value in wanted.items()
    )
    if policy.state == PRESENT and not removes and spelt:
        assert is_satisfied(stored, wanted, policy)
    elif policy.state != PRESENT:
        assert not is_satisfied(stored, wanted, policy)


@pytest.mark.parametrize(
    ("stored", "declared", "mode", "satisfied"),
    [
        ({"active": True}, {"active": True}, REPLACE, True),
        ({"active": 1}, {"active": True}, REPLACE, True),
        ({"active": False}, {"active": True}, REPLACE, False),
        ({}, {"active": False}, REPLACE, False),
        ({"name": None}, {"name": ""}, REPLACE, True),
        ({"name": "1"}, {"name": "1"}, REPLACE, True),
        ({"name": "A"}, {"name": "a"}, REPLACE, False),
        ({"destinations": [ONE, TWO]}, {"destinations": [TWO, ONE]}, REPLACE, True),
        ({"destinations": [ONE, TWO]}, {"destinations": [ONE]}, REPLACE, False),
        ({"destinations": [ONE, TWO]}, {"destinations": [ONE]}, MERGE, True),
        ({"destinations": [ONE]}, {"destinations": [{**TWO, "state": "absent"}]}, MERGE, False),
        ({"destinations": [ONE]}, {"destinations": [{**ONE, "filetype": "PS"}]}, REPLACE, False),
        ({"destinations": [ONE, ONE]}, {"destinations": [ONE, TWO]}, REPLACE, False),
        ({"destinations": [{}]}, {"destinations": [ONE]}, REPLACE, False),
        ({"destinations": None}, {"destinations": []}, REPLACE, False),
        ({"destinations": []}, {"destinations": []}, REPLACE, True),
    ],
)
def test_what_a_glance_tells(stored, declared, mode, satisfied):
    wanted = parsed(FAX_SETTINGS, declared)
    assert is_satisfied(stored, wanted, Policy(list_modes={"destinations": mode})) is satisfied


# ---- what the server will refuse

BAD = {**ONE, "destination": "Fax X. <a@example.org>"}
EMPTY = {**ONE, "destination": ""}
ADVICE = "Declare destinations without it, or remove it with destinations_mode: merge"


@pytest.mark.parametrize(
    ("stored", "declared", "policy", "path"),
    [
        pytest.param([BAD], {"active": True}, Policy(), "destinations[0].destination", id="another field"),
        pytest.param([ONE, EMPTY], {"name": "x"}, Policy(), "destinations[0].destination", id="an empty one"),
        pytest.param([{**ONE, "destination": None}], {"name": "x"}, Policy(), "destinations[0].destination", id="null"),
        pytest.param(
            [{**ONE, "filetype": "pdf"}], {"t38": False}, Policy(), "destinations[0].filetype", id="file type"
        ),
        pytest.param(
            [{**ONE, "filetype": ""}], {"t38": False}, Policy(), "destinations[0].filetype", id="no file type"
        ),
        pytest.param(
            [BAD, ONE],
            {"destinations": [TWO]},
            Policy(list_modes={"destinations": MERGE}),
            "destinations[0].destination",
            id="a merge that keeps it",
        ),
        pytest.param(
            [BAD, ONE],
            {"destinations": [{**ONE, "state": "absent"}]},
            Policy(list_modes={"destinations": MERGE}),
            "destinations[0].destination",
            id="a merge that removes another one",
        ),
        pytest.param([BAD], {"active": False}, Policy(), None, id="no change"),
        pytest.param([BAD], {"destinations": []}, Policy(), None, id="an empty list in its place"),
        pytest.param([BAD, ONE], {"destinations": [ONE], "name": "x"}, Policy(), None, id="a list without it"),
        pytest.param([BAD], {"active": True}, Policy(state=REPLACED), None, id="defaults for the rest"),
        pytest.param([BAD], {}, Policy(state=RESET), None, id="defaults for all"),
        pytest.param(
            [BAD, ONE],
            {"destinations": [{**BAD, "destination": "fax x. <A@example.org>", "state": "absent"}], "name": "x"},
            Policy(list_modes={"destinations": MERGE}),
            None,
            id="a merge that removes it",
        ),
        pytest.param(
            [EMPTY],
            {"destinations": [{"destination": "", "state": "absent"}], "name": "x"},
            Policy(list_modes={"destinations": MERGE}),
            None,
            id="a merge that removes the empty one",
        ),
        pytest.param([{**ONE, "destination": " a@example.org\n"}], {"name": "x"}, Policy(), None, id="outer blanks"),
        pytest.param([{**ONE, "destination": '"Fax, X" <a@example.org>'}], {"name": "x"}, Policy(), None, id="a name"),
    ],
)
def test_a_stored_value_that_the_server_would_not_take_is_an_obstacle(stored, declared, policy, path):
    """Seen on a running server: every PATCH is a 422 until the list is replaced."""
    before = canonical_settings(FAX_SETTINGS, {"active": False, "name": None, "t38": True, "destinations": stored})
    error = obstacle(FAX_SETTINGS, create_plan(FAX_SETTINGS, before, parsed(FAX_SETTINGS, declared), policy))
    if path is None:
        assert error is None
    else:
        assert (error.code, error.retryable) == ("stored_value_refused", False)
        assert error.message.startswith(f"{path} on the server is ")
        assert error.hint.startswith(ADVICE)


def test_the_server_checks_no_addresses_of_mail_to_fax():
    stored = {
        "secret_renew_notify": [{"destination": "nope"}],
        "acl": [{"from_email": "("}],
        "secret_key_renew": "never",
    }
    before = canonical_settings(MAIL2FAX_SETTINGS, {"active": False, "secret_key": None, **stored})
    plan = create_plan(MAIL2FAX_SETTINGS, before, {"active": True}, Policy())
    assert obstacle(MAIL2FAX_SETTINGS, plan) is None


def test_an_interval_that_is_none_is_an_obstacle():
    before = canonical_settings(MAIL2FAX_SETTINGS, {"active": False, "secret_key_renew": ""})
    error = obstacle(MAIL2FAX_SETTINGS, create_plan(MAIL2FAX_SETTINGS, before, {"active": True}, Policy()))
    assert error.message.startswith("secret_key_renew on the server is '', not one of never, daily")
    assert error.hint == "Declare secret_key_renew as well."
    wanted = {"active": True, "secret_key_renew": "never"}
    assert obstacle(MAIL2FAX_SETTINGS, create_plan(MAIL2FAX_SETTINGS, before, wanted, Policy())) is None


@given(cases())
def test_nothing_that_this_collection_has_written_is_an_obstacle(case):
    resource, _before, _declared, _policy = case
    assert obstacle(resource, plan_of(case)) is None


@given(cases())
def test_there_is_one_whole_value_operation_for_each_changed_field(case):
    resource, before, _declared, _policy = case
    plan = plan_of(case)
    managed = [field.name for field in resource.managed]
    changed = [change.field for change in plan.changes]
    assert changed == [name for name in managed if name in changed], "in the order of the table, none twice"
    assert [operation["path"] for operation in plan.patch] == [f"/{name}" for name in changed]
    for position, name in enumerate(changed):
        operation = plan.patch[position]
        assert operation["op"] == ("replace" if name in before else "add")
        assert sorted(operation) == ["op", "path", "value"]
        assert operation["value"] == plan.after[name]


@given(cases())
def test_only_what_differs_is_changed(case):
    resource, before, _declared, _policy = case
    plan = plan_of(case)
    changed = {change.field for change in plan.changes}
    left, right = as_sets(resource, before), as_sets(resource, plan.after)
    assert changed == {name for name in right if left[name] != right[name]}


@given(cases())
def test_current_settings_are_not_touched(case):
    resource, before, declared, policy = case
    copy = json.loads(json.dumps(before))
    create_plan(resource, before, parsed(resource, declared), policy)
    assert before == copy


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_lists_does_not_matter(case, rng):
    resource, before, declared, policy = case
    mixed_before = {name: shuffled(value, rng) for name, value in before.items()}
    mixed_declared = {name: shuffled(value, rng) for name, value in declared.items()}
    mixed = create_plan(resource, mixed_before, parsed(resource, mixed_declared), policy)
    plan = plan_of(case)
    assert mixed.patch == plan.patch
    assert as_sets(resource, mixed.after) == as_sets(resource, plan.after)


@given(cases(), st.booleans())
def test_the_case_of_addresses_does_not_matter(case, upper):
    resource, before, declared, policy = case
    plan = plan_of(case)
    recased = create_plan(resource, before, parsed(resource, with_case(resource, declared, upper)), policy)
    assert [change.field for change in recased.changes] == [change.field for change in plan.changes]
    assert as_sets(resource, recased.after) == as_sets(resource, plan.after)


@given(cases())
def test_no_secret_is_shown(case):
    resource, _before, _declared, _policy = case
    plan = plan_of(case)
    shown = [
        shown_changes(resource, plan),
        mask_patch(resource, plan.patch),
        mask_settings(resource, plan.before),
        mask_settings(resource, plan.after),
        shown_diff(resource, plan, "somebody") if plan.changes else None,
    ]
    assert SECRET_MARK not in json.dumps(shown)
    assert [entry["field"] for entry in shown[0]] == [change.field for change in plan.changes]


@given(cases())
def test_the_diff_is_yaml_of_what_differs(case):
    resource, _before, _declared, _policy = case
    plan = plan_of(case)
    if not plan.changes:
        return
    diff = shown_diff(resource, plan, "alice@example.org (3)")
    assert diff["before_header"] == diff["after_header"] == "alice@example.org (3)"
    assert yaml.safe_load(diff["before"]) == shown_side(resource, plan.before, plan.after, plan)
    assert yaml.safe_load(diff["after"]) == shown_side(resource, plan.after, plan.before, plan)
    assert diff["before"] != diff["after"], "a masked change is seen as well"


def shown_side(resource, side, other, plan):
    """Return what one side of a diff holds: masked values; of lists the elements that the other side does not have."""
    fields = {field.name: field for field in resource.managed}
    shown = {}
    for change in plan.changes:
        value = side[change.field]
        if isinstance(fields[change.field], ListOf):
            shown[change.field] = [element for element in value if element not in other[change.field]]
        elif fields[change.field].secret:
            shown[change.field] = None if value is None else MASK
        else:
            shown[change.field] = value
    return shown


def shuffled(value, rng: random.Random):
    if not isinstance(value, list):
        return value
    copy = list(value)
    rng.shuffle(copy)
    return copy


def with_case(resource, declared, upper):
    """Return declared values with all e-mail addresses in one case."""
    changed = dict(declared)
    for field in resource.lists:
        emails = {part.name for part in field.elements if isinstance(part, Address)}
        if field.name in changed:
            changed[field.name] = [
                {
                    name: (value.upper() if upper else value.lower()) if name in emails else value
                    for name, value in item.items()
                }
                for item in changed[field.name]
            ]
    return changed


# ---- decisions

A = {"destination": "a@example.org", "filetype": "TIFF", "incoming": True, "outgoing": True, "status": True}
B = {**A, "destination": "b@example.org", "filetype": "PDF"}
FAX = {"active": False, "name": None, "password": None, "t38": True, "ecm": True, "destinations": []}
M2F = {
    "active": True,
    "secret_key": "old",
    "secret_key_renew": "weekly",
    "secret_renew_notify": [{"destination": "a@example.org"}],
    "acl": [],
}
MERGING = Policy(list_modes={"destinations": MERGE})


@pytest.mark.parametrize(
    ("resource", "stored", "declared", "policy", "patch"),
    [
        pytest.param(FAX_SETTINGS, {}, {}, Policy(), [], id="nothing declared, nothing done"),
        pytest.param(FAX_SETTINGS, {}, {"active": False}, Policy(), [], id="the same value"),
        pytest.param(FAX_SETTINGS, {}, {"name": ""}, Policy(), [], id="an empty text is the same as none"),
        pytest.param(
            FAX_SETTINGS,
            {"name": "x"},
            {"name": ""},
            Policy(),
            [{"op": "replace", "path": "/name", "value": None}],
            id="an empty text clears",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"password": "old"},
            {"password": "new", "active": True},
            Policy(secrets={"password": ON_CREATE}),
            [{"op": "replace", "path": "/active", "value": True}],
            id="on_create leaves a password that is there",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"password": None},
            {"password": "new"},
            Policy(secrets={"password": ON_CREATE}),
            [{"op": "replace", "path": "/password", "value": "new"}],
            id="on_create sets a password that is missing",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"destinations": [A]},
            {"destinations": [{"destination": "A@Example.ORG"}]},
            Policy(),
            [],
            id="case of an address",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"destinations": [A, B]},
            {"destinations": [{"destination": "B@example.org", "filetype": "PDF"}]},
            Policy(),
            [{"op": "replace", "path": "/destinations", "value": [B]}],
            id="an element that stays keeps the server's spelling",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"destinations": [A]},
            {"destinations": [{"destination": "b@example.org", "filetype": "PDF"}]},
            MERGING,
            [{"op": "replace", "path": "/destinations", "value": [A, B]}],
            id="merge adds",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"destinations": [A, B]},
            {"destinations": [{"destination": "A@EXAMPLE.ORG", "state": "absent"}]},
            MERGING,
            [{"op": "replace", "path": "/destinations", "value": [B]}],
            id="merge removes",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"destinations": [B]},
            {"destinations": [{"destination": "a@example.org", "state": "absent"}]},
            MERGING,
            [],
            id="merge has nothing to remove",
        ),
        pytest.param(
            FAX_SETTINGS, {"destinations": [A]}, {"destinations": []}, MERGING, [], id="merge of nothing keeps all"
        ),
        pytest.param(
            FAX_SETTINGS,
            {"destinations": [A]},
            {"destinations": []},
            Policy(),
            [{"op": "replace", "path": "/destinations", "value": []}],
            id="replace by nothing removes all",
        ),
        pytest.param(
            FAX_SETTINGS,
            {"name": "x", "t38": False, "destinations": [A], "active": True, "password": "p"},
            {"active": True},
            Policy(state=REPLACED),
            [
                {"op": "replace", "path": "/name", "value": None},
                {"op": "replace", "path": "/password", "value": None},
                {"op": "replace", "path": "/t38", "value": True},
                {"op": "replace", "path": "/destinations", "value": []},
            ],
            id="replaced: what is not given goes to the platform's defaults",
        ),
        pytest.param(
            MAIL2FAX_SETTINGS,
            {},
            {"secret_key": "new"},
            Policy(state=RESET),
            [
                {"op": "replace", "path": "/active", "value": False},
                {"op": "replace", "path": "/secret_key", "value": None},
                {"op": "replace", "path": "/secret_key_renew", "value": "never"},
                {"op": "replace", "path": "/secret_renew_notify", "value": []},
            ],
            id="absent: everything goes to the defaults, whatever is given",
        ),
    ],
)
def test_decisions(resource, stored, declared, policy, patch):
    before = {**(FAX if resource is FAX_SETTINGS else M2F), **stored}
    assert create_plan(resource, before, parsed(resource, declared), policy).patch == patch


def test_a_server_without_a_field_gets_it_only_when_it_is_declared():
    """Servers before mr5.3 have no t38 and ecm, and drop them without a word: to send them would never come true."""
    before = {name: value for name, value in FAX.items() if name not in ("t38", "ecm")}
    for state in (REPLACED, RESET):
        assert create_plan(FAX_SETTINGS, before, {}, Policy(state=state)).patch == []
    declared = create_plan(FAX_SETTINGS, before, {"t38": True}, Policy())
    assert declared.patch == [{"op": "add", "path": "/t38", "value": True}]


def test_rules_that_the_server_has_twice_are_no_drift():
    rule = {"from_email": "a@example.org", "received_from": None, "destination": None, "use_regex": False}
    before = {**M2F, "acl": [rule, dict(rule)]}
    for policy in (Policy(), Policy(list_modes={"acl": MERGE})):
        assert create_plan(MAIL2FAX_SETTINGS, before, parsed(MAIL2FAX_SETTINGS, {"acl": [rule]}), policy).patch == []


@pytest.mark.parametrize(
    ("stored", "names"),
    [
        ({"active": True, "destinations": [B]}, []),
        ({"active": True, "destinations": [{**B, "destination": "B@EXAMPLE.ORG"}]}, []),
        ({"active": False, "destinations": [B]}, ["active"]),
        ({"active": True, "destinations": []}, ["destinations"]),
        ({"active": True, "destinations": [{**B, "outgoing": False}]}, ["destinations"]),
        ({"destinations": []}, ["active", "destinations"]),
    ],
)
def test_deviations_are_changed_fields_that_came_out_differently(stored, names):
    declared = parsed(FAX_SETTINGS, {"active": True, "destinations": [B]})
    plan = create_plan(FAX_SETTINGS, FAX, declared, Policy())
    assert deviations(FAX_SETTINGS, plan, {"name": "somebody else's change", **stored}) == names
