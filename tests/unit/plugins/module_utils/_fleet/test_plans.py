# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans of fleets: written without secrets, applied exactly, and refused where anything else was approved."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import pathlib
import re
import stat
from datetime import datetime, timedelta, timezone

import pytest
import yaml

from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet import plan_file, plan_input, plan_task, run as fleet_run
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.plan_document import checksum, parse_document
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.plan_file import read_plan
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.shapes import ShapeError
from ansible_collections.ngcp.fax.plugins.module_utils._fleet.version import VERSION
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.documents import GUIDES, ROOT, blocks
from ansible_collections.ngcp.fax.tests.unit.support.fleet_plans import (
    COLUMNS,
    FAX,
    MAIL,
    OLD_PASSWORD,
    PASSWORD,
    ROWS,
    SECRET_KEY,
    FleetPlatform,
    run,
    write_fleet,
)
from ansible_collections.ngcp.fax.tests.unit.support.platform import failure

FAX_PATH, MAIL_PATH = FAX_SETTINGS.name, MAIL2FAX_SETTINGS.name

# What the plan of the fleet of these tests writes: the whole of it is compared, so that nothing else was written.
APPROVED = {
    (FAX_PATH, 1): {"active": True, "name": "One", "password": PASSWORD},
    (FAX_PATH, 2): {
        "active": True,
        "destinations": [
            {"destination": "two@example.org", "filetype": "PDF", "incoming": True, "outgoing": True, "status": True}
        ],
    },
    (MAIL_PATH, 2): {"active": True},
    (FAX_PATH, 3): {"name": "Three"},
    (MAIL_PATH, 3): {
        "secret_key": SECRET_KEY,
        "acl": [{"from_email": "three@example.org", "received_from": None, "destination": None, "use_regex": False}],
    },
    (FAX_PATH, 5): {"name": "Five", "t38": False},
}


ROUNDS = plan_input.ROUNDS


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch):
    """Derive digests quickly: the number of rounds says nothing else about them."""
    monkeypatch.setattr(plan_input, "ROUNDS", 1000)


class Fleet:
    """A fleet file, the platform, and the plan of both."""

    def __init__(self, folder):
        self.folder = folder
        self.src = write_fleet(folder / "fleet.csv")
        self.path = folder / "plan.json"
        self.platform = FleetPlatform()

    def plan(self, **given):
        """Write the plan in check mode and return it."""
        result = run(self.platform, check=True, **{"src": self.src, "plan_out": str(self.path), **given})
        assert not result.get("failed"), result["msg"]
        assert self.platform.patches == {}
        return json.loads(self.path.read_text())

    def apply(self, check=False, **given):
        """Apply the plan and return the result."""
        return run(self.platform, check, **{"src": self.src, "plan": str(self.path), **given})

    def store(self, document, seal=True):
        """Put another document in the place of the plan."""
        document = {**document, "checksum": checksum(document)} if seal else document
        self.path.write_text(json.dumps(document))

    def refusal(self, **given):
        """Apply the plan, which is refused before the platform is asked, and return the message."""
        asked = len(self.platform.sent)
        result = self.apply(**given)
        assert result["failed"] and not result["changed"]
        assert result["error"]["code"] == "invalid_input", result["error"]
        assert len(self.platform.sent) == asked
        assert "exception" not in result
        return result["msg"]

    def unreadable(self):
        """Read the plan, which cannot be used, and return the message."""
        with pytest.raises(InputError) as caught:
            read_plan(str(self.path))
        return caught.value.message


@pytest.fixture
def fleet(tmp_path):
    return Fleet(tmp_path)


def statuses(result):
    return {entry["subscriber_id"]: entry["status"] for entry in result["subscribers"]}


# ---- written


