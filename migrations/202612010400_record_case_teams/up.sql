-- Who accompanies a case, and from when to when: its référent de parcours, and the other members of its team.
CREATE TABLE case_members (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    case_id TEXT NOT NULL REFERENCES cases (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    capacity TEXT NOT NULL CHECK (capacity IN ('referent', 'member')),
    starts_on DATE NOT NULL,
    ends_on DATE CHECK (ends_on >= starts_on),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX case_members_one_referent ON case_members (case_id) WHERE capacity = 'referent' AND ends_on IS NULL;
CREATE UNIQUE INDEX case_members_once ON case_members (case_id, user_id) WHERE capacity = 'member' AND ends_on IS NULL;
CREATE INDEX case_members_list ON case_members (case_id, starts_on, id);
CREATE INDEX case_members_user ON case_members (service_id, user_id, case_id) WHERE ends_on IS NULL;
