# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures from several runs: medians, spreads, and ratios of what ran in the same round."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A median and the smallest and largest of the values behind it."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Figure:
        """Return the figure for one or more values."""
        return cls(statistics.median(values), min(values), max(values))

    def shown(self, unit: str = "", scale: float = 1) -> str:
        """Return median and spread as text, without a spread where there is none."""
        median, least, most = (_number(value * scale) for value in (self.median, self.least, self.most))
        spread = f" ({least}–{most})" if least != most else ""
        return f"{median}{unit}{spread}"


def pairwise(combine: Callable[..., float], *series: Sequence[float]) -> Figure:
    """Return the figure for what ``combine`` makes of the values of each round: the machine's ups and downs, which hit
    all runs of a round alike, then cancel out.

    :raises ValueError: the series are not from the same number of rounds, or there is no round.
    """
    return Figure.of([combine(*values) for values in zip(*series, strict=True)])


def _number(value: float) -> str:
    """Return a number with three significant digits, and thousands separated."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{1 if abs(value) >= 10 else 2}f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"
