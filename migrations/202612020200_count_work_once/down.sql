CREATE TABLE interventions_before (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    type TEXT NOT NULL,
    mode TEXT NOT NULL,
    held_on DATE NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes >= 0),
    travel_minutes INTEGER NOT NULL CHECK (travel_minutes >= 0),
    place TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    on_school_time BOOLEAN NOT NULL,
    next_action_on DATE,
    note BYTEA,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    updated_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00'
);
CREATE TABLE intervention_participants_before (
    intervention_id TEXT NOT NULL REFERENCES interventions_before (id),
    kind TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (intervention_id, kind)
);
CREATE TABLE appointment_cases_before (
    appointment_id TEXT NOT NULL REFERENCES appointments (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    intervention_id TEXT REFERENCES interventions_before (id) ON DELETE SET NULL,
    PRIMARY KEY (appointment_id, case_id)
);
INSERT INTO interventions_before (
    id, service_id, case_id, type, mode, held_on, minutes, travel_minutes, place, organisation_id, on_school_time,
    next_action_on, note, author, created_at, version, updated_at
)
SELECT
    id, service_id, case_id, type, mode, held_on, minutes, travel_minutes, place, organisation_id, on_school_time,
    next_action_on, note, author, created_at, version, updated_at
FROM interventions WHERE case_id IS NOT NULL;
INSERT INTO intervention_participants_before (intervention_id, kind, number)
SELECT intervention_id, kind, number FROM intervention_participants
WHERE intervention_id IN (SELECT id FROM interventions_before);
INSERT INTO appointment_cases_before (appointment_id, case_id, position, intervention_id)
SELECT appointment_id, case_id, position, intervention_id FROM appointment_cases;

DROP TABLE intervention_professionals;
DROP TABLE intervention_participants;
DROP TABLE appointment_cases;
DROP TABLE interventions;
ALTER TABLE interventions_before RENAME TO interventions;
ALTER TABLE intervention_participants_before RENAME TO intervention_participants;
ALTER TABLE appointment_cases_before RENAME TO appointment_cases;

CREATE INDEX interventions_case ON interventions (case_id, held_on, id);
CREATE INDEX interventions_updated ON interventions (case_id, updated_at, id);
CREATE INDEX interventions_period ON interventions (service_id, held_on);
CREATE INDEX appointment_cases_case ON appointment_cases (case_id);
CREATE INDEX appointment_cases_intervention ON appointment_cases (intervention_id) WHERE intervention_id IS NOT NULL;
