-- Recipes by name, append-only: the newest row of a name counts. The recipe that a person works on has an empty name.
CREATE TABLE recipes (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, name TEXT NOT NULL, settings JSON,
    saved_by TEXT NOT NULL, saved_at TIMESTAMP NOT NULL);
CREATE VIEW current_recipes AS
    SELECT * FROM (SELECT * FROM recipes WHERE name <> '' QUALIFY row_number() OVER (PARTITION BY project_id, name ORDER BY seq DESC) = 1)
    WHERE settings IS NOT NULL;

-- What each cleaning step alone would change, counted by a job over all records of a project.
CREATE TABLE cleaning_counts (
    project_id TEXT NOT NULL, step TEXT NOT NULL, n_records BIGINT NOT NULL, n_changed BIGINT NOT NULL, n_places BIGINT NOT NULL,
    n_left_whole BIGINT NOT NULL, changed TEXT[] NOT NULL, fingerprint TEXT NOT NULL, counted_at TIMESTAMP NOT NULL);
-- Lines that begin or end texts of many records, as that job found them: what the preview of a step looks at.
CREATE TABLE framing_lines (project_id TEXT NOT NULL, line TEXT NOT NULL);
