-- Where the records of a source come from: files, or the texts that reviewers signed off, which are never held out.
ALTER TABLE sources ADD COLUMN kind TEXT DEFAULT 'files';
-- Whether the drafts that are hardest to foresee are shown first.
ALTER TABLE projects ADD COLUMN uncertain_first BOOLEAN DEFAULT FALSE;
-- What foresees verdicts from the text alone: how well it agrees with the team, and the chance of each draft to pass. Rebuilt whole by each run of the job.
CREATE TABLE judges (project_id TEXT PRIMARY KEY, facts JSON NOT NULL, made_at TIMESTAMP NOT NULL);
CREATE TABLE draft_chances (project_id TEXT NOT NULL, draft_id TEXT NOT NULL, chance DOUBLE NOT NULL);
