-- Runs that are started together to be compared: a sweep of the learning rate, an experiment on what to train on, a learning curve.
CREATE TABLE run_groups (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('sweep', 'experiment', 'learning_curve')),
    name TEXT NOT NULL, question TEXT NOT NULL, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL);
ALTER TABLE runs ADD COLUMN group_id TEXT;
-- What a run is in its group: "twice the rate", "everything".
ALTER TABLE runs ADD COLUMN part TEXT DEFAULT '';

-- Higher ones first; within one priority as they came.
ALTER TABLE jobs ADD COLUMN priority BIGINT DEFAULT 0;

-- Append-only: the newest note of a run counts.
CREATE TABLE run_notes (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), run_id TEXT NOT NULL, project_id TEXT NOT NULL, note TEXT NOT NULL,
    tags TEXT[] NOT NULL, written_by TEXT NOT NULL, written_at TIMESTAMP NOT NULL);
CREATE VIEW current_run_notes AS
    SELECT * FROM run_notes QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY seq DESC) = 1;

-- Append-only: what people made of the model of a run, and on which evidence. A run with an adapter and no act is a candidate.
CREATE TABLE model_acts (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, run_id TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('approve', 'retire', 'undo')), undoes TEXT, reason TEXT NOT NULL, evidence JSON NOT NULL,
    done_by TEXT NOT NULL, done_at TIMESTAMP NOT NULL);
CREATE VIEW current_model_acts AS
    SELECT * FROM model_acts m
    WHERE act <> 'undo' AND NOT EXISTS (SELECT 1 FROM model_acts u WHERE u.undoes = m.id)
    QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY seq DESC) = 1;
