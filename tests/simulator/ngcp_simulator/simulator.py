# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python interface: a simulator that runs in a thread of the test process."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import ssl
import tempfile
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from .accounts import Account
from .audit import Audit
from .certificates import Authority, write_private
from .control import Control
from .dispatch import Dispatcher
from .faults import Fault
from .operations import Operations
from .platform import Platform
from .population import Plan
from .server import Servers
from .switches import Switches

Result = TypeVar("Result")
STATE_FILE = "simulator.json"
HOSTS = ["127.0.0.1", "localhost", "::1"]


class Simulator(Operations):
    """A simulated platform on free ports of the loopback interface.

    Keyword arguments that are not named here are switches (see `switches.py`): `Simulator(subscribers=30,
    sql_mode="strict")`. Use it as a context manager, or call `start` and `stop`.
    """

    def __init__(
        self,
        subscribers: int = 300,
        *,
        customers: int = 0,
        foreign_subscribers: int = 0,
        terminated: int = 0,
        fax_forwards: int = 0,
        seed: int = 1,
        host: str = "127.0.0.1",
        port: int = 0,
        subscriber_port: int = 0,
        state: str | os.PathLike[str] | None = None,
        keep_database: bool = False,
        audit_file: str | os.PathLike[str] | None = None,
        timezone: str = "UTC",
        **switches: Any,
    ) -> None:
        set_up = Switches()
        set_up.change(**switches)
        self._own_directory = state is None
        self.directory = Path(state) if state is not None else Path(tempfile.mkdtemp(prefix="ngcp-simulator-"))
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        plan = Plan(subscribers, customers, foreign_subscribers, terminated, seed)
        database = self.directory / "simulator.sqlite" if keep_database else None
        self.platform = Platform(plan, set_up, database, Path(audit_file) if audit_file else None, timezone)
        super().__init__(self.platform)
        if fax_forwards and self.platform.is_new:
            self.add_fax_forwards(range(1, min(fax_forwards, subscribers) + 1))
        self._wanted = (host, port, subscriber_port)
        self._authority = Authority(list(dict.fromkeys([*HOSTS, host])) if host != "0.0.0.0" else HOSTS)
        dispatcher = Dispatcher(self.platform, self._authority)
        self.control = Control(self.platform, self.status)
        self._servers = Servers(self.platform, dispatcher, self.control)
        self._context = self._authority.server_context()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._write_certificates()
        self._add_subscriber_accounts()

    # Life

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    def start(self) -> Simulator:
        """Start, or start again at the same addresses after `vanish` or a `stop` fault."""
        if self._thread is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="ngcp-simulator", daemon=True)
            self._thread.start()
        host, port, subscriber_port = self._wanted
        self.run(self._servers.start(host, port, subscriber_port, self._context))
        self._wanted = (host, self._servers.admin.port, self._servers.subscriber.port)
        self._write_state()
        return self

    @property
    def listening(self) -> bool:
        """Whether the platform is there; it is not after `vanish` or a `stop` fault, until `start`."""
        return self._servers.admin.listening

    def vanish(self) -> None:
        """Close all sockets at once, but keep the data; `start` brings the platform back."""
        self.run(self._servers.stop())

    def stop(self) -> None:
        """Stop for good and clean up."""
        if self._loop is not None and self._thread is not None:
            self.run(self._servers.stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10)
            self._loop.close()
            self._loop = self._thread = None
        self.platform.close()
        self.state_file.unlink(missing_ok=True)
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run something within the server's thread."""
        if self._loop is None:
            raise RuntimeError("the simulator is not running")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    # Where it is and who can log in

    @property
    def url(self) -> str:
        """The administrators' address."""
        return f"https://{self._shown_host}:{self._wanted[1]}"

    @property
    def subscriber_url(self) -> str:
        """The subscribers' (self-care) address."""
        return f"https://{self._shown_host}:{self._wanted[2]}"

    @property
    def _shown_host(self) -> str:
        return "127.0.0.1" if self._wanted[0] in ("0.0.0.0", "") else self._wanted[0]

    @property
    def state_file(self) -> Path:
        """File that says where the simulator is and who can log in; it is there while the simulator runs."""
        return self.directory / STATE_FILE

    @property
    def ca_path(self) -> str:
        """File of the certificate authority."""
        return str(self.directory / "ca.pem")

    @property
    def server_context(self) -> ssl.SSLContext:
        """TLS with the platform's certificate, for another server on this host."""
        return self._authority.server_context()

    @property
    def client_cert(self) -> str:
        """File of a client certificate of the account `admin`."""
        return str(self.directory / "client-cert.pem")

    @property
    def client_key(self) -> str:
        """File of the key of that client certificate."""
        return str(self.directory / "client-key.pem")

    @property
    def accounts(self) -> dict[str, Account]:
        """The log-ins by the names that tests use: admin, reseller, readonly, subscriber and so on."""
        return self.platform.accounts_for_tests

    @property
    def control_token(self) -> str:
        """The token of the control interface."""
        return self.platform.control_token

    @property
    def known(self) -> dict[str, Any]:
        """Special data: administrative, shared_username, shared_external_id, foreign, terminated."""
        return self.platform.known

    def subscriber_login(self, identifier: int) -> Account:
        """Return the web log-in of a subscriber (user name with domain)."""
        account = self.platform.subscriber_account_by_id(identifier)
        if account is None:
            raise KeyError(identifier)
        return account

    def environment(self, account: str = "admin") -> dict[str, str]:
        """Return the environment variables that the collection's modules look at."""
        login = self.accounts[account]
        return {
            "NGCP_API_URL": self.url if login.subscriber_id is None else self.subscriber_url,
            "NGCP_API_USERNAME": login.username,
            "NGCP_API_PASSWORD": login.password,
            "NGCP_API_CA_PATH": self.ca_path,
        }

    # Audit log

    @property
    def audit(self) -> Audit:
        """All requests so far."""
        return self.platform.audit

    def count(self, method: str | None = None, path: str | None = None, **wanted: Any) -> int:
        """Count requests by method and by a regular expression for the path."""
        return self.audit.count(method, path, **wanted)

    def clear_audit(self) -> None:
        """Forget all requests."""
        self.audit.clear()

    @property
    def connections(self) -> int:
        """How many connections were opened so far."""
        return self._servers.opened_connections

    @property
    def open_connections(self) -> int:
        """How many connections are open."""
        return self._servers.open_connections

    @property
    def most_under_way(self) -> int:
        """The largest number of requests that were under way at once."""
        return self._servers.most_under_way

    def reset_most_under_way(self) -> None:
        """Begin to measure that anew."""
        self._servers.most_under_way = 0

    @property
    def bugs(self) -> list[str]:
        """Exceptions of the simulator's own."""
        return self.platform.bugs

    # Set-up and faults

    @property
    def switches(self) -> Switches:
        """The present set-up."""
        return self.platform.switches

    def switch(self, **values: Any) -> None:
        """Change the set-up."""
        self.platform.switches.change(**values)

    def fault(self, action: str, **rule: Any) -> Fault:
        """Add a fault; its attributes `seen` and `hits` tell what became of it."""
        return self.platform.faults.add(action=action, **rule)

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.platform.faults.clear()

    def clear_bans(self) -> None:
        """Lift all bans and forget all failures."""
        self.platform.bans.clear()

    def advance(self, seconds: float) -> None:
        """Advance the platform's clock."""
        self.platform.clock.advance(seconds)

    def status(self) -> dict[str, Any]:
        """Return numbers about the server."""
        return {
            "pid": os.getpid(),
            "requests": len(self.audit),
            "connections": self.connections,
            "open_connections": self.open_connections,
            "under_way": self._servers.under_way,
            "most_under_way": self.most_under_way,
            "bugs": len(self.bugs),
        }

    # Files

    def _write_certificates(self) -> None:
        (self.directory / "ca.pem").write_bytes(self._authority.certificate)
        pair = self._authority.client()
        self.platform.accounts["admin"].certificate_serials.add(pair.serial)
        (self.directory / "client-cert.pem").write_bytes(pair.certificate)
        write_private(self.directory / "client-key.pem", pair.key)

    def make_client_cert(self, account: str | None, name: str, common_name: str | None = None) -> tuple[str, str]:
        """Issue another client certificate (for no administrator: account None); return the two files."""
        pair = self._authority.client(common_name) if common_name else self._authority.client()
        if account is not None:
            self.platform.accounts[account].certificate_serials.add(pair.serial)
        certificate, key = self.directory / f"{name}-cert.pem", self.directory / f"{name}-key.pem"
        certificate.write_bytes(pair.certificate)
        write_private(key, pair.key)
        return str(certificate), str(key)

    def _add_subscriber_accounts(self) -> None:
        """Name one subscriber and the administrative one of the same customer."""
        shown = dict(self.platform.accounts)
        first = self.platform.subscriber_account_by_id(1)
        if first is not None:
            shown["subscriber"] = first
        for identifier in self.platform.known.get("administrative", []):
            account = self.platform.subscriber_account_by_id(identifier)
            if account is not None and first is not None and account.customer_id == first.customer_id:
                shown["subscriberadmin"] = account
        self.platform.accounts_for_tests = shown

    def _write_state(self) -> None:
        content = {
            "url": self.url,
            "subscriber_url": self.subscriber_url,
            "ca_path": self.ca_path,
            "client_cert": self.client_cert,
            "client_key": self.client_key,
            "control_url": f"{self.url}/_simulator/",
            "control_token": self.control_token,
            "pid": os.getpid(),
            "environment": self.environment(),
            "web_password": f"Web-{self.platform.seed}-{{digits}}",
            "accounts": {
                name: {"username": account.username, "password": account.password, "role": account.role}
                for name, account in self.accounts.items()
            },
        }
        write_private(self.directory / f"{STATE_FILE}.new", json.dumps(content, indent=2).encode() + b"\n")
        os.replace(self.directory / f"{STATE_FILE}.new", self.state_file)
