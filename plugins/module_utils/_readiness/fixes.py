# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""The tasks that would remove reasons, as YAML that can be pasted into a playbook. Pure.

Values of the server stand in them, and a playbook is templated: what a value could smuggle in is tagged ``!unsafe``, so
that Ansible takes it as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._settings.diff import yaml_scalar

# What begins something in a template.
_TEMPLATE_SIGNS = ("{{", "{%", "{#")


class Variable(NamedTuple):
    """A value that only the user knows. The task fails and names the variable as long as it is not set."""

    name: str


class Fix(NamedTuple):
    """A task of the collection.

    :param title: what it does; our own words.
    :param module: name of the module within the collection.
    :param options: values, :class:`Variable`, and lists of dictionaries of these.
    """

    title: str
    module: str
    options: Mapping[str, Any]

    @property
    def is_shared(self) -> bool:
        """Whether one task can be meant for several subscribers: not where only the user knows a value, because a key
        or an address is hardly the same for all of them."""
        return not any(isinstance(value, Variable) for value in _scalars(self.options))

    def text(self, subscriber_ids: Sequence[int]) -> str:
        """Return the task as YAML, for one subscriber or for several at once."""
        if len(subscriber_ids) == 1:
            who: dict[str, Any] = {"subscriber_id": subscriber_ids[0]}
        else:
            who = {"subscribers": [{"subscriber_id": one} for one in subscriber_ids]}
        lines = [f"- name: {yaml_scalar(self.title)}", f"  ngcp.fax.{self.module}:"]
        for name, value in {**who, **self.options}.items():
            lines += _option_lines(name, value)
        return "\n".join(lines) + "\n"


def _scalars(options: Mapping[str, Any]) -> Iterator[Any]:
    for value in options.values():
        if isinstance(value, list):
            yield from (part for element in value for part in element.values())
        else:
            yield value


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


def switch_on(refused: Sequence[str] = ()) -> Fix:
    """Return the task that switches the fax service on.

    :param refused: addresses that the platform would not take any more; they have to go in the same request.
    """
    options = {"active": True, **(_merged([], refused) if refused else {})}
    return Fix("Switch on the fax service", "fax_settings", options)


def deliver_to(destination: Mapping[str, Any], refused: Sequence[str] = ()) -> Fix:
    """Return the task that lets a destination get the received faxes.

    :param destination: all of its members; what is not given would fall back to its default.
    :param refused: as for :func:`switch_on`.
    """
    options = _merged([{**destination, "incoming": True}], refused)
    return Fix("Send received faxes to the destination", "fax_settings", options)


def add_destination(refused: Sequence[str] = ()) -> Fix:
    """Return the task that adds a destination for received faxes, whose address only the user knows.

    :param refused: as for :func:`switch_on`.
    """
    element = {"destination": Variable("fax_destination"), "filetype": "PDF", "incoming": True, "outgoing": False}
    options = _merged([{**element, "status": False}], refused)
    return Fix("Send received faxes to an e-mail address", "fax_settings", options)


def remove_destinations(refused: Sequence[str]) -> Fix:
    """Return the task that removes destinations.

    :param refused: as for :func:`switch_on`.
    """
    return Fix("Remove the addresses that the platform refuses", "fax_settings", _merged([], refused))


def _merged(wanted: Sequence[Mapping[str, Any]], refused: Sequence[str]) -> dict[str, Any]:
    """Return the options that add or change destinations and remove others."""
    unwanted = [{"destination": address, "state": "absent"} for address in refused]
    return {"destinations_mode": "merge", "destinations": [*wanted, *unwanted]}


def switch_mail_on() -> Fix:
    """Return the task that switches mail to fax on."""
    return Fix("Switch on mail to fax", "mail2fax_settings", {"active": True})


def set_key() -> Fix:
    """Return the task that gives mail to fax a secret key, which only the user knows."""
    options = {"secret_key": Variable("mail2fax_secret_key"), "update_secret_key": "on_create"}
    return Fix("Set the secret key of mail to fax", "mail2fax_settings", options)


def notify_of_renewal() -> Fix:
    """Return the task that names somebody who gets renewed keys."""
    element = {"destination": Variable("mail2fax_key_recipient")}
    options = {"secret_renew_notify_mode": "merge", "secret_renew_notify": [element]}
    return Fix("Send renewed keys to an e-mail address", "mail2fax_settings", options)


def forward_to_fax_box(replace_foreign: bool = False) -> Fix:
    """Return the task that forwards all calls to the subscriber's own fax box.

    :param replace_foreign: whether forwards that somebody else has set are replaced.
    """
    options = {"forward": "unconditional", **({"replace_foreign": True} if replace_foreign else {})}
    return Fix("Forward all calls to the fax box", "fax_forward", options)
