# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release: the artifact, built so that anybody gets the same bytes from the same commit, and what is said about it.

``ansible-galaxy collection build`` leaves to chance in which order files are listed, and writes the time of the build.
`normalize` packs what it has built once more: sorted, with the time of the commit, without the name of a user.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import sys
import tarfile

import environments as envs
import yaml

FOLDER = envs.CACHE / "release"
MANIFEST = "MANIFEST.json"
FILES = "FILES.json"
SUMS = "SHA256SUMS"
COLLECTION = "ansible_collections/ngcp/fax"
ENVIRONMENT = "docs/examples/execution-environment/execution-environment.yml"


def checked(*command: envs.Path, env: dict[str, str] | None = None, cwd: pathlib.Path = envs.ROOT) -> str:
    """Run a command and return its output.

    :raises Failed: with the output, if the command fails.
    """
    status, output = envs.run(*command, env=os.environ | (env or {}), cwd=cwd)
    if status:
        raise envs.Failed(f"{' '.join(map(str, command))}:\n{output}")
    return output


# ---- what is released


def require_clean_tree(root: pathlib.Path = envs.ROOT) -> None:
    """Refuse what is not committed: nobody could build it again."""
    changes = checked("git", "status", "--porcelain", cwd=root).splitlines()
    if changes:
        shown = "\n".join(changes[:10])
        raise envs.Failed(f"The working tree differs from the last commit; commit or remove this first:\n{shown}")


def require_changelog(root: pathlib.Path = envs.ROOT) -> str:
    """Return the version, if the changelog describes it."""
    version = str(yaml.safe_load((root / "galaxy.yml").read_text())["version"])
    released = yaml.safe_load((root / "changelogs/changelog.yaml").read_text())["releases"]
    fragments = sorted(path.name for path in (root / "changelogs/fragments").glob("*.yml"))
    if version not in released or fragments:
        what = f"it lacks {', '.join(fragments)}" if fragments else f"it does not have version {version}"
        raise envs.Failed(f"The changelog is not complete: {what}; run `make release-notes` and commit what it writes")
    return version


def require_own_tag(version: str, root: pathlib.Path = envs.ROOT) -> None:
    """Refuse a commit with the tag of another version. Without a tag it is a release to be."""
    tags = checked("git", "tag", "--points-at", "HEAD", cwd=root).split()
    if tags and version not in tags:
        raise envs.Failed(f"The commit has the tag {' and '.join(tags)}, but galaxy.yml says {version}")


def export(folder: pathlib.Path, backwards: bool = False) -> pathlib.Path:
    """Write the files of the last commit into a new folder, in one order or the other."""
    archive = folder.with_suffix(".tar")
    folder.mkdir(parents=True)
    checked("git", "archive", "--output", archive, "HEAD")
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        tar.extractall(folder, members[::-1] if backwards else members, filter="data")
    archive.unlink()
    return folder


# ---- the artifact


def build(source: pathlib.Path, into: pathlib.Path) -> pathlib.Path:
    """Build the artifact from an exported commit; its bytes depend on nothing else."""
    into.mkdir(parents=True)
    checked(envs.VENV / "bin/ansible-galaxy", "collection", "build", "--output-path", into, source)
    (built,) = into.glob("*.tar.gz")
    time = int(checked("git", "log", "-1", "--format=%ct"))
    built.write_bytes(normalize(built.read_bytes(), time))
    return built


def normalize(artifact: bytes, time: int) -> bytes:
    """Return an artifact with the same content that does not show where and when it was built."""
    with tarfile.open(fileobj=io.BytesIO(artifact)) as tar:
        members = {member.name: member for member in tar}
        contents = {name: tar.extractfile(member) for name, member in members.items() if member.isfile()}
        files = {name: stream.read() for name, stream in contents.items() if stream}
    files[FILES], files[MANIFEST] = _sorted_manifests(files[FILES], files[MANIFEST])

    output = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=output, mtime=time, compresslevel=9) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for name in (MANIFEST, FILES, *sorted(members.keys() - {MANIFEST, FILES})):
            member = members[name]
            plain = tarfile.TarInfo(name)
            plain.type, plain.linkname, plain.mode, plain.mtime = member.type, member.linkname, member.mode, time
            plain.size = len(files.get(name, b""))
            tar.addfile(plain, io.BytesIO(files.get(name, b"")))
    return output.getvalue()


def _sorted_manifests(files: bytes, manifest: bytes) -> tuple[bytes, bytes]:
    """Sort the list of files, and put its new checksum into the manifest; both in the form that Ansible writes."""
    listed = json.loads(files)
    listed["files"].sort(key=lambda entry: entry["name"])
    files = json.dumps(listed, indent=True).encode()
    about = json.loads(manifest)
    about["file_manifest_file"]["chksum_sha256"] = digest(files)
    return files, json.dumps(about, indent=True).encode()


def digest(content: bytes) -> str:
    """Return the SHA-256 checksum."""
    return hashlib.sha256(content).hexdigest()


def build_twice(work: pathlib.Path) -> pathlib.Path:
    """Build from two exports with files in different orders, and return the artifact, which has to be the same."""
    first = build(export(work / "source"), work / "first")
    second = build(export(work / "again", backwards=True), work / "second")
    if first.read_bytes() != second.read_bytes():
        raise envs.Failed(f"Two builds of the same commit differ: {first} and {second}")
    return first


