-- Whose data a provider's part of the mirror is, and from where it came: set by the first sync, checked before
-- anything is stored.
CREATE TABLE accounts (
  provider   TEXT PRIMARY KEY,
  origin     TEXT NOT NULL,           -- scheme, host and port that the records came from
  account    TEXT,                    -- the provider's own id of the account; null until it was told
  since      INTEGER NOT NULL         -- when this was first known
) STRICT, WITHOUT ROWID;

-- A record that could not be read is part of the answers about its day.
ALTER TABLE quarantine ADD COLUMN id TEXT;      -- the provider's own key, where that could be read
ALTER TABLE quarantine ADD COLUMN day TEXT;     -- the wearer's calendar day, as near as it could be told
ALTER TABLE quarantine ADD COLUMN start_at INTEGER;
