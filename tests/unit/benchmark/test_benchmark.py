# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The benchmark itself: its statistics, its tables, its server, and that a run which did not do its job is found."""

from __future__ import annotations

import base64
import json
import os
import ssl
import sys
import urllib.request

import pytest

if sys.version_info < (3, 11):
    pytest.skip("the benchmark needs Python 3.11", allow_module_level=True)

from ngcp_benchmark import fleet, scenarios as s
from ngcp_benchmark.fast_server import PASSWORD, TOKEN, USERNAME, FastServer
from ngcp_benchmark.figures import Figure, pairwise
from ngcp_benchmark.machine import PARTS, parts_of
from ngcp_benchmark.measure import BrokenRunError, Run, measured
from ngcp_benchmark.page import imports_table, render, table
from ngcp_benchmark.plan import AT_FAST, Size, groups
from ngcp_benchmark.results import Results
from ngcp_benchmark.server_process import FAST, SIMULATOR, ServerProcess
from ngcp_benchmark.targets import verdicts
from ngcp_simulator import Simulator

FACTS = {"command": "make bench", "machine": "a machine", "versions": "Python 3"}


# ---- statistics


def test_a_figure_has_a_median_and_a_spread():
    figure = Figure.of([3.0, 1.0, 2.0, 10.0])
    assert (figure.median, figure.least, figure.most) == (2.5, 1.0, 10.0)


@pytest.mark.parametrize(
    ("figure", "scale", "shown"),
    [
        (Figure.of([1.0]), 1, "1.00 s"),
        (Figure.of([0.333, 0.3, 0.35]), 1000, "333 s (300–350)"),
        (Figure.of([12345.6]), 1, "12,346 s"),
        (Figure.of([12.34]), 1, "12.3 s"),
        (Figure.of([0.0012]), 1, "0.0012 s"),
        (Figure.of([0.0]), 1, "0.00 s"),
    ],
)
def test_figures_are_shown_with_three_digits(figure, scale, shown):
    assert figure.shown(" s", scale) == shown


def test_ratios_are_made_within_rounds():
    # The second round was twice as slow for both: the ratio is not touched by that.
    assert pairwise(lambda one, other: one / other, [10.0, 20.0], [2.0, 4.0]) == Figure(5.0, 5.0, 5.0)


def test_series_of_different_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        pairwise(lambda one, other: one / other, [1.0], [1.0, 2.0])


def test_import_times_count_for_the_part_that_imports():
    report = "\n".join(
        [
            "import time: self [us] | cumulative | imported package",
            "import time:      1000 |       1000 |     json",
            "import time:      2000 |       3000 |   requests",
            "import time:       500 |        500 |     requests.adapters",
            "import time:      4000 |       4000 |     ansible_collections.ngcp.fax.plugins.module_utils._api.hal",
            "import time:       100 |       8000 |   ansible_collections.ngcp.fax.plugins.module_utils._api.client",
            "import time:       250 |        250 | site",
        ]
    )
    assert parts_of(report) == {
        "requests": pytest.approx(3.5),
        "ansible_collections.ngcp.fax": pytest.approx(4.1),
        "other": pytest.approx(0.25),
    }


# ---- size and data


def test_the_size_comes_from_the_environment():
    size = Size.from_environment({"N": "100", "RUNS": "", "FULL": "1"})
    assert (size.subscribers, size.large, size.largest, size.runs, size.full) == (100, 1000, 10000, 3, True)
    assert Size(1000).large == Size(10_000).large == 10_000


@pytest.mark.parametrize("value", ["0", "-1", "many"])
def test_a_size_that_is_none_is_refused(value):
    with pytest.raises(ValueError):
        Size.from_environment({"N": value})


@pytest.mark.parametrize(
    ("count", "share", "number"), [(1000, 0, 0), (1000, 0.01, 10), (1000, 0.1, 100), (20, 0.01, 1)]
)
def test_so_many_drift(count, share, number):
    ids = fleet.drifted_ids(count, share)
    assert len(set(ids)) == number
    assert all(1 <= subscriber_id <= count for subscriber_id in ids)
    assert all(fleet.drifted(subscriber_id) != fleet.declared(subscriber_id) for subscriber_id in ids)


def test_the_requests_that_a_fleet_may_need():
    assert s.most_requests(1000, 100) == 10 + 100 + 1
    assert s.most_requests(1001, 0) == 11 + 1
    assert s.most_requests(1000, 100, lists=3, resources=2) == 30 + 200 + 1


# ---- the fast server


@pytest.fixture
def fast():
    server = FastServer(25)
    server.put(fleet.stored(25, 0.1, True))
    server.start()
    yield server
    server.stop()


def ask(url, authority, method, path, headers, body=None):
    request = urllib.request.Request(url + path, data=body, method=method, headers=headers)
    context = ssl.create_default_context(cadata=authority)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
    with opener.open(request, timeout=30) as response:
        content = response.read()
        kept = {name: response.headers[name] for name in ("Content-Type", "Preference-Applied")}
        return response.status, kept, json.loads(content) if content else None


