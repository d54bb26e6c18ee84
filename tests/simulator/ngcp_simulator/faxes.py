# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource faxes: the journal, and sending."""

from __future__ import annotations

import re
import sqlite3
from typing import Any
from zoneinfo import ZoneInfo

from . import forms, hal, paging
from .answers import JSON, Answer, document, internal_error, refuse
from .body import check_media_type, json_body, well_formed
from .call import Call
from .columns import perl_text
from .fax_layer import FaxLayer, Job
from .multipart import boundary_of, parts_of
from .platform import Platform
from .representation import check_accept, content_type, empty, expand_status, listed
from .scope import condition, sees

ORDER_COLUMNS = {
    name: f"j.{name}"
    for name in ("id", "subscriber_id", "time", "direction", "status", "sid", "caller", "callee", "duration")
    + ("pages", "reason", "signal_rate", "quality", "filename")
}
QUALITIES = ("normal", "fine", "super")
LONGEST_TEXT = 1_048_576
LARGEST_FILE = 67_108_864
NO_FILE = "You need to specify a file to fax, if no text is entered in the content field"
_INTEGER = re.compile(r"^[+-]?\d+$")


class Faxes:
    """Handlers of /api/faxes/."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._layer = FaxLayer(platform.database, platform.switches, platform.clock)

    def get_item(self, call: Call, identifier: int) -> Answer:
        """GET of one journal entry."""
        check_accept(call)
        self._check_rewriting()
        zone = self._zone(call)
        row = self._row(call, identifier)
        return document(self._item(row, zone), content_type(call), expand_status(call))

    def get_list(self, call: Call) -> Answer:
        """GET of a page of the journal."""
        if call.headers.get("Accept") == "text/csv":
            package = "NGCP::Panel::Controller::API::Faxes"
            raise refuse(400, f'Can\'t locate object method "check_create_csv" via package "{package}" at ...')
        page = paging.wanted_page(call)
        zone = self._zone(call)
        self._check_rewriting()
        self._layer.settle()
        where, values = self._where(call)
        source = f"FROM fax_journal j JOIN subscribers s ON s.id = j.subscriber_id WHERE {where}"
        database = self._platform.database
        total = int(database.value(f"SELECT count(*) {source}", values))
        order = paging.order(call, ORDER_COLUMNS, "j.id")
        rows = database.rows(
            f"SELECT j.* {source} ORDER BY {order} LIMIT ? OFFSET ?", (*values, page.size, page.offset)
        )
        old = self._platform.switches.hal == "old"
        return listed(call, "faxes", page, total, [self._item(row, zone) for row in rows], old)

    def delete_item(self, call: Call, identifier: int) -> Answer:
        """DELETE of one journal entry; its image goes with it."""
        self._row(call, identifier)
        with self._platform.database.transaction():
            self._platform.database.execute("DELETE FROM fax_journal WHERE id = ?", (identifier,))
        return empty(call, 204)

    def post(self, call: Call) -> Answer:
        """POST of a fax: 201 without body, id or location."""
        wanted, upload = self._posted(call)
        if not isinstance(wanted, dict):
            raise internal_error()
        _check(wanted, upload)
        with self._platform.database.lock:
            self._send(call, wanted, upload)
        return empty(call, 201)

    def _posted(self, call: Call) -> tuple[Any, tuple[str, bytes] | None]:
        kind = check_media_type(call, ("multipart/form-data", JSON))
        if kind == JSON:
            return json_body(call, (JSON,)), None
        parts = parts_of(call.body, boundary_of(call.headers["Content-Type"]) or "")
        fields = {part.name: part.content for part in reversed(parts) if part.filename is None}
        if any(part.name == "json" and part.filename is not None for part in parts):
            raise refuse(
                400,
                f"The entity is not a well-formed '{JSON}' document."
                " Malformed JSON: Expected array or object at line 0, offset 0",
            )
        wanted = well_formed(fields.get("json", b""), JSON)
        if isinstance(wanted, dict) and isinstance(wanted.get("data"), str):
            wanted["data"] = _decoded_twice(fields["json"])
        files = [
            (part.filename, part.content) for part in parts if part.name == "faxfile" and part.filename is not None
        ]
        return wanted, files[0] if files else None

    def _send(self, call: Call, wanted: dict[str, Any], upload: tuple[str, bytes] | None) -> None:
        switches = self._platform.switches
        if not switches.fax_feature:
            raise refuse(422, "Faxserver feature is not active.")
        identifier = int(perl_text(wanted["subscriber_id"]))
        database = self._platform.database
        if not sees(database, call.user, "faxes", identifier):
            raise refuse(422, "Fax subscriber not found.")
        if not database.value("SELECT active FROM fax_preferences WHERE subscriber_id = ?", (identifier,)):
            raise refuse(422, "Invalid subscriber fax preferences")
        if switches.edition == "spce":
            return
        if switches.fax_hosts == "down":
            raise internal_error()
        caller = database.value("SELECT number FROM numbers WHERE subscriber_id = ? AND is_primary", (identifier,))
        data = perl_text(wanted.get("data")).strip() or None
        job = Job(identifier, perl_text(wanted["destination"]), data, upload[0] if upload else None)
        self._layer.send(job, caller or "webfax", upload[1] if upload else None)

    def _row(self, call: Call, identifier: int) -> sqlite3.Row:
        self._layer.settle()
        clause, parameters = condition(call.user, "faxes")
        row = self._platform.database.row(
            f"SELECT j.* FROM fax_journal j JOIN subscribers s ON s.id = j.subscriber_id WHERE j.id = ? AND {clause}",
            (identifier, *parameters),
        )
        if row is None:
            raise refuse(404, "Entity 'faxe' not found.")
        return row

    def _where(self, call: Call) -> tuple[str, list[Any]]:
        clause, parameters = condition(call.user, "faxes")
        wanted, values = [clause], list(parameters)
        subscriber = call.text("subscriber_id")
        if subscriber is not None:
            wanted.append("j.subscriber_id = ?")
            values.append(int(subscriber) if _INTEGER.match(subscriber) else -1)
        if "sid" in call.query:
            wanted.append("j.sid = ? COLLATE NOCASE")
            values.append(call.text("sid"))
        for name, comparison in (("time_from", ">="), ("time_to", "<=")):
            if name in call.query:
                wanted.append(f"j.time {comparison} ?")
                values.append(self._time(call.text(name) or ""))
        return " AND ".join(wanted), values

    def _time(self, text: str) -> float:
        try:
            return self._platform.clock.parse(text)
        except ValueError as problem:
            raise internal_error() from problem

    def _check_rewriting(self) -> None:
        """Fail like the rewriting of numbers does where its mode is not set."""
        if self._platform.switches.number_rewrite_mode == "missing":
            raise internal_error()

    def _zone(self, call: Call) -> ZoneInfo | None:
        name = call.text("tz")
        if not name:
            return None
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError) as problem:
            raise refuse(422, "Query parameter 'tz' value is not a valid time zone") from problem

    def _item(self, row: sqlite3.Row, zone: ZoneInfo | None) -> dict[str, Any]:
        identifier = row["id"]
        links = hal.common_links("faxes", identifier)
        links["ngcp:faxes"] = [{"href": f"/api/faxes/{identifier}"}]
        links["ngcp:faxrecordings"] = [{"href": f"/api/faxrecordings/{identifier}"}]
        links["ngcp:subscribers"] = [{"href": f"/api/subscribers/{row['subscriber_id']}"}]
        names = ("callee", "caller", "direction", "duration", "filename", "id", "pages", "quality", "reason")
        item: dict[str, Any] = {name: row[name] for name in (*names, "signal_rate", "status", "subscriber_id")}
        item["time"] = self._platform.clock.text(row["time"], zone)
        item["_links"] = links
        if self._platform.switches.hal == "old":
            return hal.old_item(item, without_id=False)
        return item


def _decoded_twice(part: bytes) -> str:
    """Return `data` as the platform reads it in a form: the text is decoded from UTF-8 once more."""
    data = str(well_formed(part.decode("latin-1").encode("utf-8"), JSON)["data"])
    if any(ord(character) > 255 for character in data):
        raise internal_error()
    return data.encode("latin-1").decode("utf-8", "replace")


def _check(wanted: dict[str, Any], upload: tuple[str, bytes] | None) -> None:
    """Refuse a fax like the platform's form does."""
    problems: list[forms.Problem] = []

    def add(name: str, errors: list[str]) -> None:
        if errors:
            problems.append((name, perl_text(wanted.get(name)), errors))

    add("subscriber_id", _subscriber_errors(wanted.get("subscriber_id")))
    add("destination", _text_errors(wanted.get("destination"), "Destination Number field is required"))
    add("data", _text_errors(wanted.get("data"), None, LONGEST_TEXT))
    quality = wanted.get("quality")
    if forms.has_value(quality) and quality not in QUALITIES:
        add("quality", [f"'{perl_text(quality)}' is not a valid value"])
    if upload is not None and not upload[1]:
        given = f"Catalyst::Request::Upload=HASH(0x{id(upload):x})"
        problems.append(("faxfile", given, ["File uploaded is empty"]))
    elif upload is not None and len(upload[1]) > LARGEST_FILE:
        given = f"Catalyst::Request::Upload=HASH(0x{id(upload):x})"
        problems.append(("faxfile", given, [f"File is too big (> {LARGEST_FILE} bytes)"]))
    if upload is None and not forms.has_value(wanted.get("data")) and not problems:
        problems.append(("faxfile", "", [NO_FILE]))
    forms.refuse_problems(problems)


def _text_errors(value: Any, required: str | None, longest: int | None = None) -> list[str]:
    if not forms.has_value(value):
        return [required] if required else []
    if isinstance(value, (list, dict)):
        return [forms.SINGLE]
    if longest is not None and len(perl_text(value).strip()) > longest:
        return [f"Field should not exceed {longest} characters. You entered {len(perl_text(value).strip())}"]
    return []


def _subscriber_errors(value: Any) -> list[str]:
    if not forms.has_value(value):
        return ["Subscriber id field is required"]
    text = perl_text(value).strip()
    found = []
    if not _INTEGER.match(text):
        found.append("Value must be an integer")
    if not text.lstrip("+").isdigit():
        found.append("Value must be a positive integer")
    return found
