-- What people asked for on a node that only has a copy of the project's document, in the order in
-- which they did. The answers are in the document.
CREATE TABLE requests (
  place   INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  request TEXT    NOT NULL
) STRICT;
