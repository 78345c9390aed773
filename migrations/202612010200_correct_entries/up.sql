-- Corrections: what was typed by mistake is corrected or removed, and its former values are kept.

-- Steps and interventions can be corrected: they have versions, like every object that can.
ALTER TABLE case_steps ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE case_steps ADD COLUMN updated_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE case_steps SET updated_at = created_at;
ALTER TABLE interventions ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE interventions ADD COLUMN updated_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE interventions SET updated_at = created_at;
CREATE INDEX case_steps_updated ON case_steps (case_id, updated_at, id);
CREATE INDEX interventions_updated ON interventions (case_id, updated_at, id);

-- The placement that recorded the step: both are corrected together. They were recorded in one transaction, so at one time.
-- No foreign key: SQLite could not drop the column.
ALTER TABLE case_steps ADD COLUMN placement_id TEXT;
UPDATE case_steps SET placement_id = (
    SELECT min(placements.id) FROM placements
    WHERE placements.case_id = case_steps.case_id AND placements.starts_on = case_steps.reached_on
        AND placements.created_at = case_steps.created_at
) WHERE step = 'effective_placement';
CREATE INDEX case_steps_placement ON case_steps (placement_id) WHERE placement_id IS NOT NULL;

-- A reopening undoes a closing, and its step with it. The history of the case says both.
DELETE FROM case_steps WHERE step = 'closure' AND case_id IN (SELECT id FROM cases WHERE status = 'open');
DELETE FROM case_steps WHERE step = 'closure' AND EXISTS (
    SELECT 1 FROM case_steps AS later
    WHERE later.case_id = case_steps.case_id AND later.step = 'closure' AND later.created_at > case_steps.created_at
);

-- Former values, append-only: see crates/database/src/guards. No foreign key to the object: it may be removed.
CREATE TABLE corrections (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    -- The version that the correction produced: two corrections can never both follow the same one.
    version INTEGER NOT NULL,
    -- Why it was removed; NULL for a correction.
    removed_for TEXT,
    -- Who recorded the object: they may correct it, and read this.
    entered_by TEXT NOT NULL,
    -- Whose key seals the changes: the key of the values themselves.
    key_owner TEXT NOT NULL,
    changes BYTEA NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (object_id, version)
);

-- The events of a case outlast it, since its referral can be annulled: no foreign key to the case. They say its corrections.
CREATE TABLE case_events_kept (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('open', 'close', 'reopen', 'correct', 'annul')),
    outcome TEXT,
    happened_on DATE NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (case_id, version),
    CHECK ((action = 'close') = (outcome IS NOT NULL))
);
INSERT INTO case_events_kept (id, service_id, case_id, version, action, outcome, happened_on, author, created_at)
SELECT id, service_id, case_id, version, action, outcome, happened_on, author, created_at FROM case_events;
DROP TABLE case_events;
ALTER TABLE case_events_kept RENAME TO case_events;

-- A referral recorded or accepted by mistake. The constraints of `status` cannot be changed on both engines: an annulled
-- referral has the status `withdrawn` there, and this day. Its external identifier is free again.
ALTER TABLE referrals ADD COLUMN annulled_on DATE;
ALTER TABLE referrals ADD COLUMN former_external_id TEXT;

-- How long after its closing a case takes work that was done before.
ALTER TABLE services ADD COLUMN late_entry_days INTEGER NOT NULL DEFAULT 60 CHECK (late_entry_days BETWEEN 0 AND 366);

-- What the object of a change belongs to: the case of a step.
ALTER TABLE changes ADD COLUMN parent_id TEXT;
