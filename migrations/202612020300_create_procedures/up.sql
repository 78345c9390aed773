-- The procedures of a child that others decide: a file at the MDPH, a deferred school start, a place that is waited for.
-- What is not there yet has no day; the state follows from the days.
CREATE TABLE procedures (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    waiting_since DATE,
    filed_on DATE,
    complete_on DATE,
    decided_on DATE,
    notified_on DATE,
    expires_on DATE,
    outcome TEXT,
    -- What is to be done next about it.
    next_on DATE,
    -- The sort keys of the two days: never null, so that both engines read the list from an index. The last day of the
    -- calendar stands for none.
    next_key DATE NOT NULL,
    expires_key DATE NOT NULL,
    -- Sealed with the key of the case.
    note BYTEA,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((decided_on IS NULL) = (outcome IS NULL)),
    CHECK (notified_on IS NULL OR decided_on IS NOT NULL),
    CHECK (complete_on >= filed_on),
    CHECK (decided_on >= filed_on),
    CHECK (decided_on >= complete_on),
    CHECK (decided_on >= waiting_since),
    CHECK (notified_on >= decided_on),
    CHECK (expires_on >= decided_on)
);

CREATE INDEX procedures_case ON procedures (case_id, created_at, id);
CREATE INDEX procedures_next ON procedures (service_id, next_key, id);
CREATE INDEX procedures_expiry ON procedures (service_id, expires_key, id);
CREATE INDEX procedures_updated ON procedures (service_id, updated_at, id);
CREATE INDEX procedures_organisation ON procedures (organisation_id) WHERE organisation_id IS NOT NULL;
