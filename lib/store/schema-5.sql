-- Version 5: what operators write and decide. Stores out there have it: it stays as it is once released.

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
    kind TEXT NOT NULL,               -- 'mail', 'letter', 'delivery', 'merged': moved; 'correspondent', ...: added; 'member', 'target-member': before
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
