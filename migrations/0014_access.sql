-- People that an admin has let in, beside those whom bot.toml lists.
CREATE TABLE admitted (
  person_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin')),
  admitted_by TEXT NOT NULL,
  admitted_at INTEGER NOT NULL
) STRICT;

-- Strangers who wrote directly, and the code by which an admin can let each of them in.
CREATE TABLE pairings (
  person_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  transport TEXT NOT NULL,
  room TEXT NOT NULL,
  code TEXT NOT NULL UNIQUE,
  told_at INTEGER NOT NULL
) STRICT;

-- Rooms in which every message is for the bot.
CREATE TABLE ambient_rooms (
  transport TEXT NOT NULL,
  room TEXT NOT NULL,
  PRIMARY KEY (transport, room)
) STRICT, WITHOUT ROWID;
