# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bare cost of HTTP: the requests of a fleet run, sent with ``requests`` and nothing else.

It is told what to correct, so that it neither reads a fleet nor compares; it decodes the answers, without which nobody
could compare. Run as a script: ``floor.py SUBSCRIBERS CORRECTIONS.json CONCURRENCY LIST...``, with the names of the
lists to read; where to is in the environment.
"""

from __future__ import annotations

import itertools
import json
import os
import pathlib
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from requests.adapters import HTTPAdapter

ROWS = 100


def main(subscribers: int, corrections: pathlib.Path, concurrency: int, lists: Sequence[str]) -> None:
    """Log in, read all pages of all lists, send the corrections."""
    url = os.environ["NGCP_API_URL"]
    with requests.Session() as session, ThreadPoolExecutor(concurrency) as pool:
        session.trust_env = False
        session.verify = os.environ["NGCP_API_CA_PATH"]
        session.mount("https://", HTTPAdapter(pool_maxsize=concurrency))
        login = {"username": os.environ["NGCP_API_USERNAME"], "password": os.environ["NGCP_API_PASSWORD"]}
        token = _checked(session.post(f"{url}/login_jwt", json=login))["jwt"]
        session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

        def read(place: tuple[str, int]) -> int:
            name, page = place
            answer = _checked(session.get(f"{url}/api/{name}/?page={page}&rows={ROWS}&order_by=id"))
            return len(answer["_embedded"][f"ngcp:{name}"])

        def write(correction: tuple[str, int, Any]) -> None:
            name, subscriber_id, patch = correction
            headers = {"Content-Type": "application/json-patch+json", "Prefer": "return=representation"}
            body = json.dumps(patch)
            _checked(session.patch(f"{url}/api/{name}/{subscriber_id}", data=body, headers=headers))

        pages = range(1, -(-subscribers // ROWS) + 1)
        read_items = sum(pool.map(read, itertools.product(lists, pages)))
        if read_items != subscribers * len(lists):
            raise SystemExit(f"{read_items} of {subscribers * len(lists)} items were on the pages")
        if corrections.name != "none":
            list(pool.map(write, json.loads(corrections.read_text(encoding="utf-8"))))


def _checked(response: requests.Response) -> dict[str, Any]:
    response.raise_for_status()
    document: dict[str, Any] = response.json()
    return document


if __name__ == "__main__":
    main(int(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
