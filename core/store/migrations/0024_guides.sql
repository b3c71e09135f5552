-- Append-only: the newest guide of a project counts. content: notes, spelling, presets and rules as plain values.
CREATE TABLE guides (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, content JSON NOT NULL, sha256 TEXT NOT NULL,
    changed_by TEXT NOT NULL, changed_at TIMESTAMP NOT NULL);
CREATE VIEW current_guides AS
    SELECT * FROM guides QUALIFY row_number() OVER (PARTITION BY project_id ORDER BY seq DESC) = 1;
