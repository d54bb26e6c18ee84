# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""Data of the platform as variables: subscribers write some of it themselves, so that it must be no template."""

from __future__ import annotations

from typing import Any

from ansible import template

# Since ansible-core 2.19 only texts that are marked as trusted are templates.
_EVERY_TEXT_MAY_BE_A_TEMPLATE = not hasattr(template, "trust_as_template")


def untrusted(value: Any) -> Any:
    """Return a value of dictionaries, lists, texts and so on in which no text is a template.

    Nothing is to be done since ansible-core 2.19. Before, texts that could be templates are marked; the others stay as
    they are, because marked ones are slow and look odd in the output of ``ansible-inventory``.
    """
    return _marked(value) if _EVERY_TEXT_MAY_BE_A_TEMPLATE else value


def _marked(value: Any) -> Any:
    if isinstance(value, str):
        return _marked_text(value) if "{" in value else value
    if isinstance(value, dict):
        return {_marked(name): _marked(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_marked(part) for part in value]
    return value


def _marked_text(text: str) -> Any:
    from ansible.utils.unsafe_proxy import wrap_var  # deprecated where it is not needed

    return wrap_var(text)
