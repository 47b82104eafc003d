-- The agent program's own session of each chat session, and what of the news below it has been told.
CREATE TABLE chat_sessions (
  session       TEXT    PRIMARY KEY,
  agent_session TEXT    NOT NULL,
  told          INTEGER NOT NULL
) STRICT;

-- What happened to items, a line each, for the next turns of the chat agent: the newest only.
CREATE TABLE chat_news (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  line   TEXT    NOT NULL
) STRICT;
