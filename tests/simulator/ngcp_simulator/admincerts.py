# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource admincerts: a client certificate for an administrator."""

from __future__ import annotations

import io
import zipfile

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from .answers import JSON, Answer, refuse
from .body import json_body
from .call import Call
from .certificates import Authority, Pair
from .columns import perl_text
from .platform import Platform


class AdminCertificates:
    """Handler of /api/admincerts/."""

    def __init__(self, platform: Platform, authority: Authority) -> None:
        self._platform = platform
        self._authority = authority

    def create(self, call: Call) -> Answer:
        """POST: make a new certificate and return it as a ZIP archive."""
        wanted = json_body(call, (JSON,), link_header_refused=True)
        login = perl_text(wanted.get("login")) or call.user.username
        account = self._platform.administrator(login)
        if account is None:
            raise refuse(422, "Administrator does not exist")
        pair = self._authority.client()
        account.certificate_serials.add(pair.serial)
        name = f"NGCP-API-client-certificate-{pair.serial}"
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as target:
            target.writestr(f"{name}.pem", pair.certificate + pair.key)
            target.writestr(f"{name}.p12", _pkcs12(pair))
        headers = {"Content-Disposition": f"attachment; filename={name}.zip"}
        return Answer(201, archive.getvalue(), "application/zip", headers)


def _pkcs12(pair: Pair) -> bytes:
    key = serialization.load_pem_private_key(pair.key, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(type(key).__name__)
    certificate = x509.load_pem_x509_certificate(pair.certificate)
    return pkcs12.serialize_key_and_certificates(
        b"ngcp",
        key,
        certificate,
        None,
        serialization.NoEncryption(),
    )
