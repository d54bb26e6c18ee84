# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page of the documentation that shows the results: tables for ``page.md.j2``."""

from __future__ import annotations

import datetime
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import jinja2

from . import scenarios as s
from .figures import Figure
from .machine import PARTS
from .plan import AT_FAST, AT_LARGEST, AT_SIMULATOR, AT_SLOW, AT_SLOW_PAGES, DEFAULT_SUBSCRIBERS, Size
from .results import At, Results, ratio
from .targets import Verdict

_TEMPLATE = pathlib.Path(__file__).with_name("page.md.j2")
_NONE = "–"

Ways = Sequence[tuple[s.Scenario, int]]


def render(results: Results, size: Size, verdicts: Sequence[Verdict], facts: Mapping[str, str], imports: str) -> str:
    """Return the page.

    :param facts: ``command``, ``machine`` and ``versions``.
    :param imports: the table of import times.
    """
    template = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True).from_string(
        _TEMPLATE.read_text(encoding="utf-8")
    )
    met = sum(verdict.met for verdict in verdicts)
    return template.render(
        **facts,
        **_fast(results, size),
        **_slow(results, size),
        concurrency=s.CONCURRENCY,
        date=datetime.date.today().isoformat(),
        default=DEFAULT_SUBSCRIBERS,
        forks=s.FORKS,
        imports=imports,
        met=met,
        missed=len(verdicts) - met,
        resources=_resources(results, size),
        single=_single(results.at(AT_FAST)),
        size=size,
        targets=_targets(verdicts),
        as_task=_as_task(results, size),
        whole=_whole(results, size),
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def imports_table(imports: Mapping[str, Mapping[str, float]]) -> str:
    """Return the table of import times, by module and part."""
    rows = (
        (f"`{module}`", *(f"{time:.0f}" for time in (sum(times.values()), *(times[part] for part in parts))))
        for parts in ((*PARTS, "other"),)
        for module, times in imports.items()
    )
    return table(("module", "all", *(f"`{part}`" for part in PARTS), "other"), rows)


def _targets(verdicts: Sequence[Verdict]) -> str:
    rows = [(v.what, v.target, v.measured, "met" if v.met else "**missed**") for v in verdicts]
    return table(("what", "target", "measured", ""), rows)


def _fast(results: Results, size: Size) -> dict[str, str]:
    fast, n = results.at(AT_FAST), size.subscribers
    floor = fast.runs(s.FLOOR, s.CLEAN, n)
    simulated = results.at(AT_SIMULATOR).runs(s.FLOOR, s.CLEAN, n)
    ways = [(s.URI, size.sampled), (s.URI_TOKEN, size.sampled), *_others(size, size.looped, size.sampled)]
    return {
        "busy": Figure.of([run.server_cpu / run.seconds for run in floor]).shown(" %", 100),
        "cost_client": Figure.of([run.cpu / n for run in floor]).shown("", 1000),
        "cost_fast": Figure.of([run.server_cpu / n for run in floor]).shown("", 1000),
        "cost_simulator": Figure.of([run.server_cpu / n for run in simulated]).shown("", 1000),
        "fast": _each(fast, ways),
        "fast_empty": Figure.of(fast.seconds(s.EMPTY, s.CLEAN, 0)).shown(),
        "fast_times": _times(fast, ways),
    }


def _slow(results: Results, size: Size) -> dict[str, str]:
    slow, sample = results.at(AT_SLOW_PAGES), size.slowly_sampled
    ways = [(s.URI, sample), *_others(size, sample, sample)]
    return {
        "cheap": _each(results.at(AT_SLOW), _fleets(size.subscribers)),
        "slow": _each(slow, ways),
        "slow_empty": Figure.of(slow.seconds(s.EMPTY, s.CLEAN, 0)).shown(),
        "slow_times": _times(slow, ways),
    }


def _others(size: Size, looped: int, sampled: int) -> Ways:
    return (
        (s.LOOP["module"], sampled),
        (s.LOOP["in process"], looped),
        (s.URI_HOSTS, sampled),
        *((way, sampled) for way in s.HOSTS.values()),
        *_fleets(size.subscribers),
    )


def _fleets(count: int) -> Ways:
    return tuple((way, count) for way in (*s.FLEET.values(), s.FLOOR))


def _each(at: At, ways: Ways) -> str:
    rows = [(way.title, f"{count:,}", *(_each_cell(at, way, kind, count) for kind in s.KINDS)) for way, count in ways]
    return table(("way", "on", *(kind.title for kind in s.KINDS)), rows)


def _each_cell(at: At, way: s.Scenario, kind: s.Kind, count: int) -> str:
    series = at.each(way, kind, count)
    return Figure.of(series).shown("", 1000) if series else _NONE


def _times(at: At, ways: Ways) -> str:
    """Return how much faster the ways are than the first of them."""
    (base, sample), *others = ways
    rows = []
    for way, count in others:
        series = [(at.each(base, kind, sample), at.each(way, kind, count)) for kind in s.KINDS]
        rows.append((way.title, *(_shown(at.compare(ratio, *both)) for both in series)))
    return table(("way", *(kind.title for kind in s.KINDS)), rows)


def _shown(figure: Figure | None) -> str:
    return figure.shown() if figure else _NONE


def _places(results: Results, size: Size) -> Iterator[tuple[At, int]]:
    """Return where fleets of different sizes were measured on the fast server."""
    places = ((AT_FAST, size.subscribers), (size.large_group, size.large), (AT_LARGEST, size.largest))
    for group, count in dict.fromkeys(places):
        if results.runs(group, s.FLOOR, s.CLEAN, count):
            yield results.at(group), count


def _whole(results: Results, size: Size) -> str:
    rows = []
    for at, count in _places(results, size):
        for kind in s.KINDS:
            floor = at.seconds(s.FLOOR, kind, count)
            if not floor:
                continue
            seconds = [Figure.of(at.seconds(way, kind, count)) for way in (s.FLOOR, *s.FLEET.values())]
            ratios = [
                at.compare(ratio, at.net(way, kind, count, s.PING if front == "module" else s.EMPTY), floor)
                for front, way in s.FLEET.items()
            ]
            rows.append((f"{count:,}", kind.title, *(_shown(figure) for figure in (*seconds, *ratios))))
    titles = [way.title for way in (s.FLOOR, *s.FLEET.values())]
    return table(("subscribers", "what", *titles, *(f"ratio, {front}" for front in s.FLEET)), rows)


def _as_task(results: Results, size: Size) -> str:
    rows = []
    for at, count in _places(results, size):
        for role, floor in ((s.ROLE, s.TASK_FLOOR), (s.COMPLETE, s.COMPLETE_TASK_FLOOR)):
            way = role["in process"]
            for kind in s.KINDS:
                if not at.runs(floor, kind, count):
                    continue
                seconds = [Figure.of(at.seconds(one, kind, count)).shown() for one in (floor, way)]
                compared = at.compare(ratio, at.net(way, kind, count), at.net(floor, kind, count))
                rows.append((f"{count:,}", way.title, kind.title, *seconds, _shown(compared)))
    return table(("subscribers", "way", "what", "bare script as a task", "role", "ratio"), rows)


def _resources(results: Results, size: Size) -> str:
    rows = []
    for at, count in _places(results, size):
        for way in (s.FLOOR, *s.FLEET.values(), *s.ROLE.values(), *s.COMPLETE.values()):
            runs = at.runs(way, s.CLEAN, count)
            if not runs:
                continue
            cpu, memory = at.cpu(way, s.CLEAN, count).shown(), at.memory(way, s.CLEAN, count).shown()
            counted = (max(run.all_requests for run in runs), max(run.connections for run in runs))
            rows.append((f"{count:,}", way.title, cpu, memory, *(f"{number:,}" for number in counted)))
    return table(("subscribers", "way", "CPU seconds", "memory, MiB", "requests", "connections"), rows)


def _single(fast: At) -> str:
    rows = []
    for way, count in ((s.PINGS, 0), *((way, 1) for way in s.SINGLE.values())):
        series = [seconds / s.REPETITIONS for seconds in fast.net(way, s.CLEAN, count)]
        rows.append((way.title, Figure.of(series).shown("", 1000)))
    return table(("task", "ms"), rows)
