# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How long one request may take as a whole, whatever the server does.

A timeout between two pieces is not enough. A server that sends a byte now and then, or an endless series of interim
responses, would never reach it. Every request therefore has a deadline, and no call of its socket takes longer than the
time left. Python limits each call as a whole, including TLS handshakes.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Any

_current = threading.local()

# Seconds by which a call may come back before the time is over that it was given.
_TOLERANCE = 0.005


class Exchange:
    """One request on its way and the response on its way back.

    :param seconds: how long it may take.
    :param silence: how long it may take from one piece to the next.
    :ivar sending: whether the connection stood and the request may have begun to leave.
    """

    def __init__(self, seconds: float, silence: float) -> None:
        self._began = time.monotonic()
        self._seconds = seconds
        self._silence = silence
        self._deadline = self._began + seconds
        self.sending = False

    @property
    def expired(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._deadline - _TOLERANCE

    def allow_for(self, transferred: int, rate: float) -> None:
        """Extend the deadline because data is arriving, by the time that these bytes take at the lowest rate.

        :param rate: bytes for each second.
        """
        self._deadline = self._began + self._seconds + transferred / rate

    def seconds_left(self) -> float:
        """Return how long the next call of its socket may take.

        :raises TimeoutError: the time is up.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request has timed out")
        return min(left, self._silence)


def current_exchange() -> Exchange | None:
    """Return the exchange of this thread, for the connection that it is about to use."""
    return getattr(_current, "exchange", None)


@contextlib.contextmanager
def exchange_within(seconds: float, silence: float) -> Iterator[Exchange]:
    """Let what this thread does be an exchange that takes no longer.

    :param seconds: how long it may take as a whole, unless it is allowed more.
    :param silence: how long it may take from one piece to the next.
    """
    exchange = Exchange(seconds, silence)
    _current.exchange = exchange
    try:
        yield exchange
    finally:
        _current.exchange = None


class _TimedSocket:
    """An extension of sockets that limits each call to the time left for the exchange of the thread."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """Receive in time."""
        self._hurry()
        return int(super().recv_into(*arguments, **options))  # type: ignore[misc]

    def send(self, *arguments: Any, **options: Any) -> int:
        """Send a part in time."""
        self._hurry()
        return int(super().send(*arguments, **options))  # type: ignore[misc]

    def sendall(self, *arguments: Any, **options: Any) -> None:
        """Send everything in time."""
        self._hurry()
        super().sendall(*arguments, **options)  # type: ignore[misc]

    def _hurry(self) -> None:
        exchange = current_exchange()
        if exchange is not None:
            self.settimeout(exchange.seconds_left())  # type: ignore[attr-defined]


class PlainSocket(_TimedSocket, socket.socket):
    """A socket whose calls end in time."""


class TlsSocket(_TimedSocket, ssl.SSLSocket):
    """A TLS socket whose calls end in time."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands in time."""
        self._hurry()
        super().do_handshake(block)


class WatchedConnection:
    """What the connection classes of ``urllib3`` have on top, so that an exchange knows whether anything can have been
    sent: not before the connection stands, its TLS handshake included."""

    sock: Any

    def connect(self) -> None:
        """Connect, and note that from now on something can be sent."""
        super().connect()  # type: ignore[misc]
        self._note_sending()

    def putrequest(self, *arguments: Any, **options: Any) -> None:
        """Begin a request on a connection that stands."""
        if self.sock is not None:
            self._note_sending()
        super().putrequest(*arguments, **options)  # type: ignore[misc]

    def _note_sending(self) -> None:
        exchange = current_exchange()
        if exchange is not None:
            exchange.sending = True

    def _new_conn(self) -> Any:
        """Connect the socket itself. The TLS context makes a :class:`TlsSocket` of it."""
        made = super()._new_conn()  # type: ignore[misc]
        seconds = made.gettimeout()
        timed = PlainSocket(fileno=made.detach())
        timed.settimeout(seconds)
        return timed
