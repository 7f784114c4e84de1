-- What version 4 has beside version 3, behind which it goes. Never changed again: the tests migrate it, and
-- compare.

-- A key ends with its part for a use, which may be before the whole of it does.
ALTER TABLE key ADD COLUMN encrypts INTEGER NOT NULL DEFAULT 0; -- 1: it has a part for that, though it may have ended
ALTER TABLE key ADD COLUMN encrypts_until INTEGER NOT NULL DEFAULT 0; -- end of the last such part; 0 for never, or none
ALTER TABLE key ADD COLUMN signs_until INTEGER NOT NULL DEFAULT 0; -- likewise of those that sign
UPDATE key SET encrypts = can_encrypt;
-- A ciphertext that comes again, from somebody else.
ALTER TABLE crypto ADD COLUMN sealed_sha256 TEXT NOT NULL DEFAULT ''; -- of the ciphertext that came, in hex; '' for none
CREATE INDEX crypto_sealed ON crypto (sealed_sha256, mail) WHERE sealed_sha256 <> '';

-- What programs found in a mail; all of it a stranger's claim. A mail of which nothing was found has no row.
CREATE TABLE report (
    mail INTEGER PRIMARY KEY REFERENCES mail (id), -- of which
    formats TEXT NOT NULL,            -- that were read wholly, one a line: 'xarf-4'
    category TEXT NOT NULL,           -- of RSIT, where a format says one; ''
    damaged TEXT NOT NULL,            -- what was meant to be a report and is not, one a line
    more INTEGER NOT NULL             -- 1: there was more than the limits let in
) STRICT;

