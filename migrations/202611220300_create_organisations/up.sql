-- The directory of a service: nurseries, childminders, hospitals, town halls…

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The name folded for case and accents: search and sort.
    name_key TEXT NOT NULL,
    commune_code TEXT NOT NULL,
    siret TEXT,
    finess TEXT,
    phone TEXT,
    email TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (service_id, siret),
    UNIQUE (service_id, finess)
);
CREATE INDEX organisations_name ON organisations (service_id, name_key, id);
CREATE INDEX organisations_commune ON organisations (service_id, commune_code);
