-- What the project's rooms are told of by themselves. A notice waits here while others of the same
-- burst may follow, and keeps its key when it has gone to the outbox, so that nothing is told twice.
CREATE TABLE notices (
  id INTEGER PRIMARY KEY,
  transport TEXT NOT NULL,
  room TEXT NOT NULL,
  thread TEXT,
  key TEXT UNIQUE,
  -- Empty once it is told.
  text TEXT NOT NULL,
  told_at INTEGER
) STRICT;

CREATE INDEX notices_waiting ON notices (transport, room) WHERE told_at IS NULL;
CREATE INDEX notices_told ON notices (transport, room, told_at) WHERE told_at IS NOT NULL;
