-- Verdicts on a draft that was written after it was told who wrote the others of its brief, by somebody who had read one of those: what was told
-- of the others tells of this one too. Noted with the verdict, once; those from before there was this mark count on.
CREATE TABLE known_draft_reviews (review_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, noted_at TIMESTAMP NOT NULL);
-- Verdicts that were given when it could be known who wrote the draft.
CREATE OR REPLACE VIEW not_blind_reviews AS
    SELECT r.id AS review_id FROM reviews r JOIN told_drafts t ON t.draft_id = r.draft_id WHERE r.decision <> 'undo' AND r.seq > t.seq
    UNION
    SELECT review_id FROM known_draft_reviews;
-- Which drafts a reviewer has read: by itself, beside another one, or to give a verdict on it.
CREATE VIEW drafts_read AS
    SELECT s.project_id, s.reviewer, i.draft_id FROM shown_items s JOIN queue_items i ON i.id = s.item_id
    UNION
    SELECT s.project_id, s.reviewer, unnest([p.first_draft, p.second_draft]) AS draft_id
    FROM shown_draft_pairs s JOIN draft_pairs p ON p.id = s.pair_id
    UNION
    SELECT project_id, reviewer, draft_id FROM reviews;
-- Hosts whose pages may be fetched for facts; append-only, what was said last of a host counts. host: with its port where that is not 443.
CREATE TABLE fact_hosts (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), host TEXT NOT NULL, is_allowed BOOLEAN NOT NULL, allows_private BOOLEAN NOT NULL,
    set_by TEXT NOT NULL, set_at TIMESTAMP NOT NULL);
