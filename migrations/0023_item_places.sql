-- Where somebody last spoke of an item in a way that changed it, and what they may do: its agents ask
-- there. One row for each item, for ever.
CREATE TABLE item_places (
  item      INTEGER PRIMARY KEY,
  transport TEXT NOT NULL,
  room      TEXT NOT NULL,
  thread    TEXT,
  role      TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'admin'))
) STRICT;
