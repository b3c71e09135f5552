-- Who an account is at an identity provider; the subject is the provider's own id of the person. Removed ones stay, as what was once so.
CREATE TABLE sign_on_identities (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL, issuer TEXT NOT NULL, subject TEXT NOT NULL, linked_at TIMESTAMP NOT NULL,
    removed_at TIMESTAMP, removed_by TEXT);
