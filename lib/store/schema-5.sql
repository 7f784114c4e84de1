-- Version 5: what operators write and decide. Stores out there have it: it stays as it is once released.

ALTER TABLE incident ADD COLUMN subject_by TEXT NOT NULL DEFAULT ''; -- who has set the subject; '' for a mail
UPDATE incident SET subject_by = 'operator' WHERE id IN (SELECT incident FROM journal
    WHERE kind = 'set' AND actor <> 'mado' AND text LIKE 'subject=%');
