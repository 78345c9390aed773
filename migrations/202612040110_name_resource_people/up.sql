-- Resource people: the directory of outside professionals, and those who were called upon for a piece of work.
CREATE TABLE resource_people (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    name TEXT NOT NULL,
    -- Folded, for search and sort.
    name_key TEXT NOT NULL,
    profession TEXT NOT NULL,
    organisation_id TEXT REFERENCES organisations (id),
    phone TEXT,
    email TEXT,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX resource_people_by_name ON resource_people (service_id, name_key, id);
CREATE INDEX resource_people_updated ON resource_people (service_id, updated_at, id);
CREATE INDEX resource_people_organisation ON resource_people (organisation_id) WHERE organisation_id IS NOT NULL;

CREATE TABLE intervention_resource_people (
    act_id TEXT NOT NULL REFERENCES interventions (id),
    person_id TEXT NOT NULL REFERENCES resource_people (id),
    position INTEGER NOT NULL CHECK (position >= 0),
    PRIMARY KEY (act_id, person_id)
);
CREATE INDEX intervention_resource_people_person ON intervention_resource_people (person_id, act_id);
