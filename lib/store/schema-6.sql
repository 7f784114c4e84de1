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

-- Contacts who were asked whether what we hold of them is right, and what they have answered.
CREATE TABLE review (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- stands in the Message-ID of the letter
    contact INTEGER NOT NULL REFERENCES contact (id), -- whom
    address TEXT NOT NULL,            -- where the letter went, in lower case
    state TEXT NOT NULL               -- changed: they have told something else; confirmed: a person has made sure since; silent: nothing came in time
        CHECK (state IN ('asked', 'unchanged', 'changed', 'confirmed', 'silent')),
    asked_by TEXT NOT NULL,           -- 'mado' by itself, or the user name of an operator
    asked_at INTEGER NOT NULL,        -- when
    due INTEGER NOT NULL,             -- by when they were asked to answer
    answered_at INTEGER NOT NULL,     -- when they did, or a person made sure; 0: not yet
    mail INTEGER REFERENCES mail (id), -- their answer; NULL for none
    next_word INTEGER NOT NULL        -- when operators are told that nothing came; 0: they are not
) STRICT;
CREATE INDEX review_contact ON review (contact, id);
CREATE INDEX review_word ON review (next_word) WHERE next_word > 0;
CREATE INDEX review_asked ON review (asked_at);
