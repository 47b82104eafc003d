-- What each run is paid for, and what its session had used by its end and before it began (JSON).
CREATE TABLE run_costs (
  run      INTEGER PRIMARY KEY,
  item     INTEGER NOT NULL,
  agent    TEXT    NOT NULL,
  model    TEXT,
  account  TEXT,
  before   TEXT,
  totals   TEXT
) STRICT;

CREATE INDEX run_costs_of_item ON run_costs (item);

-- What each run has cost, in millionths of a dollar, by the quarter of an hour in which that was
-- learnt. The sum over a run is what all of its output says: it is always written as a whole, so
-- that output which is read a second time costs nothing. A correction may be negative.
CREATE TABLE spending (
  run       INTEGER NOT NULL REFERENCES run_costs (run),
  quarter   INTEGER NOT NULL,
  measured  INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  PRIMARY KEY (run, quarter)
) STRICT, WITHOUT ROWID;

CREATE INDEX spending_by_quarter ON spending (quarter);
