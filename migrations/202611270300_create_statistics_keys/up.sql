-- The keys that sign releases: others than those of access tokens, and kept for ever, since what they signed stays.

-- The newest signs, all verify. Append-only: see crates/database/src/guards.
CREATE TABLE statistics_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    public_key BYTEA NOT NULL,
    sealed_private_key BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL
);
