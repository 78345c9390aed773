-- From where an account has signed in: the lock of an account does not hold for these subscribers.
CREATE TABLE known_callers (
    -- A MAC of the account and the subscriber.
    subject BYTEA NOT NULL PRIMARY KEY,
    seen_at TIMESTAMP NOT NULL
);
CREATE INDEX known_callers_seen_at ON known_callers (seen_at);
