-- Conventions: which collectivity funds the service from when to when, what it pays, what it gets.

CREATE TABLE conventions (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    collectivity_kind TEXT NOT NULL CHECK (collectivity_kind IN ('epci', 'commune')),
    collectivity_code TEXT NOT NULL,
    -- The number that it has in the books of the parties.
    reference TEXT,
    status TEXT NOT NULL CHECK (status IN ('draft', 'proposed', 'signed', 'suspended', 'terminated', 'declined')),
    starts_on DATE NOT NULL,
    -- The last day of the terms that hold now.
    ends_on DATE NOT NULL CHECK (ends_on >= starts_on),
    proposed_on DATE,
    signed_on DATE CHECK (signed_on >= proposed_on),
    declined_on DATE CHECK (declined_on >= proposed_on),
    -- The last day on which it holds, when it was terminated before its end.
    terminated_on DATE,
    reason TEXT,
    renews_id TEXT UNIQUE REFERENCES conventions (id),
    -- The number of the terms that hold now: 0 as signed, then one more with each amendment.
    terms_number INTEGER NOT NULL CHECK (terms_number >= 0),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK (status = 'draft' OR proposed_on IS NOT NULL),
    CHECK ((status IN ('signed', 'suspended', 'terminated')) = (signed_on IS NOT NULL)),
    CHECK ((status = 'declined') = (declined_on IS NOT NULL)),
    CHECK ((status = 'terminated') = (terminated_on IS NOT NULL)),
    CHECK (terminated_on BETWEEN starts_on AND ends_on),
    CHECK (reason IS NULL OR status IN ('suspended', 'terminated', 'declined'))
);
CREATE INDEX conventions_starts ON conventions (service_id, starts_on, id);
CREATE INDEX conventions_ends ON conventions (service_id, ends_on, id);
CREATE INDEX conventions_updated ON conventions (service_id, updated_at, id);
CREATE INDEX conventions_collectivity ON conventions (collectivity_kind, collectivity_code, service_id);

-- The years that a convention takes: a collectivity has one convention a year with a service. The key decides every race.
CREATE TABLE convention_years (
    service_id TEXT NOT NULL REFERENCES services (id),
    collectivity_kind TEXT NOT NULL,
    collectivity_code TEXT NOT NULL,
    year INTEGER NOT NULL,
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    PRIMARY KEY (service_id, collectivity_kind, collectivity_code, year)
);
CREATE INDEX convention_years_convention ON convention_years (convention_id, year);

-- The terms: those that were signed, and those of each amendment. Append-only once signed.
CREATE TABLE convention_terms (
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    number INTEGER NOT NULL CHECK (number >= 0),
    -- From which day on they hold.
    effective_on DATE NOT NULL,
    -- The last day of the convention by these terms.
    ends_on DATE NOT NULL,
    signed_on DATE,
    -- What an amendment changes, in a few words.
    summary TEXT,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (convention_id, number)
);

CREATE TABLE convention_services (
    convention_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    complementary_service TEXT NOT NULL,
    -- Collective actions a calendar year; no limit when absent.
    yearly_quota INTEGER CHECK (yearly_quota > 0),
    PRIMARY KEY (convention_id, number, complementary_service),
    FOREIGN KEY (convention_id, number) REFERENCES convention_terms (convention_id, number)
);

CREATE TABLE convention_signatories (
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    party TEXT NOT NULL CHECK (party IN ('collectivity', 'service', 'other')),
    -- Elected or appointed people in their public office.
    name TEXT NOT NULL,
    capacity TEXT NOT NULL,
    PRIMARY KEY (convention_id, position)
);

CREATE TABLE convention_documents (
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    title TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (convention_id, position)
);

CREATE TABLE convention_suspensions (
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    starts_on DATE NOT NULL,
    -- The last day; none while it goes on.
    ends_on DATE CHECK (ends_on >= starts_on),
    PRIMARY KEY (convention_id, starts_on)
);
CREATE UNIQUE INDEX convention_suspensions_one ON convention_suspensions (convention_id) WHERE ends_on IS NULL;

-- Who decided what, when and why. Append-only: see crates/database/src/guards.
CREATE TABLE convention_events (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    version INTEGER NOT NULL,
    action TEXT NOT NULL CHECK (action IN (
        'proposed', 'signed', 'declined', 'suspended', 'resumed', 'terminated', 'amended'
    )),
    happened_on DATE NOT NULL,
    reason TEXT,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (convention_id, version)
);

