-- Of a run that goes on from another one's adapter: which, on what weights, and the preference pairs that it learns from.
ALTER TABLE runs ADD COLUMN continues JSON;
