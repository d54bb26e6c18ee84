# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release refuses, and that an artifact shows only what was committed, not where and when it was built."""

from __future__ import annotations

import gzip
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile

import pytest
import yaml

if sys.version_info < (3, 11):
    pytest.skip("the tools need Python 3.11", allow_module_level=True)

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "tests/tooling"))

import environments
import release
import report

COMMITTED = 1_700_000_000
FILES = {"README.md": b"text\n", "plugins/b.py": b"b\n", "plugins/a.py": b"a\n", "run": b"#!/bin/sh\n"}


def packed(names: list[str], time: int, user: str) -> bytes:
    """Return an artifact as Ansible builds it, with files in an order that chance has given."""
    listed = [
        {"name": name, "ftype": "file", "chksum_type": "sha256", "chksum_sha256": release.digest(FILES[name])}
        for name in names
    ]
    files = json.dumps({"files": listed, "format": 1}, indent=True).encode()
    about = {
        "collection_info": {},
        "file_manifest_file": {"name": "FILES.json", "chksum_sha256": release.digest(files)},
    }
    manifest = json.dumps(about, indent=True).encode()
    output = io.BytesIO()
    stream = gzip.GzipFile(f"{user}.tar.gz", "wb", fileobj=output, mtime=time)
    with stream, tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in [("MANIFEST.json", manifest), ("FILES.json", files), *((n, FILES[n]) for n in names)]:
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uname, member.uid = len(content), time, user, len(user)
            member.mode = 0o755 if name == "run" else 0o644
            tar.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("LICENSE")
        link.type, link.linkname, link.mtime = tarfile.SYMTYPE, "COPYING", time
        tar.addfile(link)
    return output.getvalue()


def test_where_and_when_it_is_built_makes_no_difference() -> None:
    first = release.normalize(packed(list(FILES), 1_750_000_000, "alice"), COMMITTED)
    second = release.normalize(packed(list(FILES)[::-1], 1_760_000_000, "builder"), COMMITTED)
    assert first == second
    assert first != release.normalize(packed(list(FILES), 1_750_000_000, "alice"), COMMITTED + 1)


def test_the_content_stays() -> None:
    with tarfile.open(fileobj=io.BytesIO(release.normalize(packed(list(FILES), 1, "alice"), COMMITTED))) as tar:
        members = tar.getmembers()
        contents = {member.name: tar.extractfile(member) for member in members if member.isfile()}
        files = {name: stream.read() for name, stream in contents.items() if stream}
    names = [member.name for member in members]
    assert names == ["MANIFEST.json", "FILES.json", "LICENSE", "README.md", "plugins/a.py", "plugins/b.py", "run"]
    assert {name: files[name] for name in FILES} == FILES
    assert [member.linkname for member in members if member.issym()] == ["COPYING"]
    assert {member.mode for member in members if member.name == "run"} == {0o755}
    assert {(member.mtime, member.uid, member.uname) for member in members} == {(COMMITTED, 0, "")}
    listed = [entry["name"] for entry in json.loads(files["FILES.json"])["files"]]
    assert listed == sorted(FILES)
    checksum = json.loads(files["MANIFEST.json"])["file_manifest_file"]["chksum_sha256"]
    assert checksum == release.digest(files["FILES.json"])


def git(folder: pathlib.Path, *words: str) -> None:
    identity = ("-c", "user.name=tester", "-c", "user.email=tester@example.org")
    subprocess.run(("git", *identity, *words), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: pathlib.Path) -> pathlib.Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").write_text("text\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def test_a_dirty_tree_is_refused(checkout: pathlib.Path) -> None:
    release.require_clean_tree(checkout)
    (checkout / "new").touch()
    with pytest.raises(environments.Failed, match=r"commit or remove.*\n.*new"):
        release.require_clean_tree(checkout)


def test_the_tag_of_another_version_is_refused(checkout: pathlib.Path) -> None:
    release.require_own_tag("1.0.0", checkout)
    git(checkout, "tag", "0.9.0")
    with pytest.raises(environments.Failed, match=r"tag 0\.9\.0, but galaxy\.yml says 1\.0\.0"):
        release.require_own_tag("1.0.0", checkout)
    git(checkout, "tag", "1.0.0")
    release.require_own_tag("1.0.0", checkout)


def test_the_changelog_has_to_be_complete(tmp_path: pathlib.Path) -> None:
    fragments = tmp_path / "changelogs/fragments"
    fragments.mkdir(parents=True)
    (tmp_path / "galaxy.yml").write_text("version: 1.0.0\n")
    (tmp_path / "changelogs/changelog.yaml").write_text("releases: {}\n")
    with pytest.raises(environments.Failed, match=r"does not have version 1\.0\.0"):
        release.require_changelog(tmp_path)
    (tmp_path / "changelogs/changelog.yaml").write_text("releases: {1.0.0: {}}\n")
    assert release.require_changelog(tmp_path) == "1.0.0"
    (fragments / "new.yml").touch()
    with pytest.raises(environments.Failed, match=r"it lacks new\.yml"):
        release.require_changelog(tmp_path)


def test_checksums_are_those_that_sha256sum_reads(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"two")
    release.publish(tmp_path / "a", tmp_path / "b", into=tmp_path / "out")
    assert subprocess.run(("sha256sum", "--check", release.SUMS), cwd=tmp_path / "out", check=True)


# The forge runs what `make` has


def workflow(name: str) -> dict[str, dict[str, dict[str, object]]]:
    loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
        (ROOT / f".github/workflows/{name}.yml").read_text()
    )
    return loaded


def test_workflows_call_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for path in sorted((ROOT / ".github/workflows").glob("*.yml")):
        targets = re.findall(r"run: make ([a-z-]+)$", path.read_text(), re.MULTILINE)
        assert targets, path.name
        for target in targets:
            assert re.search(rf"^{target}: ## ", makefile, re.MULTILINE), target


def test_workflows_test_all_that_is_supported() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
    matrix = workflow["jobs"]["versions"]["strategy"]
    assert matrix == {"fail-fast": False, "matrix": {"core": list(report.CORES)}}
    for name in ("test", "weekly"):
        text = (ROOT / f".github/workflows/{name}.yml").read_text()
        for block in re.findall(r"python-version: \|\n((?: +3\.\d+\n)+)", text):
            assert sorted(block.split()) == sorted(environments.SUPPORTED_PYTHONS)
