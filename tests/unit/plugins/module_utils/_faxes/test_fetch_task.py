# Copyright (c) 2026, ngcp.fax contributors
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
from datetime import datetime, timedelta, timezone

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    InputError,
    LostResponseError,
    ProtocolError,
    RefusedError,
    ServerError,
    UnreachableError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import (
    archive as _archive,
    archive_index as _archive_index,
    fetch_recording as _fetch_recording,
    folder as _folder,
)
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.fetch_task import fetch_faxes
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.options import fetch_options
from ansible_collections.ngcp.fax.tests.unit.support.journal import PAGE, FakeClient, item, tiff
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params

FAILURE = ServerError("The server failed: 502", http_status=502)
LOST = LostResponseError("No answer", code="timeout")


def image(number):
    return tiff(b"%080d" % number)


@pytest.fixture
def client(monkeypatch, pauses):
    made = FakeClient([item(number) for number in range(1, 6)], concurrency=2)
    made.recordings = {number: image(number) for number in range(1, 6)}
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
        params = default_params(options)
        params.update(api_url="https://platform.test:1443", dest=str(folder))
        client.log.clear()
        return fetch_faxes({**params, **given}, client.host(check, set_attributes=set_attributes))

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
    assert result["summary"] == {
        "total": 5, "fetched": 5, "present": 0, "failed": 0, "unavailable": 0, "not_attempted": 0, "deleted": 0,
        "requests": 6, "retries": 0,
    }  # fmt: skip
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


@pytest.fixture
def today(monkeypatch):
    """Return a function that changes the day."""
    begin = datetime(2026, 11, 23, tzinfo=timezone.utc)

    def change(days):
        monkeypatch.setattr(_archive_index, "_now", lambda: begin + timedelta(days=days))

    change(0)
    return change


def asked(client):
    return [line for line in client.log if line.startswith("recording")]


def test_without_a_recording(client, fetch, today):
    """It is asked for again in each run for some days: once, because the first run looked closely."""
    del client.recordings[3]
    result = fetch()
    assert statuses(result)[3] == "unavailable" and "failed" not in result
    assert result["warnings"] == ["The platform has no recording of fax 3; see unavailable_for."]
    for day in (0, 1, 6):
        today(day)
        again = fetch()
        assert statuses(again)[3] == "unavailable" and "failed" not in again and "warnings" not in again
        assert client.log == ["list 1", "recording 3", "close"]
    today(7)
    assert statuses(fetch())[3] == "unavailable"
    assert client.log == ["list 1", "close"], "it is not asked for any more"
    client.recordings[3] = image(3)
    assert statuses(fetch())[3] == "unavailable"
    assert statuses(fetch(unavailable_for=30))[3] == "fetched"


def test_a_recording_that_comes_later(client, fetch, today, folder):
    del client.recordings[3]
    fetch()
    client.recordings[3] = image(3)
    today(5)
    assert statuses(fetch())[3] == "fetched" and (folder / "3.tif").read_bytes() == image(3)
    assert statuses(fetch())[3] == "present"


def test_asking_only_once(client, fetch):
    del client.recordings[3]
    assert statuses(fetch(unavailable_for=0))[3] == "unavailable"
    assert statuses(fetch(unavailable_for=0))[3] == "unavailable" and asked(client) == []
    client.recordings[3] = image(3)
    assert statuses(fetch(unavailable_for=0, force=True))[3] == "fetched"


def test_force_asks_closely(client, fetch):
    del client.recordings[3]
    fetch()
    fetch(force=True)
    assert client.log.count("recording 3") == 4


@pytest.mark.parametrize("days", [-1, 36_501])
def test_days_that_cannot_be(client, fetch, days):
    with pytest.raises(InputError) as caught:
        fetch(unavailable_for=days)
    assert (caught.value.field, client.log) == ("unavailable_for", [])


