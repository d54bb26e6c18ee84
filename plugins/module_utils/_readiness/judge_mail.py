# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From the mail to fax settings of a subscriber to reasons: the service, what protects it, and the key's age. Pure.

Of the key only whether it is there, and since when, ever leaves this file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from .._errors import FaxError
from .._faxes.timestamps import parse_server_time
from .._settings.resources import MAIL2FAX_SETTINGS
from .._settings.values import canonical_settings
from .._wording import counted
from . import fixes
from .facts import Known
from .judge_platform import is_without_licence
from .verdicts import Reason, reason

NEVER = "never"

# After how many days the platform replaces a key. A month is taken for its longest.
_DAYS = {"daily": 1, "weekly": 7, "monthly": 31}

# The platform shows times without their zone, which is up to 15 hours off, and replaces keys at a time of its own.
_TOLERANCE = timedelta(days=2)

_DAY = timedelta(days=1)


class Key(NamedTuple):
    """What may be said about a secret key.

    :param modified: when the platform last set it, in its own time zone; None where it does not say.
    :param age_days: whole days since then, give or take the zone.
    :param renew: how often the platform replaces it.
    """

    present: bool
    modified: str | None
    age_days: int | None
    renew: str


def key_of(settings: Known[Mapping[str, Any]], now: datetime) -> Key | None:
    """Return what may be said about the key, or None where the settings are not known.

    :param now: without a zone, in UTC.
    """
    if isinstance(settings, FaxError):
        return None
    return _key(settings, canonical_settings(MAIL2FAX_SETTINGS, settings), now)


def _key(settings: Mapping[str, Any], stored: Mapping[str, Any], now: datetime) -> Key:
    """Return what may be said about the key.

    :param stored: the settings in canonical form.
    """
    moment = parse_server_time(str(settings.get("last_secret_key_modify")))
    return Key(
        present=bool(stored["secret_key"]),
        modified=None if moment is None else moment.isoformat(" "),
        age_days=None if moment is None else max(0, (now - moment) // _DAY),
        renew=stored["secret_key_renew"],
    )


def judge_mail(settings: Known[Mapping[str, Any]], now: datetime) -> Iterator[Reason]:
    """Yield the reasons that lie in the mail to fax settings.

    :param settings: as the platform sent them.
    :param now: without a zone, in UTC.
    """
    if isinstance(settings, FaxError):
        if not is_without_licence(settings):
            yield reason("mail_unknown", f"The mail to fax settings cannot be read: {settings.message}")
        return
    stored = canonical_settings(MAIL2FAX_SETTINGS, settings)
    if "active" not in stored:
        yield reason("mail_unknown", "The platform does not show this user whether mail to fax is on.")
    elif not stored["active"]:
        fix = fixes.switch_mail_on()
        yield reason("mail_inactive", "Mail to fax is off for the subscriber.", fix)
    key = _key(settings, stored, now)
    if not stored["acl"] and not key.present:
        text = "Mail to fax has neither a secret key nor an ACL rule, and the mail gateway refuses all mail."
        yield reason("mail_unprotected", text, fixes.set_key())
    if stored.get("active") and key.present and key.renew != NEVER:
        yield from _renewal_reasons(key, bool(stored["secret_renew_notify"]))


def _renewal_reasons(key: Key, is_noticed: bool) -> Iterator[Reason]:
    if key.age_days is None:
        text = f"The key is renewed ({key.renew}), but the platform does not say when that happened last."
        yield reason("key_age_unknown", text)
    elif key.renew in _DAYS and timedelta(days=key.age_days) > timedelta(days=_DAYS[key.renew]) + _TOLERANCE:
        text = (
            f"The key is {counted(key.age_days, 'day')} old, although the platform should renew it {key.renew}. Check "
            "whether its renewal job runs. Once it does, e-mails with the old key are refused."
        )
        yield reason("key_renewal_overdue", text)
    if not is_noticed:
        text = f"The platform renews the key {key.renew}, but does not send the new one to anybody."
        yield reason("key_renewal_unnoticed", text, fixes.notify_of_renewal())
