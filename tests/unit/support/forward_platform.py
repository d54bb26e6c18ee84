# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small platform in memory with call forwards: mappings, destination sets and profiles beside the subscribers."""

from __future__ import annotations

import copy
import json

from ansible_collections.ngcp.fax.plugins.module_utils._forwards.kinds import TYPES
from ansible_collections.ngcp.fax.plugins.module_utils._forwards.resource import FORWARD
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, response

OURS = "ngcp.fax"
MAPPINGS, SETS = "cfmappings", "cfdestinationsets"


def number_of(item):
    primary = item["primary_number"]
    return "".join(str(primary[part]) for part in ("cc", "ac", "sn")) if primary else None


class ForwardPlatform(Platform):
    """A platform whose subscribers have call forwards.

    :param profiles: attributes of subscriber profiles by id.
    """

    def __init__(self, subscribers=(), profiles=None, **options):
        super().__init__(subscribers, resource=FORWARD, **options)
        self.mappings = {number: self._empty() for number in self.subscribers}
        self.sets = {}
        self.profiles = profiles or {}
        self.methods = ["GET", "OPTIONS", "HEAD", "PATCH", "PUT"]

    # ---- for the tests

    def add_set(self, owner, *addresses, name=OURS):
        """Create a set and return its id; the word ``fax2mail`` becomes the owner's box."""
        identifier = max([0, *self.sets]) + 2
        destinations = [
            {"destination": self._address(owner, one), "priority": position, "timeout": 300}
            for position, one in enumerate(addresses, 1)
        ]
        self.sets[identifier] = {
            "id": identifier,
            "subscriber_id": owner,
            "name": name,
            "destinations": destinations,
        }
        return identifier

    def add(self, number, *addresses, short="cfu", name=OURS, owner=None, **fields):
        """Add a mapping with a set of its own and return the set's id."""
        identifier = self.add_set(owner or number, *(addresses or ("fax2mail",)), name=name)
        self.map(number, identifier, short=short, **fields)
        return identifier

    def map(self, number, set_id, short="cfu", **fields):
        """Add a mapping that uses a set."""
        mapping = {"destinationset": self.sets[set_id]["name"], "destinationset_id": set_id, "enabled": True, **fields}
        self.mappings[number][short].append(mapping)

    def leads_to(self, number, short="cfu"):
        """Return where the enabled mappings of a type lead."""
        return [
            destination["destination"]
            for mapping in self.mappings[number][short]
            if mapping["enabled"]
            for destination in self.sets[mapping["destinationset_id"]]["destinations"]
        ]

    @property
    def written(self):
        """The requests that write, in short."""
        return [str(request) for request in self.sent if request.method not in ("GET", "HEAD", "OPTIONS")]

    def state(self):
        """Return everything that can be written, to compare it."""
        return copy.deepcopy((self.mappings, self.sets))

    # ---- inside

    @staticmethod
    def _empty():
        return {**{one.short: [] for one in TYPES}, "cft_ringtimeout": None}

    def _address(self, owner, word):
        return f"sip:fax={number_of(self.subscribers[owner])}@fax2mail.local" if word == "fax2mail" else word

    def _answer(self, request):
        _nothing, _api, name, number = request.path.split("/")
        if request.method == "OPTIONS":
            return response(200, {"methods": self.methods})
        if request.method == "POST":
            return self._post(json.loads(request.body))
        if name == "subscriberprofiles":
            known = int(number) in self.profiles
            return (
                response(200, {"id": int(number), "attributes": self.profiles[int(number)]}) if known else failure(404)
            )
        if name not in (MAPPINGS, SETS):
            return super()._answer(request)
        items = self._items(name)
        if not number:
            return self._listed(name, items, request.params)
        if int(number) not in items:
            return failure(404, "Entity not found.")
        if request.method == "GET":
            return response(200, items[int(number)])
        if request.method == "DELETE":
            self._delete(int(number))
        elif name == MAPPINGS:
            self._patch(int(number), json.loads(request.body))
        else:
            self._fill(int(number), json.loads(request.body)[0]["value"])
        return response(204)

    def _items(self, name):
        if name == SETS:
            return self.sets
        return {number: {**one, "id": number} for number, one in self.mappings.items()}

    def _listed(self, name, items, params):
        owner = params.get("subscriber_id")
        found = [one for number, one in sorted(items.items()) if owner is None or one.get("subscriber_id") == owner]
        first = (params["page"] - 1) * params["rows"]
        shown = found[first : first + params["rows"]]
        return response(200, {"total_count": len(found), "_embedded": {f"ngcp:{name}": copy.deepcopy(shown)}})

    def _post(self, document):
        identifier = self.add_set(document["subscriber_id"], name=document["name"])
        self._fill(identifier, document["destinations"])
        return response(201, self.sets[identifier])

    def _fill(self, set_id, destinations):
        one = self.sets[set_id]
        one["destinations"] = [
            {**given, "destination": self._address(one["subscriber_id"], given["destination"])}
            for given in destinations
        ]

    def _delete(self, set_id):
        del self.sets[set_id]
        for types in self.mappings.values():
            for one in TYPES:
                types[one.short] = [each for each in types[one.short] if each["destinationset_id"] != set_id]

    def _patch(self, number, operations):
        stored = self.mappings[number]
        for operation in operations:
            short, value = operation["path"].split("/")[1], operation["value"]
            if short == "cft_ringtimeout":
                stored[short] = value
            elif operation["op"] == "remove":
                gone = value["destinationset_id"]
                stored[short] = [one for one in stored[short] if one["destinationset_id"] != gone]
            else:
                if operation["op"] == "replace":
                    stored[short], (value,) = [], value
                self._map(number, short, dict(value))

    def _map(self, number, short, value):
        inline = value.pop("destinationset", None)
        if inline is not None:
            value["destinationset_id"] = self.add_set(number, name=inline["name"])
            self._fill(value["destinationset_id"], inline["destinations"])
        self.map(number, short=short, set_id=value.pop("destinationset_id"), **value)
