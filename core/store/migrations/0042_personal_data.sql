-- Personal data: where it stands in the text that a record had when it was looked for; what is edited afterwards has another hash.
CREATE TABLE personal_spans (
    project_id TEXT NOT NULL, record_id TEXT NOT NULL, text_sha256 TEXT NOT NULL, start_char BIGINT NOT NULL, end_char BIGINT NOT NULL,
    type TEXT NOT NULL, value TEXT NOT NULL, value_sha256 TEXT NOT NULL, score DOUBLE NOT NULL, found_by TEXT NOT NULL);
-- Which text of which record was looked through, also where nothing was found.
CREATE TABLE personal_searches (
    project_id TEXT NOT NULL, record_id TEXT NOT NULL, text_sha256 TEXT NOT NULL, searched_at TIMESTAMP NOT NULL);

-- What becomes of it. scope: type, value (of a type), span, or undecided, for all that nobody decided on.
-- choice: keep, mask, replace; block for undecided; undo takes back another decision. Values stand here as hashes alone.
CREATE TABLE personal_decisions (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), id TEXT PRIMARY KEY, project_id TEXT NOT NULL, scope TEXT NOT NULL,
    type TEXT NOT NULL, value_sha256 TEXT NOT NULL, record_id TEXT NOT NULL, text_sha256 TEXT NOT NULL, start_char BIGINT NOT NULL,
    choice TEXT NOT NULL, undoes TEXT, decided_by TEXT NOT NULL, decided_at TIMESTAMP NOT NULL);
CREATE VIEW current_personal_decisions AS
    SELECT * FROM personal_decisions d
    WHERE choice <> 'undo' AND NOT EXISTS (SELECT 1 FROM personal_decisions u WHERE u.undoes = d.id)
    QUALIFY row_number() OVER (
        PARTITION BY project_id, scope, type, value_sha256, record_id, text_sha256, start_char ORDER BY seq DESC) = 1;

-- The spans of texts as they read now, each with what was decided: on itself, else on its value, else on its type; NULL where nothing was.
CREATE VIEW personal_texts AS
    SELECT r.project_id, r.id AS record_id, coalesce(d.edited_text, r.text) AS text,
           CASE WHEN d.edited_text IS NULL THEN r.text_sha256 ELSE sha256(d.edited_text) END AS text_sha256
    FROM records r LEFT JOIN current_decisions d ON d.record_id = r.id;
CREATE VIEW personal_states AS
    SELECT s.*, coalesce(a.choice, b.choice, c.choice) AS choice
    FROM personal_spans s JOIN personal_texts t ON t.record_id = s.record_id AND t.text_sha256 = s.text_sha256
    LEFT JOIN current_personal_decisions a ON a.scope = 'span' AND a.record_id = s.record_id AND a.text_sha256 = s.text_sha256
        AND a.start_char = s.start_char AND a.type = s.type
    LEFT JOIN current_personal_decisions b ON b.scope = 'value' AND b.project_id = s.project_id AND b.type = s.type
        AND b.value_sha256 = s.value_sha256
    LEFT JOIN current_personal_decisions c ON c.scope = 'type' AND c.project_id = s.project_id AND c.type = s.type;

-- A person's reading of a sampled record: marks are the places with whether they are right, wrong or were missed. The newest of a text counts.
CREATE TABLE personal_readings (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), id TEXT PRIMARY KEY, project_id TEXT NOT NULL, record_id TEXT NOT NULL,
    text_sha256 TEXT NOT NULL, marks JSON NOT NULL, read_by TEXT NOT NULL, read_at TIMESTAMP NOT NULL);
