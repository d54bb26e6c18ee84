# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Undo files as a run writes them: complete before the first write, right whenever it is killed, free of secrets."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import pathlib
import stat

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, ServerError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet import run, undo_file
from ansible_collections.ngcp.fax.tests.unit.support.fleet_platform import FAX, MAIL2FAX, FleetPlatform, run_fleet_task
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure

PATHS = {"fax": FAX, "mail2fax": MAIL2FAX}
DELIVERY = {"filetype": "PDF", "incoming": True, "outgoing": True, "status": True}
WAVES = ["1", "2", "100%"]


def platform(count=4, **more):
    """Return a platform with subscribers who have something of every kind."""
    made = FleetPlatform(range(1, count + 1), **more)
    for number in range(1, count + 1):
        made.put(
            FAX,
            number,
            name=f"Former {number}",
            password=f"CANARY-former-{number}",
            destinations=[{**DELIVERY, "destination": f"Former{number}@example.org"}],
        )
        made.put(MAIL2FAX, number, secret_key=f"CANARY-key-{number}", secret_key_renew="never")
    return made


def fleet(numbers):
    """Return entries that change something of every kind; one subscriber's name becomes empty, one's was."""
    return [
        {
            "subscriber_id": number,
            "fax": {
                "active": True,
                "name": "" if number == 2 else "New",
                "password": f"CANARY-new-{number}",
                "destinations": [] if number == 3 else [{"destination": f"new{number}@example.org"}],
            },
            "mail2fax": {"active": True, "secret_key": f"CANARY-new-key-{number}", "acl": [{"from_email": "a@b.org"}]},
        }
        for number in numbers
    ]


def only_file(folder):
    (path,) = [path for path in pathlib.Path(folder).iterdir() if not path.name.startswith(".")]
    return path


def entries(path):
    return {entry["subscriber_id"]: entry for entry in json.loads(path.read_text())["subscribers"]}


def statuses(path):
    return {number: entry["_status"] for number, entry in entries(path).items()}


def without_keys(settings):
    """Return a snapshot without secrets."""
    secrets = ("password", "secret_key")
    return {
        name: {
            number: {field: value for field, value in one.items() if field not in secrets}
            for number, one in all_.items()
        }
        for name, all_ in settings.items()
    }


# ---- what is in the file


def test_values_before_and_after(tmp_path):
    fleet_platform = platform()
    result = run_fleet_task(fleet_platform, subscribers=fleet([2]), undo_dir=str(tmp_path / "a" / "undo"))
    path = only_file(tmp_path / "a" / "undo")
    assert result["undo"] == str(path)
    assert entries(path) == {
        2: {
            "subscriber_id": 2,
            "fax": {
                "active": False,
                "name": "Former 2",
                "destinations": [{**DELIVERY, "destination": "Former2@example.org"}],
            },
            "mail2fax": {"active": False, "acl": []},
            "_set": {
                "fax": {
                    "active": True,
                    "name": "",
                    "destinations": [{**DELIVERY, "destination": "new2@example.org", "filetype": "TIFF"}],
                },
                "mail2fax": {
                    "active": True,
                    "acl": [{"from_email": "a@b.org", "received_from": None, "destination": None, "use_regex": False}],
                },
            },
            "_status": {"fax": "changed", "mail2fax": "changed"},
            "_left_out": {
                "fax.password": "secret",
                "mail2fax.secret_key": "secret",
                "mail2fax.last_secret_key_modify": "server",
            },
        }
    }
    head = json.loads(path.read_text())["_run"]
    assert (head["collection"], head["format"], head["platform"]) == ("ngcp.fax", 1, "https://platform.test:1443")
    assert head["began"] <= head["ended"]


def test_only_the_owner_can_read_it(tmp_path):
    run_fleet_task(platform(), subscribers=fleet([1]), undo_dir=str(tmp_path / "undo"))
    assert stat.S_IMODE((tmp_path / "undo").stat().st_mode) == 0o700
    assert stat.S_IMODE(only_file(tmp_path / "undo").stat().st_mode) == 0o600


def test_only_what_changes_is_in_it(tmp_path):
    fleet_platform = platform()
    run_fleet_task(fleet_platform, subscribers=[{"subscriber_id": 1, "active": True, "name": "Former 1"}])
    declared = [{"subscriber_id": number, "active": True, "name": f"Former {number}"} for number in (1, 2)]
    run_fleet_task(fleet_platform, subscribers=declared, undo_dir=str(tmp_path))
    assert {number: entry["fax"] for number, entry in entries(only_file(tmp_path)).items()} == {2: {"active": False}}


