# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fax journal in memory. It takes the place of the client."""

from __future__ import annotations

import struct
from contextlib import closing

from ansible_collections.ngcp.fax.plugins.module_utils._api.client import Page
from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Counters
from ansible_collections.ngcp.fax.plugins.module_utils._errors import LostResponseError, NotFoundError, ServerError
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS
from ansible_collections.ngcp.fax.plugins.module_utils._task import Host
from ansible_collections.ngcp.fax.tests.unit.support.platform import defaults


def tiff(content=b"x" * 80, order="<"):
    """Return a small TIFF of one page whose image has some content."""
    magic = {"<": b"II*\0", ">": b"MM\0*"}[order]
    fields = [(256, 4, 1, 8), (257, 4, 1, len(content)), (273, 4, 1, 8), (279, 4, 1, len(content))]
    directory = struct.pack(f"{order}H", len(fields))
    directory += b"".join(struct.pack(f"{order}HHII", *field) for field in fields) + bytes(4)
    return magic + struct.pack(f"{order}I", 8 + len(content)) + content + directory


def pdf(content=b"x" * 80):
    """Return a small PDF with some content."""
    body = b"%PDF-1.4\n1 0 obj\n(" + content + b")\nendobj\n"
    return body + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 1 >>\nstartxref\n%d\n%%%%EOF\n" % len(body)


TIFF = tiff()
PAGE = ServerError("The server failed: 500", http_status=500, page=True)


def item(number, subscriber_id=1, **fields):
    """Return an item of ``/api/faxes/``."""
    return {
        "id": number,
        "subscriber_id": subscriber_id,
        "time": f"2026-11-23 09:{number // 60 % 60:02}:{number % 60:02}",
        "direction": "in",
        "caller": "431",
        "callee": "432",
        "duration": 35,
        "pages": 1,
        "signal_rate": 14400,
        "quality": "normal",
        "reason": "Normal Clearing",
        "status": "SUCCESS",
        "filename": "x.tif",
        **fields,
    }


class FakeClient:
    """Answers like the client of a platform with some faxes.

    :param offset: what the server's zone adds to UTC, in seconds, as a function of the item.
    """

    def __init__(self, items=(), retries=3, concurrency=1, offset=lambda item: 0):
        self.items = {entry["id"]: entry for entry in items}
        self.recordings = {}
        self.headers = {}
        self.counters = Counters()
        self.retries, self.concurrency = retries, concurrency
        self.offset = offset
        self.log = []
        self.effects = {}
        self.posted = []
        self.deleted = []
        self.on_post = None
        self.info = {"type": "sppro"}
        self.settings = {"active": True}
        self.after_page = None

    def meet(self, what, *effects):
        """Let the next calls of a kind have these effects: an exception, or None for the usual one."""
        self.effects.setdefault(what, []).extend(effects)

    def _called(self, what, shown):
        self.log.append(shown)
        self.counters.count()
        effects = self.effects.get(what)
        effect = effects.pop(0) if effects else None
        if isinstance(effect, Exception):
            raise effect
        return effect

    def list_page(self, name, page, filters=None, rows=100, descending=False, patient=True):
        self._called("list", f"list {page}")
        wanted = (filters or {}).get("subscriber_id")
        found = [entry for entry in self.items.values() if wanted in (None, entry["subscriber_id"])]
        found.sort(key=lambda entry: entry["id"], reverse=descending)
        response = Page(found[(page - 1) * rows : page * rows], len(found))
        if self.after_page is not None:
            self.after_page(page)
        return response

    def get_item(self, name, number, params=None, tries=None, secrets=()):
        if name == FAX_SETTINGS.name:
            self._called("settings", f"settings {number}")
            return {**defaults(FAX_SETTINGS), **self.settings}
        self._called("get", f"get {name} {number}" + (" in UTC" if params else ""))
        if name != "faxes":
            return {"id": number, "username": "user", "domain": "example.org"}
        if number not in self.items:
            raise NotFoundError("The server responded with 404", http_status=404)
        entry = self.items[number]
        return {**entry, "time": shifted(entry["time"], -self.offset(entry))} if params else entry

    def get_recording(self, number, params, reader, retries=None):
        assert retries == 0, "what is tried again is decided in one place"
        effect = self._called("recording", f"recording {number} {params.get('format', '')}".rstrip())
        content = effect if isinstance(effect, bytes) else self.recordings.get(number)
        if content is None or number not in self.items:
            raise PAGE
        if isinstance(content, dict):
            content = content.get(params.get("format"))
            if content is None:
                raise PAGE
        headers = {
            "Content-Length": str(len(content)),
            "Content-Disposition": f'attachment; filename="{number}-x.tif',
            **self.headers,
        }
        headers = {name: value for name, value in headers.items() if value is not None}
        try:
            reader(headers, iter([content[:50], content[50:]]))
        except OSError as error:
            raise LostResponseError("The connection broke") from error

    def has_recording(self, number):
        self._called("head", f"head {number}")
        return number in self.recordings

    def delete_fax(self, number):
        self._called("delete", f"delete {number}")
        self.deleted.append(number)
        self.items.pop(number, None)

    def post_fax(self, body):
        content = b""
        body.seek(0)
        while piece := body.read(16384):
            content += piece
        self.posted.append(content)
        if self.on_post is not None:
            self.on_post(self)
        self._called("post", "post")

    def platform_info(self):
        self._called("info", "info")
        return self.info

    def host(self, check_mode=False, **more):
        """Return a host whose tasks work with this journal."""
        return Host(check_mode, lambda _params: closing(self), **more)

    def close(self):
        self.log.append("close")


def shifted(text, seconds):
    """Return a time of the server, so many seconds later."""
    from datetime import datetime, timedelta

    form = "%Y-%m-%d %H:%M:%S"
    try:
        return (datetime.strptime(text, form) + timedelta(seconds=seconds)).strftime(form)
    except (TypeError, ValueError, OverflowError):  # an odd value stays as it is
        return text
