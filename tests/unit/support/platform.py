# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small platform in memory. It takes the place of the transport, so that the real client works with it."""

from __future__ import annotations

import json
import threading
from contextlib import closing

from ansible_collections.ngcp.fax.plugins.module_utils._api.authentication import BASIC, Credentials
from ansible_collections.ngcp.fax.plugins.module_utils._api.client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import (
    Address,
    Counters,
    Response,
    TransportOptions,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host

JSON_TYPE = {"Content-Type": "application/json"}


def response(status, document=None, **headers):
    """Return an answer with a JSON body, or an empty one."""
    body = b"" if document is None else json.dumps(document).encode()
    return Response(status, {**JSON_TYPE, **headers}, body)


def failure(status, message="Something is wrong."):
    """Return an answer in the shape of the server's errors."""
    return response(status, {"code": status, "message": message})


def subscriber(number, **fields):
    """Return an item of ``/api/subscribers/``."""
    return {
        "id": number,
        "username": f"user{number}",
        "domain": "example.org",
        "customer_id": 10,
        "external_id": None,
        "primary_number": {"cc": "43", "ac": "1", "sn": str(number), "number_id": number},
        "alias_numbers": [],
        **fields,
    }


def defaults(resource):
    """Return the settings of a subscriber that nobody has touched."""
    return {field.name: field.reset_value for field in resource.fields}


class Request:
    """A request as it was sent."""

    def __init__(self, method, path, params, headers, body, retryable):
        self.method, self.path, self.params, self.retryable = method, path, dict(params or {}), retryable
        self.headers, self.body = dict(headers or {}), body

    def __str__(self):
        shown = {name: value for name, value in self.params.items() if name not in ("rows", "order_by")}
        query = "&".join(f"{name}={value}" for name, value in sorted(shown.items()))
        return f"{self.method} {self.path}" + (f"?{query}" if query else "")

    __repr__ = __str__


class Platform:
    """Collections of subscribers and customers, and the settings of one resource or more.

    :param settings: of the resource, by subscriber; what is not given has its default.
    :param others: the same for further resources.
    :param ignored: filters that this server does not know; it ignores them.
    """

    def __init__(
        self,
        subscribers=(),
        settings=None,
        customers=(),
        resource=FAX_SETTINGS,
        concurrency=1,
        retries=3,
        ignored=(),
        others=None,
    ):
        self.resource = resource
        self.address = Address("https://platform.test:1443")
        self.options = TransportOptions(concurrency=concurrency, retries=retries)
        self.counters = Counters()
        self.subscribers = {item["id"]: item for item in subscribers}
        self.customers = list(customers)
        stores = {resource: settings, **(others or {})}
        self.stores = {one.name: self._filled(one, given) for one, given in stores.items()}
        self.settings = self.stores[resource.name]
        self.ignored = ignored
        self.sent = []
        self.username = "administrator"
        self.closed = False
        self._effects = []
        self._lock = threading.Lock()

    # ---- for the tests

    def host(self, check_mode=False):
        """Return a host whose tasks work on this platform."""
        return Host(check_mode, lambda _params: closing(self.client()))

    def client(self):
        """Return a client of this platform that does not have to log in."""
        return Client(self, Credentials(method=BASIC, username=self.username, password="pw"))

    def meet(self, method, path, *effects, again=False):
        """Let the next requests of a method to a path (or below it) have other effects: an answer, an exception to
        raise, None for the usual effect, or a function of platform and request that returns one of them.

        :param again: go on with the last effect for ever.
        """
        self._effects.append((method, path, list(effects), again))

    @property
    def log(self):
        """Every request in short, in the order in which they were sent."""
        return [str(request) for request in self.sent]

    @property
    def writes(self):
        """Ids of the subscribers that were written to, in that order."""
        return [int(request.path.rsplit("/", 1)[1]) for request in self.sent if request.method == "PATCH"]

    @property
    def written(self):
        """What was written to, as pairs of resource and subscriber's id, in that order."""
        return [
            (request.path.split("/")[2], int(request.path.rsplit("/", 1)[1]))
            for request in self.sent
            if request.method == "PATCH"
        ]

    def apply(self, request):
        """Write what a request says."""
        _empty, _api, name, number = request.path.split("/")
        settings = self.stores[name]
        for operation in json.loads(request.body):
            settings[int(number)] = {**settings[int(number)], operation["path"][1:]: operation["value"]}

    # ---- for the client

    def send(self, method, path, *, params=None, headers=None, body=None, retryable=False, **_how_often):
        request = Request(method, path, params, headers, body, retryable)
        with self._lock:
            self.counters.count()
            self.sent.append(request)
            effect = self._effect(request)
            while callable(effect):
                effect = effect(self, request)
            if isinstance(effect, Exception):
                raise effect
            return effect or self._answer(request)

    def close(self):
        self.closed = True

    # ---- inside

    def _filled(self, resource, settings):
        known = self.subscribers if settings is None else settings
        return {number: {**defaults(resource), **(settings or {}).get(number, {})} for number in known}

    def _effect(self, request):
        for method, path, effects, again in self._effects:
            if request.method == method and request.path.startswith(path) and effects:
                return effects[0] if again and len(effects) == 1 else effects.pop(0)
        return None

    def _answer(self, request):
        _empty, _api, name, number = request.path.split("/")
        if not number:
            return self._page(name, request.params)
        customers = {item["id"]: item for item in self.customers}
        items = {"subscribers": self.subscribers, "customers": customers, **self.stores}[name]
        if int(number) not in items:
            return failure(404, f"Entity '{name}' not found.")
        if request.method == "PATCH":
            self.apply(request)
        return response(200, {**items[int(number)], "_links": {"self": {"href": request.path}}})

    def _page(self, name, params):
        if name in self.stores:
            items = [
                {**settings, "_links": {"self": {"href": f"/api/{name}/{number}"}}}
                for number, settings in sorted(self.stores[name].items())
            ]
        else:
            known = {"subscribers": list(self.subscribers.values()), "customers": self.customers}[name]
            items = sorted((item for item in known if self._fits(item, params)), key=lambda item: item["id"])
        first = (params["page"] - 1) * params["rows"]
        shown = items[first : first + params["rows"]]
        document = {"total_count": len(items)}
        if shown:
            document["_embedded"] = {f"ngcp:{name}": shown}
        return response(200, document)

    def _fits(self, item, params):
        for name, wanted in params.items():
            if name in ("page", "rows", "order_by", *self.ignored):
                continue
            if not _FILTERS[name](item, str(wanted).replace("\\*", "*").lower()):
                return False
        return True


def _number(parts):
    return "".join(str(parts[name]) for name in ("cc", "ac", "sn")) if parts else ""


_FILTERS = {
    "username": lambda item, text: item["username"].lower() == text,
    "domain": lambda item, text: item["domain"].lower() == text,
    "customer_id": lambda item, text: str(item["customer_id"]) == text,
    "external_id": lambda item, text: str(item["external_id"]).lower() == text,
    "subscriber_external_id": lambda item, text: str(item["external_id"]).lower() == text,
    "not_status": lambda item, text: item["status"] != text,
    "primary_number": lambda item, text: _number(item["primary_number"]) == text,
    "alias": lambda item, text: text in (_number(parts) for parts in (item["primary_number"], *item["alias_numbers"])),
}
