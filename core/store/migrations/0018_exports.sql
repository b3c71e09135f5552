-- Models that were made ready to be taken away. job_id is empty for an adapter, which is there at once; manifest and finished_at
-- are empty until the files are there. obstacles: what stood in the way, and override_reason why it went ahead all the same.
CREATE TABLE exports (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, run_id TEXT NOT NULL, job_id TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('adapter', 'merged', 'gguf')), type TEXT NOT NULL, obstacles TEXT[] NOT NULL,
    override_reason TEXT NOT NULL, manifest JSON, n_bytes BIGINT, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL,
    finished_at TIMESTAMP);
