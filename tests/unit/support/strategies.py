# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hypothesis strategies that are read off the resource tables, so that new fields are covered by themselves."""

from __future__ import annotations

from hypothesis import strategies as st

from ansible_collections.ngcp.fax.plugins.module_utils._resources import RESOURCES
from ansible_collections.ngcp.fax.plugins.module_utils._settings.fields import (
    MERGE,
    REPLACE,
    Address,
    Choice,
    Flag,
    Number,
    Pattern,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.list_fields import ABSENT, PRESENT, ListOf
from ansible_collections.ngcp.fax.plugins.module_utils._settings.plan import (
    ALWAYS,
    ON_CREATE,
    REPLACED,
    RESET,
    Policy,
)
from ansible_collections.ngcp.fax.plugins.module_utils._settings.values import canonical_settings

# Every generated secret holds it, and nothing else that is generated does.
SECRET_MARK = "SECRET"

# What the server can store: everything up to U+FFFF but surrogates. Other values never hold the mark of secrets.
TEXTS = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs",)), min_size=1, max_size=24).filter(
    lambda text: SECRET_MARK not in text
)
SECRETS = st.builds(
    lambda before, after: f"{before}{SECRET_MARK}{after}",
    st.text("ab1 'ä-", max_size=4),
    st.text('xy2 "ß_', max_size=4),
)
# Few names, in both cases, so that current and desired lists often name the same element.
EMAILS = st.builds(
    lambda user, host, upper: (user.upper() if upper else user) + "@" + host,
    st.sampled_from(("a", "b", "c", "mia", "o'neil")),
    st.sampled_from(("example.org", "Example.NET")),
    st.booleans(),
)
PATTERNS = st.sampled_from((None, "alice@example.org", r".*@example\.org", "10.0.0.1", "4319", "^43"))


def resources():
    """Return a strategy for the resource tables."""
    return st.sampled_from([resource for resource in RESOURCES if resource.has_whole_values])


def scalars(field):
    """Return a strategy for the canonical values of a field that is no list."""
    if isinstance(field, Flag):
        return st.booleans()
    if isinstance(field, Choice):
        return st.sampled_from(field.choices)
    if isinstance(field, Number):
        return st.integers(field.lowest, 100)
    if field.secret:
        return st.none() | SECRETS
    if isinstance(field, Address):
        return EMAILS
    if isinstance(field, Pattern):
        return PATTERNS
    return st.none() | TEXTS


def elements(field):
    """Return a strategy for the canonical elements of a list."""
    return st.fixed_dictionaries({part.name: scalars(part) for part in field.elements})


def identity(field, element):
    """Return what tells an element from the others, in the test's own words."""
    emails = {part.name for part in field.elements if isinstance(part, Address)}
    return tuple(element[name].lower() if name in emails else element[name] for name in field.key)


def lists(field, most=5):
    """Return a strategy for the canonical values of a list, in any order."""
    return st.lists(elements(field), max_size=most, unique_by=lambda element: identity(field, element))


@st.composite
def documents(draw, resource, complete=False):
    """Draw a document as the server may send it: integers for booleans, lists in any order, and missing ones unless
    it shall be complete."""
    document = {"id": 4711, "_links": {}}
    for field in resource.fields:
        if field.server_owned:
            document[field.name] = "2026-01-02 03:04:05"
        elif isinstance(field, ListOf):
            value = draw(lists(field))
            if value or complete or draw(st.booleans()):
                document[field.name] = value
        elif isinstance(field, Flag):
            document[field.name] = draw(st.sampled_from((True, False, 1, 0)))
        else:
            document[field.name] = draw(scalars(field))
    return document


def currents(resource):
    """Return a strategy for current settings in canonical form."""
    return documents(resource).map(lambda document: canonical_settings(resource, document))


@st.composite
def inputs(draw, resource):
    """Draw what a user may declare: any fields, with the elements of lists to be there or not."""
    declared = {}
    for field in resource.managed:
        if not draw(st.booleans()):
            continue
        if isinstance(field, ListOf):
            states = st.sampled_from((PRESENT, PRESENT, ABSENT))
            declared[field.name] = [{**element, "state": draw(states)} for element in draw(lists(field))]
        else:
            value = draw(scalars(field))
            declared[field.name] = "" if value is None else value
    if declared and resource.leading is not None:
        declared.setdefault(resource.leading, "none")
    return declared


def parsed(resource, declared):
    """Return declared values as the layers below get them; all lists may name elements that shall not be there."""
    fields = {field.name: field for field in resource.managed}
    return {name: fields[name].parse(value, MERGE) for name, value in declared.items()}


def policies(resource):
    """Return a strategy for all ways in which a declaration may be meant."""
    return st.builds(
        Policy,
        options=st.just({}),
        state=st.sampled_from((PRESENT, REPLACED, RESET)),
        secrets=st.fixed_dictionaries({name: st.sampled_from((ALWAYS, ON_CREATE)) for name in resource.secrets}),
        list_modes=st.fixed_dictionaries({field.name: st.sampled_from((REPLACE, MERGE)) for field in resource.lists}),
    )


@st.composite
def cases(draw):
    """Draw a resource, its current settings, a declaration and a policy."""
    resource = draw(resources())
    return resource, draw(currents(resource)), draw(inputs(resource)), draw(policies(resource))


# Secrets with everything that is escaped somewhere, and without what masks and lost characters look like.
UNICODE = st.text(
    st.characters(blacklist_categories=("Cs",)) | st.sampled_from("\n\r\t\0\"'\\\\/&<> %+äß€日😀"),
    min_size=4,
    max_size=12,
)
LONG_SECRETS = UNICODE.filter(lambda secret: len(secret.strip()) > 3 and not set(secret) & set("*\ufffd?"))
