# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain HTTP sessions, and logging in with them."""

from __future__ import annotations

import requests

TIMEOUT = 60


def plain_session(verify: bool | str = True) -> requests.Session:
    """Return a session that takes nothing from the environment (proxies, authorities).

    :param verify: file of the certificate authority, or whether to check certificates at all.
    """
    session = requests.Session()
    session.trust_env = False
    session.verify = verify
    return session


def log_in(session: requests.Session, url: str, username: str, password: str) -> str:
    """Return a new JWT; raise RuntimeError if the platform refuses it."""
    wanted = {"username": username, "password": password}
    answer = session.post(f"{url}/login_jwt", json=wanted, timeout=TIMEOUT, allow_redirects=False)
    if answer.status_code != 200:
        raise RuntimeError(f"log-in of {username} failed: {answer.status_code} {answer.content[:200]!r}")
    return str(answer.json()["jwt"])
