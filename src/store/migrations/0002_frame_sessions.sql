-- A session inside a frame of another page was opened by a session of the reader's own window and ends with it.
ALTER TABLE sessions ADD COLUMN opened_by BYTEA;
CREATE INDEX sessions_by_opener ON sessions (opened_by);