def test_no_recording_at_all(client, fetch, today):
    """That looks more like a fault than like the truth."""
    recordings = client.recordings
    client.recordings = {}
    result = fetch()
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "unavailable")
    assert result["msg"].startswith("None of the 5 faxes has a recording on the platform: 5: The platform has no")
    assert result["summary"]["unavailable"] == 5 and len(result["faxes"]) == 5
    assert fetch()["failed"]
    client.recordings = recordings
    assert fetch()["summary"]["fetched"] == 5


def test_pages_instead_of_recordings_for_a_while(client, fetch, pauses):
    """Each of them is tried for as long as retries allow, with pauses."""
    client.concurrency = 1
    client.meet("recording", *[PAGE] * 3)
    assert set(statuses(fetch()).values()) == {"fetched"} and len(pauses) == 3


def test_the_page_of_a_proxy_is_a_failure(client, fetch):
    client.concurrency = 1
    client.meet("recording", ProtocolError("The server responded with 404 with a page", http_status=404))
    result = fetch()
    assert statuses(result) == {5: "failed", 4: "fetched", 3: "fetched", 2: "fetched", 1: "fetched"}
    assert statuses(fetch())[5] == "fetched"


def test_check_mode_expects_what_was_found(client, fetch):
    del client.recordings[3]
    fetch()
    assert statuses(fetch(check=True))[3] == "unavailable" and asked(client) == []


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


# ---- the end of a run


@pytest.mark.parametrize(
    "error",
    [AccessError("refused"), UnreachableError("No connection"), UnreachableError("bad certificate", retryable=False)],
)
def test_an_error_that_ends_the_run_loses_nothing(client, fetch, folder, error):
    client.concurrency = 1
    client.meet("recording", None, None, *[error] * 4)
    result = fetch()
    assert statuses(result) == {5: "fetched", 4: "fetched", 3: "failed", 2: "not_attempted", 1: "not_attempted"}
    assert (result["failed"], result["changed"], result["summary"]["not_attempted"]) == (True, True, 2)
    assert result["error"] == error.as_dict() == result["faxes"][2]["error"]
    assert result["msg"].endswith("; 2 of 5 faxes were not attempted") and result["faxes"][3]["error"] is None
    assert files(folder) == ["4.tif", "5.tif", "index.json"]
    client.effects.clear()
    assert statuses(fetch()) == {5: "present", 4: "present", 3: "fetched", 2: "fetched", 1: "fetched"}


@pytest.mark.parametrize("error", [FAILURE, LOST])
def test_an_outage_ends_the_run(client, fetch, error):
    """After one item with all of its tries, and two with a single one."""
    client.concurrency = 1
    client.meet("recording", None, *[error] * 99)
    result = fetch()
    assert list(statuses(result).values()) == ["fetched", "failed", "failed", "failed", "not_attempted"]
    assert asked(client) == ["recording 5", *["recording 4"] * 4, "recording 3", "recording 2"]
    assert result["error"]["code"] == error.code


def test_single_failures_are_not_an_outage(client, fetch):
    client.concurrency = 1
    for number in (5, 3, 1):
        client.recordings[number] = b"GIF89"
    assert list(statuses(fetch(retries=0)).values()) == ["failed", "fetched", "failed", "fetched", "failed"]


def test_what_is_there_needs_no_server(client, fetch):
    fetch()
    client.items[6] = item(6)
    client.meet("recording", *[UnreachableError("No connection")] * 9)
    client.concurrency = 1
    result = fetch(delete_after_fetch=True)
    assert statuses(result) == {6: "failed", **dict.fromkeys((5, 4, 3, 2, 1), "present")}
    assert client.deleted == [] and not any(fax["deleted"] for fax in result["faxes"])


