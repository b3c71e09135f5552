-- How many people judge each draft; each of them once.
ALTER TABLE projects ADD COLUMN reviewers_per_draft BIGINT DEFAULT 1;
