-- Accounts, their roles, and what lets somebody in. Of every secret only a hash is kept.
-- name_key: the name without regard to case. A name is never given twice, since it stands with what its person did.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL, password_hash TEXT NOT NULL, created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL, ended_at TIMESTAMP, ended_by TEXT);
-- Append-only: the newest row of an account and project holds, and role is null where it was taken away. project_id is empty for everywhere.
CREATE TABLE role_changes (
    seq BIGINT NOT NULL DEFAULT nextval('judgement_seq'), account_id TEXT NOT NULL, project_id TEXT NOT NULL,
    role TEXT CHECK (role IN ('owner', 'engineer', 'lead', 'reviewer', 'auditor')), changed_at TIMESTAMP NOT NULL, changed_by TEXT NOT NULL);
CREATE VIEW memberships AS
    SELECT account_id, project_id, role, changed_at, changed_by FROM (
        SELECT * FROM role_changes QUALIFY row_number() OVER (PARTITION BY account_id, project_id ORDER BY seq DESC) = 1)
    WHERE role IS NOT NULL;
CREATE TABLE sessions (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, secret_sha256 TEXT NOT NULL, started_at TIMESTAMP NOT NULL, used_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP, why_ended TEXT);
-- account_id: whose password the link sets anew; null for a new person, who gets role in project_id. name is empty for the first owner's own choice.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY, secret_sha256 TEXT NOT NULL, account_id TEXT, name TEXT NOT NULL, project_id TEXT NOT NULL, role TEXT, created_at TIMESTAMP NOT NULL,
    created_by TEXT NOT NULL, expires_at TIMESTAMP NOT NULL, used_at TIMESTAMP, revoked_at TIMESTAMP, revoked_by TEXT);
