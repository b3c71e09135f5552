-- Where each record stands, one narrow row each: what pages count, and recipes and the queue look at, of all records at once.
-- The view says what is true; the table holds it ready, and is brought up to date by every write that makes some of it untrue.
CREATE VIEW flag_states AS
    SELECT record_id, bool_or(true) AS has_defect, min(name) FILTER (name NOT IN ('exact_duplicate', 'near_duplicate')) AS own_defect
    FROM active_flags WHERE is_defect GROUP BY record_id;
CREATE VIEW decision_states AS
    SELECT record_id, CASE decision WHEN 'keep' THEN 'kept' WHEN 'edit' THEN 'edited' WHEN 'reject' THEN 'rejected' ELSE 'deferred' END AS status
    FROM current_decisions;
CREATE VIEW stated_records AS
    SELECT r.id AS record_id, r.project_id, r.source_id, r.file_id, r.row_number, r.created_at, left(r.written_at, 10) AS written,
        r.n_words, r.text_version, coalesce(d.status, 'undecided') AS status,
        coalesce(f.has_defect, false) AS has_defect, f.own_defect, s.score, coalesce(w.value, r.n_words)::DOUBLE AS n_taught_words
    FROM records r LEFT JOIN decision_states d ON d.record_id = r.id LEFT JOIN flag_states f ON f.record_id = r.id
        LEFT JOIN scores s ON s.record_id = r.id
        LEFT JOIN (SELECT record_id, value FROM signals WHERE name = 'n_taught_words') w ON w.record_id = r.id;
CREATE TABLE record_states (
    record_id TEXT NOT NULL, project_id TEXT NOT NULL, source_id TEXT NOT NULL, file_id TEXT NOT NULL, row_number BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL, written TEXT, n_words BIGINT NOT NULL, text_version BIGINT NOT NULL, status TEXT NOT NULL,
    has_defect BOOLEAN NOT NULL, own_defect TEXT, score DOUBLE, n_taught_words DOUBLE NOT NULL);
INSERT INTO record_states BY NAME SELECT * FROM stated_records;
