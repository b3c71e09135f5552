-- Persons that were erased. Who it was stands here as keyed hashes of the spellings alone; result: what went out of the database, written with it;
-- certificate and ended_at are empty until the files are done, too.
CREATE TABLE erasures (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, person_macs TEXT[] NOT NULL,
    result JSON NOT NULL, certificate JSON, started_at TIMESTAMP NOT NULL, started_by TEXT NOT NULL, ended_at TIMESTAMP);
-- Runs whose adapters learnt an erased person: it cannot be taken out of weights, so they are retired or trained anew.
CREATE TABLE erased_runs (erasure_id TEXT NOT NULL, project_id TEXT NOT NULL, run_id TEXT NOT NULL, erased_at TIMESTAMP NOT NULL);
-- Frozen versions that were rewritten, the one exception to what a version is.
CREATE TABLE erased_versions (
    erasure_id TEXT NOT NULL, project_id TEXT NOT NULL, version_id TEXT NOT NULL, sha256_before TEXT NOT NULL, sha256_after TEXT NOT NULL,
    n_examples BIGINT NOT NULL, n_masked BIGINT NOT NULL);
-- Uploads that went whole: their hash is looked for no more.
CREATE TABLE erased_uploads (erasure_id TEXT NOT NULL, sha256 TEXT NOT NULL);
