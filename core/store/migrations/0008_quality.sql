-- Quality: flags that a project switches off, the gold subset, and how its scores were made.
CREATE TABLE flag_switches (
    project_id TEXT NOT NULL, name TEXT NOT NULL, is_on BOOLEAN NOT NULL, switched_by TEXT NOT NULL, switched_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, name));

-- What was measured stays; a flag that is switched off is not seen.
CREATE VIEW active_flags AS
    SELECT * FROM flags f
    WHERE NOT EXISTS (SELECT 1 FROM flag_switches s WHERE s.project_id = f.project_id AND s.name = f.name AND NOT s.is_on);

-- Append-only: a record is gold as the latest act on it says that is not undone.
CREATE TABLE gold_marks (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, record_id TEXT NOT NULL,
    mark TEXT NOT NULL CHECK (mark IN ('add', 'remove', 'undo')), undoes TEXT, marked_by TEXT NOT NULL, marked_at TIMESTAMP NOT NULL);
CREATE VIEW current_gold AS
    SELECT project_id, record_id, marked_by, marked_at FROM (
        SELECT * FROM gold_marks g
        WHERE mark <> 'undo' AND NOT EXISTS (SELECT 1 FROM gold_marks u WHERE u.undoes = g.id)
        QUALIFY row_number() OVER (PARTITION BY project_id, record_id ORDER BY seq DESC) = 1)
    WHERE mark = 'add';

-- One row a project: whether its scores follow the fixed formula or were learnt, from how many decisions, how well.
CREATE TABLE score_models (
    project_id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('formula', 'learnt')), n_decisions BIGINT NOT NULL,
    facts JSON NOT NULL, made_at TIMESTAMP NOT NULL);
