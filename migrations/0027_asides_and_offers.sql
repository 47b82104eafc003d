-- Some networks let somebody say something that nobody else sees, and answer it in the same way.
ALTER TABLE inbox ADD COLUMN aside INTEGER NOT NULL DEFAULT 0;
-- Who alone is to see the message; everybody there where it is null.
ALTER TABLE outbox ADD COLUMN only_for TEXT;
-- Whether the text names the choices as well, so that it stands alone where there are no buttons.
ALTER TABLE outbox ADD COLUMN choices_spelled INTEGER NOT NULL DEFAULT 0;
-- What a notice offers, as a JSON array of labels.
ALTER TABLE notices ADD COLUMN choices TEXT;
