-- What the export of a known program held, and what was left out of it, in words.
ALTER TABLE source_files ADD COLUMN notes JSON;
