-- One text for SQLite and PostgreSQL: TEXT, BIGINT and BYTEA only; instants are milliseconds since 1970.

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

CREATE TABLE identities (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_by_account ON identities (account_id);

CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    hash BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_tokens_by_account ON api_tokens (account_id);

CREATE TABLE sessions (
    hash BYTEA NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);

-- What a connection signs in with. It lives as long as a connection uses it; several may share one (one OAuth grant).
-- account_id, site and kind are bound into the sealed value and never change; version is for compare-and-swap.
CREATE TABLE credentials (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    site TEXT NOT NULL,
    kind TEXT NOT NULL,
    key_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    version BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX credentials_by_account ON credentials (account_id);
CREATE INDEX credentials_by_key ON credentials (key_id, id);

CREATE TABLE connections (
    id TEXT NOT NULL PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    site_url TEXT NOT NULL,
    api_url TEXT NOT NULL,
    deployment TEXT NOT NULL,
    version TEXT,
    title TEXT NOT NULL,
    method TEXT NOT NULL,
    label TEXT NOT NULL,
    jira_user TEXT NOT NULL,
    health TEXT NOT NULL,
    health_since BIGINT NOT NULL,
    expires_at BIGINT,
    grant_id TEXT,
    credential_id TEXT NOT NULL REFERENCES credentials (id),
    generation BIGINT NOT NULL,
    last_ok_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (account_id, site_url, jira_user)
);
CREATE INDEX connections_by_credential ON connections (credential_id);

-- Attempts to connect: each limit has a fixed number of slots, and a slot is free again when its window has passed.
CREATE TABLE attempts (
    kind TEXT NOT NULL,
    subject BYTEA NOT NULL,
    slot BIGINT NOT NULL,
    claim TEXT NOT NULL,
    claimed_at BIGINT NOT NULL,
    PRIMARY KEY (kind, subject, slot)
);
CREATE INDEX attempts_by_time ON attempts (claimed_at);

-- A known value, sealed: a wrong master key is noticed at the start.
CREATE TABLE key_check (
    id TEXT NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL
);

-- Counts every change that another process may have in memory.
CREATE TABLE revision (
    value BIGINT NOT NULL
);
INSERT INTO revision (value) VALUES (0);
