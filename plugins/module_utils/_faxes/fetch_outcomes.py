# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The outcomes of the faxes of ``fax_fetch``, and the result of the task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._api.transport import Counters
from .._errors import FaxError
from .._task import count_statuses
from .._wording import and_more, counted, with_hints
from .download import Stored
from .journal import Fax

FETCHED, PRESENT, FAILED, UNAVAILABLE = "fetched", "present", "failed", "unavailable"
# The run had to end before this fax: the disk is full, the user is refused, or the server no longer responds.
NOT_ATTEMPTED = "not_attempted"
STATUSES = (FETCHED, PRESENT, FAILED, UNAVAILABLE, NOT_ATTEMPTED)

_SHOWN = 3
_SHOWN_IDS = 10


@dataclass
class FetchOutcome:
    """The outcome of one fax.

    :param changed: whether something was (in check mode: would be) done for it.
    :param is_news: whether this run was the first to find that it has no recording.
    """

    fax: Fax
    status: str = FAILED
    path: str | None = None
    stored: Stored | None = None
    error: FaxError | None = None
    deleted: bool = False
    changed: bool = False
    is_news: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return it in the form used in results."""
        return {
            "fax_id": self.fax.id,
            "subscriber_id": self.fax.subscriber_id or None,
            "path": self.path,
            "size": self.stored.size if self.stored is not None else None,
            "sha256": self.stored.sha256 if self.stored is not None else None,
            "status": self.status,
            "deleted": self.deleted,
            "error": self.error.as_dict() if self.error is not None else None,
        }


def fetch_result(
    outcomes: Sequence[FetchOutcome], counters: Counters, problem: FaxError | None, single: bool
) -> dict[str, Any]:
    """Return the result of the task.

    :param problem: what went wrong with the run beside the single faxes.
    :param single: whether one fax was asked for, which has to have a recording.
    """
    counts = count_statuses([outcome.status for outcome in outcomes], STATUSES)
    deleted = sum(outcome.deleted and outcome.changed for outcome in outcomes)
    result: dict[str, Any] = {
        "changed": any(outcome.changed for outcome in outcomes),
        "faxes": [outcome.as_dict() for outcome in outcomes],
        "summary": {**counts, "deleted": deleted, **counters.as_dict()},
    }
    result.update(_failure(outcomes, counts[NOT_ATTEMPTED], problem, single))
    news = [outcome.fax.id for outcome in outcomes if outcome.is_news]
    if news and not single:
        result["warnings"] = [_news(news)]
    return result


def _failure(
    outcomes: Sequence[FetchOutcome], not_attempted: int, problem: FaxError | None, single: bool
) -> dict[str, Any]:
    """Return what a failed task has in its result, nothing for one that did not fail."""
    parts = []
    failures = _failures(outcomes, single)
    if failures:
        parts.append(f"{len(failures)} of {_number_of(outcomes)} failed: {_shown(failures)}")
    if not failures and _has_none(outcomes):
        failures = list(outcomes)
        none = "The only fax has no" if len(outcomes) == 1 else f"None of the {len(outcomes)} faxes has a"
        parts.append(f"{none} recording on the platform: {_shown(failures)}")
    if problem is not None:
        parts.append(str(problem))
    if not_attempted:
        parts.append(
            f"{not_attempted} of {_number_of(outcomes)} {'was' if not_attempted == 1 else 'were'} not attempted"
        )
    error = failures[0].error if failures else problem
    if not parts:
        return {}
    causes = [*(outcome.error for outcome in failures[:_SHOWN]), problem]
    message = with_hints("; ".join(parts), [cause.hint for cause in causes if cause is not None])
    return {"failed": True, "msg": message, "error": error.as_dict() if error is not None else None}


def _failures(outcomes: Sequence[FetchOutcome], single: bool) -> list[FetchOutcome]:
    """Return the outcomes that make the task fail. One of many faxes without a recording does not."""
    return [outcome for outcome in outcomes if outcome.error is not None and (single or outcome.status != UNAVAILABLE)]


def _has_none(outcomes: Sequence[FetchOutcome]) -> bool:
    """Return whether there are faxes but no recordings at all, which is more likely a fault than the truth."""
    return bool(outcomes) and all(outcome.status == UNAVAILABLE for outcome in outcomes)


def _number_of(outcomes: Sequence[FetchOutcome]) -> str:
    return counted(len(outcomes), "fax", "faxes")


def _shown(outcomes: Sequence[FetchOutcome]) -> str:
    return and_more([f"{outcome.fax.id}: {outcome.error}" for outcome in outcomes[:_SHOWN]], len(outcomes))


def _news(fax_ids: Sequence[int]) -> str:
    shown = and_more([str(fax_id) for fax_id in fax_ids[:_SHOWN_IDS]], len(fax_ids), ", ")
    return f"The platform has no recording of fax{'' if len(fax_ids) == 1 else 'es'} {shown}; see unavailable_for."
