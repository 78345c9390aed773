-- What people must learn about accounts: for a person, for the managers of a service, or for both. Identifiers and codes.

CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT REFERENCES users (id),
    service_id TEXT REFERENCES services (id),
    kind TEXT NOT NULL,
    -- The user or client that was changed.
    about TEXT NOT NULL,
    -- Who changed it.
    author TEXT NOT NULL,
    rights_before TEXT,
    rights_after TEXT,
    created_at TIMESTAMP NOT NULL,
    CHECK (user_id IS NOT NULL OR service_id IS NOT NULL)
);
CREATE INDEX notices_user ON notices (user_id, id);
CREATE INDEX notices_service ON notices (service_id, id);
CREATE INDEX notices_created ON notices (created_at);
