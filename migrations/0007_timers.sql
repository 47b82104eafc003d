-- The starts that are to come: at most one for each item. The asker is JSON: a person and a place.
CREATE TABLE timers (
  item  INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  asker TEXT    NOT NULL
) STRICT;

-- The commands that are said when an item comes into a stage, and how often each was.
CREATE TABLE triggers (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  item    INTEGER NOT NULL,
  stage   TEXT    NOT NULL,
  command TEXT    NOT NULL,
  always  INTEGER NOT NULL,
  times   INTEGER NOT NULL DEFAULT 0,
  asker   TEXT    NOT NULL
) STRICT;

CREATE INDEX triggers_of_item ON triggers (item, stage);

-- The runs of gates that people asked for and that are not over: one at a time in each folder. The
-- item is 0 where it is the project's own.
CREATE TABLE gate_jobs (
  item     INTEGER PRIMARY KEY,
  kind     TEXT    NOT NULL CHECK (kind IN ('tests', 'recheck', 'coverage')),
  asker    TEXT    NOT NULL,
  asked_at INTEGER NOT NULL
) STRICT;