@pytest.mark.parametrize("options", [{"check": True}, {"plan_only": True}, {"max_changes": "0"}], ids=str)
def test_a_run_that_writes_nothing_leaves_nothing_behind(tmp_path, options):
    result = run_fleet_task(platform(), subscribers=fleet([1]), undo_dir=str(tmp_path / "undo"), **options)
    assert "undo" not in result and not (tmp_path / "undo").exists()
    fleet_platform = platform()
    run_fleet_task(fleet_platform, subscribers=fleet([1]))
    result = run_fleet_task(fleet_platform, subscribers=fleet([1]), undo_dir=str(tmp_path / "undo"))
    assert "undo" not in result and not (tmp_path / "undo").exists()


@pytest.mark.parametrize("fails", [False, True])
def test_people_are_shown_where_the_files_are(tmp_path, fails):
    fleet_platform = platform()
    if fails:
        fleet_platform.meet("PATCH", "/api/faxserversettings/2", failure(422, "No."), again=True)
    folders = {"undo_dir": str(tmp_path / "undo"), "results_dir": str(tmp_path / "results")}
    result = run_fleet_task(fleet_platform, subscribers=fleet([1, 2]), **folders)
    shown = [f"Undo file: '{result['undo']}'", f"Result files: '{tmp_path}/results'"]
    assert result["lines"][-2:] == shown and ("msg" in result) == fails
    assert not fails or result["msg"].splitlines()[-2:] == shown
    again = run_fleet_task(fleet_platform, True, subscribers=fleet([1]), plan_out=str(tmp_path / "plan.json"))
    assert again["lines"][-1] == f"Plan: '{again['plan']}'"


def test_a_run_that_nobody_waits_for_any_more_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("ansible_collections.ngcp.fax.plugins.module_utils._interruption.is_orphaned", lambda: True)
    fleet_platform = platform()
    result = run_fleet_task(fleet_platform, subscribers=fleet([1, 2]), undo_dir=str(tmp_path / "undo"))
    assert result["error"]["code"] == "interrupted" and result["summary"]["not_attempted"] == 2
    assert fleet_platform.written == [] and "undo" not in result and not (tmp_path / "undo").exists()


def test_a_key_that_the_platform_renews_is_named(tmp_path):
    declared = [{"subscriber_id": 1, "secret_key_renew": "daily"}, {"subscriber_id": 2, "secret_renew_notify": []}]
    fleet_platform = platform()
    fleet_platform.put(MAIL2FAX, 2, secret_renew_notify=[{"destination": "a@b.org"}])
    run_fleet_task(fleet_platform, subscribers=declared, undo_dir=str(tmp_path))
    assert {number: entry["_left_out"] for number, entry in entries(only_file(tmp_path)).items()} == {
        1: {"mail2fax.last_secret_key_modify": "server", "mail2fax.secret_key": "renewed"},
        2: {"mail2fax.last_secret_key_modify": "server"},
    }


def test_a_field_that_the_platform_did_not_show_is_named(tmp_path):
    fleet_platform = platform()
    del fleet_platform.stores[FAX][1]["t38"]
    run_fleet_task(
        fleet_platform, subscribers=[{"subscriber_id": 1, "t38": False, "active": True}], undo_dir=str(tmp_path)
    )
    (entry,) = entries(only_file(tmp_path)).values()
    assert (entry["fax"], entry["_left_out"]) == ({"active": False}, {"fax.t38": "not_shown"})


def test_what_became_of_each_write(tmp_path):
    fleet_platform = platform()
    fleet_platform.meet("PATCH", f"/api/{FAX}/2", ServerError("no", http_status=500, from_api=True), again=True)
    fleet_platform.meet("PATCH", f"/api/{MAIL2FAX}/3", ServerError("gateway", http_status=502), again=True)
    result = run_fleet_task(fleet_platform, subscribers=fleet([1, 2, 3]), undo_dir=str(tmp_path), waves=["100%"])
    assert result["failed"]
    assert statuses(only_file(tmp_path)) == {
        1: {"fax": "changed", "mail2fax": "changed"},
        2: {"fax": "failed", "mail2fax": "changed"},
        3: {"fax": "changed", "mail2fax": "unverified"},
    }


# ---- killed


class Killed(BaseException):
    """Nobody catches it."""


class Bomb:
    """Counts what happens to files and platform, and kills the run at one of these moments."""

    def __init__(self, monkeypatch, fleet_platform, moment=None):
        self.moment, self.count = moment, 0
        for name in ("replace", "fsync"):
            monkeypatch.setattr(os, name, self._watched(getattr(os, name)))
        monkeypatch.setattr(fleet_platform, "apply", self._watched(fleet_platform.apply))

    def tick(self):
        self.count += 1
        if self.count == self.moment:
            raise Killed

    def _watched(self, function):
        def watched(*arguments):
            self.tick()
            value = function(*arguments)
            self.tick()
            return value

        return watched


