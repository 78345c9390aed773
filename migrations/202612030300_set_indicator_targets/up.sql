-- What a service aims at: the value of an indicator for a calendar year.
CREATE TABLE indicator_targets (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    indicator TEXT NOT NULL,
    year INTEGER NOT NULL,
    value INTEGER NOT NULL CHECK (value >= 0),
    note TEXT,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX indicator_targets_one ON indicator_targets (service_id, indicator, year);
CREATE INDEX indicator_targets_year ON indicator_targets (service_id, year, id);
