# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Result files of a fleet: every entry is in one of them, whenever the run ends, and they can be used as input."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import pathlib
import stat

import pytest
from hypothesis import example, given, settings, strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils import _files
from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError, InputErrors
from ansible_collections.ngcp.fax.plugins.module_utils._fleet import result_files
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.options import fleet_options
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.result_list import ResultList
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.result_sheet import ResultSheet
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.schema import COLUMNS, SLOTS
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.source import read_source
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.task import manage_fleet
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.verdicts import VERDICT_COLUMNS, Verdict
from ansible_collections.ngcp.fax.plugins.module_utils._settings.declarations import Entry
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, failure, subscriber

NAMES = ("changed", "unchanged", "failed", "not_attempted", "stale")
NOBODY = {name: [] for name in NAMES}
FAX, MAIL2FAX = "/api/faxserversettings/", "/api/mailtofaxsettings/"


def platform(count=4, **options):
    numbers = range(1, count + 1)
    others = {MAIL2FAX_SETTINGS: {number: {} for number in numbers}}
    return Platform([subscriber(number) for number in numbers], others=others, **options)


def run(server, folder, check=False, **given):
    options = {**connection_options(), **fleet_options()}
    params = default_params(options, concurrency=1)
    return manage_fleet({**params, "results_dir": str(folder), **given}, server.host(check))


