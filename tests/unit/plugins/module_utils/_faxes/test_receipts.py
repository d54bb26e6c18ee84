# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Receipts: what is the same fax, what survives on disk, and what is not believed of it."""

from __future__ import annotations

import copy
import errno
import fcntl
import json
import os
import pathlib
import shutil
import time
from dataclasses import asdict
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._faxes import receipts as _receipts
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.destinations import parse_destination
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.matching import competing_attempts, entry_of
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.receipts import (
    PREPARED,
    REFUSED,
    SENT,
    UNKNOWN,
    Receipt,
    Receipts,
)
from ansible_collections.ngcp.fax.plugins.module_utils._files import FileError
from ansible_collections.ngcp.fax.tests.unit.support.receipts import BEGAN, attempt, identity


@pytest.mark.parametrize(
    "changes",
    [
        {"server": "https://other.test:1443"},
        {"subscriber_id": 4},
        {"destination": parse_destination("431110003")},
        {"content": "d" * 64},
        {"content": None, "text": "c" * 64},
        {"text": "t" * 64},
        {"job_id": "job"},
    ],
)
def test_what_makes_another_fax(changes):
    assert identity(**changes).fingerprint != identity().fingerprint


def test_what_is_the_same_fax():
    assert identity(destination=parse_destination("+43 1 110002")).fingerprint == identity().fingerprint
    assert identity(job_id="a", content="x", text="y").fingerprint == identity(job_id="a").fingerprint
    assert identity(job_id="a", destination=parse_destination("999")).fingerprint != identity(job_id="a").fingerprint


def test_the_family_holds_what_the_journal_may_mistake():
    assert identity(content="x").target == identity().target
    assert identity(destination=parse_destination("0002")).target == identity().target
    assert identity(destination=parse_destination("431110003")).target != identity().target
    assert identity(subscriber_id=4).target != identity().target


def test_on_disk(tmp_path):
    folder = tmp_path / "new" / "receipts"
    receipts = Receipts(str(folder), identity())
    with receipts.locked(1):
        receipt = receipts.load()
        assert receipt.attempts == []
        receipt.attempts.append(attempt(UNKNOWN, 7))
        receipts.save(receipt)
    assert Receipts(str(folder), identity()).load() == receipt
    assert folder.stat().st_mode & 0o777 == 0o700
    (path,) = folder.glob("*.json")
    assert str(path) == receipts.path
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_text())
    assert path.read_text() == json.dumps(document, indent=1) + "\n", "people may read it"
    assert identity().fingerprint in path.name


@pytest.mark.parametrize(
    ("changes", "sha256"), [({}, "c" * 64), ({"text": "t"}, "c" * 64), ({"content": None, "text": "t" * 64}, "t" * 64)]
)
def test_what_a_receipt_says_about_the_fax(tmp_path, changes, sha256):
    expected = {"server": "https://platform.test:1443", "subscriber_id": 3, "destination": "431110002"}
    found = Receipts(str(tmp_path), identity(job_id="order-7", **changes)).load().about
    assert found == {**expected, "sha256": sha256, "job_id": "order-7"}


def test_an_attempt_may_have_the_least_and_the_largest_numbers(tmp_path):
    """A subscriber's journal is empty before the first fax, and ids are numbers of 64 bits."""
    for least in (attempt(SENT, 0, fax_id=1), attempt(SENT, 2**63 - 1, fax_id=2**63 - 1)):
        receipts, _content = written(tmp_path, [least])
        assert receipts.load().attempts == [least]


def test_an_attempt_needs_no_more_than_three_members(tmp_path):
    receipts, content = written(tmp_path, [attempt(SENT, 7)])
    document = json.loads(content)
    (values,) = document["attempts"]
    document["attempts"] = [{name: values[name] for name in ("state", "journal_before", "began")}]
    pathlib.Path(receipts.path).write_text(json.dumps(document))
    assert receipts.load().attempts == [attempt(SENT, 7)]


