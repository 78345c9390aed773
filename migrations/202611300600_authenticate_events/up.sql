-- A MAC of the event, made when it is written. Events of earlier versions have none.
ALTER TABLE audit_events ADD COLUMN mac BYTEA;

-- Where each chain was when events began to have a MAC: those up to it are vouched for by the chain alone.
CREATE TABLE audit_cut_overs (
    chain TEXT NOT NULL PRIMARY KEY,
    position BIGINT NOT NULL CHECK (position >= 0),
    link BYTEA NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    -- A MAC of the row: without the master key, nobody can have more events vouched for.
    mac BYTEA NOT NULL
);
