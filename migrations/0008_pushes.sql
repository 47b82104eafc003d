-- The commits that were on their way to the remote: noted before the push, gone once the item says so.
CREATE TABLE pushes (
  item INTEGER PRIMARY KEY,
  commit_id TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;