@pytest.mark.parametrize("zone", ["UTC", "ABC-14"])
def test_the_present_moment(monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        utc = datetime.now(timezone.utc).replace(tzinfo=None)
        assert abs(_receipts.moment_of(_receipts.now()) - utc) < timedelta(minutes=1)
    finally:
        monkeypatch.undo()
        time.tzset()


def failing(number):
    def fail(*_arguments, **_options):
        raise OSError(number, os.strerror(number))

    return fail


def test_what_is_said_when_a_receipt_cannot_be_written(tmp_path, monkeypatch):
    receipts = Receipts(str(tmp_path), identity())
    monkeypatch.setattr(_receipts, "write_whole", failing(errno.EIO))
    with pytest.raises(FileError) as caught:
        receipts.save(receipts.load())
    assert caught.value.message == "Cannot write the receipt: Input/output error"


def test_what_is_said_when_a_receipt_cannot_be_read(tmp_path, monkeypatch):
    receipts = Receipts(str(tmp_path), identity())
    monkeypatch.setattr(os, "open", failing(errno.EACCES))
    with pytest.raises(FileError) as caught:
        receipts.load()
    assert caught.value.message == f"Cannot read the receipt {receipts.path!r}: Permission denied"


def test_what_is_said_when_the_folder_cannot_be_read(tmp_path, monkeypatch):
    receipts, _content = written(tmp_path, [attempt(SENT, 7)])
    receipts.load()
    monkeypatch.setattr(os, "listdir", failing(errno.EACCES))
    with pytest.raises(FileError) as caught:
        receipts.others()
    assert caught.value.message == f"Cannot read {str(tmp_path)!r}: Permission denied"


@pytest.mark.parametrize("read_only", [False, True])
def test_a_folder_that_was_removed_meanwhile_does_not_pass_for_one_without_others(tmp_path, read_only):
    folder = tmp_path / "receipts"
    written(folder, [attempt(UNKNOWN, 7)])
    receipts = Receipts(str(folder), identity(), read_only)
    with receipts.locked(1):
        receipts.load()
        shutil.rmtree(folder)
        with pytest.raises(FileError) as caught:
            receipts.others()
    assert caught.value.message == f"Cannot read {str(folder)!r}: No such file or directory"


@pytest.mark.parametrize("lacking", [os.W_OK, os.X_OK])
def test_check_mode_finds_a_folder_without_permission(tmp_path, monkeypatch, lacking):
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & lacking)
    with pytest.raises(FileError) as caught, Receipts(str(tmp_path), identity(), read_only=True).locked(1):
        pass
    assert caught.value.message == f"Cannot use {str(tmp_path)!r} for receipts: Permission denied"


def test_check_mode_finds_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / "file/receipts")
    with pytest.raises(FileError) as caught, Receipts(folder, identity(), read_only=True).locked(1):
        pass
    assert caught.value.message == f"Cannot use {folder!r} for receipts: Not a directory"


def test_check_mode_writes_nothing(tmp_path):
    receipts = Receipts(str(tmp_path / "receipts"), identity(), read_only=True)
    with receipts.locked(1):
        receipts.save(receipts.load())
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="no members"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{", id="cut off"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"attempts": [{}], "fingerprint": "", "about": {}}', id="no version"),
        pytest.param(b"\xff", id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="deep lists"),
        pytest.param(b'{"a":' * 100_000, id="deep objects"),
    ],
)
def test_a_damaged_receipt_stops_everything(tmp_path, content):
    receipts = Receipts(str(tmp_path), identity())
    with open(receipts.path, "wb") as stream:
        stream.write(content)
    with pytest.raises(FileError) as caught:
        receipts.load()
    assert caught.value.code == "damaged_receipt"
    assert receipts.path in caught.value.message and "remove the file" in caught.value.hint


def test_how_large_a_receipt_may_be(tmp_path, monkeypatch):
    receipts, content = written(tmp_path, [attempt(SENT, 7)])
    monkeypatch.setattr(_receipts, "_MAX_RECEIPT", len(content))
    assert receipts.load().attempts == [attempt(SENT, 7)]
    pathlib.Path(receipts.path).write_bytes(content + b"\n")
    with pytest.raises(FileError) as caught:
        receipts.load()
    assert caught.value.code == "damaged_receipt"


def test_a_file_of_any_size_takes_no_memory(tmp_path):
    receipts, _content = written(tmp_path, [attempt(SENT, 7)])
    os.truncate(receipts.path, 2**40)
    with pytest.raises(FileError) as caught:
        receipts.load()
    assert caught.value.code == "damaged_receipt"


WHOLE = (attempt(REFUSED, 3), attempt(SENT, 7, ended=BEGAN, fax_id=8, outcome="success", reason="Normal Clearing"))


def written(folder, attempts=WHOLE):
    """Return receipts with one on disk, and its content."""
    receipts = Receipts(str(folder), identity())
    receipt = Receipt(identity().fingerprint, identity().about(), list(attempts))
    receipts.save(receipt)
    return receipts, pathlib.Path(receipts.path).read_bytes()


