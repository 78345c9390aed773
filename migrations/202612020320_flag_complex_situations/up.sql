-- Cases that are complex, why, and what was decided about them together.
CREATE TABLE complex_situations (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    flagged_on DATE NOT NULL,
    ended_on DATE CHECK (ended_on >= flagged_on),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX complex_situations_one ON complex_situations (case_id) WHERE ended_on IS NULL;
CREATE INDEX complex_situations_case ON complex_situations (case_id, flagged_on, id);
CREATE INDEX complex_situations_service ON complex_situations (service_id);

CREATE TABLE complex_situation_grounds (
    situation_id TEXT NOT NULL REFERENCES complex_situations (id),
    ground TEXT NOT NULL,
    PRIMARY KEY (situation_id, ground)
);

CREATE TABLE case_discussions (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    situation_id TEXT NOT NULL REFERENCES complex_situations (id),
    held_on DATE NOT NULL,
    -- Sealed with the key of the case.
    decision BYTEA NOT NULL,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX case_discussions_situation ON case_discussions (situation_id, held_on);
CREATE INDEX case_discussions_service ON case_discussions (service_id);

-- The priority of a case, and its sort key.
ALTER TABLE cases ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal' CHECK (priority IN ('low', 'normal', 'high'));
ALTER TABLE cases ADD COLUMN priority_key INTEGER NOT NULL DEFAULT 1;
CREATE INDEX cases_priority ON cases (service_id, priority_key, id);
