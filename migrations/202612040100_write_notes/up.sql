-- Notes of cases: summaries, and restricted notes for named readers. What is recommended for a case.
CREATE TABLE case_notes (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    intervention_id TEXT REFERENCES interventions (id) ON DELETE SET NULL,
    kind TEXT NOT NULL CHECK (kind IN ('summary', 'restricted')),
    -- Sealed under the key of the case.
    text BYTEA NOT NULL,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX case_notes_list ON case_notes (case_id, created_at, id);
CREATE INDEX case_notes_intervention ON case_notes (intervention_id) WHERE intervention_id IS NOT NULL;

-- Who reads a restricted note, besides its author.
CREATE TABLE case_note_readers (
    note_id TEXT NOT NULL REFERENCES case_notes (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    PRIMARY KEY (note_id, user_id)
);

CREATE TABLE recommendations (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    intervention_id TEXT REFERENCES interventions (id) ON DELETE SET NULL,
    -- Sealed under the key of the case.
    text BYTEA NOT NULL,
    kind TEXT NOT NULL,
    addressed_to TEXT NOT NULL,
    adaptation TEXT,
    made_on DATE NOT NULL,
    applied BOOLEAN,
    checked_on DATE CHECK (checked_on >= made_on),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((applied IS NULL) = (checked_on IS NULL))
);
CREATE INDEX recommendations_list ON recommendations (case_id, made_on, id);
CREATE INDEX recommendations_intervention ON recommendations (intervention_id) WHERE intervention_id IS NOT NULL;
