-- Who looks at which record just now, and what a second reader says without seeing the first one's decision.
ALTER TABLE projects ADD COLUMN second_share DOUBLE DEFAULT 0.0;

CREATE TABLE holds (record_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, held_by TEXT NOT NULL, held_until TIMESTAMP NOT NULL);

-- Append-only. decision_id: the decision that is checked; another one later settles what they differ in.
CREATE TABLE second_readings (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, record_id TEXT NOT NULL,
    decision_id TEXT NOT NULL, reading TEXT NOT NULL CHECK (reading IN ('keep', 'reject', 'undo')), undoes TEXT,
    read_by TEXT NOT NULL, read_at TIMESTAMP NOT NULL);
CREATE VIEW current_second_readings AS
    SELECT * FROM second_readings s
    WHERE reading <> 'undo' AND NOT EXISTS (SELECT 1 FROM second_readings u WHERE u.undoes = s.id)
    QUALIFY row_number() OVER (PARTITION BY record_id, read_by ORDER BY seq DESC) = 1;