def sheet(tmp_path, text, name="fleet.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def table(folder, name, **dialect):
    """Return the rows of a result file, with its header."""
    return list(csv.reader(io.StringIO((folder / f"{name}.csv").read_text("utf-8-sig"), newline=""), **dialect))


def members_of(folder):
    """Return the first cells of the rows in each file."""
    return {name: [row[0] for row in table(folder, name)[1:]] for name in NAMES}


FLEET = "subscriber_id,_branch,name,password\n1,Graz,new,CANARY-1\n2,Linz,new,CANARY-2\n3,Wels,,\n9,Enns,new,CANARY-9\n"


def test_rows_go_where_they_belong(tmp_path):
    server, folder = platform(), tmp_path / "results"
    server.meet("PATCH", f"{FAX}2", failure(422, "Validation failed."))
    result = run(server, folder, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert table(folder, "changed") == [
        ["subscriber_id", "_branch", "name", "password", *VERDICT_COLUMNS],
        ["1", "Graz", "new", "", "changed", "", "", ""],
    ]
    assert table(folder, "unchanged")[1:] == [["3", "Wels", "", "", "unchanged", "", "", ""]]
    assert [row[:6] for row in table(folder, "failed")[1:]] == [
        ["2", "Linz", "new", "", "failed", "validation_failed"],
        ["9", "Enns", "new", "", "failed", "not_found"],
    ]
    assert "Validation failed." in table(folder, "failed")[1][6]
    assert table(folder, "not_attempted") == table(folder, "stale") == [table(folder, "changed")[0]]
    assert result["results"] == {name: str(folder / f"{name}.csv") for name in NAMES}
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.csv" for name in NAMES)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_failures_go_straight_back_in(tmp_path):
    server, folder = platform(), tmp_path / "results"
    server.meet("PATCH", f"{FAX}2", failure(422))
    run(server, folder, src=sheet(tmp_path, FLEET.replace("9,Enns,new,CANARY-9\n", "")))
    again = run(server, folder, src=str(folder / "failed.csv"))
    assert again["summary"]["total"] == again["summary"]["changed"] == 1
    assert members_of(folder) == {**NOBODY, "changed": ["2"]}
    assert table(folder, "changed")[0] == ["subscriber_id", "_branch", "name", "password", *VERDICT_COLUMNS]


def test_check_mode(tmp_path):
    server, folder = platform(), tmp_path / "results"
    run(server, folder, check=True, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert [row[4] for row in table(folder, "changed")[1:]] == ["would_change"] * 2
    assert server.writes == []


def test_a_refused_run(tmp_path):
    server, folder = platform(), tmp_path / "results"
    result = run(server, folder, src=sheet(tmp_path, FLEET), max_changes="1", on_plan_error="continue")
    assert result["failed"] and server.writes == []
    assert members_of(folder) == {
        **NOBODY,
        "unchanged": ["3"],
        "failed": ["9"],
        "not_attempted": ["1", "2"],
    }
    assert {row[5] for row in table(folder, "not_attempted")[1:]} == {"too_many_changes"}


def test_only_the_first_line_of_a_message_about_the_run(tmp_path):
    folder = tmp_path / "results"
    run(platform(), folder, src=sheet(tmp_path, FLEET))
    assert {row[6] for row in table(folder, "not_attempted")[1:]} == {
        "1 of 4 subscribers cannot be planned. Nothing was written."
    }


def test_a_subscriber_whose_settings_came_to_different_ends(tmp_path):
    server, folder = platform(), tmp_path / "results"
    server.meet("PATCH", f"{MAIL2FAX}1", failure(422, "Validation failed."))
    run(server, folder, src=sheet(tmp_path, "subscriber_id,name,mail2fax_active\n1,new,yes\n"))
    assert table(folder, "failed")[1][5].endswith("(fax_settings: changed)")


def test_before_the_first_write_everything_is_noted(tmp_path):
    folder, seen = tmp_path / "results", {}

    def look(_server, _request):
        seen.update({name: table(folder, name)[1:] for name in NAMES})

    server = platform()
    server.meet("PATCH", f"{FAX}1", look)
    run(server, folder, src=sheet(tmp_path, FLEET), on_plan_error="continue", waves=["100%"])
    assert [row[:1] + row[4:6] for row in seen["not_attempted"]] == [
        ["1", "not_attempted", "under_way"],
        ["2", "not_attempted", "under_way"],
    ]
    assert [row[0] for row in seen["unchanged"] + seen["failed"]] == ["3", "9"]


class Killed(BaseException):
    """The end of a process."""


@pytest.mark.parametrize("name", ["failed", "not_attempted", "changed"])
@pytest.mark.parametrize("drift", [True, False])
def test_no_row_is_ever_missing(tmp_path, monkeypatch, name, drift):
    """Whenever a run is killed that reads one of the files which it replaces, its rows are in the files."""
    write_whole = _files.write_whole
    killed_at = 0
    while True:
        killed_at += 1
        folder = tmp_path / str(killed_at)
        folder.mkdir()
        source = sheet(folder, "subscriber_id,name\n1,new\n2,new\n3,\n", f"{name}.csv")
        steps = iter(range(1, killed_at))

        def write(path, content, steps=steps):
            if next(steps, None) is None:
                raise Killed
            write_whole(path, content)

        monkeypatch.setattr(result_files, "write_whole", write)
        server = platform()
        server.meet("PATCH", f"{FAX}2", failure(422))
        try:
            run(server, folder, src=source, check=not drift)
        except Killed:
            found = {
                row[0] for path in folder.iterdir() if path.suffix == ".csv" for row in table(folder, path.stem)[1:]
            }
            assert found == {"1", "2", "3"}, killed_at
        else:
            break
    assert killed_at == (11 if drift else 6)


def test_a_disk_that_is_full_at_the_end(tmp_path, monkeypatch):
    server, folder = platform(), tmp_path / "results"

    def full(_path, _content):
        if server.writes:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(result_files, "write_whole", full)
    result = run(server, folder, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert result["summary"]["changed"] == 2 and result["failed"]
    assert result["error"]["code"] == "disk_full" and str(folder) in result["msg"]
    assert "results" not in result


def test_a_disk_that_is_full_before_the_first_write(tmp_path, monkeypatch):
    server, folder = platform(), tmp_path / "results"

    def full(_path, _content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(result_files, "write_whole", full)
    result = run(server, folder, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert server.writes == [] and result["error"]["code"] == "disk_full"
    assert "Cannot write result files" in result["msg"]
    assert not [warning for warning in result["warnings"] if "result files" in warning]


def test_a_disk_that_is_full_after_another_failure(tmp_path, monkeypatch):
    def full(_path, _content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(result_files, "write_whole", full)
    result = run(platform(), tmp_path / "results", src=sheet(tmp_path, FLEET), max_changes="0")
    assert result["error"]["code"] != "disk_full"
    assert "Cannot write result files" in "".join(result["warnings"])


def test_what_goes_wrong_does_not_lose_the_result(tmp_path, monkeypatch):
    server, folder = platform(), tmp_path / "results"
    monkeypatch.setattr(ResultSheet, "content", lambda *_: 1 // 0)
    result = run(server, folder, check=True, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert result["summary"]["changed"] == 2 and result["failed"] and "results" not in result


def test_somebody_else_writes_into_the_directory(tmp_path, monkeypatch):
    folder = tmp_path / "results"
    folder.mkdir()
    monkeypatch.setattr(result_files, "_PATIENCE", 0.0)
    with _files.locked(str(folder), 1):
        result = run(platform(), folder, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert result["error"]["code"] == "locked" and list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [("", "must not be empty"), ("file", "is not a directory"), ("file/below", "is not a directory")],
)
def test_directories_that_cannot_be_used(tmp_path, name, problem):
    (tmp_path / "file").write_text("")
    server = platform()
    with pytest.raises(InputError) as caught:
        run(server, tmp_path / name if name else " ", src=sheet(tmp_path, FLEET))
    assert caught.value.field == "results_dir" and caught.value.message.endswith(problem)
    assert server.log == []


def test_a_directory_that_is_not_writable(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(InputError, match="cannot be written to"):
        run(platform(), tmp_path, src=sheet(tmp_path, FLEET))


@pytest.mark.parametrize("change", ["content", "gone"])
def test_an_input_that_changed_meanwhile(tmp_path, change):
    path = pathlib.Path(sheet(tmp_path, FLEET))
    params = {"src": str(path), "subscribers": None, "results_dir": str(tmp_path / "results")}
    source = read_source(params, {})
    if change == "gone":
        path.unlink()
    else:
        path.write_text(FLEET + "4,Ried,,\n")
    with pytest.raises(InputError) as caught:
        result_files.ResultFiles(params, source, check=False)
    assert caught.value.field == "src"
    assert (
        caught.value.message
        == {
            "content": "'fleet.csv' was changed while it was read",
            "gone": "cannot read 'fleet.csv' again: No such file or directory",
        }[change]
    )


def test_wrong_input_leaves_everything_as_it_was(tmp_path):
    folder = tmp_path / "results"
    run(platform(), folder, check=True, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(InputErrors):
        run(platform(), folder, src=sheet(tmp_path, "subscriber_id,name\n1,x\n1,y\n"))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_files_of_another_form_are_removed(tmp_path):
    folder = tmp_path / "results"
    run(platform(), folder, check=True, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    (folder / "notes.txt").write_text("mine")
    run(platform(), folder, check=True, subscribers=[{"subscriber_id": 1, "name": "x"}])
    assert sorted(path.name for path in folder.iterdir()) == sorted(["notes.txt", *(f"{name}.yml" for name in NAMES)])
    run(platform(), folder, check=True, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert sorted(path.name for path in folder.iterdir()) == sorted(["notes.txt", *(f"{name}.csv" for name in NAMES)])


@pytest.mark.parametrize(("state", "warned"), [("replaced", True), ("present", False)])
def test_secrets_that_the_next_run_would_clear(tmp_path, state, warned):
    text = "subscriber_id,name,password\n1,new,CANARY\n"
    result = run(platform(), tmp_path / "a", src=sheet(tmp_path, text), state=state, max_changes="0")
    assert any("state replaced" in warning for warning in result["warnings"]) == warned
    text = "subscriber_id,name,password\n1,new,\n2,,CANARY\n"
    result = run(platform(), tmp_path / "b", src=sheet(tmp_path, text), state=state, check=True)
    assert result["warnings"] == [], "nothing to be repeated"


def test_links_are_not_followed(tmp_path):
    folder = tmp_path / "results"
    folder.mkdir()
    (tmp_path / "precious").write_text("precious")
    (folder / "changed.csv").symlink_to(tmp_path / "precious")
    run(platform(), folder, check=True, src=sheet(tmp_path, FLEET), on_plan_error="continue")
    assert (tmp_path / "precious").read_text() == "precious"


# ---------------------------------------------------------------------------------------------------------------------
# Spreadsheets
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "header", "row"),
    [
        ("subscriber_id;name\n1;a,b\n", "utf-8", "subscriber_id;name;+\n", '1;a,b;changed;;"x;y";\n'),
        ("subscriber_id\tname\r\n1\ta\r\n", "utf-8-sig", "subscriber_id\tname\t+\r\n", "1\ta\tchanged\t\tx;y\t\r\n"),
        (
            "sep=;\r\nsubscriber_id;name\r\n1;a",
            "utf-8",
            "sep=;\r\nsubscriber_id;name;+\r\n",
            '1;a;changed;;"x;y";\r\n',
        ),
        (
            '"sep=|"\nsubscriber_id|name\n1|a\n',
            "utf-16",
            '"sep=|"\nsubscriber_id|name|+\n',
            "1|a|changed||x;y|\n",
        ),
        (
            '\n,\n subscriber_id , name,,\n1," a\r""b\n",,\n',
            "utf-8",
            " subscriber_id , name,+\n",
            '1," a\r""b\n",changed,,x;y,\n',
        ),
        ("subscriber_id\r1\r", "utf-8", "subscriber_id,+\r", "1,changed,,x;y,\r"),
        ("subscriber_id,name\n1\n", "utf-8", "subscriber_id,name,+\n", "1,,changed,,x;y,\n"),
        (
            "_status,subscriber_id,_hint,name\nold,1,old,'=a\n",
            "utf-8",
            "subscriber_id,name,+\n",
            "1,'=a,changed,,x;y,\n",
        ),
        # Here the first line has most of another delimiter, once columns of an earlier result file are gone.
        (
            f'"_a;;;;;;;"{",_code" * 7},subscriber_id\n,,,,,,,,1\n',
            "utf-8",
            "sep=,\n_a;;;;;;;,subscriber_id,+\n",
            ",1,changed,,x;y,\n",
        ),
    ],
)
def test_dialects(text, encoding, header, row):
    content = ResultSheet(text.encode(encoding)).content([(0, Verdict("changed", "", "x;y"))])
    delimiter = header[header.index("+") - 1]
    assert content == (header.replace("+", delimiter.join(VERDICT_COLUMNS)) + row).encode(encoding)


def test_utf_16_of_the_other_kind():
    text = "subscriber_id,name\n1,ä\n"
    found = ResultSheet(b"\xfe\xff" + text.encode("utf-16-be")).content([(0, Verdict("changed"))])
    assert found.startswith(b"\xfe\xff") and found.decode("utf-16").endswith("\n1,ä,changed,,,\n")


def test_what_the_collection_says_is_never_a_formula():
    found = ResultSheet(b"subscriber_id\n1\n").content([(0, Verdict("failed", "=x", "@y", "+z"))])
    assert found.decode().endswith("1,failed,'=x,'@y,'+z\n")


def test_secrets_in_remarks():
    text = "subscriber_id,_old,password,secret_key,name\n"
    text += '1,was CANARY before,CANARY,,CANARY\n2,CANARY,,,\n3,cleared,"""""",,\n'
    content = ResultSheet(text.encode()).content([(n, Verdict("changed")) for n in range(3)])
    assert content.decode().splitlines()[1:] == [
        "1,,,,CANARY,changed,,,",
        "2,CANARY,,,,changed,,,",
        "3,cleared,,,,changed,,,",
    ]


SECRETS = [name for name, slot in SLOTS.items() if slot.field.secret]
CELLS = {
    "name": ["", " x ", '"; x"', "a,b;c\td", '""', "'=1", "=1", "line\nbreak\r\nagain\r", "ünï"],
    "destinations": ["", "a@b.cc PDF; b@b.cc", "a@b.cc\nb@b.cc", '[{"destination": "a@b.c"}]', "[]"],
    "fax_active": ["", "yes", " no "],
    "mail2fax_active": ["", "true"],
    "_remark": ["", '"', "=cmd()", "x\ry"],
    "_status": ["failed"],
    "_message": ["Stopped;, after"],
    "password": ["", "CANARY", '" CANARY"'],
    "secret_key": ["", "CANARY;"],
}  # fmt: skip


@st.composite
def sheets(draw):
    columns = draw(st.lists(st.sampled_from(sorted(CELLS)), unique=True))
    columns.insert(draw(st.integers(0, len(columns))), "subscriber_id")
    rows = [
        ["" if name == "subscriber_id" else draw(st.sampled_from(CELLS[name])) for name in columns]
        for _row in range(draw(st.integers(1, 4)))
    ]
    for number, row in enumerate(rows, start=1):
        row[columns.index("subscriber_id")] = draw(st.sampled_from([str(number), f'"{number}"', f" {number}"]))
    if draw(st.booleans()):
        columns.append("")
        rows = [[*row, draw(st.sampled_from(["", " "]))] for row in rows]
    if draw(st.booleans()):
        rows.insert(draw(st.integers(0, len(rows))), [""] * len(columns))
    delimiter = draw(st.sampled_from(",;\t|"))
    stream = io.StringIO(newline="")
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator="\r\n").writerows([columns, *rows])
    is_named = delimiter == "|" or draw(st.booleans())
    text = f"sep={delimiter}\r\n" * is_named + stream.getvalue()
    return text.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


@given(sheets())
@settings(deadline=None)
@example(b"subscriber_id\n1\n")
def test_whatever_is_read_can_be_read_again(tmp_path_factory, content):
    """The files declare what the input does, without secrets, and can be used as input themselves."""
    folder = tmp_path_factory.mktemp("sheet")
    declared = declarations(sheet(folder, content))
    results = ResultSheet(content)
    verdicts = [(n, Verdict("failed", "x", "a,b;c\td\n", "=x")) for n in range(len(declared))]
    first = results.content(verdicts)
    again = declarations(sheet(folder, first))
    assert again == [[(keys, without(fields)) for keys, fields in parts] for parts in map(rest_of, declared)]
    assert b"CANARY" not in first and "CANARY".encode("utf-16-le") not in first
    assert ResultSheet(first).content(verdicts) == first
    some = ResultSheet(first).content(verdicts[1::2])
    assert declarations(sheet(folder, some)) == again[1::2]


def declarations(path):
    """Return for each entry the keys and fields of its declarations."""
    entries = read_source({"src": path, "subscribers": None, "allow_empty": True}, {}).entries
    return [[(d.keys, dict(d.fields)) for d in entry.declarations.values()] for entry in entries]


def without(fields):
    return {name: value for name, value in fields.items() if name not in SECRETS}


def rest_of(parts):
    """Return the declarations that are not about secrets alone."""
    return [(keys, fields) for keys, fields in parts if without(fields)]


def test_every_secret_column_is_empty():
    columns = [name for name in COLUMNS if name in SLOTS]
    text = ",".join(columns) + "\n" + ",".join("CANARY" if name in SECRETS else "x" for name in columns) + "\n"
    assert len(SECRETS) >= 4
    assert b"CANARY" not in ResultSheet(text.encode()).content([(0, Verdict("changed"))])


# ---------------------------------------------------------------------------------------------------------------------
# Lists, YAML, JSON and inventories
# ---------------------------------------------------------------------------------------------------------------------


YAML = """
- {subscriber_id: 007, fax: {name: yes, password: CANARY}, _note: [1, {a: CANARY}]}
- subscriber_id: 2
"""
JSON = """{"subscribers": [
  {"subscriber_id": 7, "fax": {"name": "yes", "password": "CANARY"}, "_note": "was CANARY"},
  {"subscriber_id": 2}
]}"""


@pytest.mark.parametrize(("name", "text"), [("fleet.yml", YAML), ("fleet.json", JSON)])
def test_yaml_and_json(tmp_path, name, text):
    folder = tmp_path / "results"
    run(platform(7), folder, check=True, src=sheet(tmp_path, text, name))
    shown = "007" if name == "fleet.yml" else "7"
    assert (folder / "changed.yml").read_text().splitlines() == [
        f'- subscriber_id: "{shown}"',
        '  fax: {"name": "yes", "password": null}',
        "  _note: null",
        '  _status: "would_change"',
    ]
    assert (folder / "unchanged.yml").read_text() == '- subscriber_id: "2"\n  _status: "unchanged"\n'
    assert (folder / "failed.yml").read_text() == "[]\n"


def test_the_list_and_the_hosts_of_an_inventory(tmp_path):
    entries = [{"subscriber_id": 1, "active": True, "secret_key": "CANARY"}]
    for hosts, beside in ((None, ""), (["alpha"], '  _host: "alpha"\n')):
        run(platform(), tmp_path, check=True, subscribers=entries, hosts=hosts)
        assert (tmp_path / "changed.yml").read_text() == (
            f'- subscriber_id: 1\n  active: true\n  secret_key: null\n{beside}  _status: "would_change"\n'
        )


def test_failures_in_yaml_go_straight_back_in(tmp_path):
    server, folder = platform(), tmp_path / "results"
    server.meet("PATCH", f"{FAX}1", failure(422, "Validation failed."))
    run(server, folder, subscribers=[{"subscriber_id": 1, "name": "{{ x }}"}, {"subscriber_id": 2, "name": "y"}])
    again = run(server, folder, src=str(folder / "failed.yml"))
    assert again["summary"]["total"] == again["summary"]["changed"] == 1
    assert server.settings[1]["name"] == "{{ x }}"


PLAIN = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
REMARKS = st.recursive(
    PLAIN,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=4), parts, max_size=3),
    max_leaves=6,
)
DEEP = json.loads("[" * 22 + "]" * 22)
ENTRIES = st.fixed_dictionaries(
    {"subscriber_id": st.integers(1, 10**6)},
    optional={
        "name": st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20).filter(
            lambda text: "CANARY" not in text
        ),
        "active": st.booleans(),
        "fax": st.fixed_dictionaries({}, optional={"password": st.just("CANARY"), "t38": st.booleans()}),
        "mail2fax": st.fixed_dictionaries({}, optional={"secret_key": st.just("CANARY")}),
        "_remark": REMARKS | st.just(["a CANARY"]),
        '_odd: name "#': PLAIN,
        "_status": st.just("failed"),
    },
)


@given(st.lists(ENTRIES, min_size=1, max_size=3, unique_by=lambda entry: entry["subscriber_id"]))
@settings(deadline=None)
@example([{"subscriber_id": 1, "_x": {"long" * 400: 1}, "_" + "y" * 2000: 1, "_deep": DEEP}])
@example([{"subscriber_id": 1, "_half": "\ud800", "name": "\x7f\x85\u2028\ufeff\uffff\U0001f4e0"}])
def test_whatever_is_given_can_be_read_again(tmp_path_factory, entries):
    pytest.importorskip("yaml")
    params = {"src": None, "subscribers": entries}
    try:
        source = read_source(params, {})
    except InputErrors:
        return  # a text that no field takes
    declared = [[(d.keys, dict(d.fields)) for d in entry.declarations.values()] for entry in source.entries]
    content = ResultList(source.raw).content([(n, Verdict("failed", "x", "y")) for n in range(len(entries))])
    again = declarations(sheet(tmp_path_factory.mktemp("list"), content, "failed.yml"))
    assert again == [[(keys, without(fields)) for keys, fields in parts] for parts in map(rest_of, declared)]
    known = [
        entry
        for entry in entries
        if entry.get("fax", {}).get("password") or entry.get("mail2fax", {}).get("secret_key")
    ]
    assert b"CANARY" not in content or len(known) < len(entries)


def test_the_remarks_of_an_undo_file():
    both = {"name": "x", "password": "CANARY"}
    values = {
        "subscriber_id": 1,
        "fax": both,
        "_set": {"fax": {"password": "CANARY-2"}},
        "_left_out": {"fax.name": "x"},
    }
    content = ResultList([Entry("x", values)]).content([(0, Verdict("failed"))])
    assert content.decode().splitlines() == [
        "- subscriber_id: 1",
        '  fax: {"name": "x", "password": null}',
        "  _set: null",
        '  _left_out: {"fax.name": "x"}',
        '  _status: "failed"',
    ]


def test_no_verdict_without_an_entry():
    with pytest.raises(IndexError):
        ResultList([Entry("x", {})]).content([(1, Verdict("changed"))])


def test_no_credential_stands_in_a_message(tmp_path):
    server, folder = platform(), tmp_path / "results"
    server.meet("PATCH", f"{FAX}1", FaxError("The proxy said 'CANARY-API is wrong'"))
    run(server, folder, src=sheet(tmp_path, "subscriber_id,name\n1,x\n"), api_password="CANARY-API")
    assert "CANARY" not in (folder / "failed.csv").read_text()
    assert "The proxy said '******** is wrong'" in (folder / "failed.csv").read_text()
