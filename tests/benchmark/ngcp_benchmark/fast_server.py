# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that is not the bottleneck: the few requests of a settings run, answered from bytes that are ready.

It answers like the platform (a test compares it with the simulator), but keeps nothing but settings in memory and the
list of subscribers, which never changes. One thread for each connection, so that encryption runs beside Python.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO
from urllib.parse import parse_qs

import jsonpatch
import trustme
from ngcp_simulator import hal
from ngcp_simulator.columns import newer_defaults

from .fleet import RESOURCES, SUBSCRIBERS, Settings, subscriber

USERNAME = "benchmark"
PASSWORD = "not-a-secret"
TOKEN = "benchmark.token.of-no-platform"
HAL = 'application/hal+json; profile="http://purl.org/sipwise/ngcp-api/"; charset=utf-8'

_JSON = "application/json"
_ITEM = re.compile(rf"/api/({'|'.join(RESOURCES)})/(\d+)")
_LIST = re.compile(rf"/api/({'|'.join((*RESOURCES, SUBSCRIBERS))})/")
_FAX: Settings = {"active": False, "destinations": [], "ecm": True, "name": None, "password": None, "t38": True}
_MAIL: Settings = {
    "acl": [],
    "active": False,
    "last_secret_key_modify": None,
    "secret_key": None,
    "secret_key_renew": "never",
    "secret_renew_notify": [],
}
_DEFAULTS: dict[str, Settings] = {
    resource: dict(sorted({**known, **newer_defaults(resource)}.items()))
    for resource, known in zip(RESOURCES, (_FAX, _MAIL), strict=True)
}
# The resources whose items carry an id, and those that have a journal.
_WITH_ID = _WITH_JOURNAL = RESOURCES[:1]
_REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}

Answer = tuple[int, dict[str, str], bytes]


