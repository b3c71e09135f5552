-- Whether the endpoint elsewhere may be asked what it thinks of drafts; said anew for each endpoint.
ALTER TABLE endpoints ADD COLUMN may_judge BOOLEAN DEFAULT FALSE;
-- What a model elsewhere answered of a draft, from 0 to 1; asked once. The server's alone, as the chances are.
CREATE TABLE draft_opinions (
    project_id TEXT NOT NULL, draft_id TEXT NOT NULL, url TEXT NOT NULL, model TEXT NOT NULL, opinion DOUBLE NOT NULL, given_at TIMESTAMP NOT NULL,
    PRIMARY KEY (draft_id, url, model));
