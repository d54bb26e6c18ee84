# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How files of the control node get to the module: found, decrypted, turned into JSON, and nothing left behind."""

from __future__ import annotations

import json
import os
import stat
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from ansible_collections.ngcp.fax.plugins.module_utils._faxes.upload import MAX_FILE_SIZE
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fleet_file import read_entries
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS

ACTIONS = "ansible_collections.ngcp.fax.plugins.action"
SETTINGS = ("fax_settings", "mail2fax_settings")
FLEET = "- subscriber_id: 1\n  active: yes\n- subscriber: a@example.org\n  name: 2026-01-02\n"


@pytest.fixture
def make(monkeypatch, tmp_path):
    """Return a function that makes an action plugin whose surroundings note what it does."""
    monkeypatch.setattr(ActionBase, "run", lambda _self, tmp=None, task_vars=None: {"from": "base"})

    def make_action(name, arguments, transport="local", become=False, decrypted=None):
        module = pytest.importorskip(f"{ACTIONS}.{name}")
        action = object.__new__(module.ActionModule)
        seen = SimpleNamespace(arguments=None, content=None, mode=None, transferred=[], removed=[])

        def execute(module_args, task_vars, wrap_async):
            seen.arguments = module_args
            path = module_args.get(action.file_option)
            if path and os.path.isfile(path):
                with open(path, "rb") as stream:
                    seen.content = stream.read()
                seen.mode = stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode)
            return {"changed": True}

        def find(folder, needle):
            assert folder == "files"
            if not (tmp_path / needle).exists():
                raise AnsibleError(f"Could not find {needle}")
            return str(tmp_path / needle)

        def transfer(source, target):
            with open(source, "rb") as stream:
                seen.transferred.append((stream.read(), target))

        shell = SimpleNamespace(tmpdir="/remote/tmp", join_path=os.path.join)
        action._task = SimpleNamespace(args=arguments, action=name, async_val=0)
        action._connection = SimpleNamespace(transport=transport, _shell=shell)
        action._is_local = lambda: transport == "local" and not become
        action._obstacle = lambda _arguments, _task_vars: "it is a test of that"
        action._loader = SimpleNamespace(_get_file_contents=lambda path: (decrypted, False))
        action._find_needle = find
        action._execute_module = execute
        action._transfer_file = transfer
        action._fixup_perms2 = lambda paths: None
        action._remove_tmp_path = seen.removed.append
        return action, seen

    return make_action


def kept(function, folder, disks):
    """Return a function that first notes the content of all real files below a folder."""

    def noting(*arguments, **options):
        files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
        disks.append(b"".join(path.read_bytes() for path in files))
        return function(*arguments, **options)

    return noting


def leftovers(folder):
    """Return what the action has made and not removed."""
    return sorted(folder.glob("ngcp-fax-*"))


