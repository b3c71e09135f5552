-- What people call an edit, told nothing but its two texts; append-only, an undo names what it takes back.
CREATE TABLE edit_labels (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, review_id TEXT NOT NULL,
    label TEXT NOT NULL CHECK (label IN ('same', 'light', 'rewritten', 'undo')), undoes TEXT,
    labelled_by TEXT NOT NULL, labelled_at TIMESTAMP NOT NULL);
CREATE VIEW current_edit_labels AS
    SELECT * FROM edit_labels l
    WHERE label <> 'undo' AND NOT EXISTS (SELECT 1 FROM edit_labels u WHERE u.undoes = l.id)
    QUALIFY row_number() OVER (PARTITION BY review_id, labelled_by ORDER BY seq DESC) = 1;
-- What the light-edit limit was last calibrated on: the limit, pairs, people and when. It tells of the limit in force where the two are equal.
ALTER TABLE projects ADD COLUMN limit_calibration JSON;
