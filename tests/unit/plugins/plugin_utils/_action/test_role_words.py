# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages in the words of a role: options are called by its variables, and what users wrote stays as they wrote it."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.plugin_utils._action.fleet import FleetAction
from ansible_collections.ngcp.fax.plugins.plugin_utils._action.role_words import in_role_words

WORDS = FleetAction.role_words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("but max_changes allows 3 (3)", "but fleet_max_changes allows 3 (3)"),
        ("or raise max_changes.", "or raise fleet_max_changes."),
        ("the control node's max_changes isn't", "the control node's fleet_max_changes isn't"),
        ("set on_stale to skip", "set fleet_on_stale to skip"),
        ("cannot be combined with plan", "cannot be combined with fleet_plan"),
        ("cannot be combined with plan_only", "cannot be combined with fleet_plan_only"),
        ("cannot be combined with undo", "cannot be combined with undo"),
        (
            "exactly one of src, hosts, undo is needed, none given",
            "exactly one of fleet_file, fleet_from_inventory is needed, none given",
        ),
        ("'/srv/results_dir' is not a directory", "'/srv/results_dir' is not a directory"),
        ("not 'undo_dir', but undo_dir", "not 'undo_dir', but fleet_undo_dir"),
        ('not "it\'s undo_dir", but undo_dir', 'not "it\'s undo_dir", but fleet_undo_dir'),
        (r"not 'a\'undo_dir', but undo_dir", r"not 'a\'undo_dir', but fleet_undo_dir"),
        ("max_changes.csv row 2 (3): failed", "max_changes.csv row 2 (3): failed"),
        ("/srv/undo_dir/x: failed", "/srv/undo_dir/x: failed"),
        ("a plan of src", "a plan of src"),
    ],
)
def test_options_and_only_options_have_other_names(text, shown):
    assert in_role_words(text, WORDS) == shown
