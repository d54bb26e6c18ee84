# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The long runs: sends and downloads under every fault, by processes that are killed at any step.

They are small by default. ``NGCP_FAX_CAMPAIGN=full`` runs them with 1,000 sends and 2,000 faxes.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ngcp_simulator import Simulator

from ansible_collections.ngcp.fax.tests.integration.support.fax_runs import SENT, Run, fetch, parameters, send

FULL = os.environ.get("NGCP_FAX_CAMPAIGN") == "full"
SENDS = 1000 if FULL else 80
FAXES = 2000 if FULL else 200
KILLS = 5
STEPS = 40
PARALLEL = 6
MOST_RUNS = 12
SUBSCRIBERS = 5


@pytest.fixture
def platform() -> Any:
    with Simulator(subscribers=10, fax_seconds=0.5) as sim:
        for subscriber_id in range(1, SUBSCRIBERS + 1):
            sim.put_settings("faxserversettings", subscriber_id, {"active": True})
        yield sim


PAGE = {"body": "<html><title>No</title></html>", "content_type": "text/html"}

# What proxies, and a server that fails, answer to a fax although it was handed over.
AFTER: tuple[dict[str, Any], ...] = (
    {"status": 302, "headers": {"Location": "/login"}, "body": ""},
    {"status": 303, "headers": {"Location": "/done"}, "body": ""},
    {"status": 403, **PAGE},
    {"status": 404, **PAGE},
    {"status": 408, **PAGE},
    {"status": 413, **PAGE},
    {"status": 422, **PAGE},
    {"status": 425, **PAGE},
    {"status": 429, "retry_after": 1, **PAGE},
    {"status": 500},
    {"status": 500, **PAGE},
    {"status": 200, **PAGE},
)


def inject_faults(sim: Simulator) -> None:
    """Let about half of the requests that send a fax go wrong, and some others."""
    post = {"method": "POST", "path": "^/api/faxes/$"}
    for action, more in (
        ("reset", {}),
        ("reset_after", {}),
        ("truncate", {}),
        ("status", {"status": 500}),
        ("status", {"status": 502}),
        ("status", {"status": 503}),
        ("hang", {}),
        ("garbage", {}),
    ):
        sim.fault(action, probability=0.06, **post, **more)
    for answer in AFTER:
        sim.fault("status_after", probability=0.02, **post, **answer)
    for answer in (AFTER[0], AFTER[-1]):
        sim.fault("status", probability=0.02, **post, **answer)
    sim.fault("delay", probability=0.05, seconds=1.5, **post)
    for action in ("reset", "reset_after", "truncate", "status"):
        sim.fault(action, method="GET", path="^/api/faxes/", probability=0.04)


class Document:
    """A fax to be sent, and what its runs said."""

    def __init__(self, number: int, folder: pathlib.Path, chance: random.Random) -> None:
        self.text = f"Document number {number:05} of the campaign."
        self.chance = random.Random(chance.random())
        self.given = {
            "subscriber_id": 1 + number % SUBSCRIBERS,
            # Few numbers: many documents go to the same one, and their journal entries look alike.
            "destination": f"4311100{self.chance.randrange(20):02}",
            "receipts": str(folder / "receipts"),
            "timeout": 1,
            "retries": 6,
        }
        if number % 3 == 0:
            path = folder / f"{number}.txt"
            path.write_text(self.text)
            self.given["src"] = str(path)
        else:
            self.given["text"] = self.text
        self.said_sent = False
        self.last: dict[str, Any] | None = None
        self.kills = 0

    def settle(self, sim: Simulator) -> None:
        """Run the task until it says the same twice, as people do."""
        former = None
        for _run in range(MOST_RUNS):
            kill_at = self.chance.randrange(1, STEPS) if self.chance.random() < 0.4 else 0
            runs = [Run("send", parameters(sim, **self.given), kill_at)]
            if self.chance.random() < 0.1:
                runs.append(Run("send", parameters(sim, **self.given)))
            for run in runs:
                result = run.result()
                if result is None:
                    self.kills += 1
                    continue
                assert "bug" not in result, result["bug"]
                assert result.get("error", {}).get("code") != "unexpected", result
                assert "fax" in result, result
                self.last = result
                self.said_sent = self.said_sent or result.get("fax", {}).get("status") in SENT
            status = self.last["fax"]["status"] if self.last is not None and "fax" in self.last else None
            if status is not None and status == former and status in (*SENT, "unknown"):
                return
            former = status
        raise AssertionError(f"does not settle: {self.last}")


