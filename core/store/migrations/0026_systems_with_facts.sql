-- Two more systems write drafts: the tuned and the base model with facts that they look up. A CHECK cannot be changed in place.
ALTER TABLE drafts RENAME TO drafts_before;
CREATE TABLE drafts (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, brief_id TEXT NOT NULL, run_id TEXT NOT NULL, job_id TEXT NOT NULL,
    system TEXT NOT NULL CHECK (system IN ('tuned', 'base', 'base_fewshot', 'tuned_facts', 'base_facts', 'human')), text TEXT NOT NULL,
    seed BIGINT NOT NULL, n_tokens BIGINT NOT NULL, created_at TIMESTAMP NOT NULL);
INSERT INTO drafts SELECT * FROM drafts_before;
DROP TABLE drafts_before;
