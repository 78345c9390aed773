-- What a service publishes, and under which rule of protection.

-- A version of a specification of tables. Append-only: see crates/database/src/guards.
CREATE TABLE statistics_specs (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    code TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    -- Canonical JSON, and its SHA-256 in hexadecimal.
    body TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (service_id, code, version)
);

-- A service without a row publishes by the rules of src/statistics/settings/model.rs.
CREATE TABLE statistics_settings (
    service_id TEXT NOT NULL PRIMARY KEY REFERENCES services (id),
    -- NULL: by its size.
    spec_code TEXT,
    open_threshold INTEGER NOT NULL CHECK (open_threshold >= 11),
    partner_threshold INTEGER NOT NULL CHECK (partner_threshold >= 5),
    reason TEXT NOT NULL,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Figures that were made public elsewhere, and that the protection reckons with.
CREATE TABLE statistics_facts (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    population TEXT NOT NULL CHECK (population IN ('children', 'loans', 'actions', 'participants')),
    year INTEGER NOT NULL,
    period TEXT NOT NULL,
    -- JSON: dimensions with a value each; what is not named is the total.
    coordinates TEXT NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0),
    source TEXT NOT NULL,
    published_on DATE NOT NULL,
    -- When a release first reckoned with it: it cannot be deleted any more.
    used_at TIMESTAMP,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX statistics_facts_published ON statistics_facts (service_id, published_on, id);
CREATE INDEX statistics_facts_updated ON statistics_facts (service_id, updated_at, id);
CREATE INDEX statistics_facts_year ON statistics_facts (service_id, year);