def test_sends_under_faults_and_kills(platform: Simulator, tmp_path: pathlib.Path, record_property: Any) -> None:
    chance = random.Random(4)
    inject_faults(platform)
    documents = [Document(number, tmp_path, chance) for number in range(SENDS)]
    began = time.monotonic()
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda document: document.settle(platform), documents))
    platform.clear_faults()
    sent = Counter(content_of(fax) for fax in platform.sent_faxes())
    unknown = [document for document in documents if document.last and document.last["fax"]["status"] == "unknown"]
    figures = {
        "documents": SENDS,
        "sent": len(sent),
        "sent twice": sum(count > 1 for count in sent.values()),
        "reported as sent": sum(document.said_sent for document in documents),
        "reported as sent, but not sent": sum(document.said_sent and not sent[document.text] for document in documents),
        "unknown": len(unknown),
        "unknown, but sent": sum(bool(sent[document.text]) for document in unknown),
        "kills": sum(document.kills for document in documents),
        "requests to send": platform.count("POST", "^/api/faxes/$"),
        "seconds": round(time.monotonic() - began),
    }
    print(figures)
    record_property("figures", figures)
    assert figures["sent twice"] == 0
    assert figures["reported as sent, but not sent"] == 0
    assert all(document.said_sent or document in unknown for document in documents)
    assert all("is not known" in str(document.last and document.last["msg"]) for document in unknown)
    assert platform.bugs == []


def content_of(fax: dict[str, Any]) -> str:
    return fax["data"] or bytes(fax["document"]).decode()


@pytest.mark.parametrize("faults", [False, True], ids=["quiet", "faults"])
def test_an_archive_that_is_killed(
    platform: Simulator, tmp_path: pathlib.Path, faults: bool, record_property: Any
) -> None:
    ids = platform.receive_fax(1, count=FAXES, size=20_000)
    chance = random.Random(5)
    if faults:
        for action in ("reset", "truncate", "garbage", "status"):
            path = "^/api/faxrecordings" if action == "garbage" else "^/api/fax"
            platform.fault(action, method="GET", path=path, probability=0.03)
    given = {"dest": str(tmp_path), "subscriber_id": 1, "retries": 6, "concurrency": 4}
    began = time.monotonic()
    kills = 0
    while kills < KILLS:
        run = Run("fetch", parameters(platform, **given))
        wanted = FAXES * (kills + 1) // (KILLS + 1) + chance.randrange(FAXES // 10)
        while run.process.is_alive() and platform.count("GET", "^/api/faxrecordings/", status=200) < wanted:
            time.sleep(0.001)
        assert run.process.is_alive(), run.result()
        run.kill()
        kills += 1
    last = fetch(platform, **given)
    assert "failed" not in last, last
    downloads = [record for record in platform.audit.find("GET", "^/api/faxrecordings/") if record.fault is None]
    platform.clear_faults()
    platform.clear_audit()
    again = fetch(platform, **given)
    figures = {
        "faxes": FAXES,
        "downloads": len(downloads),
        "fetched by the last run": last["summary"]["fetched"],
        "journal requests with nothing new": platform.count("GET", "^/api/faxes/"),
        "requests with nothing new": platform.count("GET"),
        "seconds": round(time.monotonic() - began),
    }
    print(figures)
    record_property("figures", figures)
    assert {int(path.stem) for path in tmp_path.glob("*.tif")} == set(ids)
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix != ".tif") == ["index.json"]
    assert FAXES <= len(downloads) <= FAXES + KILLS * given["concurrency"]
    assert again["summary"]["present"] == FAXES and again["changed"] is False
    assert (figures["journal requests with nothing new"], figures["requests with nothing new"]) == (1, 1)
    truth = images(platform)
    for fax in again["faxes"]:
        content = pathlib.Path(fax["path"]).read_bytes()
        assert fax["sha256"] == hashlib.sha256(content).hexdigest()
        assert content == truth[fax["fax_id"]]


def images(sim: Simulator) -> dict[int, bytes]:
    """Return every image as the platform holds it."""
    sql = "SELECT j.id, i.image FROM fax_journal j JOIN fax_images i ON i.sid = j.sid"
    return {row["id"]: bytes(row["image"]) for row in sim.platform.database.rows(sql)}


def test_memory(platform: Simulator, tmp_path: pathlib.Path, record_property: Any) -> None:
    """64 MiB are sent, and 16 MiB fetched four times at once, without being held in memory."""
    path = tmp_path / "large.pdf"
    path.write_bytes(b"%PDF-1.4\n")
    os.truncate(path, 64 * 1024 * 1024)
    sent = send(platform, subscriber_id=1, destination="4311", src=str(path), receipts=str(tmp_path / "receipts"))
    assert sent["fax"]["status"] in SENT, sent
    platform.receive_fax(2, count=8, size=16 * 1024 * 1024)
    (tmp_path / "archive").mkdir()
    fetched = fetch(platform, subscriber_id=2, dest=str(tmp_path / "archive"))
    assert fetched["summary"]["fetched"] == 8
    figures = {"send 64 MiB": sent["memory"], "fetch 8 x 16 MiB": fetched["memory"]}
    print(figures)
    record_property("figures", figures)
    assert max(figures.values()) < 30