def test_an_error_of_the_collection_itself(client, fetch, monkeypatch):
    client.concurrency = 1
    inner = client.get_recording

    def broken(number, *arguments, **options):
        if number == 3:
            raise KeyError("secret")
        inner(number, *arguments, **options)

    monkeypatch.setattr(client, "get_recording", broken)
    result = fetch()
    assert statuses(result) == {5: "fetched", 4: "fetched", 3: "failed", 2: "fetched", 1: "fetched"}
    assert result["error"]["code"] == "unexpected" and "secret" not in json.dumps(result)
    assert fetch()["summary"]["present"] == 4


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
        for name in ("fsync", "replace", "unlink"):
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
    (folder / "3.tif").write_bytes(image(3)[:-1])
    assert fetch(index=False)["summary"]["fetched"] == 1


def test_one_fax_that_cannot_be_had(client, fetch):
    result = fetch(fax_id=99)
    assert (result["failed"], result["error"]["code"], result["faxes"]) == (True, "not_found", [])
    assert result["summary"]["total"] == 0 and not result["changed"]
    del client.recordings[3]
    result = fetch(fax_id=3)
    assert (result["failed"], result["error"]["code"]) == (True, "unavailable")


@pytest.mark.parametrize("deletes", [False, True])
def test_one_fax_that_is_on_disk_and_gone_on_the_server(client, fetch, folder, deletes):
    """For example because an earlier run could not find out whether its deletion was done."""
    fetch(fax_id=3)
    del client.items[3]
    result = fetch(fax_id=3, delete_after_fetch=deletes)
    assert (statuses(result), result.get("failed", False)) == ({3: "present"}, False)
    assert result["faxes"][0]["deleted"] is deletes


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
    refused = RefusedError("Path not found", code="not_supported", http_status=404, from_api=True)
    client.meet("delete", *[refused] * 5)
    result = fetch(delete_after_fetch=True)
    assert (result["failed"], result["error"]["code"]) == (True, "not_supported")
    assert set(statuses(result).values()) == {"fetched"} and result["summary"]["deleted"] == 0
    assert not any(line.startswith("get") for line in client.log), "its answer settles it"


# What an answer to DELETE may be that does not settle it.
UNSETTLED = [
    FAILURE,
    LOST,
    ProtocolError("The server responded with an unexpected status: 200", http_status=200),
    ProtocolError("The server responded with 404 with a page", http_status=404),
    RefusedError("refused by a proxy", http_status=405),
    AccessError("refused by a proxy", http_status=403),
]


@pytest.mark.parametrize("error", UNSETTLED)
def test_an_answer_that_does_not_settle_a_deletion(client, fetch, error):
    """It was deleted, it was not, or that is not known: a look at the journal tells."""
    client.concurrency = 1
    inner = client.delete_fax

    def applied(number):
        if number == 5:
            client.items.pop(5)
        if number in (5, 4, 3):
            client.log.append(f"delete {number}")
            raise error
        inner(number)

    client.delete_fax = applied
    client.meet("get", None, None, FAILURE)
    result = fetch(delete_after_fetch=True)
    assert set(statuses(result).values()) == {"fetched"}
    assert [(fax["fax_id"], fax["deleted"]) for fax in result["faxes"][:3]] == [(5, True), (4, False), (3, False)]
    codes = [fax["error"] and fax["error"]["code"] for fax in result["faxes"]]
    assert codes[:3] == [None, error.code, "unverified"]
    assert "4: Fax 4 was not deleted: " in result["msg"]
    assert "3: It is not known whether fax 3 was deleted: " in result["msg"]
    assert (result["failed"], result["changed"]) == (True, True)
    client.delete_fax = inner
    again = fetch(delete_after_fetch=True)
    assert sorted(client.deleted) == [1, 2, 3, 4] and {fax["deleted"] for fax in again["faxes"]} == {True}


