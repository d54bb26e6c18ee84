# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mode, owner and group: wrong ones are found before anything is downloaded."""

from __future__ import annotations

import grp
import os
import pwd

import pytest
from hypothesis import given, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.file_attributes import check_attributes


@pytest.mark.parametrize(
    "mode",
    [
        None, "0644", "644", "0o640", "0600", "0400", "0440", "2640", "00640", " 0640 ",
        0o644, 0o640, 0o600, 0o660, 0o664, 0o444, 0o440, 0o400, 0o755, 0o777, 0o700, 0o750,
        "u=rw", "u=rw,g=r", "u=rw,g=r,o=", "g+r", "a+r", "+x", "a=r", "u-w", "ug=rw,o-rwx", "g=u", "u=rX,go=", "u-r+r",
    ],
)  # fmt: skip
def test_good_modes(mode):
    check_attributes({"mode": mode})


@pytest.mark.parametrize(
    "mode",
    [644, 640, 600, 660, 664, 666, 444, 440, 400, 755, 750, 700, 777, 0, -1, 1, 0o10644, 4644, 0o4755, 10**30],
)
def test_numbers_without_their_zero(mode):
    with pytest.raises(InputError, match="unquoted number") as caught:
        check_attributes({"mode": mode})
    assert caught.value.field == "mode" and "Quote it" in caught.value.hint


@pytest.mark.parametrize(
    "mode",
    [
        "", " ", "0", "000", "0044", "0200", "888", "99", "10644", "rw", "u", "u=", "u-r", "a=", "=", "g=r,u=", "u=g",
        "u=w", "preserve", "u=rw;g=r", "u=rw,", "z+r", "u+q", True, False, 0.5, 416.0, ["0644"], {"mode": 1}, "0x1A4",
        "\ud800", "٦٤٤",
    ],
)  # fmt: skip
def test_bad_modes(mode):
    with pytest.raises(InputError) as caught:
        check_attributes({"mode": mode})
    assert caught.value.field == "mode" and len(caught.value.message) < 400


@given(st.integers(0, 0o7777))
def test_a_mode_in_quotes_is_taken_as_it_is(mode):
    """As long as the owner can read."""
    try:
        check_attributes({"mode": f"{mode:04o}"})
    except InputError:
        assert not mode & 0o400
    else:
        assert mode & 0o400


@given(st.text(max_size=12) | st.text(st.sampled_from("ugoarwxXst+-=,07 "), max_size=12))
def test_any_text_is_a_mode_or_refused(text):
    try:
        check_attributes({"mode": text})
    except InputError as error:
        assert error.field == "mode"


def test_names():
    me, mine = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    check_attributes({"owner": me, "group": mine})
    check_attributes({"owner": "0", "group": "65534"})
    check_attributes({"owner": None, "group": None})


@pytest.mark.parametrize("field", ["owner", "group"])
@pytest.mark.parametrize("name", ["", " ", "nobody-of-this-name", "4294967295", "9" * 30, "a\0b", "\ud800", "²"])
def test_unknown_names(field, name):
    with pytest.raises(InputError) as caught:
        check_attributes({field: name})
    assert caught.value.field == field
