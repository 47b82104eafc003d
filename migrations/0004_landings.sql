-- The landings that are under way: noted before the base branch moves, gone once the item says so.
CREATE TABLE landings (
  item INTEGER PRIMARY KEY,
  base TEXT NOT NULL,
  commit_id TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;
