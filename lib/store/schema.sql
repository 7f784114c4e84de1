-- The store of mado: every table, and what each column is for.
--
-- Times are seconds since 1970. Texts are UTF-8. Numbers that name a row of another table are its id.
-- This is version 1, which stores out there have: it stays as it is. What came later stands in schema-2.sql
-- and so on, each a step in migrate.c that a new store takes too. The index for searches is not here: it is
-- the one thing that only SQLite has, and stands in search.c.

-- What the store knows of itself.
CREATE TABLE meta (
    name TEXT PRIMARY KEY NOT NULL,   -- 'journal' or 'schema'
    number INTEGER NOT NULL,          -- journal: how many rows were written
    text TEXT NOT NULL                -- journal: hash of the last row; schema: SHA-256 of all definitions
) STRICT, WITHOUT ROWID;

-- Values that are made once and never leave the store.
CREATE TABLE secret (
    name TEXT PRIMARY KEY NOT NULL,   -- what it is for: 'token'
    bytes BLOB NOT NULL               -- random
) STRICT, WITHOUT ROWID;

-- The last number that was given, a row a year.
CREATE TABLE counter (
    year INTEGER PRIMARY KEY NOT NULL, -- of the incidents
    last INTEGER NOT NULL              -- sequence of the newest one
) STRICT;

CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- ours, never told outside
    year INTEGER NOT NULL,            -- first part of the number
    sequence INTEGER NOT NULL,        -- second part, counts from 1 each year
    number TEXT NOT NULL UNIQUE,      -- the whole as people write it: '2026-0042-K7'
    state TEXT NOT NULL               -- where the work stands
        CHECK (state IN ('new', 'open', 'waiting', 'embargo', 'closed', 'rejected')),
    severity TEXT NOT NULL            -- how bad
        CHECK (severity IN ('critical', 'high', 'medium', 'low')),
    category TEXT NOT NULL,           -- by the taxonomy in use: 'phishing'
    label TEXT NOT NULL,              -- strictest handling label of its parts: 'TLP:AMBER'
    handler TEXT NOT NULL DEFAULT '', -- user name of the operator in charge; '' for nobody
    subject TEXT NOT NULL,            -- of the first mail
    reporter_name TEXT NOT NULL,      -- as the first mail has it
    reporter_addr TEXT NOT NULL,      -- likewise
    opened_at INTEGER NOT NULL,       -- when it got its number
    updated_at INTEGER NOT NULL,      -- latest change or mail
    indexed INTEGER NOT NULL DEFAULT 0, -- 1 while the search index has its number and subject
    UNIQUE (sequence, year)
) STRICT;
-- Pages of all incidents; holds all that a listing filters by, so that rows passed over are not read.
CREATE INDEX incident_listed ON incident (updated_at, id, state, severity, category, handler);
-- Pages of those with work left, however many are closed.
CREATE INDEX incident_unfinished ON incident (updated_at, id, severity, category, handler)
    WHERE state NOT IN ('closed', 'rejected');
-- Counts for the overview.
CREATE INDEX incident_state ON incident (state, opened_at);

-- Who has written to, or been written to in, an incident.
CREATE TABLE correspondent (
    incident INTEGER NOT NULL REFERENCES incident (id), -- in which
    address TEXT NOT NULL,            -- in lower case
    PRIMARY KEY (incident, address)
) STRICT, WITHOUT ROWID;

-- A mail as it arrived: equal bytes are one row.
CREATE TABLE mail (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- ours, in order of arrival
    sha256 TEXT NOT NULL UNIQUE,      -- of the bytes, in hex
    size INTEGER NOT NULL,            -- in bytes
    arrived_at INTEGER NOT NULL,      -- first time
    source TEXT NOT NULL,             -- from where, that time
    attempts INTEGER NOT NULL DEFAULT 0, -- how often a reader was given it; counted before it looks inside
    deaths INTEGER NOT NULL DEFAULT 0, -- how often a reader died of it, or its facts could not be kept
    ledger TEXT NOT NULL DEFAULT ''   -- the one place where it ended; '' while it waits
        CHECK (ledger IN ('', 'incident', 'pending', 'feed', 'bounce', 'machine', 'spam',
            'unreadable', 'quarantine', 'copy')),
    incident INTEGER REFERENCES incident (id), -- that it opened or joined; NULL for none
    claims TEXT NOT NULL DEFAULT '',  -- number of an incident that a stranger quotes; '' for none
    why TEXT NOT NULL DEFAULT '',     -- a clause for the operator: why it ended there
    settled_at INTEGER                -- when it was decided; NULL while it waits
) STRICT;
-- The sum of the ledger, its listings, and the mails that wait.
CREATE INDEX mail_ledger ON mail (ledger, id);
CREATE INDEX mail_incident ON mail (incident, id) WHERE incident IS NOT NULL;

