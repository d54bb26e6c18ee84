# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The worked example of the guide for developers fits the code."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import yaml

from ansible_collections.ngcp.fax.tests.unit.support.documents import GUIDES, ROOT, blocks


def example():
    """Return the diff that the guide shows."""
    (diff,) = blocks(GUIDES / "adding_a_field.rst", "diff")
    return diff


def test_the_example_of_a_new_field_can_be_applied(tmp_path):
    diff = example()
    changed = re.findall(r"^--- a/(.+)$", diff, re.MULTILINE)
    new = re.findall(r"^--- /dev/null\n\+\+\+ b/(.+)$", diff, re.MULTILINE)
    is_applied = all((ROOT / name).exists() for name in new)  # by somebody who tries it
    for name in [*changed, *(new if is_applied else [])]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    # Not below a repository: Git would leave out what lies outside of its folder.
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    for option in [["--reverse"], []] if is_applied else [[]]:
        command = ["git", "apply", *option, "-"]
        done = subprocess.run(
            command, cwd=tmp_path, input=diff, text=True, capture_output=True, env=environment, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
    text = (tmp_path / "plugins/modules/fax_settings.py").read_text("utf-8")
    options = yaml.safe_load(text.split('DOCUMENTATION = r"""')[1].split('"""')[0])["options"]
    assert list(options).index("color") == list(options).index("ecm") + 1
    assert "color" in options["subscribers"]["suboptions"]
    table = (tmp_path / "plugins/module_utils/_settings/resources.py").read_text("utf-8")
    assert table.index('Flag("ecm"') < table.index('Flag("color"') < table.index('"destinations"')
