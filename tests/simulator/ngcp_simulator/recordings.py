# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource faxrecordings: the images, in four formats. Every error is a page."""

from __future__ import annotations

from . import documents
from .answers import Answer, Refusal, error_page
from .call import Call
from .platform import Platform
from .routes import identifier_of
from .scope import condition

FORMATS = {
    "": ("tif", "image/tiff"),
    "ps": ("ps", "application/postscript"),
    "pdf": ("pdf", "application/pdf"),
    "pdf14": ("pdf", "application/pdf"),
}


class Recordings:
    """Handler of /api/faxrecordings/."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def get_item(self, call: Call, text: str) -> Answer:
        """GET of an image; `format` is looked at, `Accept` and `Range` are not."""
        identifier = identifier_of(text)
        wanted = call.text("format") or ""
        if identifier is None or wanted not in FORMATS or abs(identifier) > 2**62:
            raise Refusal(error_page())
        clause, parameters = condition(call.user, "faxes")
        row = self._platform.database.row(
            "SELECT j.id, j.status, j.filename, i.image FROM fax_journal j JOIN subscribers s ON s.id = j.subscriber_id"
            f" JOIN fax_images i ON i.sid = j.sid WHERE j.id = ? AND {clause}",
            (identifier, *parameters),
        )
        if row is None or not row["status"] or not row["filename"]:
            raise Refusal(error_page())
        suffix, content_type = FORMATS[wanted]
        # The platform leaves the closing quote out.
        disposition = f'attachment; filename="{row["id"]}-{row["filename"]}.{suffix}'
        content = converted(bytes(row["image"]), wanted, str(row["filename"]))
        return Answer(200, content, content_type, {"Content-Disposition": disposition})


def converted(image: bytes, wanted: str, title: str) -> bytes:
    """Return an image in the wanted format, as a GET of the recording gives it."""
    if not wanted:
        return image
    pages = documents.pages_of(image)
    if wanted == "ps":
        return documents.postscript(pages, title)
    return documents.pdf(pages, title, "1.4" if wanted == "pdf14" else "1.7")
