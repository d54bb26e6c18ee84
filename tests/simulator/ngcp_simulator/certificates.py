# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A throw-away certificate authority: server certificate and client certificates."""

from __future__ import annotations

import datetime
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CLIENT_NAME = "Sipwise NGCP API client certificate"
"""The one common name that the platform accepts in a client certificate."""


@dataclass
class Pair:
    """A certificate with its key, both PEM."""

    certificate: bytes
    key: bytes
    serial: int


class Authority:
    """The certificate authority of one simulator."""

    def __init__(self, hosts: list[str]) -> None:
        self._authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self._server = self._authority.issue_cert(*hosts, key_type=trustme.KeyType.ECDSA)

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate (PEM)."""
        return self._authority.cert_pem.bytes()

    def client(self, common_name: str = CLIENT_NAME) -> Pair:
        """Issue a client certificate."""
        issuer = x509.load_pem_x509_certificate(self.certificate)
        issuer_key = serialization.load_pem_private_key(self._authority.private_key_pem.bytes(), None)
        key = ec.generate_private_key(ec.SECP256R1())
        serial = x509.random_serial_number()
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
            .issuer_name(issuer.subject)
            .public_key(key.public_key())
            .serial_number(serial)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365))
            .sign(issuer_key, hashes.SHA256())  # type: ignore[arg-type]
        )
        return Pair(
            certificate=certificate.public_bytes(serialization.Encoding.PEM),
            key=key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            serial=serial,
        )

    def server_context(self) -> ssl.SSLContext:
        """Return the context of the server; a client certificate is optional."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.configure_cert(context)
        self._authority.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
