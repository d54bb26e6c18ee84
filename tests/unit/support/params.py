# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a task as Ansible hands them over: those that are given, and the defaults of the others."""

from __future__ import annotations


def default_params(options, **given):
    """Return the value of each option of an argument specification.

    :param given: the options that a task has.
    """
    return {**{name: option.get("default") for name, option in options.items()}, **given}
