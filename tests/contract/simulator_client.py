# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plain client for tests of the simulator."""

from __future__ import annotations

import json
from typing import Any

import requests
from ngcp_simulator import Simulator
from sessions import TIMEOUT, log_in, plain_session

REPRESENTATION = {"Content-Type": "application/json-patch+json", "Prefer": "return=representation"}


class Api:
    """One client with one connection; logs in with a JWT unless told otherwise."""

    def __init__(self, simulator: Simulator, account: str = "admin", log_in_first: bool = True) -> None:
        login = simulator.accounts[account]
        self.url = simulator.url if login.subscriber_id is None else simulator.subscriber_url
        self.session = plain_session(simulator.ca_path)
        if log_in_first:
            token = log_in(self.session, self.url, login.username, login.password)
            self.session.headers["Authorization"] = f"Bearer {token}"

    def send(self, method: str, path: str, **more: Any) -> requests.Response:
        """Send a request."""
        more.setdefault("timeout", TIMEOUT)
        return self.session.request(method, self.url + path, allow_redirects=False, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        """Send a GET."""
        return self.send("GET", path, **more)

    def patch(self, path: str, operations: list[dict[str, Any]], **more: Any) -> requests.Response:
        """Send a PATCH and ask for the representation."""
        return self.send("PATCH", path, data=json.dumps(operations), headers=REPRESENTATION, **more)

    def items(self, path: str) -> list[dict[str, Any]]:
        """Return the items of a page."""
        embedded = self.get(path).json().get("_embedded", {})
        found: list[dict[str, Any]] = next(iter(embedded.values()), [])
        return found
