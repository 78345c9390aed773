-- The days on which a professional of a service is away. Why is never recorded: it may be health data.
CREATE TABLE absences (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES services (id),
    user_id TEXT NOT NULL REFERENCES users (id),
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL CHECK (ends_on >= starts_on),
    author TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX absences_list ON absences (service_id, starts_on, id);
CREATE INDEX absences_changed ON absences (service_id, updated_at, id);
CREATE INDEX absences_user ON absences (service_id, user_id, ends_on);
