# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Regular expressions that nothing here can judge: a warning, once for each, and not too many."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._settings.advice import advice
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Declaration, parse_fields
from ansible_collections.ngcp.fax.plugins.module_utils._settings.outcomes import Outcome
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import Policy
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import SubscriberKeys


def warnings(*rule_lists, path="subscribers[{}]", shared=False):
    """Return the warnings about entries with these lists of rules."""
    parsed = [parse_fields(MAIL2FAX_SETTINGS, {"acl": rules}) for rules in rule_lists]
    if shared:
        parsed = parsed * 3
    declarations = [
        Declaration(index, path.format(index), SubscriberKeys(index + 1), fields) for index, fields in enumerate(parsed)
    ]
    return advice(
        MAIL2FAX_SETTINGS, [Outcome(MAIL2FAX_SETTINGS, declaration) for declaration in declarations], Policy()
    )


def pattern(text, part="from_email"):
    return {part: text, "use_regex": True}


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (r"\p{L}+@x", 0),
        (r"a\h", 1),
        (r"(?<n>a)", 1),
        pytest.param(r"a(?i)b", 1, marks=pytest.mark.skipif(sys.version_info < (3, 11), reason="Python takes it")),
        pytest.param(r"x\z", 1, marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="Python takes it")),
        ("(", 0),
        ("[a", 0),
        ("a{2,1}", 2),
        ("\\", 0),
    ],
)
@pytest.mark.parametrize("part", ["from_email", "received_from", "destination"])
def test_a_pattern_that_cannot_be_compiled_is_a_warning(text, position, part):
    (warning,) = warnings([{"from_email": "x"}, pattern(text, part)])
    assert warning.startswith(f"subscribers[0] (1), acl[1].{part}: {text!r} cannot be compiled by Python (")
    assert f"at position {position})" in warning
    assert "Perl" in warning


@pytest.mark.parametrize(
    "rules",
    [
        [pattern(r".*@example\.org")],
        [pattern("^43", "destination")],
        [{"from_email": "(", "use_regex": False}],
        [{"from_email": "*"}],
        [{"use_regex": True}],
        [],
    ],
)
def test_what_is_not_worth_a_warning(rules):
    assert warnings(rules) == []


def test_each_pattern_is_told_once():
    found = warnings([pattern("("), pattern("(", "destination")], [pattern("(")], [pattern("[")])
    assert [text.split(":")[0] for text in found] == [
        "subscribers[0] (1), acl[0].from_email",
        "subscribers[2] (3), acl[0].from_email",
    ]


def test_the_rules_of_the_task_itself_belong_to_no_entry():
    (warning,) = warnings([pattern("(")], shared=True)
    assert warning.startswith("acl[0].from_email: '(' cannot")


def test_the_number_of_warnings_has_a_limit():
    found = warnings(*([pattern("(" * number)] for number in range(1, 21)))
    assert len(found) == 11
    assert found[-1] == "10 more regular expressions cannot be compiled here."


@pytest.mark.parametrize("text", ["(\x1b]0;x\x07", "[" + "\n" * 5, "(?P<\x1b>a)", "(" * 255, "a{99999999999999999999}"])
def test_warnings_are_short_and_printable(text):
    for warning in warnings([pattern(text)]):
        assert warning.isprintable()
        assert len(warning) < 400