def load_changed(folder, document):
    """Return what is read from a receipt with another content."""
    folder.mkdir(exist_ok=True)
    receipts = Receipts(str(folder), identity())
    pathlib.Path(receipts.path).write_text(json.dumps(document), encoding="ascii")
    return receipts.load()


@pytest.mark.parametrize("length_from_end", [2, 3, 10, 100, 300])
def test_a_receipt_that_is_cut_off(tmp_path, length_from_end):
    receipts, content = written(tmp_path)
    pathlib.Path(receipts.path).write_bytes(content[:-length_from_end])
    with pytest.raises(FileError) as caught:
        receipts.load()
    assert caught.value.code == "damaged_receipt"


@pytest.fixture(scope="module", params=[SENT, UNKNOWN, PREPARED])
def on_disk(request, tmp_path_factory):
    """Return the receipts of a fax that was or may have been sent, and the file's content."""
    attempts = [attempt(request.param, 7, fax_id=8 if request.param == SENT else None)]
    return written(tmp_path_factory.mktemp("receipts"), attempts)


@settings(max_examples=200)
@given(data=st.data())
def test_no_damage_makes_a_fax_unsent(on_disk, data):
    """Cut off or changed at any place: it stops the task, or it still tells that the fax was or may have been sent."""
    receipts, content = on_disk
    place = data.draw(st.integers(0, len(content) - 1))
    damage = data.draw(st.binary(max_size=3))
    rest = content[place + data.draw(st.integers(0, 3)) :] if data.draw(st.booleans()) else b""
    pathlib.Path(receipts.path).write_bytes(content[:place] + damage + rest)
    try:
        found = receipts.load()
    except FileError as error:
        assert error.code in ("damaged_receipt", "newer_receipt") and error.hint.startswith("Nothing was sent.")
    else:
        assert found.sent is not None or found.uncertain


def test_no_changed_byte_makes_a_fax_unsent(on_disk):
    receipts, content = on_disk
    name = os.path.basename(receipts.path)
    for place in range(len(content)):
        for damaged in (content[:place], content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]):
            try:
                found = _receipts._receipt_of(damaged, name)
            except (ValueError, _receipts._NewerVersionError):
                continue
            assert found.sent is not None or found.uncertain


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


DOCUMENT = {"version": 1, **asdict(Receipt(identity().fingerprint, identity().about(), list(WHOLE)))}


@settings(max_examples=200)
@given(data=st.data())
def test_any_value_in_any_member(on_disk, data):
    receipts, _content = on_disk
    document = copy.deepcopy(DOCUMENT)
    place = data.draw(st.sampled_from(["receipt", "about", 0, 1]))
    changed = {"receipt": document, "about": document["about"]}.get(place) or document["attempts"][place]
    changed[data.draw(st.sampled_from(sorted(changed)) | st.text(max_size=8))] = data.draw(JSON_VALUES)
    try:
        found = load_changed(pathlib.Path(receipts.path).parent, document)
    except FileError as error:
        assert error.code in ("damaged_receipt", "newer_receipt")
        return
    assert len(found.attempts) == 2
    for one in found.attempts:
        others = competing_attempts(receipts, found, one)
        assert entry_of(one, others, [5, 9]) in (None, 5, 9)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("journal_before", value) for value in ("7", "", None, -1, 10**400, 2**63, 7.0, True, [7], {})],
        *[("fax_id", value) for value in ("8", 0, -1, 10**400, 8.0, True, [])],
        *[
            ("began", value)
            for value in (None, "", "yesterday", 5, "10000-01-01T00:00:00Z", "2026-13-01T00:00:00Z", [])
        ],
        *[("ended", value) for value in ("", 5, "2026-11-23", {})],
        *[("state", value) for value in (None, "", "SENT", "sent ", "failed", 1, ["sent"], {})],
        *[("outcome", value) for value in (5, [], True)],
        *[("reason", value) for value in (5, [], {})],
        ("quality", "fine"),
        ("", None),
    ],
)
def test_wrong_values_in_an_attempt(tmp_path, name, value):
    document = copy.deepcopy(DOCUMENT)
    document["attempts"][1][name] = value
    with pytest.raises(FileError) as caught:
        load_changed(tmp_path, document)
    assert caught.value.code == "damaged_receipt"


