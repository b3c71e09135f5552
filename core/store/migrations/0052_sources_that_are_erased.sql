-- What becomes of a source when its time has ended: erase, with all that was made of it, or keep, unused. Those from before are kept, for nobody was told
-- otherwise. erasure_id: of the erasure that took the source out; its row stays, as the proof of what it rested on.
ALTER TABLE sources ADD COLUMN at_end TEXT DEFAULT 'keep';
ALTER TABLE sources ADD COLUMN erasure_id TEXT;
-- Which source an erasure took out; empty where it was a person.
ALTER TABLE erasures ADD COLUMN source_id TEXT;
