-- What the Slack connection has to remember: until when everything that was said is stored.
CREATE TABLE slack_values (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Sends that were begun, kept for a while: Slack does not know a repeat, so that one whose answer was
-- not heard is looked for in the history first.
CREATE TABLE slack_sends (
  id       TEXT PRIMARY KEY,
  begun_at INTEGER NOT NULL,
  -- Slack's id of a file that the message carries.
  file     TEXT,
  -- What Slack has answered; a program that ended right after that knows it from here.
  message  TEXT
) STRICT;
