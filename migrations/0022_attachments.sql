-- The files that came with a message: a JSON array of their names and of how the network calls them.
ALTER TABLE inbox ADD COLUMN files TEXT;
