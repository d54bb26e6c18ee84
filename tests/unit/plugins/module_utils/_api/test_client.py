# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API: HAL in its old and new shapes, pages, and every error in the collection's own terms."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils._api.authentication import Credentials
from ansible_collections.ngcp.fax.plugins.module_utils._api.client import Client
from ansible_collections.ngcp.fax.plugins.module_utils._api.hal import (
    MAX_ITEMS,
    PAGE_ROWS,
    Page,
    embedded_items,
    item_id,
    total_count,
)
from ansible_collections.ngcp.fax.plugins.module_utils._api.refusals import FIXED_MESSAGES
from ansible_collections.ngcp.fax.plugins.module_utils._api.transport import Response
from ansible_collections.ngcp.fax.plugins.module_utils._errors import (
    AccessError,
    FaxError,
    ListChangedError,
    LostResponseError,
    NotFoundError,
    ProtocolError,
    RefusedError,
    ServerError,
)
from ansible_collections.ngcp.fax.plugins.module_utils._faxes import send_responses as _send_answers
from ansible_collections.ngcp.fax.plugins.module_utils._settings.requests import get_settings, patch_settings
from ansible_collections.ngcp.fax.plugins.module_utils._settings.resources import FAX_SETTINGS, MAIL2FAX_SETTINGS
from ansible_collections.ngcp.fax.tests.unit.support.platform import Platform, defaults, failure, response, subscriber

PATCH = [{"op": "replace", "path": "/active", "value": True}]


def fleet(count, **options):
    return Platform([subscriber(number) for number in range(1, count + 1)], **options)


# ---- HAL


@pytest.mark.parametrize(
    ("document", "items"),
    [
        ({"total_count": 0}, []),
        ({"_embedded": {}}, []),
        ({"_embedded": {"ngcp:faxes": []}}, []),
        ({"_embedded": {"ngcp:faxes": [{"id": 1}, {"id": 2}]}}, [{"id": 1}, {"id": 2}]),
        ({"_embedded": {"ngcp:faxes": {"id": 1}}}, [{"id": 1}]),
        ({"_embedded": {"ngcp:subscribers": [{"id": 1}]}}, []),
    ],
)
def test_items_of_lists(document, items):
    assert embedded_items(document, "faxes") == items


def link(href):
    return {"_links": {"self": {"href": href}}}


@pytest.mark.parametrize(
    ("item", "identifier"),
    [
        ({"id": 7}, 7),
        ({"id": 7, **link("/api/faxserversettings/8")}, 7),
        (link("/api/mailtofaxsettings/8"), 8),
        (link("/api/mailtofaxsettings/8/"), 8),
        (link("https://ngcp.example.org:1443/api/mailtofaxsettings/8"), 8),
        ({"id": "7", **link("/api/x/7")}, 7),
        ({"id": True, **link("/api/x/7")}, 7),
        ({"id": -1, **link("/api/x/7")}, 7),
    ],
)
def test_ids_of_items(item, identifier):
    assert item_id(item) == identifier


@pytest.mark.parametrize(
    "item",
    [
        *({}, {"_links": {}}, {"_links": {"self": {}}}, link(""), link("/api/x/"), {"_links": None}, link("8")),
        *({"id": 0}, {"id": -1}, {"id": True}, {"id": "7"}, {"id": 7.0}, {"id": 2**63}, {"id": [7]}),
        *(
            link(None),
            link(7),
            link("/api/x/-8"),
            link("/api/x/8?page=1"),
            link("/api/x/" + "9" * 5000),
            {"_links": []},
        ),
    ],
)
def test_items_without_an_id(item):
    with pytest.raises(ProtocolError):
        item_id(item)


@pytest.mark.parametrize(("value", "total"), [(0, 0), (305, 305), (MAX_ITEMS, MAX_ITEMS)])
def test_total_count(value, total):
    assert total_count({"total_count": value}) == total


