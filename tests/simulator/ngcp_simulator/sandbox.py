# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Command line `ngcp-fax-simulator`: a platform with something to see, and what to try next."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from . import sample
from .__main__ import build_parser, serve
from .certificates import write_private
from .simulator import Simulator

PROGRAM = "ngcp-fax-simulator"
FOLDER = "ngcp-fax-sandbox"
FLEET = "fleet.csv"
CONNECTION = "connection.sh"
QUIET = {"ANSIBLE_INVENTORY_UNPARSED_WARNING": "false", "ANSIBLE_LOCALHOST_WARNING": "false"}
"""There is no inventory, and none is needed: no warnings about that."""

COMMANDS = {
    "See what differs, as a page for the browser": (
        f"ansible-playbook ngcp.fax.drift_report -e fleet_file={FLEET} -e drift_report_dir=drift"
    ),
    "See what would change; nothing is written": (
        f"ansible-playbook ngcp.fax.fleet -e fleet_file={FLEET} --check --diff"
    ),
    "Make the platform match the file, and once more: nothing is left to do": (
        f"ansible-playbook ngcp.fax.fleet -e fleet_file={FLEET}"
    ),
    "See a fax that could not be sent": "ansible localhost -m ngcp.fax.fax_info -a 'subscriber_id=1 direction=out'",
    "Archive the faxes that were received": "ansible-playbook ngcp.fax.archive -e archive_dest=$PWD/faxes",
}
"""What to try, by what it is for."""


def build_sandbox_parser() -> argparse.ArgumentParser:
    """Return the parser: that of the plain simulator, with a folder for the user."""
    parser = build_parser(PROGRAM)
    parser.add_argument(
        "--folder", type=Path, default=Path(FOLDER), metavar="DIR", help="for the files to try (default: ./%(default)s)"
    )
    parser.add_argument("--empty", action="store_true", help="without settings and faxes")
    parser.add_argument(
        "--export",
        action="append",
        default=[],
        type=_variable,
        metavar="NAME=VALUE",
        help=f"another variable for {CONNECTION}",
    )
    return parser


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (separator and name.isidentifier()):
        raise argparse.ArgumentTypeError("NAME=VALUE is needed")
    return name, value


def fill(simulator: Simulator) -> str:
    """Put something to see onto a new platform, and say what."""
    drifted = sample.provision(simulator)
    sample.add_mail_settings(simulator)
    received, failed = sample.add_faxes(simulator)
    total = sum(1 for _subscriber in sample.declared(simulator))
    return (
        f"{len(drifted)} of {total} subscribers differ from {FLEET}; "
        f"{received} faxes were received, {failed} could not be sent."
    )


def write_files(simulator: Simulator, folder: Path, exports: dict[str, str]) -> list[str]:
    """Write the fleet file, unless the user has one there, and the connection; return a line about each."""
    fleet = folder / FLEET
    kept = fleet.exists()
    if not kept:
        sample.write_fleet_file(simulator, fleet)
    variables = {**simulator.environment(), **QUIET, **exports}
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    write_private(folder / CONNECTION, "\n".join([*lines, ""]).encode())
    return [
        f"{FLEET:<15}{'yours, as it was' if kept else 'the fax settings and call forwards that all should have'}",
        f"{CONNECTION:<15}the connection for the collection, as environment variables",
    ]


def describe(simulator: Simulator, folder: Path, files: list[str], content: str) -> str:
    """Return the page that the user sees."""
    account = simulator.accounts["admin"]
    lines = [
        "The simulated platform is running. Ctrl-C stops it, and forgets what was changed.",
        "",
        f"  URL       {simulator.url}",
        f"  user      {account.username}",
        f"  password  {account.password}",
        f"  files     {folder}",
        *(f"            {line}" for line in files),
        "",
        content,
        "",
        "In another terminal:",
        "",
        f"  cd {shlex.quote(str(folder))} && . ./{CONNECTION}",
    ]
    for purpose, command in COMMANDS.items():
        lines += ["", f"  # {purpose}", f"  {command}"]
    return "\n".join([*lines, "", f"All accounts and addresses are in {simulator.state_file}."])


def main(arguments: list[str] | None = None) -> int:
    """Run a platform with something to see."""
    options = vars(build_sandbox_parser().parse_args(arguments))
    folder, empty, quiet = options.pop("folder").absolute(), options.pop("empty"), options.pop("quiet")
    exports = dict(options.pop("export"))
    os.makedirs(folder, mode=0o700, exist_ok=True)
    options["state"] = options["state"] or folder / "platform"
    simulator = Simulator(options.pop("subscribers"), **options)
    new = simulator.platform.is_new and not empty
    content = fill(simulator) if new else f"The settings are {'untouched' if empty else 'those of the last run'}."

    def page(running: Simulator) -> str:
        files = write_files(running, folder, exports)
        return "" if quiet else describe(running, folder, files, content)

    return serve(simulator, page)


if __name__ == "__main__":
    sys.exit(main())
