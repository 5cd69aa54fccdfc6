-- A record that moves to another day changes two days: the one that it has now, and the one that it left.
ALTER TABLE changes ADD COLUMN left_day TEXT;

-- What is known of each day, worked out once. Derived from documents and facts, from which it can always be worked
-- out again; the choice among sources is made by whoever reads it. While this table is empty no day is kept; otherwise
-- every day that has a document has a row.
CREATE TABLE days (
  day        TEXT PRIMARY KEY,
  kept       INTEGER NOT NULL,        -- 1: the rows of the day are what its documents say; 2: they were, and hang on
                                      -- the hour; 0: a document changed since
  hash       BLOB,                    -- of the rows, when they were last worked out
  seq        INTEGER                  -- the number in the feed when the rows last changed; null before there were any
) STRICT, WITHOUT ROWID;
CREATE INDEX days_not_kept ON days (day) WHERE kept <> 1;

-- What one source says about one metric of one day.
CREATE TABLE day_values (
  metric       INTEGER NOT NULL,      -- names.id
  day          TEXT NOT NULL,
  kind         INTEGER NOT NULL,      -- names.id of provider and resource
  sleep_order  TEXT NOT NULL,         -- empty, or in which order of its sources of sleep the day has this value
  place        INTEGER NOT NULL,      -- 0 for the value; what was left out is counted from 1
  value        REAL NOT NULL,
  offset       INTEGER,               -- of the clock that an instant is by, seconds
  standing     INTEGER NOT NULL,      -- 0 own, 1 relayed from another cloud, 2 left out as implausible
  worn_seconds INTEGER,               -- how long the device was worn, where that is not all of the day
  PRIMARY KEY (metric, day, kind, sleep_order, place)
) STRICT, WITHOUT ROWID;

-- The orders of sources of sleep that hold in the wearer's order of all sources: which rows of days the views show.
CREATE TABLE sleep_orders (
  name       TEXT PRIMARY KEY         -- as in day_values; the empty one always holds
) STRICT, WITHOUT ROWID;
INSERT INTO sleep_orders (name) VALUES ('');

-- A day is not kept from the moment at which one of its documents changes, in the same transaction. Facts change only
-- after their document.
CREATE TRIGGER days_of_new AFTER INSERT ON documents
WHEN NEW.day IS NOT NULL AND EXISTS (SELECT 1 FROM days) BEGIN
  INSERT INTO days (day, kept) VALUES (NEW.day, 0) ON CONFLICT (day) DO UPDATE SET kept = 0 WHERE kept <> 0;
END;
CREATE TRIGGER days_of_changed AFTER UPDATE ON documents WHEN EXISTS (SELECT 1 FROM days) BEGIN
  UPDATE days SET kept = 0 WHERE day = OLD.day AND kept <> 0;
  INSERT INTO days (day, kept) SELECT NEW.day, 0 WHERE NEW.day IS NOT NULL
    ON CONFLICT (day) DO UPDATE SET kept = 0 WHERE kept <> 0;
END;
CREATE TRIGGER days_of_deleted BEFORE DELETE ON documents WHEN EXISTS (SELECT 1 FROM days) BEGIN
  UPDATE days SET kept = 0 WHERE day = OLD.day AND kept <> 0;
END;

-- How many records there are of each kind: counted as they come and go, as counting them takes longer with each year.
CREATE TABLE record_counts (
  provider  TEXT NOT NULL,
  resource  TEXT NOT NULL,
  live      INTEGER NOT NULL,         -- not removed
  PRIMARY KEY (provider, resource)
) STRICT, WITHOUT ROWID;
INSERT INTO record_counts (provider, resource, live)
  SELECT provider, resource, count(*) FROM documents WHERE removed_at IS NULL GROUP BY provider, resource;
CREATE TRIGGER count_of_new AFTER INSERT ON documents WHEN NEW.removed_at IS NULL BEGIN
  INSERT INTO record_counts (provider, resource, live) VALUES (NEW.provider, NEW.resource, 1)
    ON CONFLICT (provider, resource) DO UPDATE SET live = live + 1;
END;
CREATE TRIGGER count_of_removed AFTER UPDATE OF removed_at ON documents
WHEN (OLD.removed_at IS NULL) <> (NEW.removed_at IS NULL) BEGIN
  INSERT INTO record_counts (provider, resource, live) VALUES (NEW.provider, NEW.resource, NEW.removed_at IS NULL)
    ON CONFLICT (provider, resource) DO UPDATE SET live = live + iif(NEW.removed_at IS NULL, 1, -1);
END;
CREATE TRIGGER count_of_deleted AFTER DELETE ON documents WHEN OLD.removed_at IS NULL BEGIN
  UPDATE record_counts SET live = live - 1 WHERE provider = OLD.provider AND resource = OLD.resource;
END;
