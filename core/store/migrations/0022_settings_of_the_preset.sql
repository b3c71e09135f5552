-- Which settings of a run were not its preset's when it started: name to the preset's and its own. Runs from before say nothing.
ALTER TABLE runs ADD COLUMN differs JSON;