@pytest.mark.parametrize(
    "value", [None, "many", "12", [], {}, -1, True, 1.0, float("inf"), float("nan"), MAX_ITEMS + 1, 10**9, 10**400]
)
def test_totals_that_cannot_be(value):
    with pytest.raises(ProtocolError):
        total_count({"total_count": value})


def test_a_list_without_a_total():
    with pytest.raises(ProtocolError):
        total_count({})


@pytest.mark.parametrize(
    "embedded",
    [None, "x", [], 5, {"ngcp:faxes": None}, {"ngcp:faxes": "x"}, {"ngcp:faxes": [1]}, {"ngcp:faxes": [None]}],
)
def test_lists_of_another_form(embedded):
    with pytest.raises(ProtocolError):
        embedded_items({"_embedded": embedded}, "faxes")


# ---- single items


@pytest.mark.parametrize("resource", [FAX_SETTINGS, MAIL2FAX_SETTINGS], ids=lambda resource: resource.name)
def test_reading_settings(resource):
    platform = fleet(3, resource=resource, settings={3: {"active": True}})
    assert get_settings(platform.client(), resource, 3)["active"] is True
    (request,) = platform.sent
    assert str(request) == f"GET /api/{resource.name}/3"
    assert request.retryable


@pytest.mark.parametrize("resource", [FAX_SETTINGS, MAIL2FAX_SETTINGS], ids=lambda resource: resource.name)
def test_writing_settings(resource):
    platform = fleet(3, resource=resource)
    secret = resource.secrets[0]
    patch = [*PATCH, {"op": "replace", "path": f"/{secret}", "value": "Größe"}]
    assert patch_settings(platform.client(), resource, 3, patch)[secret] == "Größe"
    (request,) = platform.sent
    assert str(request) == f"PATCH /api/{resource.name}/3"
    assert request.retryable is False
    assert request.headers["Content-Type"] == "application/json-patch+json"
    assert request.headers["Prefer"] == "return=representation"
    assert json.loads(request.body) == patch
    assert request.body.isascii(), "what is not ASCII is escaped"


def test_a_write_that_the_server_does_not_show():
    platform = fleet(3)
    platform.meet("PATCH", "/api/", Response(204, {"Preference-Applied": "return=minimal"}, b""))
    assert patch_settings(platform.client(), FAX_SETTINGS, 3, PATCH) is None


def test_every_request_carries_the_credentials():
    platform = fleet(3)
    client = platform.client()
    get_settings(client, FAX_SETTINGS, 1)
    patch_settings(client, FAX_SETTINGS, 1, PATCH)
    client.list_page("subscribers", 1)
    client.get_item("subscribers", 1)
    assert [request.headers["Authorization"][:6] for request in platform.sent] == ["Basic "] * 4


@pytest.mark.parametrize("body", [b"", b"<html>Log in here</html>", b"[]", b'"x"', b"null", b'{"active"'])
def test_answers_that_are_no_document(body):
    platform = fleet(1)
    platform.meet("GET", "/api/", Response(200, {"Content-Type": "application/json"}, body), again=True)
    with pytest.raises(ProtocolError):
        get_settings(platform.client(), FAX_SETTINGS, 1)
    with pytest.raises(ProtocolError):
        platform.client().list_all("subscribers")


def test_the_connection_is_closed():
    platform = fleet(1)
    platform.client().close()
    assert platform.closed


# ---- pages


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (PAGE_ROWS, 1), (PAGE_ROWS + 1, 2), (3 * PAGE_ROWS, 3), (3 * PAGE_ROWS + 7, 4)]
)
@pytest.mark.parametrize("concurrency", [1, 4])
def test_lists_are_read_page_by_page(count, pages, concurrency):
    platform = fleet(count, concurrency=concurrency)
    items = platform.client().list_all("subscribers")
    assert [item["id"] for item in items] == list(range(1, count + 1))
    assert sorted(platform.log) == sorted(f"GET /api/subscribers/?page={page + 1}" for page in range(pages))
    assert all(request.params["order_by"] == "id" for request in platform.sent), "else pages shift with every write"
    assert all(request.params["rows"] == PAGE_ROWS for request in platform.sent)
    assert all(request.retryable for request in platform.sent)


