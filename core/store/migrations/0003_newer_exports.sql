-- Newer exports of a source: what each changed, the texts that were there before, and which text a judgement is on.
CREATE TABLE source_updates (
    id TEXT PRIMARY KEY, source_id TEXT NOT NULL, project_id TEXT NOT NULL, n_unchanged BIGINT NOT NULL, n_updated BIGINT NOT NULL,
    n_new BIGINT NOT NULL, n_missing BIGINT, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL, undone_at TIMESTAMP, undone_by TEXT);

-- What a record was before an update; a record's own row is always the newest.
CREATE TABLE earlier_texts (
    update_id TEXT NOT NULL, record_id TEXT NOT NULL, project_id TEXT NOT NULL, file_id TEXT NOT NULL, row_number BIGINT NOT NULL,
    kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL, content JSON NOT NULL, meta JSON NOT NULL, customer TEXT,
    written_at TEXT, text_sha256 TEXT NOT NULL, n_words BIGINT NOT NULL, text_version BIGINT NOT NULL, replaced_at TIMESTAMP NOT NULL);

CREATE TABLE missing_records (update_id TEXT NOT NULL, record_id TEXT NOT NULL);

ALTER TABLE source_files ADD COLUMN update_id TEXT;
-- Which of a record's texts, in their order, it has; a judgement counts as long as the record has the text it is on.
ALTER TABLE records ADD COLUMN text_version BIGINT DEFAULT 0;
ALTER TABLE decisions ADD COLUMN text_version BIGINT DEFAULT 0;
ALTER TABLE pair_judgements ADD COLUMN a_version BIGINT DEFAULT 0;
ALTER TABLE pair_judgements ADD COLUMN b_version BIGINT DEFAULT 0;

CREATE OR REPLACE VIEW current_decisions AS
    SELECT d.* FROM decisions d SEMI JOIN records r ON r.id = d.record_id AND r.text_version = d.text_version
    WHERE decision <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.id)
    QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY seq DESC) = 1;

CREATE OR REPLACE VIEW current_pair_judgements AS
    SELECT j.* FROM pair_judgements j SEMI JOIN records x ON x.id = j.a AND x.text_version = j.a_version
    SEMI JOIN records y ON y.id = j.b AND y.text_version = j.b_version
    WHERE judgement <> 'undo' AND NOT EXISTS (SELECT 1 FROM pair_judgements u WHERE u.undoes = j.id)
    QUALIFY row_number() OVER (PARTITION BY project_id, a, b ORDER BY seq DESC) = 1;

-- Records that the newest export of their source no longer had.
CREATE VIEW missing_now AS
    SELECT m.record_id, u.source_id FROM missing_records m JOIN (
        SELECT * FROM source_updates WHERE undone_at IS NULL
        QUALIFY row_number() OVER (PARTITION BY source_id ORDER BY created_at DESC) = 1) u ON u.id = m.update_id
    SEMI JOIN records r ON r.id = m.record_id;