def test_without_a_connection_nothing_is_deleted(client, fetch):
    client.concurrency = 1
    client.meet("delete", UnreachableError("No connection"))
    result = fetch(delete_after_fetch=True)
    assert statuses(result) == {
        5: "fetched",
        4: "not_attempted",
        3: "not_attempted",
        2: "not_attempted",
        1: "not_attempted",
    }
    assert (result["faxes"][0]["deleted"], result["error"]["code"]) == (False, "connection_failed")
    assert "get faxes 5" not in client.log


def test_a_file_that_changes_before_its_fax_is_deleted(client, fetch, folder, monkeypatch):
    client.concurrency = 1
    changes = {
        5: lambda path: path.write_bytes(image(5)[:-1]),
        4: lambda path: path.write_bytes(image(3)),
        3: lambda path: path.unlink(),
        2: lambda path: (path.rename(path.with_name("x")), path.symlink_to(path.with_name("x"))),
    }
    inner = _archive.Archive.restamp

    def restamp(archive, number, form):
        inner(archive, number, form)
        if number in changes:
            changes[number](folder / f"{number}.tif")

    monkeypatch.setattr(_archive.Archive, "restamp", restamp)
    result = fetch(delete_after_fetch=True)
    assert client.deleted == [1] and list(statuses(result).values()) == ["failed"] * 4 + ["fetched"]
    codes = [fax["error"]["code"] for fax in result["faxes"][:4]]
    assert codes == ["damaged_file", "damaged_file", "file_error", "unsafe_path"]


def test_a_recording_that_an_earlier_version_stored_cut_off(client, fetch, folder):
    """The index has its hash, but it is not whole: it is fetched again before the fax is deleted."""
    for number in (1, 2):
        client.recordings[number] = image(number) + bytes(60)
    fetch()
    index = (folder / "index.json").read_text()
    cut = image(3)[:-9]
    (folder / "3.tif").write_bytes(cut)
    old, new = (hashlib.sha256(content).hexdigest() for content in (image(3), cut))
    (folder / "index.json").write_text(
        index.replace(old, new).replace(
            f'"size": {len(image(3))}, "sha256": "{new}"', f'"size": {len(cut)}, "sha256": "{new}"'
        )
    )
    client.meet("recording", *[FAILURE] * 4)
    client.concurrency = 1
    result = fetch(delete_after_fetch=True)
    assert statuses(result)[3] == "failed" and sorted(client.deleted) == [1, 2, 4, 5]
    assert statuses(fetch(delete_after_fetch=True))[3] == "fetched"
    assert (folder / "3.tif").read_bytes() == image(3) and 3 in client.deleted


def test_deleting_without_an_index(client, fetch, folder):
    """What is there must end where its last page ends: nothing else tells that it is whole."""
    fetch(index=False)
    (folder / "3.tif").write_bytes(image(3)[:-1])
    (folder / "2.tif").write_bytes(image(2) + bytes(50))
    result = fetch(index=False, delete_after_fetch=True)
    assert statuses(result) == {5: "present", 4: "present", 3: "fetched", 2: "fetched", 1: "present"}
    assert sorted(client.deleted) == [1, 2, 3, 4, 5]
    assert {(folder / f"{number}.tif").read_bytes() == image(number) for number in range(1, 6)} == {True}


@pytest.mark.parametrize("check", [True, False])
def test_the_wrong_fax(client, fetch, folder, monkeypatch, check):
    """An answer about another fax is an error of that one, and nothing is deleted."""
    monkeypatch.setattr(client, "get_item", lambda name, number, params=None: client.items[2])
    result = fetch(check=check, fax_id=1, delete_after_fetch=True)
    assert result["failed"] and "fax 2 instead of fax 1" in result["msg"] and result["faxes"] == []
    assert (client.deleted, files(folder)) == ([], [])


def test_the_recording_of_another_fax(client, fetch, folder):
    client.headers = {"Content-Disposition": 'attachment; filename="3-x.tif'}
    result = fetch(delete_after_fetch=True)
    assert statuses(result) == {5: "failed", 4: "failed", 3: "fetched", 2: "failed", 1: "failed"}
    assert client.deleted == [3] and files(folder) == ["3.tif", "index.json"]
    assert result["error"]["code"] == "damaged_download"


