-- Sessions, second factors, resets, limits of clients, and the attempts to sign in.

ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN updated_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE users ADD COLUMN last_signed_in_at TIMESTAMP;
-- Of an authenticator application (RFC 6238), sealed. It counts once it is confirmed.
ALTER TABLE users ADD COLUMN sealed_totp_secret BYTEA;
ALTER TABLE users ADD COLUMN totp_confirmed_at TIMESTAMP;
-- The time step of the last code that was taken: a code works once.
ALTER TABLE users ADD COLUMN totp_last_step BIGINT NOT NULL DEFAULT 0;
UPDATE users SET updated_at = created_at;

CREATE INDEX users_created ON users (created_at, id);
CREATE INDEX users_updated ON users (updated_at, id);
CREATE INDEX memberships_service ON memberships (service_id, user_id);

-- Codes for whoever lost the application; each works once, and is deleted by its use.
CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code_mac BYTEA NOT NULL,
    PRIMARY KEY (user_id, code_mac)
);

-- At most one for each user.
CREATE TABLE password_resets (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    token_hash BYTEA NOT NULL UNIQUE,
    expires_at TIMESTAMP NOT NULL
);

-- Refresh tokens, by session: each is used once and followed by the next. A used one is kept as long as
-- its session can last, to tell that it comes back.
CREATE TABLE refresh_tokens (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    session_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    used_at TIMESTAMP,
    expires_at TIMESTAMP NOT NULL,
    session_ends_at TIMESTAMP NOT NULL
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

-- Access tokens and sessions that end before the expiry of the access tokens given out; forgotten after it.
CREATE TABLE revocations (
    revoked TEXT NOT NULL PRIMARY KEY,
    until TIMESTAMP NOT NULL
);

-- Attempts to sign in, by a MAC of what is attempted: an account, an address, both.
CREATE TABLE sign_in_attempts (
    subject BYTEA NOT NULL PRIMARY KEY,
    attempts INTEGER NOT NULL,
    since TIMESTAMP NOT NULL
);
CREATE INDEX sign_in_attempts_since ON sign_in_attempts (since);

ALTER TABLE clients ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE clients ADD COLUMN updated_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE clients ADD COLUMN expires_at TIMESTAMP;
-- Addresses and networks from which it may call, with commas; any when absent.
ALTER TABLE clients ADD COLUMN networks TEXT;
ALTER TABLE clients ADD COLUMN last_used_at TIMESTAMP;
-- The secret before the last change of secret, while both work.
ALTER TABLE clients ADD COLUMN former_secret_hash BYTEA;
ALTER TABLE clients ADD COLUMN former_secret_until TIMESTAMP;
-- The institution whose client it is, when it is one: which, of what kind, for which territory.
ALTER TABLE clients ADD COLUMN partner_name TEXT;
ALTER TABLE clients ADD COLUMN partner_kind TEXT;
ALTER TABLE clients ADD COLUMN partner_territory TEXT;
UPDATE clients SET updated_at = created_at;

CREATE INDEX clients_created ON clients (created_at, id);
CREATE INDEX clients_updated ON clients (updated_at, id);
CREATE INDEX client_services_service ON client_services (service_id, client_id);
