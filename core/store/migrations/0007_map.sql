-- The map of the data: a place for each measured record, and themes (groups alike in meaning) with their names.
CREATE TABLE positions (
    project_id TEXT NOT NULL, record_id TEXT NOT NULL, x DOUBLE NOT NULL, y DOUBLE NOT NULL, theme BIGINT NOT NULL);
CREATE TABLE themes (
    project_id TEXT NOT NULL, theme BIGINT NOT NULL, name TEXT NOT NULL, words TEXT[] NOT NULL, x DOUBLE NOT NULL, y DOUBLE NOT NULL);
-- What was measured before has no map: it counts as out of date, so that the pages offer to measure again (vectors are kept).
UPDATE curations SET fingerprint = fingerprint || ' without a map';
