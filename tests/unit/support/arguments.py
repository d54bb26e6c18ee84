# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arguments that both places where a task runs have to treat in the same way."""

from __future__ import annotations

# The variables of the environment, and what their options are when these are empty.
EMPTY_VARIABLES = {
    "NGCP_API_USERNAME": None,
    "NGCP_API_PASSWORD": None,
    "NGCP_API_TOKEN": None,
    "NGCP_API_OTP": None,
    "NGCP_API_CLIENT_CERT": None,
    "NGCP_API_CLIENT_KEY": None,
    "NGCP_API_AUTH_METHOD": "auto",
    "NGCP_API_VALIDATE_CERTS": True,
    "NGCP_API_CA_PATH": None,
    "NGCP_API_TIMEOUT": 60,
    "NGCP_API_RETRIES": 3,
    "NGCP_API_CONCURRENCY": 4,
}

# What Ansible would turn into something else without a word, the option that an error names, and words of it.
RAW_CASES = [
    ({"number": 17932}, "number", "must be a string, not a number; quote it"),
    ({"subscriber_external_id": 83}, "subscriber_external_id", "quote it"),
    ({"subscriber_id": 1, "password": 83}, "password", "quote it"),
    ({"subscriber_id": 1, "name": True}, "name", "must be a string, not a boolean; quote it"),
    ({"subscriber_id": 1, "password": ["a", "b"]}, "password", "must be a string, not a list"),
    ({"subscriber_id": 1, "name": {"a": 1}}, "name", "must be a string, not a dictionary"),
    ({"subscriber_id": 1, "api_password": 83}, "api_password", "quote it"),
    ({"subscriber_id": 1, "api_otp": 12345}, "api_otp", "quote it"),
    ({"select": {"customer_external_id": 83}}, "select.customer_external_id", "quote it"),
    ({"destinations": [{"destination": 83}]}, "destinations[0].destination", "quote it"),
]
