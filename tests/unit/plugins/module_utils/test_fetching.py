# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetching: each recording once, verified, and nothing lost."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pathlib
import shutil

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _fetching, _recordings
from ansible_collections.ngcp.fax.plugins.module_utils._argument_spec import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    InputError,
    NotFoundError,
    RefusedError,
    ServerError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._fax_options import fetch_options
from ansible_collections.ngcp.fax.plugins.module_utils._fetching import fetch_faxes
from ansible_collections.ngcp.fax.tests.unit.support.journal import PAGE, TIFF, FakeClient, item

FAILURE = ServerError("The server failed: 502", http_status=502)


def image(number):
    return TIFF + str(number).encode()


@pytest.fixture
def client(monkeypatch, pauses):
    made = FakeClient([item(number) for number in range(1, 6)], concurrency=2)
    made.recordings = {number: image(number) for number in range(1, 6)}
    monkeypatch.setattr(_fetching, "connect", lambda params: made)
    return made


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "archive").mkdir()
    return tmp_path / "archive"


@pytest.fixture
def fetch(client, folder):
    """Return a function that runs the task with some options."""

    def run(check=False, set_attributes=lambda path: False, **given):
        options = {**connection_options(), **fetch_options()}
        params = {name: option.get("default") for name, option in options.items()}
        params.update(api_url="https://platform.test:1443", dest=str(folder))
        client.log.clear()
        return fetch_faxes({**params, **given}, None, check, set_attributes)

    return run