def test_a_cut_recording_is_neither_stored_nor_deleted(client, fetch, folder):
    client.headers = {"Content-Length": None}
    client.recordings[3] = image(3)[:-20]
    result = fetch(delete_after_fetch=True)
    assert statuses(result)[3] == "failed" and sorted(client.deleted) == [1, 2, 4, 5]
    assert "3.tif" not in files(folder)


# ---- disk


def full(*_arguments):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk(client, fetch, folder):
    client.concurrency = 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fetch_recording, "sync", full)
        result = fetch()
    assert list(statuses(result).values()) == ["failed"] + ["not_attempted"] * 4
    assert result["error"]["code"] == "disk_full" == result["faxes"][0]["error"]["code"]
    assert client.log == ["list 1", "recording 5", "close"], "nothing is downloaded that cannot be stored"
    assert files(folder) == ["index.json"]
    assert fetch()["summary"]["fetched"] == 5


def test_a_full_disk_at_the_index(client, fetch, folder):
    """What was fetched and deleted is reported, and the next run knows it from the log."""
    client.concurrency = 1
    inner = _folder.Folder.write_whole
    calls = []

    def write_whole(*arguments):
        calls.append(arguments)
        return inner(*arguments) if len(calls) == 1 else full()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_folder.Folder, "write_whole", write_whole)
        result = fetch(delete_after_fetch=True)
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "disk_full")
    assert result["summary"]["fetched"] == 5 == result["summary"]["deleted"]
    assert result["msg"].startswith("Cannot write the index")
    again = fetch(delete_after_fetch=True)
    assert (again["changed"], again["summary"]["present"]) == (False, 5)
    assert {fax["deleted"] for fax in again["faxes"]} == {True} and "delete 5" not in client.log


def test_an_error_of_the_collection_at_the_index(client, fetch, monkeypatch):
    inner = _archive.Archive.save
    calls = []

    def save(archive):
        calls.append(archive)
        if len(calls) == 2:
            raise KeyError("secret")
        inner(archive)

    monkeypatch.setattr(_archive.Archive, "save", save)
    result = fetch()
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, True, "unexpected")
    assert result["summary"]["fetched"] == 5 and "secret" not in json.dumps(result)
    assert fetch()["summary"]["present"] == 5


def test_a_full_disk_from_the_beginning(client, fetch, monkeypatch):
    monkeypatch.setattr(_folder.Folder, "write_whole", full)
    result = fetch()
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "disk_full")
    assert result["summary"]["not_attempted"] == 5 and asked(client) == []


def test_a_full_disk_after_a_deletion(client, fetch, folder, monkeypatch):
    """The fax is gone, and that is what the result says."""
    client.concurrency = 1
    inner = _archive.sync
    notes = []

    def sync(stream):
        notes.append(stream)
        return full() if len(notes) == 2 else inner(stream)

    monkeypatch.setattr(_archive, "sync", sync)
    result = fetch(delete_after_fetch=True)
    first = result["faxes"][0]
    assert (first["status"], first["deleted"], first["error"]["code"]) == ("fetched", True, "disk_full")
    assert result["changed"] and client.deleted == [5]
    assert {fax["deleted"] for fax in fetch()["faxes"] if fax["fax_id"] == 5} == {True}


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


@pytest.mark.parametrize("name", ["mode", "owner", "group"])
def test_attributes_that_cannot_be_set(client, fetch, folder, name):
    """It is tried before the first download."""

    def fail(path):
        raise FaxError("chown failed", code="attributes")

    result = fetch(set_attributes=fail, **{name: "0"} if name != "mode" else {"mode": "0640"})
    assert result["summary"]["fetched"] == 0 and result["summary"]["failed"] >= 1
    assert result["error"]["code"] == "attributes" and asked(client) == []
    assert files(folder) == ["index.json"]