def test_a_plan_says_what_it_is_for(fleet):
    made = fleet.plan()
    assert made["format"] == "ngcp.fax.fleet_plan"
    assert made["platform"] == "https://platform.test:1443"
    assert made["collection_version"] == VERSION
    assert abs(datetime.now(timezone.utc) - datetime.fromisoformat(made["created"].replace("Z", "+00:00"))) < timedelta(
        minutes=1
    )
    assert (made["input"]["name"], made["input"]["entries"]) == ("fleet.csv", 5)
    assert made["options"] == {
        "state": "present",
        "update_password": "always",
        "update_secret_key": "always",
        "destinations_mode": "replace",
        "secret_renew_notify_mode": "replace",
        "acl_mode": "replace",
        "replace_foreign": "false",
    }
    assert {name: made["summary"][name] for name in ("total", "changed", "unchanged")} == {
        "total": 5,
        "changed": 4,
        "unchanged": 1,
    }
    assert [(entry["subscriber_id"], entry["entry"], entry["row"]) for entry in made["subscribers"]] == [
        (1, "fleet.csv row 2", 2),
        (2, "fleet.csv row 3", 3),
        (3, "fleet.csv row 4", 4),
        (5, "fleet.csv row 6", 6),
    ]
    assert made["subscribers"][0]["settings"] == {
        FAX: {
            "patch": [
                {"op": "replace", "path": "/active", "value": True},
                {"op": "replace", "path": "/name", "value": "One"},
                {"op": "replace", "path": "/password", "value": "********"},
            ],
            "before": {"active": False, "name": None, "password": "********"},
        }
    }
    assert set(made["subscribers"][1]["settings"]) == {FAX, MAIL}


def test_the_file_is_its_owners_and_named_in_the_result(fleet):
    result = run(fleet.platform, src=fleet.src, plan_only=True, plan_out=str(fleet.path))
    assert result["plan"] == str(fleet.path)
    assert stat.S_IMODE(fleet.path.stat().st_mode) == 0o600
    assert sorted(os.listdir(fleet.folder)) == ["fleet.csv", "plan.json"]
    assert fleet.platform.patches == {}
    assert fleet.path.read_text().count("\n    {") == len(APPROVED.keys() - {(MAIL_PATH, 2), (MAIL_PATH, 3)})


def test_names_are_in_the_plan_where_they_are_known(fleet):
    write_fleet(fleet.src, [{"subscriber": "user1@example.org", "name": "X"}], ["subscriber", "name"])
    (entry,) = fleet.plan()["subscribers"]
    assert (entry["subscriber_id"], entry["subscriber"]) == (1, "user1@example.org")


def test_who_cannot_be_planned_is_named(fleet):
    fleet.platform.meet("GET", f"/api/{MAIL_PATH}/2", failure(404, "Not found."), again=True)
    fleet.platform.meet("GET", f"/api/{MAIL_PATH}/", failure(404, "Not found."), again=True)
    result = run(
        fleet.platform, True, src=fleet.src, plan_out=str(fleet.path), on_plan_error="continue", on_error="continue"
    )
    assert result["failed"] and result["plan"] == str(fleet.path)
    made = json.loads(fleet.path.read_text())
    assert [entry["subscriber_id"] for entry in made["not_planned"]] == [2, 3]
    failed = made["not_planned"][0]["settings"]
    assert (failed[MAIL]["status"], failed[MAIL]["error"]["code"]) == ("failed", "not_found")
    assert failed[FAX] == {"status": "not_attempted", "error": None}
    assert made["summary"]["failed"] == 2
    assert [entry["subscriber_id"] for entry in made["subscribers"]] == [1, 5]
    parse_document(fleet.path.read_bytes(), "plan.json")


@pytest.mark.parametrize("secret", [False, True])
def test_the_digest_of_the_input(fleet, secret):
    rows = [row if secret else {name: row[name] for name in row if name != "password"} for row in ROWS]
    rows = [row if secret else {name: row[name] for name in row if name != "secret_key"} for row in rows]
    write_fleet(fleet.src, rows)
    digest = fleet.plan()["input"]["digest"]
    plain = hashlib.sha256(pathlib.Path(fleet.src).read_bytes())
    if secret:
        assert digest["algorithm"] == "pbkdf2_hmac_sha256"
        derived = hashlib.pbkdf2_hmac("sha256", plain.digest(), bytes.fromhex(digest["salt"]), digest["iterations"])
        assert digest["value"] == derived.hex()
        assert fleet.plan()["input"]["digest"]["salt"] != digest["salt"]
    else:
        assert digest == {"algorithm": "sha256", "value": plain.hexdigest()}


