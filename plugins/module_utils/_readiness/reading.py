# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How facts are read: only those that the abilities need, for many subscribers in pages of lists.

What the platform refuses to show to the user, or fails to show, is noted in place of the fact. A platform that is down,
and credentials that are not valid, end the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Callable, TypeVar

from .._api.client import Client
from .._api.lists import LISTED_SETTINGS_COST, read_items
from .._concurrency import Outage, is_outage, run_parallel
from .._errors import AccessError, FaxError, ProtocolError
from .._faxes.journal import Filter, Journal
from .._forwards.reading import read_situations
from .._settings.requests import read_settings
from .._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from .._subscribers.subscriber import Subscriber
from .facts import Facts, JournalFacts, Known, PlatformFacts
from .judge_journal import last_faxes
from .judge_platform import NO_LICENCE
from .verdicts import MAILS, RECEIVES

Result = TypeVar("Result")

# Entries of a journal that are looked at: one page.
JOURNAL_ENTRIES = 100

_CAPABILITY = "faxserver"
_LICENCE = "fax"

# The codes of refusals that are about what was asked for and not about who asks, see :mod:`_api.authentication`.
_REFUSED_RESOURCE = ("forbidden", NO_LICENCE)


def read_facts(client: Client, subscribers: Sequence[Subscriber], abilities: Sequence[str], journal: bool) -> Facts:
    """Return what the abilities of the subscribers depend on.

    :param subscribers: each one once, as the platform lists them.
    :param journal: whether the newest entries of each journal are read, which costs a request for each subscriber.
    :raises AccessError: the platform does not accept the user.
    :raises FaxError: the platform is down.
    """
    ids = [subscriber.id for subscriber in subscribers]
    return Facts(
        platform=read_platform(client),
        fax=_for_each(ids, lambda: read_settings(client, FAX_SETTINGS, ids)),
        mail=_for_each(ids, lambda: read_settings(client, MAIL2FAX_SETTINGS, ids)) if MAILS in abilities else None,
        forwards=_for_each(ids, lambda: read_situations(client, subscribers)) if RECEIVES in abilities else None,
        profiles=_read_profiles(client, subscribers),
        journal=_for_each(ids, lambda: _read_journals(client, ids)) if journal else None,
    )


def read_platform(client: Client) -> PlatformFacts:
    """Return what the platform reports about itself."""
    info = _known(client.platform_info)
    feature = _known(partial(_read_feature, client))
    if isinstance(info, FaxError):
        return PlatformFacts(edition=info, feature=feature)
    edition = info.get("type")
    licences = info.get("licenses")
    fax_server = info.get("faxserver")
    return PlatformFacts(
        edition=edition if isinstance(edition, str) and edition else _no_edition(info),
        feature=feature,
        version=_text(info.get("ngcp_version")),
        fax_server=fax_server if isinstance(fax_server, bool) else None,
        licensed=_LICENCE in licences if isinstance(licences, list) else None,
    )


def _no_edition(info: Mapping[str, Any]) -> FaxError:
    """Return why there is no edition in a document of ``/api/platforminfo``. Where the platform has not generated its
    file, it returns 200 with an error (contract: callforwards, section 9)."""
    if "error" in info:
        return ProtocolError("/api/platforminfo returns an error instead of its content")
    return ProtocolError("/api/platforminfo does not name it")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= 64 else None


def _read_feature(client: Client) -> bool:
    """Return whether the capability of the fax server is on for the user.

    :raises ProtocolError: the platform does not say.
    """
    page = client.list_page("capabilities", 1, {"name": _CAPABILITY})
    enabled = [item.get("enabled") for item in page.items if item.get("name") == _CAPABILITY]
    if len(enabled) != 1 or enabled[0] not in (True, False, 1, 0):
        raise ProtocolError('The platform does not list the capability "faxserver"')
    return bool(enabled[0])


def _read_profiles(client: Client, subscribers: Sequence[Subscriber]) -> Mapping[int, Known[Mapping[str, Any]]]:
    """Return the profiles that the subscribers have: as a rule a few for thousands."""
    ids = sorted({subscriber.profile_id for subscriber in subscribers if subscriber.profile_id is not None})
    return _for_each(ids, lambda: read_items(client, "subscriberprofiles", ids, LISTED_SETTINGS_COST))


def _read_journals(client: Client, ids: Sequence[int]) -> dict[int, Known[JournalFacts]]:
    journal, outage = Journal(client), Outage()

    def read(subscriber_id: int) -> JournalFacts:
        return last_faxes(journal.read(Filter(subscriber_id), JOURNAL_ENTRIES))

    found = run_parallel(lambda one: outage.result_of(partial(read, one)), ids, client.concurrency)
    return dict(zip(ids, found))


def _for_each(ids: Sequence[int], read: Callable[[], Mapping[int, Known[Result]]]) -> Mapping[int, Known[Result]]:
    """Return what is read for each id; where none of it can be read, why."""
    if not ids:
        return {}
    found = _known(read)
    return dict.fromkeys(ids, found) if isinstance(found, FaxError) else found


def _known(read: Callable[[], Result]) -> Known[Result]:
    """Return what is read, or why the platform does not show it.

    :raises AccessError: the platform does not accept the user.
    :raises FaxError: the platform is down.
    """
    try:
        return read()
    except AccessError as error:
        if not error.from_api or error.code not in _REFUSED_RESOURCE:
            raise
        return error
    except FaxError as error:
        if is_outage(error):
            raise
        return error
