-- How a session was opened: it counts only as long as that way of signing in is set.
ALTER TABLE sessions ADD COLUMN signed_in_by TEXT NOT NULL DEFAULT 'local';
