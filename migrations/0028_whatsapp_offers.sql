-- The messages of the bot's that offer choices on WhatsApp, to be picked by their numbers: under the
-- network's key and under the outbox's id. `asked` is whom alone the message asks; anybody there where it
-- is null.
DROP TABLE whatsapp_choices;
CREATE TABLE whatsapp_offers (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  outgoing   TEXT NOT NULL,
  room       TEXT NOT NULL,
  choices    INTEGER NOT NULL,
  asked      TEXT,
  at         INTEGER NOT NULL
) STRICT;

-- Who has picked one of an offer's choices: their next number may mean something else.
CREATE TABLE whatsapp_picks (
  offer  INTEGER NOT NULL REFERENCES whatsapp_offers (id) ON DELETE CASCADE,
  person TEXT NOT NULL,
  PRIMARY KEY (offer, person)
) STRICT, WITHOUT ROWID;
