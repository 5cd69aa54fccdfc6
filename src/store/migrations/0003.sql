-- What is known of a day is found by way of its records, of which there are ten times fewer than facts:
-- one entry for a record is cheaper to keep than one for each fact.
DROP INDEX facts_by_day;
CREATE INDEX documents_of_day ON documents (day);
