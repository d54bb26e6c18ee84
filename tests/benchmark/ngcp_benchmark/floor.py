# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare cost of HTTP: the requests of a fleet run, sent with ``requests`` and nothing else.

It is told what to correct, so that it neither reads a fleet nor compares; it decodes the answers, without which nobody
could compare. Run as a script: ``floor.py SUBSCRIBERS CORRECTIONS.json CONCURRENCY``; where to is in the environment.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from requests.adapters import HTTPAdapter

ROWS = 100


def main(subscribers: int, corrections: pathlib.Path, concurrency: int) -> None:
    """Log in, read all pages, send the corrections."""
    url = os.environ["NGCP_API_URL"]
    settings = f"{url}/api/faxserversettings/"
    with requests.Session() as session, ThreadPoolExecutor(concurrency) as pool:
        session.trust_env = False
        session.verify = os.environ["NGCP_API_CA_PATH"]
        session.mount("https://", HTTPAdapter(pool_maxsize=concurrency))
        login = {"username": os.environ["NGCP_API_USERNAME"], "password": os.environ["NGCP_API_PASSWORD"]}
        token = _checked(session.post(f"{url}/login_jwt", json=login))["jwt"]
        session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

        def read(page: int) -> int:
            answer = _checked(session.get(f"{settings}?page={page}&rows={ROWS}&order_by=id"))
            return len(answer["_embedded"]["ngcp:faxserversettings"])

        def write(correction: tuple[int, Any]) -> None:
            headers = {"Content-Type": "application/json-patch+json", "Prefer": "return=representation"}
            body = json.dumps(correction[1])
            _checked(session.patch(f"{settings}{correction[0]}", data=body, headers=headers))

        read_items = sum(pool.map(read, range(1, -(-subscribers // ROWS) + 1)))
        if read_items != subscribers:
            raise SystemExit(f"{read_items} of {subscribers} subscribers were on the pages")
        if corrections.name != "none":
            list(pool.map(write, json.loads(corrections.read_text(encoding="utf-8"))))


def _checked(response: requests.Response) -> dict[str, Any]:
    response.raise_for_status()
    document: dict[str, Any] = response.json()
    return document


if __name__ == "__main__":
    main(int(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]))
