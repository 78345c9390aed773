-- Placements that are planned, that the child already had, or that did not come about; the points at which the service asks
-- whether the child is still there.

-- Every placement so far was recorded once it had started.
ALTER TABLE placements ADD COLUMN stage TEXT NOT NULL DEFAULT 'started' CHECK (stage IN ('planned', 'started', 'cancelled'));
ALTER TABLE placements ADD COLUMN cancelled_on DATE CHECK ((stage = 'cancelled') = (cancelled_on IS NOT NULL));
ALTER TABLE placements ADD COLUMN cancel_reason TEXT CHECK ((cancelled_on IS NULL) = (cancel_reason IS NULL));
ALTER TABLE placements ADD COLUMN weekly_minutes INTEGER CHECK (weekly_minutes BETWEEN 1 AND 10080);
-- ISO 8601 numbers of the days, in order, without separator: '1245'.
ALTER TABLE placements ADD COLUMN weekdays TEXT NOT NULL DEFAULT '';
-- Codes of the list, in order, separated by spaces.
ALTER TABLE placements ADD COLUMN adaptations TEXT NOT NULL DEFAULT '';
ALTER TABLE placements ADD COLUMN is_main BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE placements ADD COLUMN end_reason TEXT CHECK (end_reason IS NULL OR ends_on IS NOT NULL);
CREATE INDEX placements_stage ON placements (service_id, stage, starts_on, id);
-- A child has one main place at a time. The rule for places with a last day is checked under the lock of the case.
CREATE UNIQUE INDEX placements_main ON placements (case_id) WHERE is_main AND ends_on IS NULL AND stage <> 'cancelled';

-- One row per month of the settings of the service, written with the placement: it is due until it is answered.
CREATE TABLE placement_reviews (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    placement_id TEXT NOT NULL REFERENCES placements (id),
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
CREATE INDEX placement_reviews_due ON placement_reviews (service_id, due_on, id);
CREATE INDEX placement_reviews_pending ON placement_reviews (service_id, due_on, id) WHERE answer IS NULL;
CREATE INDEX placement_reviews_case ON placement_reviews (case_id);

-- When the service asks whether a child is still there, in months after the start: numbers in order, separated by spaces.
ALTER TABLE services ADD COLUMN placement_review_months TEXT NOT NULL DEFAULT '1 3 6 12';
