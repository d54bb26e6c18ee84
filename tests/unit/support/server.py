# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real servers on loopback, for what only real connections show."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import socket
import ssl
import struct
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Server:
    """Accepts connections and gives each to a function, until it is closed.

    :param handle: takes the connected socket; what it raises is ignored.
    :param context: for TLS.
    """

    def __init__(self, handle, context=None):
        self._handle, self._context = handle, context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self.heads = []
        self.released = threading.Event()
        self._connections = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self):
        self.released.set()
        # A socket that is only closed leaves the thread behind that waits for it.
        for one in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self):
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            connection.settimeout(5)
            self._connections.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            if self._context is None:
                self._handle(self, connection)
                return
            with self._context.wrap_socket(connection, server_side=True) as secured:
                self._connections.append(secured)
                self._handle(self, secured)


def read_request(server, connection):
    """Read one request, note its head, and return whether there was one."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return False
        data += piece
    head, _blank, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    server.heads.append(head.decode("latin-1"))
    return True


def answering(*responses):
    """Return a function for :class:`Server`: each request on a connection gets the next of the raw answers, the last of
    them again and again."""
    left = list(responses)

    def handle(server, connection):
        while read_request(server, connection):
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return handle


def http(status, body=b"{}", **headers):
    """Return a raw HTTP answer."""
    lines = [f"HTTP/1.1 {status} Word", f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def reset(connection):
    """Close a connection the hard way."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def make_certificates(folder):
    """Write an authority, certificates of its own and another authority that has nothing to do with them.

    :return: paths by name: ``authority``, ``other``; with their keys ``certificate`` (for 127.0.0.1), ``local`` (for
        localhost), ``named`` (for another host).
    """
    paths = {}
    authority, authority_key = _certificate("Authority", None, None)
    other, _other_key = _certificate("Other", None, None)
    for name, certificate in (("authority", authority), ("other", other)):
        paths[name] = _write(folder / f"{name}.pem", certificate)
    for name, host in (("certificate", "127.0.0.1"), ("local", "localhost"), ("named", "192.0.2.1")):
        certificate, key = _certificate(host, authority, authority_key)
        paths[name] = _write(folder / f"{name}.pem", certificate, key)
    return paths


def tls_context(path, authority=None):
    """Return the context of a server; with an authority it asks clients for certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    if authority:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(authority)
    return context


def _certificate(name, issuer, issuer_key):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer_key or key).public_key()), critical=False
        )
    )
    if issuer:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(name)]), critical=False)
    else:
        usage = dict.fromkeys(
            ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
            + ("encipher_only", "decipher_only"),
            False,
        )
        builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
    return builder.sign(issuer_key or key, hashes.SHA256()), key


def _general_name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _write(path, certificate, key=None):
    content = certificate.public_bytes(serialization.Encoding.PEM)
    if key is not None:
        content += key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    path.write_bytes(content)
    return str(path)
