# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What deserves a warning although it works: settings with which the platform does something else than expected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Callable

from ansible_collections.ngcp.fax.plugins.module_utils._plan import ALWAYS, Policy
from ansible_collections.ngcp.fax.plugins.module_utils._reconcile import Outcome
from ansible_collections.ngcp.fax.plugins.module_utils._resources import MAIL2FAX_SETTINGS, Resource

_EXAMPLES = 3

Condition = Callable[[Outcome, Policy], bool]


def advice(resource: Resource, outcomes: Iterable[Outcome], policy: Policy) -> list[str]:
    """Return one warning for each condition that holds for some of the subscribers, with their number and examples."""
    planned = [outcome for outcome in outcomes if outcome.plan is not None]
    warnings = []
    for holds, text in _CONDITIONS.get(resource.name, ()):
        found = [outcome for outcome in planned if holds(outcome, policy)]
        if found:
            warnings.append(f"{_who(found)}: {text}")
    return warnings


def _who(outcomes: list[Outcome]) -> str:
    names = [str(outcome.subscriber) for outcome in outcomes[:_EXAMPLES]]
    more = f" and {len(outcomes) - _EXAMPLES} more" if len(outcomes) > _EXAMPLES else ""
    return f"Subscriber {', '.join(names)}{more}"


def _refuses_all_mail(outcome: Outcome, policy: Policy) -> bool:
    """The mail gateway refuses all mail when there is neither a key nor a rule."""
    after = outcome.plan.after if outcome.plan else {}
    return bool(after.get("active")) and not after.get("secret_key") and not after.get("acl")


def _undoes_rotation(outcome: Outcome, policy: Policy) -> bool:
    """The platform replaces the key by itself, and a declared key would put the old one back."""
    after = outcome.plan.after if outcome.plan else {}
    declared = outcome.declaration.fields.get("secret_key")
    return policy.secrets == ALWAYS and bool(declared) and after.get("secret_key_renew") not in (None, "never")


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