-- What a collectivity owes for a calendar year. Never changed once it is frozen: see crates/database/src/guards.
CREATE TABLE contributions (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    year INTEGER NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('per_inhabitant', 'flat')),
    population INTEGER CHECK (population >= 0),
    population_kind TEXT CHECK (population_kind IN ('municipal', 'total')),
    population_vintage INTEGER,
    population_source TEXT,
    rate_cents INTEGER CHECK (rate_cents >= 0),
    -- The sum for twelve months, in cents.
    yearly_cents BIGINT NOT NULL CHECK (yearly_cents >= 0),
    -- The calendar months that are due, both counted.
    first_month INTEGER NOT NULL CHECK (first_month BETWEEN 1 AND 12),
    last_month INTEGER NOT NULL CHECK (last_month BETWEEN first_month AND 12),
    amount_cents BIGINT NOT NULL CHECK (amount_cents BETWEEN 0 AND yearly_cents),
    -- The day from which on it never changes: the signature, or its computation when that came later.
    frozen_on DATE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (convention_id, year),
    CHECK ((basis = 'per_inhabitant') = (
        population IS NOT NULL AND population_kind IS NOT NULL AND population_vintage IS NOT NULL
        AND population_source IS NOT NULL AND rate_cents IS NOT NULL
    )),
    CHECK (basis = 'per_inhabitant' OR (population IS NULL AND rate_cents IS NULL))
);
CREATE INDEX contributions_year ON contributions (service_id, year, id);
CREATE INDEX contributions_updated ON contributions (service_id, updated_at, id);

CREATE TABLE instalments (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    contribution_id TEXT NOT NULL REFERENCES contributions (id),
    number INTEGER NOT NULL CHECK (number > 0),
    due_on DATE NOT NULL,
    amount_cents BIGINT NOT NULL CHECK (amount_cents >= 0),
    -- The sum of its payments.
    received_cents BIGINT NOT NULL CHECK (received_cents BETWEEN 0 AND amount_cents),
    -- What the service gave up.
    waived_cents BIGINT NOT NULL CHECK (waived_cents BETWEEN 0 AND amount_cents),
    called_on DATE,
    call_reference TEXT,
    waived_on DATE,
    waiver_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (contribution_id, number),
    CHECK (received_cents + waived_cents <= amount_cents),
    CHECK ((waived_cents > 0) = (waived_on IS NOT NULL)),
    CHECK ((waived_on IS NULL) = (waiver_reason IS NULL)),
    CHECK (received_cents = 0 OR called_on IS NOT NULL)
);
CREATE INDEX instalments_due ON instalments (service_id, due_on, id);
CREATE INDEX instalments_updated ON instalments (service_id, updated_at, id);
CREATE INDEX instalments_convention ON instalments (convention_id, due_on, id);

CREATE TABLE payments (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    convention_id TEXT NOT NULL REFERENCES conventions (id),
    instalment_id TEXT NOT NULL REFERENCES instalments (id),
    received_on DATE NOT NULL,
    amount_cents BIGINT NOT NULL CHECK (amount_cents > 0),
    reference TEXT,
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX payments_instalment ON payments (instalment_id, received_on, id);
CREATE INDEX payments_convention ON payments (convention_id, received_on, id);

-- Who funds the service in a year, with how much: one line a funder.
CREATE TABLE fundings (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    year INTEGER NOT NULL,
    funder TEXT NOT NULL,
    basis TEXT NOT NULL CHECK (basis IN ('grant', 'convention')),
    -- The share of the year that was agreed, in hundredths of a percent.
    share_basis_points INTEGER CHECK (share_basis_points BETWEEN 0 AND 10000),
    planned_cents BIGINT CHECK (planned_cents >= 0),
    received_cents BIGINT CHECK (received_cents >= 0),
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (service_id, year, funder)
);
CREATE INDEX fundings_updated ON fundings (service_id, updated_at, id);

-- A commune that goes from one EPCI to another, or in or out of one, on a date.
CREATE TABLE boundary_changes (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    commune_code TEXT NOT NULL,
    -- The first day of the new membership.
    effective_on DATE NOT NULL,
    from_epci TEXT,
    to_epci TEXT,
    source TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (service_id, commune_code, effective_on),
    CHECK (from_epci IS NOT NULL OR to_epci IS NOT NULL),
    CHECK (from_epci <> to_epci)
);
CREATE INDEX boundary_changes_list ON boundary_changes (service_id, effective_on, id);
CREATE INDEX boundary_changes_updated ON boundary_changes (service_id, updated_at, id);
