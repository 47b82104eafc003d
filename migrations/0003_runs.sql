-- One row per start of an agent on an item: the claim and the process. The number is the fencing
-- token too, and AUTOINCREMENT never gives one twice, not even after rows were deleted.
CREATE TABLE runs (
  number        INTEGER PRIMARY KEY AUTOINCREMENT,
  item          INTEGER NOT NULL,
  agent         TEXT    NOT NULL,
  role          TEXT    NOT NULL CHECK (role IN ('coder', 'qa', 'mergemaster', 'other')),
  state         TEXT    NOT NULL CHECK (state IN ('claimed', 'running', 'exited', 'ended')),
  attempt       INTEGER NOT NULL,
  pid           INTEGER,
  start_time    TEXT,
  boot_id       TEXT,
  output_offset INTEGER NOT NULL DEFAULT 0,
  session       TEXT,
  -- JSON: who told it to stop and why, how it ended, and what could not be killed.
  stop          TEXT,
  outcome       TEXT,
  survivors     TEXT,
  started_at    INTEGER NOT NULL,
  ended_at      INTEGER
) STRICT;

CREATE INDEX runs_of_item ON runs (item, number);
CREATE INDEX runs_not_ended ON runs (number) WHERE state <> 'ended';

-- Never two agents on one item, whatever their roles.
CREATE UNIQUE INDEX one_run_per_item ON runs (item) WHERE state <> 'ended' AND role <> 'other';
-- An agent works on one item at a time; it is free again while its work is being judged.
CREATE UNIQUE INDEX one_item_per_agent ON runs (agent) WHERE state IN ('claimed', 'running');

-- How often an item's agent ended with uncommitted work and no commit, and what the work was.
CREATE TABLE commit_recoveries (
  item        INTEGER PRIMARY KEY,
  idle        INTEGER NOT NULL,
  total       INTEGER NOT NULL,
  fingerprint TEXT    NOT NULL
) STRICT;
