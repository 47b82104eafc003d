-- What each item has cost in all, in millionths of a dollar: the sum over `spending`, written with it.
CREATE TABLE item_costs (
  item      INTEGER PRIMARY KEY,
  measured  INTEGER NOT NULL,
  estimated INTEGER NOT NULL
) STRICT;

INSERT INTO item_costs (item, measured, estimated)
  SELECT item, sum(measured), sum(estimated) FROM spending JOIN runs ON number = run GROUP BY item;

-- What each answer of the chat agent has cost, as `run_money` and `spending` tell it of runs.
CREATE TABLE chat_turns (
  turn          INTEGER PRIMARY KEY,
  began_at      INTEGER NOT NULL,
  agent_session TEXT,
  model         TEXT,
  -- JSON
  totals        TEXT,
  measured      INTEGER NOT NULL DEFAULT 0,
  estimated     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX chat_turns_by_time ON chat_turns (began_at);
CREATE INDEX chat_turns_of_session ON chat_turns (agent_session, turn) WHERE totals IS NOT NULL;

-- Each agent that helps beside others goes on with what a limit kept it from.
CREATE INDEX runs_of_helpers ON runs (agent, number) WHERE role = 'other';
