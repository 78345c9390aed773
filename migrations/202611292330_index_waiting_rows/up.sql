-- Background jobs take the oldest rows that wait, a few at a time: one index gives exactly these, in order. The other
-- indexes of positions leave the waiting rows out, so that neither engine finds them there and sorts them all.

DROP INDEX changes_waiting;
CREATE INDEX changes_waiting ON changes (happened_at, id) WHERE position IS NULL;
DROP INDEX changes_position;
CREATE UNIQUE INDEX changes_position ON changes (position) WHERE position IS NOT NULL;
DROP INDEX changes_of_service;
CREATE INDEX changes_of_service ON changes (service_id, position) WHERE position IS NOT NULL;

DROP INDEX audit_events_waiting;
CREATE INDEX audit_events_waiting ON audit_events (happened_at, id) WHERE position IS NULL;
DROP INDEX audit_events_position;
CREATE UNIQUE INDEX audit_events_position ON audit_events (chain, position) WHERE position IS NOT NULL;

-- Expired refresh tokens are those whose session has ended, not those that have expired.
DROP INDEX refresh_tokens_expiry;
CREATE INDEX refresh_tokens_ended ON refresh_tokens (session_ends_at);
CREATE INDEX revocations_ended ON revocations (until);
CREATE INDEX password_resets_expired ON password_resets (expires_at);
-- The reservations that have waited too long.
CREATE INDEX reservations_waiting ON reservations (waits_until) WHERE status = 'waiting';
