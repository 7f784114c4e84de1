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
    over INTEGER NOT NULL DEFAULT 0,  -- 1: the incident is over, and it has not happened
    told INTEGER NOT NULL DEFAULT 0,  -- how far operators were told of this moment: 1 soon, 2 late, 3 and so on: again
    basis TEXT NOT NULL DEFAULT '',   -- for what it was named: 'high phishing'; '' while it does not run
    span TEXT NOT NULL DEFAULT '',    -- of which length: '4h' of business, '24x7 4h'; '' for none
    PRIMARY KEY (incident, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX target_due ON target (due, incident) WHERE met_at = 0 AND due > 0 AND over = 0;
CREATE INDEX target_word ON target (next_word) WHERE next_word > 0;
-- The first deed of a person is found without all that a flood of mail has left behind.
CREATE INDEX journal_person ON journal (incident, at) WHERE incident <> 0 AND actor <> 'mado' AND kind NOT IN ('imported', 'refused');
CREATE INDEX journal_outside ON journal (incident, at) WHERE incident <> 0 AND kind = 'sent-outside';
-- What is known of incidents that are there already; none of them has a moment by which something is due, but from then on
-- when something happens to it again.
INSERT INTO target (incident, kind, began_at, due, met_at, next_word)
    SELECT id, 'acknowledge', opened_at, 0, ifnull((SELECT min(changed_at) FROM outbox
        WHERE outbox.incident = incident.id AND outbox.kind = 'ack' AND outbox.state IN ('sent', 'unknown')), 0), 0 FROM incident;
INSERT INTO target (incident, kind, began_at, due, met_at, next_word)
    SELECT id, 'triage', opened_at, 0, ifnull((SELECT min(at) FROM journal WHERE journal.incident = incident.id
        AND journal.incident <> 0 AND actor <> 'mado' AND journal.kind NOT IN ('imported', 'refused')), 0), 0 FROM incident;
INSERT INTO target (incident, kind, began_at, due, met_at, next_word)
    SELECT id, 'reply', opened_at, 0, ifnull((SELECT min(changed_at) FROM outbox JOIN writing ON writing.letter = outbox.id
        WHERE outbox.incident = incident.id AND outbox.state IN ('sent', 'unknown') AND writing.coordination IS NULL
        AND purpose IN ('reply', 'ask', 'close', 'reject')), 0), 0 FROM incident;
INSERT INTO target (incident, kind, began_at, due, met_at, next_word)
    SELECT id, 'update', opened_at, 0, 0, 0 FROM incident;
UPDATE target SET over = 1 WHERE met_at = 0 AND incident IN (SELECT id FROM incident WHERE state IN ('closed', 'rejected'));


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
