-- Keys of clients of /v1. The key itself is not kept, only its hash; models is empty for every model.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, key_sha256 TEXT NOT NULL, models TEXT[] NOT NULL, requests_per_minute BIGINT NOT NULL,
    requests_at_once BIGINT NOT NULL, created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL, last_used_at TIMESTAMP,
    revoked_at TIMESTAMP, revoked_by TEXT);
