-- rewrites data
-- Each row says which changes it holds and has the CRC-32 of its update, so that one which the disk
-- has changed or lost is noticed. The large column comes last: the others are read without it.
CREATE TABLE journal_with_checksum (
  seq INTEGER PRIMARY KEY,
  -- A snapshot holds all changes from the first one up to its own; any other row holds one.
  first INTEGER NOT NULL,
  at INTEGER NOT NULL,
  checksum INTEGER NOT NULL,
  change BLOB NOT NULL
) STRICT;

-- An older program gave its snapshot the place 1.
INSERT INTO journal_with_checksum
  SELECT seq, seq, at, crc32(change), change FROM pipeline_journal;
DROP TABLE pipeline_journal;
ALTER TABLE journal_with_checksum RENAME TO pipeline_journal;

-- The messages that are done with and whose text is still kept.
CREATE INDEX inbox_texts ON inbox (sent_at) WHERE state = 'done' AND text <> '';
CREATE INDEX outbox_texts ON outbox (created_at)
  WHERE text <> '' AND state NOT IN ('waiting', 'sending');
