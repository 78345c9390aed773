-- The history of a case says that its child was merged with another record of it, and that the merge was undone. The constraint
-- on actions cannot be changed on both engines: the table is built again.
CREATE TABLE case_events_with_merges (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (
        action IN ('open', 'close', 'reopen', 'correct', 'annul', 'remove', 'merge', 'undo_merge')
    ),
    outcome TEXT,
    happened_on DATE NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- The record that was removed, or the merge. No foreign key: what was removed is gone.
    object_kind TEXT,
    object_id TEXT,
    UNIQUE (case_id, version),
    CHECK ((action = 'close') = (outcome IS NOT NULL)),
    CHECK ((action IN ('remove', 'merge', 'undo_merge')) = (object_kind IS NOT NULL)),
    CHECK ((object_kind IS NULL) = (object_id IS NULL))
);
INSERT INTO case_events_with_merges (
    id, service_id, case_id, version, action, outcome, happened_on, author, created_at, object_kind, object_id
)
SELECT id, service_id, case_id, version, action, outcome, happened_on, author, created_at, object_kind, object_id
FROM case_events;
DROP TABLE case_events;
ALTER TABLE case_events_with_merges RENAME TO case_events;
