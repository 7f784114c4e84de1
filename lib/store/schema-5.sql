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
