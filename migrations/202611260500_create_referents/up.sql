-- The network of referents: trained professionals in a structure, who signed the charter; and what they think of it.

CREATE TABLE referents (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    -- The structure.
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    -- Name and how to reach them, sealed under the referent's own key.
    identity BYTEA NOT NULL,
    appointed_on DATE NOT NULL,
    left_on DATE CHECK (left_on >= appointed_on),
    departure_reason TEXT,
    -- The charter that was signed, and by whom when: the referent, the structure, the service.
    charter_version TEXT,
    signed_by_referent_on DATE,
    signed_by_structure_on DATE,
    signed_by_service_on DATE,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((left_on IS NULL) = (departure_reason IS NULL)),
    CHECK (charter_version IS NOT NULL OR (
        signed_by_referent_on IS NULL AND signed_by_structure_on IS NULL AND signed_by_service_on IS NULL
    ))
);
CREATE INDEX referents_appointed ON referents (service_id, appointed_on, id);
CREATE INDEX referents_updated ON referents (service_id, updated_at, id);
CREATE INDEX referents_organisation ON referents (organisation_id);

-- The days of training, the meetings and the thematic days that a referent came to.
CREATE TABLE referent_attendances (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    referent_id TEXT NOT NULL REFERENCES referents (id),
    kind TEXT NOT NULL CHECK (kind IN ('external_training', 'own_training', 'follow_up_meeting', 'themed_day')),
    held_on DATE NOT NULL,
    -- The collective action that it was, when it is recorded as one.
    action_id TEXT REFERENCES actions (id),
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (referent_id, kind, held_on)
);
CREATE INDEX referent_attendances_list ON referent_attendances (service_id, held_on, id);
CREATE INDEX referent_attendances_action ON referent_attendances (action_id) WHERE action_id IS NOT NULL;

-- Questionnaires, answered without an account.
CREATE TABLE surveys (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    moment TEXT NOT NULL,
    title_fr TEXT NOT NULL,
    title_en TEXT,
    opens_on DATE NOT NULL,
    closes_on DATE NOT NULL CHECK (closes_on >= opens_on),
    -- Tokens given out: the denominator of the response rate.
    issued INTEGER NOT NULL CHECK (issued >= 0),
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX surveys_opens ON surveys (service_id, opens_on, id);
CREATE INDEX surveys_updated ON surveys (service_id, updated_at, id);

CREATE TABLE survey_questions (
    survey_id TEXT NOT NULL REFERENCES surveys (id),
    position INTEGER NOT NULL CHECK (position > 0),
    text_fr TEXT NOT NULL,
    text_en TEXT,
    PRIMARY KEY (survey_id, position)
);

-- Tokens that are not used yet. Using one deletes it: nothing says whose answer is whose.
CREATE TABLE survey_tokens (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    survey_id TEXT NOT NULL REFERENCES surveys (id)
);
CREATE INDEX survey_tokens_survey ON survey_tokens (survey_id);

-- What was answered: how often each rating was given to each question. No answer has a row of its own, so that nothing
-- (an identifier, a place in the file) says in which order they came or which ratings are one person's.
CREATE TABLE survey_counts (
    survey_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    rating TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number >= 0),
    PRIMARY KEY (survey_id, position, rating),
    FOREIGN KEY (survey_id, position) REFERENCES survey_questions (survey_id, position)
);
