-- Appointments: what is agreed with a family or a partner, and what became of it. Counted apart from interventions.

CREATE TABLE appointments (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    status TEXT NOT NULL CHECK (status IN ('planned', 'confirmed', 'held', 'cancelled', 'missed')),
    -- The type of the intervention that it becomes.
    type TEXT NOT NULL,
    planned_on DATE NOT NULL,
    -- Local time of the service, HH:MM.
    starts_at TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    place TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    on_school_time BOOLEAN NOT NULL,
    -- Title and note, sealed under the keys of all its cases; under its own key if it has none.
    content BYTEA,
    cancelled_by TEXT,
    excused BOOLEAN,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((status = 'cancelled') = (cancelled_by IS NOT NULL)),
    CHECK ((status = 'missed') = (excused IS NOT NULL))
);
CREATE INDEX appointments_day ON appointments (service_id, planned_on, id);
CREATE INDEX appointments_state ON appointments (service_id, status, planned_on, id);
CREATE INDEX appointments_updated ON appointments (service_id, updated_at, id);
CREATE INDEX appointments_organisation ON appointments (organisation_id) WHERE organisation_id IS NOT NULL;

-- The cases that it is about, in the order given, each with the intervention that it became.
CREATE TABLE appointment_cases (
    appointment_id TEXT NOT NULL REFERENCES appointments (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    intervention_id TEXT REFERENCES interventions (id) ON DELETE SET NULL,
    PRIMARY KEY (appointment_id, case_id)
);
CREATE INDEX appointment_cases_case ON appointment_cases (case_id);
CREATE INDEX appointment_cases_intervention ON appointment_cases (intervention_id) WHERE intervention_id IS NOT NULL;

-- The users of the service who take part.
CREATE TABLE appointment_professionals (
    appointment_id TEXT NOT NULL REFERENCES appointments (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    PRIMARY KEY (appointment_id, user_id)
);
CREATE INDEX appointment_professionals_user ON appointment_professionals (user_id, appointment_id);

-- Who is expected, counted by kind and never named.
CREATE TABLE appointment_participants (
    appointment_id TEXT NOT NULL REFERENCES appointments (id),
    kind TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (appointment_id, kind)
);

-- The former times of an appointment that was moved.
CREATE TABLE appointment_moves (
    id TEXT NOT NULL PRIMARY KEY,
    appointment_id TEXT NOT NULL REFERENCES appointments (id),
    planned_on DATE NOT NULL,
    starts_at TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0),
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX appointment_moves_list ON appointment_moves (appointment_id, id);
