# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks that fetch faxes, delete them on the platform, and read the journal."""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any

from ngcp_simulator.recordings import converted

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.fetch_task import fetch_task
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.info_task import fax_info_task

from .budget import Budget
from .case import Case, Observation
from .sending_cases import clear_journal
from .world import PATIENT, World

SUBSCRIBER, NEIGHBOUR = 9, 10
FAXES = 3
SIZE = 20_000
Recordings = dict[int, bytes]


class FetchCase(Case):
    """Fetch faxes, and the same task once more when the faults are gone.

    :param deletes: delete on the platform what is fetched.
    :param single: one fax by its id into a file, else all of a subscriber into a folder.
    :param form: the format.
    """

    def __init__(self, name: str, *, deletes: bool = True, single: bool = False, form: str = "tiff") -> None:
        self.name = name
        self._deletes = deletes
        self._single = single
        self._form = form
        self._extension = {"tiff": "tif"}.get(form, form)
        self._task = fetch_task()
        self._folder = pathlib.Path()
        self._first = 0

    def prepare(self, world: World) -> Recordings:
        """Receive faxes: some for the subscriber, one for its neighbour."""
        clear_journal(world)
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="ngcp-faults-"))
        identifiers = world.sim.receive_fax(SUBSCRIBER, 1 if self._single else FAXES, size=SIZE)
        world.sim.receive_fax(NEIGHBOUR)
        self._first = identifiers[0]
        return {identifier: _recording(world, identifier, self._form) for identifier in identifiers}

    def run(self, world: World) -> dict[str, Any]:
        """Fetch."""
        return self._fetch(world)

    def _fetch(self, world: World, **more: Any) -> dict[str, Any]:
        if self._single:
            given: dict[str, Any] = {"fax_id": self._first, "dest": str(self._folder / f"one.{self._extension}")}
        else:
            given = {"subscriber_id": SUBSCRIBER, "dest": str(self._folder)}
        return world.run(self._task, {**given, "delete_after_fetch": self._deletes, "format": self._form}, **more)

    def budget(self) -> Budget:
        """Return the budget: the journal, the recordings with the entry that explains an error page, the deletions."""
        count = 1 if self._single else FAXES
        return Budget(((1, 1), (count, 3), (count, 2)))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Compare the report with the journal and the disk, and run the task again."""
        result, truth = seen.result, seen.before
        there = {fax["id"] for fax in world.sim.journal()}
        entries = result.get("faxes")
        if not isinstance(entries, list) or not isinstance(result.get("summary"), dict):
            yield "the result lacks `faxes` or `summary`"
            entries = []
        told = {entry.get("fax_id"): entry for entry in entries}
        for identifier, content in truth.items():
            entry = told.get(identifier)
            yield from (f"fax {identifier}: {problem}" for problem in self._wrong(identifier, content, entry, there))
        yield from self._whole(result, told, truth)
        done = [entry for entry in entries if entry.get("status") == "fetched" or entry.get("deleted")]
        if bool(result.get("changed")) != bool(done):
            yield f"`changed` is {result.get('changed')}, with {len(done)} faxes fetched or deleted"
        yield from self._strangers(there, truth)
        yield from self._again(world, truth)

    def _wrong(self, identifier: int, content: bytes, entry: Any, there: set[int]) -> Iterator[str]:
        gone, on_disk = identifier not in there, self._is_on_disk(identifier, content)
        if gone and not on_disk:
            yield "it is gone on the platform and not whole on disk"
        if entry is None:
            if gone:
                yield "it was deleted, and the result says nothing about it"
            return
        status = entry.get("status")
        if status == "fetched" and not on_disk:
            yield "status 'fetched', but the file is not its recording"
        if status == "fetched" and entry.get("sha256") != hashlib.sha256(content).hexdigest():
            yield "status 'fetched' with a wrong hash"
        if entry.get("deleted") and not gone:
            yield "`deleted` is true, but it is there"
        if gone and not entry.get("deleted") and not entry.get("error"):
            yield "`deleted` is false without an error, but it is gone"
        if status in ("failed", "unavailable") and not entry.get("error"):
            yield f"status {status!r} without an error"

    def _whole(self, result: dict[str, Any], told: dict[Any, Any], truth: Recordings) -> Iterator[str]:
        """Check that a task that is not failed has done everything."""
        if result.get("failed"):
            return
        for identifier in truth:
            entry = told.get(identifier)
            if entry is None or entry.get("status") not in ("fetched", "present", "unavailable"):
                yield f"the task is not failed, but fax {identifier} was not fetched"
            elif entry.get("error") and entry.get("status") != "unavailable":
                yield f"the task is not failed, but fax {identifier} has an error"
        if truth and all((told.get(one) or {}).get("status") == "unavailable" for one in truth):
            yield "the task is not failed, but no recording at all was there"

    def _strangers(self, there: set[int], truth: Recordings) -> Iterator[str]:
        if not there - set(truth):
            yield "the neighbour's fax is gone"

    def _again(self, world: World, truth: Recordings) -> Iterator[str]:
        """Run the task without faults: now everything has to be on disk, and nothing else."""
        again = self._fetch(world, timeout=PATIENT)
        there = {fax["id"] for fax in world.sim.journal()}
        for identifier, content in truth.items():
            if not self._is_on_disk(identifier, content):
                word = "is still there" if identifier in there else "is gone"
                yield f"lost: fax {identifier}, which {word}, is not on disk after a run without faults"
            elif self._deletes and identifier in there:
                yield f"fax {identifier} is not deleted by a run without faults"
        if again.get("failed"):
            yield f"the run without faults fails: {str(again.get('msg'))[:200]}"
        wanted = {self._path(identifier) for identifier in truth} | {self._folder / "index.json"}
        left = {path for path in self._folder.rglob("*") if path.is_file()} - wanted
        left = {path for path in left if not path.name.startswith(".") or path.suffix in (".part", ".tmp")}
        if left:
            yield f"left behind: {sorted(path.name for path in left)}"

    def _path(self, identifier: int) -> pathlib.Path:
        return self._folder / (f"one.{self._extension}" if self._single else f"{identifier}.{self._extension}")

    def _is_on_disk(self, identifier: int, content: bytes) -> bool:
        path = self._path(identifier)
        return os.path.isfile(path) and path.read_bytes() == content

    def clean(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _recording(world: World, identifier: int, form: str) -> bytes:
    row = world.sim.platform.database.row(
        "SELECT j.filename, i.image FROM fax_journal j JOIN fax_images i ON i.sid = j.sid WHERE j.id = ?", (identifier,)
    )
    if row is None:
        raise KeyError(identifier)
    return converted(bytes(row["image"]), "" if form == "tiff" else form, str(row["filename"]))


class JournalCase(Case):
    """Read the journal of a subscriber, or one entry of it."""

    def __init__(self, name: str, *, single: bool = False) -> None:
        self.name = name
        self._single = single
        self._task = fax_info_task()

    def prepare(self, world: World) -> list[int]:
        """Receive faxes."""
        clear_journal(world)
        identifiers = world.sim.receive_fax(SUBSCRIBER, FAXES, pages=2)
        world.sim.receive_fax(NEIGHBOUR)
        return identifiers

    def run(self, world: World) -> dict[str, Any]:
        """Read."""
        if self._single:
            first = min(fax["id"] for fax in world.sim.journal())
            return world.run(self._task, {"fax_id": first})
        return world.run(self._task, {"subscriber_id": SUBSCRIBER})

    def budget(self) -> Budget:
        """Return the budget: the list, and the entries whose time tells the platform's zone."""
        return Budget(((1, 1), (FAXES, 1)))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """Compare what is shown with the journal; a task that does not fail shows everything."""
        result = seen.result
        faxes = result.get("faxes")
        if not isinstance(faxes, list) or not isinstance(result.get("summary"), dict):
            yield "the result lacks `faxes` or `summary`"
            faxes = []
        stored = {fax["id"]: fax for fax in world.sim.journal(SUBSCRIBER)}
        found = [fax.get("fax_id") for fax in faxes]
        wanted = seen.before[:1] if self._single else seen.before
        if not result.get("failed") and found != wanted:
            yield f"the task is not failed, but shows {found} in place of {wanted}"
        for fax in faxes:
            truth = stored.get(fax.get("fax_id"), {})
            for name in ("subscriber_id", "direction", "status", "caller", "callee", "pages", "duration", "reason"):
                if fax.get(name) != truth.get(name):
                    yield f"fax {fax.get('fax_id')} is shown with {name} {fax.get(name)!r}, not {truth.get(name)!r}"
