-- A placement that did not come about does not keep another one from being recorded with the same organisation on the same
-- day. The unique key cannot be dropped on SQLite: the table is built again, with the one that refers to it.
CREATE TABLE placements_kept (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    childcare_type TEXT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE CHECK (ends_on >= starts_on),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    stage TEXT NOT NULL DEFAULT 'started' CHECK (stage IN ('planned', 'started', 'cancelled')),
    cancelled_on DATE CHECK ((stage = 'cancelled') = (cancelled_on IS NOT NULL)),
    cancel_reason TEXT CHECK ((cancelled_on IS NULL) = (cancel_reason IS NULL)),
    weekly_minutes INTEGER CHECK (weekly_minutes BETWEEN 1 AND 10080),
    -- ISO 8601 numbers of the days, in order, without separator: '1245'.
    weekdays TEXT NOT NULL DEFAULT '',
    -- Codes of the list, in order, separated by spaces.
    adaptations TEXT NOT NULL DEFAULT '',
    is_main BOOLEAN NOT NULL DEFAULT FALSE,
    end_reason TEXT CHECK (end_reason IS NULL OR ends_on IS NOT NULL)
);
CREATE TABLE placement_reviews_kept (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    placement_id TEXT NOT NULL REFERENCES placements_kept (id),
    -- How many months after the start.
    months INTEGER NOT NULL CHECK (months BETWEEN 1 AND 60),
    due_on DATE NOT NULL,
    -- NULL until somebody answers.
    answer TEXT,
    answered_on DATE CHECK ((answer IS NULL) = (answered_on IS NULL)),
    informed_by TEXT CHECK ((answer IS NULL) = (informed_by IS NULL)),
    -- Sealed with the key of the case.
    note BYTEA CHECK (note IS NULL OR answer IS NOT NULL),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    -- One question has one answer.
    UNIQUE (placement_id, months)
);

INSERT INTO placements_kept (
    id, service_id, case_id, organisation_id, childcare_type, starts_on, ends_on, author, version, created_at, updated_at,
    stage, cancelled_on, cancel_reason, weekly_minutes, weekdays, adaptations, is_main, end_reason
)
SELECT
    id, service_id, case_id, organisation_id, childcare_type, starts_on, ends_on, author, version, created_at, updated_at,
    stage, cancelled_on, cancel_reason, weekly_minutes, weekdays, adaptations, is_main, end_reason
FROM placements;
INSERT INTO placement_reviews_kept (
    id, service_id, case_id, placement_id, months, due_on, answer, answered_on, informed_by, note, author, version,
    created_at, updated_at
)
SELECT
    id, service_id, case_id, placement_id, months, due_on, answer, answered_on, informed_by, note, author, version,
    created_at, updated_at
FROM placement_reviews;

DROP TABLE placement_reviews;
DROP TABLE placements;
ALTER TABLE placements_kept RENAME TO placements;
ALTER TABLE placement_reviews_kept RENAME TO placement_reviews;

CREATE UNIQUE INDEX placements_live ON placements (case_id, organisation_id, starts_on) WHERE stage <> 'cancelled';
CREATE INDEX placements_period ON placements (service_id, starts_on);
CREATE INDEX placements_case ON placements (case_id, starts_on, id);
CREATE INDEX placements_updated ON placements (case_id, updated_at, id);
CREATE INDEX placements_stage ON placements (service_id, stage, starts_on, id);
-- A child has one main place at a time. The rule for places with a last day is checked under the lock of the case.
CREATE UNIQUE INDEX placements_main ON placements (case_id) WHERE is_main AND ends_on IS NULL AND stage <> 'cancelled';
CREATE INDEX placement_reviews_due ON placement_reviews (service_id, due_on, id);
CREATE INDEX placement_reviews_pending ON placement_reviews (service_id, due_on, id) WHERE answer IS NULL;
CREATE INDEX placement_reviews_case ON placement_reviews (case_id);
