-- Copyright (c) 2026, ngcp.fax contributors
-- GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later

-- The tables behind the fax service. Defaults, NOT NULL and unique keys are the platform's own:
-- what a client leaves out of a PUT becomes what stands here.

CREATE TABLE resellers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);

CREATE TABLE customers (
    id INTEGER PRIMARY KEY,
    reseller_id INTEGER NOT NULL,
    contact_id INTEGER,
    external_id TEXT COLLATE NOCASE,
    status TEXT NOT NULL DEFAULT 'active',
    type TEXT NOT NULL DEFAULT 'sipaccount',
    create_timestamp REAL NOT NULL,
    modify_timestamp REAL NOT NULL
);

CREATE TABLE domains (
    id INTEGER PRIMARY KEY,
    reseller_id INTEGER NOT NULL,
    domain TEXT NOT NULL COLLATE NOCASE UNIQUE
);

CREATE TABLE subscribers (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL COLLATE NOCASE,
    domain_id INTEGER NOT NULL REFERENCES domains (id),
    contract_id INTEGER NOT NULL REFERENCES customers (id),
    reseller_id INTEGER NOT NULL,
    external_id TEXT COLLATE NOCASE,
    status TEXT NOT NULL DEFAULT 'active',
    webusername TEXT COLLATE NOCASE,
    webpassword TEXT,
    administrative INTEGER NOT NULL DEFAULT 0,
    display_name TEXT COLLATE NOCASE,
    email TEXT,
    timezone TEXT,
    lock INTEGER,
    profile_id INTEGER,
    profile_set_id INTEGER,
    create_timestamp REAL NOT NULL,
    modify_timestamp REAL NOT NULL,
    UNIQUE (username, domain_id)
);
CREATE INDEX subscribers_by_external_id ON subscribers (external_id);
CREATE INDEX subscribers_by_webusername ON subscribers (webusername);
CREATE INDEX subscribers_by_contract ON subscribers (contract_id);

CREATE TABLE numbers (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    cc TEXT NOT NULL,
    ac TEXT NOT NULL,
    sn TEXT NOT NULL,
    number TEXT NOT NULL COLLATE NOCASE,
    is_primary INTEGER NOT NULL DEFAULT 0,
    is_devid INTEGER NOT NULL DEFAULT 0,
    UNIQUE (cc, ac, sn)
);
CREATE INDEX numbers_by_number ON numbers (number);
CREATE INDEX numbers_by_subscriber ON numbers (subscriber_id);

-- Fax settings: one row and n destinations; every write deletes and inserts them.
CREATE TABLE fax_preferences (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL UNIQUE REFERENCES subscribers (id) ON DELETE CASCADE,
    password TEXT,
    name TEXT,
    active INTEGER NOT NULL DEFAULT 0,
    send_status INTEGER NOT NULL DEFAULT 1,
    send_copy INTEGER NOT NULL DEFAULT 1,
    t38 INTEGER NOT NULL DEFAULT 1,
    ecm INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE fax_destinations (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    destination TEXT NOT NULL,
    collation_key TEXT NOT NULL,
    filetype TEXT NOT NULL,
    cc INTEGER NOT NULL DEFAULT 0,
    incoming INTEGER NOT NULL DEFAULT 1,
    outgoing INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0,
    UNIQUE (subscriber_id, collation_key)
);

CREATE TABLE mail_preferences (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL UNIQUE REFERENCES subscribers (id) ON DELETE CASCADE,
    active INTEGER NOT NULL DEFAULT 0,
    secret_key TEXT,
    last_secret_key_modify REAL,
    secret_key_renew TEXT NOT NULL DEFAULT 'never'
);

CREATE TABLE mail_notify (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    destination TEXT NOT NULL,
    collation_key TEXT NOT NULL,
    UNIQUE (subscriber_id, collation_key)
);

CREATE TABLE mail_acl (
    id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    from_email TEXT,
    received_from TEXT,
    destination TEXT,
    use_regex INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX mail_acl_by_subscriber ON mail_acl (subscriber_id);

-- The journal of faxes and their images. The images hang on the session id, which is not unique:
-- deleting one side of a fax between two local subscribers takes the image of the other side, too.
CREATE TABLE fax_journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber_id INTEGER NOT NULL REFERENCES subscribers (id) ON DELETE CASCADE,
    time REAL NOT NULL,
    direction TEXT NOT NULL,
    duration INTEGER NOT NULL DEFAULT 0,
    caller TEXT NOT NULL DEFAULT '',
    callee TEXT NOT NULL DEFAULT '',
    pages INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    signal_rate INTEGER NOT NULL DEFAULT 0,
    quality TEXT NOT NULL DEFAULT '',
    filename TEXT NOT NULL DEFAULT '',
    sid TEXT NOT NULL,
    outcome TEXT,
    sending_at REAL,
    done_at REAL
);
CREATE INDEX fax_journal_by_subscriber ON fax_journal (subscriber_id);
CREATE INDEX fax_journal_by_sid ON fax_journal (sid);
CREATE INDEX fax_journal_under_way ON fax_journal (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE fax_images (
    sid TEXT NOT NULL PRIMARY KEY,
    image BLOB NOT NULL
);
CREATE TRIGGER fax_images_cascade AFTER DELETE ON fax_journal BEGIN
    DELETE FROM fax_images WHERE sid = OLD.sid;
END;

-- What a POST really handed to the fax layer; no client can read it, tests can.
CREATE TABLE fax_jobs (
    journal_id INTEGER PRIMARY KEY,
    subscriber_id INTEGER NOT NULL,
    destination TEXT NOT NULL,
    data TEXT,
    filename TEXT,
    document BLOB
);
