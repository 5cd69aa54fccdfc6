-- Whether a document is live stands in the index by day, so that counting the live ones of a resource and
-- finding their first and last day reads no document.
DROP INDEX documents_by_day;
CREATE INDEX documents_by_day ON documents (provider, resource, day, start_at, removed_at);