def test_a_guess_of_a_secret_takes_its_time():
    assert ROUNDS >= 600_000


@pytest.mark.parametrize("secret", [PASSWORD, OLD_PASSWORD, SECRET_KEY])
def test_no_secret_and_no_digest_of_one_is_in_a_plan(fleet, secret):
    fleet.platform.mail[3]["secret_key"] = f"{SECRET_KEY}-old"
    fleet.plan()
    content = fleet.path.read_bytes()
    raw = secret.encode()
    forms = [raw, base64.b64encode(raw), raw.hex().encode(), base64.b64encode(raw)[:-4]]
    forms += [hashlib.new(name, raw).hexdigest().encode() for name in ("md5", "sha1", "sha256", "sha512")]
    forms += [base64.b64encode(hashlib.new(name, raw).digest()) for name in ("md5", "sha1", "sha256", "sha512")]
    file = pathlib.Path(fleet.src).read_bytes()
    forms += [hashlib.new(name, file).hexdigest().encode() for name in ("md5", "sha1", "sha256", "sha512")]
    assert b"CANARY" not in content
    assert [form for form in forms if form.lower() in content.lower()] == []


def test_the_plan_has_the_documented_form(fleet):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs/fleet-plan.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(fleet.plan())
    test_who_cannot_be_planned_is_named(fleet)
    validator.validate(json.loads(fleet.path.read_text()))
    write_fleet(fleet.src, [{"subscriber_id": "1", "t38": "no"}])
    validator.validate(fleet.plan(on_plan_error="continue"))


def test_the_documented_plan_can_be_read():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT / "docs/fleet-plan.schema.json").read_text())
    (sample,) = blocks(GUIDES / "fleet_plans.rst", "json")
    plan = parse_document(sample.encode(), "sample")
    jsonschema.Draft202012Validator(schema).validate(plan.document)


def test_the_version_is_that_of_the_collection():
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == VERSION


# ---- applied


def test_what_was_approved_is_written_and_nothing_else(fleet):
    fleet.plan()
    result = fleet.apply(plan_max_age=3600)
    assert not result.get("failed") and result["changed"]
    assert fleet.platform.patches == APPROVED
    assert "plan" not in result
    fleet.platform.sent.clear()
    again = fleet.apply()
    assert not again["changed"] and not again.get("failed"), again["msg"]
    assert again["summary"]["unchanged"] == 5 and fleet.platform.patches == {}


def test_check_mode_comes_to_the_same_verdicts_and_writes_nothing(fleet):
    fleet.plan()
    assert statuses(fleet.apply(check=True)) == dict.fromkeys((1, 2, 3, 5), "changed")
    fleet.platform.settings[4]["active"] = True
    assert fleet.apply(check=True)["error"]["code"] == "stale"
    result = fleet.apply(check=True, on_stale="skip")
    assert statuses(result) == {1: "changed", 2: "changed", 3: "changed", 4: "stale", 5: "changed"}
    assert fleet.platform.patches == {}


def same_field(platform):
    """Another value of a field that the plan sets: what is written is what was approved."""
    platform.settings[5]["name"] = "Somebody else"


def declared_field(platform):
    """A field that the file declares and that was as declared."""
    platform.settings[4]["active"] = True


def other_field(platform):
    """A field that nobody has declared."""
    platform.settings[5]["ecm"] = False


def list_in_between(platform):
    """An element that comes into a list whose other elements a merge keeps."""
    platform.settings[2]["destinations"] = [
        {"destination": "late@example.org", "filetype": "PS", "incoming": True, "outgoing": True, "status": True}
    ]


