-- What the Slack connection has to remember: until when everything that was said is stored.
CREATE TABLE slack_values (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Sends that were begun: Slack does not know a repeat, so that it is looked for in the history first.
CREATE TABLE slack_sends (
  id       TEXT PRIMARY KEY,
  begun_at INTEGER NOT NULL,
  -- Slack's id of a file that the message carries.
  file     TEXT
) STRICT;
