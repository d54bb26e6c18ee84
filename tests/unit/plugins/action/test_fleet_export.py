# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is exported: the subscribers that an info module registered, and nothing else."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

pytest.importorskip("ansible.plugins.action", reason="plugins run on control nodes only")

from ansible_collections.ngcp.fax.plugins.action.fleet_export import ActionModule
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError

OPTION = "fax_settings"


@pytest.fixture
def export(tmp_path):
    """Return a function that exports a registered variable to ``fleet.json`` and returns the result."""
    action = object.__new__(ActionModule)
    action._task = SimpleNamespace(check_mode=False)
    arguments = {
        "dest": str(tmp_path / "fleet.json"),
        "allow_empty": False,
        "mail2fax_settings": None,
        "fax_forward": None,
    }
    return lambda registered: action.work({**arguments, OPTION: "registered"}, {"registered": registered})


@pytest.mark.parametrize(
    "registered",
    [
        None,
        "text",
        {},
        {"failed": True, "subscribers": [{"subscriber_id": 7}]},
        {"subscribers": None},
        {"subscribers": "text"},
        {"subscribers": {"subscriber_id": 7}},
        {"subscribers": ["text"]},
        {"subscribers": [{"subscriber_id": 7}, {}]},
        {"subscribers": [{"subscriber_id": "seven"}]},
        {"subscribers": [{"subscriber_id": None}]},
    ],
)
def test_what_no_info_module_returned_is_refused(export, tmp_path, registered):
    with pytest.raises(InputError) as caught:
        export(registered)
    assert (caught.value.field, list(tmp_path.iterdir())) == (OPTION, [])


def test_a_name_that_nobody_can_declare_is_left_out_with_a_printable_warning(export, tmp_path):
    result = export({"subscribers": [{"subscriber_id": 7, "subscriber": "a\0\u202eb@example.org", "active": True}]})
    (entry,) = json.loads((tmp_path / "fleet.json").read_text(encoding="utf-8"))["subscribers"]
    assert entry == {"subscriber_id": 7, "fax": {"active": True}}
    (warning,) = result["warnings"]
    assert warning.isprintable() and r"a\x00\u202eb@example.org, subscriber (must have the form user@domain" in warning
