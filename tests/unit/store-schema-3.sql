-- What version 3 has beside version 2, behind which it goes. Never changed again: the tests migrate it, and
-- compare.

-- Whom we know: the owners of addresses and keys.
CREATE TABLE contact (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- ours, never told outside
    kind TEXT NOT NULL                -- a peer is another CSIRT; a group has members
        CHECK (kind IN ('person', 'organisation', 'peer', 'group')),
    name TEXT NOT NULL UNIQUE,        -- as operators call it
    organisation TEXT NOT NULL,       -- that a person belongs to; '' for none
    language TEXT NOT NULL,           -- 'ja', 'en'; '' for not known
    seal TEXT NOT NULL                -- always: nothing goes there in clear; auto: the rules decide
        CHECK (seal IN ('auto', 'always')),
    note TEXT NOT NULL,               -- in the operators' words
    verified_at INTEGER,              -- when somebody made sure that they are who they say; NULL for never
    verified_by TEXT NOT NULL,        -- user name of that operator; ''
    verified_how TEXT NOT NULL,       -- 'by telephone, number of their site'; ''
    created_at INTEGER NOT NULL,      -- when it was added
    changed_at INTEGER NOT NULL       -- latest change
) STRICT;

-- An address belongs to one contact.
CREATE TABLE contact_address (
    address TEXT PRIMARY KEY NOT NULL, -- in lower case
    contact INTEGER NOT NULL REFERENCES contact (id), -- whose
    place INTEGER NOT NULL            -- counts from 0; mail goes to the first
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_address_of ON contact_address (contact, place);

CREATE TABLE membership (
    contact INTEGER NOT NULL REFERENCES contact (id), -- the group
    member INTEGER NOT NULL REFERENCES contact (id), -- another contact
    PRIMARY KEY (contact, member)
) STRICT, WITHOUT ROWID;

-- Every key that we have seen, by its whole fingerprint. Only what a person has pinned proves or seals
-- anything; what it says of itself (names, addresses) is a claim.
CREATE TABLE key (
    fingerprint TEXT PRIMARY KEY NOT NULL, -- of the primary key, upper case
    cms INTEGER NOT NULL,             -- 1: an X.509 certificate, 0: an OpenPGP key
    place TEXT NOT NULL               -- own: signs and opens; own-old: opens only; unpinned: was pinned once
        CHECK (place IN ('offered', 'pinned', 'unpinned', 'own', 'own-old')),
    contact INTEGER REFERENCES contact (id), -- whose; NULL until it is pinned, and for ours
    user_ids TEXT NOT NULL,           -- one a line
    addresses TEXT NOT NULL,          -- one a line, lower case
    algorithm TEXT NOT NULL,          -- 'ed25519/cv25519'
    created INTEGER NOT NULL,         -- as the key says
    expires INTEGER NOT NULL,         -- likewise; 0 for never
    revoked INTEGER NOT NULL,         -- 1: by its owner
    can_sign INTEGER NOT NULL,        -- 1: it may
    can_encrypt INTEGER NOT NULL,     -- 1: it may be encrypted to
    origin TEXT NOT NULL,             -- 'mail:17', 'suzuki: jpcert.asc', 'made here'
    came_at INTEGER NOT NULL,         -- the first time
    pinned_at INTEGER,                -- NULL for never
    pinned_by TEXT NOT NULL,          -- user name of the operator; ''
    pinned_how TEXT NOT NULL,         -- how the fingerprint was checked; ''
    bytes BLOB NOT NULL               -- the public key, so that a home can be made again
) STRICT;
CREATE INDEX key_contact ON key (contact, fingerprint) WHERE contact IS NOT NULL;
CREATE INDEX key_place ON key (place, fingerprint);
CREATE INDEX key_expires ON key (expires) WHERE expires > 0 AND place IN ('pinned', 'own', 'own-old');

-- Files with keys that came with a mail and were looked at: the same bytes are not looked at twice.
CREATE TABLE offer (
    sha256 TEXT PRIMARY KEY NOT NULL, -- of the bytes, in hex
    mail INTEGER NOT NULL,            -- the first that brought it
    at INTEGER NOT NULL               -- when
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_at ON offer (at, mail);
CREATE INDEX key_origin ON key (origin, fingerprint);

-- What may be said of a mail's protection. A mail without any has no row.
CREATE TABLE crypto (
    mail INTEGER PRIMARY KEY REFERENCES mail (id), -- of which
    encrypted TEXT NOT NULL           -- full: all of it; partial: a part, which stays closed
        CHECK (encrypted IN ('none', 'partial', 'full')),
    encrypted_to TEXT NOT NULL,       -- fingerprints of ours, one a line
    integrity TEXT NOT NULL           -- of the encryption: S/MIME has none
        CHECK (integrity IN ('ok', 'none', 'n/a')),
    signed TEXT NOT NULL              -- full: all that is read; partial: a part of it
        CHECK (signed IN ('none', 'partial', 'full')),
    signed_by TEXT NOT NULL,          -- name of the contact by whom it certainly is; '' for nobody
    payload_sha256 TEXT NOT NULL,     -- of the signed bytes, in hex; '' for none
    closed TEXT NOT NULL,             -- why a layer stayed closed: 'no-key'; '' if none did
    key_ids TEXT NOT NULL,            -- of that layer, one a line
    problems TEXT NOT NULL            -- for the operator, one a line
) STRICT;
CREATE INDEX crypto_payload ON crypto (payload_sha256, mail) WHERE payload_sha256 <> '';

CREATE TABLE signature (
    mail INTEGER NOT NULL REFERENCES mail (id), -- of which
    place INTEGER NOT NULL,           -- counts from 0
    fingerprint TEXT NOT NULL,        -- of the primary key; of an unknown key what is known
    state TEXT NOT NULL,              -- 'good', 'bad', 'unknown-key', ...
    at INTEGER NOT NULL,              -- when it was made, as it says; 0 for not known
    owner TEXT NOT NULL,              -- name of the contact; '' for nobody
    pinned INTEGER NOT NULL,          -- 1: the key is
    is_from INTEGER NOT NULL,         -- 1: the owner has the From address
    PRIMARY KEY (mail, place)
) STRICT, WITHOUT ROWID;

-- Mail that stays closed: tried again when a key comes.
CREATE TABLE unreadable (
    mail INTEGER PRIMARY KEY REFERENCES mail (id), -- which; its ticket is the mail's
    reason TEXT NOT NULL,             -- 'no-key', 'broken', ...
    key_ids TEXT NOT NULL,            -- to which it is encrypted, one a line
    since INTEGER NOT NULL,           -- when it was first tried
    tried_at INTEGER NOT NULL,        -- when the last time
    tries INTEGER NOT NULL            -- how often
) STRICT;

-- Single facts out of sealed mail that an operator let go.
CREATE TABLE released (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- in order
    incident INTEGER NOT NULL REFERENCES incident (id), -- of which
    text TEXT NOT NULL,               -- the fact: an address, a time, a line of a log
    actor TEXT NOT NULL,              -- user name of the operator
    reason TEXT NOT NULL,             -- in their words
    at INTEGER NOT NULL               -- when
) STRICT;
CREATE INDEX released_incident ON released (incident, id);

-- A letter is kept in clear until the keys role has signed or sealed it; then its bytes are what is sent.
ALTER TABLE outbox ADD COLUMN seal TEXT NOT NULL DEFAULT '' -- what is to be done yet; '' for nothing
    CHECK (seal IN ('', 'sign', 'seal'));
ALTER TABLE outbox ADD COLUMN sealed_to TEXT NOT NULL DEFAULT ''; -- fingerprints, one a line; '' for in clear
ALTER TABLE outbox ADD COLUMN signed_with TEXT NOT NULL DEFAULT ''; -- fingerprint of ours; '' for unsigned
CREATE INDEX outbox_unsealed ON outbox (next_try, id) WHERE seal <> '';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (next_try, id) WHERE leads = 1 AND seal = '';
-- What tells our own people of trouble keeps no order with the others to their address any more.
UPDATE outbox SET leads = 1 WHERE state IN ('queued', 'deferred', 'sending') AND (kind IN ('notice', 'alarm', 'test')
    OR NOT EXISTS (SELECT 1 FROM outbox AS older WHERE older.address = outbox.address AND older.id < outbox.id
        AND older.state IN ('queued', 'deferred', 'sending') AND older.kind NOT IN ('notice', 'alarm', 'test')));
-- A notice that a mail cannot be read is an answer as well, and counts for the caps.
DROP INDEX outbox_acked;
CREATE INDEX outbox_acked ON outbox (address, created_at) WHERE kind IN ('ack', 'unreadable');

-- Most alarms are told every hour while they last; what comes slowly (a key that ends) when it gets worse.
ALTER TABLE alarm ADD COLUMN worse_at INTEGER NOT NULL DEFAULT 0; -- when it did; 0: told every hour
PRAGMA user_version = 3;
UPDATE meta SET number = 3, text = '0454b40845647d3935eecc54d3275b418ba3a09090850cbd5170238aff2761e1' WHERE name = 'schema';
