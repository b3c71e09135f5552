-- What drafts may look up beside what was moved out of versions: documents that somebody added, in passages.
CREATE TABLE fact_documents (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, title TEXT NOT NULL, origin TEXT NOT NULL, owner TEXT NOT NULL, expires_on DATE,
    sha256 TEXT NOT NULL, n_passages BIGINT NOT NULL, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL, removed_at TIMESTAMP, removed_by TEXT);
CREATE TABLE fact_passages (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, document_id TEXT NOT NULL, place BIGINT NOT NULL, heading TEXT NOT NULL, passage TEXT NOT NULL);
-- One vector a passage, whether of a document or moved out of a version.
CREATE TABLE fact_vectors (fact_id TEXT PRIMARY KEY, project_id TEXT NOT NULL, encoder TEXT NOT NULL, vector FLOAT[384] NOT NULL);

-- Every passage that a draft may look up, with whose it is and until when: moved ones are their source's.
CREATE VIEW known_facts AS
    SELECT p.id, p.project_id, d.title, p.heading, p.passage, d.owner, d.origin AS source, d.expires_on, p.document_id
    FROM fact_passages p JOIN fact_documents d ON d.id = p.document_id WHERE d.removed_at IS NULL
    UNION ALL
    SELECT f.id, f.project_id, '' AS title, '' AS heading, f.passage, coalesce(s.owner, '') AS owner, coalesce(s.name, '') AS source,
           least(f.expires_on, s.expires_on) AS expires_on, NULL AS document_id
    FROM current_facts f LEFT JOIN sources s ON s.id = f.source_id
    -- They go into prompts and are shown to reviewers: the source has to allow both.
    WHERE s.undone_at IS NULL AND (s.id IS NULL OR (list_contains(s.uses, 'evaluate') AND list_contains(s.uses, 'show')));

-- What a draft was given to look at, by value: the store may change, the draft does not.
CREATE TABLE draft_facts (
    draft_id TEXT NOT NULL, place BIGINT NOT NULL, fact_id TEXT NOT NULL, title TEXT NOT NULL, passage TEXT NOT NULL, source TEXT NOT NULL,
    expires_on DATE, PRIMARY KEY (draft_id, place));
