-- The secret addresses at which calendar applications read the agenda of a user.

CREATE TABLE agenda_calendars (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    token_hash BYTEA NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX agenda_calendars_user ON agenda_calendars (user_id, id);
