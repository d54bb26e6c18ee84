# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the collection shall reach, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import scenarios as s
from .figures import Figure
from .fleet import drifted_ids
from .plan import AT_FAST, AT_LARGEST, AT_SLOW, AT_SLOW_PAGES, Size
from .results import At, Results, ratio

LEAST = "at least"
MOST = "at most"


@dataclass(frozen=True)
class Verdict:
    """One target and what was measured.

    :param target: in words.
    :param measured: in words, with the spread.
    :param met: whether the target is met.
    """

    what: str
    target: str
    measured: str
    met: bool


def verdicts(results: Results, size: Size) -> Iterator[Verdict]:
    """Return the verdict on each target that was measured."""
    fast, big = results.at(AT_FAST), results.at(size.large_group)
    for front in s.FRONTS:
        yield from _fleet_against_uri(results, size, front)
    for front in s.FRONTS:
        yield from _against_floor(big, size.large, front, s.FLEET[front], "fleet form")
        yield from _against_floor(big, size.large, front, s.ROLE[front], "role `fleet`")
    yield from _against_task(big, size.large, ((s.CLEAN, 1.5), (s.CONVERGE, 1.3)))
    yield from _against_task(results.at(AT_LARGEST), size.largest, ((s.CLEAN, 1.6),))
    yield from _requests(results, size)
    yield from _largest(results, size)
    yield from _passwords(big, size.large)
    for front, single in s.SINGLE.items():
        own, ping = fast.net(single, s.CLEAN, 1), fast.net(s.PINGS, s.CLEAN, 0)
        limit = 1.5 if front == "module" else 0.5
        what = f"one single-subscriber task against `ping` ({front})"
        yield from _verdict(what, MOST, limit, fast.compare(ratio, own, ping))
    what = "a `loop:` over `fax_settings`, in process, against the `uri` loop"
    uri, own = fast.each(s.URI, s.CLEAN, size.sampled), fast.each(s.LOOP["in process"], s.CLEAN, size.looped)
    yield from _verdict(what, LEAST, 25, fast.compare(ratio, uri, own))
    what = "one inventory host for each subscriber, in process, against `uri` on the same hosts"
    uri, own = (fast.each(way, s.CLEAN, size.sampled) for way in (s.URI_HOSTS, s.HOSTS["in process"]))
    yield from _verdict(what, LEAST, 6, fast.compare(ratio, uri, own))


def _fleet_against_uri(results: Results, size: Size, front: str) -> Iterator[Verdict]:
    n, fleet = size.subscribers, s.FLEET[front]
    fast, slow, cheap = (results.at(group) for group in (AT_FAST, AT_SLOW_PAGES, AT_SLOW))
    uri, own = fast.each(s.URI, s.CLEAN, size.sampled), fast.each(fleet, s.CLEAN, n)
    what = f"drift check of {n:,} subscribers, fleet form ({front}) against the `uri` loop,"
    yield from _verdict(f"{what} fast server", LEAST, 300, fast.compare(ratio, uri, own))
    uri = slow.each(s.URI, s.CLEAN, size.slowly_sampled)
    for at, pages in ((slow, "slow server"), (cheap, "slow server with cheap pages")):
        own = at.each(fleet, s.CLEAN, n)
        yield from _verdict(f"{what} {pages}, Basic in the loop", LEAST, 60, at.compare(ratio, uri, own))


def _against_floor(at: At, count: int, front: str, way: s.Scenario, title: str) -> Iterator[Verdict]:
    empty = s.PING if front == "module" else s.EMPTY
    for kind, limit in ((s.CLEAN, 1.5), (s.CONVERGE, 1.3)):
        own, floor = at.net(way, kind, count, empty), at.seconds(s.FLOOR, kind, count)
        what = f"{count:,} subscribers, {kind.title}: {title} ({front}) minus an empty task against the bare script"
        yield from _verdict(what, MOST, limit, at.compare(ratio, own, floor))


def _against_task(at: At, count: int, limits: Sequence[tuple[s.Kind, float]]) -> Iterator[Verdict]:
    """Compare the role with the bare script as the only task of a play, both beyond a play with an empty task."""
    for role, floor in ((s.ROLE, s.TASK_FLOOR), (s.COMPLETE, s.COMPLETE_TASK_FLOOR)):
        way = role["in process"]
        for kind, limit in limits:
            compared = f"{way.title} against the bare script as a task, both minus an empty task"
            what = f"{count:,} subscribers, {kind.title}: {compared}"
            own, script = at.net(way, kind, count), at.net(floor, kind, count)
            yield from _verdict(what, MOST, limit, at.compare(ratio, own, script))


def _verdict(what: str, relation: str, limit: float, figure: Figure | None) -> Iterator[Verdict]:
    if figure is not None:
        met = figure.median >= limit if relation == LEAST else figure.median <= limit
        yield Verdict(what, f"{relation} {limit:g} times", figure.shown(), met)


def _requests(results: Results, size: Size) -> Iterator[Verdict]:
    """Compare the requests of every fleet run with what they may be."""
    excess = []
    shown = []
    for kind in s.KINDS:
        for count, at in ((size.subscribers, results.at(AT_FAST)), (size.large, results.at(size.large_group))):
            drifted = 0 if kind.check else len(drifted_ids(count, kind.share))
            for fleet in (*s.FLEET.values(), *s.ROLE.values(), *s.COMPLETE.values()):
                most = s.most_requests(count, drifted, len(fleet.lists), len(fleet.resources))
                found = [run.all_requests for run in at.runs(fleet, kind, count)]
                excess += [requests - most for requests in found]
                shown += [f"{max(found):,} of at most {most:,}"] if found else []
    if excess:
        measured = ", ".join(dict.fromkeys(shown))
        yield Verdict("requests of the fleet form", "at most pages + changes + 1 log-in", measured, max(excess) <= 0)


def _largest(results: Results, size: Size) -> Iterator[Verdict]:
    small, large = results.at(size.large_group), results.at(AT_LARGEST)
    ways = (*s.FLEET.values(), *s.ROLE.values(), *s.COMPLETE.values())
    for way in ways:
        if large.runs(way, s.CLEAN, size.largest):
            growth = large.cpu(way, s.CLEAN, size.largest).median / small.cpu(way, s.CLEAN, size.large).median
            memory = large.memory(way, s.CLEAN, size.largest).median
            title = f"{size.largest:,} subscribers, no drift, {way.title}:"
            yield Verdict(
                f"{title} client CPU against {size.large:,}", "at most 11 times", f"{growth:.2f}", growth <= 11
            )
            yield Verdict(f"{title} peak memory", "below 1,024 MiB", f"{memory:,.0f} MiB", memory < 1024)


def _passwords(at: At, count: int) -> Iterator[Verdict]:
    for kind in (s.CLEAN, s.DRIFT10):
        for front, fleet in s.FLEET.items():
            series = at.seconds(s.SECRETS[front], kind, count), at.seconds(fleet, kind, count)
            what = f"{count:,} subscribers with a secret each against without, {kind.title} ({front})"
            yield from _verdict(what, MOST, 1.5, at.compare(ratio, *series))
