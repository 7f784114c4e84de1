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