@pytest.fixture
def temporary(monkeypatch, tmp_path):
    """Return the folder in which temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(folder))
    return folder


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("file", ["fleet.csv", "fleet.json"])
def test_a_file_is_used_where_it_is(make, tmp_path, name, file):
    (tmp_path / file).write_text("content")
    action, seen = make(name, {"subscribers_file": file, "state": "present"})
    assert action.run() == {"from": "base", "changed": True}
    assert seen.arguments == {"subscribers_file": str(tmp_path / file), "state": "present"}
    assert seen.transferred == []
    assert seen.removed == ["/remote/tmp"]
    assert action._task.args["subscribers_file"] == file, "the task itself stays as it is"


@pytest.mark.parametrize("file", ["fleet.yml", "fleet.yaml", "FLEET.YML"])
def test_yaml_becomes_json(make, tmp_path, temporary, file):
    """The managed host may have no YAML library; JSON is YAML too."""
    (tmp_path / file).write_text(FLEET)
    action, seen = make("fax_settings", {"subscribers_file": file})
    assert action.run()["changed"] is True
    assert json.loads(seen.content) == [
        {"subscriber_id": "1", "active": "yes"},
        {"subscriber": "a@example.org", "name": "2026-01-02"},
    ]
    assert os.path.basename(seen.arguments["subscribers_file"]) == file, "messages show the name"
    assert seen.mode == 0o700
    assert leftovers(temporary) == []


def test_texts_of_yaml_get_to_the_module_as_they_are_written(make, tmp_path):
    """What reads the file on the control node is what reads it on a managed host."""
    text = "- {subscriber_external_id: 0123, password: 00123, name: 12:30, active: no, t38: ~, number: !unsafe 0043}\n"
    (tmp_path / "fleet.yml").write_text(text)
    action, seen = make("fax_settings", {"subscribers_file": "fleet.yml"})
    action.run()
    (sent,) = json.loads(seen.content)
    assert sent == {
        "subscriber_external_id": "0123",
        "password": "00123",
        "name": "12:30",
        "active": "no",
        "t38": None,
        "number": "0043",
    }
    (read,) = read_entries(FAX_SETTINGS, str(tmp_path / "fleet.yml"))
    assert sent == read.values


def test_a_decrypted_file_keeps_its_name(make, tmp_path, temporary):
    """It is only in memory, so that nothing readable stays behind even if the process is killed."""
    (tmp_path / "fleet.csv").write_text("$ANSIBLE_VAULT;1.1;AES256\n00")
    action, seen = make("fax_settings", {"subscribers_file": "fleet.csv"}, decrypted=b"subscriber_id\n1\n")
    with pytest.MonkeyPatch.context() as context:
        disks = []
        context.setattr(action, "_execute_module", kept(action._execute_module, temporary, disks))
        action.run()
    assert disks == [b""]
    assert os.path.basename(seen.arguments["subscribers_file"]) == "fleet.csv"
    assert (seen.content, seen.mode) == (b"subscriber_id\n1\n", 0o700)
    assert leftovers(temporary) == []


@pytest.mark.parametrize(("transport", "become"), [("ssh", False), ("local", True), ("ansible.netcommon.x", False)])
def test_a_file_is_carried_to_other_hosts_and_users(make, tmp_path, temporary, transport, become):
    (tmp_path / "fleet.yml").write_text(FLEET)
    action, seen = make("fax_settings", {"subscribers_file": "fleet.yml"}, transport, become)
    action.run()
    ((content, target),) = seen.transferred
    assert target == seen.arguments["subscribers_file"] == "/remote/tmp/fleet.yml"
    assert json.loads(content)[0] == {"subscriber_id": "1", "active": "yes"}
    assert leftovers(temporary) == []


@pytest.mark.parametrize("arguments", [{}, {"subscribers_file": ""}, {"subscribers_file": None}, {"subscriber_id": 1}])
def test_tasks_without_a_file(make, arguments):
    action, seen = make("fax_settings", arguments)
    assert action.run()["changed"] is True
    assert seen.arguments == arguments


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"- password: Geheim: x\n", "'fleet.yml' is not YAML: line 1, column 19"),
        (b"- password: 'Geheim\n", "is not YAML: line"),
        (b"- password: Geheim\x01\n", "is not YAML"),
        (b"- password: Geheim\n  name: \xfc\n", "'fleet.yml', line 2: is not UTF-8; save it as UTF-8 text"),
        (b"- {[1]: Geheim}\n", "'fleet.yml', line 1: a key must be a string"),
        (b"- &a [*a]\n", "'fleet.yml', line 1: a value that begins with *"),
        (b"- password: !vault Geheim\n", "'fleet.yml', line 1: the tag !vault cannot be used"),
        (b"- {password: Geheim, password: Geheim2}\n", "'fleet.yml', line 1: the key 'password' is duplicated"),
        (b"- password: Geheim\n---\n- a\n", "'fleet.yml', line 2: begins a second document"),
    ],
    ids=["syntax", "quote", "control character", "Latin-1", "key", "a list in itself", "tag", "twice", "documents"],
)
def test_broken_yaml_fails_the_task_and_quotes_nothing(make, tmp_path, temporary, content, words):
    (tmp_path / "fleet.yml").write_bytes(content)
    action, seen = make("fax_settings", {"subscribers_file": "fleet.yml"})
    result = action.run()
    assert (result["failed"], result["changed"], result["error"]["code"]) == (True, False, "invalid_input")
    assert words in result["msg"]
    assert "Geheim" not in json.dumps(result)
    assert seen.arguments is None
    assert leftovers(temporary) == []


def test_a_missing_file(make):
    action, seen = make("fax_settings", {"subscribers_file": "none.csv"})
    result = action.run()
    assert (result["failed"], seen.arguments, seen.removed) == (True, None, ["/remote/tmp"])
    assert result["error"]["field"] == "subscribers_file"


@pytest.mark.parametrize("step", ["_execute_module", "_transfer_file"])
def test_an_unreachable_host_is_told_as_such_and_nothing_is_left(make, tmp_path, temporary, step):
    (tmp_path / "fleet.yml").write_text(FLEET)
    action, seen = make("fax_settings", {"subscribers_file": "fleet.yml"}, "ssh")

    def fail(*_arguments, **_options):
        assert leftovers(temporary) != []
        raise AnsibleConnectionFailure("broken")

    setattr(action, step, fail)
    with pytest.raises(AnsibleConnectionFailure):
        action.run()
    assert leftovers(temporary) == []
    assert seen.removed == ["/remote/tmp"]


# ---- documents to be sent


@pytest.mark.parametrize(
    ("remote_src", "found"), [(None, True), (False, True), ("no", True), (True, False), ("yes", False)]
)
def test_documents_of_the_managed_host_stay_there(make, tmp_path, remote_src, found):
    (tmp_path / "fax.pdf").write_bytes(b"%PDF")
    arguments = {"src": "fax.pdf", **({} if remote_src is None else {"remote_src": remote_src})}
    action, seen = make("fax_send", arguments)
    action.run()
    assert seen.arguments["src"] == (str(tmp_path / "fax.pdf") if found else "fax.pdf")


@pytest.mark.parametrize(
    ("size", "accepted"), [(0, False), (1, True), (MAX_FILE_SIZE, True), (MAX_FILE_SIZE + 1, False)]
)
def test_sizes_of_documents(make, tmp_path, size, accepted):
    with open(tmp_path / "fax.pdf", "wb") as stream:
        stream.truncate(size)
    action, seen = make("fax_send", {"src": "fax.pdf"}, transport="ssh")
    action._transfer_file = lambda source, target: seen.transferred.append(target)
    result = action.run()
    assert result.get("failed", False) is not accepted
    assert seen.transferred == (["/remote/tmp/fax.pdf"] if accepted else [])
    if not accepted:
        assert str(size) in result["msg"]
        assert result["error"]["field"] == "src"


@pytest.mark.parametrize(
    ("given", "destination"), [({}, None), ({"destination": "431"}, "431"), ({"destination": [43123]}, None)]
)
def test_a_document_that_is_not_found_is_a_fax_that_was_not_sent(make, given, destination):
    """The result has the shape of all results of the task, whatever the raw arguments hold."""
    action, seen = make("fax_send", {"src": "none.pdf", "subscriber": ["x"], **given})
    result = action.run()
    assert (result["failed"], result["changed"], seen.arguments) == (True, False, None)
    assert (result["fax"]["status"], result["fax"]["destination"]) == ("failed", destination)
    assert {"receipt", "sha256", "progress", "summary", "msg", "error"} <= set(result)


def test_a_folder_is_no_document(make, tmp_path):
    (tmp_path / "folder").mkdir()
    action, _seen = make("fax_send", {"src": "folder"})
    assert "is not a regular file" in action.run()["msg"]


def test_a_file_that_is_not_found_is_named_in_one_printable_line(make):
    """Ansible's own message has several lines, and the name is somebody's."""
    action, _seen = make("fax_settings", {"subscribers_file": "no\x1b]0;x\x07\n\tfile.csv"})
    result = action.run()
    assert result["msg"] == result["error"]["message"] == r"subscribers_file: Could not find no\x1b]0;x\x07 file.csv"
