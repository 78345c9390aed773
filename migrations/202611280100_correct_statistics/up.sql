-- Releases that are made anew from corrected records, and builds that cannot be taken.

-- The last quarter of which releases were made from records that were replaced since; 0 when none were.
ALTER TABLE statistics_years ADD COLUMN replaced_through INTEGER NOT NULL DEFAULT 0
    CHECK (replaced_through BETWEEN 0 AND 4);

-- The records of a year that were replaced, as far as they were published: what those releases said stays known, so that every
-- later proof of the year needs them. Nothing links them to a source.
CREATE TABLE statistics_replaced_records (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    population TEXT NOT NULL CHECK (population IN ('children', 'loans', 'actions', 'participants')),
    year INTEGER NOT NULL,
    quarters INTEGER NOT NULL CHECK (quarters BETWEEN 1 AND 15),
    number INTEGER NOT NULL CHECK (number > 0),
    dimensions TEXT NOT NULL,
    household TEXT,
    referrer TEXT
);
CREATE INDEX statistics_replaced_records_year ON statistics_replaced_records (service_id, year);

-- Whether it is made from the records as they are published, or as they should have been.
ALTER TABLE statistics_builds ADD COLUMN records TEXT NOT NULL DEFAULT 'kept' CHECK (records IN ('kept', 'corrected'));
-- How many times somebody began to make it.
ALTER TABLE statistics_builds ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0);

-- Which generation of the records of its year it was made from.
ALTER TABLE statistics_releases ADD COLUMN generation INTEGER NOT NULL DEFAULT 1 CHECK (generation > 0);
