-- What the Matrix connection has to remember: how far it has read, its rooms' encryption.
CREATE TABLE matrix_values (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages whose key has not come yet: tried again each time when keys come.
CREATE TABLE matrix_unread (
  event_id TEXT PRIMARY KEY,
  room     TEXT NOT NULL,
  event    TEXT NOT NULL,
  since    INTEGER NOT NULL
) STRICT;

-- Sends that were begun: a server knows a repeat by its id only for a while, and of one device.
CREATE TABLE matrix_sends (
  id       TEXT PRIMARY KEY,
  device   TEXT NOT NULL,
  begun_at INTEGER NOT NULL
) STRICT;