def test_filters_go_with_every_page():
    platform = fleet(150)
    platform.client().list_all("subscribers", {"domain": "example.org", "customer_id": 10})
    assert platform.log == [
        "GET /api/subscribers/?customer_id=10&domain=example.org&page=1",
        "GET /api/subscribers/?customer_id=10&domain=example.org&page=2",
    ]


def test_a_page_of_another_size():
    platform = fleet(5)
    page = platform.client().list_page("subscribers", 2, rows=2)
    assert ([item["id"] for item in page.items], page.total) == ([3, 4], 5)


def remove(number):
    def effect(platform, _request):
        platform.subscribers.pop(number, None)

    return effect


def add(number):
    def effect(platform, _request):
        platform.subscribers[number] = subscriber(number)

    return effect


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([None, remove(50)], id="one is deleted: the first of the next page slips through"),
        pytest.param([None, add(1)], id="one is created before: the last of the page comes twice"),
        pytest.param([None, add(1000)], id="one is created behind"),
        pytest.param([None, None, remove(250)], id="one of the last page is deleted"),
    ],
)
def test_a_list_that_shifts_is_read_once_more(changes):
    platform = fleet(250)
    del platform.subscribers[1]
    platform.meet("GET", "/api/subscribers/", *changes)
    items = platform.client().list_all("subscribers")
    assert [item["id"] for item in items] == sorted(platform.subscribers)
    assert platform.counters.retries == 1


def test_a_deleted_and_a_created_one_that_hide_each_other():
    platform = fleet(251)
    del platform.subscribers[1]

    def swap(platform, _request):
        del platform.subscribers[50]
        platform.subscribers[1] = subscriber(1)

    platform.meet("GET", "/api/subscribers/", None, swap)
    ids = [item["id"] for item in platform.client().list_all("subscribers")]
    assert len(set(ids)) == len(ids) == 250


def test_a_list_that_keeps_shifting_is_an_error():
    platform = fleet(150)
    changes = [None, remove(1), None, remove(2), None, remove(3)]
    platform.meet("GET", "/api/subscribers/", *changes)
    with pytest.raises(ListChangedError) as caught:
        platform.client().list_all("subscribers")
    assert caught.value.retryable
    assert "149" in caught.value.message and "148" in caught.value.message


def test_a_server_that_limits_pages_does_not_truncate_lists():
    """The answer has fewer items than were asked for."""
    platform = fleet(30)
    short = response(200, {"total_count": 30, "_embedded": {"ngcp:subscribers": [subscriber(n) for n in range(1, 11)]}})
    platform.meet("GET", "/api/subscribers/", short, again=True)
    with pytest.raises(ListChangedError, match="has 10 items instead of 30, although its total is 30"):
        platform.client().list_all("subscribers")
    platform = fleet(30)
    one = response(200, {"total_count": 30, "_embedded": {"ngcp:subscribers": [subscriber(1)]}})
    platform.meet("GET", "/api/subscribers/", one, again=True)
    with pytest.raises(ListChangedError, match="has 1 item instead of 30"):
        platform.client().list_all("subscribers")


def test_the_first_page_is_not_read_twice():
    platform = fleet(150)
    client = platform.client()
    first = client.list_page("subscribers", 1)
    assert isinstance(first, Page)
    assert len(client.complete_list("subscribers", first)) == 150
    assert platform.log == ["GET /api/subscribers/?page=1", "GET /api/subscribers/?page=2"]


# ---- errors


