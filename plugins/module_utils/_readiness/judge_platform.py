# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From what a platform says about itself to reasons: licence, edition and fax server. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .._errors import AccessError, FaxError
from .._wording import quoted
from .facts import Facts, PlatformFacts
from .verdicts import Reason, reason

# The code of the error that stands for a missing licence, see :mod:`_api.authentication`.
NO_LICENCE = "invalid_license"

COMMUNITY_EDITION = "spce"
_EDITIONS_WITH_FAX = ("sppro", "carrier")


def is_without_licence(error: object) -> bool:
    """Return whether what was met instead of a fact says that the platform has no licence for it."""
    return isinstance(error, AccessError) and error.code == NO_LICENCE


def judge_platform(facts: Facts) -> list[Reason]:
    """Return the reasons that hold for every subscriber of the platform."""
    platform = facts.platform
    return [*_edition_reasons(platform), *_licence_reasons(facts), *_feature_reasons(platform)]


def licence_of(facts: Facts) -> bool | None:
    """Return whether the platform has the licence for fax, or None if unknown.

    Surest is what the settings resources say: since mr12.5 they refuse everybody without it (contract: callforwards,
    section 9). The list in ``/api/platforminfo`` is asked where they could not be read for another reason. Where some
    are refused and others are not, nobody knows.
    """
    is_refused, is_shown = _refused_and_shown(facts)
    if is_refused != is_shown:
        return is_shown
    return None if is_refused else facts.platform.licensed


def _refused_and_shown(facts: Facts) -> tuple[bool, bool]:
    """Return whether any settings were refused for want of the licence, and whether any were shown."""
    readings = [*facts.fax.values(), *(facts.mail or {}).values()]
    is_shown = any(not isinstance(reading, FaxError) for reading in readings)
    return any(map(is_without_licence, readings)), is_shown


def _licence_reasons(facts: Facts) -> Iterator[Reason]:
    if facts.platform.edition == COMMUNITY_EDITION or not facts.fax:
        return
    licensed = licence_of(facts)
    if licensed is None:
        text = "The platform does not show whether it has the licence for fax."
        if any(_refused_and_shown(facts)):
            text = (
                "The platform refuses some of the fax settings because it has no licence for fax, but not all of them."
            )
        yield reason("licence_unknown", text)
    elif not licensed:
        yield reason(
            "licence_missing", 'The platform does not have the licence flag "fax". The operator has to add it.'
        )


def _edition_reasons(platform: PlatformFacts) -> Iterator[Reason]:
    edition = platform.edition
    if isinstance(edition, FaxError):
        text = f"The edition of the platform is not known, and the Community Edition cannot fax: {edition.message}"
        yield reason("edition_unknown", text)
    elif edition == COMMUNITY_EDITION:
        text = "The platform is a Community Edition (spce), which has no fax server, even where it accepts faxes."
        yield reason("edition_without_fax", text)
    elif edition not in _EDITIONS_WITH_FAX:
        text = f"The edition of the platform is {quoted(edition)}, and it is not known whether this edition can fax."
        yield reason("edition_unknown", text)


def _feature_reasons(platform: PlatformFacts) -> Iterator[Reason]:
    feature = platform.feature
    if isinstance(feature, FaxError):
        yield reason("feature_unknown", f"It is not known whether the platform's fax server is on: {feature.message}")
    elif platform.fax_server is not None and feature != platform.fax_server:
        told, other = ("off", "on") if platform.fax_server else ("on", "off")
        text = (
            f'The capability "faxserver" is {told} for this user, but the platform reports that its fax server is '
            f"{other}. A subscriber profile can be the cause. Run the task as an administrator."
        )
        yield reason("feature_unknown", text)
    elif not feature:
        text = 'The platform\'s fax server is off (configuration "features.faxserver"). The operator has to enable it.'
        yield reason("feature_off", text)