PATCH = {"Content-Type": "application/json-patch+json", "Accept": "application/json"}
REQUESTS = [
    ("GET", "/api/faxserversettings/3", {"Accept": "application/json"}, None),
    ("GET", "/api/faxserversettings/3", {}, None),
    ("GET", "/api/faxserversettings/?page=1&rows=10&order_by=id", {"Accept": "application/json"}, None),
    ("GET", "/api/faxserversettings/?page=2&rows=10&order_by=id", {"Accept": "application/json"}, None),
    ("GET", "/api/faxserversettings/?page=3&rows=10&order_by=id", {"Accept": "application/json"}, None),
    ("GET", "/api/faxserversettings/?page=4&rows=10&order_by=id", {"Accept": "application/json"}, None),
    (
        "PATCH",
        "/api/faxserversettings/1",
        {**PATCH, "Prefer": "return=representation"},
        [{"op": "replace", "path": "/name", "value": "Büro"}, {"op": "replace", "path": "/destinations", "value": []}],
    ),
    ("PATCH", "/api/faxserversettings/2", PATCH, [{"op": "replace", "path": "/active", "value": False}]),
    ("GET", "/api/faxserversettings/?rows=100", {"Accept": "application/json"}, None),
    ("GET", "/api/mailtofaxsettings/3", {"Accept": "application/json"}, None),
    ("GET", "/api/mailtofaxsettings/?page=2&rows=10&order_by=id", {"Accept": "application/json"}, None),
    ("PATCH", "/api/mailtofaxsettings/1", PATCH, [{"op": "replace", "path": "/active", "value": True}]),
    ("GET", "/api/mailtofaxsettings/1", {"Accept": "application/json"}, None),
]


def test_the_fast_server_answers_like_the_simulator(fast):
    with Simulator(subscribers=25) as sim:
        for resource, settings_of in fleet.stored(25, 0.1, True).items():
            sim.put_many(resource, {number: settings_of(number) for number in range(1, 26)})
        environment = sim.environment()
        with open(environment["NGCP_API_CA_PATH"], encoding="ascii") as stream:
            authority = stream.read()
        accounts = (
            (sim.url, authority, environment["NGCP_API_USERNAME"], environment["NGCP_API_PASSWORD"]),
            (fast.url, fast.authority.decode(), USERNAME, PASSWORD),
        )
        tokens = []
        for url, authority, username, password in accounts:
            body = json.dumps({"username": username, "password": password}).encode()
            kind = {"Content-Type": "application/json"}
            status, _headers, response = ask(url, authority, "POST", "/login_jwt", kind, body)
            assert (status, sorted(response)) == (200, ["expires", "id", "jwt"])
            tokens.append(response["jwt"])
        for method, path, headers, document in REQUESTS:
            body = None if document is None else json.dumps(document).encode()
            responses = [
                ask(url, authority, method, path, {**headers, "Authorization": f"Bearer {token}"}, body)
                for (url, authority, _username, _password), token in zip(accounts, tokens)
            ]
            for _status, _headers, shown in responses:
                if shown is not None and "last_secret_key_modify" in shown:
                    del shown["last_secret_key_modify"]  # the fast server has no clock
            assert responses[1] == responses[0], (method, path)


def test_the_fast_server_refuses_strangers(fast):
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(fast.url, fast.authority.decode(), "GET", "/api/faxserversettings/3", {"Authorization": f"Bearer {TOKEN}x"})
    assert refused.value.code == 401


def test_the_fast_server_lists_subscribers_as_the_simulator_does(fast):
    names = set(fleet.subscriber(3)) - {"webusername"}
    with Simulator(subscribers=1) as sim:
        environment = sim.environment()
        credentials = environment["NGCP_API_USERNAME"], environment["NGCP_API_PASSWORD"]
        with open(environment["NGCP_API_CA_PATH"], encoding="ascii") as stream:
            authority = stream.read()
        basic = base64.b64encode(":".join(credentials).encode()).decode()
        path, headers = "/api/subscribers/?page=1&rows=10&order_by=id", {"Accept": "application/json"}
        shown = ask(sim.url, authority, "GET", path, {**headers, "Authorization": f"Basic {basic}"})
    found = ask(fast.url, fast.authority.decode(), "GET", path, {**headers, "Authorization": f"Bearer {TOKEN}"})
    assert found[:2] == shown[:2]
    assert found[2]["total_count"] == 25
    (of_platform,), of_fast = shown[2]["_embedded"]["ngcp:subscribers"], found[2]["_embedded"]["ngcp:subscribers"]
    assert len(of_fast) == 10 and names <= set(of_platform)
    assert {name: type(of_platform[name]) for name in names - {"external_id", "display_name"}} == {
        name: type(of_fast[0][name]) for name in names - {"external_id", "display_name"}
    }


