-- One draft in so many comes back to the reviewer who judged it; 0: none does. And whether reviewers get only what is assigned to them.
ALTER TABLE projects ADD COLUMN repeat_every BIGINT DEFAULT 10;
ALTER TABLE projects ADD COLUMN assigned_only BOOLEAN DEFAULT FALSE;

-- A draft that comes back to who judged it, under a random id of its own. Its verdicts stand apart: no rate and no pair is made of them.
CREATE TABLE repeat_items (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, item_id TEXT NOT NULL, reviewer TEXT NOT NULL, made_at TIMESTAMP NOT NULL,
    UNIQUE (item_id, reviewer));
CREATE TABLE repeat_reviews (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, item_id TEXT NOT NULL,
    decision TEXT NOT NULL CHECK (decision IN ('sign_off', 'reject', 'undo')), undoes TEXT, final_text TEXT NOT NULL,
    edit_ratio DOUBLE NOT NULL, reasons TEXT[] NOT NULL, seconds DOUBLE NOT NULL, reviewer TEXT NOT NULL, reviewed_at TIMESTAMP NOT NULL);
CREATE VIEW current_repeats AS
    SELECT * FROM repeat_reviews r
    WHERE decision <> 'undo' AND NOT EXISTS (SELECT 1 FROM repeat_reviews u WHERE u.undoes = r.id)
    QUALIFY row_number() OVER (PARTITION BY item_id, reviewer ORDER BY seq DESC) = 1;

-- As current_reviews, for counting at every step of the queue: a person has one verdict on an item at most, so nothing is to be ranked.
CREATE VIEW standing_reviews AS
    SELECT project_id, item_id, draft_id, reviewer, reviewed_at, seq FROM reviews r
    WHERE decision <> 'undo' AND NOT EXISTS (SELECT 1 FROM reviews u WHERE u.undoes = r.id);

-- All that a reviewer may be shown. repeated_for: the reviewer whom it comes back to; NULL for the draft's own item.
CREATE VIEW queue_items AS
    SELECT id, project_id, draft_id, id AS first_id, CAST(NULL AS TEXT) AS repeated_for FROM review_items
    UNION ALL
    SELECT p.id, p.project_id, i.draft_id, p.item_id AS first_id, p.reviewer AS repeated_for
    FROM repeat_items p JOIN review_items i ON i.id = p.item_id;

-- Append-only: who is to judge the drafts of a brief, those written later included; the newest act on a brief and a reviewer counts.
CREATE TABLE assignments (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, brief_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    is_assigned BOOLEAN NOT NULL, done_at TIMESTAMP NOT NULL, done_by TEXT NOT NULL);
CREATE VIEW current_assignments AS
    SELECT project_id, brief_id, reviewer FROM (
        SELECT * FROM assignments QUALIFY row_number() OVER (PARTITION BY brief_id, reviewer ORDER BY seq DESC) = 1) WHERE is_assigned;
