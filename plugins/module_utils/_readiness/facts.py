# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""What the platform says about itself and about subscribers, as far as readiness needs it. In place of what it does not
say, or not to this user, is the error that was met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar, Union

from .._errors import FaxError
from .._faxes.journal import Fax
from .._forwards.situation import Situation

Fact = TypeVar("Fact")
# A fact, or why it is not known.
Known = Union[Fact, FaxError]


@dataclass(frozen=True)
class PlatformFacts:
    """What holds for all subscribers of a platform.

    :param edition: ``sppro``, ``carrier`` or ``spce``; the Community Edition ``spce`` has no fax server.
    :param version: as the platform writes it, where it does.
    :param feature: whether the capability ``faxserver`` is on for this user.
    :param fax_server: what ``/api/platforminfo`` says about the same; None where it says nothing.
    :param licensed: whether the licence ``fax`` is among those of ``/api/platforminfo``; None where that is not said.
    """

    edition: Known[str]
    feature: Known[bool]
    version: str | None = None
    fax_server: bool | None = None
    licensed: bool | None = None


class LastFaxes(NamedTuple):
    """The newest entries of a journal in one direction that came to an end."""

    success: Fax | None = None
    failure: Fax | None = None


# By ability.
JournalFacts = Mapping[str, LastFaxes]


@dataclass(frozen=True)
class Facts:
    """What was read about subscribers, by their ids. What nobody asked for is None.

    :param profiles: by the profiles' ids.
    """

    platform: PlatformFacts
    fax: Mapping[int, Known[Mapping[str, Any]]]
    mail: Mapping[int, Known[Mapping[str, Any]]] | None = None
    forwards: Mapping[int, Known[Situation]] | None = None
    profiles: Mapping[int, Known[Mapping[str, Any]]] = field(default_factory=dict)
    journal: Mapping[int, Known[JournalFacts]] | None = None