def statuses(result):
    return {fax["fax_id"]: fax["status"] for fax in result["faxes"]}


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_archive(client, fetch, folder):
    result = fetch()
    assert result["changed"] and "failed" not in result
    assert [fax["fax_id"] for fax in result["faxes"]] == [5, 4, 3, 2, 1]
    for fax in result["faxes"]:
        content = image(fax["fax_id"])
        assert pathlib.Path(fax["path"]).read_bytes() == content
        assert (fax["size"], fax["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert files(folder) == ["1.tif", "2.tif", "3.tif", "4.tif", "5.tif", "index.json"]
    again = fetch()
    assert (again["changed"], again["summary"]["present"]) == (False, 5)
    assert client.log == ["list 1", "close"]


def test_new_ones_only(client, fetch):
    fetch()
    client.items[6] = item(6)
    client.recordings[6] = image(6)
    result = fetch()
    assert (statuses(result)[6], result["summary"]["fetched"], result["summary"]["present"]) == ("fetched", 1, 5)
    assert client.log == ["list 1", "recording 6", "close"]


def test_an_id_that_appears_after_a_greater_one(client, fetch):
    late = client.items.pop(4)
    fetch()
    client.items[4] = late
    assert statuses(fetch())[4] == "fetched"


@pytest.mark.parametrize("damage", [b"", b"II*\0", None])
def test_damaged_files(client, fetch, folder, damage):
    fetch()
    (folder / "3.tif").unlink() if damage is None else (folder / "3.tif").write_bytes(damage)
    result = fetch()
    assert statuses(result) == {1: "present", 2: "present", 3: "fetched", 4: "present", 5: "present"}
    assert (folder / "3.tif").read_bytes() == image(3)


def test_force(client, fetch):
    fetch()
    assert fetch(force=True)["summary"]["fetched"] == 5


def test_other_formats_and_filters_share_the_index(client, fetch, folder):
    client.items[2]["direction"] = "out"
    for number in client.recordings:
        client.recordings[number] = {None: image(number), "ps": b"%!PS\n%%EOF"}
    assert sorted(statuses(fetch())) == [1, 3, 4, 5]
    assert sorted(statuses(fetch(direction="any"))) == [1, 2, 3, 4, 5]
    assert client.log == ["list 1", "recording 2", "close"]
    result = fetch(format="ps", direction="out")
    assert statuses(result) == {2: "fetched"}
    assert files(folder)[-3:] == ["4.tif", "5.tif", "index.json"] and "2.ps" in files(folder)


def test_one_failure_does_not_stop_the_others(client, fetch, folder):
    client.concurrency = 1
    client.meet("recording", None, *[FAILURE] * 4)
    result = fetch()
    assert statuses(result) == {5: "fetched", 4: "failed", 3: "fetched", 2: "fetched", 1: "fetched"}
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith("1 of 5 faxes failed: 4: The server failed")
    assert result["faxes"][1]["error"]["code"] == result["error"]["code"] == "server_error"
    again = fetch()
    assert statuses(again)[4] == "fetched" and "failed" not in again


def test_without_a_recording(client, fetch, folder):
    del client.recordings[3]
    result = fetch()
    assert statuses(result)[3] == "unavailable" and "failed" not in result
    assert statuses(fetch())[3] == "unavailable"
    assert client.log == ["list 1", "close"], "it is not asked for again"
    client.recordings[3] = image(3)
    assert statuses(fetch(force=True))[3] == "fetched"


def test_a_fax_under_way_is_asked_for_again(client, fetch):
    client.items[3]["status"] = ""
    recording = client.recordings.pop(3)
    assert statuses(fetch())[3] == "unavailable"
    client.items[3]["status"] = "SUCCESS"
    client.recordings[3] = recording
    assert statuses(fetch())[3] == "fetched"


def test_a_status_that_changes_later(client, fetch):
    client.items[3].update(status="SENDING", direction="out")
    wanted = {"direction": "any", "status": ["success"]}
    assert sorted(statuses(fetch(**wanted))) == [1, 2, 4, 5]
    for number in range(6, 200):
        client.items[number] = item(number)
        client.recordings[number] = image(number)
    fetch(**wanted)
    client.items[3]["status"] = "SUCCESS"
    assert statuses(fetch(**wanted))[3] == "fetched"


def test_a_fax_that_is_deleted_meanwhile(client, fetch):
    fetch(limit=1)
    client.after_page = lambda page: client.items.pop(2, None)
    result = fetch()
    assert statuses(result)[2] == "unavailable"
    assert [fax["error"]["code"] for fax in result["faxes"] if fax["fax_id"] == 2] == ["not_found"]


def test_an_access_error_stops_the_run_and_loses_nothing(client, fetch, folder):
    client.concurrency = 1
    client.meet("recording", None, None, AccessError("refused"))
    with pytest.raises(AccessError):
        fetch()
    assert files(folder) == ["4.tif", "5.tif", "index.json"]
    assert statuses(fetch()) == {5: "present", 4: "present", 3: "fetched", 2: "fetched", 1: "fetched"}


def test_an_interruption_at_any_moment(client, fetch, folder, tmp_path):
    """The folder is copied around every step that counts, as if the process had been killed there. A later run in each
    of the copies completes it, and downloads what is missing and nothing else."""
    snapshots = []

    def stepping(inner):
        def step(*arguments, **options):
            snapshot()
            result = inner(*arguments, **options)
            snapshot()
            return result

        return step

    def snapshot():
        path = tmp_path / f"snapshot-{len(snapshots)}"
        shutil.copytree(folder, path)
        snapshots.append((path, recordings()))

    def recordings():
        return sum(line.startswith("recording") for line in client.log)

    client.concurrency = 1
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "replace"):
            patch.setattr(os, name, stepping(getattr(os, name)))
        patch.setattr(client, "get_recording", stepping(client.get_recording))
        fetch()
    assert len(snapshots) > 50
    for path, before in snapshots:
        result = fetch(dest=str(path))
        assert set(statuses(result).values()) <= {"present", "fetched"} and len(statuses(result)) == 5
        assert before + recordings() <= 6, "each recording once, and the one that was on its way"
        assert files(path) == ["1.tif", "2.tif", "3.tif", "4.tif", "5.tif", "index.json"]
        again = fetch(dest=str(path))
        assert again["summary"]["present"] == 5 and client.log == ["list 1", "close"]


# ---- one fax


def test_one_fax_into_a_file(client, fetch, folder):
    dest = str(folder / "my fax.tif")
    assert statuses(fetch(fax_id=3, dest=dest)) == {3: "fetched"}
    assert pathlib.Path(dest).read_bytes() == image(3)
    assert (fetch(fax_id=3, dest=dest)["changed"], client.log) == (False, ["get faxes 3", "close"])
    assert statuses(fetch(fax_id=4, dest=dest)) == {4: "fetched"}
    assert statuses(fetch(fax_id=3, dest=dest)) == {3: "fetched"}
    assert statuses(fetch(fax_id=3)) == {3: "present"}


def test_one_fax_into_a_file_without_an_index(client, fetch, folder):
    dest = str(folder / "fax.tif")
    assert statuses(fetch(fax_id=3, dest=dest, index=False)) == {3: "fetched"}
    again = fetch(fax_id=3, dest=dest, index=False)
    assert (statuses(again), again["changed"]) == ({3: "present"}, False)
    assert statuses(fetch(fax_id=4, dest=dest, index=False)) == {4: "fetched"}
    assert files(folder) == ["fax.tif"]


def test_a_folder_without_an_index(client, fetch, folder):
    fetch(index=False)
    assert files(folder) == ["1.tif", "2.tif", "3.tif", "4.tif", "5.tif"]
    (folder / "3.tif").write_bytes(TIFF[:8])
    assert fetch(index=False)["summary"]["fetched"] == 1


def test_one_fax_that_cannot_be_had(client, fetch):
    with pytest.raises(NotFoundError):
        fetch(fax_id=99)
    del client.recordings[3]
    result = fetch(fax_id=3)
    assert (result["failed"], result["error"]["code"]) == (True, "unavailable")


# ---- deleting


def test_deleting(client, fetch, folder):
    result = fetch(delete_after_fetch=True)
    assert sorted(client.deleted) == [1, 2, 3, 4, 5] and result["summary"]["deleted"] == 5
    assert client.log.index("recording 5") < client.log.index("delete 5")
    again = fetch(delete_after_fetch=True)
    assert (again["changed"], again["summary"]["deleted"], again["summary"]["present"]) == (False, 0, 5)
    assert {fax["deleted"] for fax in again["faxes"]} == {True}
    assert statuses(fetch(fax_id=3)) == {3: "present"}
    (folder / "3.tif").write_bytes(b"damaged")
    lost = fetch()
    assert statuses(lost)[3] == "failed" and lost["error"]["code"] == "lost"


def test_only_what_is_intact_is_deleted(client, fetch, folder):
    fetch()
    path = folder / "3.tif"
    stamp = path.stat()
    path.write_bytes(image(3)[::-1])
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    client.meet("recording", *[FAILURE] * 4)
    result = fetch(delete_after_fetch=True)
    assert statuses(result)[3] == "failed" and sorted(client.deleted) == [1, 2, 4, 5]


def test_a_platform_that_cannot_delete(client, fetch):
    client.meet("delete", *[RefusedError("Path not found", code="not_supported", http_status=404)] * 5)
    result = fetch(delete_after_fetch=True)
    assert (result["failed"], result["error"]["code"]) == (True, "not_supported")
    assert set(statuses(result).values()) == {"fetched"} and result["summary"]["deleted"] == 0


# ---- disk


def test_a_full_disk(client, fetch, folder, monkeypatch):
    client.concurrency = 1

    def full(_stream):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_recordings, "sync", full)
        result = fetch()
    assert {fax["error"]["code"] for fax in result["faxes"]} == {"disk_full"}
    assert client.log == ["list 1", "recording 5", "close"], "nothing is downloaded that cannot be stored"
    assert files(folder) == ["index.json"]
    assert fetch()["summary"]["fetched"] == 5


