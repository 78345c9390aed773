-- When and from where a session was last renewed, for its owner. Unknown of the tokens that exist: they live for a day.

ALTER TABLE refresh_tokens ADD COLUMN issued_at TIMESTAMP;
ALTER TABLE refresh_tokens ADD COLUMN address TEXT;
