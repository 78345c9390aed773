-- What statistics are made from: one row a unit and calendar year, and what was published of it.

-- No foreign key to a child, a case, a loan or an action: erasing one leaves its record, and every figure that it is in.
CREATE TABLE statistics_records (
    -- Random, so that nothing tells in which order, or from what, the rows were made.
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    population TEXT NOT NULL CHECK (population IN ('children', 'loans', 'actions', 'participants')),
    year INTEGER NOT NULL,
    -- The quarters in which it counts: bit 0 is the first.
    quarters INTEGER NOT NULL CHECK (quarters BETWEEN 1 AND 15),
    -- How many units it stands for.
    number INTEGER NOT NULL CHECK (number > 0),
    -- JSON: one base code a dimension.
    dimensions TEXT NOT NULL,
    -- Random: what the records of one household share, in this year and population.
    household TEXT,
    -- Random: what the records that one partner referred share.
    referrer TEXT,
    -- MAC of the population, the year and the source's identifier; NULL once nobody may tell any more whose it is.
    link BYTEA,
    -- The quarters that were found in the source, 16 for the year before; and those of which a publication took account.
    found INTEGER NOT NULL CHECK (found BETWEEN 0 AND 31),
    accounted INTEGER NOT NULL CHECK (accounted BETWEEN 0 AND 31),
    -- The last published quarter that it was part of the figures of; 0 while it was in none.
    frozen_through INTEGER NOT NULL CHECK (frozen_through BETWEEN 0 AND 4),
    generation INTEGER NOT NULL CHECK (generation > 0),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (service_id, year, population, link)
);

-- How far each year of a service is published.
CREATE TABLE statistics_years (
    service_id TEXT NOT NULL REFERENCES services (id),
    year INTEGER NOT NULL,
    published_through INTEGER NOT NULL CHECK (published_through BETWEEN 0 AND 4),
    -- Until when what was recorded is in the records.
    cut_off TIMESTAMP NOT NULL,
    -- Greater than 1 once a superseding release has cut the year again.
    generation INTEGER NOT NULL CHECK (generation > 0),
    -- Whether the links were cut: after the final release.
    unlinked BOOLEAN NOT NULL,
    PRIMARY KEY (service_id, year)
);

-- What published records were made from whose links are cut, apart from them: MACs that tell that a source was counted, and not as
-- what. What is found later is thereby known to be late.
CREATE TABLE statistics_counted (
    service_id TEXT NOT NULL REFERENCES services (id),
    year INTEGER NOT NULL,
    link BYTEA NOT NULL,
    PRIMARY KEY (service_id, year, link)
);
