-- Referrals: someone asks the pôle for help, for a child or for a structure.

CREATE TABLE referrals (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    status TEXT NOT NULL CHECK (status IN
        ('received', 'qualified', 'waiting_list', 'accepted', 'declined', 'redirected', 'withdrawn')),
    subject TEXT NOT NULL CHECK (subject IN ('child', 'structure')),
    origin TEXT NOT NULL,
    origin_organisation_id TEXT REFERENCES organisations (id),
    channel TEXT NOT NULL,
    received_on DATE NOT NULL,
    urgency TEXT NOT NULL CHECK (urgency IN ('normal', 'priority', 'urgent')),
    household_id TEXT REFERENCES households (id),
    child_id TEXT REFERENCES children (id),
    organisation_id TEXT REFERENCES organisations (id),
    commune_code TEXT NOT NULL,
    current_childcare TEXT,
    current_childcare_organisation_id TEXT REFERENCES organisations (id),
    recognition_status TEXT,
    need_domain TEXT,
    disability_family TEXT,
    concerns_school_time BOOLEAN NOT NULL,
    -- Sealed free text.
    description BYTEA,
    -- The referrer's own key, unique per author.
    external_id TEXT,
    author TEXT NOT NULL,
    waiting_since DATE,
    decided_on DATE,
    reason TEXT,
    redirected_to_id TEXT REFERENCES organisations (id),
    case_id TEXT REFERENCES cases (id),
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (author, external_id),
    CHECK ((subject = 'child') = (child_id IS NOT NULL)),
    CHECK ((child_id IS NULL) = (household_id IS NULL)),
    CHECK (subject = 'child' OR organisation_id IS NOT NULL),
    CHECK ((status = 'waiting_list') = (waiting_since IS NOT NULL)),
    CHECK ((status = 'accepted') = (case_id IS NOT NULL)),
    CHECK ((status = 'redirected') = (redirected_to_id IS NOT NULL))
);
CREATE INDEX referrals_list ON referrals (service_id, received_on, id);
CREATE INDEX referrals_status ON referrals (service_id, status, received_on, id);
CREATE INDEX referrals_waiting ON referrals (service_id, waiting_since, id) WHERE status = 'waiting_list';
CREATE INDEX referrals_child ON referrals (child_id);
CREATE INDEX referrals_case ON referrals (case_id);

CREATE TABLE referral_needs (
    referral_id TEXT NOT NULL REFERENCES referrals (id),
    need TEXT NOT NULL,
    -- Order in which they were given; the first is the main one.
    position INTEGER NOT NULL,
    PRIMARY KEY (referral_id, need)
);

CREATE TABLE referral_agreements (
    referral_id TEXT NOT NULL REFERENCES referrals (id),
    purpose TEXT NOT NULL CHECK (purpose IN ('support', 'partner_contact', 'handover')),
    given_by TEXT NOT NULL,
    given_on DATE NOT NULL,
    PRIMARY KEY (referral_id, purpose)
);

-- Who did what, when and why. Append-only: see crates/database/src/guards.
CREATE TABLE referral_events (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    referral_id TEXT NOT NULL REFERENCES referrals (id),
    -- The version that the action produced: two actions can never both follow the same one.
    version INTEGER NOT NULL,
    action TEXT NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    reason TEXT,
    -- Comma-separated rules that the author overrode; why is in the sealed note.
    overridden_rules TEXT NOT NULL,
    note BYTEA,
    author TEXT NOT NULL,
    happened_on DATE NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (referral_id, version)
);
CREATE INDEX referral_events_period ON referral_events (service_id, happened_on);
