# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The garbage collector is as it was afterwards, whatever happens meanwhile."""

from __future__ import annotations

import gc

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._concurrency import collection_paused


@pytest.fixture(params=[True, False], ids=["on", "off"])
def enabled(request):
    """Switch the collector on or off for a test."""
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_it_is_as_before_in_the_end(enabled):
    with collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled() is enabled


def test_it_is_as_before_after_an_error(enabled):
    with pytest.raises(KeyError), collection_paused():
        raise KeyError
    assert gc.isenabled() is enabled