@pytest.mark.parametrize(
    ("status", "message", "kind", "code", "retryable"),
    [
        (400, "Invalid id in request URI", RefusedError, "refused", False),
        (401, "Authorization required.", AccessError, "unauthorized", False),
        (403, "Invalid user", AccessError, "forbidden", False),
        (403, "Banned", AccessError, "banned", False),
        (403, "Invalid license", AccessError, "invalid_license", False),
        (403, "Password expired", AccessError, "password_expired", False),
        (403, "Invalid HTTP method for read-only user", AccessError, "read_only", False),
        (404, "Entity 'faxserversetting' not found.", NotFoundError, "not_found", False),
        (404, "Path not found", RefusedError, "not_supported", False),
        (409, "Provided expand fields are invalid", RefusedError, "refused", False),
        (408, "Too slow", ServerError, "timeout", True),
        (413, "Too large", ProtocolError, "too_large", False),
        (418, "I am a teapot", ProtocolError, "unexpected_answer", False),
        (415, "Unsupported media type", RefusedError, "refused", False),
        (422, "Validation failed. field='0_destination'", RefusedError, "validation_failed", False),
        (425, "Too early", ServerError, "too_early", True),
        (429, "Slow down", ServerError, "too_many_requests", True),
        (500, "faxserversettings could not be updated.", ServerError, "server_error", True),
        (502, "", ServerError, "server_error", True),
        (503, "", ServerError, "server_error", True),
    ],
)
@pytest.mark.parametrize("accepted", [True, False], ids=["later", "first request"])
def test_errors(status, message, kind, code, retryable, accepted):
    platform = fleet(1)
    client = platform.client()
    if accepted:
        client.get_item("subscribers", 1)
    platform.meet("PATCH", "/api/", failure(status, message))
    with pytest.raises(kind) as caught:
        patch_settings(client, FAX_SETTINGS, 1, PATCH)
    error = caught.value
    assert error.__class__ is kind
    assert (error.code, error.http_status, error.retryable) == (code, status, retryable)
    assert message in error.message or status == 401 or kind is ProtocolError
    assert not error.message.endswith((":", " "))
    assert error.hint or status in (400, 408, 409, 415, 425, 500, 502, 503)
    assert error.from_api is (kind is not ProtocolError)


PAGE = ("text/html; charset=utf-8", b"<html><body>Not here</body></html>")
TEXT = ("text/plain", b"Not here")
JSON_OF_ANOTHER = ("application/json", b'{"error": "Not here"}')
OTHER_CODE = ("application/json", b'{"code": 500, "message": "Not here"}')
NO_BODY = ("application/json", b"")


@pytest.mark.parametrize("form", [PAGE, TEXT, JSON_OF_ANOTHER, OTHER_CODE, NO_BODY])
@pytest.mark.parametrize("status", [400, 404, 405, 409, 410, 415, 418, 422, 451])
def test_a_refusal_that_is_not_the_apis(status, form):
    """Whatever stands in front of the API may have passed the request on."""
    platform = fleet(1)
    platform.meet("PATCH", "/api/", Response(status, {"Content-Type": form[0]}, form[1]))
    with pytest.raises(ProtocolError) as caught:
        patch_settings(platform.client(), FAX_SETTINGS, 1, PATCH)
    assert (caught.value.http_status, caught.value.from_api) == (status, False)
    assert "Not here" not in caught.value.message


@pytest.mark.parametrize(
    ("status", "kind", "body", "from_api"),
    [
        (401, "text/plain", b"Authorization required.", True),
        (401, "text/html", b"<html>Log in</html>", False),
        (403, "application/json", b'{"code":403,"message":"Banned"}', True),
        (403, "", b'{"code":403,"message":"Invalid HTTP method for read-only user"}', True),
        (403, "text/html", b"<html>Blocked</html>", False),
    ],
)
def test_whose_refusal_of_a_user_it_is(status, kind, body, from_api):
    platform = fleet(1)
    platform.meet("PATCH", "/api/", Response(status, {"Content-Type": kind}, body))
    with pytest.raises(AccessError) as caught:
        patch_settings(platform.client(), FAX_SETTINGS, 1, PATCH)
    assert (caught.value.from_api, caught.value.halts) == (from_api, True)