def done_already(platform):
    """A field of a subscriber that somebody has set to what is declared."""
    platform.settings[5]["name"] = "Five"


CHANGES = [
    (same_field, {}, None),
    (other_field, {}, None),
    (declared_field, {}, (4, "fax_settings active: now planned false, approved nothing")),
    (list_in_between, {}, None),
    (list_in_between, {"destinations_mode": "merge"}, (2, "late@example.org")),
    (done_already, {}, (5, 'fax_settings name: now planned nothing, approved "Five"')),
]


@pytest.mark.parametrize(("change", "given", "stale"), CHANGES, ids=lambda value: getattr(value, "__name__", None))
@pytest.mark.parametrize("on_stale", ["stop", "skip"])
def test_foreign_changes(fleet, change, given, stale, on_stale):
    fleet.plan(**given)
    change(fleet.platform)
    result = fleet.apply(on_stale=on_stale, **given)
    assert "exception" not in result
    if stale is None:
        assert not result.get("failed"), result["msg"]
        assert fleet.platform.patches == APPROVED
        return
    number, reason = stale
    assert result["failed"] and reason in result["msg"]
    assert f"fleet.csv row {number + 1}" in result["msg"]
    found = {entry["subscriber_id"]: entry for entry in result["subscribers"]}
    assert found[number]["status"] == "stale"
    assert reason in found[number]["error"]["message"] and "CANARY" not in json.dumps(result)
    if on_stale == "stop":
        assert result["error"]["code"] == "stale" and not result["changed"]
        assert fleet.platform.patches == {}
        assert {entry["status"] for entry in result["subscribers"]} == {"stale", "not_attempted"}
    else:
        assert result["summary"]["stale"] == 1
        assert fleet.platform.patches == {key: value for key, value in APPROVED.items() if key[1] != number}


def test_all_stale_subscribers_are_named_with_both_versions(fleet):
    fleet.plan()
    fleet.platform.settings[4]["active"] = True
    fleet.platform.settings[5]["name"] = "Five"
    fleet.platform.settings[1]["active"] = True
    message = fleet.apply()["error"]["message"]
    assert message.startswith("3 subscribers would change differently from what was approved. Nothing was written.")
    assert 'fleet.csv row 6 (5): fax_settings name: now planned nothing, approved "Five"' in message
    assert "fleet.csv row 2 (1): fax_settings active: now planned nothing, approved true" in message
    assert "fleet.csv row 5 (4): fax_settings active: now planned false, approved nothing" in message


def test_long_values_in_messages_are_bounded(fleet):
    rules = [f"from_email=somebody-with-a-long-name-{number}@example.org" for number in range(100)]
    write_fleet(fleet.src, [{"subscriber_id": "2", "acl": "; ".join(rules)}])
    fleet.plan(acl_mode="merge")
    fleet.platform.mail[2]["acl"] = [
        {"from_email": "new\u202e", "received_from": None, "destination": None, "use_regex": False}
    ]
    message = fleet.apply(acl_mode="merge")["subscribers"][0]["error"]["message"]
    assert 'now planned 101 elements, only here: [{"from_email": "new\\u202e"' in message
    assert "approved 100 elements, only here: []" in message
    assert len(message) < 700


def test_what_needs_no_change_any_more_is_unchanged(fleet):
    fleet.plan()
    fleet.platform.settings[5].update(name="Five", t38=False)
    fleet.platform.mail[2]["active"] = True  # one of two kinds of settings: each is a write of its own
    result = fleet.apply()
    assert not result.get("failed"), result["msg"]
    left = {key: value for key, value in APPROVED.items() if key not in ((FAX_PATH, 5), (MAIL_PATH, 2))}
    assert fleet.platform.patches == left
    assert result["summary"]["unchanged"] == 2


