# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No fault of server, proxy or network makes a report false, loses or doubles a fax, or holds a run up for long."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fault_matrix.kinds import RequestKind, kinds
from fault_matrix.matrix import Matrix, Pair, Verdict


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_without_fault(matrix: Matrix, kind: RequestKind) -> None:
    """Every kind of request occurs in its task, and without a fault all is well."""
    verdict = matrix.baseline(kind)
    assert verdict.problems == []
    assert verdict.strikes > 0


def test_pair(matrix: Matrix, pair: Pair, note: Callable[[Verdict], None]) -> None:
    """The report of the run is what the platform's own records say."""
    verdict = matrix.try_pair(pair)
    note(verdict)
    assert verdict.problems == [], f"{pair.name}: {'; '.join(verdict.problems)}"
