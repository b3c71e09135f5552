-- Records that went when an import or a newer export was taken back, with the source that they were of: what was made of one of them meanwhile (a brief,
-- a fact, a tag) goes when the source is erased. Of those that went before there was this table nothing tells the source.
CREATE TABLE removed_records (record_id TEXT PRIMARY KEY, source_id TEXT NOT NULL);
