-- What a run was started to make again: the facts of another run, as its bundle states them.
ALTER TABLE runs ADD COLUMN reproduces JSON;
