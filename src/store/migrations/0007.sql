-- The place of each source in the wearer's order for a metric or for workouts, the first 0: by it the views say which
-- row the daily summary shows.
CREATE TABLE source_ranks (
  metric     TEXT NOT NULL,           -- id of a metric, or workouts
  source     TEXT NOT NULL,           -- the provider
  rank       INTEGER NOT NULL,
  PRIMARY KEY (metric, source)
) STRICT, WITHOUT ROWID;

-- The sleeps and workouts that stand for what took place where several devices recorded it, in the wearer's order.
-- Worked out from documents for whoever reads the views; right for the days that say so.
CREATE TABLE chosen_sessions (
  document   INTEGER PRIMARY KEY,     -- documents.key
  day        TEXT NOT NULL            -- of the document
) STRICT;
CREATE INDEX chosen_sessions_by_day ON chosen_sessions (day);

-- 1: the sessions of the day that are chosen are in chosen_sessions; 0: a document changed since, or the order.
ALTER TABLE days ADD COLUMN chosen INTEGER NOT NULL DEFAULT 0;
CREATE INDEX days_not_chosen ON days (day) WHERE chosen = 0;

DROP TRIGGER days_of_new;
DROP TRIGGER days_of_changed;
DROP TRIGGER days_of_deleted;
CREATE TRIGGER days_of_new AFTER INSERT ON documents
WHEN NEW.day IS NOT NULL AND EXISTS (SELECT 1 FROM days) BEGIN
  INSERT INTO days (day, kept) VALUES (NEW.day, 0)
    ON CONFLICT (day) DO UPDATE SET kept = 0, chosen = 0 WHERE kept <> 0 OR chosen <> 0;
END;
CREATE TRIGGER days_of_changed AFTER UPDATE ON documents WHEN EXISTS (SELECT 1 FROM days) BEGIN
  UPDATE days SET kept = 0, chosen = 0 WHERE day = OLD.day AND (kept <> 0 OR chosen <> 0);
  INSERT INTO days (day, kept) SELECT NEW.day, 0 WHERE NEW.day IS NOT NULL
    ON CONFLICT (day) DO UPDATE SET kept = 0, chosen = 0 WHERE kept <> 0 OR chosen <> 0;
END;
CREATE TRIGGER days_of_deleted BEFORE DELETE ON documents WHEN EXISTS (SELECT 1 FROM days) BEGIN
  UPDATE days SET kept = 0, chosen = 0 WHERE day = OLD.day AND (kept <> 0 OR chosen <> 0);
END;
