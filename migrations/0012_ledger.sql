-- What each run told of itself in matters of money: the model that answered, and what its session had
-- used before it began and by its end (JSON), for programs that only count on.
CREATE TABLE run_money (
  run    INTEGER PRIMARY KEY,
  model  TEXT,
  before TEXT,
  totals TEXT
) STRICT;

-- What each run has cost, in millionths of a dollar, by the quarter of an hour in which that was
-- learnt. The sum over a run is what all of its output says: it is always written as a whole, so
-- that output which is read a second time costs nothing. A correction may be negative.
CREATE TABLE spending (
  run       INTEGER NOT NULL,
  quarter   INTEGER NOT NULL,
  measured  INTEGER NOT NULL,
  estimated INTEGER NOT NULL,
  PRIMARY KEY (run, quarter)
) STRICT, WITHOUT ROWID;

CREATE INDEX spending_by_quarter ON spending (quarter);
