-- A brief says its form, its length (0: nothing said) and what must not be said. How a draft ended, and what its brief asks that it does not keep.
ALTER TABLE briefs ADD COLUMN form TEXT DEFAULT '';
ALTER TABLE briefs ADD COLUMN min_words BIGINT DEFAULT 0;
ALTER TABLE briefs ADD COLUMN max_words BIGINT DEFAULT 0;
ALTER TABLE briefs ADD COLUMN must_not_say TEXT[] DEFAULT [];
-- An endpoint elsewhere writes, too. A CHECK cannot be changed in place.
ALTER TABLE drafts RENAME TO drafts_before;
CREATE TABLE drafts (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, brief_id TEXT NOT NULL, run_id TEXT NOT NULL, job_id TEXT NOT NULL,
    system TEXT NOT NULL CHECK (system IN ('tuned', 'base', 'base_fewshot', 'tuned_facts', 'base_facts', 'external', 'human')),
    text TEXT NOT NULL, seed BIGINT NOT NULL, n_tokens BIGINT NOT NULL, created_at TIMESTAMP NOT NULL,
    ended TEXT NOT NULL DEFAULT '' CHECK (ended IN ('', 'end', 'length', 'repetition')), brief_breaks TEXT[]);
INSERT INTO drafts BY NAME SELECT * FROM drafts_before;
DROP TABLE drafts_before;
-- Drafts that were taken out of the queue before anybody judged them; append-only.
CREATE TABLE drafts_aside (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, draft_id TEXT NOT NULL, is_aside BOOLEAN NOT NULL,
    done_by TEXT NOT NULL, done_at TIMESTAMP NOT NULL);
CREATE VIEW current_drafts_aside AS
    SELECT draft_id, project_id, done_by, done_at FROM (
        SELECT * FROM drafts_aside QUALIFY row_number() OVER (PARTITION BY draft_id ORDER BY seq DESC) = 1)
    WHERE is_aside;
-- The endpoint elsewhere that may write drafts, with what was said about it; append-only, the newest counts. An empty url: none. Never a key.
CREATE TABLE endpoints (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), url TEXT NOT NULL, model TEXT NOT NULL, allows_private BOOLEAN NOT NULL,
    set_by TEXT NOT NULL, set_at TIMESTAMP NOT NULL);