def run_until(moment, folder, seal=None):
    """Run a fleet and kill it at a moment; return the platform, its settings before, and the number of moments."""
    fleet_platform = platform(3)
    before = fleet_platform.snapshot()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(undo_file, "_PAUSE", 0.0)
        monkeypatch.setattr(undo_file, "_SHARE", 1e9)
        bomb = Bomb(monkeypatch, fleet_platform, moment)
        options = {"undo_secrets": "vault"} if seal else {}
        with contextlib.suppress(Killed):
            run_fleet_task(
                fleet_platform,
                host=fleet_platform.host(encrypt=seal),
                subscribers=fleet([1, 2, 3]),
                undo_dir=str(folder),
                waves=WAVES,
                **options,
            )
    return fleet_platform, before, bomb.count


MOMENTS = 60


def test_there_are_as_many_moments(tmp_path):
    """So that the next test kills at all of them."""
    fleet_platform, before, moments = run_until(None, tmp_path)
    assert len(fleet_platform.written) == 6 and fleet_platform.snapshot() != before
    assert moments == MOMENTS


@pytest.mark.parametrize("seal", [None, bytes.swapcase], ids=["omit", "vault"])
@pytest.mark.parametrize("moment", range(1, MOMENTS + 1))
def test_killed_at_every_moment(tmp_path, moment, seal):
    fleet_platform, before, _moments = run_until(moment, tmp_path / "undo", seal)
    files = list((tmp_path / "undo").glob("undo-*.json")) if (tmp_path / "undo").exists() else []
    if not files:
        assert fleet_platform.snapshot() == before
        return
    (path,) = files
    for other in (tmp_path / "undo").iterdir():
        assert b"CANARY" not in other.read_bytes()
    if seal:
        path.write_bytes(seal(path.read_bytes()))
    after, found = fleet_platform.snapshot(), entries(path)
    for prefix, name in PATHS.items():
        for number, settings in after[name].items():
            changed = [field for field, value in settings.items() if value != before[name][number][field]]
            kept = found[number].get(prefix, {}).keys() if changed else ()
            assert set(changed) - ({"password", "secret_key"} if seal is None else set()) <= set(kept)
    result = run_fleet_task(fleet_platform, undo=str(path))
    assert "failed" not in result and not any(entry["conflicts"] for entry in result["subscribers"])
    shown = (lambda settings: settings) if seal else without_keys
    assert shown(fleet_platform.snapshot()) == shown(before)
    writes = len(fleet_platform.written)
    assert run_fleet_task(fleet_platform, undo=str(path))["changed"] is False
    assert len(fleet_platform.written) == writes


def test_a_new_plan_is_on_disk_before_it_is_written(tmp_path, monkeypatch):
    """Somebody changes a name between the plan and the write: the undo gives back their value."""
    monkeypatch.setattr(run, "FRESH", -1.0)
    fleet_platform = platform(2)

    def by_somebody(fleet_platform, _request):
        fleet_platform.put(FAX, 1, name="By somebody", t38=False)

    def killed(_platform, request):
        assert entries(only_file(tmp_path))[1]["fax"]["name"] == "By somebody"
        raise Killed

    fleet_platform.meet("GET", f"/api/{FAX}/1", None, by_somebody)
    fleet_platform.meet("PATCH", f"/api/{FAX}/1", killed)
    with pytest.raises(Killed):
        run_fleet_task(fleet_platform, subscribers=[{"subscriber_id": 1, "name": "New"}], undo_dir=str(tmp_path))


# ---- files that cannot be written


def full_from(monkeypatch, number):
    """Let the disk be full from the n-th time on that a file is replaced."""
    replace, calls = os.replace, []

    def failing(*paths):
        calls.append(paths)
        if len(calls) >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return replace(*paths)

    monkeypatch.setattr(os, "replace", failing)
    monkeypatch.setattr(undo_file, "_PAUSE", 0.0)
    monkeypatch.setattr(undo_file, "_SHARE", 1e9)


