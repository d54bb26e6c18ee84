# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""All reasons for the readiness of one subscriber, combined. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .._subscribers.subscriber import Subscriber
from .facts import Facts
from .judge_fax import judge_fax
from .judge_forward import judge_forward
from .judge_journal import judge_journal
from .judge_mail import judge_mail
from .judge_subscriber import judge_subscriber
from .verdicts import Reason, ordered


def judge(
    subscriber: Subscriber, facts: Facts, platform: Sequence[Reason], abilities: Sequence[str], now: datetime
) -> list[Reason]:
    """Return the reasons that are about one of the abilities, the weightiest first.

    :param platform: the reasons that hold for everybody, see :func:`judge_platform.judge_platform`.
    :param abilities: those that are asked for; the facts that they need were read.
    :param now: without a zone, in UTC.
    """
    reasons = [
        *platform,
        *judge_subscriber(subscriber, facts.profiles),
        *judge_fax(facts.fax[subscriber.id]),
    ]
    if facts.forwards is not None:
        reasons += judge_forward(facts.forwards[subscriber.id])
    if facts.mail is not None:
        reasons += judge_mail(facts.mail[subscriber.id], now)
    if facts.journal is not None:
        reasons += judge_journal(facts.journal[subscriber.id])
    return ordered(reasons, abilities)
