-- What happened: the feed of changes for those who follow, the audit journal for those who check.

CREATE TABLE changes (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    resource TEXT NOT NULL,
    -- No foreign key: a deleted object is named after it is gone.
    object_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    deletion_reason TEXT,
    happened_at TIMESTAMP NOT NULL,
    -- Given when it is published, never when it is written: a number taken before a commit can be overtaken.
    position BIGINT
);
CREATE UNIQUE INDEX changes_position ON changes (position);
CREATE INDEX changes_of_service ON changes (service_id, position);
CREATE INDEX changes_waiting ON changes (id) WHERE position IS NULL;

CREATE TABLE audit_events (
    id TEXT NOT NULL PRIMARY KEY,
    -- A service's identifier, or 'deployment'.
    chain TEXT NOT NULL,
    principal TEXT NOT NULL,
    operation TEXT NOT NULL,
    request_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    -- The object that the address names.
    target_id TEXT,
    -- Lists of words, each with a space before it: 'resource:id:kind', and identifiers.
    changed TEXT NOT NULL,
    opened TEXT NOT NULL,
    address TEXT,
    happened_at TIMESTAMP NOT NULL,
    -- Set once, by the job that chains.
    position BIGINT,
    link BYTEA
);
CREATE UNIQUE INDEX audit_events_position ON audit_events (chain, position);
CREATE INDEX audit_events_of_chain ON audit_events (chain, id);
CREATE INDEX audit_events_waiting ON audit_events (id) WHERE position IS NULL;
