-- Tokens of people for the API. role and project_id narrow what the person may; project_id is empty for every project.
CREATE TABLE access_tokens (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, name TEXT NOT NULL, secret_sha256 TEXT NOT NULL, role TEXT NOT NULL, project_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL, created_by TEXT NOT NULL, expires_at TIMESTAMP NOT NULL, used_at TIMESTAMP, revoked_at TIMESTAMP, revoked_by TEXT);
