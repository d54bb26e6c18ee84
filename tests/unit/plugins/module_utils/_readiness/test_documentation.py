# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of ``fax_readiness_info`` says about its results, and what these have."""

from __future__ import annotations

import pathlib
import re

import yaml

from ansible_collections.ngcp.fax.plugins.module_utils._readiness.verdicts import CODES
from ansible_collections.ngcp.fax.plugins.modules import fax_readiness_info
from ansible_collections.ngcp.fax.tests.unit.support.readiness import ReadinessPlatform, check_readiness

GUIDE = pathlib.Path(__file__).resolve().parents[5] / "docs/receiving.md"
ANSIBLES_OWN = {"changed", "failed", "msg"}


def results():
    """Return results of all shapes."""
    yield check_readiness(ReadinessPlatform(), subscriber_id=1, journal=True)
    yield check_readiness(ReadinessPlatform(), entries=[{"subscriber_id": 1}, {"subscriber_id": 9}], checks=["sends"])
    yield check_readiness(ReadinessPlatform(), entries=[])
    unready = ReadinessPlatform()
    unready.info = {"error": "x"}
    yield check_readiness(unready)
    two = ReadinessPlatform((1, 2))
    for number in (1, 2):
        two.extra["cfmappings"][number]["cfu"] = []
    yield check_readiness(two)


def test_every_key_that_is_returned_is_documented_and_the_other_way_round():
    documented = yaml.safe_load(fax_readiness_info.RETURN)
    described = documented["subscribers"]["contains"]
    seen, entries = set(), set()
    for result in results():
        seen |= set(result) - ANSIBLES_OWN
        for entry in result.get("subscribers", ()):
            entries |= set(entry)
            for reason in entry["reasons"]:
                assert set(reason) == set(described["reasons"]["sample"][0])
            for name in ("mail_key", "last_faxes"):
                assert set(entry.get(name) or ()) <= {"receives", "sends", "mails"} | set(described[name]["sample"])
        for fix in result.get("fixes", ()):
            assert set(fix) == set(documented["fixes"]["sample"][0])
        for name in ("platform", "summary", "run"):
            assert set(result.get(name, ())) <= set(documented[name]["sample"]), name
    assert seen == set(documented)
    assert entries == set(described)


def test_what_the_samples_say_about_keys_is_explained():
    documented = yaml.safe_load(fax_readiness_info.RETURN)
    described = documented["subscribers"]["contains"]
    explained = [
        (described["reasons"]["sample"][0], described["reasons"]),
        (described["mail_key"]["sample"], described["mail_key"]),
        (documented["platform"]["sample"], documented["platform"]),
    ]
    for sample, key in explained:
        for name in sample:
            assert f"C({name})" in str(key["description"]), name


def test_the_guide_has_every_code():
    """The table of codes says of each one how much it weighs and what it is about, and has no other ones."""
    text = GUIDE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([a-z, ]+) \| ([a-z, ]+) \| (.+?) \| .*\|$", text, re.MULTILINE)
    assert [(name, levels, affects) for name, levels, affects, _meaning in rows] == [
        (name, ", ".join(code.levels), ", ".join(code.affects)) for name, code in CODES.items()
    ]
    assert all(meaning.endswith(".") for _name, _levels, _affects, meaning in rows)


def test_the_codes_that_the_guide_names_elsewhere_exist():
    text = GUIDE.read_text(encoding="utf-8").split("## The codes")[0]
    named = set(re.findall(r"`([a-z]+_[a-z_]+|[a-z]+_…)`", text))
    prefixes = {name.removesuffix("…") for name in named if name.endswith("…")}
    steps = re.findall(r"^\| \d\. .*\| ([^|]*) \|$", text, re.MULTILINE)
    codes = set(re.findall(r"`([a-z_]+)`", " ".join(steps)))
    assert codes and codes <= set(CODES)
    assert prefixes == {"forward_", "edition_", "licence_", "feature_"}
    assert all(any(code.startswith(prefix) for code in CODES) for prefix in prefixes)
