# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users get: the artifact holds what they need, and nothing that only works in a checkout."""

from __future__ import annotations

import json
import pathlib
import shlex
import tarfile

import pytest
from ngcp_simulator import Simulator, sandbox

from ansible_collections.ngcp.fax.tests.integration.support.artifact import provide_artifact
from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT
from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

CONTENT = ("docs", "meta", "playbooks", "plugins", "roles")
"""Folders of the checkout that are in the artifact with all their files."""

NEEDED = {"COPYING", "README.md", "REUSE.toml", "SECURITY.md", "requirements.txt"}
FOLDERS = {"LICENSES", "changelogs", "tests", *CONTENT}
GENERATED = {"FILES.json", "MANIFEST.json"}
RELEASED = {"CHANGELOG.md", "CHANGELOG.rst"}  # not before the first release


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return provide_artifact(tmp_path_factory.mktemp("artifact"))


@pytest.fixture(scope="module")
def names(artifact: pathlib.Path) -> set[str]:
    """The files in the artifact."""
    with tarfile.open(artifact) as archive:
        return {member.name for member in archive if not member.isdir()}


def test_the_artifact_holds_nothing_else(names: set[str]) -> None:
    top = {name.split("/")[0] for name in names}
    assert top >= NEEDED | FOLDERS | GENERATED
    assert top <= NEEDED | FOLDERS | GENERATED | RELEASED
    partly = {name for name in names if name.startswith(("changelogs/", "tests/"))}
    assert partly == {"changelogs/changelog.yaml", "tests/config.yml"}


@pytest.mark.parametrize("folder", CONTENT)
def test_the_artifact_holds_all_files_of(folder: str, names: set[str]) -> None:
    paths = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
    wanted = {path.relative_to(ROOT).as_posix() for path in paths}
    assert wanted, folder
    assert {name for name in names if name.startswith(f"{folder}/")} == wanted


def test_the_artifact_holds_what_its_files_refer_to(names: set[str]) -> None:
    """The licences, the libraries of execution environments, and what Ansible reads at run time."""
    assert {"LICENSES/GPL-3.0-or-later.txt", "meta/execution-environment.yml", "meta/runtime.yml"} <= names


def test_the_manifest_describes_the_collection(artifact: pathlib.Path) -> None:
    with tarfile.open(artifact) as archive:
        member = archive.extractfile("MANIFEST.json")
        assert member
        about = json.load(member)["collection_info"]
    assert (about["namespace"], about["name"]) == ("ngcp", "fax")
    assert about["readme"] == "README.md" and about["license"] == ["GPL-3.0-or-later"]
    assert artifact.name == f"ngcp-fax-{about['version']}.tar.gz"


def test_four_folders_are_enough_at_run_time(
    artifact: pathlib.Path, tmp_path: pathlib.Path, playbooks: Playbooks, simulator: Simulator
) -> None:
    """Collections of the ``ansible`` package have to work without all others."""
    kept = ("meta", "playbooks", "plugins", "roles")
    collection = tmp_path / "collections/ansible_collections/ngcp/fax"
    with tarfile.open(artifact) as archive:
        archive.extractall(collection, [member for member in archive if member.name.startswith(kept)], filter="data")
    assert sorted(path.name for path in collection.iterdir()) == sorted(kept)
    sandbox.fill(simulator)
    sandbox.write_files(simulator, tmp_path, {})
    drift, _check, run, *_others = sandbox.COMMANDS.values()
    place = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "collections"), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    for command in (drift, run):
        done = playbooks.command(*shlex.split(command), environment=place)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "3 changed, 27 unchanged" in done.stdout
