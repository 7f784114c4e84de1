-- What version 2 has beside version 1, behind which it goes. Never changed again: the tests migrate it, and
-- compare.

-- What bounces said of letters of ours.
CREATE TABLE delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of arrival
    mail INTEGER NOT NULL REFERENCES mail (id), -- the bounce
    letter INTEGER REFERENCES outbox (id), -- that came back; NULL where no letter of ours is named
    incident INTEGER REFERENCES incident (id), -- of that letter; NULL for none
    recipient TEXT NOT NULL,          -- who was not reached; as the bounce writes it
    outcome TEXT NOT NULL             -- of this letter; delayed: it is still being tried
        CHECK (outcome IN ('failed', 'delayed', 'delivered')),
    permanent INTEGER NOT NULL,       -- 1: no letter will reach it; 0: another one may
    status TEXT NOT NULL,             -- RFC 3463: '5.1.1'; '' for none
    reply_code TEXT NOT NULL,         -- of SMTP: '550'; '' for none
    reason TEXT NOT NULL,             -- a word of ours: 'userunknown'
    at INTEGER NOT NULL               -- when the bounce was read
) STRICT;
CREATE INDEX delivery_incident ON delivery (incident, id) WHERE incident IS NOT NULL;
CREATE INDEX delivery_letter ON delivery (letter, id) WHERE letter IS NOT NULL;
CREATE INDEX delivery_mail ON delivery (mail);

-- Letters that a person has given up.
CREATE TABLE dropped (
    letter INTEGER PRIMARY KEY NOT NULL REFERENCES outbox (id), -- which
    actor TEXT NOT NULL,              -- user name of the operator
    reason TEXT NOT NULL,             -- in their words
    at INTEGER NOT NULL               -- when
) STRICT;

-- What is wrong, or was: a row each time that a condition begins.
CREATE TABLE alarm (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    condition TEXT NOT NULL,          -- which: 'source inbox', 'relay', 'disk'
    text TEXT NOT NULL,               -- what a person reads
    since INTEGER NOT NULL,           -- when it began
    told TEXT NOT NULL DEFAULT '',    -- whom: an address; '' for nobody yet
    told_at INTEGER,                  -- when, the last time; NULL for never
    times INTEGER NOT NULL DEFAULT 0, -- how often
    over_at INTEGER,                  -- when it ended; NULL while it lasts
    closed INTEGER NOT NULL DEFAULT 0 -- 1: it is over, and whoever was told of it knows
) STRICT;
CREATE UNIQUE INDEX alarm_now ON alarm (condition) WHERE over_at IS NULL;
CREATE INDEX alarm_open ON alarm (id) WHERE closed = 0;
CREATE INDEX alarm_told ON alarm (condition, id, told_at) WHERE told_at IS NOT NULL;

-- The letters to one recipient go in their order: of those that are not settled only the oldest leads,
-- and only who leads may go. So what is due is found without a look at the others, however many wait.
ALTER TABLE outbox ADD COLUMN leads INTEGER NOT NULL DEFAULT 0; -- 1: it is the oldest one
CREATE INDEX outbox_order ON outbox (address, id) WHERE state IN ('queued', 'deferred', 'sending');
UPDATE outbox SET leads = 1 WHERE state IN ('queued', 'deferred', 'sending') AND NOT EXISTS
    (SELECT 1 FROM outbox AS older WHERE older.address = outbox.address AND older.id < outbox.id
        AND older.state IN ('queued', 'deferred', 'sending'));
CREATE INDEX outbox_due ON outbox (next_try, id) WHERE leads = 1;
DROP INDEX outbox_waiting;
DROP INDEX outbox_next;
-- An alarm that has not gone out yet is not followed by another one.
CREATE INDEX outbox_alarm ON outbox (created_at)
    WHERE kind = 'alarm' AND state IN ('queued', 'deferred', 'sending');
CREATE INDEX outbox_message_id ON outbox (message_id);
PRAGMA user_version = 2;
UPDATE meta SET number = 2, text = '5fd34a3a0962bb8d9336c474d81e8167a274275f4478a152e721fcb620d6ccf8' WHERE name = 'schema';
