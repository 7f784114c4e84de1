-- What version 5 has beside version 4, behind which it goes. Never changed again: the tests migrate it, and
-- compare.

-- Who else told a number of another tracker that stands in "reference": it counts for each of them.
CREATE TABLE reference_teller (
    incident INTEGER NOT NULL REFERENCES incident (id), -- of ours
    authority TEXT NOT NULL,          -- whose number
    id TEXT NOT NULL,                 -- as they write it
    address TEXT NOT NULL,            -- who told it, in lower case; '' for an operator
    mail INTEGER NOT NULL,            -- in which; 0 for none
    at INTEGER NOT NULL,              -- when it was noted
    PRIMARY KEY (incident, authority, id, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_teller_id ON reference_teller (id, address, incident);

ALTER TABLE incident ADD COLUMN subject_by TEXT NOT NULL DEFAULT ''; -- who has set the subject; '' for a mail
UPDATE incident SET subject_by = 'operator' WHERE id IN (SELECT incident FROM journal
    WHERE kind = 'set' AND actor <> 'mado' AND text LIKE 'subject=%');

-- Of what a letter is made that is made anew when it was held; '' where it is not.
ALTER TABLE outbox ADD COLUMN template TEXT NOT NULL DEFAULT ''; -- the name: 'ack-new'
ALTER TABLE outbox ADD COLUMN languages TEXT NOT NULL DEFAULT ''; -- with blanks between
ALTER TABLE outbox ADD COLUMN answers TEXT NOT NULL DEFAULT ''; -- Message-ID of what it answers
ALTER TABLE outbox ADD COLUMN numbers TEXT NOT NULL DEFAULT ''; -- of the recipient, in its subject, one a line

-- Letters that people have written. What they say stays here in clear, as that of mail does.
CREATE TABLE writing (
    letter INTEGER PRIMARY KEY NOT NULL REFERENCES outbox (id), -- which
    purpose TEXT NOT NULL,            -- 'reply', 'ask', 'close', 'reject', ...
    writer TEXT NOT NULL,             -- user name of the operator
    label TEXT NOT NULL,              -- of what it says, when it was written
    coordination INTEGER,             -- that it belongs to; NULL for none
    approvals INTEGER NOT NULL,       -- of how many others its writer wants them, whatever the gate asks for
    confirmed INTEGER NOT NULL,       -- 1: its writer knows that it goes in clear
    template TEXT NOT NULL,           -- what it was made of
    language TEXT NOT NULL,           -- 'ja', 'en'
    state_before TEXT NOT NULL,       -- of the incident, where the letter has changed that; '' where not
    state_behind TEXT NOT NULL,       -- likewise, what it was made
    text TEXT NOT NULL                -- what it says, without the subject
) STRICT;

CREATE TABLE approval (
    letter INTEGER NOT NULL REFERENCES outbox (id), -- of which
    user TEXT NOT NULL,               -- user name of the operator, who has not written it
    at INTEGER NOT NULL,              -- when
    reason TEXT NOT NULL,             -- in their words
    PRIMARY KEY (letter, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_written ON outbox (next_try) WHERE kind = 'letter' AND state = 'queued';

-- What a contact is to us says what may be told to them.
ALTER TABLE contact ADD COLUMN relation TEXT NOT NULL DEFAULT '' -- inside: our own organisation; client: whom we serve; '' for not known
    CHECK (relation IN ('', 'inside', 'client', 'community', 'authority', 'provider', 'outside'));
ALTER TABLE contact ADD COLUMN clearance TEXT NOT NULL DEFAULT '' -- the strictest label that may go there; '' for as the relation says
    CHECK (clearance IN ('', 'TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'));
ALTER TABLE contact ADD COLUMN charset TEXT NOT NULL DEFAULT '' -- that they can read; '' for UTF-8
    CHECK (charset IN ('', 'iso-2022-jp'));
ALTER TABLE contact ADD COLUMN numbers TEXT NOT NULL DEFAULT ''; -- what numbers of theirs look like, one a line: 'ACME-000000'
ALTER TABLE contact ADD COLUMN capability TEXT NOT NULL DEFAULT ''; -- what they can do, in the operators' words
ALTER TABLE contact ADD COLUMN day TEXT NOT NULL DEFAULT '';      -- how to reach them in office hours, likewise
ALTER TABLE contact ADD COLUMN night TEXT NOT NULL DEFAULT '';    -- and outside of them
ALTER TABLE contact ADD COLUMN deputies TEXT NOT NULL DEFAULT ''; -- names of contacts who stand in for them, one a line

-- Who may be told of an incident whatever its label is, beside who told us of it.
CREATE TABLE incident_named (
    incident INTEGER NOT NULL REFERENCES incident (id), -- which
    contact INTEGER NOT NULL REFERENCES contact (id), -- who
    user TEXT NOT NULL,               -- name of the operator who said so
    reason TEXT NOT NULL,             -- in their words
    at INTEGER NOT NULL,              -- when
    PRIMARY KEY (incident, contact)
) STRICT, WITHOUT ROWID;

-- Reports that came by no mail, as an operator was told them. No part of the ledger, which is of mail alone: they are
-- counted beside it.
CREATE TABLE told (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    incident INTEGER NOT NULL REFERENCES incident (id),
    way TEXT NOT NULL,                -- 'phone', 'visit', 'web'
    actor TEXT NOT NULL,              -- who wrote it down
    at INTEGER NOT NULL,              -- when
    opens INTEGER NOT NULL,           -- 1 if the incident was opened for it
    taken TEXT NOT NULL,              -- this and all that follow as it was said, '' where nobody knows: time, and who took it
    caller TEXT NOT NULL,             -- name, organisation, department, role
    back TEXT NOT NULL,               -- number to call back, best time, and how it was checked
    kind TEXT NOT NULL,               -- 'incident', 'vulnerability', 'follow-up', 'question', 'press', 'sales', 'other', ''
    what TEXT NOT NULL,               -- happened, when, to what system
    harm TEXT NOT NULL,               -- does it go on, and who is hurt?
    wants TEXT NOT NULL,              -- what is wanted of us, and may the name be passed on?
    promised TEXT NOT NULL,           -- what was said to them, and by when
    passed TEXT NOT NULL              -- to whom, and when
) STRICT;
CREATE INDEX told_incident ON told (incident, id);

-- What operators plan for an incident, and what has become of it.
ALTER TABLE incident ADD COLUMN due INTEGER NOT NULL DEFAULT 0;        -- when the next thing has to be done; 0 for never
ALTER TABLE incident ADD COLUMN waits_for TEXT NOT NULL DEFAULT '';    -- while it waits: 'reporter', 'peer: NAME', ...; ''
ALTER TABLE incident ADD COLUMN embargo_until INTEGER NOT NULL DEFAULT 0; -- while nothing may be published; 0 for not known
ALTER TABLE incident ADD COLUMN merged_into INTEGER NOT NULL DEFAULT 0; -- it is a part of that one, which is no part itself; 0 for not
CREATE INDEX incident_merged ON incident (merged_into) WHERE merged_into <> 0;
-- Lists walk one index, which holds all that a query asks of the incident itself.
DROP INDEX incident_listed;
DROP INDEX incident_unfinished;
CREATE INDEX incident_listed ON incident (updated_at, id, state, severity, category, handler, label, opened_at, due, team);
CREATE INDEX incident_unfinished ON incident (updated_at, id, state, severity, category, handler, label, opened_at, due, team)
    WHERE state NOT IN ('closed', 'rejected');
CREATE INDEX correspondent_address ON correspondent (address, incident);

-- An incident that became a part of another one, and how both were before.
CREATE TABLE merge (
    incident INTEGER PRIMARY KEY REFERENCES incident (id), -- the part
    target INTEGER NOT NULL REFERENCES incident (id), -- of which
    actor TEXT NOT NULL,              -- user name of the operator
    reason TEXT NOT NULL,             -- in their words; ''
    at INTEGER NOT NULL,              -- when
    event INTEGER NOT NULL,           -- the last row of the journal then
    label TEXT NOT NULL,              -- of both since then
    state TEXT NOT NULL,              -- of the part, before
    result TEXT NOT NULL,             -- likewise, as what follows
    closed_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    part_label TEXT NOT NULL,
    part_label_by TEXT NOT NULL,
    part_restricted INTEGER NOT NULL,
    target_label TEXT NOT NULL,       -- of the other, before
    target_label_by TEXT NOT NULL,    -- likewise
    target_restricted INTEGER NOT NULL -- likewise
) STRICT;

-- What went with it, and what the other had not had.
CREATE TABLE merge_part (
    incident INTEGER NOT NULL REFERENCES merge (incident), -- the part
    kind TEXT NOT NULL,               -- 'mail', 'letter', 'delivery', 'merged': moved; 'correspondent', ...: added; 'member', ...: before
    id INTEGER NOT NULL,              -- of what was moved; 0
    text TEXT NOT NULL,               -- of what was added, or a user name; ''
    PRIMARY KEY (incident, kind, id, text)
) STRICT, WITHOUT ROWID;

-- Incidents that have to do with each other. Each pair stands here twice, once from either side.
CREATE TABLE incident_link (
    incident INTEGER NOT NULL REFERENCES incident (id), -- which
    other INTEGER NOT NULL REFERENCES incident (id), -- and which
    kind TEXT NOT NULL,               -- what the other is to it: 'related', 'duplicate', 'cause', 'effect'
    actor TEXT NOT NULL,              -- user name of the operator
    reason TEXT NOT NULL,             -- in their words; ''
    at INTEGER NOT NULL,              -- when
    PRIMARY KEY (incident, other)
) STRICT, WITHOUT ROWID;

-- Queries of lists that have a name, for all operators.
CREATE TABLE saved_view (
    name TEXT PRIMARY KEY NOT NULL,   -- 'night'
    query TEXT NOT NULL,              -- as it is typed
    actor TEXT NOT NULL,              -- user name of the operator who wrote it last
    at INTEGER NOT NULL               -- when
) STRICT, WITHOUT ROWID;

-- Files that went out with letters of people.
CREATE TABLE enclosure (
    letter INTEGER NOT NULL REFERENCES outbox (id), -- with which
    position INTEGER NOT NULL,        -- counts from 0
    name TEXT NOT NULL,               -- as the recipient sees it
    type TEXT NOT NULL,               -- 'text/csv'
    size INTEGER NOT NULL,            -- bytes
    sha256 TEXT NOT NULL,             -- of the bytes, in hex
    wraps TEXT NOT NULL,              -- likewise, of a stranger's file in it; '' for none
    sealed INTEGER NOT NULL,          -- 1: something in it came sealed
    bytes BLOB NOT NULL,
    PRIMARY KEY (letter, position)
) STRICT;
CREATE INDEX enclosure_sha256 ON enclosure (sha256, letter);

-- Coordination: one record for each party that is asked for something, with a thread, a number and reminders of its own.
CREATE TABLE coordination_counter (
    year INTEGER PRIMARY KEY NOT NULL, -- of the numbers
    last INTEGER NOT NULL              -- sequence of the newest one
) STRICT;
CREATE TABLE coordination (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    year INTEGER NOT NULL,            -- first part of the number
    sequence INTEGER NOT NULL,        -- second part, counts from 1 each year
    number TEXT NOT NULL UNIQUE,      -- the whole: 'C-2026-0057'
    incident INTEGER NOT NULL REFERENCES incident (id), -- about which
    contact INTEGER NOT NULL REFERENCES contact (id), -- who is asked
    address TEXT NOT NULL,            -- to which is written
    state TEXT NOT NULL               -- where it stands
        CHECK (state IN ('asked', 'acknowledged', 'answered', 'done', 'no-answer')),
    label TEXT NOT NULL,              -- of what they were told
    language TEXT NOT NULL,           -- 'ja', 'en'
    due INTEGER NOT NULL,             -- by when an answer was asked for; 0 for not
    their_number TEXT NOT NULL,       -- in their tracker; '' for not known
    shown TEXT NOT NULL,              -- why they may know who reported it; '': they may not
    opened_by TEXT NOT NULL,          -- user name of the operator
    opened_at INTEGER NOT NULL,       -- when
    changed_at INTEGER NOT NULL,      -- when anything of this was changed last
    reminded INTEGER NOT NULL,        -- how often
    next_reminder INTEGER NOT NULL,   -- when there is something to do, if no answer comes; 0 for nothing
    result TEXT NOT NULL,             -- what came of it, in the operators' words; ''
    UNIQUE (sequence, year)
) STRICT;
CREATE INDEX coordination_incident ON coordination (incident, id);
CREATE INDEX coordination_due ON coordination (next_reminder) WHERE next_reminder > 0;
CREATE INDEX writing_coordination ON writing (coordination, letter) WHERE coordination IS NOT NULL;

-- That somebody higher up was told, and when.
CREATE TABLE escalation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident INTEGER NOT NULL REFERENCES incident (id), -- of what
    target TEXT NOT NULL              -- whom, as the configuration calls them
        CHECK (target IN ('management', 'pr', 'legal', 'commander')),
    letter INTEGER NOT NULL UNIQUE REFERENCES outbox (id), -- how: one row for each of them
    name TEXT NOT NULL,               -- of the contact or operator
    actor TEXT NOT NULL,              -- user name of the operator, or 'mado'
    at INTEGER NOT NULL               -- when
) STRICT;
CREATE INDEX escalation_incident ON escalation (incident, id);

-- What a letter of a person has changed of its incident: it goes back when the letter is taken back.
ALTER TABLE writing ADD COLUMN moved INTEGER NOT NULL DEFAULT 0; -- the incident whose state it has changed; 0 for none
ALTER TABLE writing ADD COLUMN moved_event INTEGER NOT NULL DEFAULT 0; -- the last of the journal, then
ALTER TABLE writing ADD COLUMN waits_before TEXT NOT NULL DEFAULT ''; -- whom the incident waited for before; ''
ALTER TABLE writing ADD COLUMN result_before TEXT NOT NULL DEFAULT ''; -- what had come of it before; ''

-- What mado does by itself to keep the store safe, and how it went the last time.
CREATE TABLE keeping (
    what TEXT PRIMARY KEY NOT NULL,   -- 'backup', 'journal', 'purge'
    begun_at INTEGER NOT NULL,        -- the last time
    done_at INTEGER NOT NULL,         -- the last time that it went well; 0 for never
    file TEXT NOT NULL,               -- that was written then; ''
    size INTEGER NOT NULL,            -- of it, in bytes
    why TEXT NOT NULL                 -- it has failed since then; '' if not
) STRICT, WITHOUT ROWID;

-- What is gone by the rules of retention, and what is kept whatever they say.
ALTER TABLE incident ADD COLUMN kept TEXT NOT NULL DEFAULT '';         -- why nothing of it may be purged; '' if it may
ALTER TABLE incident ADD COLUMN purged_at INTEGER NOT NULL DEFAULT 0;  -- when all that it said was; 0 for not
ALTER TABLE mail ADD COLUMN purged_at INTEGER NOT NULL DEFAULT 0;      -- when its bytes and texts were; 0 for not

-- Incidents that were kept in a spreadsheet before, and which file they came from.
CREATE TABLE import (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    file TEXT NOT NULL,               -- its name, without a folder
    actor TEXT NOT NULL,              -- user name of the operator
    at INTEGER NOT NULL,              -- when
    incidents INTEGER NOT NULL,       -- how many
    event INTEGER NOT NULL,           -- the last row of the journal then; 0 while it is going on
    undone_at INTEGER NOT NULL DEFAULT 0, -- when they were taken out again; 0 for never
    undone_by TEXT NOT NULL DEFAULT '' -- by whom; ''
) STRICT;
CREATE TABLE imported (
    incident INTEGER PRIMARY KEY REFERENCES incident (id), -- which
    import INTEGER NOT NULL REFERENCES import (id), -- by which it came
    line INTEGER NOT NULL,            -- of the file
    old TEXT NOT NULL,                -- number that it had there; '' for none
    sha256 TEXT NOT NULL              -- of all that the line says, in hex
) STRICT;
CREATE INDEX imported_import ON imported (import, incident);
CREATE INDEX imported_old ON imported (old, incident) WHERE old <> '';
CREATE INDEX imported_sha256 ON imported (sha256, incident);

CREATE INDEX journal_mail ON journal (mail, id) WHERE mail <> 0;

-- What the programs of hooks.folder are to be told yet, in order. None is written while there are no hooks: 'hooks' in "meta".
CREATE TABLE hook_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- told to them
    kind TEXT NOT NULL                -- what happened
        CHECK (kind IN ('incident-new', 'state', 'alarm')),
    incident INTEGER NOT NULL,        -- to which; 0 for none
    what TEXT NOT NULL,               -- its state then; of an alarm 'begun' or 'over'
    alarm TEXT NOT NULL,              -- its condition; '' for none
    at INTEGER NOT NULL,              -- when
    tries INTEGER NOT NULL DEFAULT 0  -- how often they were begun to be told
) STRICT;
PRAGMA user_version = 5;
UPDATE meta SET number = 5, text = 'f480cc88daf946e091af5b28089205eb66570fee0e78e078d62ab938ab8ba06d' WHERE name = 'schema';
