-- A MAC of the columns that give rights, under a key that the database does not hold: a row that somebody wrote without the
-- program gives none. Rows from before get theirs at the first start.
ALTER TABLE users ADD COLUMN mac BYTEA;
ALTER TABLE memberships ADD COLUMN mac BYTEA;
ALTER TABLE clients ADD COLUMN mac BYTEA;
ALTER TABLE client_services ADD COLUMN mac BYTEA;
ALTER TABLE invitations ADD COLUMN mac BYTEA;
ALTER TABLE password_resets ADD COLUMN mac BYTEA;
ALTER TABLE refresh_tokens ADD COLUMN mac BYTEA;
ALTER TABLE revocations ADD COLUMN mac BYTEA;
ALTER TABLE statistics_settings ADD COLUMN mac BYTEA;
ALTER TABLE signing_keys ADD COLUMN mac BYTEA;
