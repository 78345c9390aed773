-- The restores of a backup that the operator confirmed. Each begins an epoch of the change feed.
CREATE TABLE restores (
    -- Random: a number would be given again after a restore of an older backup.
    id TEXT NOT NULL PRIMARY KEY,
    -- The order of the restores that this database knows.
    number INTEGER NOT NULL UNIQUE CHECK (number >= 1),
    confirmed_at TIMESTAMP NOT NULL,
    -- The last position of the feed that the restored database has.
    feed_position BIGINT NOT NULL CHECK (feed_position >= 0),
    -- A MAC of the record and its chains: without the master key, a truncated journal cannot be passed off as a restore.
    tag BYTEA NOT NULL
);

-- The chains of the audit journal, as the restored database had them.
CREATE TABLE restored_chains (
    restore_id TEXT NOT NULL REFERENCES restores (id),
    chain TEXT NOT NULL,
    kept BIGINT NOT NULL CHECK (kept >= 1),
    link BYTEA NOT NULL,
    PRIMARY KEY (restore_id, chain)
);
