-- Which account pays a run and which model answers it: a session goes on with the same two only.
-- throttled_until: the service has said that the account's limit is near, or beyond it.
ALTER TABLE runs ADD COLUMN account TEXT;
ALTER TABLE runs ADD COLUMN model TEXT;
ALTER TABLE runs ADD COLUMN throttled_until INTEGER;

-- The accounts that are not used now: at their limit, or not accepted until a person has mended that
-- (then nothing says until when). One run, the probe, tries an account again before all others do.
CREATE TABLE account_parks (
  account TEXT PRIMARY KEY,
  kind    TEXT    NOT NULL CHECK (kind IN ('limited', 'refused')),
  reason  TEXT    NOT NULL,
  until   INTEGER,
  -- How often in a row the service did not say until when.
  untimed INTEGER NOT NULL,
  probe   TEXT
) STRICT;

-- The items whose next run starts later, because the service of the last one was overloaded.
CREATE TABLE postponements (
  item   INTEGER PRIMARY KEY,
  until  INTEGER NOT NULL,
  reason TEXT    NOT NULL
) STRICT;