def test_an_interrupted_run_goes_on(fleet):
    """One kind of settings of a subscriber was written, the other was not: the same plan is still good."""
    fleet.plan()
    fleet.platform.meet("PATCH", f"/api/{MAIL_PATH}/2", failure(422, "No."))
    fleet.platform.meet("PATCH", f"/api/{MAIL_PATH}/3", failure(422, "No."))
    assert fleet.apply()["summary"]["failed"] == 2
    fleet.platform.sent.clear()
    result = fleet.apply()
    assert not result.get("failed"), result["msg"]
    assert fleet.platform.patches == {key: value for key, value in APPROVED.items() if key[0] == MAIL_PATH}


def test_limits_count_what_is_written_and_not_what_is_skipped(fleet):
    fleet.plan()
    fleet.platform.settings[4]["active"] = True
    result = fleet.apply(on_stale="skip", max_changes="4", max_deactivated="0")
    assert "error" not in result and result["summary"]["deactivated"] == 0
    assert fleet.platform.patches == APPROVED


@pytest.mark.parametrize("is_approved", [True, False])
def test_a_change_between_planning_and_writing_is_seen(fleet, monkeypatch, is_approved):
    """A plan that is not fresh is made anew before each write, and compared with the approved one again."""
    fleet.plan()
    monkeypatch.setattr(fleet_run, "FRESH", 0.0)

    def change(platform, _request):
        platform.settings[5]["ecm" if is_approved else "t38"] = False

    fleet.platform.meet("PATCH", "/api/", change)
    result = fleet.apply(waves=["4", "100%"])
    expected = APPROVED if is_approved else {key: value for key, value in APPROVED.items() if key != (FAX_PATH, 5)}
    written = dict(fleet.platform.patches)
    if (FAX_PATH, 5) in written and not is_approved:  # it happened to be the first one
        expected = APPROVED
    assert written == expected
    assert bool(result.get("failed")) == (expected is not APPROVED)


# ---- refused


def test_every_cut_is_noticed(fleet):
    fleet.plan()
    content = fleet.path.read_bytes()
    for end in [*range(0, len(content) - 2, 50), len(content) - 2]:
        fleet.path.write_bytes(content[:end])
        assert "'plan.json' is not JSON; it was cut off or edited" in fleet.unreadable()


def members(value, path=()):
    """Yield the path of every member and element."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in pairs:
        yield (*path, name)
        yield from members(part, (*path, name))


def edited(document, path, change):
    """Return a copy of a document in which one value is another one, or gone (``change`` returns None)."""
    copy = json.loads(json.dumps(document))
    place = copy
    for name in path[:-1]:
        place = place[name]
    value = change(place[path[-1]])
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy


def another(value):
    """Return a value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    return [*value, {}] if isinstance(value, list) else {**value, "x": 1} if isinstance(value, dict) else "x"


@pytest.mark.parametrize("change", [lambda value: None, another], ids=["removed", "changed"])
def test_every_edit_is_noticed(fleet, change):
    made = fleet.plan()
    for path in members(made):
        fleet.store(edited(made, path, change), seal=False)
        assert re.search("checksum does not match|its format is not|format version", fleet.unreadable()), path
    assert "checksum does not match" in fleet.refusal()


