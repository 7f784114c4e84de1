-- Version 6: targets, shifts, reviews and reports. Stores out there have it: it stays as it is once released.

-- What comes again by the calendar, and when it is next: a restart, or a clock that is set, neither repeats nor forgets it.
CREATE TABLE schedule (
    name TEXT PRIMARY KEY NOT NULL,   -- 'report monthly'
    next INTEGER NOT NULL             -- when
) STRICT, WITHOUT ROWID;
CREATE INDEX schedule_next ON schedule (next);

-- By when something is to have happened to an incident, and when it did: a row for each, whether it has a target or not.
CREATE TABLE target (
    incident INTEGER NOT NULL REFERENCES incident (id), -- to which
    kind TEXT NOT NULL                -- what: the acknowledgement went, a person has looked, has answered, has told more; ...
        CHECK (kind IN ('acknowledge', 'triage', 'reply', 'update', 'verify', 'fix', 'publish')),
    began_at INTEGER NOT NULL,        -- since when it runs
    due INTEGER NOT NULL,             -- by when; 0: there is no target
    met_at INTEGER NOT NULL,          -- when it happened; 0: it has not yet
    next_word INTEGER NOT NULL,       -- when somebody is told that it is due, or late; 0: nobody is
    PRIMARY KEY (incident, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX target_due ON target (due, incident) WHERE met_at = 0 AND due > 0;
CREATE INDEX target_word ON target (next_word) WHERE next_word > 0;
