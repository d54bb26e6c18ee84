# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all unit tests share: profiles of Hypothesis, a clean environment, and no real waiting."""

from __future__ import annotations

import os
import time

import pytest
from hypothesis import HealthCheck, settings

from ansible_collections.ngcp.fax.plugins.module_utils._interruption import Interruption

# ``ci`` finds the same examples in every run; ``deep`` is for a long look by hand: HYPOTHESIS_PROFILE=deep.
settings.register_profile(
    "ci", max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "deep", max_examples=3000, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_LIBRARIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """Take out of the environment what the code under test reads."""
    for name in list(os.environ):
        if name.startswith("NGCP_API_") or name.lower() in _PROXIES or name in _LIBRARIES:
            monkeypatch.delenv(name)


@pytest.fixture
def pauses(monkeypatch):
    """Replace waiting by a list of the seconds that would have been waited."""
    waited = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(Interruption, "pause", lambda _self, seconds: waited.append(seconds))
    return waited