def test_a_proxy_does_not_make_a_request_to_be_sent_again():
    """It may have passed on what it refuses afterwards: only the API's own word says that a token has run out."""
    platform = fleet(1)
    platform.meet("POST", "/login_jwt", response(200, {"jwt": "Token1"}), again=True)
    client = Client(platform, Credentials(username="administrator", password="pw"))
    client.get_item("subscribers", 1)
    platform.meet("POST", "/api/faxes/", Response(403, {"Content-Type": "text/plain"}, b"Invalid user"), again=True)
    with pytest.raises(AccessError) as caught:
        client.request("POST", "/api/faxes/")
    assert caught.value.from_api is False
    assert platform.log.count("POST /api/faxes/") == 1


# ---- whose item it is


def settings_of(number, **members):
    return {**defaults(FAX_SETTINGS), "id": number, **members}


@pytest.mark.parametrize(
    "document",
    [
        settings_of(2),
        settings_of(1, _links={"self": {"href": "/api/faxserversettings/2"}}),
        {**defaults(FAX_SETTINGS), "_links": {"self": {"href": "/api/faxserversettings/2"}}},
        defaults(FAX_SETTINGS),
        {},
        {"status": "ok"},
        {"id": 1},
        settings_of(1, destinations="abc"),
        settings_of(1, destinations=[1]),
        settings_of(1, destinations=None),
        {name: value for name, value in settings_of(1).items() if name != "active"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_settings_of_somebody_else_or_of_nobody(document, method):
    platform = fleet(2)
    platform.meet(method, "/api/", response(200, document))
    client = platform.client()
    with pytest.raises(ProtocolError):
        if method == "GET":
            get_settings(client, FAX_SETTINGS, 1)
        else:
            patch_settings(client, FAX_SETTINGS, 1, PATCH)


@pytest.mark.parametrize("document", [{"id": 2}, {}, {"id": "1"}, {"id": True}, {"id": 1, **link("/api/faxes/2")}])
def test_an_item_that_was_not_asked_for(document):
    platform = fleet(2)
    platform.meet("GET", "/api/", response(200, document))
    with pytest.raises(ProtocolError):
        platform.client().get_item("faxes", 1)


def test_the_settings_of_a_write_that_was_repeated_inside_the_server():
    """After a deadlock the status of the first try stays, although the write was applied (observed.md, 13)."""
    platform = fleet(1)
    entity = response(500, settings_of(1, active=True), **{"Preference-Applied": "return=representation"})
    platform.meet("PATCH", "/api/", entity)
    assert patch_settings(platform.client(), FAX_SETTINGS, 1, PATCH)["active"] is True


@pytest.mark.parametrize("document", [settings_of(2), {}, {"code": 500, "message": "No"}])
def test_a_500_with_the_preference_and_without_the_settings(document):
    platform = fleet(1)
    platform.meet("PATCH", "/api/", response(500, document, **{"Preference-Applied": "return=representation"}))
    with pytest.raises(ProtocolError):
        patch_settings(platform.client(), FAX_SETTINGS, 1, PATCH)


# ---- deleting


def fax_found(status, kind="application/json", body=b""):
    return Response(status, {"Content-Type": kind}, body)


@pytest.mark.parametrize("settled", [fax_found(204), failure(404, "Entity 'faxe' not found.")], ids=["204", "404"])
def test_what_counts_as_deleted(settled):
    platform = fleet(1)
    platform.meet("DELETE", "/api/faxes/7", settled)
    platform.client().delete_fax(7)
    assert platform.log == ["DELETE /api/faxes/7"]


@pytest.mark.parametrize(
    "doubtful",
    [
        fax_found(200, "text/html", b"<html>Log in</html>"),
        fax_found(200),
        fax_found(202),
        fax_found(404, *PAGE),
        failure(404, "Path not found"),
        failure(410, "Gone"),
        failure(500),
        failure(403, "Forbidden"),
    ],
    ids=str,
)
def test_what_does_not_count_as_deleted(doubtful):
    platform = fleet(1)
    platform.meet("DELETE", "/api/faxes/7", doubtful, again=True)
    with pytest.raises(FaxError):
        platform.client().delete_fax(7)


def test_html_is_not_shown():
    platform = fleet(1)
    platform.meet("GET", "/api/", Response(502, {"Content-Type": "text/html"}, b"<html><h1>Bad Gateway</h1></html>"))
    with pytest.raises(ServerError) as caught:
        get_settings(platform.client(), FAX_SETTINGS, 1)
    assert caught.value.message == "The server failed: 502"


def test_a_refused_user_is_not_asked_for_again():
    platform = fleet(5)
    platform.meet("GET", "/api/", failure(403, "Banned"))
    client = platform.client()
    for number in (1, 2, 3):
        with pytest.raises(AccessError):
            get_settings(client, FAX_SETTINGS, number)
    assert len(platform.sent) == 1


def test_one_refusal_in_the_middle_does_not_shut_everything():
    """A later 403 may be about one resource."""
    platform = fleet(5)
    platform.meet("GET", "/api/faxserversettings/2", failure(403, "Forbidden"))
    client = platform.client()
    get_settings(client, FAX_SETTINGS, 1)
    with pytest.raises(AccessError):
        get_settings(client, FAX_SETTINGS, 2)
    assert get_settings(client, FAX_SETTINGS, 3)


@pytest.mark.parametrize("code", ["timeout", "lost_answer"])
def test_requests_that_wait_for_others_do_not_all_wait_for_a_silent_server(code):
    """Before the user is accepted they go one after the other, so that their times would add up."""
    platform = fleet(12)

    def silence(_platform, _request):
        time.sleep(0.05)  # until all others wait
        return LostResponseError("No answer", code=code)

    platform.meet("GET", "/api/", silence, again=True)
    client = platform.client()

    def read(number):
        with pytest.raises(LostResponseError, match="No answer") as caught:
            get_settings(client, FAX_SETTINGS, number)
        return caught.value.halts

    with ThreadPoolExecutor(12) as pool:
        halting = list(pool.map(read, range(1, 13)))
    assert len(platform.sent) == 3
    assert sum(halting) == 9
    with pytest.raises(LostResponseError):
        get_settings(client, FAX_SETTINGS, 1)
    assert len(platform.sent) == 4  # it has not waited for another one


# ---- secrets in errors

UTF8 = "utf-8"
LATIN1 = "latin-1"


@pytest.mark.parametrize(
    ("secret", "charset"),
    [
        ("Geheim-Wort", UTF8),
        ('Geheim "Wort"', UTF8),
        ("Geheim\\Wort", UTF8),
        ("GeheimWört", UTF8),
        ("GeheimWört", LATIN1),
        ("Geheim 'Wört\"", LATIN1),
        ("Geheim\nWort", UTF8),
        ("Geheim€", UTF8),
    ],
)
def test_echoed_secrets_are_masked(secret, charset):
    """Errors that echo what is not ASCII are broken: Latin-1, or cut off at the end (observed.md, 25)."""
    leaks = []
    for filler in (0, 90, 100, 110, 120, 130, 140, 300):
        message = "x" * filler + f" field='secret_key', input='{secret}', errors='no'"
        body = json.dumps({"code": 422, "message": message}, ensure_ascii=False).encode(charset)
        for cut in (0,) if secret.isascii() else (0, 1, 2, 12, 20, 30):
            platform = fleet(1)
            platform.meet("PATCH", "/", Response(422, {"Content-Type": "application/json"}, body[: len(body) - cut]))
            with pytest.raises(RefusedError) as caught:
                patch_settings(platform.client(), FAX_SETTINGS, 1, PATCH, [secret])
            if "Gehei" in json.dumps(caught.value.as_dict()):
                leaks.append((filler, cut, caught.value.message))
    assert leaks == []


def test_an_error_that_can_be_read_is_shown_but_for_the_secret():
    platform = fleet(1)
    platform.meet("PATCH", "/", failure(422, "Validation failed. field='password', input='12', id 4712"))
    with pytest.raises(RefusedError) as caught:
        patch_settings(platform.client(), FAX_SETTINGS, 1, PATCH, ["12", None, ""])
    assert (
        caught.value.message
        == "The server responded with 422: Validation failed. field='password', input='********', id 4712"
    )


# ---- what the server says, as it may be shown


def test_what_decides_how_a_refused_fax_is_explained_is_never_masked():
    assert set(_send_answers._REASONS) <= FIXED_MESSAGES


HOSTILE = "bad \x1b]0;x\x07\r\nTASK [done] ***\nok: [localhost]\u202e\u2028"
SHOWN = r"bad \x1b]0;x\x07\r\nTASK [done] ***\nok: [localhost]\u202e\u2028"


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 429, 500, 502])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_what_the_server_says_is_one_printable_line(status, kind):
    platform = fleet(1)
    body = json.dumps({"code": status, "message": HOSTILE}) if kind.endswith("json") else HOSTILE
    platform.meet("GET", "/", Response(status, {"Content-Type": kind}, body.encode()), again=True)
    with pytest.raises(FaxError) as caught:
        get_settings(platform.client(), FAX_SETTINGS, 1)
    assert caught.value.message.isprintable()
    if kind.endswith("json"):
        assert SHOWN in caught.value.message


@pytest.mark.parametrize(
    "secret", ["Invalid", "user", "Invalid user", "Forbidden", "Banned", "Path", "not found", "license", "method"]
)
@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "Invalid user"),
        (403, "Banned"),
        (403, "Invalid license"),
        (403, "Forbidden"),
        (403, "Invalid HTTP method for read-only user"),
        (404, "Path not found"),
        (422, "Invalid subscriber fax preferences"),
    ],
)
def test_a_secret_does_not_change_what_an_error_is(status, message, secret):
    """Nor what the platform says in the same words to everybody."""
    errors = []
    for hidden in ((), [secret]):
        platform = fleet(1)
        platform.meet("GET", "/", failure(status, message))
        client = platform.client()
        client.hide(hidden)
        with pytest.raises(FaxError) as caught:
            get_settings(client, FAX_SETTINGS, 1)
        errors.append(caught.value.as_dict())
    assert errors[0] == errors[1]
    assert message in errors[0]["message"]


