-- A Jira project that is kept as a database in Notion, by an account, with one of its connections on each side. When one
-- of these is removed the database stays as it is and rests. `wish`, `place`, `progress` and `status` are JSON of the room
-- that does the work: what was asked for, what there is in Notion, how far the work is, what people are told. Whoever
-- works on it holds the lease until `lease_until`; `fence` grows with each holder, and what an older one writes is refused.
-- `asked` is what a person wants the next run to do beyond what is due.
CREATE TABLE databases (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    connection_id TEXT REFERENCES connections (id) ON DELETE SET NULL,
    notion_connection_id TEXT REFERENCES notion_connections (id) ON DELETE SET NULL,
    site_url TEXT NOT NULL,
    project_id BIGINT NOT NULL,
    project_key TEXT NOT NULL,
    project_name TEXT NOT NULL,
    wish TEXT NOT NULL,
    place TEXT NOT NULL,
    progress TEXT NOT NULL,
    status TEXT NOT NULL,
    paused BOOLEAN NOT NULL,
    asked TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    fence BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX databases_by_account ON databases (account_id);
CREATE INDEX databases_by_due ON databases (due_at);

-- One issue in such a database: the row of Notion that stands for it, and what was last written there. `pending` is the
-- issue as Jira gave it, sealed, as long as it waits to be written. `begun_at` is set before a row is made in Notion and
-- emptied with its `page_id`: in between nobody knows whether it is there. `depth` is the number of issues above it.
-- `state` is empty for a row that is kept up to date, else a word for why it is not. `problem` is JSON: why it is not as it
-- should be; `losses` is JSON: what of it Notion does not show.
CREATE TABLE synced_rows (
    database_id TEXT NOT NULL REFERENCES databases (id) ON DELETE CASCADE,
    issue_id BIGINT NOT NULL,
    issue_key TEXT NOT NULL,
    page_id TEXT,
    parent TEXT NOT NULL,
    depth BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    key_id TEXT,
    pending BYTEA,
    begun_at BIGINT,
    hash BYTEA NOT NULL,
    body_hash BYTEA NOT NULL,
    missed BIGINT NOT NULL,
    missed_at BIGINT,
    state TEXT NOT NULL,
    problem TEXT,
    losses TEXT NOT NULL,
    PRIMARY KEY (database_id, issue_id)
);
CREATE INDEX synced_rows_pending ON synced_rows (database_id, depth, issue_id) WHERE pending IS NOT NULL;
CREATE INDEX synced_rows_begun ON synced_rows (database_id) WHERE begun_at IS NOT NULL;
CREATE INDEX synced_rows_by_key ON synced_rows (issue_key);
