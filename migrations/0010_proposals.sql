-- The pull requests that are open, or are about to be: what was pushed for which item.
CREATE TABLE proposals (
  item INTEGER PRIMARY KEY,
  base TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  tree TEXT NOT NULL,
  -- Whether the program that opens it has ended well, so that it need not run again.
  opened INTEGER NOT NULL DEFAULT 0
) STRICT;
