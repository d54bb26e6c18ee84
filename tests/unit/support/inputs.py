# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Small inputs that once failed, byte for byte: each is one example of a kind. Invented data only.

They are kept here and not as files, because tools that look after files would correct them.
"""

from __future__ import annotations

CASES = {
    "blank-after-comma.csv": (b"subscriber_id, name , active\n6 , Bob , yes\n"),
    "cut-off.pdf": (
        b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Cou"
    ),
    "cut-off.tif": (b"II*\x00\x08\x00\x00\x00\x03\x00\x00\x01\x04\x00\x01\x00\x00\x00\xc0\x06"),
    "doubled-field.json": (b'[{"subscriber_id": 6, "active": true, "active": false}]\n'),
    "doubled-list.yml": (
        b"# Right: an error that names line 4; nothing is written.\n"
        b"subscribers:\n"
        b"  - {subscriber_id: 6, active: true}\n"
        b"subscribers:\n"
        b"  - {subscriber_id: 7, active: true}\n"
    ),
    "empty-first-row.csv": (b",,\nsubscriber_id,name,active\n6,Accounts,yes\n"),
    "excel-empty-columns.csv": (b"\xef\xbb\xbfsubscriber_id;name;;\r\n6;Accounts;;\r\n;;;\r\n7;Sales;;\r\n"),
    "excel-sep-line.csv": (b"\xef\xbb\xbfsep=;\r\nsubscriber_id;name;active\r\n6;Accounts;yes\r\n"),
    "leading-zeros.yml": (
        b"# Right: the external id is the text 0123, the password the text 00123, the name the text 12:30; "
        b'or all three refused with "quote it".\n'
        b"- subscriber_external_id: 0123\n"
        b"  password: 00123\n"
        b"  name: 12:30\n"
    ),
    "messages.json": (
        b"[\n"
        b'  {"about": "a 422 message that forges lines and moves the cursor", "message": "bad \\u001b]0;x\\'
        b'u0007\\r\\nTASK [done] ***\\nok: [localhost]"},\n'
        b'  {"about": "settings answers that are none", "documents": [{}, {"status": "ok"}, [], null, {"_em'
        b'bedded": null}, {"_embedded": "x"}, {"destinations": "abc"}, {"id": 7}]},\n'
        b'  {"about": "totals that cannot be", "total_count": [-1, 1000000000, 1000000000000, 1e400, "12", '
        b"null]}\n"
        b"]\n"
    ),
    "old-mac.csv": (b"subscriber_id,name\r6,Accounts\r7,Sales\r"),
    "utf-16.csv": (
        b"\xff\xfes\x00u\x00b\x00s\x00c\x00r\x00i\x00b\x00e\x00r\x00_\x00i\x00d\x00,\x00n\x00a\x00m\x00e"
        b"\x00\r\x00\n\x006\x00,\x00B\x00\xfc\x00r\x00o\x00 \x00S\x00\xfc\x00d\x00\r\x00\n\x00"
    ),
    "vault-tag.yml": (
        b"# Right: an error that says that tagged values are not read in fleet files and what to do (vault "
        b"the whole file).\n"
        b"- subscriber_id: 6\n"
        b"  password: !vault |\n"
        b"    $ANSIBLE_VAULT;1.1;AES256\n"
        b"    3030\n"
    ),
    "windows-1252.csv": (b"subscriber_id,name\r\n6,B\xfcro S\xfcd\r\n"),
    "without-header.csv": (b"6,yes,NotForYourEyes77\n7,no,NotForYourEyes78\n"),
}
