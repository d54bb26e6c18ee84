# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way of a request through the platform: route, log-in, licence, role, handler."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from . import admincerts, costs, paging, settings
from .answers import (
    JSON,
    Answer,
    Refusal,
    document,
    error,
    error_page,
    internal_error,
    path_not_found,
    redirect,
    refuse,
)
from .authentication import Authentication
from .body import media_type
from .call import READING, Call
from .customers import Customers, Domains
from .faxes import Faxes
from .forwards import sets
from .forwards.mappings import Mappings
from .forwards.simple import SimpleForwards
from .login import Login
from .multipart import boundary_of
from .platform import Platform
from .platform_info import PlatformInfo
from .profiles import Profiles
from .recordings import Recordings
from .routes import ROUTES, Target, allowed_methods, find, identifier_of
from .scope import LICENSED, may_use
from .subscribers import Subscribers
from .writing import Writer

LARGEST_ID = 2**63 - 1
FAILING = ("deadlock", "collision")
"""Faults of the platform itself that end a write."""


class Dispatcher:
    """Answers requests."""

    def __init__(self, platform: Platform, authority: Any) -> None:
        self._platform = platform
        self._authentication = Authentication(platform)
        self._login = Login(platform, self._authentication)
        self._info = PlatformInfo(platform)
        self._faxes = Faxes(platform)
        self._recordings = Recordings(platform)
        self._certificates = admincerts.AdminCertificates(platform, authority)
        self._writers: dict[str, Writer] = {
            **settings.handlers(platform),
            **sets.handlers(platform),
            "cfmappings": Mappings(platform),
            "callforwards": SimpleForwards(platform),
        }
        self._tables: dict[str, Any] = {
            **self._writers,
            "faxes": self._faxes,
            "subscribers": Subscribers(platform),
            "customers": Customers(platform),
            "domains": Domains(platform),
            "capabilities": self._info,
            "subscriberprofiles": Profiles(platform),
        }
        self._workers: asyncio.Semaphore | None = None
        self._worker_count = 0

    async def answer(self, call: Call) -> Answer:
        """Answer a request, taking the time that the platform is set up to take."""
        workers = self._semaphore()
        if workers is None:
            return await self._process(call)
        async with workers:
            return await self._process(call)

    def _semaphore(self) -> asyncio.Semaphore | None:
        wanted = self._platform.switches.workers
        if wanted != self._worker_count:
            self._worker_count = wanted
            self._workers = asyncio.Semaphore(wanted) if wanted else None
        return self._workers

    async def _process(self, call: Call) -> Answer:
        try:
            return await self._respond(call)
        except Refusal as refusal:
            return refusal.answer

    async def _respond(self, call: Call) -> Answer:
        if self._platform.switches.database == "down":
            return settings_down(call)
        if call.path == "/login_jwt":
            answer = self._login.login(call)
            await self._wait(call, call.scheme == "password")
            return answer
        if call.path == "/api/platforminfo":
            return await self._platform_info(call)
        if call.path in ("/api/", "/api"):
            return await self._root(call)
        target = find(call.path)
        if target is None:
            return path_not_found()
        if target.missing_slash:
            location = f"/api/{target.resource}/" + (f"?{call.record.query}" if call.record.query else "")
            return redirect(location)
        route = ROUTES[target.resource]
        methods = route.collection if target.identifier is None else route.item
        if call.method not in methods:
            return path_not_found()
        if media_type(call).startswith("multipart/") and not boundary_of(media_type(call)):
            return Answer(400, b"Bad Request", "text/plain; charset=UTF-8")
        self._authenticate(call)
        self._permit(call, target)
        if call.method == "OPTIONS":
            await self._wait(call)
            return _options(allowed_methods(methods, call.user))
        paging.check_not_zero(call)
        return await self._handle(call, target)

    def _authenticate(self, call: Call) -> None:
        call.account = self._authentication.authenticate(call)
        call.record.account = call.account.username
        if call.account.password_expired:
            raise refuse(403, "Password expired")

    def _permit(self, call: Call, target: Target) -> None:
        """Check licence, role and read-only; a recording turns every refusal into a page."""
        recording = target.resource == "faxrecordings"
        licensed = self._platform.switches.license or self._platform.switches.edition == "spce"
        if target.resource in LICENSED and not licensed:
            raise Refusal(error_page(first_line=False)) if recording else refuse(403, "Invalid license")
        if not may_use(call.user, target.resource):
            raise Refusal(error_page()) if recording else refuse(403, "Invalid user")
        if call.user.read_only and call.method not in READING:
            if call.scheme == "bearer":
                raise refuse(403, "Forbidden")
            answer = error(403, "Invalid HTTP method for read-only user")
            answer.content_type = None
            raise Refusal(answer)

    async def _handle(self, call: Call, target: Target) -> Answer:
        if target.resource == "authtokens":
            await self._wait(call)
            return self._login.make_auth_token(call)
        if target.resource == "admincerts":
            await self._wait(call)
            return self._certificates.create(call)
        if target.resource == "faxrecordings":
            await self._wait(call)
            return self._recordings.get_item(call, target.identifier or "")
        handler = self._tables[target.resource]
        if target.identifier is None:
            return await self._collection(call, target.resource, handler)
        identifier = identifier_of(target.identifier)
        if identifier is None:
            if (target.resource, call.method) == ("cfmappings", "PUT"):
                raise refuse(404, "Entity 'subs_for_cfmapping' not found.")
            raise refuse(400, "Invalid id in request URI")
        identifier = -1 if abs(identifier) > LARGEST_ID else identifier
        return await self._item(call, target.resource, handler, identifier)

    async def _collection(self, call: Call, resource: str, handler: Any) -> Answer:
        if call.method == "POST":
            await self._wait(call)
            posted: Answer = handler.post(call)
            return posted
        with self._platform.database.lock:
            answer: Answer = handler.get_list(call)
        await self._wait(call, items=answer.body.count(b'"self":{') - 1 if self._platform.switches.item_delay else 0)
        page = call.text("page") or "1"
        for hook in list(self._platform.page_hooks):
            hook(resource, int(float(page)))
        return answer

    async def _item(self, call: Call, resource: str, handler: Any, identifier: int) -> Answer:
        if call.method in ("PUT", "PATCH") and resource in self._writers:
            return await self._write(call, self._writers[resource], identifier)
        await self._wait(call)
        with self._platform.database.lock:
            if call.method == "PATCH":
                patched: Answer = handler.patch_item(call, identifier)
                return patched
            if call.method == "DELETE":
                deleted: Answer = handler.delete_item(call, identifier)
                return deleted
            shown: Answer = handler.get_item(call, identifier)
            return shown

    async def _write(self, call: Call, handler: Writer, identifier: int) -> Answer:
        """Read the old document, take the time of a write, store the new one: parallel writes can be lost."""
        handler.writes_under_way += 1
        try:
            begin = handler.begin_put if call.method == "PUT" else handler.begin_patch
            wanted = begin(call, identifier)
            async with handler.turn(identifier):
                await self._wait(call)
                if call.record.fault in FAILING:
                    return handler.failure(call)
                repeated = handler.repeats(call)
                if repeated:
                    await asyncio.sleep(self._platform.switches.fax_deadlock_delay / 1000)
                with self._platform.database.lock:
                    return handler.finish(call, identifier, wanted, repeated)
        finally:
            handler.writes_under_way -= 1

    async def _platform_info(self, call: Call) -> Answer:
        if call.method != "GET":
            return path_not_found()
        if call.headers.get("Authorization") or call.certificate:
            self._authenticate(call)
        await self._wait(call)
        return self._info.info(call)

    async def _root(self, call: Call) -> Answer:
        if call.method not in ("GET", "HEAD", "OPTIONS"):
            return path_not_found()
        self._authenticate(call)
        await self._wait(call)
        return self._info.root(call)

    async def _wait(self, call: Call, password_checked: bool = False, items: int = 0) -> None:
        switches = self._platform.switches
        delay = (switches.read_delay if call.reading else switches.write_delay) * costs.factor(call)
        if password_checked or call.scheme == "basic":
            delay += switches.basic_delay
        delay += switches.item_delay * max(items, 0) * costs.cost_of(call).item
        if delay:
            await asyncio.sleep(delay / 1000)


def settings_down(call: Call) -> Answer:
    """Return what is left of the platform without its database."""
    if call.path == "/login_jwt":
        return Answer(500, b"<!DOCTYPE HTML>\n<!--[if lt IE 7]>\n", "text/html; charset=utf-8")
    return Answer(503)


def _options(methods: tuple[str, ...]) -> Answer:
    answer = document({"methods": list(methods)}, JSON)
    answer.headers["Allow"] = ", ".join(methods)
    return answer


def crashed() -> Answer:
    """Return the answer to a bug of the simulator's own."""
    return internal_error().answer


def now() -> float:
    """Return the real time, for durations."""
    return time.time()