def test_attributes(client, fetch):
    dressed = []

    def set_attributes(path):
        dressed.append(os.path.basename(path))
        return True

    assert fetch(set_attributes=set_attributes, limit=1)["changed"]
    assert dressed == [".5.tif.ngcp-fax-part", "index.json"], "before the file has its name"
    dressed.clear()
    assert fetch(set_attributes=set_attributes, limit=1)["changed"]
    assert dressed == ["5.tif", "index.json"]


def test_attributes_that_cannot_be_set(client, fetch, folder):
    def fail(path):
        raise FaxError("chown failed", code="attributes")

    result = fetch(set_attributes=fail)
    assert result["summary"]["failed"] == 5 and files(folder) == ["index.json"]


def test_check_mode(client, fetch, folder):
    result = fetch(check=True, delete_after_fetch=True)
    assert (result["changed"], result["summary"]["fetched"], result["summary"]["deleted"]) == (True, 5, 5)
    assert os.listdir(folder) == [] and client.deleted == []
    fetch()
    assert fetch(check=True)["changed"] is False


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dest": "/nonexistent/folder"}, "does not exist"),
        ({"dest": "/etc/hostname"}, "is no folder"),
        ({"dest": "/nonexistent/fax.tif", "fax_id": 1}, "folder of"),
        ({"dest": "/tmp/none/", "fax_id": 1}, "folder of"),
        ({"dest": "/tmp/index.json", "fax_id": 1}, "must not be called"),
    ],
)
def test_wrong_destinations(client, fetch, given, words):
    with pytest.raises(InputError, match=words) as caught:
        fetch(**given)
    assert caught.value.field == "dest" and client.log == []


def test_a_foreign_index(client, fetch, folder):
    (folder / "index.json").write_text("[1, 2, 3]")
    with pytest.raises(InputError, match=r"has an index\.json"):
        fetch()
    assert (folder / "index.json").read_text() == "[1, 2, 3]"
    assert fetch(index=False)["summary"]["fetched"] == 5


def test_layouts(client, fetch, folder):
    fetch(layout="by_subscriber", limit=1)
    fetch(layout="by_date", limit=2)
    assert files(folder) == ["1/5.tif", "2026/11/23/4.tif", "index.json"]
    assert json.loads((folder / "index.json").read_text())["faxes"][1]["path"] == "1/5.tif"


def test_pages_are_not_mistaken(client, fetch):
    client.concurrency = 1
    client.meet("recording", PAGE)
    assert set(statuses(fetch()).values()) == {"fetched"}