class FastServer:
    """Serves the settings of the subscribers 1 to ``count`` on a free port of the loopback interface."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.requests: Counter[str] = Counter()
        self.connections = 0
        self._settings: dict[tuple[str, int], Settings] = {}
        self._items: dict[tuple[str, int], bytes] = {}
        self._frames: dict[tuple[str, str], tuple[range, bytes]] = {}
        self._subscriber_pages: dict[str, bytes] = {}
        self._lock = threading.Lock()
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self.authority: bytes = authority.cert_pem.bytes()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1", key_type=trustme.KeyType.ECDSA).configure_cert(self._context)
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"https://127.0.0.1:{self._socket.getsockname()[1]}"
        basic = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
        self._accepted = (f"Bearer {TOKEN}", f"Basic {basic}")

    def start(self) -> None:
        """Answer requests from now on."""
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Take no more connections."""
        self._socket.close()

    def put(self, settings_of: Mapping[str, Callable[[int], Settings]]) -> None:
        """Store the settings of all subscribers, by resource; what is left out takes the platform's defaults."""
        for resource, settings in settings_of.items():
            for subscriber_id in range(1, self.count + 1):
                self._store(resource, subscriber_id, {**_DEFAULTS[resource], **settings(subscriber_id)})

    def settings(self, resource: str, subscriber_id: int) -> Settings:
        """Return what is stored for a subscriber."""
        return self._settings[resource, subscriber_id]

    def reset_counters(self) -> None:
        """Forget how many requests and connections there were."""
        with self._lock:
            self.requests.clear()
            self.connections = 0

    def _store(self, resource: str, subscriber_id: int, settings: Settings) -> None:
        place = resource, subscriber_id
        if self._settings.get(place) == settings:
            return
        links = hal.settings_links(resource, subscriber_id, resource in _WITH_JOURNAL)
        shown_id = {"id": subscriber_id} if resource in _WITH_ID else {}
        self._settings[place] = settings
        self._items[place] = _encoded({**settings, "_links": links, **shown_id})

    # ---- connections

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection until the client closes it."""
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._context.wrap_socket(connection, server_side=True) as secured, secured.makefile("rb") as stream:
                with self._lock:
                    self.connections += 1
                while self._serve_request(stream, secured):
                    pass
        except OSError:  # clients close connections as they like
            connection.close()

    def _serve_request(self, stream: BinaryIO, secured: ssl.SSLSocket) -> bool:
        """Answer one request, and return whether there may be another one."""
        line = stream.readline().decode("latin-1").split()
        if len(line) != 3:
            return False
        headers = _read_headers(stream)
        body = stream.read(int(headers.get("content-length", "0")))
        status, more, content = self._answer(line[0], line[1], headers, body)
        head = [f"HTTP/1.1 {status} {_REASONS[status]}", *(f"{name}: {value}" for name, value in more.items())]
        if status != 204:
            head.append(f"Content-Length: {len(content)}")
        secured.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + content)
        return headers.get("connection", "").lower() != "close"

    # ---- the API

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        path, _mark, query = target.partition("?")
        if (method, path) == ("POST", "/login_jwt"):
            return self._log_in(body)
        if headers.get("authorization") not in self._accepted:
            self._count("refused")
            return 401, {"Content-Type": "text/plain; charset=UTF-8"}, b"Authorization required."
        kind = _JSON if headers.get("accept") == _JSON else HAL
        listed = _LIST.fullmatch(path)
        if method == "GET" and listed:
            self._count("page")
            return 200, {"Content-Type": kind}, self._page(listed.group(1), query)
        match = _ITEM.fullmatch(path)
        place = (match.group(1), int(match.group(2))) if match else ("", 0)
        if method not in ("GET", "PATCH") or place not in self._items:
            self._count("unknown")
            return 404, {"Content-Type": _JSON}, _encoded({"code": 404, "message": "Path not found"})
        if method == "GET":
            self._count("item")
            return 200, {"Content-Type": kind}, self._items[place]
        return self._patch(place, kind, headers, body)

    def _patch(self, place: tuple[str, int], kind: str, headers: dict[str, str], body: bytes) -> Answer:
        self._count("patch")
        self._store(*place, jsonpatch.apply_patch(self._settings[place], json.loads(body)))
        if headers.get("prefer") != "return=representation":
            plain = {"Content-Type": kind} if kind == _JSON else {}
            return 204, {**plain, "Preference-Applied": "return=minimal"}, b""
        applied = {"Content-Type": kind, "Preference-Applied": "return=representation"}
        return 200, applied, self._items[place]

    def _log_in(self, body: bytes) -> Answer:
        self._count("login")
        kind = {"Content-Type": _JSON}
        if json.loads(body) != {"username": USERNAME, "password": PASSWORD}:
            return 400, kind, _encoded({"code": 400, "message": "User not found"})
        return 200, kind, _encoded({"id": 1, "jwt": TOKEN, "expires": 4_102_444_800})

    def _page(self, resource: str, query: str) -> bytes:
        if resource == SUBSCRIBERS:
            if query not in self._subscriber_pages:
                self._subscriber_pages[query] = self._subscriber_page(query)
            return self._subscriber_pages[query]
        if (resource, query) not in self._frames:
            self._frames[resource, query] = self._frame(resource, query)
        ids, frame = self._frames[resource, query]
        return _filled(resource, frame, [self._items[resource, subscriber_id] for subscriber_id in ids])

    def _subscriber_page(self, query: str) -> bytes:
        ids, frame = self._frame(SUBSCRIBERS, query)
        items = ({**subscriber(number), "_links": hal.common_links(SUBSCRIBERS, number)} for number in ids)
        return _filled(SUBSCRIBERS, frame, [_encoded(item) for item in items])

    def _frame(self, resource: str, query: str) -> tuple[range, bytes]:
        """Return what stands on a page, and all of the page but that."""
        wanted = {name: values[0] for name, values in parse_qs(query).items()}
        number, rows = int(wanted.get("page", "1")), int(wanted.get("rows", "10"))
        ids = range(1 + (number - 1) * rows, 1 + min(number * rows, self.count))
        others = "".join(f"&{name}={value}" for name, value in wanted.items() if name not in ("page", "rows"))
        neighbours = {"self": number, "next": number + 1, "prev": number - 1}
        if number * rows >= self.count:
            del neighbours["next"]
        if number == 1:
            del neighbours["prev"]
        links = {
            name: {"href": f"/api/{resource}/?page={other}&rows={rows}{others}"} for name, other in neighbours.items()
        }
        document = hal.page(resource, [], [], links, self.count, False)
        if ids:
            document["_links"][f"ngcp:{resource}"] = [{"href": f"/api/{resource}/{number}"} for number in ids]
        return ids, _encoded(document)

    def _count(self, kind: str) -> None:
        with self._lock:
            self.requests[kind] += 1


def _filled(resource: str, frame: bytes, items: list[bytes]) -> bytes:
    """Return a page with its items."""
    return b'{"_embedded":{"ngcp:%b":[%b]},%b' % (resource.encode(), b",".join(items), frame[1:]) if items else frame


def _encoded(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    while True:
        name, colon, value = stream.readline().decode("latin-1").partition(":")
        if not colon:
            return headers
        headers[name.lower()] = value.strip()
