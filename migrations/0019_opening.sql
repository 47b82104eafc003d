-- Whether the program that opens the pull request was started, and was not heard to end.
ALTER TABLE proposals ADD COLUMN opening INTEGER NOT NULL DEFAULT 0;
