# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""How planned changes get to the server: in which order, how many at once, and when that has to stop."""

from __future__ import annotations

import random
import threading
from functools import partial
from typing import Callable

from .._api.client import Client
from .._concurrency import Outage, Pace, run_parallel
from .._errors import (
    FaxError,
    UnverifiedError,
    as_fax_error,
)
from .._interruption import Interruption
from .outcomes import (
    FAILED,
    UNVERIFIED,
    Outcome,
    stopped_by,
)
from .ways import Course, Sender


def _always(_outcome: Outcome) -> bool:
    return True


def _ignore(_outcome: Outcome) -> None:
    return None


class Writer:
    """Writes what is planned for each subscriber that is due, several at once where the resource's ways allow that.

    :param stops: whether the first failure ends it.
    :param is_current: asked before each patch, whether that is still to be sent; it may have changed the outcome.
    :param done: gets each outcome that is settled. What it raises ends the run: for example, that a record cannot be
        kept.
    :param interruption: shows whether the run should end; set if more is to be done afterwards.
    """

    def __init__(
        self,
        client: Client,
        stops: bool,
        is_current: Callable[[Outcome], bool] = _always,
        done: Callable[[Outcome], None] = _ignore,
        interruption: Interruption | None = None,
    ) -> None:
        self._client = client
        self._stops = stops
        self._is_current = is_current
        self._done = done
        self._interruption = interruption or Interruption()
        self._pace = Pace(client.concurrency)
        self._outage = Outage()
        self._stop = threading.Event()
        self._reason: FaxError | None = None
        self._has_written = False

    def write(self, due: list[Outcome]) -> FaxError | None:
        """Write what is due and return why the run had to stop early, if it had to: one subscriber alone and then the
        others at once, so that a user who may only read is refused before anything is written. It can be called again
        for more.

        :param due: outcomes of one resource, at least one.
        """
        ways = due[0].resource.ways
        course = Course(self._client, self._pace, self._outage, self._interruption, self._is_stopped)
        write = partial(self._write_unless_stopped, ways.sender(course))
        concurrency = min(self._client.concurrency, ways.writers or self._client.concurrency)
        ordered = _mixed(due) if concurrency > 1 else due
        alone = 0 if self._has_written else 1
        with self._interruption:
            for outcome in ordered[:alone]:
                write(outcome)
            run_parallel(write, ordered[alone:], concurrency)
        return self._reason

    def _write_unless_stopped(self, sender: Sender, outcome: Outcome) -> None:
        if self._stop.is_set():
            return
        with self._pace:
            if self._is_stopped():
                return
            self._write(sender, outcome)
        if outcome.status in (FAILED, UNVERIFIED) and self._stops:
            self._halt(stopped_by(outcome))
        try:
            self._done(outcome)
        except FaxError as error:
            self._halt(error)

    def _is_stopped(self) -> bool:
        cause = self._interruption.cause
        if cause is not None:
            self._halt(cause)
        return self._stop.is_set()

    def _write(self, sender: Sender, outcome: Outcome) -> None:
        """Write one patch and note the outcome, whatever happens; the others must not be lost."""
        try:
            if self._is_current(outcome):
                sender.apply(outcome)
                self._has_written = True
            self._outage.note(None)
        except UnverifiedError as error:
            outcome.fail(error, UNVERIFIED)
            self._note(error.__cause__ if isinstance(error.__cause__, FaxError) else error)
        except FaxError as error:
            outcome.fail(error)
            self._note(error)
        except Exception as error:  # pylint: disable=broad-except
            outcome.fail(as_fax_error(error), UNVERIFIED)

    def _note(self, error: FaxError) -> None:
        """Stop when the server is down as a whole, or refuses the user."""
        self._outage.note(error)
        if self._outage.cause is not None:
            self._halt(self._outage.cause)

    def _halt(self, reason: FaxError) -> None:
        if not self._stop.is_set():
            self._reason = reason
            self._stop.set()


def _mixed(due: list[Outcome]) -> list[Outcome]:
    """Return the outcomes in an order that avoids deadlocks: neighbouring rows that are written by rising ids collide
    on the server, rows in mixed order seldom do."""
    mixed = list(due)
    random.Random(len(due)).shuffle(mixed)
    return mixed
