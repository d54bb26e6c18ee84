# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which entries a task means, and what ``fax_info`` returns of them."""

from __future__ import annotations

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.options import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import InputError, NotFoundError
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.info_task import read_faxes
from ansible_collections.ngcp.fax.plugins.module_utils._faxes.options import fax_info_options
from ansible_collections.ngcp.fax.tests.unit.support.journal import FakeClient, item
from ansible_collections.ngcp.fax.tests.unit.support.params import default_params


@pytest.fixture
def client(monkeypatch):
    made = FakeClient(
        [item(number, number % 2 + 1, status="FAILED" if number % 3 == 0 else "SUCCESS") for number in range(1, 21)],
        offset=lambda _entry: 3600,
    )
    return made


def read(client, **given):
    options = {**connection_options(), **fax_info_options()}
    params = default_params(options)
    return read_faxes({**params, **given}, client.host())


def ids(result):
    return [fax["fax_id"] for fax in result["faxes"]]


def test_one(client):
    (fax,) = read(client, fax_id=7)["faxes"]
    assert fax == {
        "fax_id": 7,
        "subscriber_id": 2,
        "time": "2026-11-23 09:00:07",
        "time_iso": "2026-11-23T09:00:07+01:00",
        "direction": "in",
        "caller": "431",
        "callee": "432",
        "duration": 35,
        "pages": 1,
        "signal_rate": 14400,
        "quality": "normal",
        "reason": "Normal Clearing",
        "status": "SUCCESS",
        "filename": "x.tif",
    }
    result = read(client, fax_id=99)
    assert (result["failed"], result["error"]["code"], result["faxes"]) == (True, "not_found", [])
    assert result["summary"]["total"] == 0
    assert client.log[-1] == "close"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, list(range(1, 21))),
        ({"order": "desc", "limit": 3}, [20, 19, 18]),
        ({"limit": 2}, [1, 2]),
        ({"subscriber_id": 2, "limit": 3}, [1, 3, 5]),
        ({"status": ["failed"], "subscriber_id": 1}, [6, 12, 18]),
        ({"status": ["FAILED", "success"], "limit": 4}, [1, 2, 3, 4]),
        ({"direction": "out"}, []),
        ({"since": "2026-11-23 09:00:19"}, [19, 20]),
        ({"until": "2026-11-23 09:00:02"}, [1, 2]),
        ({"until": "2026-11-23T08:00:02Z"}, None),
    ],
)
def test_filters(client, given, found):
    result = read(client, **given)
    # The journal in memory knows no filter for times; an absolute bound is checked at the border only.
    assert ids(result) == found if found is not None else 3 not in ids(result)
    assert result["summary"]["total"] == len(result["faxes"])
    assert result["changed"] is False


def test_a_subscriber_who_is_not_there(client):
    client.meet("get", NotFoundError("no subscriber"))
    result = read(client, subscriber_id=9)
    assert (result["failed"], result["msg"], result["faxes"]) == (True, "no subscriber", [])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"fax_id": 0}, "fax_id"),
        ({"fax_id": 1, "subscriber_id": 1}, "subscriber_id"),
        ({"fax_id": 1, "status": ["SUCCESS"]}, "status"),
        ({"fax_id": 1, "direction": "in"}, "direction"),
        ({"fax_id": 1, "limit": 1}, "limit"),
        ({"limit": 0}, "limit"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-02-30"}, "until"),
        ({"since": "2026-11-24", "until": "2026-11-23"}, "since"),
        ({"subscriber": "nobody"}, "subscriber"),
        ({"subscriber": ""}, "subscriber"),
        ({"subscriber": "  "}, "subscriber"),
        ({"number": ""}, "number"),
        ({"subscriber_external_id": ""}, "subscriber_external_id"),
        ({"subscriber_external_id": "\t"}, "subscriber_external_id"),
        ({"subscriber_id": 3, "number": ""}, "number"),
        ({"since": ""}, "since"),
        ({"until": " "}, "until"),
        ({"status": []}, "status"),
        ({"status": [""]}, "status"),
        ({"status": ["SUCCESS", " "]}, "status"),
        ({"fax_id": 1, "since": ""}, "since"),
        ({"fax_id": 1, "status": []}, "status"),
        ({"since": "9999-13"}, "since"),
        ({"until": "9999-12-31T23:59:59-01:00"}, "until"),
    ],
)
def test_wrong_input(client, given, field):
    with pytest.raises(InputError) as caught:
        read(client, **given)
    assert caught.value.field == field
    assert client.log == []
