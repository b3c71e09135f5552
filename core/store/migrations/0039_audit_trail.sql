-- The events become the audit trail: numbered without gaps, each linked to the one before by a MAC whose key lies outside the database.
ALTER TABLE events RENAME TO events_before;
CREATE TABLE events (
    seq BIGINT NOT NULL, happened_at TIMESTAMP NOT NULL, done_by TEXT NOT NULL, project_id TEXT NOT NULL, action TEXT NOT NULL,
    noun TEXT NOT NULL, object_id TEXT NOT NULL, facts JSON NOT NULL, previous BLOB NOT NULL, mac BLOB NOT NULL);
-- Why something was taken away although a source forbids it. The trail holds its id and its length; what a person wrote stays out of it.
CREATE TABLE overrides (
    id TEXT PRIMARY KEY, project_id TEXT NOT NULL, kind TEXT NOT NULL, object_id TEXT NOT NULL, reason TEXT NOT NULL,
    obstacles TEXT[] NOT NULL, done_by TEXT NOT NULL, done_at TIMESTAMP NOT NULL);
INSERT INTO overrides
    SELECT 'ov_' || lpad(seq::TEXT, 16, '0'), project_id, noun, object_id, facts->>'$.reason', (facts->'$.obstacles')::TEXT[], done_by, happened_at
    FROM events_before WHERE action = 'overridden';
UPDATE events_before SET facts = json_merge_patch(facts, json_object(
        'override', 'ov_' || lpad(seq::TEXT, 16, '0'), 'n_obstacles', json_array_length(facts->'$.obstacles'),
        'n_characters', length(facts->>'$.reason'), 'reason', NULL, 'obstacles', NULL))
    WHERE action = 'overridden';
