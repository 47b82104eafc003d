-- rewrites data
-- The items in play have rows that are computed from the document. Archived items have left it, so
-- that a start need not read them: their rows, with text and history, are all there is of them. The
-- next start moves those that are in the document still.
ALTER TABLE pipeline_items RENAME TO live_items;

CREATE TABLE archived_items (
  id INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  stage TEXT NOT NULL,
  stage_json TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  status TEXT NOT NULL,
  agent TEXT,
  retry_count INTEGER NOT NULL,
  returns INTEGER NOT NULL,
  depends_on TEXT NOT NULL,
  epic INTEGER,
  qa TEXT,
  priority TEXT NOT NULL,
  origin TEXT NOT NULL,
  generation INTEGER NOT NULL,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  -- Counts up with every change of the archive: by it another node knows what it lacks.
  place INTEGER NOT NULL,
  -- The CRC-32 of all other columns.
  checksum INTEGER NOT NULL,
  body TEXT NOT NULL,
  -- A JSON array, oldest first.
  history TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX archived_items_place ON archived_items (place);
CREATE INDEX archived_items_epic ON archived_items (epic) WHERE epic IS NOT NULL;

-- All items, for queries.
CREATE VIEW pipeline_items AS
  SELECT id, type, name, stage, stage_json, pipeline, status, agent, retry_count, returns, depends_on,
         epic, qa, priority, origin, generation, created, updated
    FROM live_items
  UNION ALL
  SELECT id, type, name, stage, stage_json, pipeline, status, agent, retry_count, returns, depends_on,
         epic, qa, priority, origin, generation, created, updated
    FROM archived_items;
