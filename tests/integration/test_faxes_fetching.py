# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``fax_fetch`` and ``fax_info`` in playbooks against the simulated platform."""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import json
import os
import pathlib
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.playbooks import Playbooks

MAGIC = {"tiff": b"II*\0", "pdf": b"%PDF", "pdf14": b"%PDF-1.4", "ps": b"%!PS"}


@pytest.fixture
def archive(tmp_path: pathlib.Path) -> pathlib.Path:
    """An empty folder."""
    path = tmp_path / "archive"
    path.mkdir()
    return path


def downloads(sim: Simulator) -> int:
    return sim.count("GET", "^/api/faxrecordings/")


def statuses(result: dict[str, Any]) -> dict[int, str]:
    return {fax["fax_id"]: fax["status"] for fax in result["faxes"]}


def names(path: pathlib.Path) -> list[str]:
    return sorted(str(found.relative_to(path)) for found in path.rglob("*") if found.is_file())


@pytest.mark.parametrize("form", list(MAGIC))
def test_formats(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path, form: str) -> None:
    (fax_id,) = simulator.receive_fax(3, pages=2)
    dest = archive / "one fax"
    given = {"fax_id": fax_id, "format": form, "dest": str(dest)}
    assert playbooks.module("fax_fetch", given, check=True).succeeded().only["changed"]
    assert names(archive) == [] and downloads(simulator) == 0
    result = playbooks.module("fax_fetch", given).succeeded().only
    content = dest.read_bytes()
    assert content.startswith(MAGIC[form])
    (fax,) = result["faxes"]
    digest = hashlib.sha256(content).hexdigest()
    assert (fax["path"], fax["size"], fax["sha256"], fax["status"]) == (str(dest), len(content), digest, "fetched")
    again = playbooks.module("fax_fetch", given).succeeded().only
    assert (again["changed"], statuses(again), downloads(simulator)) == (False, {fax_id: "present"}, 1)


