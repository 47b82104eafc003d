-- Every message that is for the bot, in the order in which it came.
CREATE TABLE inbox (
  -- Never given twice: it is the key of a message's effects outside the database.
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  transport TEXT NOT NULL,
  event_id TEXT NOT NULL,
  room TEXT NOT NULL,
  thread TEXT,
  sender_id TEXT NOT NULL,
  sender_name TEXT NOT NULL,
  text TEXT NOT NULL,
  direct INTEGER NOT NULL,
  addressed INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  -- running: a chat run answers it; said: that run has stored a part of its answer.
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'said', 'done')),
  -- The first message of the chat batch that it is answered in.
  batch INTEGER,
  -- A command's own question that is still open: what yes is called, and until when it counts.
  asks TEXT,
  asks_until INTEGER,
  UNIQUE (transport, event_id)
) STRICT;

CREATE INDEX inbox_unfinished ON inbox (id) WHERE state <> 'done';
CREATE INDEX inbox_asking ON inbox (id) WHERE asks IS NOT NULL;

-- Every message on its way out, in the order in which its room gets it.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  transport TEXT NOT NULL,
  room TEXT NOT NULL,
  thread TEXT,
  text TEXT NOT NULL,
  -- A JSON array of labels.
  choices TEXT,
  reply_to TEXT,
  -- Keeps the same thing from being said twice.
  key TEXT,
  -- The earlier message whose text this one replaces.
  edits INTEGER REFERENCES outbox (id),
  created_at INTEGER NOT NULL,
  -- unknown: the program ended between the call and its receipt.
  state TEXT NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'unknown')),
  -- The network's own id, once it is sent.
  message_id TEXT
) STRICT;

CREATE UNIQUE INDEX outbox_key ON outbox (key) WHERE key IS NOT NULL;
CREATE INDEX outbox_unfinished ON outbox (id) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_edits ON outbox (edits) WHERE edits IS NOT NULL;
