-- How Jira tells us of changes: at most one registration per connection. Those of one Cloud site have one id, because an
-- app may give a site one address only. `projects` are those to be told of, `registered` those that Jira tells of.
CREATE TABLE webhooks (
    connection_id TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL,
    site_url TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    projects TEXT NOT NULL,
    registered TEXT NOT NULL,
    remote_id BIGINT,
    expires_at BIGINT,
    due_at BIGINT,
    key_id TEXT,
    sealed BYTEA
);
CREATE INDEX webhooks_by_site ON webhooks (site_url);
