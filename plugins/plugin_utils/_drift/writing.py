# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How reports become files: templates and what they need, JSON by rows, and files that are replaced as a whole."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup, escape

from ansible_collections.ngcp.fax.plugins.module_utils._files import locked, write_whole
from ansible_collections.ngcp.fax.plugins.module_utils._wording import counted, visible

from . import text

DEFAULT_MODE = 0o600

# Rows in the reports for people; nobody reads more, and browsers have to cope. The JSON file has all of them.
MAX_ROWS = 10_000

_TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")
_SECONDS_FOR_LOCK = 30.0


def rendered(template: str, view: Mapping[str, Any]) -> str:
    """Return what a template makes of a view.

    :param template: name of its file.
    """
    return _environment().get_template(template).render(view)


def as_json(document: Mapping[str, Any]) -> str:
    """Return a document as JSON with one line for each subscriber, so that it is small and tools like grep help."""
    head = json.dumps({name: part for name, part in document.items() if name != "subscribers"}, indent=2)
    rows = ",\n    ".join(json.dumps(row) for row in document["subscribers"])
    return head.removesuffix("\n}") + ',\n  "subscribers": ' + (f"[\n    {rows}\n  ]" if rows else "[]") + "\n}\n"


def write_texts(
    texts: Mapping[str, str], names: Mapping[str, str], folder: str, mode: int = DEFAULT_MODE
) -> dict[str, str]:
    """Write texts into a folder, which is created if it is missing, and return their paths by kind.

    Each file is replaced as a whole, and no two runs write at the same time.

    :param texts: by kind.
    :param names: those of the files, by kind.
    :raises FileError: another run has been writing for too long.
    :raises OSError: a file cannot be written.
    """
    os.makedirs(folder, exist_ok=True)
    paths = {kind: os.path.join(folder, names[kind]) for kind in texts}
    with locked(folder, _SECONDS_FOR_LOCK):
        for kind, path in paths.items():
            write_whole(path, texts[kind].encode("utf-8"), mode)
            if stat.S_IMODE(os.stat(path).st_mode) != mode:  # the umask took something away
                os.chmod(path, mode)
    return paths


def parse_mode(value: Any) -> int:
    """Return the permissions that a user wrote as an octal text, or as a number.

    :raises ValueError: it is neither.
    """
    number = value if isinstance(value, int) and not isinstance(value, bool) else int(str(value), 8)
    if not 0 <= number <= 0o777:
        raise ValueError("it is out of range")
    return number


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=lambda name: name is not None and name.endswith((".html.j2", ".xml.j2")),
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        lstrip_blocks=True,
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        breakable=_breakable,
        change=text.change_text,
        counted=counted,
        md=lambda value: text.markdown(str(value)),
        module=text.module_title,
        status=text.STATUS_WORDS.__getitem__,
        thousands=lambda number: f"{number:,}",
        visible=lambda value: visible(str(value)),
    )
    environment.globals.update(part_of=_source, hash_of=_csp_hash)
    return environment


def _breakable(value: str) -> Markup:
    """Return a name that may be broken before its domain rather than anywhere."""
    return escape(value).replace("@", Markup("<wbr>@"))


def _source(name: str) -> Markup:
    """Return a part of the page that is not a template: style or script, which are the collection's own."""
    with open(os.path.join(_TEMPLATES, name), encoding="utf-8") as stream:
        return Markup(stream.read().strip())


def _csp_hash(source: str) -> str:
    """Return the hash that lets a browser run exactly this inline style or script and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode('utf-8')).digest()).decode('ascii')}'"