@pytest.mark.parametrize(
    "change", [lambda value: None, lambda value: [{"x": 7}], lambda value: -1.5, lambda value: "x"], ids=range(4)
)
def test_a_wrong_form_with_the_right_checksum_is_an_error_or_harmless(fleet, change):
    """Whoever computes the checksum anew reaches at most what a plan could be; it is never an error of the collection,
    and nothing is written that is not planned now."""
    made = fleet.plan()
    for path in members({name: value for name, value in made.items() if name != "checksum"}):
        fleet.store(edited(made, path, change))
        try:
            read_plan(str(fleet.path))
        except InputError as error:
            assert re.search("form of a plan|format", error.message), path
            continue
        result = fleet.apply(check=True)
        assert result.get("failed") or path[0] in ("summary", "not_planned", "subscribers", "input"), path
        assert "exception" not in result


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", "is not a plan"),
        (b"7", "is not a plan"),
        (b'{"format": "another"}', "is not a plan"),
        (b'{"a": 1, "a": 2}', "is not JSON"),
        (b'{"a": NaN}', "is not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", "is not"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"format": "ngcp.fax.fleet_plan", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "is not JSON|version"),
        (b'{"format": "ngcp.fax.fleet_plan"}', "has the format version"),
        (b'{"format": "ngcp.fax.fleet_plan", "format_version": 1}', "has the format version '1'"),
        (b'{"format": "ngcp.fax.fleet_plan", "format_version": "2.0"}', "has the format version '2.0'"),
        (b'{"format": "ngcp.fax.fleet_plan", "format_version": "' + b"9" * 5000 + b'"}', "has the format version"),
        (b'{"format": "ngcp.fax.fleet_plan", "format_version": "1.7"}', "checksum does not match"),
    ],
)
def test_other_files_are_not_plans(fleet, content, message):
    fleet.path.write_bytes(content)
    shown = fleet.refusal()
    assert re.search(message, shown) and len(shown) < 400


def test_a_plan_with_a_deep_value_and_its_checksum(fleet):
    made = fleet.plan()
    for depth in (50, 400, 900):
        fleet.store({**made, "more": json.loads("[" * depth + "]" * depth)})
        fleet.apply(check=True)


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("collection_version", "0.0.9", "version '0.0.9' of the collection"),
        (
            "platform",
            "https://other.test:1443",
            "the platform 'https://other.test:1443', not 'https://platform.test:1443'",
        ),
        ("created", "9999-12-31T23:59:59Z", "was created in the future"),
        ("created", "2026-02-30T00:00:00Z", "created is not a time"),
        ("created", "0000-01-01T00:00:00Z", "created is not a time"),
        ("options", {"state": "replaced"}, "state 'replaced', not 'present'"),
        ("options", {"other": [1]}, "the option 'other'"),
        ("subscribers", [], None),
    ],
)
def test_a_plan_for_something_else(fleet, member, value, message):
    made = fleet.plan()
    fleet.store({**made, member: {**made[member], **value} if isinstance(value, dict) else value})
    if message is None:
        assert fleet.apply()["error"]["code"] == "stale"
        assert fleet.platform.patches == {}
    else:
        assert message in fleet.refusal()


def test_a_platform_with_another_address_is_another_one(fleet):
    fleet.plan()
    address = fleet.platform.address
    fleet.platform.address = type(address)("https://copy.test:1443")
    assert "the platform 'https://platform.test:1443', not 'https://copy.test:1443'" in fleet.refusal()


@pytest.mark.parametrize(
    "given",
    [
        {"state": "replaced"},
        {"update_password": "on_create"},
        {"update_secret_key": "on_create"},
        {"destinations_mode": "merge"},
        {"secret_renew_notify_mode": "merge"},
        {"acl_mode": "merge"},
    ],
)
def test_another_option(fleet, given):
    fleet.plan()
    ((name, value),) = given.items()
    assert re.search(rf"was created for something else: {name} '\w+', not '{value}'", fleet.refusal(**given))


def test_options_that_do_not_decide_about_changes_may_be_others(fleet):
    fleet.plan()
    result = fleet.apply(check=True, waves=["1"], on_error="stop", max_changes="90%", return_unchanged=True)
    assert "was created for something else" not in str(result.get("msg"))


@pytest.mark.parametrize(
    ("number", "name", "value"),
    [(0, "name", "Uno"), (0, "password", "CANARY-declared-2"), (2, "secret_key", ""), (3, "active", "yes")],
)
def test_another_input(fleet, number, name, value):
    fleet.plan()
    rows = [{**row, name: value} if position == number else row for position, row in enumerate(ROWS)]
    write_fleet(fleet.src, rows)
    message = fleet.refusal()
    assert "the input 'fleet.csv' with 5 entries, not 'fleet.csv' with 5 entries" in message
    assert "CANARY" not in message


