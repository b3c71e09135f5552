-- Tags: a list with colours and an order, acts that can be taken back whole, and suggestions.
CREATE TABLE tags (
    project_id TEXT NOT NULL, tag TEXT NOT NULL, shortcut TEXT NOT NULL, colour TEXT NOT NULL, meaning TEXT NOT NULL, place BIGINT NOT NULL);
INSERT INTO tags
    SELECT project_id, tag, shortcut, '', meaning, row_number() OVER (PARTITION BY project_id ORDER BY shortcut = '', shortcut, tag)
    FROM taxonomy;
DROP TABLE taxonomy;

-- Append-only: one row is one act of one person on tags, of a record, of many, or of the list.
-- list_before, list_after: the whole list, where the act changed it; so its history is here.
CREATE TABLE tag_acts (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('tag', 'untag', 'tag_alike', 'change', 'import', 'rename', 'merge', 'remove', 'undo')),
    undoes TEXT, n_records BIGINT NOT NULL, list_before JSON, list_after JSON, done_by TEXT NOT NULL, done_at TIMESTAMP NOT NULL);
ALTER TABLE taggings ADD COLUMN act_id TEXT;

-- How many good examples each tag needs, where the project says so itself.
ALTER TABLE projects ADD COLUMN tag_target BIGINT;

-- What the last suggesting job found; rebuilt whole by each run of it. margin: confidence of the first over the second tag.
CREATE TABLE tag_suggestions (
    project_id TEXT NOT NULL, record_id TEXT NOT NULL, tag TEXT NOT NULL, place BIGINT NOT NULL, confidence DOUBLE NOT NULL,
    margin DOUBLE NOT NULL, source TEXT NOT NULL, n_near BIGINT NOT NULL, n_asked BIGINT NOT NULL);
CREATE TABLE suggestion_runs (
    project_id TEXT PRIMARY KEY, job_id TEXT NOT NULL, n_tagged BIGINT NOT NULL, evaluation JSON NOT NULL, finished_at TIMESTAMP NOT NULL);