def test_attributes_are_tried_once(client, fetch):
    tried = []

    def set_attributes(path):
        tried.append(os.path.basename(path))
        return False

    fetch(set_attributes=set_attributes, mode="0640")
    assert tried[0] == ".attributes.ngcp-fax-part" and len(tried) == 1 + 5 + 1
    tried.clear()
    fetch(set_attributes=set_attributes, mode="0640")
    assert len(tried) == 5 + 1, "nothing is downloaded"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"mode": 644}, "mode"),
        ({"mode": "u="}, "mode"),
        ({"mode": ""}, "mode"),
        ({"owner": "nobody-of-this-name"}, "owner"),
        ({"group": "nobody-of-this-name"}, "group"),
        ({"owner": ""}, "owner"),
        ({"dest": ""}, "dest"),
        ({"subscriber": ""}, "subscriber"),
        ({"number": " "}, "number"),
        ({"subscriber_external_id": "", "delete_after_fetch": True}, "subscriber_external_id"),
        ({"since": ""}, "since"),
        ({"until": ""}, "until"),
        ({"status": []}, "status"),
        ({"status": ["SUCCESS", ""]}, "status"),
        ({"fax_id": 1, "subscriber": ""}, "subscriber"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_options_that_are_empty_or_wrong(client, fetch, given, field, check):
    with pytest.raises(InputError) as caught:
        fetch(check=check, **given)
    assert (caught.value.field, client.log) == (field, [])


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
        ({"dest": "/etc/hostname"}, "is a file, not a directory"),
        ({"dest": "/nonexistent/fax.tif", "fax_id": 1}, "directory of"),
        ({"dest": "/tmp/none/", "fax_id": 1}, "does not exist"),
        ({"dest": "/tmp/index.json", "fax_id": 1}, "must not be called"),
        ({"dest": "/tmp/.index.log", "fax_id": 1}, "must not be called"),
        ({"dest": "/tmp/.x.ngcp-fax-part", "fax_id": 1}, "must not be called"),
        ({"dest": "/dev/null", "fax_id": 1}, "is a device, not a regular file"),
        ({"dest": "/dev/null"}, "is a device, not a directory"),
        ({"dest": "/tmp/a\0b"}, "characters"),
        ({"dest": "/tmp/\ud800"}, "characters"),
        ({"dest": "  "}, "empty"),
    ],
)
def test_wrong_destinations(client, fetch, given, words):
    with pytest.raises(InputError, match=words) as caught:
        fetch(**given)
    assert caught.value.field == "dest" and client.log == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dest": "/etc/hostname"}, "is a file"),
        ({"dest": "/etc/hostname/faxes"}, "does not exist"),
        ({"dest": "/etc/hostname/fax.tif", "fax_id": 1}, "directory of"),
        ({"dest": "/dev/null", "fax_id": 1}, "is a device"),
        ({"dest": "/nonexistent/index.json", "fax_id": 1}, "must not be called"),
    ],
)
def test_wrong_destinations_in_check_mode(client, fetch, given, words):
    with pytest.raises(InputError, match=words):
        fetch(check=True, **given)
    assert client.log == []


@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({"dest": "{}"}, "{}/{}.tif"),
        ({"dest": "{}", "layout": "by_subscriber"}, "{}/1/{}.tif"),
        ({"dest": "{}", "fax_id": 3}, "{}"),
        ({"dest": "{}/", "fax_id": 3}, "{}/{}.tif"),
        ({"dest": "{}/fax.tif", "fax_id": 3}, "{}/fax.tif"),
    ],
)
def test_check_mode_before_there_is_a_folder(client, fetch, tmp_path, given, paths):
    """The task before would make it."""
    dest = tmp_path / "not" / "yet"
    result = fetch(check=True, **{**given, "dest": given["dest"].format(dest)})
    assert result["changed"] and set(statuses(result).values()) == {"fetched"}
    assert [fax["path"] for fax in result["faxes"]] == [paths.format(dest, fax["fax_id"]) for fax in result["faxes"]]
    assert os.listdir(tmp_path) == ["archive"]


