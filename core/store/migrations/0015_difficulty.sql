-- What a base model makes of an answer with its question and without: losses in nats a token, of the text that has this hash.
-- A record that gives no example was looked at too: it has no loss and no token.
CREATE TABLE difficulties (
    record_id TEXT NOT NULL, project_id TEXT NOT NULL, base TEXT NOT NULL, text_sha256 TEXT NOT NULL, prompted DOUBLE,
    alone DOUBLE, n_tokens BIGINT NOT NULL, measured_at TIMESTAMP NOT NULL, PRIMARY KEY (record_id, base));
-- Flags changed: what was measured before counts as out of date, so that the pages offer to measure again (vectors are kept).
UPDATE curations SET fingerprint = fingerprint || ' with older flags';
