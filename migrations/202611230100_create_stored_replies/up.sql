-- Answers kept for a day, so that a call that is sent twice has one effect and one answer.

CREATE TABLE stored_replies (
    principal TEXT NOT NULL,
    -- MACs: of the caller's key, which may be anything, and of the request.
    key_mac BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    -- Sealed under the key of each owner in turn, the last one outermost; under the deployment's when there is none.
    reply BYTEA NOT NULL,
    -- Identifiers, separated by spaces.
    owners TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (principal, key_mac)
);
CREATE INDEX stored_replies_age ON stored_replies (created_at);
