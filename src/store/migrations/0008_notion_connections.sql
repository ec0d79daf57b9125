-- What an account may do in Notion: tokens of a consent (kind oauth) or one that was typed (kind token), sealed.
-- account_id, bot_id and kind are bound into the sealed value and never change; version is for compare-and-swap. Until
-- renewing_until nobody else renews the tokens.
CREATE TABLE notion_connections (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    workspace_name TEXT NOT NULL,
    bot_id TEXT NOT NULL,
    user_id TEXT,
    user_name TEXT NOT NULL,
    health TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    version BIGINT NOT NULL,
    renewing_until BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, kind, workspace_id, bot_id)
);
