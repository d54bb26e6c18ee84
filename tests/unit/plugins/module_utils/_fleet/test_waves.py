# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which portions a fleet is written, and when the next one is not tried."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.waves import (
    DEFAULT_WAVES,
    check_waves,
    guard_failures,
    in_waves,
)


@pytest.mark.parametrize(
    ("waves", "count", "sizes"),
    [
        (DEFAULT_WAVES, 0, []),
        (DEFAULT_WAVES, 1, [1]),
        (DEFAULT_WAVES, 5, [1, 4]),
        (["1", "1%", "10%", "100%"], 200, [1, 2, 20, 177]),
        (["1", "1%", "10%", "100%"], 20, [1, 1, 2, 16]),
        (["3"], 8, [3, 3, 2]),
        (["100%"], 8, [8]),
        (["50%"], 8, [4, 4]),
        ([1, 5], 12, [1, 5, 5, 1]),
    ],
)
def test_sizes(waves, count, sizes):
    assert [len(wave) for wave in in_waves(range(count), waves)] == sizes


@given(
    st.integers(0, 300),
    st.lists(st.integers(1, 100).flatmap(lambda n: st.sampled_from([str(n), f"{n}%"])), min_size=1, max_size=5),
)
def test_everybody_is_in_exactly_one_wave(count, waves):
    assert [item for wave in in_waves(range(count), waves) for item in wave] == list(range(count))


@pytest.mark.parametrize(
    ("waves", "field", "message"),
    [
        ([], "waves", "must not be empty"),
        (["0"], "waves[0]", "must be greater than zero"),
        (["1", "0%"], "waves[1]", "must be greater than zero"),
        (["1", "many"], "waves[1]", "must be a number or a percentage"),
        (["-1"], "waves[0]", "must be a number or a percentage"),
        (["101%"], "waves[0]", "must be a number or a percentage"),
        (["9" * 5000], "waves[0]", "must be a number or a percentage"),
        (["1", "9" * 5000 + "%"], "waves[1]", "must be a number or a percentage"),
    ],
)
def test_wrong_waves(waves, field, message):
    with pytest.raises(InputError) as caught:
        check_waves(waves)
    assert caught.value.field == field
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("failed", "written", "limit", "stops"),
    [
        (0, 1, "0", False),
        (1, 1, "0", True),
        (1, 1, None, False),
        (1, 1, "1", False),
        (2, 100, "1", True),
        (1, 1, "5%", True),
        (1, 20, "5%", False),
        (2, 20, "5%", True),
    ],
)
def test_failures_before_the_next_wave(failed, written, limit, stops):
    if not stops:
        guard_failures(failed, written, 2, limit)
        return
    with pytest.raises(FaxError) as caught:
        guard_failures(failed, written, 2, limit)
    assert caught.value.code == "too_many_failures"
    assert f"{failed} of {written} subscriber" in caught.value.message and "2 waves" in caught.value.message