CREATE TABLE indicator (
    mail INTEGER NOT NULL REFERENCES mail (id), -- in which
    place INTEGER NOT NULL,           -- counts from 0
    kind TEXT NOT NULL,               -- 'ipv4', 'url', 'sha256', ...
    value TEXT NOT NULL,              -- refanged and canonical
    as_written TEXT NOT NULL,         -- as it stands there
    origin TEXT NOT NULL,             -- where: 'text', 'report.txt'
    PRIMARY KEY (mail, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX indicator_value ON indicator (value, kind, mail);

-- One line of what happened.
CREATE TABLE sighting (
    mail INTEGER NOT NULL REFERENCES mail (id), -- in which
    place INTEGER NOT NULL,           -- counts from 0
    kind TEXT NOT NULL,               -- as the report calls it: 'login-attack'
    time TEXT NOT NULL,               -- RFC 3339; as written where it says no zone
    at INTEGER NOT NULL,              -- the same; 0 for not known
    source TEXT NOT NULL,             -- where it comes from
    source_port TEXT NOT NULL,        -- of it
    target TEXT NOT NULL,             -- where it goes to
    target_port TEXT NOT NULL,        -- of it
    protocol TEXT NOT NULL,           -- 'tcp'
    evidence TEXT NOT NULL,           -- what shows it
    origin TEXT NOT NULL,             -- where it stands
    PRIMARY KEY (mail, place)
) STRICT, WITHOUT ROWID;

-- What a form or format says.
CREATE TABLE field (
    mail INTEGER NOT NULL REFERENCES mail (id), -- in which
    place INTEGER NOT NULL,           -- counts from 0
    name TEXT NOT NULL,               -- of ours: 'organisation'
    value TEXT NOT NULL,              -- as it stands there
    origin TEXT NOT NULL,             -- where
    PRIMARY KEY (mail, place)
) STRICT, WITHOUT ROWID;

-- Handling labels.
CREATE TABLE marking (
    mail INTEGER NOT NULL REFERENCES mail (id), -- in which
    place INTEGER NOT NULL,           -- counts from 0
    scheme TEXT NOT NULL,             -- 'TLP', 'PAP'
    label TEXT NOT NULL,              -- 'AMBER'; '' for a word that is none
    as_written TEXT NOT NULL,         -- as it stands there
    origin TEXT NOT NULL,             -- where
    weak INTEGER NOT NULL,            -- 1: in a quotation or a legend
    PRIMARY KEY (mail, place)
) STRICT, WITHOUT ROWID;

-- Numbers of other trackers for an incident of ours.
CREATE TABLE reference (
    incident INTEGER NOT NULL REFERENCES incident (id), -- of ours
    authority TEXT NOT NULL,          -- whose number: 'JPCERT/CC'
    id TEXT NOT NULL,                 -- as they write it: 'JPCERT#12345678'
    address TEXT NOT NULL,            -- who told it, in lower case; '' for an operator
    mail INTEGER NOT NULL,            -- in which; 0 for none
    at INTEGER NOT NULL,              -- when it was noted
    PRIMARY KEY (incident, authority, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reference_id ON reference (id, address, incident);

-- Who reported an incident: each of them is told of it.
CREATE TABLE reporter (
    incident INTEGER NOT NULL REFERENCES incident (id), -- which
    address TEXT NOT NULL,            -- in lower case
    name TEXT NOT NULL,               -- as the mail has it
    mail INTEGER NOT NULL,            -- the first of theirs
    at INTEGER NOT NULL,              -- when it came
    PRIMARY KEY (incident, address)
) STRICT, WITHOUT ROWID;

-- What an operator has said a mail is.
CREATE TABLE sorting (
    mail INTEGER PRIMARY KEY REFERENCES mail (id), -- which
    place TEXT NOT NULL               -- what: a new incident, a part of one, ...
        CHECK (place IN ('accept', 'attach', 'feed', 'spam', 'reject')),
    incident INTEGER REFERENCES incident (id), -- attach: of which it is a part; NULL
    ack INTEGER NOT NULL,             -- attach: 1 if its sender is answered
    actor TEXT NOT NULL,              -- user name of the operator
    reason TEXT NOT NULL,             -- in their words; ''
    at INTEGER NOT NULL,              -- when it was said
    times INTEGER NOT NULL,           -- how often the mail was sorted
    done INTEGER NOT NULL             -- 1 when the mail was settled so
) STRICT;
CREATE INDEX contact_organisation ON contact (organisation, id) WHERE organisation <> '';

-- Who may see a restricted incident.
CREATE TABLE member (
    incident INTEGER NOT NULL REFERENCES incident (id), -- which
    user TEXT NOT NULL,               -- name of the operator
    PRIMARY KEY (incident, user)
) STRICT, WITHOUT ROWID;

-- How an incident came by its category, and so on: 'proposal', 'rule NAME', 'report', 'default', or an operator's user name.
ALTER TABLE incident ADD COLUMN category_by TEXT NOT NULL DEFAULT ''; -- the category
ALTER TABLE incident ADD COLUMN severity_by TEXT NOT NULL DEFAULT ''; -- the severity
ALTER TABLE incident ADD COLUMN label_by TEXT NOT NULL DEFAULT '';    -- the label
ALTER TABLE incident ADD COLUMN team TEXT NOT NULL DEFAULT '';        -- group of ours that works on it; '' for none
ALTER TABLE incident ADD COLUMN restricted INTEGER NOT NULL DEFAULT 0; -- 1: members and commanders alone see it
-- How many there are of each state, for who may not see all of them.
CREATE INDEX incident_sight ON incident (state, label, restricted, opened_at);
ALTER TABLE incident ADD COLUMN reply_by INTEGER NOT NULL DEFAULT 0;  -- when its reporter was told to hear from us; 0 for never
ALTER TABLE incident ADD COLUMN closed_at INTEGER NOT NULL DEFAULT 0; -- when it was closed or rejected; 0 for not
ALTER TABLE incident ADD COLUMN result TEXT NOT NULL DEFAULT '';      -- what came of it, in the operators' words
-- The same text from many people is one incident.
ALTER TABLE message ADD COLUMN alike TEXT NOT NULL DEFAULT '';        -- hash of the text without greetings, blanks and quotation marks
CREATE INDEX message_alike ON message (alike, mail) WHERE alike <> '';
ALTER TABLE message ADD COLUMN fields TEXT NOT NULL DEFAULT '';       -- header fields that rules ask for, one a line
ALTER TABLE message ADD COLUMN recipients TEXT NOT NULL DEFAULT '';   -- addresses to which it went, one a line
CREATE INDEX attachment_sha256 ON attachment (sha256, mail);
PRAGMA user_version = 4;
UPDATE meta SET number = 4, text = '266a02051c02c6923f5f3cc07ac56a1b968f3983e316b48a0d26cda455b59eda' WHERE name = 'schema';
