-- What an account lets Notion do: one row for each of Notion's bots, which stands for one person in one workspace.
-- `sealed` is Notion's own token for us. `pairs` counts the pairs of tokens that we have issued.
CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    bot_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    workspace_name TEXT NOT NULL,
    health TEXT NOT NULL,
    pairs BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (account_id, bot_id)
);

-- Our authorization codes, by hash. `family` is that of the tokens that a code becomes.
CREATE TABLE grant_codes (
    hash BYTEA NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    family TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX grant_codes_by_grant ON grant_codes (grant_id);

-- Our access and refresh tokens, by hash. `parent` is the pair that was renewed; it is retired when this one is used.
CREATE TABLE grant_tokens (
    hash BYTEA NOT NULL PRIMARY KEY,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    family TEXT NOT NULL,
    pair BIGINT NOT NULL,
    parent BIGINT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    retired_at BIGINT
);
CREATE INDEX grant_tokens_by_grant ON grant_tokens (grant_id, pair);

-- What Notion is showing: a link in a workspace, pasted by the person of a grant. `digest` is the hash of what Notion was
-- told last, `site_url` and `issue` are where a change of it would be told of.
CREATE TABLE watches (
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    uri_hash BYTEA NOT NULL,
    uri TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    site_url TEXT NOT NULL,
    issue TEXT NOT NULL,
    digest BYTEA NOT NULL,
    seen_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (grant_id, uri_hash)
);
CREATE INDEX watches_by_due ON watches (due_at);
CREATE INDEX watches_by_page ON watches (workspace_id, uri_hash);
CREATE INDEX watches_by_issue ON watches (site_url, issue);
