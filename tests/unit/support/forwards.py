# Copyright (c) 2026, ngcp.fax contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Situations of a subscriber in matters of call forwards, as tests write them down."""

from __future__ import annotations

from ansible_collections.ngcp.fax.plugins.module_utils._forwards.situation import (
    SET_NAME,
    DestinationSet,
    Entry,
    Situation,
)

ME, OTHER = 3, 9
NUMBER, OTHER_NUMBER = "4313", "4319"
BOX, OTHER_BOX = f"sip:fax={NUMBER}@fax2mail.local", f"sip:fax={OTHER_NUMBER}@fax2mail.local"
VOICEBOX = f"sip:vmu{NUMBER}@voicebox.local"

# Sets by the names that tests give them: ours, the subscriber's own ones, those of somebody else.
SETS = {
    "ours": DestinationSet(11, ME, SET_NAME, (BOX,)),
    "ours again": DestinationSet(12, ME, SET_NAME, (BOX,)),
    "ours old number": DestinationSet(13, ME, SET_NAME, (OTHER_BOX,)),
    "ours uuid": DestinationSet(14, ME, SET_NAME, ("sip:fax=6ba7b810-9dad-11d1-80b4-00c04fd430c8@fax2mail.local",)),
    "ours changed": DestinationSet(15, ME, SET_NAME, (VOICEBOX, BOX)),
    "ours empty": DestinationSet(16, ME, SET_NAME, ()),
    "ours later": DestinationSet(17, ME, SET_NAME, (BOX,)),
    "own": DestinationSet(21, ME, "quickset_cfu", (BOX,)),
    "own again": DestinationSet(22, ME, "fax", (BOX,)),
    "own before mr11.1": DestinationSet(23, ME, "fax", (f"sip:{NUMBER}@fax2mail.local",)),
    "own old number": DestinationSet(24, ME, "fax", (OTHER_BOX,)),
    "own dead": DestinationSet(25, ME, "fax", ("sip:fax=@fax2mail.local",)),
    "own in capitals": DestinationSet(26, ME, "fax", (f"sip:fax={NUMBER}@FAX2MAIL.LOCAL",)),
    "own voicebox": DestinationSet(27, ME, "vb", (VOICEBOX,)),
    "own number": DestinationSet(28, ME, "office", ("sip:43155500@example.org",)),
    "own with voicebox": DestinationSet(29, ME, "both", (VOICEBOX, BOX)),
    "own draft": DestinationSet(30, ME, "draft", ("sip: @example.org",)),
    "own empty": DestinationSet(31, ME, "empty", ()),
    "other box": DestinationSet(41, OTHER, SET_NAME, (OTHER_BOX,)),
    "other with my box": DestinationSet(42, OTHER, "fax", (BOX,)),
    "other voicebox": DestinationSet(43, OTHER, "vb", (VOICEBOX,)),
    "hidden": DestinationSet(51, OTHER, "secret", (OTHER_BOX,)),
}


def entry(name, **fields):
    """Return an entry that uses a set."""
    one = SETS[name]
    return Entry(one.id, one.name, **fields)


def off(name):
    """Return an entry that is disabled."""
    return entry(name, enabled=False)


def timed(name, kind="timeset"):
    """Return an entry that is restricted."""
    return entry(name, conditions=((kind, "office"),))


def situation(*unused, number=NUMBER, ring_timeout=None, usage=None, **entries):
    """Return a situation.

    :param unused: names of sets that no entry uses.
    :param usage: how often sets are used by everybody, by their names; None where the server does not say.
    :param entries: for each type's short name the entries, or the names of their sets.
    """
    mappings = {
        short: tuple(entry(one) if isinstance(one, str) else one for one in found) for short, found in entries.items()
    }
    used = {one.set_id for found in mappings.values() for one in found}
    names = [name for name, one in SETS.items() if name in unused or one.id in used]
    sets = {
        SETS[name].id: None if name == "hidden" else SETS[name]._replace(usage=(usage or {}).get(name))
        for name in names
    }
    return Situation(ME, number, mappings, sets, ring_timeout)
