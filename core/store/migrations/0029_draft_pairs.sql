-- Two drafts for one brief, to be judged side by side. The id is random and all that a reviewer's browser learns of a pair beside the texts;
-- sides_seed, which never leaves the server, says which of the two stands on the left for whom. is_same: the same text twice, never asked about.
CREATE TABLE draft_pairs (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, brief_id TEXT NOT NULL, first_draft TEXT NOT NULL, second_draft TEXT NOT NULL,
    is_same BOOLEAN NOT NULL, sides_seed TEXT NOT NULL, made_at TIMESTAMP NOT NULL, made_by TEXT NOT NULL,
    withdrawn_at TIMESTAMP, withdrawn_by TEXT);
CREATE TABLE shown_draft_pairs (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, pair_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    shown_at TIMESTAMP NOT NULL);
-- Append-only. is_first_left: how the pair stood on that reviewer's screen.
CREATE TABLE draft_pair_verdicts (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, pair_id TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('first', 'second', 'both_good', 'both_bad', 'skip', 'undo')), undoes TEXT,
    is_first_left BOOLEAN NOT NULL, reviewer TEXT NOT NULL, judged_at TIMESTAMP NOT NULL);
CREATE VIEW standing_pair_acts AS
    SELECT * FROM draft_pair_verdicts v
    WHERE verdict <> 'undo' AND NOT EXISTS (SELECT 1 FROM draft_pair_verdicts u WHERE u.undoes = v.id);
CREATE VIEW current_pair_verdicts AS
    SELECT * FROM standing_pair_acts WHERE verdict <> 'skip'
    QUALIFY row_number() OVER (PARTITION BY pair_id, reviewer ORDER BY seq DESC) = 1;
