CREATE TABLE case_events_before (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('open', 'close', 'reopen', 'correct', 'annul', 'remove')),
    outcome TEXT,
    happened_on DATE NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    object_kind TEXT,
    object_id TEXT,
    UNIQUE (case_id, version),
    CHECK ((action = 'close') = (outcome IS NOT NULL)),
    CHECK ((action = 'remove') = (object_kind IS NOT NULL)),
    CHECK ((object_kind IS NULL) = (object_id IS NULL))
);
INSERT INTO case_events_before (
    id, service_id, case_id, version, action, outcome, happened_on, author, created_at, object_kind, object_id
)
SELECT id, service_id, case_id, version, action, outcome, happened_on, author, created_at, object_kind, object_id
FROM case_events
WHERE action NOT IN ('merge', 'undo_merge');
DROP TABLE case_events;
ALTER TABLE case_events_before RENAME TO case_events;
