# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as it is published."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT


def provide_artifact(folder: pathlib.Path) -> pathlib.Path:
    """Put the artifact into a folder: the one that a release tests, else one that is built from the checkout."""
    released = os.environ.get("NGCP_FAX_ARTIFACT")
    if released:
        return pathlib.Path(shutil.copy(released, folder))
    command = ("ansible-galaxy", "collection", "build", "--output-path", folder, ROOT)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("ngcp-fax-*.tar.gz")
    return built