@pytest.mark.parametrize(
    "changes",
    [
        {"version": None},
        {"version": "1"},
        {"version": 0},
        {"version": True},
        {"version": 1.0},
        {"attempts": []},
        {"attempts": None},
        {"attempts": {}},
        {"attempts": [[]]},
        {"attempts": [None]},
        {"about": None},
        {"fingerprint": "f" * 64},
        {"fingerprint": 5},
        {"fingerprint": ""},
        {"new": 1},
    ],
    ids=str,
)
def test_wrong_members_of_a_receipt(tmp_path, changes):
    document = {**DOCUMENT, **changes}
    with pytest.raises(FileError) as caught:
        load_changed(tmp_path, document)
    assert caught.value.code == "damaged_receipt"


@pytest.mark.parametrize("changes", [{"version": 2}, {"version": 10**400}, {"version": 2, "attempts": {}, "new": []}])
def test_a_receipt_from_the_future(tmp_path, changes):
    document = {**DOCUMENT, **changes}
    with pytest.raises(FileError) as caught:
        load_changed(tmp_path, document)
    assert caught.value.code == "newer_receipt"
    assert Receipts(str(tmp_path), identity()).path in caught.value.message
    assert "newer version" in caught.value.message and caught.value.hint.startswith("Nothing was sent.")


@pytest.mark.parametrize(
    "replace",
    [
        lambda path: os.symlink("/nonexistent", path),
        lambda path: os.symlink("/dev/null", path),
        os.mkfifo,
        os.mkdir,
        lambda path: os.symlink(path, path),
    ],
    ids=["link to nowhere", "link to a device", "pipe", "folder", "link to itself"],
)
def test_what_is_not_a_file_is_not_a_fax_that_nobody_sent(tmp_path, replace):
    receipts = Receipts(str(tmp_path), identity())
    replace(receipts.path)
    with pytest.raises(FileError):
        receipts.load()


def test_a_folder_that_is_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    receipts, _content = written(tmp_path / "link", [attempt(SENT, 7)])
    assert receipts.load().sent == Receipts(str(tmp_path / "real"), identity()).load().sent
    with receipts.locked(1):
        pass


@pytest.mark.parametrize("read_only", [False, True])
def test_a_folder_that_everybody_may_write_to(tmp_path, read_only):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder").chmod(0o1777)
    receipts = Receipts(str(tmp_path / "folder"), identity(), read_only)
    with pytest.raises(FileError) as caught, receipts.locked(1):
        pass
    assert caught.value.code == "unsafe_folder" and "chmod o-w" in caught.value.hint
    assert str(tmp_path / "folder") in caught.value.message
    (tmp_path / "folder").chmod(0o770)
    with receipts.locked(1):
        assert receipts.load().attempts == []


@pytest.mark.parametrize("read_only", [False, True])
def test_a_folder_that_cannot_be_made(tmp_path, read_only):
    (tmp_path / "link").symlink_to("/nonexistent")
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file" / "receipts", tmp_path / "link", pathlib.Path("/dev/null/receipts")):
        receipts = Receipts(str(folder), identity(), read_only)
        with pytest.raises(FileError, match="for receipts"), receipts.locked(1):
            pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO, errno.ESTALE])
def test_a_lock_that_cannot_be_had(tmp_path, monkeypatch, number):
    def refuse(descriptor, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(FileError, match="for receipts"), Receipts(str(tmp_path), identity()).locked(1):
        pass


def test_strange_files_beside_receipts(tmp_path):
    receipts, content = written(tmp_path, [attempt(UNKNOWN, 7)])
    target = identity().target
    for name in (f"{target}-copy.json", f"{target}-{'f' * 63}.json", f"{target}.json", "x.json", f".{target}.part"):
        (tmp_path / name).write_bytes(content)
    assert receipts.others() == []
    (tmp_path / f"{target}-{'f' * 64}.json").write_bytes(content)
    with pytest.raises(FileError, match="damaged"):
        receipts.others()


def test_a_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("")
    receipts = Receipts(str(tmp_path / "file"), identity())
    with pytest.raises(FileError, match="for receipts"), receipts.locked(1):
        pass


def test_the_attempts_of_the_other_receipts_of_a_family(tmp_path):
    mine, _content = written(tmp_path, [attempt(SENT, 1)])
    for number, more in (
        (2, {"content": "2"}),
        (3, {"destination": parse_destination("431119999")}),
        (4, {"text": "4"}),
    ):
        other = Receipts(str(tmp_path), identity(**more))
        loaded = other.load()
        loaded.attempts += [attempt(UNKNOWN, number), attempt(REFUSED, number)]
        other.save(loaded)
    assert sorted((other.state, other.journal_before) for other in mine.others()) == [
        (REFUSED, 2),
        (REFUSED, 4),
        (UNKNOWN, 2),
        (UNKNOWN, 4),
    ]
