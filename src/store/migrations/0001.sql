-- Times are UTC milliseconds since the epoch (INTEGER). Days are the wearer's calendar days (TEXT,
-- YYYY-MM-DD). A released migration is never edited: a change is a new file.

-- One record of one resource as the provider sent it: the truth, from which all else can be rebuilt.
CREATE TABLE documents (
  key        INTEGER PRIMARY KEY,
  provider   TEXT NOT NULL,
  resource   TEXT NOT NULL,
  id         TEXT NOT NULL,           -- the provider's own key
  day        TEXT,                    -- null while borrowed from a document that has not arrived
  start_at   INTEGER,
  end_at     INTEGER,                 -- null while the record is open
  offset     INTEGER,                 -- the wearer's UTC offset, seconds
  link       TEXT,                    -- id of the document of another resource that this one names
  session    TEXT NOT NULL,           -- main, nap or rejected
  body       TEXT NOT NULL,           -- JSON as received
  flat       TEXT NOT NULL,           -- JSON array in the order of the resource's columns
  mapping    INTEGER NOT NULL,        -- which set of columns `flat` and the facts were made with
  hash       BLOB NOT NULL,           -- of the body without what changes while the data does not
  first_seen INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  removed_at INTEGER,                 -- tombstone: gone upstream, kept here
  UNIQUE (provider, resource, id)
) STRICT;
CREATE INDEX documents_by_day ON documents (provider, resource, day, start_at);
CREATE INDEX documents_by_start ON documents (provider, resource, start_at);
CREATE INDEX documents_by_link ON documents (provider, resource, link) WHERE link IS NOT NULL;

-- What one document says about one metric. Derived; the day is the document's, kept here for the index.
CREATE TABLE facts (
  document   INTEGER NOT NULL REFERENCES documents (key) ON DELETE CASCADE,
  metric     TEXT NOT NULL,
  day        TEXT,
  value      REAL NOT NULL,
  PRIMARY KEY (document, metric)
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_by_day ON facts (day, metric, document, value);
CREATE INDEX facts_by_metric ON facts (metric, day, document, value);

-- Names that samples refer to by number: metrics, providers and contexts.
CREATE TABLE names (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE
) STRICT;

-- One moment of high-rate data: heart rate every five minutes is a hundred thousand of them a year.
CREATE TABLE samples (
  metric     INTEGER NOT NULL,        -- names.id
  source     INTEGER NOT NULL,        -- names.id of the provider
  at_ms      INTEGER NOT NULL,
  context    INTEGER NOT NULL,        -- names.id of what the provider says of the moment; of '' for nothing
  value      REAL NOT NULL,
  PRIMARY KEY (metric, source, at_ms, context)
) STRICT, WITHOUT ROWID;

-- The event feed: one row for each change, in the order in which it was stored here, never rewritten.
CREATE TABLE changes (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  at         INTEGER NOT NULL,        -- local time of the change
  op         TEXT NOT NULL CHECK (op IN ('new', 'changed', 'removed')),
  provider   TEXT NOT NULL,
  resource   TEXT NOT NULL,
  id         TEXT NOT NULL,
  day        TEXT
) STRICT;
CREATE INDEX changes_by_time ON changes (at, seq);

-- Spans of history that were listed to their end.
CREATE TABLE coverage (
  provider   TEXT NOT NULL,
  resource   TEXT NOT NULL,
  from_at    INTEGER NOT NULL,
  to_at      INTEGER NOT NULL,        -- exclusive
  listed_at  INTEGER NOT NULL,        -- when the oldest part of it was last listed
  PRIMARY KEY (provider, resource, from_at)
) STRICT, WITHOUT ROWID;

-- One sync of one provider, by whichever process ran it.
CREATE TABLE sync_runs (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  provider    TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,                -- null while running, and for ever if the process was killed
  report      TEXT                    -- JSON: what each resource came to
) STRICT;
CREATE INDEX sync_runs_by_provider ON sync_runs (provider, id);

-- Small shared facts of the sync: marks, quota windows, waits. A row each, text values.
CREATE TABLE state (
  provider   TEXT NOT NULL,
  resource   TEXT NOT NULL,           -- empty for what concerns the whole provider
  name       TEXT NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (provider, resource, name)
) STRICT, WITHOUT ROWID;

-- Records that could not be read, kept for a later version that can.
CREATE TABLE quarantine (
  provider   TEXT NOT NULL,
  resource   TEXT NOT NULL,
  hash       BLOB NOT NULL,
  at         INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  body       TEXT NOT NULL,
  PRIMARY KEY (provider, resource, hash)
) STRICT;