def test_secrets_that_are_new_or_gone_make_another_input(fleet):
    columns = [name for name in COLUMNS if name not in ("password", "secret_key")]
    bare = [{name: value for name, value in row.items() if name in columns} for row in ROWS]
    for before, after in ((bare, ROWS), (ROWS, bare)):
        fleet.path.unlink(missing_ok=True)
        write_fleet(fleet.src, before)
        fleet.plan()
        write_fleet(fleet.src, after)
        assert "was created for something else: the input" in fleet.refusal()


def test_the_same_input_under_another_name(fleet):
    fleet.plan()
    other = fleet.folder / "copy.csv"
    other.write_bytes(pathlib.Path(fleet.src).read_bytes())
    assert not fleet.apply(src=str(other)).get("failed")
    assert fleet.platform.patches == APPROVED


def test_entries_of_a_list_and_of_hosts(fleet):
    entries = [{"subscriber_id": 5, "name": "Five", "password": PASSWORD}]
    for given in ({"subscribers": entries}, {"subscribers": entries, "hosts": ["five"]}):
        made = fleet.plan(src=None, **given)
        assert made["subscribers"][0]["entry"] in ("subscribers[0]", "host five")
        assert made["subscribers"][0]["row"] is None
        assert not fleet.apply(check=True, src=None, **given).get("failed")
        for other in ({"subscribers": [{**entries[0], "t38": True}]}, {"subscribers": entries, "hosts": ["six"]}):
            assert "the input" in fleet.refusal(src=None, **other)


def test_hosts_in_another_order_are_the_same_input(fleet):
    entries = [{"subscriber_id": 5, "name": "Five"}, {"subscriber_id": 4, "name": "Four"}]
    fleet.plan(src=None, subscribers=entries, hosts=["five", "four"])
    for hosts in (["four", "five"], ["five", "four"]):
        given = entries if hosts[0] == "five" else entries[::-1]
        assert not fleet.apply(check=True, src=None, subscribers=given, hosts=hosts).get("failed")
    assert "the input" in fleet.refusal(src=None, subscribers=entries, hosts=["four", "five"])
    assert "the input" in fleet.refusal(src=None, subscribers=entries[::-1])


