-- What the family and the service want to reach, and how far they are at each review.
CREATE TABLE goals (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    -- Sealed with the key of the case.
    title BYTEA NOT NULL,
    set_on DATE NOT NULL,
    target_on DATE,
    closed_on DATE,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK (target_on IS NULL OR target_on >= set_on),
    CHECK (closed_on IS NULL OR closed_on >= set_on)
);

CREATE INDEX goals_case ON goals (case_id, set_on, id);
CREATE INDEX goals_service ON goals (service_id);

CREATE TABLE goal_reviews (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    goal_id TEXT NOT NULL REFERENCES goals (id),
    reviewed_on DATE NOT NULL,
    attainment INTEGER NOT NULL CHECK (attainment BETWEEN 0 AND 4),
    -- Sealed with the key of the case.
    comment BYTEA,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    -- Two reviews on one day would give two answers to one question.
    UNIQUE (goal_id, reviewed_on)
);

CREATE INDEX goal_reviews_service ON goal_reviews (service_id);
