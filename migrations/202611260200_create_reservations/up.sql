-- Reservations of kits: who asked for which kit, who has or will have which copy on which day,
-- and in which state each comes back.

CREATE TABLE reservations (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    kit_id TEXT NOT NULL REFERENCES kits (id),
    copy_id TEXT REFERENCES kit_copies (id),
    status TEXT NOT NULL CHECK (status IN (
        'requested', 'waiting', 'proposed', 'confirmed', 'on_loan', 'returned', 'declined', 'cancelled',
        'not_collected', 'expired'
    )),
    borrower_kind TEXT NOT NULL CHECK (borrower_kind IN ('household', 'professional', 'organisation')),
    household_id TEXT REFERENCES households (id),
    organisation_id TEXT REFERENCES organisations (id),
    -- Name and contact of a professional, sealed.
    identity BYTEA,
    case_id TEXT REFERENCES cases (id),
    commune_code TEXT NOT NULL,
    starts_on DATE NOT NULL,
    due_on DATE NOT NULL CHECK (due_on > starts_on),
    -- Open days for cleaning and checking, as they were when it was booked.
    buffer_days INTEGER NOT NULL CHECK (buffer_days >= 0),
    -- The last day on which the copy is not to be lent, buffer included.
    blocked_until DATE NOT NULL CHECK (blocked_until >= starts_on),
    -- Whether it began in the queue, and the last day on which the loan may begin.
    queued BOOLEAN NOT NULL,
    waits_until DATE,
    proposal_expires_at TIMESTAMP,
    extensions INTEGER NOT NULL CHECK (extensions >= 0),
    handed_out_on DATE,
    returned_on DATE CHECK (returned_on >= handed_out_on),
    reason TEXT,
    decided_on DATE,
    note BYTEA,
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((borrower_kind = 'household') = (household_id IS NOT NULL)),
    CHECK ((borrower_kind = 'professional') = (identity IS NOT NULL)),
    CHECK (borrower_kind <> 'organisation' OR organisation_id IS NOT NULL),
    CHECK (borrower_kind <> 'household' OR organisation_id IS NULL),
    CHECK (copy_id IS NOT NULL OR status NOT IN ('requested', 'proposed', 'confirmed', 'on_loan', 'returned')),
    CHECK ((status = 'proposed') = (proposal_expires_at IS NOT NULL)),
    CHECK ((status IN ('on_loan', 'returned')) = (handed_out_on IS NOT NULL)),
    CHECK ((status = 'returned') = (returned_on IS NOT NULL))
);
-- A copy is in one pair of hands, however late it is.
CREATE UNIQUE INDEX reservations_one_hand_out ON reservations (copy_id) WHERE status = 'on_loan';
CREATE INDEX reservations_starts ON reservations (service_id, starts_on, id);
CREATE INDEX reservations_due ON reservations (service_id, due_on, id);
CREATE INDEX reservations_updated ON reservations (service_id, updated_at, id);
CREATE INDEX reservations_kit ON reservations (kit_id, starts_on, id);
CREATE INDEX reservations_copy ON reservations (copy_id, starts_on, id) WHERE copy_id IS NOT NULL;
CREATE INDEX reservations_queue ON reservations (kit_id, created_at, id) WHERE status = 'waiting';
CREATE INDEX reservations_proposals ON reservations (proposal_expires_at) WHERE status = 'proposed';
CREATE INDEX reservations_household ON reservations (household_id) WHERE household_id IS NOT NULL;
CREATE INDEX reservations_organisation ON reservations (organisation_id) WHERE organisation_id IS NOT NULL;
CREATE INDEX reservations_case ON reservations (case_id) WHERE case_id IS NOT NULL;

-- The plan: a copy is promised to one reservation a day. The key decides every race.
CREATE TABLE kit_days (
    copy_id TEXT NOT NULL REFERENCES kit_copies (id),
    day DATE NOT NULL,
    reservation_id TEXT NOT NULL REFERENCES reservations (id),
    PRIMARY KEY (copy_id, day)
);
CREATE INDEX kit_days_reservation ON kit_days (reservation_id, day);

-- A copy's contents, counted item by item: the history of its condition. Append-only: see crates/database/src/guards.
CREATE TABLE kit_checks (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    copy_id TEXT NOT NULL REFERENCES kit_copies (id),
    -- The loan that it begins or ends.
    reservation_id TEXT REFERENCES reservations (id),
    moment TEXT NOT NULL CHECK (moment IN ('hand_out', 'return', 'inspection', 'put_back')),
    condition TEXT NOT NULL,
    checked_on DATE NOT NULL,
    missing INTEGER NOT NULL CHECK (missing >= 0),
    damaged INTEGER NOT NULL CHECK (damaged >= 0),
    author TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX kit_checks_copy ON kit_checks (copy_id, created_at, id);

CREATE TABLE kit_defects (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    copy_id TEXT NOT NULL REFERENCES kit_copies (id),
    item_id TEXT NOT NULL REFERENCES kit_items (id),
    kind TEXT NOT NULL CHECK (kind IN ('missing', 'damaged')),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    status TEXT NOT NULL CHECK (status IN ('to_buy', 'replaced', 'resolved', 'written_off')),
    found_on DATE NOT NULL,
    -- The check that found it.
    check_id TEXT NOT NULL REFERENCES kit_checks (id),
    settled_on DATE CHECK (settled_on >= found_on),
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CHECK ((status = 'to_buy') = (settled_on IS NULL))
);
CREATE INDEX kit_defects_list ON kit_defects (service_id, found_on, id);
CREATE INDEX kit_defects_updated ON kit_defects (service_id, updated_at, id);
CREATE INDEX kit_defects_copy ON kit_defects (copy_id, item_id) WHERE status = 'to_buy';
