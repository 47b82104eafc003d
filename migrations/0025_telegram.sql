-- Groups that Telegram has given another id, by the id that they keep here.
CREATE TABLE telegram_groups (
  id  INTEGER PRIMARY KEY,
  now INTEGER NOT NULL UNIQUE
) STRICT;
