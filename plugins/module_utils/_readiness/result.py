# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Readiness as the result of a task: verdicts and reasons by subscriber, counts, and a table for people. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._errors import FaxError
from .._faxes.journal import Fax
from .._subscribers.subscriber import Subscriber
from .facts import Facts, JournalFacts, Known
from .judge import judge
from .judge_mail import key_of
from .judge_platform import judge_platform, licence_of
from .table import table_lines
from .verdicts import VERDICTS, Reason, ordered, verdict_on


def readiness_result(
    subscribers: Sequence[Subscriber], facts: Facts, abilities: Sequence[str], now: datetime
) -> dict[str, Any]:
    """Return the result of a task without the numbers of requests.

    :param subscribers: in the order in which they are shown.
    :param abilities: those that are asked for.
    :param now: without a zone, in UTC.
    """
    platform = judge_platform(facts)
    judged = [(one, judge(one, facts, platform, abilities, now)) for one in subscribers]
    entries = [_entry(subscriber, facts, reasons, abilities, now) for subscriber, reasons in judged]
    summary = _summary(entries, abilities)
    return {
        "changed": False,
        "platform": _platform(facts, platform, abilities),
        "subscribers": entries,
        "fixes": _fixes(judged),
        "summary": summary,
        "lines": table_lines(entries, summary, abilities),
    }


def _entry(
    subscriber: Subscriber, facts: Facts, reasons: Sequence[Reason], abilities: Sequence[str], now: datetime
) -> dict[str, Any]:
    entry: dict[str, Any] = {"subscriber_id": subscriber.id, "subscriber": subscriber.name}
    entry.update((ability, verdict_on(ability, reasons)) for ability in abilities)
    entry["primary_number"] = subscriber.primary_number
    entry["reasons"] = [one.as_dict(abilities, subscriber.id) for one in reasons]
    if facts.mail is not None:
        key = key_of(facts.mail[subscriber.id], now)
        entry["mail_key"] = None if key is None else key._asdict()
    if facts.journal is not None:
        entry["last_faxes"] = _last_faxes(facts.journal[subscriber.id], abilities)
    return entry


def _fixes(judged: Iterable[tuple[Subscriber, Sequence[Reason]]]) -> list[dict[str, Any]]:
    """Return the tasks that would put right what several subscribers lack alike, the most useful one first."""
    groups: dict[tuple[str, str], tuple[Reason, list[int]]] = {}
    for subscriber, reasons in judged:
        for one in reasons:
            if one.fix is not None and one.fix.is_shared:
                _one, ids = groups.setdefault((one.code, one.fix.text([])), (one, []))
                ids.append(subscriber.id)
    found = [
        {"code": one.code, "subscribers": len(ids), "fix": one.fix.text(ids)}
        for one, ids in groups.values()
        if one.fix is not None and len(ids) > 1
    ]
    return sorted(found, key=lambda entry: (-int(entry["subscribers"]), entry["code"]))


def _last_faxes(journal: Known[JournalFacts], abilities: Sequence[str]) -> dict[str, Any] | None:
    if isinstance(journal, FaxError):
        return None
    return {ability: {name: _fax(fax) for name, fax in journal[ability]._asdict().items()} for ability in abilities}


def _fax(fax: Fax | None) -> dict[str, Any] | None:
    return None if fax is None else fax.as_dict()


def _platform(facts: Facts, reasons: Iterable[Reason], abilities: Sequence[str]) -> dict[str, Any]:
    """Return what is known about the platform; null for what is not."""
    platform = facts.platform
    return {
        "edition": _or_none(platform.edition),
        "version": platform.version,
        "fax_server": _or_none(platform.feature),
        "licence": licence_of(facts),
        "reasons": [one.as_dict(abilities) for one in ordered(reasons, abilities)],
    }


def _or_none(fact: Known[Any]) -> Any:
    return None if isinstance(fact, FaxError) else fact


def _summary(entries: Sequence[Mapping[str, Any]], abilities: Sequence[str]) -> dict[str, Any]:
    """Return how many subscribers have each verdict, and each code."""
    codes = Counter(code for entry in entries for code in {one["code"] for one in entry["reasons"]})
    return {
        "total": len(entries),
        **{ability: _counted([entry[ability] for entry in entries]) for ability in abilities},
        "codes": dict(sorted(codes.items(), key=lambda item: (-item[1], item[0]))),
    }


def _counted(verdicts: Sequence[str]) -> dict[str, int]:
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS}
