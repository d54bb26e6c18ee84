# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection and let the importer of Ansible Galaxy look at it; run with the importer's own Python."""

from __future__ import annotations

import logging
import pathlib
import subprocess
import sys
import tempfile
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Complaints(logging.Handler):
    """Collect what the importer warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def main() -> int:
    from galaxy_importer import collection, config, exceptions

    with tempfile.TemporaryDirectory() as folder:
        build = ["ansible-galaxy", "collection", "build", "--output-path", folder, str(ROOT)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        artifact = next(pathlib.Path(folder).glob("*.tar.gz"))
        complaints = Complaints()
        logging.basicConfig(level=logging.INFO, handlers=[complaints])
        name = collection.CollectionFilename("ngcp", "fax", artifact.name.removesuffix(".tar.gz").split("-")[-1])
        with artifact.open("rb") as stream:
            try:
                collection.import_collection(
                    t.cast("t.BinaryIO", stream), name, cfg=config.Config(config.ConfigFile.load())
                )
            except exceptions.ImporterError as problem:
                complaints.messages.append(str(problem))
    print("\n".join(complaints.messages))
    return bool(complaints.messages)


if __name__ == "__main__":
    sys.exit(main())
