# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to the collection ngcp.fax: its content may change at any time.
"""Whole documents of the settings resources: whether a response can be one, and its values in canonical form."""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import ProtocolError
from .fields import Field, members_problem
from .resources import Resource


def check_document(resource: Resource, document: Any) -> None:
    """Refuse what cannot be the settings of a subscriber: whatever else a server or a proxy answers in JSON would be
    taken for settings that are empty, and reported so.

    Which members a response has, and of which types, was seen on the platform; see :class:`fields.Field`.

    :param document: a decoded JSON response, or an item of a list.
    :raises ProtocolError: the document is not a dictionary, lacks a member that every response has, or has one with an
        impossible value. The message names the member, but not the value.
    """
    is_object = isinstance(document, Mapping)
    problem = members_problem(resource.fields, document) if is_object else "it is not an object"
    if problem:
        raise ProtocolError(f"The server's response does not contain {resource.title}: {problem}")


_OBJECT = frozenset((dict,))


def are_usual(resource: Resource, documents: Sequence[Any]) -> bool:
    """Return whether documents are certainly settings of the resource, by a quick check of all of them at once, because
    this is asked for every subscriber.

    :param documents: decoded JSON responses, or items of a list.
    """
    try:
        return _have_usual_types(resource.fields, documents) and all(
            _have_usual_types(field.elements, [*itertools.chain.from_iterable(map(_picker(field.name), documents))])
            for field in resource.lists
        )
    except KeyError:
        return False


def _have_usual_types(fields: Sequence[Field], documents: Sequence[Any]) -> bool:
    """Return whether all documents are dictionaries whose values have the usual types.

    :raises KeyError: one lacks a field.
    """
    return _OBJECT.issuperset(map(type, documents)) and all(
        field.usual_types.issuperset(map(type, map(_picker(field.name), documents))) for field in fields
    )


_picker = functools.cache(operator.itemgetter)


def canonical_settings(resource: Resource, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the managed fields of a server's document in canonical form.

    A missing list is an empty one. Other fields that the document lacks are left out: older servers do not have all.

    :param document: a response that :func:`check_document` let pass, or settings in canonical form.
    """
    settings = {}
    for field in resource.managed:
        if field.name in document or field.missing_is_empty:
            settings[field.name] = field.canonical(document.get(field.name))
    return settings


def shown_settings(resource: Resource, document: Mapping[str, Any], secrets: bool = False) -> dict[str, Any]:
    """Return what users get to see of a server's document: the managed fields, and those that the server owns.

    :param secrets: whether the secret ones are among them.
    """
    settings = canonical_settings(resource, document)
    shown = [field.name for field in resource.server_owned if field.name in document or not field.mandatory]
    settings.update({name: document.get(name) for name in shown})
    hidden = () if secrets else resource.secrets
    return {name: value for name, value in settings.items() if name not in hidden}
