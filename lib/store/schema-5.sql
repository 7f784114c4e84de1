-- Version 5: what operators write and decide. Stores out there have it: it stays as it is once released.

ALTER TABLE incident ADD COLUMN subject_by TEXT NOT NULL DEFAULT ''; -- who has set the subject; '' for a mail
UPDATE incident SET subject_by = 'operator' WHERE id IN (SELECT incident FROM journal
    WHERE kind = 'set' AND actor <> 'mado' AND text LIKE 'subject=%');

-- Of what a letter is made that is made anew when it was held; '' where it is not.
ALTER TABLE outbox ADD COLUMN template TEXT NOT NULL DEFAULT ''; -- the name: 'ack-new'
ALTER TABLE outbox ADD COLUMN languages TEXT NOT NULL DEFAULT ''; -- with blanks between
ALTER TABLE outbox ADD COLUMN answers TEXT NOT NULL DEFAULT ''; -- Message-ID of what it answers
ALTER TABLE outbox ADD COLUMN numbers TEXT NOT NULL DEFAULT ''; -- of the recipient, in its subject, one a line
