-- The first loop: sources, records, judgements, versions, runs, drafts, reviews.
-- No FOREIGN KEY: DuckDB 2.0 refuses to update a referenced row; `doctor` checks integrity instead.
CREATE SEQUENCE judgement_seq;

CREATE TABLE projects (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, goal TEXT NOT NULL CHECK (goal IN ('voice', 'support', 'code')),
    light_edit_limit DOUBLE NOT NULL DEFAULT 0.10, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL);

CREATE TABLE sources (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, owner TEXT NOT NULL, basis TEXT NOT NULL,
    purpose TEXT NOT NULL, uses TEXT[] NOT NULL, expires_on DATE, licence TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL, undone_at TIMESTAMP, undone_by TEXT);

CREATE TABLE source_files (
    id TEXT PRIMARY KEY, source_id TEXT NOT NULL, project_id TEXT NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
    n_bytes BIGINT NOT NULL, status TEXT NOT NULL CHECK (status IN ('imported', 'refused')), reason TEXT NOT NULL,
    format TEXT NOT NULL, encoding TEXT NOT NULL, mapping JSON, n_accepted BIGINT NOT NULL, n_rejected BIGINT NOT NULL);

CREATE TABLE rejected_rows (
    source_id TEXT NOT NULL, file_id TEXT NOT NULL, row_number BIGINT NOT NULL, reason TEXT NOT NULL, value TEXT NOT NULL);

CREATE TABLE records (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, source_id TEXT NOT NULL, file_id TEXT NOT NULL,
    row_number BIGINT NOT NULL, external_id TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL,
    content JSON NOT NULL, meta JSON NOT NULL, customer TEXT, written_at TEXT, text_sha256 TEXT NOT NULL,
    n_words BIGINT NOT NULL, created_at TIMESTAMP NOT NULL);

-- Append-only: one row is one act of one person.
CREATE TABLE decisions (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL,
    record_id TEXT NOT NULL, decision TEXT NOT NULL CHECK (decision IN ('keep', 'edit', 'reject', 'defer', 'undo')),
    undoes TEXT, text_sha256 TEXT NOT NULL, edited_title TEXT, edited_content JSON, edited_text TEXT,
    note TEXT NOT NULL, decided_by TEXT NOT NULL, decided_at TIMESTAMP NOT NULL);

CREATE VIEW current_decisions AS
    SELECT * FROM decisions d
    WHERE decision <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.id)
    QUALIFY row_number() OVER (PARTITION BY record_id ORDER BY seq DESC) = 1;

CREATE TABLE taggings (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, record_id TEXT NOT NULL,
    tag TEXT NOT NULL, is_added BOOLEAN NOT NULL, tagged_by TEXT NOT NULL, tagged_at TIMESTAMP NOT NULL);

CREATE VIEW current_tags AS
    SELECT project_id, record_id, tag, tagged_by, tagged_at FROM (
        SELECT * FROM taggings QUALIFY row_number() OVER (PARTITION BY record_id, tag ORDER BY seq DESC) = 1)
    WHERE is_added;

CREATE TABLE taxonomy (
    project_id TEXT NOT NULL, tag TEXT NOT NULL, shortcut TEXT NOT NULL, meaning TEXT NOT NULL, PRIMARY KEY (project_id, tag));

-- What the curation job measured; rebuilt whole by each run of it.
CREATE TABLE vectors (
    record_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, encoder TEXT NOT NULL, text_sha256 TEXT NOT NULL, vector FLOAT[384] NOT NULL);
CREATE TABLE pairs (
    project_id TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, method TEXT NOT NULL, jaccard DOUBLE NOT NULL,
    containment DOUBLE NOT NULL, cosine DOUBLE NOT NULL, score DOUBLE NOT NULL, band TEXT NOT NULL);
CREATE TABLE cluster_members (
    project_id TEXT NOT NULL, cluster TEXT NOT NULL, record_id TEXT NOT NULL, is_canonical BOOLEAN NOT NULL);
CREATE TABLE signals (project_id TEXT NOT NULL, record_id TEXT NOT NULL, name TEXT NOT NULL, value DOUBLE NOT NULL);
CREATE TABLE flags (
    project_id TEXT NOT NULL, record_id TEXT NOT NULL, name TEXT NOT NULL, is_defect BOOLEAN NOT NULL, evidence TEXT NOT NULL,
    start_char BIGINT NOT NULL, end_char BIGINT NOT NULL, value DOUBLE, limit_value DOUBLE);
CREATE TABLE scores (record_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, score DOUBLE NOT NULL, reasons TEXT[] NOT NULL);
CREATE TABLE neighbours (project_id TEXT NOT NULL, record_id TEXT NOT NULL, neighbour_id TEXT NOT NULL, place BIGINT NOT NULL, cosine DOUBLE NOT NULL);
CREATE TABLE curations (
    project_id TEXT NOT NULL, job_id TEXT NOT NULL, fingerprint TEXT NOT NULL, encoder TEXT NOT NULL, n_records BIGINT NOT NULL,
    finished_at TIMESTAMP NOT NULL, PRIMARY KEY (project_id));

