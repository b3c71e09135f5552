-- Drafts that a reviewer puts off: they come to them again when nothing else does, and are free for colleagues until then. Append-only.
CREATE TABLE put_off_items (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, item_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    put_off_at TIMESTAMP NOT NULL);
-- Those that were not shown to them again since.
CREATE VIEW standing_put_off AS
    SELECT p.* FROM (SELECT project_id, item_id, reviewer, max(seq) AS seq FROM put_off_items GROUP BY ALL) p
    WHERE NOT EXISTS (SELECT 1 FROM shown_items s WHERE s.item_id = p.item_id AND s.reviewer = p.reviewer AND s.seq > p.seq);
