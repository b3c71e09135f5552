-- Limits beside a source's terms: on the whole source (source_id, withdrawn) or on the records in limited_records, never looser than the source.
-- uses, expires_on: NULL where the limit says nothing of them. Append-only; one that is taken back stands in limits_lifted.
CREATE TABLE limits (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, source_id TEXT, uses TEXT[],
    expires_on DATE, is_withdrawn BOOLEAN NOT NULL, reason TEXT NOT NULL, n_records BIGINT NOT NULL, set_at TIMESTAMP NOT NULL, set_by TEXT NOT NULL);
CREATE TABLE limits_lifted (limit_id TEXT PRIMARY KEY, lifted_at TIMESTAMP NOT NULL, lifted_by TEXT NOT NULL);
CREATE TABLE limited_records (limit_id TEXT NOT NULL, project_id TEXT NOT NULL, record_id TEXT NOT NULL);
CREATE VIEW standing_limits AS
    SELECT l.id, l.project_id, l.source_id, l.uses, l.expires_on, l.is_withdrawn, l.set_at
    FROM limits l WHERE NOT EXISTS (SELECT 1 FROM limits_lifted x WHERE x.limit_id = l.id);
CREATE VIEW source_withdrawals AS
    SELECT source_id, min(set_at) AS withdrawn_at FROM standing_limits WHERE source_id IS NOT NULL AND is_withdrawn GROUP BY source_id;
-- Of several limits on one record the tightest of each kind counts.
CREATE VIEW record_limits AS
    SELECT r.project_id, r.record_id, bool_or(l.is_withdrawn) AS is_withdrawn, min(l.expires_on) AS expires_on,
           bool_and(l.uses IS NULL OR list_contains(l.uses, 'train')) AS may_train,
           bool_and(l.uses IS NULL OR list_contains(l.uses, 'evaluate')) AS may_evaluate,
           bool_and(l.uses IS NULL OR list_contains(l.uses, 'show')) AS may_show
    FROM limited_records r JOIN standing_limits l ON l.id = r.limit_id GROUP BY r.project_id, r.record_id;

-- As before, and without what was withdrawn or limited since.
CREATE OR REPLACE VIEW known_facts AS
    SELECT p.id, p.project_id, d.title, p.heading, p.passage, d.owner, d.origin AS source, d.expires_on, p.document_id
    FROM fact_passages p JOIN fact_documents d ON d.id = p.document_id WHERE d.removed_at IS NULL
    UNION ALL
    SELECT f.id, f.project_id, '' AS title, '' AS heading, f.passage, coalesce(s.owner, '') AS owner, coalesce(s.name, '') AS source,
           least(f.expires_on, s.expires_on, l.expires_on) AS expires_on, NULL AS document_id
    FROM current_facts f LEFT JOIN sources s ON s.id = f.source_id LEFT JOIN source_withdrawals w ON w.source_id = f.source_id
        LEFT JOIN record_limits l ON l.record_id = f.record_id
    WHERE s.undone_at IS NULL AND (s.id IS NULL OR (list_contains(s.uses, 'evaluate') AND list_contains(s.uses, 'show')))
      AND w.source_id IS NULL AND coalesce(l.may_evaluate AND l.may_show AND NOT l.is_withdrawn, true);

-- Who lets a run's model be approved and served although somebody's words in it lapsed, and which lapses that is about.
CREATE TABLE exemptions (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, run_id TEXT NOT NULL,
    lapses TEXT[] NOT NULL, reason TEXT NOT NULL, given_at TIMESTAMP NOT NULL, given_by TEXT NOT NULL);
-- Runs to be made anew without what lapsed: the version is frozen first, the run starts when that is there.
CREATE TABLE retrains (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, of_run TEXT NOT NULL, version_id TEXT NOT NULL, job_id TEXT NOT NULL, run_id TEXT,
    failure TEXT NOT NULL, asked_at TIMESTAMP NOT NULL, asked_by TEXT NOT NULL);