# ---- links and devices


@pytest.fixture
def outside(tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_text("precious")
    return tmp_path / "outside"


def test_a_link_to_a_folder_is_resolved(client, fetch, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    result = fetch(dest=str(tmp_path / "link"))
    assert {os.path.dirname(fax["path"]) for fax in result["faxes"]} == {str(folder)}
    assert statuses(fetch(dest=str(tmp_path / "link" / "x.tif"), fax_id=1)) == {1: "fetched"}


@pytest.mark.parametrize("target", ["outside/precious", "nonexistent"])
def test_a_link_to_a_file_is_refused(client, fetch, folder, tmp_path, outside, target):
    (folder / "x.tif").symlink_to(tmp_path / target)
    for check in (True, False):
        with pytest.raises(InputError, match="is a symbolic link") as caught:
            fetch(check=check, fax_id=1, dest=str(folder / "x.tif"))
        assert (caught.value.field, client.log) == ("dest", [])
    assert (outside / "precious").read_text() == "precious"


@pytest.mark.parametrize("name", ["index.json", ".index.log", ".index.json.part"])
def test_an_index_that_is_a_link(client, fetch, folder, outside, name):
    (folder / name).symlink_to(outside / "precious")
    for check in (True, False):
        result = fetch(check=check)
        assert result["failed"] and "is a symbolic link" in result["msg"] and result["faxes"] == []
        assert client.log == ["close"]
    assert (outside / "precious").read_text() == "precious"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("name", ["3.tif", ".3.tif.ngcp-fax-part"])
@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "broken link"])
def test_something_else_in_the_place_of_a_recording(client, fetch, folder, outside, name, kind, check):
    """It is an error of that one, found before its download."""
    {
        "link": lambda: (folder / name).symlink_to(outside / "precious"),
        "broken link": lambda: (folder / name).symlink_to("/nonexistent"),
        "fifo": lambda: os.mkfifo(folder / name),
        "folder": (folder / name).mkdir,
    }[kind]()
    result = fetch(check=check, delete_after_fetch=True)
    assert statuses(result) == {5: "fetched", 4: "fetched", 3: "failed", 2: "fetched", 1: "fetched"}
    assert result["error"]["code"] == "unsafe_path" and "recording 3" not in client.log
    assert 3 not in client.deleted and (outside / "precious").read_text() == "precious"


@pytest.mark.parametrize("layout", ["by_subscriber", "by_date"])
def test_a_linked_folder_is_not_followed(client, fetch, folder, outside, layout):
    client.items[3].update(subscriber_id=7, time="2026-10-01 09:00:00")
    place = folder / ("7" if layout == "by_subscriber" else "2026/10")
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside)
    result = fetch(layout=layout, delete_after_fetch=True)
    assert statuses(result) == {5: "fetched", 4: "fetched", 3: "failed", 2: "fetched", 1: "fetched"}
    assert "is not a real directory" in result["msg"] and os.listdir(outside) == ["precious"]
    assert 3 not in client.deleted


def test_a_folder_that_is_replaced_by_a_link_later(client, fetch, folder, outside):
    fetch(layout="by_subscriber")
    (folder / "1").rename(folder / "moved")
    (folder / "1").symlink_to(folder / "moved")
    result = fetch(layout="by_subscriber", delete_after_fetch=True)
    assert set(statuses(result).values()) == {"failed"} and client.deleted == []


def test_a_file_without_an_index_that_is_a_link(client, fetch, folder, outside):
    (outside / "3.tif").write_bytes(image(3))
    (folder / "3.tif").symlink_to(outside / "3.tif")
    assert statuses(fetch(index=False))[3] == "failed"


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
