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
    over INTEGER NOT NULL DEFAULT 0,  -- it has not happened, and the incident is over (1), or a part of another (2)
    told INTEGER NOT NULL DEFAULT 0,  -- how far operators were told of this moment: 1 soon, 2 late, 3 and so on: again
    basis TEXT NOT NULL DEFAULT '',   -- for what it was named: 'high phishing'; '' while it does not run
    span TEXT NOT NULL DEFAULT '',    -- of which length: '4h' of business, '24x7 4h'; '' for none
    PRIMARY KEY (incident, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX target_due ON target (due, incident, met_at, over) WHERE met_at = 0 AND due > 0 AND over = 0;
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

-- Reporters for whose answer an incident waits: one row while it does, and we have asked them by letter.
CREATE TABLE waiting (
    incident INTEGER PRIMARY KEY NOT NULL REFERENCES incident (id), -- which
    letter INTEGER NOT NULL REFERENCES outbox (id), -- that asked
    since INTEGER NOT NULL,           -- when it went
    reminded INTEGER NOT NULL,        -- how often they were reminded since
    next_reminder INTEGER NOT NULL    -- when they are next, or are given up; 0: they were
) STRICT;
CREATE INDEX waiting_next ON waiting (next_reminder) WHERE next_reminder > 0;
CREATE INDEX waiting_letter ON waiting (letter);

-- Dates that only lawyers can decide about: one row for each rule that an incident has fitted once.
CREATE TABLE legal_clock (
    incident INTEGER NOT NULL REFERENCES incident (id), -- which
    name TEXT NOT NULL,               -- of the rule
    text TEXT NOT NULL,               -- what is due, as the rule said then
    began_at INTEGER NOT NULL,        -- since when it runs
    due INTEGER NOT NULL,             -- by when
    told_at INTEGER NOT NULL,         -- when those were told whom the rule names; 0: not yet
    counts INTEGER NOT NULL,          -- 1: the incident still fits
    PRIMARY KEY (incident, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX legal_untold ON legal_clock (began_at) WHERE told_at = 0 AND counts = 1;

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


-- Who is on duty: the last row has it, until somebody else does.
CREATE TABLE duty (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    user TEXT NOT NULL,               -- user name of the operator
    since INTEGER NOT NULL,           -- when
    actor TEXT NOT NULL,              -- who said so: a user name, or 'mado'
    handover INTEGER NOT NULL         -- by which; 0 for none
) STRICT;
-- Shifts that somebody else has than by the usual order.
CREATE TABLE duty_shift (
    day TEXT NOT NULL,                -- on which it begins: '2026-11-20'
    kind TEXT NOT NULL CHECK (kind IN ('day', 'night', 'holiday')),
    user TEXT NOT NULL,               -- user name of the operator
    actor TEXT NOT NULL,              -- user name of who said so
    at INTEGER NOT NULL,              -- when
    PRIMARY KEY (day, kind)
) STRICT, WITHOUT ROWID;
-- What one tells the next, who then has it by accepting.
CREATE TABLE handover (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    number TEXT NOT NULL UNIQUE,      -- 'H-2026-0231'
    outgoing TEXT NOT NULL,           -- user name
    incoming TEXT NOT NULL,           -- likewise
    since INTEGER NOT NULL,           -- it tells of what happened from then on
    at INTEGER NOT NULL,              -- when it was written
    text TEXT NOT NULL,               -- in the words of who goes; ''
    state TEXT NOT NULL CHECK (state IN ('written', 'accepted', 'replaced')),
    ended_at INTEGER NOT NULL,        -- when it came to that; 0
    ended_by TEXT NOT NULL,           -- user name of whoever did it; ''
    tell INTEGER NOT NULL             -- when the other is told of it; 0: they are, or need not be
) STRICT;
CREATE INDEX handover_tell ON handover (tell) WHERE tell > 0;
CREATE INDEX handover_written ON handover (id) WHERE state = 'written';
CREATE TABLE handover_item (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    handover INTEGER NOT NULL REFERENCES handover (id), -- of which
    part TEXT NOT NULL                -- why it stands there
        CHECK (part IN ('watch', 'new', 'waiting', 'promised', 'held', 'mail', 'coming', 'health')),
    incident INTEGER NOT NULL,        -- of which incident; 0 for none
    due INTEGER NOT NULL,             -- by when something is to be done; 0 for never
    text TEXT NOT NULL                -- what it is
) STRICT;
CREATE INDEX handover_item_of ON handover_item (handover, id);
CREATE INDEX handover_item_incident ON handover_item (incident) WHERE incident > 0;
-- What operators were told of, and when somebody else is told that nobody has taken it.
ALTER TABLE notice ADD COLUMN take_by INTEGER NOT NULL DEFAULT 0; -- 0: nobody is
CREATE INDEX notice_take ON notice (take_by) WHERE take_by > 0;

-- Those who have to be told of an incident: since when, how often, and what comes next.
CREATE TABLE escalation_step (
    incident INTEGER NOT NULL REFERENCES incident (id), -- of which
    target TEXT NOT NULL              -- whom, as the configuration calls them
        CHECK (target IN ('management', 'pr', 'legal', 'commander')),
    since INTEGER NOT NULL,           -- when their rule began to hold; 0: it does not
    told_at INTEGER NOT NULL,         -- the last time; 0: they were not told yet
    rounds INTEGER NOT NULL,          -- how often, while none of them has read it
    read_at INTEGER NOT NULL,         -- when one of them had; 0
    next INTEGER NOT NULL,            -- when there is something to do; 0 for never
    PRIMARY KEY (incident, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX escalation_step_next ON escalation_step (next) WHERE next > 0;
-- Incidents that are not as they were when the rules of escalation were looked at.
CREATE TABLE escalation_look (
    incident INTEGER PRIMARY KEY REFERENCES incident (id)
) STRICT;
ALTER TABLE escalation ADD COLUMN read_at INTEGER NOT NULL DEFAULT 0; -- when it was read; 0 for not known
ALTER TABLE escalation ADD COLUMN read_by TEXT NOT NULL DEFAULT '';   -- user name of who says so, or 'mail'; ''
ALTER TABLE escalation ADD COLUMN read_how TEXT NOT NULL DEFAULT '';  -- in their words; ''
ALTER TABLE escalation ADD COLUMN answer INTEGER NOT NULL DEFAULT 0;  -- the mail that answers it; 0 for none

-- Who may see an incident is asked of lists as well.
DROP INDEX incident_listed;
DROP INDEX incident_unfinished;
CREATE INDEX incident_listed ON incident (updated_at, id, state, severity, category, handler, label, opened_at, due, team, restricted);
CREATE INDEX incident_unfinished ON incident (updated_at, id, state, severity, category, handler, label, opened_at, due, team, restricted)
    WHERE state NOT IN ('closed', 'rejected');

-- What kind of attack it was, in the words of the taxonomy of Howard and Longstaff (Sandia, 1998).
CREATE TABLE facet (
    incident INTEGER NOT NULL REFERENCES incident (id), -- of which
    name TEXT NOT NULL                -- which of them
        CHECK (name IN ('attacker', 'tool', 'vulnerability', 'action', 'target', 'unauthorized-result', 'objectives')),
    value TEXT NOT NULL,              -- one of its words
    PRIMARY KEY (incident, name)
) STRICT, WITHOUT ROWID;

-- What a leak of personal data might cost, as an operator has said what it was.
CREATE TABLE damage (
    incident INTEGER PRIMARY KEY NOT NULL REFERENCES incident (id), -- of which
    persons INTEGER NOT NULL,         -- whose data
    distress INTEGER NOT NULL,        -- 1 to 3: how much it distresses them
    loss INTEGER NOT NULL,            -- 1 to 3: how much money they may lose
    identification TEXT NOT NULL      -- how easily they are known by it
        CHECK (identification IN ('easy', 'partial', 'hard')),
    responsibility TEXT NOT NULL CHECK (responsibility IN ('high', 'normal')), -- of us, in society
    response TEXT NOT NULL CHECK (response IN ('good', 'poor')), -- how it was dealt with
    said_by TEXT NOT NULL,            -- user name
    said_at INTEGER NOT NULL          -- when
) STRICT;

-- What the team wants to reach in each month, quarter or year.
CREATE TABLE goal (
    name TEXT PRIMARY KEY NOT NULL,   -- as operators call it
    measure TEXT NOT NULL             -- incidents: how many; others: of how many of a hundred it was in time
        CHECK (measure IN ('incidents', 'acknowledge', 'triage', 'reply', 'update')),
    severity TEXT NOT NULL,           -- counted from this one on; '' for all
    category TEXT NOT NULL,           -- counted of this one alone; '' for all
    value INTEGER NOT NULL,           -- of incidents: at most; of others: at least
    period TEXT NOT NULL CHECK (period IN ('monthly', 'quarterly', 'half', 'yearly')),
    said_by TEXT NOT NULL,            -- user name
    said_at INTEGER NOT NULL          -- when
) STRICT, WITHOUT ROWID;

-- What came today is counted each time that somebody looks.
CREATE INDEX incident_opened ON incident (opened_at) WHERE merged_into = 0;
CREATE INDEX reporter_at ON reporter (at, incident);
