# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors carry everything a user needs."""

from __future__ import annotations

import inspect

import pytest

from ansible_collections.ngcp.fax.plugins.module_utils import _errors
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError, InputErrors

KINDS = [
    kind
    for _name, kind in inspect.getmembers(_errors, inspect.isclass)
    if issubclass(kind, FaxError) and kind is not InputErrors
]
# A user runs the same task again after these: the rest needs a change first.
RETRYABLE = {"ServerError", "UnreachableError", "LostResponseError", "ListChangedError", "UnverifiedError"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_shape_of_errors(kind):
    error = kind("It failed").as_dict()
    assert set(error) >= {"code", "http_status", "message", "retryable", "hint"}
    assert error["message"] == "It failed"
    assert error["code"] == kind.code
    assert error["retryable"] is (kind.__name__ in RETRYABLE)


def test_codes_tell_errors_apart():
    codes = [kind.code for kind in KINDS if kind is not FaxError]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize(
    ("message", "hint", "text"),
    [
        ("It failed", None, "It failed"),
        ("It failed", "", "It failed"),
        ("It failed", "Try again.", "It failed. Try again."),
        ("It failed.", "Try again.", "It failed. Try again."),
        ("It failed …", "Try again.", "It failed … Try again."),
        ("Did it fail?", "Yes", "Did it fail? Yes"),
    ],
)
def test_the_full_message_says_what_can_be_done(message, hint, text):
    error = FaxError(message, hint=hint)
    assert error.full_message() == text
    assert (error.as_dict()["message"], error.as_dict()["hint"]) == (message, hint)
    assert InputError(message, field="x", hint=hint).full_message() == f"x: {text}"


def test_what_is_given_wins_over_the_class():
    error = _errors.UnverifiedError("x", code="stored_differently", http_status=200, retryable=False, hint="y")
    assert error.as_dict() == {
        "code": "stored_differently",
        "http_status": 200,
        "message": "x",
        "retryable": False,
        "hint": "y",
    }


@pytest.mark.parametrize(
    ("entry", "field", "text"),
    [
        ("", "", "is wrong"),
        ("subscribers[3] (a@b)", "", "subscribers[3] (a@b): is wrong"),
        ("", "api_url", "api_url: is wrong"),
        ("row 5", "name", "row 5, name: is wrong"),
    ],
)
def test_wrong_input_names_its_place(entry, field, text):
    error = InputError("is wrong", entry=entry, field=field)
    assert str(error) == error.as_dict()["message"] == text
    assert (error.as_dict()["entry"], error.as_dict()["field"]) == (entry, field)


@pytest.mark.parametrize(("count", "shown", "more"), [(1, 1, ""), (10, 10, ""), (11, 10, "; and 1 more")])
def test_several_wrong_values(count, shown, more):
    error = InputErrors([InputError("is wrong", entry=f"row {index}", field="name") for index in range(count)])
    assert error.message.count("is wrong") == shown
    assert error.message.endswith(f"row {shown - 1}, name: is wrong{more}")
    assert len(error.as_dict()["details"]) == count
    assert error.hint.startswith("Nothing was written.")


def test_of_thousands_of_wrong_values_the_first_are_listed():
    many = InputErrors([InputError(f"is wrong {number}", field="a") for number in range(2000)])
    shown = many.as_dict()
    assert [detail["message"] for detail in shown["details"]] == [f"is wrong {number}" for number in range(100)]
    assert shown["details_left_out"] == 1900
    assert many.message.endswith("a: is wrong 9; and 1990 more")
    assert len(many.errors) == 2000
    assert "details_left_out" not in InputErrors(many.errors[:100]).as_dict()


def test_hints_of_wrong_values_are_told_once():
    hints = ("Quote it.", None, "Quote it.", "Leave it out.")
    errors = InputErrors([InputError("is wrong", field="a", hint=hint) for hint in hints])
    assert errors.hint == "Quote it. Leave it out. Nothing was written. Correct the input and run the task again."
    assert errors.full_message() == f"{errors.message}. {errors.hint}"
