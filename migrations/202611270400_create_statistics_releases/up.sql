-- What is made of the records: drafts, and what was published for ever.

-- A draft: the figures of a year up to a quarter, protected and proved, or on the way.
CREATE TABLE statistics_builds (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    year INTEGER NOT NULL,
    quarter INTEGER NOT NULL CHECK (quarter BETWEEN 1 AND 4),
    status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'ready', 'published', 'withheld', 'cancelled')),
    -- Why it replaces what is published; NULL when it adds a quarter.
    reason TEXT,
    -- What was published when the figures were taken, and until when what was recorded is in.
    published_through INTEGER,
    cut_off TIMESTAMP,
    proved INTEGER NOT NULL CHECK (proved >= 0),
    to_prove INTEGER NOT NULL CHECK (to_prove >= 0),
    -- When whoever makes it last gave a sign of life.
    seen_at TIMESTAMP,
    -- JSON: the release of each tier but for what signing adds, what it shows and hides, and the dimensions it was made by.
    result TEXT,
    -- Why nothing can be published.
    refusal TEXT,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX statistics_builds_created ON statistics_builds (service_id, created_at, id);
CREATE INDEX statistics_builds_updated ON statistics_builds (service_id, updated_at, id);
CREATE INDEX statistics_builds_status ON statistics_builds (status, created_at);

-- A release: its bytes as they are served. Append-only: see crates/database/src/guards.
CREATE TABLE statistics_releases (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    build_id TEXT NOT NULL REFERENCES statistics_builds (id),
    year INTEGER NOT NULL,
    quarter INTEGER NOT NULL CHECK (quarter BETWEEN 1 AND 4),
    tier TEXT NOT NULL CHECK (tier IN ('open', 'partner')),
    -- Position among the releases of the service and tier.
    number INTEGER NOT NULL CHECK (number > 0),
    document BYTEA NOT NULL,
    sha256 TEXT NOT NULL,
    -- By the release key of this identifier (statistics_keys), of the bytes as DSSE writes them.
    key_id TEXT NOT NULL,
    signature BYTEA NOT NULL,
    -- JSON: the dimensions by which it was made, with the base codes of each value.
    domains TEXT NOT NULL,
    -- The release that it replaces.
    supersedes TEXT REFERENCES statistics_releases (id),
    published_at TIMESTAMP NOT NULL,
    UNIQUE (service_id, tier, number)
);
CREATE INDEX statistics_releases_published ON statistics_releases (service_id, published_at, id);
CREATE INDEX statistics_releases_year ON statistics_releases (service_id, year, tier);
