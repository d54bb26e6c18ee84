# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of many entries at once are those that each of them gives by itself."""

from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._subscribers.keys import (
    KEY_NAMES,
    SubscriberKeys,
    parse_keys,
    usual_keys,
)

VALUES = {
    "subscriber_id": st.integers(-1, 10**19)
    | st.sampled_from((1, "1", "007", " 7 ", "٣", "0", "", "1" * 19, True, None)),
    "subscriber": st.sampled_from(("a@b.org", " A@b.org ", "x", "", None, 5)),
    "number": st.sampled_from(("+43 1 2", "431", "x", None, 431)),
    "subscriber_external_id": st.sampled_from(("x", " ", None, 1)),
}
ENTRIES = st.sets(st.sampled_from(KEY_NAMES)).flatmap(
    lambda names: st.lists(
        st.fixed_dictionaries({name: VALUES[name] for name in sorted(names)}), min_size=1, max_size=4
    )
)


@given(ENTRIES)
@example([{"subscriber_id": "1" * 18}, {"subscriber_id": "2"}])
@example([{"subscriber_id": "1" * 19}, {"subscriber_id": "2"}])
@example([{"subscriber_id": "00"}, {"subscriber_id": "2"}])
@example([{"subscriber_id": 1, "subscriber": "a@b.org"}, {"subscriber_id": None, "subscriber": "c@b.org"}])
def test_many_keys_at_once(entries):
    try:
        expected = [parse_keys(entry) for entry in entries]
    except InputError:
        expected = None
    found = usual_keys(entries)
    assert found == expected
    assert [type(one.subscriber_id) for one in found or ()] == [type(one.subscriber_id) for one in expected or ()]


@pytest.mark.parametrize(
    ("entries", "keys"),
    [
        ([{"subscriber_id": "7"}, {"subscriber_id": "8"}], [SubscriberKeys(7), SubscriberKeys(8)]),
        ([{"number": "+43 1"}], [SubscriberKeys(number="431")]),
        ([{"active": True}], None),
        ([{"subscriber_id": 0}, {"subscriber_id": 1}], None),
    ],
)
def test_what_comes_of_them(entries, keys):
    assert usual_keys(entries) == keys
