# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tiny valid TIFF, PDF and PostScript documents."""

from __future__ import annotations

import hashlib
import struct

WIDTH = 64
HEIGHT = 64
LARGEST_IMAGE = 16 * 1024 * 1024
"""What the platform's database can hold."""

_SHORT, _LONG = 3, 4
_HEAD = b"II*\0" + bytes(4)
_DIRECTORY = 2 + 11 * 12 + 4


def tiff(pages: int = 1, seed: str = "", size: int = 0) -> bytes:
    """Return a black and white TIFF of some pages, with `size` bytes if that is more.

    What is added belongs to the image of the first page, so that the file is not whole without its last byte.
    """
    count = max(1, pages)
    pattern = hashlib.sha256(seed.encode()).digest()
    image = (pattern * (WIDTH * HEIGHT // 8 // len(pattern) + 1))[: WIDTH * HEIGHT // 8]
    more = bytes(max(0, size - len(_HEAD) - count * (len(image) + _DIRECTORY)))
    body = bytearray(_HEAD)
    link = 4
    for number in range(count):
        strip = image if number else image + more
        strip_at = len(body)
        body += strip
        directory_at = len(body)
        struct.pack_into("<I", body, link, directory_at)
        body += _directory(strip_at, len(strip), number, pages)
        link = len(body) - 4
    return bytes(body)


def _directory(strip_at: int, length: int, number: int, pages: int) -> bytes:
    entries = [
        (254, _LONG, 1, 2),
        (256, _LONG, 1, WIDTH),
        (257, _LONG, 1, HEIGHT),
        (258, _SHORT, 1, 1),
        (259, _SHORT, 1, 1),
        (262, _SHORT, 1, 0),
        (273, _LONG, 1, strip_at),
        (277, _SHORT, 1, 1),
        (278, _LONG, 1, HEIGHT),
        (279, _LONG, 1, length),
        (297, _SHORT, 2, number | (pages << 16)),
    ]
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", 0)


def pages_of(image: bytes) -> int:
    """Count the pages of a TIFF that `tiff` made; 1 for anything else."""
    if not image.startswith(b"II*\0"):
        return 1
    count = 0
    (position,) = struct.unpack_from("<I", image, 4)
    while position and position + 2 <= len(image) and count < 10_000:
        count += 1
        (entries,) = struct.unpack_from("<H", image, position)
        (position,) = struct.unpack_from("<I", image, position + 2 + 12 * entries)
    return max(1, count)


def pdf(pages: int, title: str, version: str) -> bytes:
    """Return a PDF with empty pages and a title."""
    kids = " ".join(f"{4 + number} 0 R" for number in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        f"<< /Title ({title}) >>",
    ]
    objects += ["<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * pages
    body = bytearray(f"%PDF-{version}\n".encode())
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1", "replace")
    start = len(body)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    body += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    body += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(body)


def postscript(pages: int, title: str) -> bytes:
    """Return a PostScript document with empty pages."""
    head = f"%!PS-Adobe-3.0\n%%Title: {title}\n%%Pages: {pages}\n%%EndComments\n"
    body = "".join(f"%%Page: {number} {number}\nshowpage\n" for number in range(1, pages + 1))
    return (head + body + "%%EOF\n").encode("latin-1", "replace")