def test_all_formats_in_one_folder(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    (fax_id,) = simulator.receive_fax(3)
    task = {
        "name": "fetch",
        "ngcp.fax.fax_fetch": {"fax_id": fax_id, "format": "{{ item }}", "dest": str(archive)},
        "loop": list(MAGIC),
    }
    playbooks.run([task]).succeeded()
    playbooks.run([task]).succeeded()
    assert downloads(simulator) == 4
    assert names(archive) == ["1.pdf", "1.pdf14.pdf", "1.ps", "1.tif", "index.json"]


def test_an_archive(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    ids = simulator.receive_fax(3, count=120)
    simulator.receive_fax(4, count=5)
    simulator.receive_fax(3, direction="out", count=5)
    given = {"subscriber_id": 3, "dest": str(archive), "mode": "0640"}
    result = playbooks.module("fax_fetch", given).succeeded().only
    assert statuses(result) == dict.fromkeys(ids, "fetched")
    assert result["summary"]["fetched"] == 120
    assert {path.stat().st_mode & 0o777 for path in archive.iterdir()} == {0o640}
    index = json.loads((archive / "index.json").read_text())
    assert {entry["fax_id"]: entry["sha256"] for entry in index["faxes"]} == {
        fax["fax_id"]: fax["sha256"] for fax in result["faxes"]
    }
    (archive / f"{ids[7]}.tif").write_bytes(b"II*\0damaged")
    (archive / f"{ids[8]}.tif").unlink()
    simulator.clear_audit()
    mended = playbooks.module("fax_fetch", given).succeeded().only
    assert [fax["fax_id"] for fax in mended["faxes"] if fax["status"] == "fetched"] == [ids[8], ids[7]]
    assert downloads(simulator) == 2 and simulator.count("GET", "^/api/faxes/") == 1
    simulator.clear_audit()
    again = playbooks.module("fax_fetch", given).succeeded().only
    assert (again["changed"], again["summary"]["present"]) == (False, 120)
    assert (downloads(simulator), simulator.count("GET")) == (0, 1)


def test_layouts(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    at = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()
    simulator.receive_fax(3, time=at, filename="../../evil", caller="../x")
    layouts = {"flat": "1.tif", "by_subscriber": "3/1.tif", "by_date": "2026/11/01/1.tif"}
    for layout in layouts:
        (archive / layout).mkdir()
    run = playbooks.each("fax_fetch", {layout: {"dest": str(archive / layout), "layout": layout} for layout in layouts})
    assert set(run.statuses.values()) == {"changed"}
    for layout, expected in layouts.items():
        assert names(archive / layout) == sorted([expected, "index.json"])


def test_default_permissions_are_private(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    simulator.receive_fax(3)
    given = {"dest": str(archive), "owner": getpass.getuser()}
    playbooks.module("fax_fetch", given).succeeded()
    assert {path.stat().st_mode & 0o777 for path in archive.iterdir()} == {0o600}
    assert playbooks.module("fax_fetch", given).only["changed"] is False
    changed = playbooks.module("fax_fetch", {**given, "mode": "0644"}, check=True).only
    assert changed["changed"] and (archive / "1.tif").stat().st_mode & 0o777 == 0o600


def test_faxes_without_a_recording(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    simulator.receive_fax(3)
    (missing,) = simulator.receive_fax(3, image=False)
    (pending,) = simulator.receive_fax(3, status="", image=False)
    result = playbooks.module("fax_fetch", {"dest": str(archive)}).succeeded().only
    assert statuses(result) == {1: "fetched", missing: "unavailable", pending: "unavailable"}
    assert f"no recording of faxes {pending}, {missing}" in result["warnings"][0]
    simulator.clear_audit()
    playbooks.module("fax_fetch", {"dest": str(archive)}).succeeded()
    assert simulator.count("GET", f"^/api/faxrecordings/{missing}") == 1
    assert simulator.count("GET", f"^/api/faxrecordings/{pending}") == 1
    simulator.clear_audit()
    playbooks.module("fax_fetch", {"dest": str(archive), "unavailable_for": 0}).succeeded()
    assert not simulator.count("GET", f"^/api/faxrecordings/{missing}")
    one = playbooks.module("fax_fetch", {"fax_id": missing, "dest": str(archive / "x")}).failed().only
    assert one["error"]["code"] == "unavailable"


@pytest.mark.parametrize("action", ["reset", "reset_after", "truncate", "garbage", "status"])
def test_passing_faults(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path, action: str) -> None:
    ids = simulator.receive_fax(3, count=10, size=50_000)
    more = {"status": 503, "retry_after": 0} if action == "status" else {"after_bytes": 30_000}
    simulator.fault(action, method="GET", path="^/api/fax", probability=0.3, **more)
    result = playbooks.module("fax_fetch", {"dest": str(archive), "retries": 20}).succeeded().only
    assert statuses(result) == dict.fromkeys(ids, "fetched")
    assert names(archive) == sorted([*(f"{fax_id}.tif" for fax_id in ids), "index.json"])


def test_one_that_fails_does_not_stop_the_others(
    simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path
) -> None:
    ids = simulator.receive_fax(3, count=5)
    simulator.fault("status", path=f"^/api/faxrecordings/{ids[2]}$", status=502)
    result = playbooks.module("fax_fetch", {"dest": str(archive), "retries": 1}).failed().only
    assert [fax["fax_id"] for fax in result["faxes"] if fax["status"] == "failed"] == [ids[2]]
    assert (result["summary"]["fetched"], result["error"]["http_status"]) == (4, 502)
    simulator.clear_faults()
    simulator.clear_audit()
    assert statuses(playbooks.module("fax_fetch", {"dest": str(archive)}).succeeded().only)[ids[2]] == "fetched"
    assert downloads(simulator) == 1


def test_deleting(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    simulator.receive_fax(3, count=5)
    given = {"dest": str(archive), "delete_after_fetch": True}
    checked = playbooks.module("fax_fetch", given, check=True).succeeded().only
    assert checked["summary"]["deleted"] == 5 and simulator.count("DELETE") == 0
    result = playbooks.module("fax_fetch", given).succeeded().only
    assert result["summary"]["deleted"] == 5 and simulator.journal() == []
    assert len(names(archive)) == 6
    again = playbooks.module("fax_fetch", given).succeeded().only
    assert (again["changed"], again["summary"]["present"], simulator.count("DELETE")) == (False, 5, 5)


def test_nothing_is_deleted_that_is_not_on_disk(
    simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path
) -> None:
    ids = simulator.receive_fax(3, count=5)
    simulator.fault("garbage", path=f"^/api/faxrecordings/{ids[2]}$")
    given = {"dest": str(archive), "delete_after_fetch": True, "retries": 1}
    result = playbooks.module("fax_fetch", given).failed().only
    assert [row["id"] for row in simulator.journal()] == [ids[2]]
    assert result["error"]["code"] == "damaged_download"


def test_faxes_of_the_platform_can_be_deleted_while_they_are_read(
    simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path
) -> None:
    ids = simulator.receive_fax(3, count=250)
    remove = f"DELETE FROM fax_journal WHERE id = {ids[-1]}"
    simulator.after_page("faxes", 1, lambda: simulator.platform.database.execute(remove))
    result = playbooks.module("fax_fetch", {"dest": str(archive)}).succeeded().only
    assert set(statuses(result)) >= set(ids[:-1])


@contextlib.contextmanager
def small_disk(path: pathlib.Path) -> Iterator[None]:
    """Mount a disk of 200 KiB, if that is allowed here."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k,mode=0700", "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    ids = simulator.receive_fax(3, count=8, size=50_000)
    with small_disk(archive):
        given = {"dest": str(archive), "delete_after_fetch": True, "concurrency": 1}
        result = playbooks.module("fax_fetch", given).failed().only
        assert result["error"]["code"] == "disk_full" and "No space left" in result["msg"]
        fetched = [fax["fax_id"] for fax in result["faxes"] if fax["status"] == "fetched"]
        assert 1 <= len(fetched) <= 3
        assert names(archive) == sorted([*(f"{fax_id}.tif" for fax_id in fetched), "index.json"])
        left = [row["id"] for row in simulator.journal()]
        assert set(left) | set(fetched) == set(ids)
        (archive / f"{fetched[0]}.tif").unlink()


def test_a_full_disk_for_receipts(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    simulator.put_settings("faxserversettings", 3, {"active": True})
    with small_disk(archive):
        with contextlib.suppress(OSError), (archive / "filler").open("wb", buffering=0) as stream:
            while True:
                stream.write(bytes(4096))
        given = {"subscriber_id": 3, "destination": "4311", "text": "x", "receipts": str(archive)}
        result = playbooks.module("fax_send", given).failed().only
        assert result["error"]["code"] == "disk_full"
    assert simulator.count("POST", "^/api/faxes") == 0


def test_clear_errors(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"dest": "/dev/null", "fax_id": 1}, "invalid_input", "is a device"),
        ({"mode": 644}, "invalid_input", "mode 0o1204"),
        ({"subscriber_external_id": ""}, "invalid_input", "subscriber_external_id"),
        ({"fax_id": 99}, "not_found", "404"),
        ({"subscriber_id": 99}, "not_found", "404"),
        ({"since": "soon"}, "invalid_input", "since"),
        ({"fax_id": 1, "limit": 1}, "invalid_input", "fax_id"),
    ]
    simulator.receive_fax(3)
    for check in (True, False):
        tasks = {str(given): {"dest": str(archive), **given} for given, _code, _words in cases}
        run = playbooks.each("fax_fetch", tasks, check=check)
        for given, code, words in cases:
            result = run.result(str(given))
            assert run.statuses[str(given)] == "failed"
            assert (result["error"]["code"], result["changed"]) == (code, False)
            assert words in result["msg"]
    assert names(archive) == []


@pytest.mark.parametrize("more", [{}, {"fax_id": 1}])
def test_a_folder_that_the_task_before_makes(
    simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path, more: dict[str, Any]
) -> None:
    """The documented pair of tasks, in check mode and for real; without the first one the second one fails."""
    simulator.receive_fax(3)
    folder = archive / "made"
    make = {"name": "make", "ansible.builtin.file": {"path": str(folder), "state": "directory", "mode": "0750"}}
    fetch = {"name": "fetch", "ngcp.fax.fax_fetch": {"dest": f"{folder}/x.tif" if more else str(folder), **more}}
    playbooks.run([make, fetch], check=True).succeeded()
    assert not folder.exists() and downloads(simulator) == 0
    result = playbooks.run([fetch]).failed().only
    assert result["error"]["code"] == "invalid_input" and "does not exist" in result["msg"]
    playbooks.run([make, fetch]).succeeded()
    assert names(folder) == sorted(["x.tif" if more else "1.tif", "index.json"])


def test_an_expired_token(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    """It makes a page of every recording. One request for the journal renews it."""
    ids = simulator.receive_fax(3, count=5)
    simulator.switch(token_lifetime=5)
    simulator.after_page("faxes", 1, lambda: simulator.advance(60))
    result = playbooks.module("fax_fetch", {"dest": str(archive), "retries": 1, "concurrency": 1}).succeeded().only
    assert statuses(result) == dict.fromkeys(ids, "fetched")
    assert (downloads(simulator), simulator.count("POST", "^/login_jwt")) == (6, 2)


def test_a_fax_of_another_reseller(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    (fax_id,) = simulator.receive_fax(3)
    playbooks.environment = simulator.environment("foreign-reseller")
    result = playbooks.module("fax_fetch", {"fax_id": fax_id, "dest": str(archive)}).failed().only
    assert result["error"]["code"] == "not_found"


def test_an_unknown_format(playbooks: Playbooks, archive: pathlib.Path) -> None:
    result = playbooks.module("fax_fetch", {"dest": str(archive), "format": "docx"}).failed().only
    assert "tiff, pdf, pdf14, ps" in result["msg"]


def test_two_runs_at_once(simulator: Simulator, playbooks: Playbooks, archive: pathlib.Path) -> None:
    simulator.receive_fax(3, count=30)
    simulator.fault("delay", path="^/api/faxrecordings", seconds=0.1)
    tasks = [{"name": "fetch", "ngcp.fax.fax_fetch": {"dest": str(archive)}}]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda _run: playbooks.run(tasks, play={"hosts": "localhost"}), range(2)))
    assert [run.returncode for run in runs] == [0, 0]
    assert downloads(simulator) == 30


# ---- fax_info


ANOTHER_ZONE = pytest.mark.platform(timezone="Europe/Vienna")


@pytest.fixture
def journal(simulator: Simulator) -> None:
    """Faxes around the end of summer time (2026-10-25, 01:00 UTC)."""
    for hour in (23, 24, 24.5, 25, 25.5, 26):
        simulator.receive_fax(3, time=datetime(2026, 10, 24, tzinfo=UTC).timestamp() + hour * 3600 + 0.5)
    simulator.receive_fax(4, direction="out", status="FAILED", reason="busy")


@ANOTHER_ZONE
@pytest.mark.usefixtures("journal")
def test_info(playbooks: Playbooks) -> None:
    result = playbooks.module("fax_info", {"subscriber_id": 3}).succeeded().only
    assert [fax["fax_id"] for fax in result["faxes"]] == [1, 2, 3, 4, 5, 6]
    assert [fax["time_iso"] for fax in result["faxes"]] == [
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T02:30:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]
    assert [fax["time"][11:] for fax in result["faxes"]] == [
        "01:00:00", "02:00:00", "02:30:00", "02:00:00", "02:30:00", "03:00:00",
    ]  # fmt: skip
    assert {type(result["faxes"][0][name]) for name in ("fax_id", "pages", "duration", "signal_rate")} == {int}
    assert result["changed"] is False


@ANOTHER_ZONE
@pytest.mark.usefixtures("journal")
def test_info_filters(playbooks: Playbooks) -> None:
    cases: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [1, 2, 3, 4, 5, 6, 7]),
        ({"order": "desc", "limit": 2}, [7, 6]),
        ({"limit": 2}, [1, 2]),
        ({"direction": "out"}, [7]),
        ({"direction": "in", "limit": 1}, [1]),
        ({"status": "failed"}, [7]),
        ({"status": ["SUCCESS"], "order": "desc", "limit": 1}, [6]),
        ({"fax_id": 7}, [7]),
        ({"subscriber": "user0004@fax.example.com"}, [7]),
        ({"number": "+43 1 90004"}, [7]),
        ({"subscriber_external_id": "EXT-0004"}, [7]),
        ({"until": "2026-10-25"}, [1, 2, 3, 4, 5, 6]),
        ({"until": "2026-10-24"}, []),
        ({"until": "2026-10-25T01:00:00+02:00"}, [1]),
        ({"until": "2026-10-25T00:59:59Z"}, [1, 2, 3]),
        ({"until": "2026-10-25T01:00:00Z"}, [1, 2, 3, 4]),
        ({"since": "2026-10-25T01:00:00Z", "until": "2026-10-25T01:30:00Z"}, [4, 5]),
        ({"since": "2026-10-25 03:00:00", "subscriber_id": 3}, [6]),
    ]
    run = playbooks.each("fax_info", {str(given): given for given, _found in cases})
    for given, found in cases:
        result = run.result(str(given))
        assert run.statuses[str(given)] == "ok"
        assert [fax["fax_id"] for fax in result["faxes"]] == found, given


@ANOTHER_ZONE
@pytest.mark.usefixtures("journal")
def test_info_errors(playbooks: Playbooks) -> None:
    cases: list[dict[str, Any]] = [{"fax_id": 99}, {"subscriber_id": 99}]
    run = playbooks.each("fax_info", {str(given): given for given in cases})
    assert set(run.statuses.values()) == {"failed"}
    assert [run.result(str(given))["error"]["code"] for given in cases] == ["not_found", "not_found"]


def test_info_of_a_long_journal(simulator: Simulator, playbooks: Playbooks) -> None:
    ids = simulator.receive_fax(3, count=450)
    result = playbooks.module("fax_info", {"subscriber_id": 3}).succeeded().only
    assert [fax["fax_id"] for fax in result["faxes"]] == ids
    assert simulator.count("GET", "^/api/faxes/") == 5 + 2, "five pages, and two questions for the zone"
