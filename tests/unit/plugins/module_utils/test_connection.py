# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a module's arguments to a client."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._connection import connect
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError

PARAMS = {
    "api_url": "https://ngcp.example.org:1443",
    "api_username": "administrator",
    "api_password": "pw",
    "api_token": None,
    "api_otp": None,
    "client_cert": None,
    "client_key": None,
    "auth_method": "auto",
    "validate_certs": True,
    "ca_path": None,
    "timeout": 60,
    "retries": 3,
    "concurrency": 4,
}


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("timeout", 0, False),
        ("timeout", 1, True),
        ("timeout", 3600, True),
        ("timeout", 3601, False),
        ("retries", -1, False),
        ("retries", 0, True),
        ("retries", 20, True),
        ("retries", 21, False),
        ("concurrency", 0, False),
        ("concurrency", 1, True),
        ("concurrency", 64, True),
        ("concurrency", 65, False),
    ],
)
def test_limits(name, value, accepted):
    params = {**PARAMS, name: value}
    if accepted:
        client = connect(params)
        options = client._transport.options
        assert getattr(options, name) == value
        client.close()
    else:
        with pytest.raises(InputError) as caught:
            connect(params)
        assert caught.value.field == name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"api_url": "http://ngcp.example.org"}, "api_url"),
        ({"api_username": None}, "api_username"),
        ({"client_key": "/tmp/key.pem"}, "client_cert"),
        ({"auth_method": "client_cert"}, "client_cert"),
        ({"client_cert": "/nonexistent.pem"}, "client_cert"),
        ({"ca_path": "/nonexistent.pem"}, "ca_path"),
    ],
)
def test_wrong_options(changes, field):
    with pytest.raises(InputError) as caught:
        connect({**PARAMS, **changes})
    assert caught.value.field == field


def test_options_reach_the_client():
    client = connect({**PARAMS, "concurrency": 9, "retries": 1, "validate_certs": False, "timeout": 5})
    options = client._transport.options
    assert (client.concurrency, client.retries, options.timeout, options.validate_certs) == (9, 1, 5, False)
    assert client.counters.requests == 0, "nothing is sent yet"
    client.close()
