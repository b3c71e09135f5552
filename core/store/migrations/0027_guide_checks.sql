-- How often each draft breaks each rule of the guide of that hash; drafts that break none have a row without a rule;
-- n is -1 where the rule could not be checked. Rebuilt whole by each run of the job.
CREATE TABLE guide_checks (
    project_id TEXT NOT NULL, guide_sha256 TEXT NOT NULL, draft_id TEXT NOT NULL, rule TEXT, n BIGINT NOT NULL);
