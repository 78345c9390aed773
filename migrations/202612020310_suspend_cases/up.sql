-- The periods during which the work on a case pauses. A suspended case is an open case.
CREATE TABLE case_suspensions (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    reason TEXT NOT NULL,
    starts_on DATE NOT NULL,
    -- When the resumption is planned, and when it took place.
    resumes_on DATE,
    resumed_on DATE CHECK (resumed_on >= starts_on),
    -- The next follow-up that was set aside.
    follow_up_on DATE,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX case_suspensions_one ON case_suspensions (case_id) WHERE resumed_on IS NULL;
CREATE INDEX case_suspensions_case ON case_suspensions (case_id, starts_on, id);
CREATE INDEX case_suspensions_planned ON case_suspensions (service_id, resumed_on, resumes_on, case_id);
