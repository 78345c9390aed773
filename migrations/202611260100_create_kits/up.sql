-- Kits: the catalogue of a service, the copies that travel, the calendar that leaves.

-- How a service lends. A service without a row lends by the rules of src/lending/settings/model.rs.
CREATE TABLE kit_settings (
    service_id TEXT NOT NULL PRIMARY KEY REFERENCES services (id),
    loan_days INTEGER NOT NULL CHECK (loan_days > 0),
    longest_loan_days INTEGER NOT NULL CHECK (longest_loan_days >= loan_days),
    buffer_days INTEGER NOT NULL CHECK (buffer_days >= 0),
    book_ahead_days INTEGER NOT NULL CHECK (book_ahead_days > 0),
    proposal_hours INTEGER NOT NULL CHECK (proposal_hours > 0),
    -- ISO numbers of the days of the week on which nothing is lent or taken back, such as '6,7'.
    closed_weekdays TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE kit_closings (
    service_id TEXT NOT NULL REFERENCES services (id),
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL CHECK (ends_on >= starts_on),
    PRIMARY KEY (service_id, starts_on)
);

CREATE TABLE kits (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    title_fr TEXT NOT NULL,
    title_en TEXT,
    -- The French title folded for case and accents: search and sort.
    title_key TEXT NOT NULL,
    description_fr TEXT,
    description_en TEXT,
    picture_url TEXT,
    -- Where it differs from the service's.
    loan_days INTEGER CHECK (loan_days > 0),
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX kits_title ON kits (service_id, title_key, id);
CREATE INDEX kits_updated ON kits (service_id, updated_at, id);

CREATE TABLE kit_themes (
    kit_id TEXT NOT NULL REFERENCES kits (id),
    theme TEXT NOT NULL,
    PRIMARY KEY (kit_id, theme)
);

CREATE TABLE kit_audiences (
    kit_id TEXT NOT NULL REFERENCES kits (id),
    audience TEXT NOT NULL,
    PRIMARY KEY (kit_id, audience)
);

CREATE TABLE kit_items (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    kit_id TEXT NOT NULL REFERENCES kits (id),
    category TEXT NOT NULL,
    label_fr TEXT NOT NULL,
    label_en TEXT,
    -- 0: no longer part of the kit.
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX kit_items_kit ON kit_items (kit_id, id);

CREATE TABLE kit_copies (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    kit_id TEXT NOT NULL REFERENCES kits (id),
    label TEXT NOT NULL,
    condition TEXT NOT NULL,
    home_site TEXT NOT NULL,
    out_of_service_since DATE,
    out_of_service_reason TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (kit_id, label),
    CHECK ((out_of_service_since IS NULL) = (out_of_service_reason IS NULL))
);

-- Secret addresses of a calendar that shows no name. The token itself is not kept.
CREATE TABLE kit_calendars (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX kit_calendars_list ON kit_calendars (service_id, created_at, id);
