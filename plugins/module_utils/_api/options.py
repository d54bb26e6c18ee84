# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The options that say where the platform is and who is calling, as an argument specification."""

from __future__ import annotations

from typing import Any

from .._raw_arguments import ENVIRONMENT, QUOTED
from .authentication import AUTO, METHODS


def connection_options() -> dict[str, Any]:
    """Return the options that say where the platform is and who is calling; see the doc fragment ``connection``."""
    return {
        "api_url": _from_environment("NGCP_API_URL", type="str", required=True),
        "api_username": _from_environment("NGCP_API_USERNAME", type="str", **{QUOTED: True}),
        "api_password": _from_environment("NGCP_API_PASSWORD", type="str", **{QUOTED: True}, no_log=True),
        "api_token": _from_environment("NGCP_API_TOKEN", type="str", **{QUOTED: True}, no_log=True),
        "api_otp": _from_environment("NGCP_API_OTP", type="str", **{QUOTED: True}, no_log=True),
        "client_cert": _from_environment("NGCP_API_CLIENT_CERT", type="path"),
        "client_key": _from_environment("NGCP_API_CLIENT_KEY", type="path", no_log=False),
        "auth_method": _from_environment("NGCP_API_AUTH_METHOD", type="str", choices=list(METHODS), default=AUTO),
        "validate_certs": _from_environment("NGCP_API_VALIDATE_CERTS", type="bool", default=True),
        "ca_path": _from_environment("NGCP_API_CA_PATH", type="path"),
        "timeout": _from_environment("NGCP_API_TIMEOUT", type="int", default=60),
        "retries": _from_environment("NGCP_API_RETRIES", type="int", default=3),
        "concurrency": _from_environment("NGCP_API_CONCURRENCY", type="int", default=4),
    }


def _from_environment(name: str, **option: Any) -> dict[str, Any]:
    """Return an option that falls back to an environment variable. The function that does so belongs to Ansible, so
    that the module's layer puts it in; here the variable is only named."""
    return {**option, ENVIRONMENT: name}
