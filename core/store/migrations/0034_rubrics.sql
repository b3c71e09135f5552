-- What reviewers may say of a draft besides the verdict: reasons, and criteria to score. Append-only, the newest of a project counts.
CREATE TABLE rubrics (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, content JSON NOT NULL,
    changed_by TEXT NOT NULL, changed_at TIMESTAMP NOT NULL);
-- review_id: of a verdict, or of a second one. is_critical: whether the criterion was, when it was scored.
CREATE TABLE review_scores (
    review_id TEXT NOT NULL, project_id TEXT NOT NULL, criterion TEXT NOT NULL,
    score TEXT NOT NULL CHECK (score IN ('good', 'fair', 'fails')), is_critical BOOLEAN NOT NULL);
CREATE VIEW critical_fails AS
    SELECT DISTINCT review_id FROM review_scores WHERE is_critical AND score = 'fails';
