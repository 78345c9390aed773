-- Personal data. Names, dates of birth, addresses, telephones and free texts are sealed under the
-- household's data key; blind tokens find them again. Only codes that figures need are in clear.

CREATE TABLE data_keys (
    -- A household, or a referral about a structure. Deleting the row erases what it sealed.
    owner_id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    wrapped_key BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE households (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    commune_code TEXT NOT NULL,
    address BYTEA,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX households_service ON households (service_id, id);

CREATE TABLE children (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    household_id TEXT NOT NULL REFERENCES households (id),
    -- Sealed document: given name, family name, birth date or expected date.
    identity BYTEA NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX children_household ON children (household_id);
CREATE INDEX children_service ON children (service_id, id);

CREATE TABLE contacts (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    household_id TEXT NOT NULL REFERENCES households (id),
    relation TEXT NOT NULL,
    -- NULL: not known.
    holds_parental_authority BOOLEAN,
    -- Sealed document: name, telephone, e-mail.
    identity BYTEA NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX contacts_household ON contacts (household_id);

CREATE TABLE blind_tokens (
    service_id TEXT NOT NULL REFERENCES services (id),
    kind TEXT NOT NULL,
    token BYTEA NOT NULL,
    -- The child or the contact that the token was made from.
    subject_id TEXT NOT NULL,
    household_id TEXT NOT NULL REFERENCES households (id),
    PRIMARY KEY (service_id, kind, token, subject_id)
);
CREATE INDEX blind_tokens_subject ON blind_tokens (subject_id);
