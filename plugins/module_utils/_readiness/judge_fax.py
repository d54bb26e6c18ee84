# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""From the fax settings of a subscriber to reasons: the service, and who gets the received faxes. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .._errors import FaxError
from .._settings.list_fields import ListOf
from .._settings.resources import FAX_SETTINGS
from .._settings.values import canonical_settings
from .._wording import and_more, counted, quoted
from . import fixes
from .facts import Known
from .judge_platform import is_without_licence
from .verdicts import Reason, reason

_EXAMPLES = 3

(_DESTINATIONS,) = (field for field in FAX_SETTINGS.lists if field.name == "destinations")

Destination = Mapping[str, Any]


def judge_fax(settings: Known[Mapping[str, Any]]) -> Iterator[Reason]:
    """Yield the reasons that lie in the fax settings.

    :param settings: as the platform sent them.
    """
    if isinstance(settings, FaxError):
        if not is_without_licence(settings):
            yield reason("service_unknown", f"The fax settings cannot be read: {settings.message}")
        return
    stored = canonical_settings(FAX_SETTINGS, settings)
    destinations = stored["destinations"]
    refused = [destination for destination in destinations if _is_refused(_DESTINATIONS, destination)]
    addresses = [str(destination["destination"] or "") for destination in refused]
    if not stored["active"]:
        fix = fixes.switch_on(addresses)
        yield reason("service_inactive", "The fax service of the subscriber is off.", fix)
    usable = [destination for destination in destinations if destination not in refused]
    if not any(destination["incoming"] for destination in usable):
        yield _no_incoming(usable, addresses)
    if refused:
        yield _refused(addresses)


def _is_refused(field: ListOf, destination: Destination) -> bool:
    """Return whether the platform would not take a destination any more that it has stored."""
    return field.refused([destination]) is not None


def _no_incoming(usable: Sequence[Destination], refused: Sequence[str]) -> Reason:
    fix = fixes.deliver_to(usable[0], refused) if len(usable) == 1 else fixes.add_destination(refused)
    which = {0: "there is no destination with", 1: "its only destination does not have"}
    having = which.get(len(usable), f"none of its {len(usable)} destinations has")
    text = f"Received faxes are not sent to any e-mail address: {having} incoming set."
    return reason("incoming_destination_missing", f"{text} They can only be fetched from the journal.", fix)


def _refused(addresses: Sequence[str]) -> Reason:
    shown = and_more([quoted(address) for address in addresses[:_EXAMPLES]], len(addresses), ", ")
    text = (
        f"The platform has stored {counted(len(addresses), 'destination')} that it no longer accepts ({shown}), "
        "and refuses every change of the fax settings until they are removed."
    )
    return reason("destination_refused", text, fixes.remove_destinations(addresses))
