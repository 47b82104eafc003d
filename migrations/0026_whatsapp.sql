-- What the WhatsApp connection has to remember. In each room, until when everything that was said is
-- stored; the row of the room '' says the same for rooms in which nothing was heard yet.
CREATE TABLE whatsapp_heard (
  room TEXT PRIMARY KEY,
  at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- WhatsApp names one person in two ways: by the phone number, and by an id that hides it.
CREATE TABLE whatsapp_people (
  lid   TEXT PRIMARY KEY,
  phone TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- The choices that each room was offered last, to be picked by their numbers: a list of labels as JSON.
CREATE TABLE whatsapp_choices (
  room   TEXT PRIMARY KEY,
  labels TEXT NOT NULL
) STRICT, WITHOUT ROWID;