# ---- its checks


def import_into_galaxy(artifact: pathlib.Path, python: pathlib.Path, work: pathlib.Path) -> None:
    """Let Galaxy's importer check exactly this artifact; its warnings count."""
    search = os.pathsep.join([str(python.parent), os.environ["PATH"]])
    log = checked(python, "-m", "galaxy_importer.main", artifact, env={"PATH": search}, cwd=work)
    complaints = [line for line in log.splitlines() if line.startswith(("WARNING", "ERROR"))]
    if complaints or "Importer processing completed successfully" not in log:
        raise envs.Failed("Galaxy's importer complains:\n" + "\n".join(complaints or [log]))


class Installation:
    """The artifact in an empty environment outside the checkout, with the tests of the same commit laid over it.

    ``source`` is the exported commit that the tests, their requirements and the simulator come from.
    """

    def __init__(self, work: pathlib.Path, source: pathlib.Path) -> None:
        self._source = source
        self._collections = work / "collections"
        self._venv = work / "venv"
        self._work = work
        self._own_tests = work / "own-tests"
        self.collection = self._collections / COLLECTION
        self.python = self._venv / "bin/python"

    @property
    def environment(self) -> dict[str, str]:
        """The variables of processes that use it: they see nothing of the checkout."""
        return {
            "ANSIBLE_COLLECTIONS_PATH": str(self._collections),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",
            "PATH": os.pathsep.join([str(self._venv / "bin"), os.environ["PATH"]]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(self._collections),
            "VIRTUAL_ENV": str(self._venv),
        }

    def install(self, artifact: pathlib.Path) -> None:
        """Install the artifact and what its tests need; the simulator as the package that users get."""
        checked(getattr(sys, "_base_executable", sys.executable), "-m", "venv", self._venv)
        requirements = self._source / "tests/requirements"
        wanted = ("-r", requirements / "run.txt", "-r", requirements / "test.txt", self._source / "tests/simulator")
        pip = {"PIP_CACHE_DIR": str(envs.CACHE / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        checked(self.python, "-m", "pip", "install", "--quiet", *wanted, env=pip)
        envs.run(self.python, "-m", "compileall", "-qq", "-j", "0", self._venv / "lib")
        self._galaxy("install", "--offline", "-p", self._collections, artifact)
        self.verify()

    def verify(self) -> None:
        """Compare all files of the installed collection with their checksums."""
        self._galaxy("verify", "--offline", "ngcp.fax")

    def _galaxy(self, *words: envs.Path) -> None:
        checked(self._venv / "bin/ansible-galaxy", "collection", *words, env=self.environment, cwd=self._work)

    def pytest(self, artifact: pathlib.Path, report: pathlib.Path) -> tuple[list[str], dict[str, str]]:
        """Lay the tests over the collection; return the command that runs the integration tests, and its variables."""
        (self.collection / "tests").rename(self._own_tests)
        shutil.copytree(self._source / "tests", self.collection / "tests")
        options = ("-o", "pythonpath=", "-o", f"cache_dir={self._work / 'pytest'}", f"--junitxml={report}")
        suite = self.collection / "tests/integration"
        command = [str(self.python), "-m", "pytest", "-q", "-c", str(self._source / "pyproject.toml"), *options]
        return [*command, f"--rootdir={self.collection}", str(suite)], self.environment | {
            "NGCP_FAX_ARTIFACT": str(artifact)
        }

    def remove_tests(self) -> None:
        """Leave the installed collection as it was, which `verify` finds out."""
        shutil.rmtree(self.collection / "tests")
        self._own_tests.rename(self.collection / "tests")


# ---- what is said about it


def describe_libraries(installation: Installation, tools: pathlib.Path, work: pathlib.Path, into: pathlib.Path) -> None:
    """Write which Python libraries an execution environment gets, with versions and dependencies (CycloneDX)."""
    definition = yaml.safe_load((installation.collection / ENVIRONMENT).read_text())["dependencies"]
    needed = work / "libraries.txt"
    builder = installation.python.parent / "ansible-builder"
    checked(builder, "introspect", "--write-pip", needed, installation.collection.parents[2], cwd=work)
    libraries = work / "libraries"
    checked(installation.python, "-m", "venv", "--without-pip", libraries)
    runtime = [definition[name]["package_pip"] for name in ("ansible_core", "ansible_runner")]
    pip = (installation.python, "-m", "pip", "--python", libraries / "bin/python", "install", "--quiet")
    checked(*pip, "-r", needed, *runtime, env={"PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    options = ("--output-reproducible", "--of", "JSON", "-o", into)
    checked(tools / "bin/cyclonedx-py", "environment", *options, libraries / "bin/python")


def publish(*files: pathlib.Path, into: pathlib.Path = FOLDER) -> list[str]:
    """Write the files and their checksums where a release is taken from; return the lines of `SUMS`."""
    into.mkdir(parents=True, exist_ok=True)
    lines = []
    for file in files:
        shutil.copy(file, into / file.name)
        lines.append(f"{digest(file.read_bytes())}  {file.name}")
    (into / SUMS).write_text("\n".join([*lines, ""]))
    return lines
