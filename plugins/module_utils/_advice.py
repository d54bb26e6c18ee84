# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What deserves a warning although it works: settings with which the platform does something else than expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable

from ansible_collections.ngcp.fax.plugins.module_utils._outcomes import Outcome
from ansible_collections.ngcp.fax.plugins.module_utils._plan import ALWAYS, Policy
from ansible_collections.ngcp.fax.plugins.module_utils._resources import MAIL2FAX_SETTINGS, Resource
from ansible_collections.ngcp.fax.plugins.module_utils._wording import and_more

_EXAMPLES = 3

# Takes the declared fields, the settings as they are meant to be in the end, and the policy.
Condition = Callable[[Mapping[str, Any], Mapping[str, Any], Policy], bool]


def advice(resource: Resource, outcomes: Iterable[Outcome], policy: Policy) -> list[str]:
    """Return one warning for each condition that holds for some of the subscribers, with their number and examples."""
    conditions = _CONDITIONS.get(resource.name, ())
    if not conditions:
        return []
    planned = [(outcome, after) for outcome in outcomes for after in [outcome.meant(resource)] if after is not None]
    warnings = []
    for holds, text in conditions:
        found = [outcome for outcome, after in planned if holds(outcome.declaration.fields, after, policy)]
        if found:
            warnings.append(f"{_who(found)}: {text}")
    return warnings


def _who(outcomes: list[Outcome]) -> str:
    names = [str(outcome.subscriber) for outcome in outcomes[:_EXAMPLES]]
    return f"Subscriber{'' if len(outcomes) == 1 else 's'} {and_more(names, len(outcomes), ', ')}"


def _refuses_all_mail(declared: Mapping[str, Any], after: Mapping[str, Any], policy: Policy) -> bool:
    """The mail gateway refuses all mail when there is neither a key nor a rule."""
    return bool(after.get("active")) and not after.get("secret_key") and not after.get("acl")


def _undoes_rotation(declared: Mapping[str, Any], after: Mapping[str, Any], policy: Policy) -> bool:
    """The platform replaces the key by itself, and a declared key would put the old one back."""
    rotates = after.get("secret_key_renew") not in (None, "never")
    return policy.secrets == ALWAYS and bool(declared.get("secret_key")) and rotates


_CONDITIONS: dict[str, tuple[tuple[Condition, str], ...]] = {
    MAIL2FAX_SETTINGS.name: (
        (_refuses_all_mail, "active without a secret key and without ACL rules; the mail gateway refuses all mail."),
        (
            _undoes_rotation,
            "the platform renews the secret key by itself, and update_secret_key=always sets the declared one again in "
            "every run; use update_secret_key=on_create, or secret_key_renew=never.",
        ),
    ),
}
