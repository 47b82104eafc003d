-- What the gates said last of each item, so that a restart does not forget it.
CREATE TABLE gate_records (
  item INTEGER PRIMARY KEY,
  place TEXT NOT NULL CHECK (place IN ('branch', 'merge')),
  -- The very tree that was judged.
  tree TEXT NOT NULL,
  passed INTEGER NOT NULL,
  -- The step that failed; with passed, the one that failed at first and passed when it was repeated.
  step TEXT,
  -- Head and tail, bounded.
  output TEXT NOT NULL,
  duration_ms INTEGER NOT NULL,
  judged_at INTEGER NOT NULL
) STRICT;