def test_a_full_disk_before_the_first_write(tmp_path, monkeypatch):
    full_from(monkeypatch, 1)
    fleet_platform = platform()
    result = run_fleet_task(fleet_platform, subscribers=fleet([1, 2]), undo_dir=str(tmp_path))
    assert result["error"]["code"] == "disk_full" and fleet_platform.written == []
    assert result["summary"]["not_attempted"] == 2 and "undo" not in result
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_while_the_run_writes(tmp_path, monkeypatch):
    full_from(monkeypatch, 2)
    fleet_platform = platform()
    before = fleet_platform.snapshot()
    result = run_fleet_task(fleet_platform, subscribers=fleet([1, 2, 3]), undo_dir=str(tmp_path))
    assert result["error"]["code"] == "disk_full" and len(fleet_platform.written) == 1
    assert "Cannot write the undo file" in result["msg"]
    assert result["summary"]["fax_settings"]["changed"] == 1 and result["summary"]["not_attempted"] == 3
    monkeypatch.undo()
    run_fleet_task(fleet_platform, undo=result["undo"])
    assert without_keys(fleet_platform.snapshot()) == without_keys(before)


def test_a_full_disk_when_a_new_plan_is_to_be_recorded(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "FRESH", -1.0)
    full_from(monkeypatch, 2)
    fleet_platform = platform()
    fleet_platform.meet("GET", f"/api/{FAX}/1", None, lambda one, _request: one.put(FAX, 1, name="By somebody"))
    result = run_fleet_task(
        fleet_platform,
        subscribers=[{"subscriber_id": number, "name": "New"} for number in (1, 2)],
        undo_dir=str(tmp_path),
    )
    assert fleet_platform.written == [] and result["error"]["code"] == "disk_full"


def test_a_full_disk_at_the_end(tmp_path, monkeypatch):
    full_from(monkeypatch, 2)
    monkeypatch.setattr(undo_file, "_PAUSE", 60.0)
    fleet_platform = platform()
    result = run_fleet_task(fleet_platform, subscribers=fleet([1]), undo_dir=str(tmp_path))
    assert result["error"]["code"] == "disk_full" and result["summary"]["changed"] == 1
    assert statuses(only_file(tmp_path)) == {1: {"fax": "planned", "mail2fax": "planned"}}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "must not be empty"),
        (" ", "must not be empty"),
        ("file", "is not a directory"),
        ("file/undo", "is not a directory"),
        ("a\0b", "is not a valid path of a directory"),
        ("a\ud800", "is not a valid path of a directory"),
    ],
)
def test_wrong_directories(tmp_path, name, words):
    (tmp_path / "file").write_text("")
    fleet_platform = platform()
    path = f"{tmp_path}/{name}" if name.strip() else name
    result = run_fleet_task(fleet_platform, subscribers=fleet([1]), undo_dir=path)
    assert result["error"]["field"] == "undo_dir" and words in result["msg"]
    assert fleet_platform.sent == []


def test_a_directory_that_cannot_be_written_to(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    fleet_platform = platform()
    result = run_fleet_task(fleet_platform, subscribers=fleet([1]), undo_dir=str(tmp_path))
    assert "cannot be written to" in result["msg"] and fleet_platform.sent == []


def test_a_directory_that_cannot_be_created(tmp_path, monkeypatch):
    def refuse(*_arguments, **_more):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "makedirs", refuse)
    fleet_platform = platform()
    result = run_fleet_task(fleet_platform, subscribers=fleet([1]), undo_dir=str(tmp_path / "undo"))
    assert "Permission denied" in result["msg"] and fleet_platform.written == []


# ---- secrets


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"undo_dir": "undo"}, "only if the task runs in Ansible's own process on the control node"),
        ({}, "without undo_dir there is no undo file"),
    ],
)
def test_secrets_need_a_vault(options, words):
    fleet_platform = platform()
    result = run_fleet_task(fleet_platform, subscribers=fleet([1]), undo_secrets="vault", **options)
    assert result["error"]["field"] == "undo_secrets" and words in result["msg"] and fleet_platform.sent == []


def test_a_missing_password_is_found_before_anything_is_read(tmp_path):
    def encrypt(_content):
        raise FaxError("no password", code="no_vault_password")

    fleet_platform = platform()
    host = fleet_platform.host(encrypt=encrypt)
    options = {"undo_dir": str(tmp_path / "undo"), "undo_secrets": "vault"}
    result = run_fleet_task(fleet_platform, host=host, subscribers=fleet([1]), **options)
    assert result["error"]["code"] == "no_vault_password" and fleet_platform.sent == []
    assert not (tmp_path / "undo").exists()


def test_many_threads(tmp_path, monkeypatch):
    monkeypatch.setattr(undo_file, "_PAUSE", 0.0)
    fleet_platform = platform(30, concurrency=8)
    result = run_fleet_task(fleet_platform, subscribers=fleet(range(1, 31)), undo_dir=str(tmp_path))
    assert set(map(str, statuses(only_file(tmp_path)).values())) == {"{'fax': 'changed', 'mail2fax': 'changed'}"}
    assert result["summary"]["changed"] == 30
