-- Copyright (c) 2026, ngcp.fax contributors
-- GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later

-- The tables behind the call forwards. Row ids come from forwards/store.py, which counts like the platform's database.
-- Only source and B-number sets have names that are unique within a subscriber. Whoever deletes a set deletes the
-- mappings that use it, whoever's they are; the preferences do not notice.

CREATE TABLE cf_destination_sets (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    collation_key TEXT NOT NULL
);
CREATE INDEX cf_destination_sets_by_subscriber ON cf_destination_sets (subscriber_id, collation_key);

CREATE TABLE cf_destinations (
    id INTEGER PRIMARY KEY,
    set_id INTEGER NOT NULL REFERENCES cf_destination_sets (id) ON DELETE CASCADE,
    destination TEXT NOT NULL,
    priority INTEGER,
    timeout INTEGER NOT NULL DEFAULT 300,
    announcement_id INTEGER
);
CREATE INDEX cf_destinations_by_set ON cf_destinations (set_id);

CREATE TABLE cf_time_sets (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    collation_key TEXT NOT NULL
);
CREATE INDEX cf_time_sets_by_subscriber ON cf_time_sets (subscriber_id, collation_key);

CREATE TABLE cf_periods (
    id INTEGER PRIMARY KEY,
    set_id INTEGER NOT NULL REFERENCES cf_time_sets (id) ON DELETE CASCADE,
    year TEXT,
    month TEXT,
    mday TEXT,
    wday TEXT,
    hour TEXT,
    minute TEXT
);
CREATE INDEX cf_periods_by_set ON cf_periods (set_id);

CREATE TABLE cf_source_sets (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    collation_key TEXT NOT NULL,
    mode TEXT NOT NULL DEFAULT 'whitelist',
    is_regex INTEGER NOT NULL DEFAULT 0,
    UNIQUE (subscriber_id, collation_key)
);

CREATE TABLE cf_sources (
    id INTEGER PRIMARY KEY,
    set_id INTEGER NOT NULL REFERENCES cf_source_sets (id) ON DELETE CASCADE,
    source TEXT NOT NULL
);
CREATE INDEX cf_sources_by_set ON cf_sources (set_id);

CREATE TABLE cf_bnumber_sets (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    collation_key TEXT NOT NULL,
    mode TEXT NOT NULL DEFAULT 'whitelist',
    is_regex INTEGER NOT NULL DEFAULT 0,
    UNIQUE (subscriber_id, collation_key)
);

CREATE TABLE cf_bnumbers (
    id INTEGER PRIMARY KEY,
    set_id INTEGER NOT NULL REFERENCES cf_bnumber_sets (id) ON DELETE CASCADE,
    bnumber TEXT NOT NULL
);
CREATE INDEX cf_bnumbers_by_set ON cf_bnumbers (set_id);

CREATE TABLE cf_mappings (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    destination_set_id INTEGER REFERENCES cf_destination_sets (id) ON DELETE CASCADE,
    time_set_id INTEGER REFERENCES cf_time_sets (id) ON DELETE CASCADE,
    source_set_id INTEGER REFERENCES cf_source_sets (id) ON DELETE CASCADE,
    bnumber_set_id INTEGER REFERENCES cf_bnumber_sets (id) ON DELETE CASCADE,
    enabled INTEGER NOT NULL DEFAULT 1,
    use_redirection INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX cf_mappings_by_subscriber ON cf_mappings (subscriber_id);
CREATE INDEX cf_mappings_by_destination_set ON cf_mappings (destination_set_id);
CREATE INDEX cf_mappings_by_time_set ON cf_mappings (time_set_id);
CREATE INDEX cf_mappings_by_source_set ON cf_mappings (source_set_id);
CREATE INDEX cf_mappings_by_bnumber_set ON cf_mappings (bnumber_set_id);

-- The hidden preferences that switch the proxy: one for each type, whose value is the id of a mapping, and `ringtimeout`.
CREATE TABLE cf_preferences (
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    attribute TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (subscriber_id, attribute)
);

CREATE TABLE subscriber_profiles (
    id INTEGER PRIMARY KEY,
    reseller_id INTEGER NOT NULL,
    profile_set_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    set_default INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE subscriber_profile_attributes (
    profile_id INTEGER NOT NULL REFERENCES subscriber_profiles (id) ON DELETE CASCADE,
    attribute TEXT NOT NULL,
    PRIMARY KEY (profile_id, attribute)
);
