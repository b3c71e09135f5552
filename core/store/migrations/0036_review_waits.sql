-- When nothing could be shown to a reviewer: how many items they had seen by then, and which open ones waited. Append-only; what waited
-- stays withheld until they have seen another one.
CREATE TABLE review_waits (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), project_id TEXT NOT NULL, reviewer TEXT NOT NULL,
    n_seen INTEGER NOT NULL, items TEXT[] NOT NULL, waited_at TIMESTAMP NOT NULL);
