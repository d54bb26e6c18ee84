# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Execution environments with the collection, as far as they can be made without a container engine."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

import pytest
import yaml

from ansible_collections.ngcp.fax.tests.integration.support.artifact import provide_artifact
from ansible_collections.ngcp.fax.tests.integration.support.documents import ROOT

EXAMPLES = ROOT / "docs/examples/execution-environment"
CREATE = ("ansible-builder", "create", "--output-filename", "Containerfile")
LIBRARIES = {line.split()[0] for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1].isalpha()}


def run(*command: str | pathlib.Path, cwd: pathlib.Path | None = None, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(what: tuple[str | pathlib.Path, ...], into: pathlib.Path, cwd: pathlib.Path) -> None:
    """Install a collection where nothing is installed: Galaxy's client leaves out what it finds anywhere."""
    command = ("ansible-galaxy", "collection", "install", "--offline", "-p", into, *what)
    run(*command, cwd=cwd, ANSIBLE_COLLECTIONS_PATH=str(into), PYTHONPATH="")


def python_packages(introspected: str) -> set[str]:
    return {line.split()[0] for line in yaml.safe_load(introspected)["python"]}


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> pathlib.Path:
    """The collection as it would be published."""
    return provide_artifact(tmp_path).rename(tmp_path / "ngcp-fax.tar.gz")


def test_the_collection_tells_what_it_needs(archive: pathlib.Path, tmp_path: pathlib.Path) -> None:
    install((archive,), tmp_path / "collections", tmp_path)
    assert {"requests", "jsonpatch"} == LIBRARIES
    introspected = run("ansible-builder", "introspect", tmp_path / "collections")
    assert python_packages(introspected) == LIBRARIES
    assert not yaml.safe_load(introspected)["system"], "both libraries are pure Python"


def test_the_definition_makes_a_build_context(tmp_path: pathlib.Path) -> None:
    context = tmp_path / "context"
    run(*CREATE, "--file", EXAMPLES / "execution-environment.yml", "--context", context)
    assert yaml.safe_load((context / "_build/requirements.yml").read_text())["collections"][0]["name"] == "ngcp.fax"
    build = (context / "Containerfile").read_text()
    assert "ansible-core" in build and "ansible-runner" in build and "collection install" in build


def test_the_steps_of_a_build_from_a_checkout(archive: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """What the build does inside the image, done outside of it: install the collection, find out what it needs."""
    definition = shutil.copy(EXAMPLES / "from-checkout.yml", tmp_path)
    context = tmp_path / "context"
    run(*CREATE, "--file", definition, "--context", context, cwd=tmp_path)
    build = context / "_build"
    assert "collection install" in (context / "Containerfile").read_text()
    collections = tmp_path / "share/collections"
    install(("-r", "requirements.yml"), collections, build)
    assert (collections / "ansible_collections/ngcp/fax/plugins/inventory/subscribers.py").exists()
    script = build / "scripts/introspect.py"
    assert python_packages(run(sys.executable, script, "introspect", collections)) == LIBRARIES


def test_both_definitions_differ_only_in_where_the_collection_comes_from() -> None:
    galaxy, checkout = (
        yaml.safe_load((EXAMPLES / f"{name}.yml").read_text()) for name in ("execution-environment", "from-checkout")
    )
    for definition in (galaxy, checkout):
        definition["dependencies"].pop("galaxy")
        definition.pop("additional_build_files", None)
    assert galaxy == checkout
