-- What a run shows us when it calls one of our tools: the SHA-256 of its token, never the token. The
-- run's number is its fencing token too, so that no later run can be meant by it.
CREATE TABLE run_tokens (
  run  INTEGER PRIMARY KEY,
  hash BLOB    NOT NULL UNIQUE
) STRICT;

-- What a qa run has said of its item, as JSON; the last word counts.
CREATE TABLE run_verdicts (
  run     INTEGER PRIMARY KEY,
  verdict TEXT    NOT NULL
) STRICT;

-- What people have allowed agents once and for all: a tool, or plain shell commands by first word.
CREATE TABLE permission_rules (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  tool     TEXT    NOT NULL,
  word     TEXT,
  by_id    TEXT    NOT NULL,
  by_name  TEXT    NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_rule_each ON permission_rules (tool, coalesce(word, ''));
