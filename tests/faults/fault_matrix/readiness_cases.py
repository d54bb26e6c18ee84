# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The task that finds out what subscribers can do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.ngcp.fax.plugins.module_utils._readiness.task import readiness_task

from .budget import Budget
from .case import Case, Observation
from .forward_cases import wrong_reading
from .forward_world import OWNER, Document, Snapshot, put_profile, put_states, snapshot
from .secrets import STORED_SECRET
from .sending_cases import clear_journal
from .settings_cases import FAX, FAX_DEFAULTS, FAX_KIND, MAIL, MAIL_DEFAULTS
from .world import World

UNKNOWN = "unknown"
ABILITIES = ("receives", "sends", "mails")


class Ability(NamedTuple):
    """What a subscriber of a state is like.

    :param forward: the state of its forwards.
    :param active: whether its fax service is on.
    :param mails: whether mail to fax is on.
    :param verdicts: for each ability.
    :param codes: the reasons.
    """

    forward: str
    active: bool
    mails: bool
    verdicts: tuple[str, str, str]
    codes: frozenset[str]


STATES: dict[str, Ability] = {
    "ready": Ability("right", True, True, ("true", "true", "true"), frozenset()),
    "by hand": Ability("by hand", True, False, ("true", "true", "false"), frozenset(("mail_inactive",))),
    "silent": Ability("right", False, True, ("false", "false", "false"), frozenset(("service_inactive",))),
    "not forwarded": Ability("nothing", True, True, ("false", "true", "true"), frozenset(("forward_missing",))),
    "off": Ability("off", True, True, ("false", "true", "true"), frozenset(("forward_disabled",))),
    "beside": Ability("beside", True, True, ("unknown", "true", "true"), frozenset(("forward_competing",))),
    "somebody's": Ability("somebody's", True, True, ("false", "true", "true"), frozenset(("forward_foreign_box",))),
}
BARE = frozenset(
    ("service_inactive", "incoming_destination_missing", "forward_missing", "mail_inactive", "mail_unprotected")
)
"""The reasons of those of whom nothing was set up."""
MAIL_KEY: Document = {**MAIL_DEFAULTS, "active": True, "secret_key": STORED_SECRET}


class ReadinessCase(Case):
    """Subscribers who lack different things: some, with their journals, or all.

    :param states: the names of their states.
    :param total: how many subscribers there are, where all are read.
    """

    def __init__(self, name: str, states: Mapping[int, str], total: int | None = None) -> None:
        self.name = name
        self._states = dict(states)
        self._total = total
        self._task = readiness_task()
        self._fax = 0

    def prepare(self, world: World) -> Snapshot:
        """Put everybody into the states, and a received fax into the first one's journal."""
        sim = world.sim
        put_states(world, {one: STATES[state].forward for one, state in self._states.items()})
        first = min(self._states)
        put_profile(world, first)
        clear_journal(world)
        (self._fax,) = sim.receive_fax(first)
        if self._total is not None:
            for name, settings in ((FAX, FAX_DEFAULTS), (MAIL, MAIL_DEFAULTS)):
                sim.put_many(name, dict.fromkeys(range(1, self._total + 1), settings))
        for one, state in self._states.items():
            sim.put_settings(FAX, one, {**FAX_KIND.declared(one), "active": STATES[state].active})
            sim.put_settings(MAIL, one, {**MAIL_KEY, "active": STATES[state].mails})
        return snapshot(world, list(self._states))

    def run(self, world: World) -> dict[str, Any]:
        """Run the task."""
        if self._total is not None:
            return world.run(self._task, {})
        entries = [{"subscriber_id": one} for one in self._states]
        return world.run(self._task, {"subscribers": [], "journal": True}, entries)

    def succeeded(self, result: dict[str, Any]) -> bool:
        """Return whether everything is known that can be known."""
        codes = result.get("summary", {}).get("codes", {})
        return not result.get("failed") and not any(code.endswith("_unknown") for code in codes)

    def budget(self) -> Budget:
        """Return the budget: subscribers, the platform, both kinds of settings, sets, mappings, profiles, journals."""
        count = len(self._states) if self._total is None else 8
        reads = ((count, 1), (1, 1), (1, 1), (count, 1), (count, 1), (count, 1), (count, 1))
        return Budget((*reads, (1, 1), (1, 1), *(((count, 1),) if self._total is None else ())))

    def judge(self, world: World, seen: Observation) -> Iterator[str]:
        """A verdict is right, or it is not known, and then a reason says why."""
        result = seen.result
        subscribers = result.get("subscribers") or []
        yield from wrong_reading(world, seen, list(self._states), self._total)
        yield from _wrong_platform(result.get("platform") or {})
        yield from _wrong_counts(result.get("summary") or {}, subscribers)
        for entry in subscribers:
            yield from (f"subscriber {entry['subscriber_id']}: {problem}" for problem in self._wrong(entry))

    def _wrong(self, entry: Document) -> Iterator[str]:
        one = entry["subscriber_id"]
        state = STATES.get(self._states.get(one, ""))
        truth = state.verdicts if state is not None else ("false", "false", "false")
        codes = state.codes if state is not None else BARE - ({"forward_missing"} if one == OWNER else frozenset())
        shown = {reason["code"] for reason in entry["reasons"]}
        unknown = {code for code in shown if code.endswith("_unknown")}
        if not shown - unknown <= codes:
            yield f"reasons that are none: {sorted(shown - unknown - codes)}"
        if not unknown and shown != codes:
            yield f"reasons are missing: {sorted(codes - shown)}"
        for ability, verdict in zip(ABILITIES, truth, strict=True):
            if entry[ability] not in (verdict, UNKNOWN):
                yield f"{ability} {entry[ability]!r} is false, it is {verdict!r}"
            elif entry[ability] != verdict and not unknown:
                yield f"{ability} is not known, and no reason says why"
        key = entry["mail_key"]
        if key is not None and key["present"] != (state is not None):
            yield f"the key is shown as {key}"
        if "last_faxes" in entry:
            yield from self._wrong_journal(entry, shown)

    def _wrong_journal(self, entry: Document, codes: set[str]) -> Iterator[str]:
        faxes = entry["last_faxes"]
        if (faxes is None) != ("journal_unknown" in codes):
            yield f"the journal is {'not known without a reason' if faxes is None else 'called unknown, but is shown'}"
        wanted = self._fax if entry["subscriber_id"] == min(self._states) else None
        success = (faxes or {}).get("receives", {}).get("success")
        if faxes is not None and (success or {}).get("fax_id") != wanted:
            yield f"the last received fax is shown as {success}"


def _wrong_platform(platform: Mapping[str, Any]) -> Iterator[str]:
    for name, value in {"edition": "sppro", "fax_server": True, "licence": True}.items():
        if platform.get(name) not in (value, None):
            yield f"the platform's {name} is shown as {platform.get(name)!r}"


def _wrong_counts(summary: Mapping[str, Any], subscribers: list[Document]) -> Iterator[str]:
    for ability in ABILITIES:
        counts = summary.get(ability, {})
        for verdict in ("true", "false", UNKNOWN):
            count = sum(1 for entry in subscribers if entry.get(ability) == verdict)
            if counts and counts.get(verdict) != count:
                yield f"the summary has {counts.get(verdict)} {ability} {verdict}, the list {count}"