-- The bytes of a mail, 1 MB a row, so that size costs no memory.
CREATE TABLE mail_chunk (
    mail INTEGER NOT NULL REFERENCES mail (id), -- whose
    place INTEGER NOT NULL,           -- counts from 0
    bytes BLOB NOT NULL,              -- as they came
    PRIMARY KEY (mail, place)
) STRICT;

-- Each time that a mail was handed over to us.
CREATE TABLE arrival (
    id INTEGER PRIMARY KEY,           -- in order of arrival
    mail INTEGER NOT NULL REFERENCES mail (id), -- what came
    source TEXT NOT NULL,             -- name of the mailbox in the configuration
    validity INTEGER NOT NULL,        -- UIDVALIDITY of the mailbox, 0 where there is no such thing
    uid TEXT NOT NULL,                -- the mailbox's own name of it
    at INTEGER NOT NULL,              -- when
    again INTEGER NOT NULL,           -- 1 if we had these bytes already
    UNIQUE (source, validity, uid, mail)
) STRICT;
CREATE INDEX arrival_source ON arrival (source, at);
CREATE INDEX arrival_at ON arrival (at);
CREATE INDEX arrival_again ON arrival (id) WHERE again = 1;

-- What a reader said of a mail; all of it a stranger's claim. The text comes last: lists do not read it.
CREATE TABLE message (
    mail INTEGER PRIMARY KEY REFERENCES mail (id), -- of which
    from_name TEXT NOT NULL,          -- display name of the first From
    from_addr TEXT NOT NULL,          -- its address as written
    from_key TEXT NOT NULL,           -- its address in lower case
    subject TEXT NOT NULL,            -- decoded
    subject_from TEXT NOT NULL,       -- 'outer' or 'protected'
    date TEXT NOT NULL,               -- of the Date field, RFC 3339; '' for none
    message_id TEXT NOT NULL,         -- without < >; '' for none
    language TEXT NOT NULL,           -- 'ja', 'en'; '' for not known
    machine TEXT NOT NULL,            -- 'no', 'auto-reply', 'bounce', ...
    machine_why TEXT NOT NULL,        -- the field or part that says so
    problems TEXT NOT NULL,           -- facts for the operator, one a line
    text_from TEXT NOT NULL,          -- 'plain', 'html' or 'none'
    text_sha256 TEXT NOT NULL,        -- of subject and text: tells a copy from another text under one Message-ID
    indexed INTEGER NOT NULL DEFAULT 0, -- 1 while the search index has its words
    text TEXT NOT NULL                -- what a person reads
) STRICT;
CREATE INDEX message_copies ON message (message_id, text_sha256, from_key, mail)
    WHERE message_id <> '';

-- Files that came with a mail: listed, never opened.
CREATE TABLE attachment (
    mail INTEGER NOT NULL REFERENCES mail (id), -- with which
    place INTEGER NOT NULL,           -- counts from 0
    name TEXT NOT NULL,               -- harmless; '' for none
    type TEXT NOT NULL,               -- 'image/png'
    size INTEGER NOT NULL,            -- decoded bytes
    sha256 TEXT NOT NULL,             -- of the decoded bytes, in hex
    PRIMARY KEY (mail, place)
) STRICT, WITHOUT ROWID;