class Clock(datetime):
    """A clock that shows another time."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz=None):
        return datetime.now(tz) + cls.ahead


@pytest.mark.parametrize(
    ("ahead", "max_age", "message"),
    [
        (0, 1, None),
        (3600, None, None),
        (3600, 3601, None),
        (3700, 3600, "is too old: it was created 37"),
        (-50, None, None),
        (-90, None, "was created in the future"),
        (-90, 10, "was created in the future"),
        (0, 10**30, None),
    ],
)
def test_the_age_of_a_plan(fleet, monkeypatch, ahead, max_age, message):
    fleet.plan()
    monkeypatch.setattr(Clock, "ahead", timedelta(seconds=ahead))
    monkeypatch.setattr(plan_task, "datetime", Clock)
    if message is None:
        assert not fleet.apply(check=True, plan_max_age=max_age).get("failed")
    else:
        assert message in fleet.refusal(plan_max_age=max_age)


# ---- options that do not go together


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"plan_out": "{}/p.json"}, "plan_out", "requires check mode or plan_only"),
        ({"plan_out": "{}/p.json", "plan": "{}/plan.json"}, "plan_out", "cannot be combined with plan"),
        (
            {"plan_out": "{}/p.json", "plan_only": True, "undo": "{}/undo.json"},
            "plan_out",
            "cannot be combined with undo",
        ),
        ({"plan": "{}/plan.json", "plan_only": True}, "plan", "cannot be combined with plan_only"),
        ({"plan": "{}/plan.json", "undo": "{}/undo.json"}, "plan", "cannot be combined with undo"),
        ({"plan": "{}/plan.json", "src": None}, "plan", "requires the input of the plan"),
        ({"plan": "{}/plan.json", "plan_max_age": 0}, "plan_max_age", "must be 1 or more seconds, not 0"),
        ({"plan": " "}, "plan", "must not be empty"),
        ({"plan_out": "", "plan_only": True}, "plan_out", "must not be empty"),
        ({"plan": "{}/none.json"}, "plan", "cannot read"),
        ({"plan": "{}"}, "plan", "cannot read"),
        ({"plan_out": "{}/none/p.json", "plan_only": True}, "plan_out", "there is no directory"),
        ({"plan_out": "{}", "plan_only": True}, "plan_out", "is not a plan; it is not overwritten"),
        ({"plan_out": "{}/fleet.csv", "plan_only": True}, "plan_out", "is not a plan; it is not overwritten"),
        ({"plan_out": "/dev/null", "plan_only": True}, "plan_out", "is not a plan; it is not overwritten"),
    ],
)
def test_contradictions(fleet, given, field, message):
    made = {name: value.format(fleet.folder) if isinstance(value, str) else value for name, value in given.items()}
    result = run(fleet.platform, **{"src": fleet.src, **made})
    assert result["failed"] and message in result["msg"]
    assert result["error"]["field"] == field
    assert fleet.platform.sent == []
    assert pathlib.Path(fleet.src).read_text().startswith("subscriber_id")


def test_a_directory_that_cannot_be_written(fleet, monkeypatch):
    monkeypatch.setattr(plan_file.os, "access", lambda path, mode: False)
    result = run(fleet.platform, True, src=fleet.src, plan_out=str(fleet.path))
    assert "cannot write to the directory" in result["msg"] and fleet.platform.sent == []


def test_a_disk_that_fills_up(fleet, monkeypatch):
    fleet.plan()
    before = fleet.path.read_bytes()

    def fail(*_given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(plan_file, "write_whole", fail)
    result = run(fleet.platform, True, src=fleet.src, plan_out=str(fleet.path))
    assert result["failed"] and result["error"]["code"] == "disk_full" and "plan" not in result
    assert fleet.path.read_bytes() == before


def test_a_run_that_is_refused_leaves_the_plan_from_earlier(fleet):
    fleet.plan()
    before = fleet.path.read_bytes()
    result = run(fleet.platform, True, src=fleet.src, plan_out=str(fleet.path), max_changes="1")
    assert result["failed"] and "plan" not in result
    assert fleet.path.read_bytes() == before


def test_a_damaged_plan_is_replaced(fleet):
    fleet.plan()
    fleet.path.write_bytes(fleet.path.read_bytes()[:300])
    fleet.plan()
    assert not fleet.apply(check=True).get("failed")


def test_a_pipe_in_place_of_a_plan_is_not_waited_for(fleet):
    os.mkfifo(fleet.path)
    assert "is not a regular file" in fleet.refusal()


def test_a_plan_that_is_too_large(fleet, monkeypatch):
    fleet.plan()
    monkeypatch.setattr(plan_file, "MAX_PLAN_SIZE", 100)
    assert "has more than 100 bytes" in fleet.refusal()


def test_rounds_of_a_digest_are_not_taken_from_a_file():
    digest = {"algorithm": "pbkdf2_hmac_sha256", "value": "0" * 64, "salt": "0" * 32, "iterations": 10**12}
    with pytest.raises(ShapeError):
        plan_input.check_digest(digest, "digest")


def test_a_subscriber_that_is_there_twice(fleet):
    made = fleet.plan()
    fleet.store({**made, "subscribers": [*made["subscribers"], made["subscribers"][0]]})
    assert "subscribers[4].subscriber_id is duplicated" in fleet.refusal()


def test_a_file_in_place_of_the_plan_that_cannot_be_read(fleet, monkeypatch):
    fleet.plan()

    def refuse(*_given):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(plan_file, "open", refuse, raising=False)
    result = run(fleet.platform, True, src=fleet.src, plan_out=str(fleet.path))
    assert "is not a plan; it is not overwritten" in result["msg"]
