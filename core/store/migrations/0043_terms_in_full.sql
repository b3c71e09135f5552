-- The rest of a source's terms: who decides on the data (GDPR Art. 4(7)), special categories and the condition that allows them (Art. 9), the
-- consent or contract that it rests on, and how long its rows are kept. Empty where nobody has said, and no category is known.
ALTER TABLE sources ADD COLUMN controller TEXT DEFAULT '';
ALTER TABLE sources ADD COLUMN special_categories TEXT[] DEFAULT [];
ALTER TABLE sources ADD COLUMN special_condition TEXT DEFAULT '';
ALTER TABLE sources ADD COLUMN reference TEXT DEFAULT '';
ALTER TABLE sources ADD COLUMN retention TEXT DEFAULT '';
-- The consent or contract itself, as a file under its hash among the uploads. None is ever replaced: the newest is the one in force.
CREATE TABLE source_documents (
    id TEXT PRIMARY KEY, seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, source_id TEXT NOT NULL,
    name TEXT NOT NULL, sha256 TEXT NOT NULL, n_bytes BIGINT NOT NULL, added_at TIMESTAMP NOT NULL, added_by TEXT NOT NULL);
