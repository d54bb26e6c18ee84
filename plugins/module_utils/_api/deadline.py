# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How long one request may take as a whole, whatever the server does.

A time-out between two pieces is not enough: a server that sends a byte now and then, or an endless row of interim
answers, never runs into it. So every request has a deadline, at which a watching thread shuts its connection down.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

_current = threading.local()


class Exchange:
    """One request on its way and the answer on its way back.

    :param seconds: how long it may take.
    :ivar sending: whether the connection stood and the request may have begun to leave.
    :ivar expired: whether the time is over and the connection was shut down.
    """

    def __init__(self, seconds: float) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._owned: socket.socket | None = None
        self._began = time.monotonic()
        self._seconds = seconds
        self.deadline = self._began + seconds
        self.sending = False
        self.expired = False

    def allow_for(self, transferred: int, rate: float) -> None:
        """Move the deadline because data is arriving: allow the seconds that so many bytes take at the lowest rate.

        :param rate: bytes for each second.
        """
        self.deadline = self._began + self._seconds + transferred / rate

    def use(self, connection: socket.socket | None, owned: bool = False) -> None:
        """Note the socket that is shut down at the deadline, at once where that has passed.

        :param owned: whether it is this exchange's own, and to be closed when another one takes its place.
        """
        with self._lock:
            if self._owned is not None:
                self._owned.close()
            self._owned = connection if owned else None
            self._socket = connection
            if self.expired:
                self._shut_down()

    def expire(self) -> None:
        """End it: whoever waits for the socket gets an error or the end of the data."""
        with self._lock:
            self.expired = True
            self._shut_down()

    def _shut_down(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                # Not the method of a TLS socket, which would take its state away from the thread that is reading.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def current_exchange() -> Exchange | None:
    """Return the exchange of this thread, for the connection that it is about to use."""
    return getattr(_current, "exchange", None)


class Watchdog:
    """The thread that ends exchanges at their deadlines; it is started with the first one.

    :param seconds: the shortest time that an exchange is given. Nobody has to wake the thread for a new exchange,
        because it looks at least that often.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._exchanges: set[Exchange] = set()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def watching(self, seconds: float) -> Iterator[Exchange]:
        """Watch over an exchange of this thread."""
        exchange = Exchange(seconds)
        with self._lock:
            self._exchanges.add(exchange)
            if self._thread is None:
                self._start()
        _current.exchange = exchange
        try:
            yield exchange
        finally:
            _current.exchange = None
            exchange.use(None)
            with self._lock:
                self._exchanges.discard(exchange)

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._closed.set()
            self._closed = threading.Event()
            self._thread = None

    def _start(self) -> None:
        self._thread = threading.Thread(
            target=self._watch, args=(self._closed,), name="ngcp.fax deadlines", daemon=True
        )
        self._thread.start()

    def _watch(self, closed: threading.Event) -> None:
        pause = self._seconds
        while not closed.wait(pause):
            now = time.monotonic()
            with self._lock:
                exchanges = list(self._exchanges)
            for exchange in exchanges:
                if exchange.deadline <= now and not exchange.expired:
                    exchange.expire()
            waiting = [exchange.deadline - now for exchange in exchanges if not exchange.expired]
            pause = max(0.01, min([self._seconds, *waiting]))


class WatchedConnection:
    """What the connection classes of ``urllib3`` have on top, so that an exchange knows its socket, and whether
    anything can have been sent: not before the connection stands, its TLS handshake included."""

    sock: Any

    def connect(self) -> None:
        """Connect, and let the exchange have the socket."""
        super().connect()  # type: ignore[misc]
        exchange = current_exchange()
        if exchange is not None:
            exchange.use(self.sock)
            exchange.sending = True

    def putrequest(self, *arguments: Any, **options: Any) -> None:
        """Begin a request on a connection that stands."""
        exchange = current_exchange()
        if exchange is not None and self.sock is not None:
            exchange.use(self.sock)
            exchange.sending = True
        super().putrequest(*arguments, **options)  # type: ignore[misc]

    def _new_conn(self) -> Any:
        """Connect the socket itself. During the handshake the exchange has a duplicate of it, because the object is
        replaced meanwhile."""
        made = super()._new_conn()  # type: ignore[misc]
        exchange = current_exchange()
        if exchange is not None:
            exchange.use(made.dup(), owned=True)
        return made
