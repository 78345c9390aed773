-- Who runs and who calls: the deployment, its services (pôles), users and API clients.

CREATE TABLE deployment (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    -- Derived from the master key: a start with another key is refused.
    master_key_check BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE signing_keys (
    kid TEXT NOT NULL PRIMARY KEY,
    public_key BYTEA NOT NULL,
    sealed_private_key BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP
);

CREATE TABLE services (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    -- A child is in the age range from lower_birthday to the day before upper_birthday.
    age_lower_birthday INTEGER NOT NULL CHECK (age_lower_birthday >= 0),
    age_upper_birthday INTEGER NOT NULL CHECK (age_upper_birthday <= 18),
    opened_on DATE NOT NULL,
    closed_on DATE,
    wrapped_key BYTEA NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK (age_lower_birthday < age_upper_birthday)
);

CREATE TABLE service_departements (
    service_id TEXT NOT NULL REFERENCES services (id),
    departement_code TEXT NOT NULL,
    PRIMARY KEY (service_id, departement_code)
);

CREATE TABLE service_childcare_groups (
    service_id TEXT NOT NULL REFERENCES services (id),
    childcare_group TEXT NOT NULL,
    PRIMARY KEY (service_id, childcare_group)
);

CREATE TABLE positions (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    title TEXT NOT NULL,
    -- Percent of a full-time equivalent.
    fte_percent INTEGER NOT NULL CHECK (fte_percent BETWEEN 1 AND 100),
    starts_on DATE NOT NULL,
    ends_on DATE CHECK (ends_on >= starts_on),
    -- Whether the position counts in "30 accompanied children per FTE".
    counted BOOLEAN NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX positions_service ON positions (service_id, starts_on);

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    administrator BOOLEAN NOT NULL,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE memberships (
    user_id TEXT NOT NULL REFERENCES users (id),
    service_id TEXT NOT NULL REFERENCES services (id),
    role TEXT NOT NULL CHECK (role IN ('coordinator', 'professional', 'manager')),
    PRIMARY KEY (user_id, service_id)
);

CREATE TABLE invitations (
    id TEXT NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    administrator BOOLEAN NOT NULL,
    service_id TEXT REFERENCES services (id),
    role TEXT CHECK (role IN ('coordinator', 'professional', 'manager')),
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    CHECK ((service_id IS NULL) = (role IS NULL)),
    CHECK (administrator OR service_id IS NOT NULL)
);

CREATE TABLE clients (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    -- Space-separated permissions, as in an OAuth scope.
    permissions TEXT NOT NULL,
    disabled_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE client_services (
    client_id TEXT NOT NULL REFERENCES clients (id),
    service_id TEXT NOT NULL REFERENCES services (id),
    PRIMARY KEY (client_id, service_id)
);
