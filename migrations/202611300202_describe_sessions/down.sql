ALTER TABLE refresh_tokens DROP COLUMN address;
ALTER TABLE refresh_tokens DROP COLUMN issued_at;
