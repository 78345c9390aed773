-- Work about several cases, or about none. A row is the share of one case in an act; an act is counted once.

-- SQLite cannot make a column nullable: the table is built again, with those that refer to it.
CREATE TABLE interventions_kept (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    -- NULL: work about no case.
    case_id TEXT REFERENCES cases (id),
    -- The first row of the act: its own identifier, if the act is about one case or none.
    act_id TEXT NOT NULL REFERENCES interventions_kept (id),
    -- The rank of the case in the act.
    position INTEGER NOT NULL CHECK (position BETWEEN 0 AND 19),
    type TEXT NOT NULL,
    mode TEXT NOT NULL,
    held_on DATE NOT NULL,
    -- The share of the case.
    minutes INTEGER NOT NULL CHECK (minutes >= 0),
    travel_minutes INTEGER NOT NULL CHECK (travel_minutes >= 0),
    place TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    on_school_time BOOLEAN NOT NULL,
    next_action_on DATE,
    -- Sealed under the key of the case; of work about no case, under a key of its own.
    note BYTEA,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    -- The same in all rows of an act.
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    -- Work about no case is one row.
    CHECK (case_id IS NOT NULL OR act_id = id)
);
CREATE TABLE intervention_participants_kept (
    intervention_id TEXT NOT NULL REFERENCES interventions_kept (id),
    kind TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (intervention_id, kind)
);
CREATE TABLE appointment_cases_kept (
    appointment_id TEXT NOT NULL REFERENCES appointments (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    intervention_id TEXT REFERENCES interventions_kept (id) ON DELETE SET NULL,
    PRIMARY KEY (appointment_id, case_id)
);
-- Who took part: users of the service. The author is who typed it.
CREATE TABLE intervention_professionals (
    act_id TEXT NOT NULL REFERENCES interventions_kept (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    PRIMARY KEY (act_id, user_id)
);

INSERT INTO interventions_kept (
    id, service_id, case_id, act_id, position, type, mode, held_on, minutes, travel_minutes, place, organisation_id,
    on_school_time, next_action_on, note, author, created_at, version, updated_at
)
SELECT
    id, service_id, case_id, id, 0, type, mode, held_on, minutes, travel_minutes, place, organisation_id,
    on_school_time, next_action_on, note, author, created_at, version, updated_at
FROM interventions;

-- What one appointment became is one act, unless a correction has made its rows differ since.
UPDATE interventions_kept SET act_id = (
    SELECT min(other.id)
    FROM appointment_cases AS mine
    JOIN appointment_cases AS theirs ON theirs.appointment_id = mine.appointment_id
    JOIN interventions AS other ON other.id = theirs.intervention_id
    WHERE mine.intervention_id = interventions_kept.id
        AND other.version = interventions_kept.version AND other.type = interventions_kept.type
        AND other.mode = interventions_kept.mode AND other.held_on = interventions_kept.held_on
        AND other.place = interventions_kept.place AND other.on_school_time = interventions_kept.on_school_time
        AND COALESCE(other.organisation_id, '') = COALESCE(interventions_kept.organisation_id, '')
)
WHERE id IN (SELECT intervention_id FROM appointment_cases WHERE intervention_id IS NOT NULL);
UPDATE interventions_kept SET position = (
    SELECT count(*) FROM interventions_kept AS earlier
    WHERE earlier.act_id = interventions_kept.act_id AND earlier.id < interventions_kept.id
)
WHERE act_id <> id;

INSERT INTO intervention_participants_kept (intervention_id, kind, number)
SELECT intervention_id, kind, number FROM intervention_participants;
INSERT INTO appointment_cases_kept (appointment_id, case_id, position, intervention_id)
SELECT appointment_id, case_id, position, intervention_id FROM appointment_cases;

-- Until now nobody said who took part: those of the appointment, otherwise who typed it.
INSERT INTO intervention_professionals (act_id, user_id, position)
SELECT interventions_kept.id, appointment_professionals.user_id, appointment_professionals.position
FROM interventions_kept
JOIN appointment_cases ON appointment_cases.intervention_id = interventions_kept.id
JOIN appointment_professionals ON appointment_professionals.appointment_id = appointment_cases.appointment_id
WHERE interventions_kept.act_id = interventions_kept.id;
INSERT INTO intervention_professionals (act_id, user_id, position)
SELECT interventions_kept.id, users.id, 0
FROM interventions_kept
JOIN users ON interventions_kept.author = 'user:' || users.id
WHERE interventions_kept.act_id = interventions_kept.id
    AND interventions_kept.id NOT IN (SELECT act_id FROM intervention_professionals);

DROP TABLE intervention_participants;
DROP TABLE appointment_cases;
DROP TABLE interventions;
ALTER TABLE interventions_kept RENAME TO interventions;
ALTER TABLE intervention_participants_kept RENAME TO intervention_participants;
ALTER TABLE appointment_cases_kept RENAME TO appointment_cases;

CREATE INDEX interventions_case ON interventions (case_id, held_on, id);
CREATE INDEX interventions_updated ON interventions (case_id, updated_at, id);
CREATE INDEX interventions_act ON interventions (act_id, position);
CREATE INDEX interventions_period ON interventions (service_id, held_on, id);
CREATE INDEX interventions_changed ON interventions (service_id, updated_at, id);
CREATE INDEX interventions_organisation ON interventions (organisation_id, held_on) WHERE organisation_id IS NOT NULL;
CREATE INDEX intervention_professionals_user ON intervention_professionals (user_id, act_id);
CREATE INDEX appointment_cases_case ON appointment_cases (case_id);
CREATE INDEX appointment_cases_intervention ON appointment_cases (intervention_id) WHERE intervention_id IS NOT NULL;