def test_hidden_secrets_are_masked_in_every_error_of_the_task():
    platform = fleet(1)
    platform.meet("GET", "/", failure(500, "no 'Geheim1' and Geheim2, Basic YWRtaW5pc3RyYXRvcjpwdw, pw"), again=True)
    client = platform.client()
    client.hide(["Geheim1", None, ""])
    with pytest.raises(ServerError) as caught:
        get_settings(client, FAX_SETTINGS, 1, secrets=["Geheim2"])
    assert caught.value.message.endswith("no '********' and ********, Basic ********, ********")
    client.begin()
    with pytest.raises(ServerError) as caught:
        get_settings(client, FAX_SETTINGS, 1)
    assert "'Geheim1' and Geheim2, Basic ********" in caught.value.message, "the next task has its own secrets"


@pytest.mark.parametrize("length", [480, 495, 500, 505, 4000, 100_000])
def test_a_secret_at_the_limit_of_a_message(length):
    platform = fleet(1)
    platform.meet("PATCH", "/", failure(422, f"{'.' * length}Geheim-Wort"))
    with pytest.raises(RefusedError) as caught:
        patch_settings(platform.client(), FAX_SETTINGS, 1, PATCH, ["Geheim-Wort"])
    assert "Gehe" not in caught.value.message
    assert len(caught.value.message) <= 540
