# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.

"""What can go wrong, as exceptions that carry everything a user needs to act on."""

from __future__ import annotations

import traceback
from typing import Any

from ._wording import and_more, with_hints

# Codes of errors about responses that did not come in time, and about those that are too long to be read.
TIMEOUT = "timeout"
TOO_LARGE = "answer_too_large"


class FaxError(Exception):
    """Base of every error that the collection reports.

    :param message: one sentence for the user, free of secrets.
    :param code: machine-readable reason; each class has a default.
    :param http_status: status of the server's response, where there was one.
    :param retryable: whether running the same task again may help.
    :param hint: what the user can do about it.
    :param from_api: whether this is a response of the API itself, in the form of its errors. Only such a response
        settles the outcome of a write; after a response from a proxy, the platform may still have acted on the request.
    :param retry_after: seconds after which the server wants to be asked again, where it says so.
    :param halts: whether every further request would fail in the same way, which stops a run.
    """

    code = "error"
    retryable = False
    halts = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        http_status: int | None = None,
        retryable: bool | None = None,
        hint: str | None = None,
        from_api: bool = False,
        retry_after: float | None = None,
        halts: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.http_status = http_status
        self.retryable = self.retryable if retryable is None else retryable
        self.hint = hint
        self.from_api = from_api
        self.retry_after = retry_after
        self.halts = self.halts if halts is None else halts

    def __str__(self) -> str:
        """Return the message for users."""
        return self.message

    def full_message(self) -> str:
        """Return the message with its hint as one string, because consoles show nothing else."""
        return with_hints(str(self), [self.hint])

    def as_result(self) -> dict[str, Any]:
        """Return the result of a task that failed with this error."""
        return {"failed": True, "changed": False, "msg": self.full_message(), "error": self.as_dict()}

    def as_dict(self) -> dict[str, Any]:
        """Return the error in the shape that results carry."""
        return {
            "code": self.code,
            "http_status": self.http_status,
            "message": self.message,
            "retryable": self.retryable,
            "hint": self.hint,
        }


class InputError(FaxError):
    """A value of the task (or of a file that it names) is wrong. Found before the first write.

    :param entry: which entry is meant, for example ``subscribers[3] (alice@example.org)``.
    :param field: which field of the entry is meant, for example ``destinations[0].filetype``.
    :param index: position of the entry in the input.
    """

    code = "invalid_input"

    def __init__(
        self, message: str, *, entry: str = "", field: str = "", index: int | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.entry = entry
        self.field = field
        self.index = index

    def __str__(self) -> str:
        """Return the message with the place in front of it."""
        path = ", ".join(part for part in (self.entry, self.field) if part)
        return f"{path}: {self.message}" if path else self.message

    def as_dict(self) -> dict[str, Any]:
        """Return the error in the shape that results carry, with the place of the wrong value."""
        return {**super().as_dict(), "message": str(self), "entry": self.entry, "field": self.field}


class InputErrors(FaxError):
    """All errors in the input, reported at once.

    :param errors: at least one error, in the order of the input.
    """

    code = "invalid_input"
    shown = 10
    max_details = 100
    advice = "Nothing was written. Correct the input and run the task again."

    def __init__(self, errors: list[InputError]) -> None:
        shown = errors[: self.shown]
        hints = dict.fromkeys(error.hint for error in shown if error.hint)
        super().__init__(
            and_more([str(error) for error in shown], len(errors)),
            hint=" ".join([*hints, self.advice]),
        )
        self.errors = errors

    def as_dict(self) -> dict[str, Any]:
        """Return the error with one entry for each wrong value, as far as anybody would read them, and (only where
        there are more) how many more there are."""
        listed = self.errors[: self.max_details]
        details = [{"entry": e.entry, "field": e.field, "message": e.message} for e in listed]
        left_out = len(self.errors) - len(listed)
        first = self.errors[0]
        shown = {**super().as_dict(), "entry": first.entry, "field": first.field, "details": details}
        return {**shown, "details_left_out": left_out} if left_out else shown


class AccessError(FaxError):
    """The server refuses the user. Every further request would be refused as well, which stops a run."""

    code = "unauthorized"
    halts = True


class TooManyChangesError(FaxError):
    """More subscribers would change than ``max_changes`` allows. Nothing was written."""

    code = "too_many_changes"


class NotFoundError(FaxError):
    """The subscriber or entity does not exist, is terminated, or belongs to somebody else."""

    code = "not_found"


class AmbiguousError(FaxError):
    """More than one subscriber matches the key."""

    code = "ambiguous"


class RefusedError(FaxError):
    """The server refused this request permanently (4xx)."""

    code = "refused"


class ServerError(FaxError):
    """The server failed (5xx); it is not known whether a write was applied.

    :param page: whether the response is the panel's own error page, which recordings have for every error.
    """

    code = "server_error"
    retryable = True

    def __init__(self, message: str, *, page: bool = False, **more: Any) -> None:
        super().__init__(message, **more)
        self.page = page


class UnreachableError(FaxError):
    """No connection could be established; the request was never sent."""

    code = "connection_failed"
    retryable = True
    halts = True


class LostResponseError(FaxError):
    """The request was sent, but no whole response came back: the server may have acted on it."""

    code = "lost_answer"
    retryable = True


class ProtocolError(FaxError):
    """The response is not what the API promises (not JSON, another shape, somebody else's entity, a redirect)."""

    code = "unexpected_answer"


class ListChangedError(FaxError):
    """A list changed while its pages were read; entries may be missing."""

    code = "list_changed"
    retryable = True


class UnexpectedError(FaxError):
    """An error of the collection itself."""

    code = "unexpected"


def as_fax_error(error: BaseException) -> FaxError:
    """Return any exception as an error that can be reported. For an unforeseen exception the place is shown, but not
    its text, which may quote a value."""
    if isinstance(error, FaxError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].filename.rsplit('/', 1)[-1]}, line {frames[-1].lineno}" if frames else ""
    return UnexpectedError(
        f"Unexpected error in the collection ngcp.fax: {type(error).__name__}{where}. This is a bug: please report it."
    )


class UnverifiedError(FaxError):
    """A write was sent, but what the server holds now could not be confirmed."""

    code = "unverified"
    retryable = True
