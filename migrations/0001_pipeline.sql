-- Every update of the project's document, in the order in which it was made.
CREATE TABLE pipeline_journal (
  seq INTEGER PRIMARY KEY,
  change BLOB NOT NULL,
  at INTEGER NOT NULL
) STRICT;

-- The items as the document has them, for queries. Written with the journal, never by itself.
CREATE TABLE pipeline_items (
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
  updated INTEGER NOT NULL
) STRICT;
