-- Version 5: what operators write and decide. Stores out there have it: it stays as it is once released.

-- Letters that people have written. What they say stays here in clear, as that of mail does.
CREATE TABLE writing (
    letter INTEGER PRIMARY KEY NOT NULL REFERENCES outbox (id), -- which
    purpose TEXT NOT NULL,            -- 'reply', 'ask', 'close', 'reject', ...
    writer TEXT NOT NULL,             -- user name of the operator
    label TEXT NOT NULL,              -- of what it says, when it was written
    coordination INTEGER,             -- that it belongs to; NULL for none
    approvals INTEGER NOT NULL,       -- of how many others its writer wants them, whatever the gate asks for
    confirmed INTEGER NOT NULL,       -- 1: its writer knows that it goes in clear
    template TEXT NOT NULL,           -- what it was made of
    language TEXT NOT NULL,           -- 'ja', 'en'
    state_before TEXT NOT NULL,       -- of the incident, where the letter has changed that; '' where not
    state_behind TEXT NOT NULL,       -- likewise, what it was made
    text TEXT NOT NULL                -- what it says, without the subject
) STRICT;

CREATE TABLE approval (
    letter INTEGER NOT NULL REFERENCES outbox (id), -- of which
    user TEXT NOT NULL,               -- user name of the operator, who has not written it
    at INTEGER NOT NULL,              -- when
    reason TEXT NOT NULL,             -- in their words
    PRIMARY KEY (letter, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_written ON outbox (next_try) WHERE kind = 'letter' AND state = 'queued';
