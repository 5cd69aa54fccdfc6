-- How many samples there are of a metric from a source: counting them reads every one, and there are millions.
CREATE TABLE sample_counts (
  metric     INTEGER NOT NULL,        -- names.id
  source     INTEGER NOT NULL,        -- names.id of the provider
  count      INTEGER NOT NULL,
  PRIMARY KEY (metric, source)
) STRICT, WITHOUT ROWID;
INSERT INTO sample_counts (metric, source, count) SELECT metric, source, count(*) FROM samples GROUP BY metric, source;
