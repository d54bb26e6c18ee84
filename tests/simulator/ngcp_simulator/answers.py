# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers in the platform's words: JSON errors, HTML pages, broken bodies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
HAL = 'application/hal+json; profile="http://purl.org/sipwise/ngcp-api/"; charset=utf-8'
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=UTF-8"

XHTML = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN"\n'
XHTML_DTD = '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n'

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass
class Answer:
    """What goes back to the client."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A request that ends with an error; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error(status: int, message: str) -> Answer:
    """Return an error like the platform does, broken where it echoes non-ASCII text."""
    text = ENCODER.encode({"message": message, "code": status}) + "\n"
    if text.isascii():
        body = text.encode("ascii")
    elif all(ord(character) < 256 for character in text):
        body = text.encode("latin-1")
    else:
        body = text.encode("utf-8")[: len(text)]
    return Answer(status, body, JSON)


def refuse(status: int, message: str) -> Refusal:
    """Return an error as an exception to raise."""
    return Refusal(error(status, message))


def internal_error() -> Refusal:
    """Return what an exception inside the platform looks like."""
    return refuse(500, "Internal Server Error")


def path_not_found() -> Answer:
    """Return the answer to a wrong path and to a wrong method."""
    return error(404, "Path not found")


def unauthorized(realm: str) -> Answer:
    """Return the answer to missing or wrong credentials."""
    return Answer(401, b"Authorization required.", TEXT, {"WWW-Authenticate": f'Basic realm="api_{realm}_http"'})


def document(content: dict[str, Any], content_type: str, status: int = 200) -> Answer:
    """Return a JSON or HAL document."""
    return Answer(status, (ENCODER.encode(content) + "\n").encode("utf-8", "surrogatepass"), content_type)


def redirect(location: str) -> Answer:
    """Return the redirection of a collection without its slash."""
    page = (
        f'{XHTML}    {XHTML_DTD}<html xmlns="http://www.w3.org/1999/xhtml">\n<head><title>Moved</title></head>\n'
        f'<body><p>This item has moved <a href="{location}">here</a>.</p></body>\n</html>\n'
    )
    return Answer(301, page.encode(), HTML, {"Location": location})


def error_page(first_line: bool = True) -> Answer:
    """Return the page of the framework, to which every error of a recording turns.

    Without a licence the page was recorded without its first line.
    """
    page = (
        f'{XHTML if first_line else ""}{XHTML_DTD}<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">\n'
        "<head><title>NGCP::Panel</title></head>\n"
        '<body><div class="box"><pre>(en) Please come back later</pre></div></body>\n</html>\n'
    )
    return Answer(500, (page + " " * 512).encode(), HTML)


def login_error_page() -> Answer:
    """Return the page for a log-in that is no JSON object."""
    page = (
        '<!DOCTYPE HTML>\n<!--[if lt IE 7]> <html class="lt-ie9 lt-ie8 lt-ie7"> <![endif]-->\n<head>'
        "<title>Internal Server Error</title></head>\n<body><h1>Internal Server Error</h1></body>\n</html>\n"
    )
    return Answer(500, page.encode(), HTML)
