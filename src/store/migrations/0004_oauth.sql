-- A grant is renewed by one process at a time: who renews it, and until when the others wait for that.
ALTER TABLE credentials ADD COLUMN renewal TEXT;
ALTER TABLE credentials ADD COLUMN renewal_until BIGINT;

-- Consents under way: known by the hash of their state, bound to a browser (the hash of its cookie), gone when used.
CREATE TABLE oauth_attempts (
    state BYTEA NOT NULL PRIMARY KEY,
    browser BYTEA NOT NULL,
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    site TEXT NOT NULL,
    return_to TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX oauth_attempts_by_time ON oauth_attempts (created_at);
CREATE INDEX oauth_attempts_by_account ON oauth_attempts (account_id);
