# Copyright: (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Where the engine meets Ansible: arguments in, results out. The only file of ``module_utils`` that knows Ansible."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.ngcp.fax.plugins.module_utils import _plan, _transport
from ansible_collections.ngcp.fax.plugins.module_utils._argument_spec import connection_options
from ansible_collections.ngcp.fax.plugins.module_utils._errors import FaxError, InputError
from ansible_collections.ngcp.fax.plugins.module_utils._redact import CREDENTIALS, MASK, mask_text, mask_value

Work = Callable[..., Mapping[str, Any]]


class FaxModule(AnsibleModule):
    """An Ansible module of the collection.

    Differs from its base in three ways, all for the sake of secrets and of fleets with thousands of entries:

    * The entries of ``subscribers`` are kept away from Ansible's own validation, which cannot name the wrong entry, and
      from its ``no_log`` pass, whose cost is the number of secrets times the size of the result. The collection
      validates them itself and masks by field.
    * What is logged on the managed host holds no arguments.
    * Results are masked by field before they get here, so that the text replacement of ``no_log`` (which would take
      ``4712`` apart for a secret ``12``) is switched off for them; it stays on for Ansible's own failures.
    """

    def __init__(self, argument_spec: Mapping[str, Any], **options: Any) -> None:
        self.entries: Any = None
        self._raises = False
        spec = {**connection_options(), **argument_spec}
        super().__init__(
            argument_spec={name: _with_fallback(option) for name, option in spec.items()},
            supports_check_mode=True,
            **options,
        )

    def _load_params(self) -> None:
        super()._load_params()
        if self.params.get("subscribers") is not None:
            self.entries = self.params["subscribers"]
            self.params["subscribers"] = []

    def _log_invocation(self) -> None:
        entries = self.entries if isinstance(self.entries, list) else []
        self.log(f"Invoked for {len(entries)} entries" if entries else "Invoked for one subscriber or a selection")

    def require_libraries(self) -> None:
        """Fail with Ansible's usual message where a library is missing."""
        for name, trace in (
            ("requests", _transport.REQUESTS_IMPORT_ERROR),
            ("jsonpatch", _plan.JSONPATCH_IMPORT_ERROR),
        ):
            if trace is not None:
                self.fail_json(msg=missing_required_lib(name), exception=trace)

    def set_attributes(self, path: str) -> bool:
        """Give a file the mode, owner and group that the task names.

        :return: whether that changed (in check mode: would change) something.
        :raises FaxError: it is not possible.
        """
        self._raises = True
        try:
            return bool(self.set_fs_attributes_if_different(self.load_file_common_arguments(self.params, path), False))
        finally:
            self._raises = False

    def fail_json(self, msg: str, **more: Any) -> Any:
        """End the task with a failure; while attributes are set, only tell that this failed."""
        if self._raises:
            raise FaxError(f"{msg} ({more.get('path', '')})", code="attributes")
        return super().fail_json(msg, **more)

    def finish(self, result: Mapping[str, Any], secrets: Sequence[str]) -> None:
        """End the task with a result whose secrets are masked already.

        :param secrets: names of the options that are secret, to be masked in the shown invocation.
        """
        self.no_log_values: set[str] = set()
        invocation = {"module_args": self._shown_arguments(secrets)}
        if result.get("failed"):
            self.fail_json(**{**result, "invocation": invocation})
        self.exit_json(**{**result, "invocation": invocation})

    def _shown_arguments(self, secrets: Sequence[str]) -> dict[str, Any]:
        hidden = {*secrets, *CREDENTIALS}
        if "@" in str(self.params.get("api_url")):
            hidden.add("api_url")
        shown = {name: mask_value(value) if name in hidden else value for name, value in self.params.items()}
        if self.entries is not None:
            count = len(self.entries) if isinstance(self.entries, list) else 0
            shown["subscribers"] = [f"{count} entries, not shown"]
        return shown


def run_module(
    argument_spec: Mapping[str, Any],
    work: Work,
    secrets: Sequence[str] = (),
    hidden: Sequence[str] = (),
    makes_files: bool = False,
) -> None:
    """Run a module: read its arguments, do its work, and end the task with the result or the error.

    :param argument_spec: the module's options beside the connection's.
    :param work: takes the options, the raw ``subscribers`` and whether this is check mode; returns the result; may
        raise :class:`_errors.FaxError`.
    :param secrets: names of the module's secret options.
    :param hidden: names of options that are not shown, but too long to be looked for in texts.
    :param makes_files: whether the work also takes ``set_attributes``, a function that gives a file the task's mode,
        owner and group and returns whether that changes something.
    """
    module = FaxModule(argument_spec)
    module.require_libraries()
    if makes_files:
        work = partial(work, set_attributes=module.set_attributes)
    try:
        result = dict(work(module.params, module.entries, module.check_mode))
    except FaxError as error:
        result = {"failed": True, "changed": False, "msg": _message(error), "error": error.as_dict()}
    except Exception as error:  # pylint: disable=broad-except
        result = _unexpected(error)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    _mask_failure(module, result, secrets)
    module.finish(result, (*secrets, *hidden))


def _message(error: FaxError) -> str:
    return str(error) if isinstance(error, InputError) else error.message


def _unexpected(error: Exception) -> dict[str, Any]:
    """Return the result for an error of the collection itself: where it happened, but not the error's text, which may
    quote a value."""
    place = "".join(traceback.format_tb(error.__traceback__))
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{last.filename.rsplit('/', 1)[-1]}, line {last.lineno}"
    message = (
        f"Unexpected error in the collection ngcp.fax: {type(error).__name__} in {where}. "
        "This is a bug: please report it."
    )
    return {
        "failed": True,
        "changed": False,
        "msg": message,
        "error": FaxError(message, code="unexpected").as_dict(),
        "exception": f"{place}{type(error).__name__}: {MASK}",
    }


def _mask_failure(module: FaxModule, result: dict[str, Any], secrets: Sequence[str]) -> None:
    """Mask what the task's own secrets may have brought into the texts of a failure."""
    values = [module.params.get(name) for name in (*secrets, *CREDENTIALS)]
    for name in ("msg", "error"):
        if name in result:
            result[name] = _masked(result[name], values)


def _masked(value: Any, secrets: Sequence[Any]) -> Any:
    """Return a copy of a value with the secrets masked in every text of it."""
    if isinstance(value, str):
        return mask_text(value, secrets)
    if isinstance(value, dict):
        return {name: _masked(part, secrets) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(part, secrets) for part in value]
    return value


def _with_fallback(option: Mapping[str, Any]) -> dict[str, Any]:
    """Return an option whose ``environment`` is turned into Ansible's fallback."""
    spec = {name: value for name, value in option.items() if name != "environment"}
    if "environment" in option:
        spec["fallback"] = (env_fallback, [option["environment"]])
    return spec
