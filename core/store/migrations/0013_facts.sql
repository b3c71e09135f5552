-- Facts that go stale: where they stand in what a record teaches, found in the text that it has now.
CREATE TABLE fact_spans (
    project_id TEXT NOT NULL, record_id TEXT NOT NULL, text_version BIGINT NOT NULL, kind TEXT NOT NULL,
    start_char BIGINT NOT NULL, end_char BIGINT NOT NULL, value TEXT NOT NULL);

-- Passages that were moved out of versions. The id follows from the passage, so that it is kept once; record and source are those of the first.
CREATE TABLE facts (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, passage TEXT NOT NULL, record_id TEXT NOT NULL, source_id TEXT NOT NULL,
    expires_on DATE, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL);
-- Which version a passage was moved out of, for which kinds of fact in it; a passage stands as long as one of its moves does.
CREATE TABLE fact_moves (
    fact_id TEXT NOT NULL, version_id TEXT NOT NULL, record_id TEXT NOT NULL, kinds TEXT[] NOT NULL, undone_at TIMESTAMP, undone_by TEXT);
CREATE VIEW current_facts AS
    SELECT f.*, m.kinds, m.version_ids FROM facts f JOIN (
        SELECT fact_id, list_sort(list_distinct(flatten(list(kinds)))) AS kinds, list(DISTINCT version_id) AS version_ids
        FROM fact_moves WHERE undone_at IS NULL GROUP BY fact_id) m ON m.fact_id = f.id;

-- What was measured before has no facts: it counts as out of date, so that the pages offer to measure again (vectors are kept).
UPDATE curations SET fingerprint = fingerprint || ' without facts';
