# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The tasks that would remove reasons, as YAML that can be pasted into a playbook. Pure.

Values of the server stand in them, and a playbook is templated: what a value could smuggle in is tagged ``!unsafe``, so
that Ansible takes it as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._settings.diff import yaml_scalar

# What begins something in a template.
_TEMPLATE_SIGNS = ("{{", "{%", "{#")


class Variable(NamedTuple):
    """A value that only the user knows. The task fails and names the variable as long as it is not set."""

    name: str


def task(title: str, module: str, subscriber_id: int, options: Mapping[str, Any]) -> str:
    """Return a task of the collection for one subscriber.

    :param title: what it does; our own words.
    :param module: name of the module within the collection.
    :param options: values, :class:`Variable`, and lists of dictionaries of these.
    """
    lines = [f"- name: {yaml_scalar(title)}", f"  ngcp.fax.{module}:"]
    for name, value in {"subscriber_id": subscriber_id, **options}.items():
        lines += _option_lines(name, value)
    return "\n".join(lines) + "\n"


def _option_lines(name: str, value: Any) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, (str, Variable)):
        return [f"    {name}:", *(line for element in value for line in _element_lines(element))]
    return [f"    {name}: {_scalar(value)}"]


def _element_lines(element: Mapping[str, Any]) -> list[str]:
    return [
        f"      {'  ' if position else '- '}{name}: {_scalar(value)}"
        for position, (name, value) in enumerate(element.items())
    ]


def _scalar(value: Any) -> str:
    if isinstance(value, Variable):
        return f'"{{{{ {value.name} }}}}"'
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    shown = yaml_scalar(value)
    return f"!unsafe {shown}" if any(sign in shown for sign in _TEMPLATE_SIGNS) else shown


def switch_on(subscriber_id: int, refused: Sequence[str] = ()) -> str:
    """Return the task that switches the fax service on.

    :param refused: addresses that the platform would not take any more; they have to go in the same request.
    """
    options = {"active": True, **(_merged([], refused) if refused else {})}
    return task("Switch the fax service on", "fax_settings", subscriber_id, options)


def deliver_to(subscriber_id: int, destination: Mapping[str, Any], refused: Sequence[str] = ()) -> str:
    """Return the task that lets a destination get the received faxes.

    :param destination: all of its members; what is not given would fall back to its default.
    :param refused: as for :func:`switch_on`.
    """
    options = _merged([{**destination, "incoming": True}], refused)
    return task("Mail received faxes to the destination", "fax_settings", subscriber_id, options)


def add_destination(subscriber_id: int, refused: Sequence[str] = ()) -> str:
    """Return the task that adds a destination for received faxes, whose address only the user knows.

    :param refused: as for :func:`switch_on`.
    """
    element = {"destination": Variable("fax_destination"), "filetype": "PDF", "incoming": True, "outgoing": False}
    options = _merged([{**element, "status": False}], refused)
    return task("Mail received faxes to somebody", "fax_settings", subscriber_id, options)


def remove_destinations(subscriber_id: int, refused: Sequence[str]) -> str:
    """Return the task that removes destinations.

    :param refused: as for :func:`switch_on`.
    """
    return task("Remove what the platform refuses", "fax_settings", subscriber_id, _merged([], refused))


def _merged(wanted: Sequence[Mapping[str, Any]], refused: Sequence[str]) -> dict[str, Any]:
    """Return the options that add or change destinations and remove others."""
    unwanted = [{"destination": address, "state": "absent"} for address in refused]
    return {"destinations_mode": "merge", "destinations": [*wanted, *unwanted]}


def switch_mail_on(subscriber_id: int) -> str:
    """Return the task that switches mail to fax on."""
    return task("Switch mail to fax on", "mail2fax_settings", subscriber_id, {"active": True})


def set_key(subscriber_id: int) -> str:
    """Return the task that gives mail to fax a secret key, which only the user knows."""
    options = {"secret_key": Variable("mail2fax_secret_key"), "update_secret_key": "on_create"}
    return task("Set the secret key of mail to fax", "mail2fax_settings", subscriber_id, options)


def notify_of_renewal(subscriber_id: int) -> str:
    """Return the task that names somebody who gets renewed keys."""
    element = {"destination": Variable("mail2fax_key_recipient")}
    options = {"secret_renew_notify_mode": "merge", "secret_renew_notify": [element]}
    return task("Mail renewed keys to somebody", "mail2fax_settings", subscriber_id, options)


def forward_to_fax_box(subscriber_id: int, replace_foreign: bool = False) -> str:
    """Return the task that forwards all calls to the subscriber's own fax box.

    :param replace_foreign: whether forwards that somebody else has set are replaced.
    """
    options = {"forward": "unconditional", **({"replace_foreign": True} if replace_foreign else {})}
    return task("Forward all calls to the fax box", "fax_forward", subscriber_id, options)
