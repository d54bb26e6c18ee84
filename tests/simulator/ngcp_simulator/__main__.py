# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command line of an untouched platform: `python -m ngcp_simulator --subscribers 300`; `sandbox` is one to try."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from .simulator import Simulator
from .switches import CHOICES, Switches

DEFAULT_PORT = 1443
DEFAULT_SUBSCRIBER_PORT = 1444


def build_parser(program: str = "ngcp_simulator") -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog=program,
        description="Simulate the fax service of an NGCP C5 platform: HTTPS, throw-away certificates, invented data.",
        epilog="Stop it with Ctrl-C or SIGTERM. The README next to this package explains faults and switches.",
    )
    parser.add_argument("--subscribers", type=int, default=300, metavar="N", help="their ids are 1 to N (default: 300)")
    parser.add_argument("--customers", type=int, default=0, metavar="N", help="customers that share them (default: 5)")
    parser.add_argument("--foreign-subscribers", type=int, default=0, metavar="N", help="of another reseller")
    parser.add_argument("--terminated", type=int, default=0, metavar="N", help="terminated ones, which nobody sees")
    parser.add_argument(
        "--fax-forwards", type=int, default=0, metavar="N", help="the first N forward all calls to their fax box"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed makes other data and passwords (default: 1)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="of the administrators; 0: any free one (default: %(default)s)"
    )
    parser.add_argument(
        "--subscriber-port",
        type=int,
        default=DEFAULT_SUBSCRIBER_PORT,
        help="of the subscribers; 0: any free one (default: %(default)s)",
    )
    parser.add_argument("--state", metavar="DIR", help="directory for certificates, simulator.json and the database")
    parser.add_argument("--keep-database", action="store_true", help="keep the data in DIR from run to run")
    parser.add_argument("--audit-file", metavar="FILE", help="also write every request to this file (JSON lines)")
    parser.add_argument("--timezone", default="UTC", help="of the platform (default: %(default)s)")
    parser.add_argument("--quiet", action="store_true", help="print nothing")
    _add_switches(parser.add_argument_group("set-up of the platform (can be changed while it runs)"))
    return parser


def _add_switches(group: Any) -> None:
    """Add one option for every switch."""
    defaults = Switches()
    for field in fields(Switches):
        default = getattr(defaults, field.name)
        name = "--" + field.name.replace("_", "-")
        if isinstance(default, bool):
            group.add_argument(name, type=_yes_or_no, default=default, metavar="yes|no", help="default: %(default)s")
        elif field.name in CHOICES:
            group.add_argument(name, choices=CHOICES[field.name], default=default, help="default: %(default)s")
        else:
            group.add_argument(name, type=type(default), default=default, metavar="N", help="default: %(default)s")


def _yes_or_no(text: str) -> bool:
    if text.lower() in ("yes", "true", "on", "1"):
        return True
    if text.lower() in ("no", "false", "off", "0"):
        return False
    raise argparse.ArgumentTypeError("yes or no")


def describe(simulator: Simulator) -> str:
    """Return what a user needs to know."""
    lines = [
        f"Administrators: {simulator.url}",
        f"Subscribers:    {simulator.subscriber_url}",
        f"CA:             {simulator.ca_path}",
        f"State:          {simulator.directory / 'simulator.json'}",
        "",
        "Accounts:",
    ]
    for name, account in simulator.accounts.items():
        lines.append(f"  {name:18} {account.username:32} {account.password}")
    lines.append("")
    lines += [f"export {name}={value}" for name, value in simulator.environment().items()]
    return "\n".join(lines)


def serve(simulator: Simulator, describe: Callable[[Simulator], str]) -> int:
    """Run a simulator until Ctrl-C or SIGTERM, and print what is to be known about it once it listens."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_arguments: stopping.set())
    try:
        simulator.start()
    except OSError as problem:
        simulator.stop()
        print(f"cannot listen: {problem}; --port 0 --subscriber-port 0 takes any free ports", file=sys.stderr)
        return 1
    try:
        text = describe(simulator)
        if text:
            print(text, flush=True)
        stopping.wait()
    finally:
        simulator.stop()
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Run an untouched platform."""
    options = vars(build_parser().parse_args(arguments))
    quiet = options.pop("quiet")
    simulator = Simulator(options.pop("subscribers"), **options)
    return serve(simulator, lambda _simulator: "" if quiet else describe(simulator))


if __name__ == "__main__":
    sys.exit(main())
