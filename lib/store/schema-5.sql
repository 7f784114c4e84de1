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
