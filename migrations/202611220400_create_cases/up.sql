-- Cases: what the pôle does once a referral is accepted, until the effective place and after.

CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    subject TEXT NOT NULL CHECK (subject IN ('child', 'structure')),
    household_id TEXT REFERENCES households (id),
    child_id TEXT REFERENCES children (id),
    organisation_id TEXT REFERENCES organisations (id),
    commune_code TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
    opened_on DATE NOT NULL,
    closed_on DATE CHECK (closed_on >= opened_on),
    outcome TEXT,
    next_follow_up_on DATE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((subject = 'child') = (child_id IS NOT NULL)),
    CHECK ((child_id IS NULL) = (household_id IS NULL)),
    CHECK ((status = 'closed') = (closed_on IS NOT NULL)),
    CHECK ((status = 'closed') = (outcome IS NOT NULL))
);
-- One open case a child: the active file counts nobody twice.
CREATE UNIQUE INDEX cases_one_open_per_child ON cases (child_id) WHERE status = 'open';
CREATE INDEX cases_child ON cases (child_id);
CREATE INDEX cases_list ON cases (service_id, opened_on, id);
CREATE INDEX cases_follow_up ON cases (service_id, next_follow_up_on) WHERE status = 'open';

CREATE TABLE case_steps (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    step TEXT NOT NULL,
    reached_on DATE NOT NULL,
    note BYTEA,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX case_steps_case ON case_steps (case_id, reached_on, id);

CREATE TABLE interventions (
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
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX interventions_case ON interventions (case_id, held_on, id);
CREATE INDEX interventions_period ON interventions (service_id, held_on);

CREATE TABLE intervention_participants (
    intervention_id TEXT NOT NULL REFERENCES interventions (id),
    kind TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    PRIMARY KEY (intervention_id, kind)
);

CREATE TABLE placements (
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
    UNIQUE (case_id, organisation_id, starts_on)
);
CREATE INDEX placements_period ON placements (service_id, starts_on);

-- Opened, closed, reopened: who, when, with which outcome. Append-only: see crates/database/src/guards.
CREATE TABLE case_events (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    version INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('open', 'close', 'reopen')),
    outcome TEXT,
    happened_on DATE NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (case_id, version),
    CHECK ((action = 'close') = (outcome IS NOT NULL))
);
