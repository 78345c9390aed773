-- Two children recorded twice become one, and their households and open cases with them, until the merge is undone.

-- Who opens with a key: its owner, or the household into which the owner was merged. A key is wrapped for its owner and stays so.
ALTER TABLE data_keys ADD COLUMN holder_id TEXT NOT NULL DEFAULT '';
UPDATE data_keys SET holder_id = owner_id;
CREATE INDEX data_keys_holder ON data_keys (holder_id);

-- The object into which a deleted one was merged.
ALTER TABLE changes ADD COLUMN merged_into_id TEXT;

-- No foreign keys on the objects: those that were absorbed are gone, and a survivor can be absorbed later.
CREATE TABLE child_merges (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    survivor_child_id TEXT NOT NULL,
    survivor_household_id TEXT NOT NULL,
    -- The case into which an open case went.
    survivor_case_id TEXT,
    absorbed_child_id TEXT NOT NULL,
    -- NULL: both children were of one household.
    absorbed_household_id TEXT,
    absorbed_case_id TEXT,
    -- JSON: what moved, what was there already, what changed in the surviving case. Identifiers, dates and digests.
    moved TEXT NOT NULL,
    -- The rows that are gone, for the undo. Sealed with the key of the surviving household.
    kept BYTEA NOT NULL,
    -- Sealed with the same key.
    reason BYTEA,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    undone_at TIMESTAMP,
    undone_by TEXT CHECK ((undone_by IS NULL) = (undone_at IS NULL)),
    version INTEGER NOT NULL,
    CHECK (survivor_child_id <> absorbed_child_id),
    CHECK (survivor_household_id <> absorbed_household_id),
    CHECK ((survivor_case_id IS NULL) = (absorbed_case_id IS NULL)),
    CHECK (survivor_case_id <> absorbed_case_id)
);
CREATE INDEX child_merges_service ON child_merges (service_id, created_at, id);
-- Nothing is absorbed twice.
CREATE UNIQUE INDEX child_merges_child ON child_merges (absorbed_child_id) WHERE undone_at IS NULL;
CREATE UNIQUE INDEX child_merges_household ON child_merges (absorbed_household_id) WHERE undone_at IS NULL;
CREATE UNIQUE INDEX child_merges_case ON child_merges (absorbed_case_id) WHERE undone_at IS NULL;
CREATE INDEX child_merges_into_case ON child_merges (survivor_case_id) WHERE undone_at IS NULL;
CREATE INDEX child_merges_into_household ON child_merges (survivor_household_id) WHERE undone_at IS NULL;