-- Letters of ours. A row is written in the same transaction as its cause.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in the order in which they are sent
    kind TEXT NOT NULL,               -- 'ack' or 'notice'
    cause TEXT NOT NULL,              -- why there is one letter, and only one: 'mail:17'
    state TEXT NOT NULL               -- sending: committed before connecting; unknown: sent, and no answer
        CHECK (state IN ('queued', 'held', 'sending', 'sent', 'deferred', 'failed', 'unknown')),
    sender TEXT NOT NULL,             -- of the envelope; '' is the null sender
    recipient TEXT NOT NULL,          -- of the envelope
    address TEXT NOT NULL,            -- the recipient in lower case
    subject TEXT NOT NULL,            -- for listings
    message_id TEXT NOT NULL,         -- fixed here, so that a repetition is the same letter
    incident INTEGER REFERENCES incident (id), -- NULL for none
    mail INTEGER REFERENCES mail (id), -- that it answers; NULL for none
    opens INTEGER NOT NULL,           -- 1: an ack for a new incident, 0: a follow-up
    attempts INTEGER NOT NULL DEFAULT 0, -- how often a courier was given it
    next_try INTEGER NOT NULL,        -- not before
    created_at INTEGER NOT NULL,      -- when it was queued
    changed_at INTEGER NOT NULL,      -- when it came to its state
    reply TEXT NOT NULL DEFAULT '',   -- what the server said last
    UNIQUE (kind, cause)
) STRICT;
CREATE INDEX outbox_state ON outbox (state, id, created_at);
CREATE INDEX outbox_waiting ON outbox (id, next_try) WHERE state IN ('queued', 'deferred');
CREATE INDEX outbox_next ON outbox (next_try) WHERE state IN ('queued', 'deferred');
CREATE INDEX outbox_settled ON outbox (state, changed_at) WHERE state IN ('sent', 'failed');
CREATE INDEX outbox_incident ON outbox (incident, created_at) WHERE incident IS NOT NULL;
CREATE INDEX outbox_acked ON outbox (address, created_at) WHERE kind = 'ack';
CREATE INDEX outbox_notice ON outbox (created_at) WHERE kind = 'notice';

-- The exact bytes of a letter, 1 MB a row.
CREATE TABLE letter_chunk (
    letter INTEGER NOT NULL REFERENCES outbox (id), -- whose
    place INTEGER NOT NULL,           -- counts from 0
    bytes BLOB NOT NULL,              -- as they are sent
    PRIMARY KEY (letter, place)
) STRICT;

-- How many acks that have not failed were queued in a minute: the hourly caps cost the same in a flood.
CREATE TABLE ack_minute (
    domain TEXT NOT NULL,             -- of the recipient, in lower case; '' for all together
    minute INTEGER NOT NULL,          -- since 1970
    acks INTEGER NOT NULL,            -- how many
    PRIMARY KEY (domain, minute)
) STRICT, WITHOUT ROWID;

-- Items that operators are told of by mail.
CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    mail INTEGER NOT NULL,            -- that made it; 0 for none
    number TEXT NOT NULL,             -- of the incident; '' for none
    state TEXT NOT NULL,              -- 'new', 'pending', 'unreadable', ...
    severity TEXT NOT NULL,           -- of the incident; '' for none
    label TEXT NOT NULL,              -- of the incident
    at INTEGER NOT NULL,              -- when
    told INTEGER NOT NULL DEFAULT 0   -- 1 when a notice letter has it
) STRICT;
CREATE INDEX notice_untold ON notice (id) WHERE told = 0;

-- What happened, each row chained to the one before it. Rows are only added; a text may be purged
-- (NULL), its hash stays, and so the chain can still be verified.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,           -- counts from 1, without gaps
    at INTEGER NOT NULL,              -- when
    actor TEXT NOT NULL,              -- 'mado' or an operator's user name
    kind TEXT NOT NULL,               -- 'mail-in', 'opened', 'joined', ...
    incident INTEGER NOT NULL,        -- 0 for none
    mail INTEGER NOT NULL,            -- 0 for none
    text TEXT,                        -- what a person reads; NULL when purged
    text_sha256 TEXT NOT NULL,        -- of the text, in hex
    hash TEXT NOT NULL                -- SHA-256 of the hash before and of this row, in hex
) STRICT;
CREATE INDEX journal_incident ON journal (incident, id) WHERE incident <> 0;