@pytest.mark.parametrize("kind", [FAST, SIMULATOR])
def test_a_bare_run_is_measured_and_counted(tmp_path, kind):
    with ServerProcess(kind, 120) as server:
        bench = s.Bench(server, tmp_path)
        run = bench.run(s.FLOOR, s.CLEAN, 120)
        assert run.requests == {"login": 1, "page": 2}
        assert run.seconds > 0 and run.cpu > 0 and run.memory > 10 and 1 <= run.connections <= 4
        run = bench.run(s.FLOOR, s.CONVERGE, 120)
        assert run.requests == {"login": 1, "page": 2, "patch": 12}
        run = bench.run(s.COMPLETE_FLOOR, s.CONVERGE, 120)
        assert run.requests == {"login": 1, "page": 6, "patch": 24}
        assert set(server.drifted(120).values()) == {0}
        run = bench.run(s.FLOOR, s.CONVERGE, 120)
        assert server.drifted(120) == {"faxserversettings": 0, "mailtofaxsettings": 12}
        server.reset(120, 0.1, True)
        assert server.drifted(120, True) == {"faxserversettings": 12, "mailtofaxsettings": 12}


def test_a_run_that_does_not_do_its_job_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(fleet, "corrections", lambda _id: [{"op": "replace", "path": "/name", "value": "wrong"}])
    with ServerProcess(FAST, 100) as server, pytest.raises(BrokenRunError, match="10 of 100 subscribers differ"):
        s.Bench(server, tmp_path).run(s.FLOOR, s.CONVERGE, 100)


def test_a_command_that_fails_is_found(tmp_path):
    command = [sys.executable, "-c", "print('what went wrong'); raise SystemExit(3)"]
    with pytest.raises(BrokenRunError, match=r"ended with 3:\nwhat went wrong"):
        measured(command, dict(os.environ), tmp_path, tmp_path / "log")


# ---- the page


TIMES = {
    "empty": 0.5,
    "task-floor": 3.0,
    "complete-task-floor": 1.0,
    "complete-in-process": 2.5,
    "ping": 1.0,
    "floor": 10.0,
    "fleet-module": 16.5,
    "fleet-in-process": 10.5,
    "uri": 1000.5,
}


def invented(size, logins=1):
    """Results in which everything takes two seconds, but what ``TIMES`` names."""
    results = Results()
    for group in groups(size):
        for _round in range(group.runs):
            for step in group.steps:
                requests = {"page": -(-step.count // 100), "login": logins}
                seconds = TIMES.get(step.scenario.name, 2.0)
                run = Run(seconds, seconds, 50.0, requests, 4, 0.1)
                results.add(group.name, step.scenario, step.kind, step.count, run)
    return results


def test_targets_are_judged_by_what_was_measured():
    found = {verdict.what: verdict for verdict in verdicts(invented(Size(full=True)), Size(full=True))}
    floor = [verdict for what, verdict in found.items() if "against the bare script" in what]
    fleet = [(v.measured, v.met) for v in floor if "fleet form" in v.what]
    assert fleet == [("1.55", False), ("1.55", False), ("1.00", True), ("1.00", True)]
    assert [v.met for v in floor if "role" in v.what and "as a task" not in v.what] == [True] * 4
    as_task = [(v.target, v.measured, v.met) for v in floor if "as a task" in v.what]
    assert as_task == [
        ("at most 1.5 times", "0.60", True),
        ("at most 1.3 times", "0.60", True),
        ("at most 1.5 times", "4.00", False),
        ("at most 1.3 times", "4.00", False),
        ("at most 1.6 times", "0.60", True),
        ("at most 1.6 times", "4.00", False),
    ]
    (uri,) = [v for what, v in found.items() if "(in process) against the `uri` loop, fast server" in what]
    assert (uri.measured, uri.met) == ("5,000", True)
    requests = found["requests of the fleet form"]
    assert requests.met and requests.measured.startswith("11 of at most 11, ")


def test_too_many_requests_miss_the_target():
    size = Size(100, 1)
    (verdict,) = [v for v in verdicts(invented(size, logins=2), size) if v.what == "requests of the fleet form"]
    assert not verdict.met and "12 of at most 11" in verdict.measured


@pytest.mark.parametrize("size", [Size(100, 1), Size(), Size(10_000, 2, full=True)])
def test_the_page_has_all_tables_filled(size):
    results = invented(size)
    imports = imports_table({"fax_settings": dict.fromkeys((*PARTS, "other"), 1.0)})
    text = render(results, size, list(verdicts(results, size)), FACTS, imports)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) > 40
    assert not [row for row in rows if "| |" in row.replace(" | |", "||")[:-3]]
    assert "**missed**" in text and "| met |" in text
    assert len(results.at(AT_FAST).runs(s.URI, s.CLEAN, size.sampled)) == size.runs


def test_tables_are_markdown():
    assert table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
