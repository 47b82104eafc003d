-- How many parts of a message the network has taken: where it takes no long ones, they are sent in parts.
ALTER TABLE outbox ADD COLUMN parts_sent INTEGER NOT NULL DEFAULT 0;

-- The key of the message whose button was pressed.
ALTER TABLE inbox ADD COLUMN answers TEXT;

-- When each network was last heard of: what was said long after may not have been kept for the bot.
CREATE TABLE networks (
  name TEXT PRIMARY KEY,
  heard_at INTEGER NOT NULL
) STRICT;