-- Append-only: what people said about alike records.
CREATE TABLE pair_judgements (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, a TEXT NOT NULL,
    b TEXT NOT NULL, judgement TEXT NOT NULL CHECK (judgement IN ('same', 'different', 'undo')), undoes TEXT,
    judged_by TEXT NOT NULL, judged_at TIMESTAMP NOT NULL);
CREATE VIEW current_pair_judgements AS
    SELECT * FROM pair_judgements j
    WHERE judgement <> 'undo' AND NOT EXISTS (SELECT 1 FROM pair_judgements u WHERE u.undoes = j.id)
    QUALIFY row_number() OVER (PARTITION BY project_id, a, b ORDER BY seq DESC) = 1;
CREATE TABLE canonical_choices (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL,
    record_id TEXT NOT NULL, undoes TEXT, chosen_by TEXT NOT NULL, chosen_at TIMESTAMP NOT NULL);

CREATE TABLE versions (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, name TEXT NOT NULL, recipe TEXT NOT NULL, seed BIGINT NOT NULL,
    content_sha256 TEXT NOT NULL, n_records BIGINT NOT NULL, n_train BIGINT NOT NULL, n_validation BIGINT NOT NULL,
    n_test BIGINT NOT NULL, n_train_tokens BIGINT NOT NULL, card JSON NOT NULL, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL,
    UNIQUE (project_id, name));
CREATE TABLE version_examples (
    version_id TEXT NOT NULL, example_id TEXT NOT NULL, record_id TEXT NOT NULL, split TEXT NOT NULL, n_tokens BIGINT NOT NULL);
CREATE TABLE version_dropped (
    version_id TEXT NOT NULL, record_id TEXT NOT NULL, external_id TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, facts JSON NOT NULL, result JSON,
    reason TEXT NOT NULL, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL, started_at TIMESTAMP, ended_at TIMESTAMP,
    is_collected BOOLEAN NOT NULL);

CREATE TABLE runs (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, version_id TEXT NOT NULL, name TEXT NOT NULL, job_id TEXT NOT NULL,
    config JSON NOT NULL, estimate JSON NOT NULL, status TEXT NOT NULL, adapter TEXT, metrics JSON, created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL, ended_at TIMESTAMP);

CREATE TABLE briefs (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, external_id TEXT NOT NULL, prompt TEXT NOT NULL, audience TEXT NOT NULL,
    facts TEXT[] NOT NULL, reference TEXT, record_id TEXT, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL,
    UNIQUE (project_id, external_id));
CREATE TABLE drafts (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, brief_id TEXT NOT NULL, run_id TEXT NOT NULL, job_id TEXT NOT NULL,
    system TEXT NOT NULL CHECK (system IN ('tuned', 'base', 'base_fewshot', 'human')), text TEXT NOT NULL, seed BIGINT NOT NULL,
    n_tokens BIGINT NOT NULL, created_at TIMESTAMP NOT NULL);

-- A review item is all that a reviewer's browser learns of a draft: its id is random and says nothing.
CREATE TABLE review_items (id TEXT PRIMARY KEY, project_id TEXT NOT NULL, draft_id TEXT NOT NULL UNIQUE);
CREATE TABLE shown_items (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, item_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    shown_at TIMESTAMP NOT NULL);
CREATE TABLE saved_texts (
    item_id TEXT NOT NULL, reviewer TEXT NOT NULL, text TEXT NOT NULL, seconds DOUBLE NOT NULL, saved_at TIMESTAMP NOT NULL,
    PRIMARY KEY (item_id, reviewer));
CREATE TABLE reviews (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, item_id TEXT NOT NULL,
    draft_id TEXT NOT NULL, decision TEXT NOT NULL CHECK (decision IN ('sign_off', 'reject', 'undo')), undoes TEXT,
    final_text TEXT NOT NULL, edit_ratio DOUBLE NOT NULL, reasons TEXT[] NOT NULL, seconds DOUBLE NOT NULL,
    reviewer TEXT NOT NULL, reviewed_at TIMESTAMP NOT NULL);
CREATE VIEW current_reviews AS
    SELECT * FROM reviews r
    WHERE decision <> 'undo' AND NOT EXISTS (SELECT 1 FROM reviews u WHERE u.undoes = r.id)
    QUALIFY row_number() OVER (PARTITION BY item_id, reviewer ORDER BY seq DESC) = 1;

CREATE TABLE events (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), happened_at TIMESTAMP NOT NULL, done_by TEXT NOT NULL,
    project_id TEXT NOT NULL, action TEXT NOT NULL, noun TEXT NOT NULL, object_id TEXT NOT NULL, facts JSON NOT NULL);
